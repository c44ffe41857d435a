/* SPDX-License-Identifier: BSD-3-Clause */
/* DSCP and ECN on decapsulation (RFC 6040), for every inner header and every shape of buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "pkt/parse.h"
#include "tunnel/ecn.h"

#define DROP_IT -1

/* Rows: inner Not-ECT, ECT(1), ECT(0), CE; columns: outer likewise. */
static const int rfc6040[4][4] = {
	{ 0, 0, 0, DROP_IT },
	{ 1, 1, 1, 3 },
	{ 2, 1, 2, 3 },
	{ 3, 3, 3, 3 },
};

static struct gen gens[8];
static unsigned int n_gens;

static void make_gens(void)
{
	struct gen g = gen_default;

	n_gens = 0;
	gens[n_gens++] = g;
	g.opt_words = 10; /* the longest IPv4 header */
	gens[n_gens++] = g;
	g.l4 = PKT_L4_UDP;
	g.n_vlan = 2;
	gens[n_gens++] = g;
	g.frag_off = 0x2000; /* a fragment: no L4 */
	gens[n_gens++] = g;
	g = gen_default;
	g.l3 = PKT_L3_IPV6;
	gens[n_gens++] = g;
	g.ext = GEN_EXT_HOP | GEN_EXT_DST;
	gens[n_gens++] = g;
}

/* One combination; the frame is as before but for the one byte and what covers it. */
static void one(const struct gen *in, unsigned int inner, unsigned int outer, bool copy_dscp,
	enum chain_shape shape, struct rnd *r)
{
	static uint8_t now[GEN_MAX], want[GEN_MAX];
	const int ecn = rfc6040[inner & 3][outer & 3];
	struct gen g = *in;
	struct rte_mbuf *m, *shared;
	uint32_t n;
	int rc;

	g.tos = (uint8_t)inner;
	m = gen_pkt(&g, shape, r);
	shared = pkt_clone(m); /* somebody else reads the same bytes */
	rc = ecn_decap(&m, (uint8_t)outer, copy_dscp);
	assert_int_equal(rc, ecn == DROP_IT ? -EINVAL : 0);
	n = gen_bytes(&g, want);
	assert_int_equal(chain_bytes(shared, now), n);
	assert_memory_equal(now, want, n);
	if (!rc) {
		const char *wrong = oracle_check(m);

		if (wrong)
			fail_msg("%s", wrong);
		g.tos = (uint8_t)(((copy_dscp ? outer : inner) & ~3u) | (unsigned int)ecn);
		gen_bytes(&g, want);
		assert_int_equal(chain_bytes(m, now), n);
		assert_memory_equal(now, want, n);
	}
	pkt_done(shared);
	pkt_done(m);
}

static void test_table(void **state)
{
	struct rnd r;

	(void)state;
	rnd_seed(&r, 3);
	make_gens();
	for (unsigned int i = 0; i < n_gens; i++)
		for (unsigned int inner = 0; inner < 256; inner += inner < 8 ? 1 : 13)
			for (unsigned int outer = 0; outer < 256; outer += outer < 8 ? 1 : 29)
				for (unsigned int copy = 0; copy < 2; copy++)
					one(&gens[i], inner, outer, copy,
						(enum chain_shape)rnd_below(&r, CHAIN_N_SHAPES),
						&r);
	assert_true(eal_test_pools_full());
}

static void test_frame_without_ip(void **state)
{
	uint8_t bytes[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x06 };
	struct rte_mbuf *m = pkt_from_bytes(bytes, sizeof(bytes));

	(void)state;
	pkt_parse(m, 0, &pkt_meta(m)->inner);
	assert_int_equal(ecn_decap(&m, 3, true), 0);
	assert_memory_equal(rte_pktmbuf_mtod(m, void *), bytes, sizeof(bytes));
	pkt_done(m);
}

/* A wrong header checksum stays as wrong as it was. */
static void test_wrong_header_checksum_stays_wrong(void **state)
{
	static uint8_t now[GEN_MAX], want[GEN_MAX];
	struct gen g = gen_default;
	struct rte_mbuf *m;
	uint32_t n, diff;

	(void)state;
	g.tos = 2;
	m = gen_pkt(&g, CHAIN_FLAT, NULL);
	rte_pktmbuf_mtod(m, uint8_t *)[14 + 10] ^= 0x10;
	assert_int_equal(ecn_decap(&m, 3, false), 0);
	g.tos = 3;
	n = gen_bytes(&g, want);
	diff = oracle_sum(want + 14, 20, 0);
	assert_int_equal(diff, 0xffff);
	chain_bytes(m, now);
	assert_int_not_equal(oracle_sum(now + 14, 20, 0), 0xffff);
	assert_memory_equal(now + 34, want + 34, n - 34);
	pkt_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_frame_without_ip),
		cmocka_unit_test(test_wrong_header_checksum_stays_wrong),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
