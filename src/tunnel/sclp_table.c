/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/sclp_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/counter.h"
#include "base/hash.h"

/* A live piece holds at least one header buffer, which bounds their number. */
#define PIECE_TRUESIZE_MIN                                                                         \
	(sizeof(struct rte_mbuf) + sizeof(struct pkt_meta) + PKT_HEADROOM + PKT_HDR_ROOM)

static bool tables_alloc(struct sclp_rx *r, uint32_t n_frames, uint32_t n_pieces)
{
	const uint32_t n_buckets = rte_align32pow2(2 * n_frames);

	r->bucket_mask = n_buckets - 1;
	r->frames = calloc(2 * n_frames, sizeof(*r->frames)); /* as many live as past */
	r->flows = calloc(n_frames, sizeof(*r->flows));
	r->pieces = calloc(n_pieces, sizeof(*r->pieces));
	r->frame_buckets = calloc(n_buckets, sizeof(*r->frame_buckets));
	r->flow_buckets = calloc(n_buckets, sizeof(*r->flow_buckets));
	if (!r->frames || !r->flows || !r->pieces || !r->frame_buckets || !r->flow_buckets)
		return false;
	for (uint32_t i = 0; i < 2 * n_frames; i++)
		TAILQ_INSERT_TAIL(&r->free, &r->frames[i], age_link);
	for (uint32_t i = 0; i < n_frames; i++)
		LIST_INSERT_HEAD(&r->free_flows, &r->flows[i], link);
	for (uint32_t i = 0; i < n_pieces; i++)
		TAILQ_INSERT_TAIL(&r->free_pieces, &r->pieces[i], link);
	return true;
}

static void tables_free(struct sclp_rx *r)
{
	free(r->frames);
	free(r->flows);
	free(r->pieces);
	free(r->frame_buckets);
	free(r->flow_buckets);
	free(r);
}

struct sclp_rx *sclp_rx_create(const struct sclp_rx_conf *conf)
{
	struct sclp_rx *r = calloc(1, sizeof(*r));
	uint32_t n_frames, n_pieces;

	if (!r)
		return NULL;
	r->conf = *conf;
	r->conf.n_frames = n_frames = RTE_MIN(RTE_MAX(conf->n_frames, 1u), 1u << 20);
	r->conf.n_frames_remote = RTE_MIN(RTE_MAX(conf->n_frames_remote, 1u), n_frames);
	n_pieces = (uint32_t)(conf->n_bytes / PIECE_TRUESIZE_MIN) +
		   2; /* bound is met after adding */
	TAILQ_INIT(&r->live);
	TAILQ_INIT(&r->past);
	TAILQ_INIT(&r->free);
	TAILQ_INIT(&r->free_pieces);
	sclp_share_init(&r->by_frames, SCLP_SHARE_FRAMES, n_frames);
	sclp_share_init(&r->by_bytes, SCLP_SHARE_BYTES, conf->n_bytes);
	/* the one call of the system in this folder: who cannot guess the seed cannot choose
	 * collisions */
	if (tables_alloc(r, n_frames, n_pieces) &&
		getrandom(r->seed, sizeof(r->seed), 0) == (ssize_t)sizeof(r->seed))
		return r;
	tables_free(r);
	return NULL;
}

void sclp_rx_destroy(struct sclp_rx *r)
{
	struct sclp_frame *f;

	if (!r)
		return;
	while ((f = TAILQ_FIRST(&r->live))) {
		pkt_count_drop(f->obj, DROP_SHUTDOWN, 1);
		sclp_frame_end(r, f, SCLP_FRAME_FREE, 0);
	}
	tables_free(r);
}

void sclp_rx_forget(struct sclp_rx *r, const struct sclp_rx_remote *remote)
{
	while (remote->n_frames) {
		struct sclp_frame *f = TAILQ_FIRST(&remote->frames);

		pkt_count_drop(f->obj, DROP_SHUTDOWN, 1);
		sclp_frame_end(r, f, SCLP_FRAME_FREE, 0);
	}
}

uint32_t sclp_flow_hash(const struct sclp_rx *r, const struct sclp_flow_key *key)
{
	uint64_t h = r->seed[0], w[4];

	memcpy(w, key->addr, sizeof(w));
	for (unsigned int i = 0; i < 4; i++)
		h = hash_mix(h, w[i]);
	return hash_fold(hash_mix(h, r->seed[1] + key->ports));
}

uint32_t sclp_frame_hash(const struct sclp_rx *r, uint32_t flow_hash, uint32_t id)
{
	return hash_fold(hash_mix(r->seed[1] ^ flow_hash, r->seed[0] + id));
}

static bool flow_same(const struct sclp_flow_key *a, const struct sclp_flow_key *b)
{
	return a->ports == b->ports && !memcmp(a->addr, b->addr, sizeof(a->addr));
}

struct sclp_flow *sclp_flow_find(
	const struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t hash)
{
	struct sclp_flow *fl;

	LIST_FOREACH(fl, &r->flow_buckets[hash & r->bucket_mask], link)
	if (fl->hash == hash && flow_same(&fl->key, key))
		return fl;
	return NULL;
}

static void past_forget(struct sclp_rx *r, struct sclp_frame *f)
{
	TAILQ_REMOVE(&r->past, f, age_link);
	r->n_past--;
	LIST_REMOVE(f, hash_link);
	f->state = SCLP_FRAME_FREE;
	TAILQ_INSERT_HEAD(&r->free, f, age_link);
}

