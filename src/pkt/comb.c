/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/comb.h"

/* One indirect segment for @n bytes of @seg from @off. */
static inline struct rte_mbuf *tooth(struct rte_mbuf *seg, uint32_t off, uint32_t n)
{
	struct rte_mbuf *s = pkt_alloc_hdr();

	if (unlikely(!s))
		return NULL;
	rte_pktmbuf_attach(s, seg);
	s->data_off = (uint16_t)(seg->data_off + off);
	s->data_len = (uint16_t)n;
	s->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	return s;
}

struct rte_mbuf *pkt_comb(
	struct rte_mbuf *m, uint32_t off, uint32_t len, uint32_t stride, uint32_t skip)
{
	struct rte_mbuf *first = NULL, **tail = &first;
	uint32_t gap = skip, keep = stride - skip, n_bytes = 0;
	uint16_t n_segs = 0;

	assert(skip < stride && (uint64_t)off + len <= m->pkt_len);
	while (len) {
		uint32_t n;

		while (off >= m->data_len && m->next) {
			off -= m->data_len;
			m = m->next;
		}
		n = RTE_MIN(len, m->data_len - off);
		if (gap) {
			n = RTE_MIN(n, gap);
			gap -= n;
		} else {
			n = RTE_MIN(n, keep);
			*tail = tooth(m, off, n);
			if (unlikely(!*tail))
				goto no_buffer;
			tail = &(*tail)->next;
			n_segs++;
			n_bytes += n;
			keep -= n;
			if (!keep) {
				gap = skip;
				keep = stride - skip;
			}
		}
		off += n;
		len -= n;
	}
	assert(first);
	first->nb_segs = n_segs;
	first->pkt_len = n_bytes;
	return first;

no_buffer:
	if (first) {
		first->nb_segs = n_segs;
		rte_pktmbuf_free(first);
	}
	return NULL;
}
