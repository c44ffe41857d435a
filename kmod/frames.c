// SPDX-License-Identifier: GPL-2.0
/*
 * The frames under reassembly of a namespace: found by key, ordered by age, counted by remote.
 *
 * A live frame is in four lists: its hash bucket, its flow's bucket, that of its remote and that of
 * all, the last three by age.  An ended one leaves them all, with its pieces, and a mark in
 * sclp_reasm.past.
 *
 * Who pays at a bound over all is the remote that holds most.  Those who are not configured cannot
 * each be counted for themselves, since whoever invents addresses would be a thousand remotes with
 * one frame each, and all others hold more than he does; they are sorted into a few groups that are
 * counted like one remote.
 */
#include <linux/hash.h>
#include <linux/random.h>
#include <net/ipv6.h>
#include "reasm.h"

static void share_init(struct sclp_share *share)
{
	unsigned int i;

	share->used = 0;
	for (i = 0; i < ARRAY_SIZE(share->levels); i++)
		INIT_LIST_HEAD(&share->levels[i]);
}

static void share_set(struct sclp_share *share, struct sclp_share_link *l, u32 amount, u32 bound)
{
	unsigned int level = 0;

	if (amount)
		level = min_t(u64, 1 + div_u64(amount * 62ull, max(bound, 1u)), 63);
	if (level == l->level)
		return;
	if (l->level) {
		list_del(&l->link);
		if (list_empty(&share->levels[l->level]))
			share->used &= ~BIT_ULL(l->level);
	}
	l->level = level;
	if (level) {
		list_add(&l->link, &share->levels[level]);
		share->used |= BIT_ULL(level);
	}
}

/* @remote holds more, or less, than before. */
static void remote_account(struct sclp_reasm *r, struct sclp_remote *remote)
{
	const struct sclp_limits *lim = &r->sn->limits;

	share_set(&r->shares[SCLP_SHARE_FRAMES], &remote->share[SCLP_SHARE_FRAMES],
		remote->n_frames, READ_ONCE(lim->reasm_max_frames));
	share_set(&r->shares[SCLP_SHARE_BYTES], &remote->share[SCLP_SHARE_BYTES],
		DIV_ROUND_UP_ULL(remote->n_bytes, 1024), READ_ONCE(lim->reasm_max_kib));
}

struct sclp_remote *sclp_remote_top(const struct sclp_reasm *r, enum sclp_share_kind kind)
{
	const struct sclp_share *share = &r->shares[kind];

	return list_first_entry(
		&share->levels[fls64(share->used) - 1], struct sclp_share_link, link)
		->remote;
}

static void remote_init(struct sclp_remote *remote)
{
	unsigned int i;

	INIT_LIST_HEAD(&remote->frames);
	for (i = 0; i < SCLP_N_SHARES; i++)
		remote->share[i].remote = remote;
}

static struct hlist_head *remote_bucket(struct sclp_reasm *r, u64 hash)
{
	return &r->remotes[hash >> (64 - SCLP_REMOTE_BITS)];
}

static u64 addr_hash(const struct sclp_reasm *r, const struct in6_addr *addr)
{
	return siphash(addr, sizeof(*addr), &r->seed);
}

struct sclp_remote *sclp_remote_find(
	struct sclp_reasm *r, const struct in6_addr *addr, enum sclp_source source)
{
	const u64 hash = addr_hash(r, addr);
	struct sclp_remote *remote;

	if (source == SCLP_SOURCE_STRANGER)
		return &r->strangers[hash % SCLP_N_STRANGERS];
	hlist_for_each_entry(remote, remote_bucket(r, hash), node) {
		if (ipv6_addr_equal(&remote->addr, addr))
			return remote;
	}
	return NULL;
}

struct sclp_remote *sclp_remote_get(
	struct sclp_reasm *r, const struct in6_addr *addr, enum sclp_source source)
{
	struct sclp_remote *remote = sclp_remote_find(r, addr, source);

	if (remote)
		return remote;
	remote = kzalloc(sizeof(*remote), GFP_ATOMIC);
	if (!remote)
		return NULL;
	remote_init(remote);
	remote->addr = *addr;
	hlist_add_head(&remote->node, remote_bucket(r, addr_hash(r, addr)));
	return remote;
}

