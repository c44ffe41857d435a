/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/comb.h"

#include <string.h>

#include "pkt/share.h"

#define BATCH 32 /* segments taken from the pool at once */

/* The comb as far as it stands. */
struct comb {
	struct rte_mbuf *first, **tail;
	struct rte_mbuf *spare[BATCH];
	uint32_t n_spare, n_left; /* segments at hand; about how many will still be needed */
	uint32_t n_held;	  /* pieces of the segment at hand, without a reference as yet */
	uint32_t n_bytes;
	uint16_t n_segs;
};

static bool comb_refill(struct comb *c)
{
	c->n_spare = RTE_MIN(RTE_MAX(c->n_left, 1u), (uint32_t)BATCH);
	c->n_left -= RTE_MIN(c->n_left, c->n_spare);
	if (likely(!pkt_alloc_hdr_bulk(c->spare, c->n_spare)))
		return true;
	c->n_spare = 0;
	return false;
}

/* Append @n bytes of @seg from @off. */
static inline bool comb_add(struct comb *c, const struct rte_mbuf *seg, uint32_t off, uint32_t n)
{
	struct rte_mbuf *s;

	if (unlikely(!c->n_spare) && !comb_refill(c))
		return false;
	s = c->spare[--c->n_spare];
	share_piece(s, seg, off, n);
	*c->tail = s;
	c->tail = &s->next;
	c->n_held++;
	c->n_segs++;
	c->n_bytes += n;
	return true;
}

static void comb_hold(struct comb *c, struct rte_mbuf *seg)
{
	share_hold(seg, c->n_held);
	c->n_held = 0;
}

static struct rte_mbuf *comb_end(struct comb *c)
{
	while (c->n_spare)
		rte_mbuf_raw_free(c->spare[--c->n_spare]);
	*c->tail = NULL;
	if (!c->first)
		return NULL;
	c->first->nb_segs = c->n_segs;
	c->first->pkt_len = c->n_bytes;
	memset(pkt_meta(c->first), 0, sizeof(struct pkt_meta));
	return c->first;
}

struct rte_mbuf *pkt_comb(
	struct rte_mbuf *m, uint32_t off, uint32_t len, uint32_t stride, uint32_t skip)
{
	struct comb c = { .n_left = len / stride + m->nb_segs };
	uint32_t gap = skip, keep = stride - skip;
	bool failed = false;

	assert(skip < stride && (uint64_t)off + len <= m->pkt_len);
	c.tail = &c.first;
	while (len && !failed) {
		uint32_t n;

		while (off >= m->data_len && m->next) {
			off -= m->data_len;
			comb_hold(&c, m);
			m = m->next;
		}
		n = RTE_MIN(len, m->data_len - off);
		if (likely(gap == skip && n > skip && n >= RTE_MIN(len, stride))) {
			/* skip and piece lie in this buffer: nearly always */
			n = RTE_MIN(n, stride);
			failed = unlikely(!comb_add(&c, m, off + skip, n - skip));
		} else if (gap) {
			n = RTE_MIN(n, gap);
			gap -= n;
		} else {
			n = RTE_MIN(n, keep);
			failed = unlikely(!comb_add(&c, m, off, n));
			keep -= n;
		}
		if (!keep) {
			gap = skip;
			keep = stride - skip;
		}
		off += n;
		len -= n;
	}
	comb_hold(&c, m);
	m = comb_end(&c);
	assert(m || failed);
	if (unlikely(failed)) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	return m;
}
