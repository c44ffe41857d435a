/* SPDX-License-Identifier: BSD-3-Clause */
/* The MSS clamp: which packets, to what, and that a checksum is as right or wrong as it was. */
#include "tunnel/mss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "pkt/l4_csum.h"
#include "wire/l4.h"
#include "pkt/parse.h"

#define SYN    TCP_F_SYN
#define ACK    TCP_F_ACK
#define ASIS   0 /* the packet is left alone */
#define V4_MAX (1500 + 14 - 54)
#define V6_MAX (1500 + 14 - 74)
#define MSS(v) 2, 4, (v) >> 8, (v)&0xff

struct row {
	const char *name;
	uint8_t l3, flags, n_vlan;
	uint16_t room;
	uint16_t want;	    /* the MSS afterwards, ASIS */
	uint8_t n_opts, at; /* bytes of options, a multiple of 4; where the MSS value is */
	uint8_t opts[40];
};

#define V4 PKT_L3_IPV4
#define V6 PKT_L3_IPV6

static const struct row rows[] = {
	/* name, l3, flags, tags, room, MSS afterwards, option bytes, at, options */
	{ "syn", V4, SYN, 0, 1514, V4_MAX, 4, 2, { MSS(8960) } },
	{ "syn_ack", V4, SYN | ACK, 0, 1514, V4_MAX, 4, 2, { MSS(8960) } },
	{ "syn_ecn", V4, SYN | TCP_F_ECE | TCP_F_CWR, 0, 1514, V4_MAX, 4, 2, { MSS(8960) } },
	{ "v6", V6, SYN, 0, 1514, V6_MAX, 4, 2, { MSS(8960) } },
	{ "vlan", V4, SYN, 1, 1514, V4_MAX - 4, 4, 2, { MSS(8960) } },
	{ "two_vlans_v6", V6, SYN, 2, 1514, V6_MAX - 8, 4, 2, { MSS(8960) } },
	{ "largest_mss", V4, SYN, 0, 1514, V4_MAX, 4, 2, { MSS(65535) } },
	{ "one_too_large", V4, SYN, 0, 1514, V4_MAX, 4, 2, { MSS((V4_MAX + 1)) } },
	{ "fits_exactly", V4, SYN, 0, 1514, ASIS, 4, 2, { MSS(V4_MAX) } },
	{ "smaller_is_not_raised", V4, SYN, 0, 1514, ASIS, 4, 2, { MSS(500) } },
	{ "zero", V4, SYN, 0, 1514, ASIS, 4, 2, { MSS(0) } },
	{ "no_syn", V4, ACK, 0, 1514, ASIS, 4, 2, { MSS(8960) } },
	{ "reset", V4, TCP_F_RST | ACK, 0, 1514, ASIS, 4, 2, { MSS(8960) } },
	/* never below what every host takes */
	{ "tiny_room", V4, SYN, 0, 200, 536, 4, 2, { MSS(8960) } },
	{ "room_below_headers", V6, SYN, 0, 10, 536, 4, 2, { MSS(8960) } },
	{ "tiny_room_small_mss", V4, SYN, 0, 200, ASIS, 4, 2, { MSS(536) } },
	/* places; the value at an odd one crosses the words of the checksum */
	{ "one_nop_before", V4, SYN, 0, 1514, V4_MAX, 8, 3, { 1, MSS(8960), 1, 1, 1 } },
	{ "two_nops_before", V4, SYN, 0, 1514, V4_MAX, 8, 4, { 1, 1, MSS(8960), 1, 1 } },
	{ "three_nops_before_v6", V6, SYN, 0, 1514, V6_MAX, 8, 5, { 1, 1, 1, MSS(8960), 0 } },
	{ "odd_with_vlan", V4, SYN, 1, 1514, V4_MAX - 4, 8, 3, { 1, MSS(8960), 0, 0, 0 } },
	{ "scale_before", V4, SYN, 0, 1514, V4_MAX, 8, 5, { 3, 3, 7, MSS(8960), 0 } },
	{ "linux_order", V4, SYN, 0, 1514, V4_MAX, 20, 2,
		{ MSS(8960), 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7 } },
	{ "last_of_40_bytes", V4, SYN, 0, 1514, V4_MAX, 40, 38, { 253, 36, [36] = MSS(8960) } },
	{ "first_of_two", V4, SYN, 0, 1514, V4_MAX, 8, 2, { MSS(8960), MSS(9000) } },
	/* none, or not to be trusted */
	{ "no_options", V4, SYN, 0, 1514, ASIS, 0, 0, { 0 } },
	{ "no_mss", V4, SYN, 0, 1514, ASIS, 12, 0, { 1, 1, 8, 10, 2, 4, 35, 0, 2, 4, 35, 0 } },
	{ "behind_the_end", V4, SYN, 0, 1514, ASIS, 8, 0, { 0, 0, 0, 0, MSS(8960) } },
	{ "length_0", V4, SYN, 0, 1514, ASIS, 8, 0, { 3, 0, 1, 1, MSS(8960) } },
	{ "length_1", V4, SYN, 0, 1514, ASIS, 8, 0, { 3, 1, 1, 1, MSS(8960) } },
	{ "length_beyond_the_header", V4, SYN, 0, 1514, ASIS, 8, 0, { 3, 255, 1, 1, MSS(8960) } },
	{ "mss_of_length_0", V4, SYN, 0, 1514, ASIS, 8, 0, { 2, 0, 35, 0, MSS(8960) } },
	{ "mss_of_length_3", V4, SYN, 0, 1514, ASIS, 4, 0, { 2, 3, 35, 0 } },
	{ "mss_of_length_6", V4, SYN, 0, 1514, ASIS, 8, 0, { 2, 6, 35, 0, 1, 1, 1, 1 } },
	{ "mss_cut_by_the_header", V4, SYN, 0, 1514, ASIS, 4, 0, { 1, 2, 4, 35 } },
	{ "cut_to_the_kind", V4, SYN, 0, 1514, ASIS, 4, 0, { 1, 1, 1, 2 } },
};

