/* SPDX-License-Identifier: BSD-3-Clause */
/* The forwarding data base by itself: tables of what is known, bounds, and threads that race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "dp/fdb.h"
#include "lib/rnd.h"

#define MAC(n) (0x020000000000ull + (n))

static void test_learn_and_look_up(void **state)
{
	struct fdb *f = fdb_create(64);

	(void)state;
	assert_int_equal(fdb_lookup(f, MAC(1)), FDB_MISS);
	fdb_learn(f, MAC(1), 5, 10);
	assert_int_equal(fdb_lookup(f, MAC(1)), 5);
	assert_int_equal(fdb_lookup(f, MAC(2)), FDB_MISS);
	fdb_learn(f, MAC(1), 6, 10);
	assert_int_equal(fdb_lookup(f, MAC(1)), 6);
	assert_int_equal(fdb_count(f), 1);
	assert_int_equal(fdb_remove(f, MAC(1)), 0);
	assert_int_equal(fdb_remove(f, MAC(1)), -ENOENT);
	assert_int_equal(fdb_lookup(f, MAC(1)), FDB_MISS);
	assert_int_equal(fdb_count(f), 0);
	fdb_destroy(f);
}

static void test_extreme_keys(void **state)
{
	static const uint64_t macs[] = { 1, 0xfeffffffffff, 0x7fffffff, 0x80000000, 0xffffffff };
	struct fdb *f = fdb_create(16);

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		fdb_learn(f, macs[i], (uint16_t)(0xffff - i), UINT32_MAX);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(fdb_lookup(f, macs[i]), 0xffff - i);
	fdb_destroy(f);
}

static void test_static(void **state)
{
	struct fdb *f = fdb_create(16);

	(void)state;
	fdb_learn(f, MAC(1), 3, 0);
	assert_int_equal(fdb_set_static(f, MAC(1), 4, 0), 0);
	fdb_learn(f, MAC(1), 3, 1);
	assert_int_equal(fdb_lookup(f, MAC(1)), 4);
	assert_int_equal(fdb_age(f, 100000, 10), 0);
	assert_int_equal(fdb_flush(f, 0, 0), 0);
	assert_int_equal(fdb_flush(f, 3, FDB_STATICS_TOO), 0);
	assert_int_equal(fdb_lookup(f, MAC(1)), 4);
	assert_int_equal(fdb_flush(f, 4, FDB_STATICS_TOO), 1);
	assert_int_equal(fdb_count(f), 0);
	fdb_destroy(f);
}

static void test_ageing(void **state)
{
	static const struct {
		uint32_t seen, now, age;
		int goes;
	} rows[] = {
		{ 100, 100, 300, 0 },
		{ 100, 400, 300, 0 },
		{ 100, 401, 300, 1 },
		{ 101, 100, 300, 0 },		  /* a worker's clock is ahead */
		{ UINT32_MAX - 10, 289, 300, 0 }, /* the clock wraps */
		{ UINT32_MAX - 10, 290, 300, 1 },
		{ 0, 1000000, 1000000, 0 },
		{ 0, 1000001, 1000000, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fdb *f = fdb_create(16);

		fdb_learn(f, MAC(1), 3, rows[i].seen);
		assert_int_equal(fdb_age(f, rows[i].now, rows[i].age), rows[i].goes);
		assert_int_equal(fdb_count(f), !rows[i].goes);
		fdb_destroy(f);
	}
}

static void test_move(void **state)
{
	struct fdb *f = fdb_create(64);

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		fdb_learn(f, MAC(i), i % 2 ? 7 : 8, 55);
	fdb_set_static(f, MAC(100), 7, 55);
	fdb_move(f, 7, 9);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(fdb_lookup(f, MAC(i)), i % 2 ? 9 : 8);
	assert_int_equal(fdb_lookup(f, MAC(100)), 9);
	fdb_learn(f, MAC(100), 8, 56); /* is static still */
	assert_int_equal(fdb_lookup(f, MAC(100)), 9);
	assert_int_equal(fdb_flush(f, 7, FDB_STATICS_TOO), 0);
	fdb_destroy(f);
}

static void test_bound(void **state)
{
	struct fdb *f = fdb_create(1000);
	unsigned int n_known = 0;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++)
		fdb_learn(f, MAC(i), 1, 0);
	assert_true(fdb_count(f) <= 1000);
	assert_int_equal(fdb_count(f) + fdb_n_full(f), 5000);
	for (unsigned int i = 0; i < 5000; i++)
		n_known += fdb_lookup(f, MAC(i)) == 1;
	assert_int_equal(n_known, fdb_count(f));
	/* the bound is reached in all but very few cases of two full buckets */
	assert_true(fdb_count(f) > 990);
	fdb_destroy(f);
}

struct sum {
	uint64_t mac, n;
};

static void add_entry(void *arg, const struct fdb_entry *e)
{
	struct sum *s = arg;

	s->mac += e->mac;
	s->n++;
	assert_int_equal(e->obj, 1 + e->mac % 9);
	assert_int_equal(e->is_static, e->mac % 2);
	assert_int_equal(e->seen_s, 77);
}

