/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receive buffers: a small segment, and a big one behind it that only long frames touch.  The pair
 * is offered to the kernel; what a frame did not use stays for the next of the burst.
 */
#ifndef CVSW_PORT_RXBUF_H
#define CVSW_PORT_RXBUF_H

#include <sys/uio.h>

#include "port/port.h"

/* Make both spares of @q ready and describe them in @iov[0..1]; false: no buffer. */
static inline bool rxbuf_offer(struct port_queue *q, struct iovec iov[2])
{
	if (!q->spare_small)
		q->spare_small = pkt_alloc_small();
	if (!q->spare_big)
		q->spare_big = pkt_alloc_big();
	if (unlikely(!q->spare_small || !q->spare_big))
		return false;
	iov[0].iov_base = rte_pktmbuf_mtod(q->spare_small, void *);
	iov[0].iov_len = PKT_SMALL_ROOM;
	iov[1].iov_base = rte_pktmbuf_mtod(q->spare_big, void *);
	iov[1].iov_len = PKT_BIG_ROOM;
	return true;
}

/*
 * The burst is over.  Big buffers are few: a queue that waits holds none, or some hundred idle
 * interfaces would have them all.
 */
static inline void rxbuf_rest(struct port_queue *q)
{
	rte_pktmbuf_free(q->spare_big);
	q->spare_big = NULL;
}

/* @n bytes were received into the spares: the packet. */
static inline struct rte_mbuf *rxbuf_take(struct port_queue *q, uint32_t n)
{
	struct rte_mbuf *m = q->spare_small;
	struct rte_mbuf *big;

	q->spare_small = NULL;
	m->pkt_len = n;
	m->data_len = (uint16_t)RTE_MIN(n, (uint32_t)PKT_SMALL_ROOM);
	if (n > PKT_SMALL_ROOM) {
		big = q->spare_big;
		q->spare_big = NULL;
		big->data_len = (uint16_t)(n - PKT_SMALL_ROOM);
		m->next = big;
		m->nb_segs = 2;
	}
	pkt_meta(m)->obj = q->port->obj;
	return m;
}

/* The segments of @m as iovec entries from @iov; returns how many, or 0 if more than @max. */
static inline unsigned int pkt_to_iov(const struct rte_mbuf *m, struct iovec *iov, unsigned int max)
{
	unsigned int n = 0;

	for (; m; m = m->next) {
		if (unlikely(n == max))
			return 0;
		iov[n].iov_base = rte_pktmbuf_mtod(m, void *);
		iov[n++].iov_len = m->data_len;
	}
	return n;
}

#endif
