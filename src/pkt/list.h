/* SPDX-License-Identifier: BSD-3-Clause */
/* A queue of packets (not of mbuf segments), linked through their metadata: no limit, no
 * allocation. */
#ifndef CVSW_PKT_LIST_H
#define CVSW_PKT_LIST_H

#include "pkt/meta.h"

struct pkt_list {
	struct rte_mbuf *head, *tail;
	uint32_t n_pkts;
	uint32_t n_bytes;
};

static inline void pkt_list_init(struct pkt_list *l)
{
	l->head = l->tail = NULL;
	l->n_pkts = l->n_bytes = 0;
}

static inline bool pkt_list_empty(const struct pkt_list *l)
{
	return !l->head;
}

static inline void pkt_list_add(struct pkt_list *l, struct rte_mbuf *m)
{
	pkt_meta(m)->next_pkt = NULL;
	if (l->tail)
		pkt_meta(l->tail)->next_pkt = m;
	else
		l->head = m;
	l->tail = m;
	l->n_pkts++;
	l->n_bytes += m->pkt_len;
}

/* Take the first packet off, NULL when empty. */
static inline struct rte_mbuf *pkt_list_pop(struct pkt_list *l)
{
	struct rte_mbuf *m = l->head;

	if (!m)
		return NULL;
	l->head = pkt_meta(m)->next_pkt;
	if (!l->head)
		l->tail = NULL;
	l->n_pkts--;
	l->n_bytes -= m->pkt_len;
	return m;
}

/* Append all of @src, which is empty afterwards. */
static inline void pkt_list_splice(struct pkt_list *dst, struct pkt_list *src)
{
	if (!src->head)
		return;
	if (dst->tail)
		pkt_meta(dst->tail)->next_pkt = src->head;
	else
		dst->head = src->head;
	dst->tail = src->tail;
	dst->n_pkts += src->n_pkts;
	dst->n_bytes += src->n_bytes;
	pkt_list_init(src);
}

#define pkt_list_for_each(m, l) for ((m) = (l)->head; (m); (m) = pkt_meta(m)->next_pkt)

#endif