struct sclp_frame *sclp_frame_find(struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t id,
	uint32_t hash, uint64_t now_ns)
{
	struct sclp_frame *f;

	LIST_FOREACH(f, &r->frame_buckets[hash & r->bucket_mask], hash_link)
	{
		if (f->hash != hash || f->id != id || !flow_same(&f->key, key))
			continue;
		if (f->state == SCLP_FRAME_LIVE || f->since_ns + r->conf.timeout_ns > now_ns)
			return f;
		past_forget(r, f);
		return NULL;
	}
	return NULL;
}

static struct sclp_flow *flow_get(struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t hash)
{
	struct sclp_flow *fl = sclp_flow_find(r, key, hash);

	if (fl)
		return fl;
	fl = LIST_FIRST(&r->free_flows); /* never empty: there are as many as live frames */
	LIST_REMOVE(fl, link);
	fl->key = *key;
	fl->hash = hash;
	TAILQ_INIT(&fl->frames);
	LIST_INSERT_HEAD(&r->flow_buckets[hash & r->bucket_mask], fl, link);
	return fl;
}

static void remote_account(struct sclp_rx *r, struct sclp_rx_remote *remote)
{
	sclp_share_set(&r->by_frames, remote, remote->n_frames);
	sclp_share_set(&r->by_bytes, remote, remote->n_bytes);
}

struct sclp_frame *sclp_frame_add(struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t id,
	uint32_t flow_hash, uint32_t frame_hash, struct sclp_rx_remote *remote, uint64_t now_ns)
{
	struct sclp_frame *f = TAILQ_FIRST(&r->free);

	assert(f && r->n_live < r->conf.n_frames);
	TAILQ_REMOVE(&r->free, f, age_link);
	memset(f, 0, sizeof(*f));
	TAILQ_INIT(&f->pieces);
	f->key = *key;
	f->id = id;
	f->hash = frame_hash;
	f->since_ns = now_ns;
	f->state = SCLP_FRAME_LIVE;
	LIST_INSERT_HEAD(&r->frame_buckets[frame_hash & r->bucket_mask], f, hash_link);
	TAILQ_INSERT_TAIL(&r->live, f, age_link);
	r->n_live++;

	f->flow = flow_get(r, key, flow_hash);
	TAILQ_INSERT_TAIL(&f->flow->frames, f, flow_link);
	f->remote = remote;
	if (!remote->n_frames)
		TAILQ_INIT(&remote->frames);
	counter_add(&remote->n_frames, 1);
	TAILQ_INSERT_TAIL(&remote->frames, f, remote_link);
	remote_account(r, remote);
	return f;
}

static void unlink_live(struct sclp_rx *r, struct sclp_frame *f)
{
	TAILQ_REMOVE(&r->live, f, age_link);
	r->n_live--;
	TAILQ_REMOVE(&f->flow->frames, f, flow_link);
	if (TAILQ_EMPTY(&f->flow->frames)) {
		LIST_REMOVE(f->flow, link);
		LIST_INSERT_HEAD(&r->free_flows, f->flow, link);
	}
	f->flow = NULL;
	TAILQ_REMOVE(&f->remote->frames, f, remote_link);
	counter_sub(&f->remote->n_frames, 1);
	remote_account(r, f->remote);
	f->remote = NULL;
}

void sclp_frame_end(
	struct sclp_rx *r, struct sclp_frame *f, enum sclp_frame_state state, uint64_t now_ns)
{
	struct sclp_piece *p;

	while ((p = TAILQ_FIRST(&f->pieces)))
		pkt_done(sclp_piece_del(r, f, p));
	unlink_live(r, f);
	f->state = (uint8_t)state;
	if (state == SCLP_FRAME_FREE) {
		LIST_REMOVE(f, hash_link);
		TAILQ_INSERT_HEAD(&r->free, f, age_link);
		return;
	}
	if (r->n_past == r->conf.n_frames)
		past_forget(r, TAILQ_FIRST(&r->past));
	f->since_ns = now_ns;
	TAILQ_INSERT_TAIL(&r->past, f, age_link);
	r->n_past++;
}

struct sclp_piece *sclp_piece_add(
	struct sclp_rx *r, struct sclp_frame *f, struct sclp_piece *before, struct rte_mbuf *m)
{
	struct sclp_piece *p = TAILQ_FIRST(&r->free_pieces);

	assert(p); /* as many as header buffers in the bound on bytes, which holds between calls */
	TAILQ_REMOVE(&r->free_pieces, p, link);
	if (before)
		TAILQ_INSERT_BEFORE(before, p, link);
	else
		TAILQ_INSERT_TAIL(&f->pieces, p, link);
	p->m = m;
	p->truesize = pkt_truesize(m);
	f->n_truesize += p->truesize;
	counter_add(&f->remote->n_bytes, p->truesize);
	r->n_bytes += p->truesize;
	sclp_share_set(&r->by_bytes, f->remote, f->remote->n_bytes);
	return p;
}

struct rte_mbuf *sclp_piece_del(struct sclp_rx *r, struct sclp_frame *f, struct sclp_piece *p)
{
	f->n_truesize -= p->truesize;
	counter_sub(&f->remote->n_bytes, p->truesize);
	r->n_bytes -= p->truesize;
	sclp_share_set(&r->by_bytes, f->remote, f->remote->n_bytes);
	TAILQ_REMOVE(&f->pieces, p, link);
	TAILQ_INSERT_HEAD(&r->free_pieces, p, link);
	return p->m;
}
