/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every implementation of the Internet checksum against a byte-by-byte sum.  Sums are compared
 * exactly, 0 and 0xffff apart: only zeros may give 0, or good packets would be taken for bad.
 */
#include "unit/offload/offload_test.h"

#include <errno.h>

#include "lib/fence.h"
#include "pkt/csum.h"
#include "pkt/csum_impl.h"

#define N_TAIL	   64 /* bytes around a copy that must stay */
#define MAX_LEN	   70000
#define RESULT_MAX (1ull << 34)

enum fill {
	FILL_RANDOM,
	FILL_ONES,
	FILL_MOSTLY_ONES,
	FILL_ZERO,
	N_FILLS
};

static uint8_t src_buf[MAX_LEN + 64], dst_buf[MAX_LEN + 64 + 2 * N_TAIL];

static void fill(uint8_t *p, size_t n, enum fill how, struct rnd *r)
{
	for (size_t i = 0; i < n; i++)
		p[i] = how == FILL_ZERO				       ? 0
		       : how == FILL_ONES			       ? 0xff
		       : how == FILL_MOSTLY_ONES && !rnd_one_in(r, 40) ? 0xff
								       : (uint8_t)rnd_u32(r);
}

static uint16_t folded(uint64_t sum)
{
	assert_true(sum < RESULT_MAX);
	return rte_be_to_cpu_16(csum_fold(sum));
}

static const struct csum_impl *impl_of(void **state)
{
	const struct csum_impl *im = *state;

	if (!im->supported)
		skip();
	assert_int_equal(csum_use(im->name), 0);
	return im;
}

/* The bytes arrived at dst_buf + N_TAIL + d_off, and nothing else did. */
static void check_dst(const uint8_t *src, size_t n, size_t d_off)
{
	const uint8_t *const dst = dst_buf + N_TAIL + d_off;

	assert_memory_equal(dst, src, n);
	for (size_t i = 1; i <= N_TAIL; i++) {
		assert_int_equal(dst[-(ptrdiff_t)i], 0xa5);
		assert_int_equal(dst[n + i - 1], 0xa5);
	}
}

/* All ways to sum @n bytes at @p, of which @want is the sum from 0. */
static void check_all(
	const struct csum_impl *im, const uint8_t *p, size_t n, uint32_t want, struct rnd *r)
{
	const size_t d_off = rnd_below(r, 64);
	const uint64_t seed = rnd_one_in(r, 2) ? ~0ull : rnd_u32(r);
	uint64_t seeded = want;

	assert_int_equal(folded(im->sum(p, n, 0)), want);
	assert_int_equal(folded(csum_bytes(p, n, 0)), want);
	seeded += rte_be_to_cpu_16(csum_fold(seed));
	seeded = (seeded & 0xffff) + (seeded >> 16);
	assert_int_equal(folded(im->sum(p, n, seed)), seeded);
	assert_int_equal(folded(csum_bytes(p, n, seed)), seeded);

	memset(dst_buf + d_off, 0xa5, n + 2 * N_TAIL);
	assert_int_equal(folded(im->copy(dst_buf + N_TAIL + d_off, p, n, seed)), seeded);
	check_dst(p, n, d_off);
	memset(dst_buf + d_off, 0xa5, n + 2 * N_TAIL);
	assert_int_equal(folded(csum_copy(dst_buf + N_TAIL + d_off, p, n, 0)), want);
	check_dst(p, n, d_off);
}

static void test_alignments(void **state)
{
	const struct csum_impl *im = impl_of(state);
	struct rnd r;

	rnd_seed(&r, 1);
	for (enum fill how = 0; how < N_FILLS; how++) {
		fill(src_buf, 64 + 400, how, &r);
		for (size_t off = 0; off < 64; off++) {
			const uint8_t *const p = src_buf + off;
			uint32_t sum = 0;

			for (size_t n = 0; n <= 320; n++) {
				check_all(im, p, n, (sum & 0xffff) + (sum >> 16), &r);
				sum += n & 1 ? p[n] : (uint32_t)p[n] << 8;
				sum = (sum & 0xffff) + (sum >> 16);
			}
		}
	}
}

