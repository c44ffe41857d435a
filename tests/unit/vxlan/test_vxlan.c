/* SPDX-License-Identifier: BSD-3-Clause */
/* VXLAN header: pop(push(p)) is p, with and without frame metadata; metadata that contradicts the
 * frame is refused. */
#include "unit/offload/offload_test.h"

#include <errno.h>

#include "pkt/parse.h"
#include "tunnel/vxlan.h"

#define VNI 0xabcdefu

static void check_header(const struct rte_mbuf *m, uint32_t vni, uint32_t reserved)
{
	uint8_t h[8];

	pkt_copy_out(m, 0, 8, h);
	assert_int_equal(h[0] & 0x08, 0x08);
	assert_int_equal(h[0] & ~0x48, 0);
	if (!(h[0] & 0x40))
		assert_int_equal(h[1] | h[2] | h[3], 0);
	else
		assert_int_equal(h[1] << 16 | h[2] << 8 | h[3], reserved);
	assert_int_equal(h[4] << 16 | h[5] << 8 | h[6], vni);
	assert_int_equal(h[7], 0);
	assert_int_equal(vxlan_peek(m), vni);
}

/* Push and pop; the metadata of the inner layer comes back as @want. */
static void round_trip(
	struct rte_mbuf *m, bool with_meta, const struct pkt_layer *want, uint32_t reserved)
{
	static struct flat before;

	flat_of(m, &before);
	pkt_meta(m)->hash = 42;
	pkt_meta(m)->obj = 7;
	assert_int_equal(with_meta ? vxlan_push_meta(&m, VNI) : vxlan_push(&m, VNI), 0);
	assert_int_equal(pkt_meta(m)->tun_hlen, 8);
	assert_int_equal(
		pkt_meta(m)->hash, 42); /* the entropy port is taken from it after the push */
	assert_pkt_good(m);
	check_header(m, VNI, reserved);
	assert_int_equal(with_meta ? vxlan_pop_meta(&m) : vxlan_pop(&m), 0);
	assert_pkt_good(m);
	assert_int_equal(pkt_meta(m)->obj, 7);
	assert_int_equal(pkt_meta(m)->tun_hlen, 0);
	assert_memory_equal(&pkt_meta(m)->inner, want, sizeof(*want));
	assert_bytes(m, &before);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

static uint32_t reserved_of(const struct pkt_layer *l)
{
	return (uint32_t)l->csum << 22 | (uint32_t)l->gso_type << 19 | (uint32_t)l->gso_ecn << 18 |
	       l->gso_size;
}

static void test_round_trips(void **state)
{
	struct pkt_layer want;
	struct rnd r;
	struct gen g;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct rte_mbuf *m;

		rnd_seed(&r, i);
		gen_random(&g, &r, rnd_one_in(&r, 100) ? 65000 : 3000);
		g.tun_hlen = 0;
		g.plen++;
		if (g.plen > 65535 - gen_hlen(&g))
			g.plen = 65535 - gen_hlen(&g);
		if (rnd_one_in(&r, 2)) {
			m = gen_super(&g, (uint16_t)(1 + rnd_below(&r, g.plen - 1)),
				rnd_below(&r, 4), &r);
		} else {
			m = gen_pkt(&g, rnd_below(&r, 4), &r);
			pkt_meta(m)->inner.csum = (uint8_t)rnd_below(&r, 2);
		}
		want = pkt_meta(m)->inner;
		if (rnd_one_in(&r, 2)) {
			round_trip(m, true, &want, reserved_of(&want));
		} else {
			/* plain VXLAN says nothing of debts; they must be paid before */
			want.csum = want.gso_type = want.gso_size = want.gso_ecn = 0;
			pkt_meta(m)->inner.csum = pkt_meta(m)->inner.gso_type = 0;
			pkt_meta(m)->inner.gso_size = pkt_meta(m)->inner.gso_ecn = 0;
			round_trip(m, false, &want, 0);
		}
	}
}