static void test_walk(void **state)
{
	struct fdb *f = fdb_create(512);
	struct sum s = { 0 };
	uint64_t want = 0;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		const uint16_t obj = (uint16_t)(1 + MAC(i) % 9);

		if (i % 2)
			fdb_set_static(f, MAC(i), obj, 77);
		else
			fdb_learn(f, MAC(i), obj, 77);
		want += MAC(i);
	}
	fdb_walk(f, add_entry, &s);
	assert_int_equal(s.n, 200);
	assert_true(s.mac == want);
	fdb_destroy(f);
}

/* A model that is obviously right, and many random operations on both. */
static void test_against_a_model(void **state)
{
	enum {
		N = 64
	};
	struct fdb *f = fdb_create(256);
	uint16_t obj[N] = { 0 };
	uint32_t seen[N] = { 0 };
	int is_static[N] = { 0 };
	struct rnd r;
	uint32_t now = 1000;

	(void)state;
	rnd_seed(&r, 1);
	for (unsigned int step = 0; step < 200000; step++) {
		const unsigned int i = rnd_below(&r, N);
		const uint16_t o = (uint16_t)(1 + rnd_below(&r, 5));

		switch (rnd_below(&r, 40)) {
		case 0:
			assert_int_equal(fdb_set_static(f, MAC(i), o, now), 0);
			obj[i] = o;
			is_static[i] = 1;
			break;
		case 1:
			assert_int_equal(fdb_remove(f, MAC(i)), obj[i] ? 0 : -ENOENT);
			obj[i] = 0;
			is_static[i] = 0;
			break;
		case 2:
			now += 10;
			fdb_age(f, now, 30);
			for (unsigned int k = 0; k < N; k++)
				if (!is_static[k] && now - seen[k] > 30)
					obj[k] = 0;
			break;
		case 3:
			fdb_flush(f, o, 0);
			for (unsigned int k = 0; k < N; k++)
				if (!is_static[k] && obj[k] == o)
					obj[k] = 0;
			break;
		default:
			fdb_learn(f, MAC(i), o, now);
			if (!is_static[i]) {
				obj[i] = o;
				seen[i] = now;
			}
		}
		assert_int_equal(fdb_lookup(f, MAC(i)), obj[i]);
	}
	fdb_destroy(f);
}

/* ---- threads ---- */

#define STRESS_MACS   256
#define STRESS_ROUNDS 200000

struct stress {
	struct fdb *f;
	uint64_t seed;
	unsigned int n_wrong, n_hit;
	int *stop;
};

/* Stations never move: whatever a lookup says must be where the station is. */
static uint16_t home(uint32_t i)
{
	return (uint16_t)(1 + i % 250);
}

static void *learner(void *arg)
{
	struct stress *s = arg;
	struct rnd r;

	rnd_seed(&r, s->seed);
	for (unsigned int n = 0; n < STRESS_ROUNDS; n++) {
		const uint32_t i = rnd_below(&r, STRESS_MACS), k = rnd_below(&r, STRESS_MACS);
		uint16_t obj;

		fdb_learn(s->f, MAC(i), home(i), n);
		obj = fdb_lookup(s->f, MAC(k));
		s->n_wrong += obj != FDB_MISS && obj != home(k);
		s->n_hit += obj != FDB_MISS;
	}
	return NULL;
}

static void *flusher(void *arg)
{
	struct stress *s = arg;
	struct rnd r;

	rnd_seed(&r, s->seed);
	while (!__atomic_load_n(s->stop, __ATOMIC_RELAXED)) {
		const uint32_t i = rnd_below(&r, STRESS_MACS);

		if (rnd_one_in(&r, 64))
			fdb_flush(s->f, home(i), 0);
		else
			fdb_remove(s->f, MAC(i));
	}
	return NULL;
}

static void test_threads(void **state)
{
	/* a small table, so that slots go from one address to another all the time */
	struct fdb *f = fdb_create(STRESS_MACS / 2);
	int stop = 0;
	struct stress s[3] = { { .f = f, .seed = 1 }, { .f = f, .seed = 2 },
		{ .f = f, .seed = 3, .stop = &stop } };
	pthread_t t[3];

	(void)state;
	assert_int_equal(pthread_create(&t[2], NULL, flusher, &s[2]), 0);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, learner, &s[i]), 0);
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(t[2], NULL);
	assert_int_equal(s[0].n_wrong + s[1].n_wrong, 0);
	assert_true(s[0].n_hit + s[1].n_hit > 1000);
	/* nothing is left over when all are removed, not even what two learned at once */
	for (uint32_t i = 0; i < STRESS_MACS; i++)
		fdb_remove(f, MAC(i));
	assert_int_equal(fdb_count(f), 0);
	fdb_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learn_and_look_up),
		cmocka_unit_test(test_extreme_keys),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_ageing),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_against_a_model),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
