/* SPDX-License-Identifier: BSD-3-Clause */
/* Every implementation of CRC32c against the definition, bit by bit, and against RFC 3720, B.4. */
#include "unit/offload/offload_test.h"

#include <errno.h>

#include "lib/fence.h"
#include "pkt/crc32c.h"
#include "pkt/crc32c_impl.h"

#define N_TAIL	64 /* bytes around a copy that must stay */
#define MAX_LEN 70000

static uint8_t src_buf[MAX_LEN + 64], dst_buf[MAX_LEN + 64 + 2 * N_TAIL];

/* By definition: the register after one more byte. */
static uint32_t oracle_step(uint32_t reg, uint8_t b)
{
	for (unsigned int i = 0; i < 8; i++) {
		const uint32_t bit = (reg ^ (uint32_t)(b >> i)) & 1;

		reg = reg >> 1 ^ (bit ? 0x82f63b78u : 0);
	}
	return reg;
}

static uint32_t oracle_crc(const uint8_t *p, size_t n)
{
	uint32_t reg = ~0u;

	for (size_t i = 0; i < n; i++)
		reg = oracle_step(reg, p[i]);
	return ~reg;
}

static void fill(uint8_t *p, size_t n, bool ones, struct rnd *r)
{
	for (size_t i = 0; i < n; i++)
		p[i] = ones ? 0xff : (uint8_t)rnd_u32(r);
}

static void use_impl(void **state)
{
	const struct crc32c_impl *im = *state;

	if (!im->supported)
		skip();
	assert_int_equal(crc32c_use(im->name), 0);
}

/* Sum and copy @n bytes at @p, of which @want is the CRC. */
static void check_all(const uint8_t *p, size_t n, uint32_t want, struct rnd *r)
{
	const size_t d_off = rnd_below(r, 64);
	uint8_t *const dst = dst_buf + N_TAIL + d_off;

	assert_int_equal(crc32c(0, p, n), want);
	memset(dst_buf + d_off, 0xa5, n + 2 * N_TAIL);
	assert_int_equal(crc32c_copy(dst, p, n, 0), want);
	assert_memory_equal(dst, p, n);
	for (size_t i = 1; i <= N_TAIL; i++) {
		assert_int_equal(dst[-(ptrdiff_t)i], 0xa5);
		assert_int_equal(dst[n + i - 1], 0xa5);
	}
}

static void test_alignments(void **state)
{
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 1);
	for (unsigned int ones = 0; ones < 2; ones++) {
		fill(src_buf, 64 + 800, ones, &r);
		for (size_t off = 0; off < 64; off++) {
			uint32_t reg = ~0u;

			for (size_t n = 0; n <= 700; n++) {
				check_all(src_buf + off, n, ~reg, &r);
				reg = oracle_step(reg, src_buf[off + n]);
			}
		}
	}
}

static void test_long(void **state)
{
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 2);
	for (unsigned int i = 0; i < 100; i++) {
		const uint32_t off = rnd_below(&r, 64),
			       n = i == 0 ? MAX_LEN : rnd_below(&r, i & 1 ? 10000 : MAX_LEN);

		fill(src_buf + off, n, i % 4 == 0, &r);
		check_all(src_buf + off, n, oracle_crc(src_buf + off, n), &r);
	}
}

/* A CRC goes on where it ended, whatever the lengths of the parts. */
static void test_parts(void **state)
{
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 3);
	fill(src_buf, 5000, false, &r);
	for (unsigned int i = 0; i < 1000; i++) {
		const uint32_t n = rnd_below(&r, 5000), cut = rnd_below(&r, n + 1);
		const uint32_t first = crc32c(0, src_buf, cut), want = oracle_crc(src_buf, n);

		assert_int_equal(crc32c(first, src_buf + cut, n - cut), want);
		assert_int_equal(crc32c_copy(dst_buf, src_buf + cut, n - cut, first), want);
	}
}

/* Not a byte is read or written in front of or behind what was given. */
static void test_bounds(void **state)
{
	struct fence s, d;
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 4);
	fence_make(&s, 2);
	fence_make(&d, 2);
	fill(s.start, (size_t)(s.end - s.start), false, &r);
	for (uint32_t n = 0; n <= 1500; n++) {
		const uint32_t at_start = oracle_crc(s.start, n), at_end = oracle_crc(s.end - n, n);

		assert_int_equal(crc32c(0, s.start, n), at_start);
		assert_int_equal(crc32c(0, s.end - n, n), at_end);
		assert_int_equal(crc32c_copy(d.end - n, s.start, n, 0), at_start);
		assert_int_equal(crc32c_copy(d.start, s.end - n, n, 0), at_end);
	}
	fence_free(&s);
	fence_free(&d);
}

