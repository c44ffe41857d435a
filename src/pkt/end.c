/* SPDX-License-Identifier: BSD-3-Clause */
/* Where packets end: delivered, or dropped and counted. */
#include "pkt/pkt.h"

#include "base/counter.h"

static __thread struct {
	uint64_t (*rows)[DROP_N_REASONS];
	uint32_t n_objs;
	uint64_t fallback[DROP_N_REASONS];
} sink;

void pkt_drops_bind(uint64_t (*rows)[DROP_N_REASONS], uint32_t n_objs)
{
	sink.rows = rows;
	sink.n_objs = n_objs;
}

uint64_t pkt_drops_fallback(enum drop_reason why)
{
	return sink.fallback[why];
}

void pkt_count_drop(uint16_t obj, enum drop_reason why, uint64_t n)
{
	uint64_t *c;

	if (!sink.rows)
		c = &sink.fallback[why];
	else
		c = &sink.rows[obj < sink.n_objs ? obj : 0][why];
	counter_add(c, n);
}

void pkt_done(struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
}

void pkt_drop(struct rte_mbuf *m, enum drop_reason why)
{
	pkt_count_drop(pkt_meta(m)->obj, why, 1);
	rte_pktmbuf_free(m);
}

void pkt_drop_list(struct pkt_list *l, enum drop_reason why)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(l)))
		pkt_drop(m, why);
}
