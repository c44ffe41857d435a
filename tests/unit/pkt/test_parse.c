/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser: what it finds in good frames, what it leaves out of bad ones, and that it only reads.
 */
#include "unit/offload/offload_test.h"

#include "pkt/parse.h"

struct parse_case {
	const char *name;
	uint8_t n_vlan, l3, ext, opt_words, l4, topt_words;
	/* one byte set, counted from the start of the named header; at 0 with no value: none */
	enum {
		NOWHERE,
		ETH,
		L3,
		L4
	} where;
	uint16_t at;
	uint8_t value;
	uint8_t want_l3, want_l4;
};

#define V4  PKT_L3_IPV4
#define V6  PKT_L3_IPV6
#define TCP PKT_L4_TCP
#define UDP PKT_L4_UDP

static const struct parse_case cases[] = {
	{ "tcp4", 0, V4, 0, 0, TCP, 0, NOWHERE, 0, 0, V4, TCP },
	{ "tcp4_options", 0, V4, 0, 10, TCP, 10, NOWHERE, 0, 0, V4, TCP },
	{ "udp4_vlan", 1, V4, 0, 0, UDP, 0, NOWHERE, 0, 0, V4, UDP },
	{ "tcp6_qinq", 2, V6, 0, 0, TCP, 3, NOWHERE, 0, 0, V6, TCP },
	{ "udp6_all_ext_headers", 0, V6, 7, 0, UDP, 0, NOWHERE, 0, 0, V6, UDP },
	{ "three_tags_are_too_many", 2, V4, 0, 0, TCP, 0, ETH, 20, 0x81, 0, 0 },
	{ "arp", 0, V4, 0, 0, TCP, 0, ETH, 13, 0x06, 0, 0 },
	{ "ipv4_version_5", 0, V4, 0, 0, TCP, 0, L3, 0, 0x55, 0, 0 },
	{ "ipv4_header_of_16_bytes", 0, V4, 0, 0, TCP, 0, L3, 0, 0x44, 0, 0 },
	{ "ipv4_length_below_header", 0, V4, 0, 0, TCP, 0, L3, 3, 19, 0, 0 },
	{ "ipv4_length_beyond_frame", 0, V4, 0, 0, TCP, 0, L3, 2, 0xff, 0, 0 },
	{ "ipv4_first_fragment", 0, V4, 0, 0, UDP, 0, L3, 6, 0x20, V4, 0 },
	{ "ipv4_later_fragment", 0, V4, 0, 0, TCP, 0, L3, 7, 0x01, V4, 0 },
	{ "ipv4_icmp", 0, V4, 0, 0, TCP, 0, L3, 9, 1, V4, 0 },
	{ "ipv6_version_4", 0, V6, 0, 0, TCP, 0, L3, 0, 0x40, 0, 0 },
	{ "ipv6_length_beyond_frame", 0, V6, 0, 0, TCP, 0, L3, 4, 0xff, 0, 0 },
	{ "ipv6_fragment", 0, V6, 0, 0, TCP, 0, L3, 6, 44, V6, 0 },
	{ "ipv6_no_next_header", 0, V6, 0, 0, TCP, 0, L3, 6, 59, V6, 0 },
	{ "ipv6_icmp", 0, V6, 0, 0, TCP, 0, L3, 6, 58, V6, 0 },
	{ "ipv6_ext_beyond_end", 0, V6, 1, 0, TCP, 0, L3, 41, 0xff, V6, 0 },
	{ "tcp_header_of_16_bytes", 0, V4, 0, 0, TCP, 0, L4, 12, 0x40, V4, 0 },
	{ "udp_length_7", 0, V6, 0, 0, UDP, 0, L4, 5, 7, V6, 0 },
	{ "udp_length_0", 0, V4, 0, 0, UDP, 0, L4, 5, 0, V4, 0 },
};

static void test_rows(void **state)
{
	static uint8_t buf[GEN_MAX];
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		const struct parse_case *c = &cases[i];
		struct gen g = gen_default;
		uint32_t n, at;

		print_message("%s\n", c->name);
		g.n_vlan = c->n_vlan;
		g.l3 = c->l3;
		g.ext = c->ext;
		g.opt_words = c->opt_words;
		g.l4 = c->l4;
		g.topt_words = c->topt_words;
		g.plen = 100;
		n = gen_bytes(&g, buf);
		at = c->at;
		if (c->where != ETH)
			at += 14 + 4u * g.n_vlan;
		if (c->where == L4)
			at += c->l3 == V4 ? 20 : 40;
		if (c->where != NOWHERE)
			buf[at] = c->value;
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			struct rte_mbuf *m;

			rnd_seed(&r, i * 7 + shape);
			m = chain_make(buf, n, shape, gen_hlen(&g), &r);
			pkt_parse(m, 0, &pkt_meta(m)->inner);
			assert_int_equal(pkt_meta(m)->inner.l3, c->want_l3);
			assert_int_equal(pkt_meta(m)->inner.l4, c->want_l4);
			assert_pkt_good(m);
			pkt_done(m);
		}
	}
	assert_true(eal_test_pools_full());
}

/* However the frame is cut off or into segments: no header is claimed that is not whole in the
 * first one. */
static void test_cut_anywhere(void **state)
{
	static uint8_t buf[GEN_MAX];
	static struct flat before;
	struct gen g = gen_default;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (unsigned int i = 0; i < 8; i++) {
		uint32_t n;

		gen_random(&g, &r, 20);
		g.tun_hlen = 0;
		n = gen_bytes(&g, buf);
		for (uint32_t first = 1; first <= n; first++) {
			for (uint32_t len = first; len <= n; len += 1 + rnd_below(&r, 9)) {
				struct rte_mbuf *m = chain_make(buf, len, CHAIN_EXACT, first, &r);

				flat_of(m, &before);
				pkt_parse(m, 0, &pkt_meta(m)->inner);
				assert_int_not_equal(pkt_flow_hash(m, &pkt_meta(m)->inner), 0);
				assert_pkt_good(m);
				assert_bytes(m, &before);
				pkt_done(m);
			}
		}
	}
	assert_true(eal_test_pools_full());
}

/* Flows are told apart by what names them; what differs from packet to packet does not count. */
static void test_hash(void **state)
{
	struct gen g = gen_default, other = gen_default;
	struct rte_mbuf *a, *b;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	other.seq++;
	other.id++;
	other.tos ^= 3;
	other.plen = 7;
	a = gen_pkt(&g, CHAIN_FLAT, &r);
	b = gen_pkt(&other, CHAIN_FLAT, &r);
	assert_int_equal(
		pkt_flow_hash(a, &pkt_meta(a)->inner), pkt_flow_hash(b, &pkt_meta(b)->inner));
	pkt_done(b);
	other.sport++;
	b = gen_pkt(&other, CHAIN_FLAT, &r);
	assert_int_not_equal(
		pkt_flow_hash(a, &pkt_meta(a)->inner), pkt_flow_hash(b, &pkt_meta(b)->inner));
	pkt_done(a);
	pkt_done(b);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests_name("parse", tests, eal_test_setup, eal_test_teardown);
}