static void test_chain(void **state)
{
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 5);
	fill(src_buf, 9000, false, &r);
	for (unsigned int i = 0; i < 3000; i++) {
		const uint32_t n = 1 + rnd_below(&r, 9000), off = rnd_below(&r, n + 1),
			       len = rnd_below(&r, n - off + 1);
		struct rte_mbuf *m = chain_make(src_buf, n, rnd_below(&r, CHAIN_N_SHAPES), 1, &r);

		assert_int_equal(crc32c_chain(m, off, len, 0), oracle_crc(src_buf + off, len));
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* A chain that is nothing but 1-byte segments. */
static void test_chain_bytes(void **state)
{
	struct rte_mbuf *m;
	struct rnd r;

	use_impl(state);
	rnd_seed(&r, 6);
	fill(src_buf, 100, false, &r);
	m = pkt_from_bytes(src_buf, 1);
	assert_non_null(m);
	for (uint32_t i = 1; i < 100; i++) {
		struct rte_mbuf *one = pkt_from_bytes(src_buf + i, 1);

		assert_non_null(one);
		pkt_append(m, one);
	}
	for (uint32_t off = 0; off <= 100; off++)
		for (uint32_t len = 0; len <= 100 - off; len++)
			assert_int_equal(
				crc32c_chain(m, off, len, 0), oracle_crc(src_buf + off, len));
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

/* RFC 3720, B.4, which prints the least significant byte first. */
static void test_rfc3720(void **state)
{
	static const uint8_t read_10[48] = { [0] = 0x01,
		[1] = 0xc0,
		[16] = 0x14,
		[22] = 0x04,
		[27] = 0x14,
		[31] = 0x18,
		[32] = 0x28,
		[40] = 0x02 };
	uint8_t b[32];

	use_impl(state);
	memset(b, 0, sizeof(b));
	assert_int_equal(crc32c(0, b, sizeof(b)), 0x8a9136aa);
	memset(b, 0xff, sizeof(b));
	assert_int_equal(crc32c(0, b, sizeof(b)), 0x62a8ab43);
	for (unsigned int i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	assert_int_equal(crc32c(0, b, sizeof(b)), 0x46dd794e);
	for (unsigned int i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(31 - i);
	assert_int_equal(crc32c(0, b, sizeof(b)), 0x113fdb5c);
	assert_int_equal(crc32c(0, read_10, sizeof(read_10)), 0xd9963a56);
}

static void test_use(void **state)
{
	const struct crc32c_impl *im;
	unsigned int n;

	(void)state;
	im = crc32c_impls(&n);
	assert_true(n > 0);
	assert_string_equal(im[0].name, "portable");
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(crc32c_use(im[i].name), im[i].supported ? 0 : -ENOTSUP);
	assert_int_equal(crc32c_use("none"), -ENOENT);
}

int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction f;
	} each[] = { { "rfc3720", test_rfc3720 }, { "alignments", test_alignments },
		{ "long", test_long }, { "parts", test_parts }, { "bounds", test_bounds },
		{ "chain", test_chain }, { "chain of bytes", test_chain_bytes } };
	static struct CMUnitTest tests[1 + 8 * RTE_DIM(each)] = { cmocka_unit_test(test_use) };
	static char names[8 * RTE_DIM(each)][32];
	const struct crc32c_impl *im;
	unsigned int n, k = 0;

	im = crc32c_impls(&n);
	assert_true(n <= 8);
	for (unsigned int i = 0; i < n; i++)
		for (size_t j = 0; j < RTE_DIM(each); j++, k++) {
			snprintf(names[k], sizeof(names[k]), "%s %s", im[i].name, each[j].name);
			tests[1 + k] = (struct CMUnitTest){ names[k], each[j].f, NULL, NULL,
				(void *)(uintptr_t)&im[i] };
		}
	return cmocka_run_group_tests_name("crc32c", tests, eal_test_setup, eal_test_teardown);
}