static void test_super_of_one_segment_travels_plain(void **state)
{
	struct pkt_layer want;
	struct rte_mbuf *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	m = gen_super(&gen_default, 1000, CHAIN_FLAT, &r);
	want = pkt_meta(m)->inner;
	want.gso_type = want.gso_size = 0;
	round_trip(m, true, &want, 2u << 22);
}

/* ---- what a receiver must not believe ---- */

struct meta_case {
	const char *name;
	uint8_t l3, l4;
	uint32_t bits; /* the 24 */
	int err;
};

#define CS(n)	((uint32_t)(n) << 22)
#define GSO(n)	((uint32_t)(n) << 19)
#define ECN	(1u << 18)
#define NONE_L3 9 /* an ARP frame */

static const struct meta_case metas[] = {
	{ "nothing_stated", PKT_L3_IPV4, PKT_L4_TCP, 0, 0 },
	{ "verified", PKT_L3_IPV4, PKT_L4_TCP, CS(1), 0 },
	{ "owed_tcp", PKT_L3_IPV4, PKT_L4_TCP, CS(2), 0 },
	{ "owed_udp6", PKT_L3_IPV6, PKT_L4_UDP, CS(2), 0 },
	{ "tso4", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1) | 500, 0 },
	{ "tso4_ecn", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1) | ECN | 500, 0 },
	{ "tso6", PKT_L3_IPV6, PKT_L4_TCP, CS(2) | GSO(2) | 500, 0 },
	{ "uso4", PKT_L3_IPV4, PKT_L4_UDP, CS(2) | GSO(3) | 500, 0 },
	{ "uso6", PKT_L3_IPV6, PKT_L4_UDP, CS(2) | GSO(3) | 500, 0 },
	{ "size_just_below_payload", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1) | 999, 0 },
	{ "zero_bits_set_by_a_later_sender", PKT_L3_IPV4, PKT_L4_TCP,
		CS(2) | GSO(1) | 3u << 16 | 500, 0 },
	{ "csum_state_3", PKT_L3_IPV4, PKT_L4_TCP, CS(3), -EBADMSG },
	{ "owed_on_arp", NONE_L3, 0, CS(2), -EBADMSG },
	{ "gso_on_arp", NONE_L3, 0, CS(2) | GSO(1) | 500, -EBADMSG },
	{ "tso4_on_ipv6", PKT_L3_IPV6, PKT_L4_TCP, CS(2) | GSO(1) | 500, -EBADMSG },
	{ "tso6_on_ipv4", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(2) | 500, -EBADMSG },
	{ "tso4_on_udp", PKT_L3_IPV4, PKT_L4_UDP, CS(2) | GSO(1) | 500, -EBADMSG },
	{ "uso_on_tcp", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(3) | 500, -EBADMSG },
	{ "uso_with_ecn", PKT_L3_IPV4, PKT_L4_UDP, CS(2) | GSO(3) | ECN | 500, -EBADMSG },
	{ "gso_type_4", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(4) | 500, -EBADMSG },
	{ "gso_type_7", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(7) | 500, -EBADMSG },
	{ "gso_size_0", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1), -EBADMSG },
	{ "size_is_payload", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1) | 1000, -EBADMSG },
	{ "size_above_payload", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | GSO(1) | 65535, -EBADMSG },
	{ "gso_with_csum_not_owed", PKT_L3_IPV4, PKT_L4_TCP, CS(1) | GSO(1) | 500, -EBADMSG },
	{ "size_without_type", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | 500, -EBADMSG },
	{ "ecn_without_type", PKT_L3_IPV4, PKT_L4_TCP, CS(2) | ECN, -EBADMSG },
};

static uint32_t frame_of(const struct meta_case *c, uint8_t *buf)
{
	struct gen g = gen_default;

	if (c->l3 == NONE_L3) {
		memset(buf, 0, 60);
		buf[12] = 8;
		buf[13] = 6;
		return 60;
	}
	g.l3 = c->l3;
	g.l4 = c->l4;
	return gen_bytes(&g, buf);
}