enum csum_case {
	CSUM_RIGHT,
	CSUM_WRONG,
	CSUM_IS_OWED,
	N_CSUM_CASES
};

static uint32_t put_csum(const struct row *r, uint8_t *frame, uint32_t n, uint32_t l4_off)
{
	const uint8_t *l3 = frame + 14 + 4u * r->n_vlan;
	uint8_t *field = frame + l4_off + TCP_CSUM_OFF;
	uint32_t sum;

	field[0] = field[1] = 0;
	sum = oracle_pseudo(l3, 6, n - l4_off);
	sum = (uint16_t)~oracle_sum(frame + l4_off, n - l4_off, sum);
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
	return sum;
}

/* The frame of the row with its options; @mss != ASIS: with that MSS.  Checksum right. */
static uint32_t row_bytes(const struct row *r, uint16_t mss, uint8_t *frame)
{
	struct gen g = gen_default;
	uint32_t n, opts;

	g.l3 = r->l3;
	g.n_vlan = r->n_vlan;
	g.flags = r->flags;
	g.topt_words = r->n_opts / 4;
	g.plen = 11; /* data in a SYN (RFC 7413), and an odd number of it */
	n = gen_bytes(&g, frame);
	opts = gen_hlen(&g) - r->n_opts;
	memcpy(frame + opts, r->opts, r->n_opts);
	if (mss != ASIS) {
		frame[opts + r->at] = (uint8_t)(mss >> 8);
		frame[opts + r->at + 1] = (uint8_t)mss;
	}
	put_csum(r, frame, n, opts - 20);
	return n;
}

static struct rte_mbuf *make(const struct row *r, enum csum_case how, enum chain_shape shape,
	const uint8_t *frame, uint32_t n, struct rnd *rnd)
{
	struct rte_mbuf *m = chain_make(frame, n, shape, n - 11, rnd);
	struct pkt_layer *l = &pkt_meta(m)->inner;

	pkt_parse(m, 0, l);
	assert_int_equal(l->l4, PKT_L4_TCP);
	assert_int_equal(l->l3, r->l3);
	if (how == CSUM_RIGHT)
		l->csum = PKT_CSUM_VERIFIED;
	if (how == CSUM_IS_OWED)
		l->csum = PKT_CSUM_OWED;
	return m;
}

