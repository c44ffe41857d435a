/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/vnet_io.h"

#include <errno.h>

#include "base/counter.h"
#include "port/rxbuf.h"
#include "port/vnet_hdr.h"

bool vnet_rx(struct port_queue *q, struct pkt_list *out, unsigned int max_pkts,
	unsigned int max_bytes, vnet_rx_fn *one)
{
	bool more = true;

	for (unsigned int n = 0; more && n < max_pkts && out->n_bytes < max_bytes; n++)
		more = one(q, out);
	rxbuf_rest(q);
	return more;
}

static enum drop_reason refusal(int err)
{
	switch (err) {
	case EAGAIN:
	case ENOBUFS:
		return DROP_PORT_TX_FULL;
	case EIO:    /* a TAP that is not up */
	case EBADFD: /* gone */
	case ENETDOWN:
	case ENXIO: /* gone */
		return DROP_PORT_DOWN;
	case EMSGSIZE:
		return DROP_PORT_MTU;
	default:
		return DROP_PORT_TX_ERROR;
	}
}

static void tx_one(struct port_queue *q, struct rte_mbuf *m, vnet_tx_fn *one)
{
	struct virtio_net_hdr vh;
	struct iovec iov[VNET_IOV_MAX + 1] = { { .iov_base = &vh, .iov_len = sizeof(vh) } };
	unsigned int n_iov = pkt_to_iov(m, iov + 1, VNET_IOV_MAX);
	int rc;

	if (unlikely(!n_iov) &&
		(pkt_flatten(&m) || !(n_iov = pkt_to_iov(m, iov + 1, VNET_IOV_MAX)))) {
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	vnet_hdr_encode(m, &vh);
	counter_add(&q->stats.tx_calls, 1);
	rc = one(q, iov, n_iov + 1);
	if (unlikely(rc)) {
		pkt_drop(m, refusal(-rc));
		return;
	}
	counter_add(&q->stats.tx_wire, 1);
	pkt_done(m);
}

void vnet_tx(struct port_queue *q, struct pkt_list *pkts, vnet_tx_fn *one)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(pkts)))
		tx_one(q, m, one);
}