void sclp_remote_put(struct sclp_reasm *r, struct sclp_remote *remote)
{
	if (remote->n_frames || remote->stranger)
		return;
	hlist_del(&remote->node);
	kfree(remote);
}

bool sclp_flow_same(const struct sclp_flow_key *a, const struct sclp_flow_key *b)
{
	return a->source == b->source && a->dest == b->dest && a->carrier == b->carrier &&
	       ipv6_addr_equal(&a->saddr, &b->saddr) && ipv6_addr_equal(&a->daddr, &b->daddr);
}

static void map_addr(struct in6_addr *to, const struct sclp_addr *from)
{
	if (from->family == AF_INET6)
		*to = from->v6;
	else
		ipv6_addr_set_v4mapped(from->v4, to);
}

void sclp_frame_name(const struct sclp_reasm *r, const struct sclp_seg *seg,
	const struct sclp_rx *rx, struct sclp_frame_name *name)
{
	/* all of the key is hashed: it has no holes */
	BUILD_BUG_ON(sizeof(name->key) !=
		     2 * sizeof(struct in6_addr) + 2 * sizeof(__be16) + sizeof(u32));
	map_addr(&name->key.saddr, &rx->saddr);
	map_addr(&name->key.daddr, &rx->daddr);
	name->key.source = seg->source;
	name->key.dest = seg->dest;
	name->key.carrier = rx->carrier;
	name->id = seg->id;
	name->flow_hash = siphash(&name->key, sizeof(name->key), &r->seed);
	/* never 0, and the lowest bit is sclp_past's */
	name->sig = (siphash_2u64(name->flow_hash, name->id, &r->seed) & ~1ull) | 2;
}

static struct hlist_head *frame_bucket(struct sclp_reasm *r, u64 sig)
{
	return &r->frames[sig >> (64 - SCLP_FRAME_BITS)];
}

struct sclp_frame *sclp_frame_find(struct sclp_reasm *r, const struct sclp_frame_name *name)
{
	struct sclp_frame *f;

	hlist_for_each_entry(f, frame_bucket(r, name->sig), hash_node) {
		if (f->sig == name->sig && f->id == name->id && sclp_flow_same(&f->key, &name->key))
			return f;
	}
	return NULL;
}

struct list_head *sclp_flow_bucket(struct sclp_reasm *r, u64 flow_hash)
{
	return &r->flows[flow_hash >> (64 - SCLP_FRAME_BITS)];
}

void sclp_flow_set_reordered(struct sclp_reasm *r, u64 flow_hash)
{
	r->reordered[flow_hash >> (64 - SCLP_FRAME_BITS)] = r->now | 1;
}

bool sclp_flow_is_reordered(const struct sclp_reasm *r, u64 flow_hash)
{
	const unsigned long since = r->reordered[flow_hash >> (64 - SCLP_FRAME_BITS)];

	return since && time_before(r->now, since + HZ);
}

static unsigned int past_index(u64 sig)
{
	return hash_64(sig & ~1ull, SCLP_PAST_BITS);
}

unsigned long sclp_reasm_timeout(const struct sclp_reasm *r)
{
	return msecs_to_jiffies(READ_ONCE(r->sn->limits.reasm_ms));
}

enum sclp_frame_end sclp_past_find(const struct sclp_reasm *r, u64 sig)
{
	const struct sclp_past *past = &r->past[past_index(sig)];

	if ((past->sig ^ sig) & ~1ull || time_after(r->now, past->since + sclp_reasm_timeout(r)))
		return SCLP_FRAME_FORGET;
	return past->sig & 1 ? SCLP_FRAME_DONE : SCLP_FRAME_GIVEN_UP;
}

static void past_remember(struct sclp_reasm *r, u64 sig, bool done)
{
	struct sclp_past *past = &r->past[past_index(sig)];

	sclp_recipe_put(past->recipe);
	*past = (struct sclp_past){ .sig = sig | done, .since = r->now };
}

void sclp_past_set_recipe(struct sclp_reasm *r, u64 sig, struct sclp_recipe *recipe)
{
	struct sclp_past *past = &r->past[past_index(sig)];

	if (past->sig == sig)
		swap(past->recipe, recipe);
	sclp_recipe_put(recipe);
}