static struct rte_mbuf *vxlan_frame(
	const struct meta_case *c, uint8_t flags, enum chain_shape shape, struct rnd *r)
{
	static uint8_t buf[GEN_MAX] = { [4] = 1 };
	const uint32_t n = 8 + frame_of(c, buf + 8);

	buf[0] = flags;
	buf[1] = (uint8_t)(c->bits >> 16);
	buf[2] = (uint8_t)(c->bits >> 8);
	buf[3] = (uint8_t)c->bits;
	return chain_make(buf, n, shape, 1 + rnd_below(r, 100), r);
}

static void test_metadata(void **state)
{
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(metas); i++) {
		const struct meta_case *c = &metas[i];

		print_message("%s\n", c->name);
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			struct rte_mbuf *m;
			const struct pkt_layer *l;

			rnd_seed(&r, i * 8 + shape);
			m = vxlan_frame(c, 0x48, shape, &r);
			assert_int_equal(vxlan_pop_meta(&m), c->err);
			l = &pkt_meta(m)->inner;
			if (!c->err)
				assert_int_equal(reserved_of(l), c->bits & ~(3u << 16));
			pkt_done(m);

			/* without the flag, and for who does not ask, the bits mean nothing (RFC
			 * 7348) */
			m = vxlan_frame(c, 0x08, shape, &r);
			assert_int_equal(vxlan_pop_meta(&m), 0);
			assert_int_equal(reserved_of(&pkt_meta(m)->inner), 0);
			pkt_done(m);
			m = vxlan_frame(c, 0x48, shape, &r);
			assert_int_equal(vxlan_pop(&m), 0);
			assert_int_equal(reserved_of(&pkt_meta(m)->inner), 0);
			pkt_done(m);
			assert_true(eal_test_pools_full());
		}
	}
}

/* ---- headers that are none ---- */

static void refuse(const uint8_t *bytes, uint32_t n)
{
	struct rte_mbuf *m = pkt_from_bytes(bytes, n);

	assert_int_equal(vxlan_peek(m), -EINVAL);
	assert_int_equal(vxlan_pop(&m), -EINVAL);
	assert_int_equal(vxlan_pop_meta(&m), -EINVAL);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

static void test_bad_headers(void **state)
{
	static const uint8_t no_flag[16] = { 0xf7 }, good[16] = { 0x08 };

	(void)state;
	for (uint32_t n = 0; n < 8; n++)
		refuse(good, n);
	refuse(no_flag, sizeof(no_flag));
}

/* A header over several segments; a frame of nothing behind it. */
static void test_split_header(void **state)
{
	uint8_t b[8] = { 0x08, 0, 0, 0, 0, 1, 2, 0 };
	struct rte_mbuf *m = pkt_from_bytes(b, 1);

	(void)state;
	for (unsigned int i = 1; i < 8; i++)
		pkt_append(m, pkt_from_bytes(b + i, 1));
	assert_int_equal(vxlan_peek(m), 0x102);
	assert_int_equal(vxlan_pop(&m), 0);
	assert_int_equal(m->pkt_len, 0);
	assert_pkt_good(m);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

static void test_no_buffer(void **state)
{
	struct pkt_list hoard;
	struct rte_mbuf *m, *h;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	pkt_list_init(&hoard);
	m = gen_pkt(&gen_default, CHAIN_SHARED, &r);
	h = m;
	while ((h = pkt_alloc_hdr()))
		pkt_list_add(&hoard, h);
	h = m;
	assert_int_equal(vxlan_push(&m, VNI), -ENOBUFS);
	assert_ptr_equal(m, h);
	assert_pkt_good(m);
	drop_all(&hoard);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_super_of_one_segment_travels_plain),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_split_header),
		cmocka_unit_test(test_no_buffer),
	};

	return cmocka_run_group_tests_name("vxlan", tests, eal_test_setup, eal_test_teardown);
}
