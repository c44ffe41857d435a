/* SPDX-License-Identifier: BSD-3-Clause */
#include "dp/fdb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "base/hash.h"
#include "base/xalloc.h"

#define SLOTS 8

/*
 * value: seen_s (32) | tag (15) | static (1) | obj (16)
 *
 * The tag is a part of the address.  A learner may be late: between its look at the key and its
 * write of the value the slot can have been freed and given to another address.  Such a value has
 * the wrong tag, counts as none, and the new owner's next frame puts it right.
 */
#define VAL_STATIC (1ull << 16)
#define TAG_SHIFT  17
#define TAG_MASK   (0x7fffull << TAG_SHIFT)

struct bucket {
	uint64_t key[SLOTS]; /* MAC + 1, so that 0 is free */
	uint64_t val[SLOTS];
} __attribute__((aligned(64)));

struct fdb {
	struct bucket *buckets;
	uint32_t n_buckets; /* power of two */
	uint32_t max;
	uint64_t seed;
	uint32_t n;
	uint64_t n_full;
};

struct slot {
	uint64_t *key, *val;
};

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void store(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static uint64_t tag_of(uint64_t mac)
{
	return (mac ^ mac >> 15 ^ mac >> 30) << TAG_SHIFT & TAG_MASK;
}

static uint64_t make_val(uint64_t mac, uint16_t obj, uint32_t now_s, uint64_t flags)
{
	return (uint64_t)now_s << 32 | tag_of(mac) | flags | obj;
}

static bool val_is_of(uint64_t val, uint64_t mac)
{
	return (val & TAG_MASK) == tag_of(mac);
}

struct fdb *fdb_create(uint32_t max)
{
	struct fdb *f = xcalloc(1, sizeof(*f));

	f->max = max;
	/* twice the room, since two full buckets refuse an address */
	f->n_buckets = rte_align32pow2(RTE_MAX(max * 2 / SLOTS, 2u));
	f->buckets = aligned_alloc(64, f->n_buckets * sizeof(struct bucket));
	xcheck(f->buckets);
	memset(f->buckets, 0, f->n_buckets * sizeof(struct bucket));
	if (getrandom(&f->seed, sizeof(f->seed), 0) != sizeof(f->seed))
		f->seed = (uint64_t)(uintptr_t)f;
	return f;
}

void fdb_destroy(struct fdb *f)
{
	free(f->buckets);
	free(f);
}

static struct bucket *bucket_of(const struct fdb *f, uint64_t mac, unsigned int which)
{
	const uint64_t h = hash_mix(f->seed + which, mac);

	return &f->buckets[hash_fold(h) & (f->n_buckets - 1)];
}

static bool find(const struct fdb *f, uint64_t mac, struct slot *s)
{
	for (unsigned int w = 0; w < 2; w++) {
		struct bucket *b = bucket_of(f, mac, w);

		for (unsigned int i = 0; i < SLOTS; i++) {
			if (load(&b->key[i]) != mac + 1)
				continue;
			s->key = &b->key[i];
			s->val = &b->val[i];
			return true;
		}
	}
	return false;
}

uint16_t fdb_lookup(const struct fdb *f, uint64_t mac)
{
	struct slot s;
	uint64_t val;

	if (!find(f, mac, &s))
		return FDB_MISS;
	val = load(s.val);
	return load(s.key) == mac + 1 && val_is_of(val, mac) ? (uint16_t)val : FDB_MISS;
}

/* Claim a free slot for @mac. */
static bool claim(struct fdb *f, uint64_t mac, struct slot *s)
{
	if (__atomic_load_n(&f->n, __ATOMIC_RELAXED) >= f->max)
		return false;
	for (unsigned int w = 0; w < 2; w++) {
		struct bucket *b = bucket_of(f, mac, w);

		for (unsigned int i = 0; i < SLOTS; i++) {
			uint64_t none = 0;

			if (!__atomic_compare_exchange_n(&b->key[i], &none, mac + 1, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
				continue;
			__atomic_fetch_add(&f->n, 1, __ATOMIC_RELAXED);
			s->key = &b->key[i];
			s->val = &b->val[i];
			return true;
		}
	}
	return false;
}

void fdb_learn(struct fdb *f, uint64_t mac, uint16_t obj, uint32_t now_s)
{
	struct slot s;
	uint64_t val;

	if (unlikely(!find(f, mac, &s)) && !claim(f, mac, &s)) {
		__atomic_fetch_add(&f->n_full, 1, __ATOMIC_RELAXED);
		return;
	}
	val = load(s.val);
	/* write only what changed: the line is shared by all workers */
	if ((val & VAL_STATIC && val_is_of(val, mac)) || val == make_val(mac, obj, now_s, 0))
		return;
	__atomic_compare_exchange_n(s.val, &val, make_val(mac, obj, now_s, 0), false,
		__ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

int fdb_set_static(struct fdb *f, uint64_t mac, uint16_t obj, uint32_t now_s)
{
	struct slot s;

	if (!find(f, mac, &s) && !claim(f, mac, &s))
		return -ENOSPC;
	store(s.val, make_val(mac, obj, now_s, VAL_STATIC));
	return 0;
}

static void release(struct fdb *f, struct slot s)
{
	/* value first: a reader that still sees the key finds nobody */
	store(s.val, 0);
	store(s.key, 0);
	__atomic_fetch_sub(&f->n, 1, __ATOMIC_RELAXED);
}

int fdb_remove(struct fdb *f, uint64_t mac)
{
	struct slot s;

	if (!find(f, mac, &s))
		return -ENOENT;
	/* two workers that saw a new address at once may both have made an entry */
	do
		release(f, s);
	while (find(f, mac, &s));
	return 0;
}

typedef bool slot_test(uint64_t val, const void *arg);

static uint32_t remove_if(struct fdb *f, slot_test *test, const void *arg)
{
	uint32_t n = 0;

	for (uint32_t b = 0; b < f->n_buckets; b++) {
		for (unsigned int i = 0; i < SLOTS; i++) {
			struct slot s = { &f->buckets[b].key[i], &f->buckets[b].val[i] };

			if (load(s.key) && test(load(s.val), arg)) {
				release(f, s);
				n++;
			}
		}
	}
	return n;
}

struct flush_arg {
	uint16_t obj;
	unsigned int flags;
};

static bool flush_test(uint64_t val, const void *arg)
{
	const struct flush_arg *a = arg;

	return (!a->obj || (uint16_t)val == a->obj) &&
	       (a->flags & FDB_STATICS_TOO || !(val & VAL_STATIC));
}

uint32_t fdb_flush(struct fdb *f, uint16_t obj, unsigned int flags)
{
	return remove_if(f, flush_test, &(struct flush_arg){ obj, flags });
}

void fdb_move(struct fdb *f, uint16_t from, uint16_t to)
{
	for (uint32_t b = 0; b < f->n_buckets; b++) {
		for (unsigned int i = 0; i < SLOTS; i++) {
			uint64_t val = load(&f->buckets[b].val[i]);

			/* a worker that got there first knows better */
			if ((uint16_t)val == from)
				__atomic_compare_exchange_n(&f->buckets[b].val[i], &val,
					val - from + to, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
		}
	}
}

struct age_arg {
	uint32_t now_s, age_s;
};

static bool age_test(uint64_t val, const void *arg)
{
	const struct age_arg *a = arg;

	/* signed: a worker's clock may be a moment ahead of ours */
	return !(val & VAL_STATIC) &&
	       (int32_t)(a->now_s - (uint32_t)(val >> 32)) > (int32_t)a->age_s;
}

uint32_t fdb_age(struct fdb *f, uint32_t now_s, uint32_t age_s)
{
	return remove_if(f, age_test, &(struct age_arg){ now_s, age_s });
}

void fdb_walk(const struct fdb *f, fdb_cb *cb, void *arg)
{
	for (uint32_t b = 0; b < f->n_buckets; b++) {
		for (unsigned int i = 0; i < SLOTS; i++) {
			const uint64_t key = load(&f->buckets[b].key[i]),
				       val = load(&f->buckets[b].val[i]);
			const struct fdb_entry e = { .mac = key - 1,
				.obj = (uint16_t)val,
				.is_static = val & VAL_STATIC,
				.seen_s = (uint32_t)(val >> 32) };

			if (key && (uint16_t)val && val_is_of(val, e.mac))
				cb(arg, &e);
		}
	}
}

uint32_t fdb_count(const struct fdb *f)
{
	return __atomic_load_n(&f->n, __ATOMIC_RELAXED);
}

uint64_t fdb_n_full(const struct fdb *f)
{
	return __atomic_load_n(&f->n_full, __ATOMIC_RELAXED);
}