struct sclp_recipe *sclp_past_recipe(const struct sclp_reasm *r, u64 sig)
{
	struct sclp_recipe *recipe = r->past[past_index(sig)].recipe;

	return recipe ? sclp_recipe_get(recipe) : NULL;
}

void sclp_past_forget(struct sclp_reasm *r)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(r->past); i++)
		sclp_recipe_put(r->past[i].recipe);
	memset(r->past, 0, sizeof(r->past));
}

struct sclp_frame *sclp_frame_add(struct sclp_reasm *r, const struct sclp_frame_name *name,
	struct sclp_remote *remote, const struct sclp_rx *rx)
{
	struct sclp_frame *f = kzalloc(sizeof(*f), GFP_ATOMIC);

	if (!f)
		return NULL;
	__skb_queue_head_init(&f->pieces);
	INIT_LIST_HEAD(&f->hold_link);
	f->key = name->key;
	f->id = name->id;
	f->sig = name->sig;
	f->since = r->now;
	f->remote = remote;
	f->rx = *rx;
	hlist_add_head(&f->hash_node, frame_bucket(r, f->sig));
	list_add_tail(&f->flow_link, sclp_flow_bucket(r, name->flow_hash));
	list_add_tail(&f->remote_link, &remote->frames);
	list_add_tail(&f->age_link, &r->live);
	WRITE_ONCE(r->n_live, r->n_live + 1);
	remote->n_frames++;
	remote_account(r, remote);
	return f;
}

void sclp_frame_hold(struct sclp_reasm *r, struct sclp_frame *f, struct sk_buff *before,
	struct sk_buff *skb, const struct sclp_seg *seg)
{
	*sclp_piece(skb) = (struct sclp_piece){
		.start = seg->start,
		.end = seg->end,
		.plen = seg->plen,
		.first = seg->first,
	};
	if (before)
		__skb_queue_after(&f->pieces, before, skb);
	else
		__skb_queue_head(&f->pieces, skb);
	if (seg->first) {
		f->len = seg->start;
		f->parts = seg->parts;
	}
	if (f->parts)
		list_move_tail(&f->hold_link, &r->fresh);
	f->n_have += seg->start - seg->end;
	f->n_segs += seg->n_segs;
	f->n_truesize += skb->truesize;
	f->remote->n_bytes += skb->truesize;
	WRITE_ONCE(r->n_bytes, r->n_bytes + skb->truesize);
	remote_account(r, f->remote);
}

void sclp_frame_end(
	struct sclp_reasm *r, struct sclp_frame *f, enum sclp_frame_end how, enum sclp_drop why)
{
	struct sclp_remote *remote = f->remote;

	hlist_del(&f->hash_node);
	list_del(&f->flow_link);
	list_del(&f->hold_link);
	list_del(&f->remote_link);
	list_move_tail(&f->age_link, &r->ended);
	WRITE_ONCE(r->n_live, r->n_live - 1);
	WRITE_ONCE(r->n_bytes, r->n_bytes - f->n_truesize);
	remote->n_frames--;
	remote->n_bytes -= f->n_truesize;
	remote_account(r, remote);
	sclp_remote_put(r, remote);
	f->remote = NULL;
	f->how = how;
	f->why = why;
	if (how != SCLP_FRAME_FORGET)
		past_remember(r, f->sig, how == SCLP_FRAME_DONE || how == SCLP_FRAME_REPLACED);
}

void sclp_frames_init(struct sclp_reasm *r)
{
	unsigned int i;

	INIT_LIST_HEAD(&r->live);
	INIT_LIST_HEAD(&r->ended);
	INIT_LIST_HEAD(&r->fresh);
	INIT_LIST_HEAD(&r->stale);
	for (i = 0; i < SCLP_N_SHARES; i++)
		share_init(&r->shares[i]);
	for (i = 0; i < ARRAY_SIZE(r->flows); i++)
		INIT_LIST_HEAD(&r->flows[i]);
	for (i = 0; i < SCLP_N_STRANGERS; i++) {
		remote_init(&r->strangers[i]);
		r->strangers[i].stranger = true;
	}
	get_random_bytes(&r->seed, sizeof(r->seed));
}
