/* SPDX-License-Identifier: BSD-3-Clause */
#include "hostages.h"

static void take_all(struct rte_mbuf **head, struct rte_mbuf *(*alloc)(void), uint32_t n_left)
{
	struct rte_mbuf *m;

	while ((m = alloc())) {
		m->next = *head;
		*head = m;
	}
	for (; n_left && *head; n_left--) {
		m = *head;
		*head = m->next;
		m->next = NULL;
		pkt_done(m);
	}
}

void hostages_take(struct hostages *h, uint32_t n_left)
{
	struct rte_mbuf *small = NULL, *hdr = NULL, *m;

	take_all(&small, pkt_alloc_small_bare, n_left);
	take_all(&hdr, pkt_alloc_hdr_bare, n_left);
	h->head = small;
	while ((m = hdr)) {
		hdr = m->next;
		m->next = h->head;
		h->head = m;
	}
}

void hostages_free(struct hostages *h)
{
	struct rte_mbuf *m;

	while ((m = h->head)) {
		h->head = m->next;
		m->next = NULL;
		pkt_done(m);
	}
}
