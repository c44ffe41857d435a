/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/sclp_run.h"

#include <errno.h>

#include "pkt/comb.h"
#include "uapi/sclp.h"

struct sclp_run sclp_run_seg(const struct sclp_train *t, const struct sclp_run *run, uint16_t i)
{
	struct sclp_run seg = *run;

	seg.off += i * t->stride;
	seg.start -= i * run->plen;
	seg.first = run->first && i == 0;
	seg.n_segs = 1;
	if (i + 1u < run->n_segs)
		seg.end = seg.start - run->plen;
	seg.plen = seg.start - seg.end;
	return seg;
}

struct rte_mbuf *sclp_run_take(struct sclp_train *t, const struct sclp_run *run)
{
	const uint32_t len = run->n_segs * SCLP_HLEN + run->start - run->end;
	struct rte_mbuf *m = t->m;

	if (run->n_segs > 1 || len < t->total)
		return pkt_comb(m, run->off, len, t->stride, SCLP_HLEN);
	t->m = NULL;
	if (pkt_trim_front(&m, SCLP_HLEN))
		assert(!"a segment holds its header");
	return m;
}

/* A copy of the bytes of @m in small buffers only; @m stays. */
static struct rte_mbuf *copy_small(const struct rte_mbuf *m)
{
	struct rte_mbuf *copy = NULL, *last = NULL;
	uint32_t off = 0;

	do {
		const uint32_t n = RTE_MIN(m->pkt_len - off, (uint32_t)PKT_SMALL_ROOM);
		struct rte_mbuf *seg = n <= PKT_HDR_ROOM ? pkt_alloc_hdr() : pkt_alloc_small();

		if (!seg) {
			rte_pktmbuf_free(copy);
			return NULL;
		}
		pkt_copy_out(m, off, n, rte_pktmbuf_mtod(seg, char *));
		seg->data_len = (uint16_t)n;
		seg->pkt_len = n;
		off += n;
		if (copy) {
			last = pkt_append_at(copy, last, seg);
		} else {
			copy = last = seg;
		}
	} while (off < m->pkt_len);
	return copy;
}

struct rte_mbuf *sclp_run_take_lasting(struct sclp_train *t, const struct sclp_run *run)
{
	struct rte_mbuf *m = sclp_run_take(t, run), *copy;

	/* the constant is what any buffer costs: smallest segments always fit a header buffer */
	if (!m || pkt_truesize(m) <= 4 * m->pkt_len + 1024)
		return m;
	copy = copy_small(m);
	pkt_done(m);
	return copy;
}

int sclp_headers_settle(struct rte_mbuf **mp)
{
	struct rte_mbuf *m = *mp, *head;
	const uint32_t n = RTE_MIN(m->pkt_len, (uint32_t)SCLP_RX_CONTIGUOUS);

	if (likely(m->data_len >= n && !((uintptr_t)rte_pktmbuf_mtod(m, char *) & 1)))
		return 0;
	head = pkt_alloc_hdr();
	if (!head)
		return -ENOBUFS;
	pkt_copy_out(m, 0, n, rte_pktmbuf_mtod(head, char *));
	head->data_len = (uint16_t)n;
	head->pkt_len = n;
	if (n == m->pkt_len) {
		pkt_done(m);
	} else {
		if (pkt_trim_front(&m, n))
			assert(!"n is less than all");
		pkt_append(head, m);
	}
	*mp = head;
	return 0;
}
