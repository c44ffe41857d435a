/* SPDX-License-Identifier: BSD-3-Clause */
/* Checksums against a byte-by-byte sum: odd lengths, odd addresses, odd segment boundaries. */
#include "unit/offload/offload_test.h"

#include "pkt/l4_csum.h"
#include "pkt/parse.h"
#include "wire/ip.h"

/* In host byte order and with 0 and 0xffff as one: both are zero in one's complement. */
static uint32_t norm(uint64_t sum)
{
	const uint16_t s = rte_be_to_cpu_16(csum_fold(sum));

	return s == 0xffff ? 0 : s;
}

static void test_bytes(void **state)
{
	static uint8_t buf[70000];
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (unsigned int i = 0; i < 20000; i++) {
		const uint32_t off = rnd_below(&r, 64),
			       n = rnd_below(&r, rnd_one_in(&r, 200) ? 65536 : 300);

		for (uint32_t j = 0; j < n; j++)
			buf[off + j] = rnd_one_in(&r, 3) ? 0xff : (uint8_t)rnd_u32(&r);
		assert_int_equal(
			norm(csum_bytes(buf + off, n, 0)), oracle_sum(buf + off, n, 0) % 0xffff);
		assert_int_equal(norm(csum_bytes(buf + off, n, ~0ull)),
			oracle_sum(buf + off, n, 0xffff) % 0xffff);
	}
}

static void test_chain(void **state)
{
	static uint8_t buf[5000];
	struct rnd r;

	(void)state;
	rnd_seed(&r, 2);
	for (uint32_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)rnd_u32(&r);
	for (unsigned int i = 0; i < 5000; i++) {
		const uint32_t n = 1 + rnd_below(&r, sizeof(buf)), off = rnd_below(&r, n),
			       len = rnd_below(&r, n - off + 1);
		struct rte_mbuf *m = chain_make(buf, n, rnd_below(&r, CHAIN_N_SHAPES), 1, &r);

		assert_int_equal(
			norm(csum_chain(m, off, len, 0)), oracle_sum(buf + off, len, 0) % 0xffff);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

static void test_l4(void **state)
{
	struct rnd r;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++) {
		struct pkt_layer *l;
		struct rte_mbuf *m;
		struct gen g;
		uint32_t at;

		rnd_seed(&r, i);
		gen_random(&g, &r, 2000);
		m = gen_pkt(&g, CHAIN_CUT, &r);
		l = &pkt_meta(m)->inner;
		assert_true(l4_csum_good(m, l));
		at = l4_csum_at(l) + rnd_below(&r, 2);
		rte_pktmbuf_mtod(m, uint8_t *)[at] ^= (uint8_t)(1 << rnd_below(&r, 8));
		assert_false(l4_csum_good(m, l) && g.l4 == PKT_L4_TCP);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* UDP's own length counts, not that of IP; one that is larger is never good. */
static void test_udp_length(void **state)
{
	static const struct {
		int len_off; /* from the true length */
		bool good;
	} rows[] = { { 0, true }, { -4, true }, { -1000, true }, { 1, false } };
	static uint8_t buf[GEN_MAX];
	struct gen g = gen_default;

	(void)state;
	g.l4 = PKT_L4_UDP;
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		const uint32_t n = gen_bytes(&g, buf), len = (uint32_t)(1008 + rows[i].len_off);
		uint8_t *const uh = buf + 34;
		struct rte_mbuf *m;
		uint32_t sum;

		uh[4] = (uint8_t)(len >> 8);
		uh[5] = (uint8_t)len;
		uh[6] = uh[7] = 0;
		sum = oracle_pseudo(buf + 14, 17, len);
		uh[6] = (uint8_t)(sum >> 8); /* owed */
		uh[7] = (uint8_t)sum;
		m = pkt_from_bytes(buf, n);
		pkt_parse(m, 0, &pkt_meta(m)->inner);
		pkt_owe_csum(&pkt_meta(m)->inner);
		assert_pkt_good(m);
		l4_csum_pay(m, &pkt_meta(m)->inner);
		assert_int_equal(l4_csum_good(m, &pkt_meta(m)->inner), rows[i].good);
		if (rows[i].good)
			assert_pkt_good(m);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* A UDP checksum that comes to 0 is written as 0xffff: 0 would say that there is none. */
static void test_udp_zero(void **state)
{
	struct gen g = gen_default;
	unsigned int n_found = 0;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	g.l4 = PKT_L4_UDP;
	g.plen = 2;
	for (uint32_t port = 0; port < 65536; port++) {
		struct rte_mbuf *m;

		g.sport = (uint16_t)port;
		m = gen_super(&g, 2, CHAIN_FLAT, &r);
		l4_csum_pay(m, &pkt_meta(m)->inner);
		assert_int_not_equal(*l4_csum_field(m, &pkt_meta(m)->inner), 0);
		n_found += *l4_csum_field(m, &pkt_meta(m)->inner) == 0xffff;
		assert_true(l4_csum_good(m, &pkt_meta(m)->inner));
		pkt_done(m);
	}
	assert_int_equal(n_found, 1);
	assert_true(eal_test_pools_full());
}

static void no_checksum(uint8_t l3, bool good)
{
	struct gen g = gen_default;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, 1);
	g.l3 = l3;
	g.l4 = PKT_L4_UDP;
	g.no_csum = true;
	m = gen_pkt(&g, CHAIN_FLAT, &r);
	assert_int_equal(l4_csum_good(m, &pkt_meta(m)->inner), good);
	pkt_done(m);
}

static void test_udp_without(void **state)
{
	(void)state;
	no_checksum(PKT_L3_IPV4, true);
	no_checksum(PKT_L3_IPV6, false); /* RFC 8200, 8.1 */
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_l4),
		cmocka_unit_test(test_udp_length),
		cmocka_unit_test(test_udp_zero),
		cmocka_unit_test(test_udp_without),
	};

	return cmocka_run_group_tests_name("csum", tests, eal_test_setup, eal_test_teardown);
}
