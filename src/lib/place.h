/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a packet came from, as a small number: the engine keeps flows of different objects apart
 * (pkt_meta.obj).  Here a place is a port, the VLAN tags that a device took off the packet, and
 * whether it decrypted the packet: equal bytes of two VLANs are not one flow, and what came in the
 * clear does not join what was protected.
 */
#ifndef CVSW_LIB_PLACE_H
#define CVSW_LIB_PLACE_H

#include <stdint.h>
#include <string.h>
#include <rte_mbuf.h>

#include "base/hash.h"

#define PLACES_MAX  4096 /* at a time */
#define PLACE_SLOTS (2 * PLACES_MAX)

struct places {
	uint64_t last_key;
	uint16_t last;
	uint16_t n;
	uint64_t keys[PLACE_SLOTS]; /* 0: free */
};

static inline void places_clear(struct places *p)
{
	memset(p, 0, sizeof(*p));
}

static inline uint64_t place_key(const struct rte_mbuf *m)
{
	uint64_t key = 1ull << 63 | m->port;

	if (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
		key |= 1ull << 62 | (uint64_t)m->vlan_tci << 16;
	if (m->ol_flags & RTE_MBUF_F_RX_QINQ_STRIPPED)
		key |= 1ull << 61 | (uint64_t)m->vlan_tci_outer << 32;
	if (m->ol_flags & RTE_MBUF_F_RX_SEC_OFFLOAD)
		key |= 1ull << 60;
	if (m->ol_flags & RTE_MBUF_F_RX_SEC_OFFLOAD_FAILED)
		key |= 1ull << 59;
	return key;
}

/* The number of the packet's place, > 0; 0: there are too many (places_clear()). */
static inline uint16_t place_of(struct places *p, const struct rte_mbuf *m)
{
	const uint64_t key = place_key(m);
	uint32_t i;

	if (key == p->last_key)
		return p->last;
	i = hash_fold(key) % PLACE_SLOTS;
	while (p->keys[i] && p->keys[i] != key)
		i = (i + 1) % PLACE_SLOTS;
	if (!p->keys[i]) {
		if (p->n == PLACES_MAX)
			return 0;
		p->keys[i] = key;
		p->n++;
	}
	p->last_key = key;
	p->last = (uint16_t)(i + 1);
	return p->last;
}

#endif