static void test_long(void **state)
{
	const struct csum_impl *im = impl_of(state);
	struct rnd r;

	rnd_seed(&r, 2);
	for (unsigned int i = 0; i < 300; i++) {
		const uint32_t off = rnd_below(&r, 64),
			       n = i == 0 ? MAX_LEN : rnd_below(&r, i & 1 ? 3000 : MAX_LEN);

		fill(src_buf + off, n, i % N_FILLS, &r);
		check_all(im, src_buf + off, n, oracle_sum(src_buf + off, n, 0), &r);
	}
}

/* Not a byte is read or written in front of or behind what was given. */
static void test_bounds(void **state)
{
	const struct csum_impl *im = impl_of(state);
	struct fence s, d;
	struct rnd r;

	rnd_seed(&r, 3);
	fence_make(&s, 2);
	fence_make(&d, 2);
	fill(s.start, (size_t)(s.end - s.start), FILL_RANDOM, &r);
	for (uint32_t n = 0; n <= 2500; n++) {
		const uint32_t at_start = oracle_sum(s.start, n, 0),
			       at_end = oracle_sum(s.end - n, n, 0);

		assert_int_equal(folded(im->sum(s.start, n, 0)), at_start);
		assert_int_equal(folded(im->sum(s.end - n, n, 0)), at_end);
		assert_int_equal(folded(im->copy(d.end - n, s.start, n, 0)), at_start);
		assert_int_equal(folded(im->copy(d.start, s.end - n, n, 0)), at_end);
		assert_int_equal(folded(csum_bytes(s.end - n, n, 0)), at_end);
		assert_int_equal(folded(csum_copy(d.end - n, s.end - n, n, 0)), at_end);
	}
	fence_free(&s);
	fence_free(&d);
}

/* Sums of parts are the sum of the whole when all parts but the last have even lengths. */
static void test_parts(void **state)
{
	struct rnd r;

	impl_of(state);
	rnd_seed(&r, 4);
	fill(src_buf, 5000, FILL_MOSTLY_ONES, &r);
	for (unsigned int i = 0; i < 2000; i++) {
		const uint32_t n = rnd_below(&r, 5000), cut = rnd_below(&r, n + 1) & ~1u;

		assert_int_equal(
			folded(csum_bytes(src_buf + cut, n - cut, csum_bytes(src_buf, cut, 0))),
			oracle_sum(src_buf, n, 0));
	}
}

static void test_use(void **state)
{
	const struct csum_impl *im;
	unsigned int n;

	(void)state;
	im = csum_impls(&n);
	assert_true(n > 0);
	assert_string_equal(im[0].name, "portable");
	assert_true(im[0].supported);
	for (unsigned int i = 0; i < n; i++) {
		const bool ok = im[i].supported;

		assert_int_equal(csum_use("portable"), 0);
		assert_int_equal(csum_use(im[i].name), ok ? 0 : -ENOTSUP);
		assert_ptr_equal(csum_long_sum, ok ? im[i].sum : im[0].sum);
		assert_ptr_equal(csum_long_copy, ok ? im[i].copy : im[0].copy);
	}
	assert_int_equal(csum_use("none"), -ENOENT);
}

/* Before anyone chose, the last one of the table that this machine can run is in use. */
static void test_chosen(void **state)
{
	const struct csum_impl *im, *best = NULL;
	unsigned int n;

	(void)state;
	im = csum_impls(&n);
	for (unsigned int i = 0; i < n; i++)
		if (im[i].supported)
			best = &im[i];
	assert_ptr_equal(csum_long_sum, best->sum);
	assert_ptr_equal(csum_long_copy, best->copy);
}

int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction f;
	} each[] = { { "alignments", test_alignments }, { "long", test_long },
		{ "bounds", test_bounds }, { "parts", test_parts } };
	static struct CMUnitTest tests[2 + 8 * RTE_DIM(each)] = {
		cmocka_unit_test(test_chosen), /* first: the others choose */
		cmocka_unit_test(test_use),
	};
	static char names[8 * RTE_DIM(each)][32];
	const struct csum_impl *im;
	unsigned int n, k = 0;

	im = csum_impls(&n);
	assert_true(n <= 8);
	for (unsigned int i = 0; i < n; i++)
		for (size_t j = 0; j < RTE_DIM(each); j++, k++) {
			snprintf(names[k], sizeof(names[k]), "%s %s", im[i].name, each[j].name);
			tests[2 + k] = (struct CMUnitTest){ names[k], each[j].f, NULL, NULL,
				(void *)(uintptr_t)&im[i] };
		}
	return cmocka_run_group_tests_name("csum_sum", tests, NULL, NULL);
}
