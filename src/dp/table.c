/* SPDX-License-Identifier: BSD-3-Clause */
/* What the workers look things up in: built whole by the main thread, then only read. */
#include "dp/dp.h"

#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

static uint32_t peer_hash(const struct ul_addr *a, enum ul_rx_kind kind, bool sclp)
{
	uint64_t w[2];

	memcpy(w, a->b, sizeof(w));
	return hash_fold(hash_mix(hash_mix(w[0] + 1, w[1]), (uint64_t)kind << 1 | sclp));
}

static uint32_t demux_hash(const struct dp_peer *peer, uint32_t key)
{
	return hash_fold(hash_mix((uintptr_t)peer, key));
}

static void add_peer(struct dp_table *t, struct dp_peer *p)
{
	uint32_t i = peer_hash(&p->addr, p->kind, p->sclp);

	while (t->peers[i & t->peer_mask])
		i++;
	t->peers[i & t->peer_mask] = p;
}

static void add_demux(struct dp_table *t, const struct dp_obj *o)
{
	uint32_t i = demux_hash(o->peer, o->key);

	while (t->demux[i & t->demux_mask].obj)
		i++;
	t->demux[i & t->demux_mask] =
		(struct dp_demux){ .peer = o->peer, .key = o->key, .obj = o->id };
}

struct dp_table *dp_table_build(
	struct dp_obj *const objs[DP_OBJS_MAX], struct dp_peer *const *peers, unsigned int n_peers)
{
	struct dp_table *t = xcalloc(1, sizeof(*t));
	uint32_t n_remotes = 0;

	memcpy(t->objs, objs, sizeof(t->objs));
	for (unsigned int i = 0; i < DP_OBJS_MAX; i++)
		n_remotes += objs[i] && objs[i]->kind == DP_REMOTE;
	/* never more than half full: a search always meets a free place */
	t->demux_mask = rte_align32pow2(2 * n_remotes + 2) - 1;
	t->peer_mask = rte_align32pow2(2 * n_peers + 2) - 1;
	t->demux = xcalloc(t->demux_mask + 1u, sizeof(*t->demux));
	t->peers = xcalloc(t->peer_mask + 1u, sizeof(struct dp_peer *));
	for (unsigned int i = 0; i < n_peers; i++)
		add_peer(t, peers[i]);
	for (unsigned int i = 0; i < DP_OBJS_MAX; i++)
		if (objs[i] && objs[i]->kind == DP_REMOTE)
			add_demux(t, objs[i]);
	return t;
}

void dp_table_add_bridge(
	struct dp_table *t, struct fdb *fdb, const uint16_t *members, unsigned int n)
{
	struct dp_bridge *b = xcalloc(1, sizeof(*b) + n * sizeof(b->members[0]));

	b->fdb = fdb;
	b->n_members = n;
	memcpy(b->members, members, n * sizeof(b->members[0]));
	for (unsigned int i = 0; i < n; i++)
		t->bridge_of[members[i]] = b;
	t->bridges = xreallocarray(t->bridges, t->n_bridges + 1u, sizeof(struct dp_bridge *));
	t->bridges[t->n_bridges++] = b;
}

void dp_table_free(struct dp_table *t)
{
	for (unsigned int i = 0; i < t->n_bridges; i++)
		free(t->bridges[i]);
	free(t->bridges);
	free(t->demux);
	free(t->peers);
	free(t);
}

struct dp_peer *dp_table_peer(
	const struct dp_table *t, const struct ul_addr *a, enum ul_rx_kind kind, bool sclp)
{
	struct dp_peer *p;

	for (uint32_t i = peer_hash(a, kind, sclp); (p = t->peers[i & t->peer_mask]); i++)
		if (ul_addr_eq(&p->addr, a) && p->kind == kind && p->sclp == sclp)
			return p;
	return NULL;
}

struct dp_obj *dp_table_demux(const struct dp_table *t, const struct dp_peer *peer, uint32_t key)
{
	const struct dp_demux *d;

	for (uint32_t i = demux_hash(peer, key); (d = &t->demux[i & t->demux_mask])->obj; i++)
		if (d->peer == peer && d->key == key)
			return t->objs[d->obj];
	return NULL;
}