/* What the frame's checksum field holds in each case; @wrong is added to the right one. */
static void spoil(
	const struct row *r, enum csum_case how, uint8_t *frame, uint32_t n, uint16_t wrong)
{
	const uint32_t l4_off = 14 + 4u * r->n_vlan + (r->l3 == V4 ? 20 : 40);
	uint8_t *field = frame + l4_off + TCP_CSUM_OFF;
	uint32_t sum = (uint32_t)(field[0] << 8 | field[1]);

	if (how == CSUM_RIGHT)
		return;
	if (how == CSUM_WRONG)
		sum = sum + wrong > 0xffff ? sum + wrong - 0xffff : sum + wrong;
	else
		sum = oracle_pseudo(frame + 14 + 4u * r->n_vlan, 6, n - l4_off);
	field[0] = (uint8_t)(sum >> 8);
	field[1] = (uint8_t)sum;
}

static void one(const struct row *r, enum csum_case how, enum chain_shape shape, struct rnd *rnd)
{
	static uint8_t before[GEN_MAX], want[GEN_MAX], now[GEN_MAX];
	const uint16_t wrong = (uint16_t)(1 + rnd_below(rnd, 0xfffe));
	const uint32_t n = row_bytes(r, ASIS, before);
	struct rte_mbuf *m, *shared;
	const char *fault;

	row_bytes(r, r->want, want);
	spoil(r, how, before, n, wrong);
	spoil(r, how, want, n, wrong);
	m = make(r, how, shape, before, n, rnd);
	shared = pkt_clone(m); /* somebody else reads the same bytes */
	assert_int_equal(mss_clamp(&m, r->room), 0);
	assert_int_equal(chain_bytes(shared, now), n);
	if (memcmp(now, before, n))
		fail_msg("%s: shared bytes were written (case %d, shape %d)", r->name, how, shape);
	assert_int_equal(chain_bytes(m, now), n);
	if (memcmp(now, want, n))
		fail_msg("%s: not the frame wanted (case %d, shape %d)", r->name, how, shape);
	fault = oracle_check(m);
	if (fault)
		fail_msg("%s: %s (case %d, shape %d)", r->name, fault, how, shape);
	pkt_done(shared);
	pkt_done(m);
}

static void test_table(void **state)
{
	struct rnd rnd;

	(void)state;
	rnd_seed(&rnd, 5);
	for (size_t i = 0; i < RTE_DIM(rows); i++)
		for (unsigned int how = 0; how < N_CSUM_CASES; how++)
			for (unsigned int shape = 0; shape < CHAIN_N_SHAPES * 8; shape++)
				one(&rows[i], (enum csum_case)how,
					(enum chain_shape)(shape % CHAIN_N_SHAPES), &rnd);
	assert_true(eal_test_pools_full());
}

/* Every value at an even and an odd place: RFC 1624 has its corners near 0 and 0xffff. */
static void test_every_value(void **state)
{
	static uint8_t frame[GEN_MAX];
	struct row r = { "value", V4, SYN, 0, 1514, V4_MAX, 8, 0, { 0 } };

	(void)state;
	for (unsigned int v = V4_MAX + 1; v <= 0xffff; v += 7) {
		const uint8_t at = (uint8_t)(v & 3);
		uint8_t opts[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
		struct rte_mbuf *m;

		memcpy(opts + at, (const uint8_t[]){ 2, 4, (uint8_t)(v >> 8), (uint8_t)v }, 4);
		memcpy(r.opts, opts, sizeof(opts));
		m = make(&r, CSUM_RIGHT, CHAIN_FLAT, frame, row_bytes(&r, ASIS, frame), NULL);
		assert_int_equal(mss_clamp(&m, r.room), 0);
		if (!l4_csum_good(m, &pkt_meta(m)->inner))
			fail_msg("MSS %u at %u: wrong checksum", v, at);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* UDP, a fragment, a frame without IP: no TCP header to look for. */
static void test_not_tcp(void **state)
{
	static uint8_t before[GEN_MAX], now[GEN_MAX];
	struct gen g = gen_default;
	struct rte_mbuf *m;
	uint32_t n;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		g.flags = SYN;
		g.topt_words = 1;
		g.l4 = i == 0 ? PKT_L4_UDP : PKT_L4_TCP;
		g.frag_off = i == 1 ? 0x2000 : 0x4000;
		n = gen_bytes(&g, before);
		if (i == 2)
			before[12] = 0x88; /* some other protocol */
		m = chain_make(before, n, CHAIN_FLAT, 0, NULL);
		pkt_parse(m, 0, &pkt_meta(m)->inner);
		assert_int_equal(mss_clamp(&m, 100), 0);
		assert_int_equal(chain_bytes(m, now), n);
		assert_memory_equal(now, before, n);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_every_value),
		cmocka_unit_test(test_not_tcp),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
