/* SPDX-License-Identifier: BSD-3-Clause */
/* Offload headers of guests: what is taken over, what is refused, and back again. */
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
#include "port/vnet_hdr.h"

#define NEEDS  VIRTIO_NET_HDR_F_NEEDS_CSUM
#define VALID  VIRTIO_NET_HDR_F_DATA_VALID
#define TCP4   VIRTIO_NET_HDR_GSO_TCPV4
#define TCP6   VIRTIO_NET_HDR_GSO_TCPV6
#define ECN    VIRTIO_NET_HDR_GSO_ECN
#define UFO    VIRTIO_NET_HDR_GSO_UDP
#define UDP_L4 5

#define IP4_L4 34 /* where L4 starts */
#define IP6_L4 54

/* What comes of it. */
struct result {
	int rc;
	uint8_t csum, gso_type, gso_ecn;
	uint16_t gso_size;
};

#define REFUSED                                                                                    \
	{                                                                                          \
		.rc = -EINVAL                                                                      \
	}
#define UNKNOWN                                                                                    \
	{                                                                                          \
		.csum = PKT_CSUM_UNKNOWN                                                           \
	}
#define VERIFIED                                                                                   \
	{                                                                                          \
		.csum = PKT_CSUM_VERIFIED                                                          \
	}
#define OWES                                                                                       \
	{                                                                                          \
		.csum = PKT_CSUM_OWED                                                              \
	}
#define SUPER(t, n, e)                                                                             \
	{                                                                                          \
		.csum = PKT_CSUM_OWED, .gso_type = PKT_GSO_##t, .gso_size = (n), .gso_ecn = (e)    \
	}

static const struct row {
	const char *name;
	uint8_t l3, l4;
	uint32_t plen;
	struct {
		uint8_t flags, gso_type;
		uint16_t gso_size, start, off;
	} vh;
	struct result want;
} rows[] = {
	{ "nothing_said", PKT_L3_IPV4, PKT_L4_TCP, 100, { 0 }, UNKNOWN },
	{ "valid", PKT_L3_IPV4, PKT_L4_TCP, 100, { VALID }, VERIFIED },
	{ "tcp4_owes", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS, 0, 0, IP4_L4, 16 }, OWES },
	{ "tcp6_owes", PKT_L3_IPV6, PKT_L4_TCP, 100, { NEEDS, 0, 0, IP6_L4, 16 }, OWES },
	{ "udp4_owes", PKT_L3_IPV4, PKT_L4_UDP, 100, { NEEDS, 0, 0, IP4_L4, 6 }, OWES },
	{ "udp6_owes", PKT_L3_IPV6, PKT_L4_UDP, 100, { NEEDS, 0, 0, IP6_L4, 6 }, OWES },
	{ "owes_and_valid_owes", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS | VALID, 0, 0, IP4_L4, 16 },
		OWES },
	{ "tso4", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, TCP4, 1448, IP4_L4, 16 },
		SUPER(TCP4, 1448, 0) },
	{ "tso4_ecn", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, TCP4 | ECN, 1448, IP4_L4, 16 },
		SUPER(TCP4, 1448, 1) },
	{ "tso6", PKT_L3_IPV6, PKT_L4_TCP, 60000, { NEEDS, TCP6, 1428, IP6_L4, 16 },
		SUPER(TCP6, 1428, 0) },
	{ "uso4", PKT_L3_IPV4, PKT_L4_UDP, 5000, { NEEDS, UDP_L4, 1400, IP4_L4, 6 },
		SUPER(UDP, 1400, 0) },
	{ "uso6", PKT_L3_IPV6, PKT_L4_UDP, 5000, { NEEDS, UDP_L4, 1400, IP6_L4, 6 },
		SUPER(UDP, 1400, 0) },
	{ "super_frame_of_one_segment_is_none", PKT_L3_IPV4, PKT_L4_TCP, 1448,
		{ NEEDS, TCP4, 1448, IP4_L4, 16 }, OWES },
	{ "super_frame_without_payload_is_none", PKT_L3_IPV4, PKT_L4_TCP, 0,
		{ NEEDS, TCP4, 1448, IP4_L4, 16 }, OWES },
	{ "one_byte_over_one_segment", PKT_L3_IPV4, PKT_L4_TCP, 1449,
		{ NEEDS, TCP4, 1448, IP4_L4, 16 }, SUPER(TCP4, 1448, 0) },
	{ "segments_of_one_byte", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS, TCP4, 1, IP4_L4, 16 },
		SUPER(TCP4, 1, 0) },
	/* contradictions */
	{ "size_zero", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, TCP4, 0, IP4_L4, 16 }, REFUSED },
	{ "super_frame_without_owed_checksum", PKT_L3_IPV4, PKT_L4_TCP, 5000, { 0, TCP4, 1448 },
		REFUSED },
	{ "super_frame_whose_checksum_is_valid", PKT_L3_IPV4, PKT_L4_TCP, 5000,
		{ VALID, TCP4, 1448 }, REFUSED },
	{ "tso6_on_ipv4", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, TCP6, 1448, IP4_L4, 16 },
		REFUSED },
	{ "tso4_on_ipv6", PKT_L3_IPV6, PKT_L4_TCP, 5000, { NEEDS, TCP4, 1448, IP6_L4, 16 },
		REFUSED },
	{ "tso4_on_udp", PKT_L3_IPV4, PKT_L4_UDP, 5000, { NEEDS, TCP4, 1448, IP4_L4, 6 }, REFUSED },
	{ "uso_on_tcp", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, UDP_L4, 1448, IP4_L4, 16 },
		REFUSED },
	{ "uso_with_a_mark_of_tcp", PKT_L3_IPV4, PKT_L4_UDP, 5000,
		{ NEEDS, UDP_L4 | ECN, 1400, IP4_L4, 6 }, REFUSED },
	{ "ufo4", PKT_L3_IPV4, PKT_L4_UDP, 5000, { NEEDS, UFO, 1400, IP4_L4, 6 },
		SUPER(UFO, 1400, 0) },
	{ "ufo6", PKT_L3_IPV6, PKT_L4_UDP, 5000, { NEEDS, UFO, 1400, IP6_L4, 6 },
		SUPER(UFO, 1400, 0) },
	{ "ufo_of_one_fragment", PKT_L3_IPV4, PKT_L4_UDP, 1392, { NEEDS, UFO, 1400, IP4_L4, 6 },
		OWES },
	{ "ufo_on_tcp", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, UFO, 1400, IP4_L4, 16 }, REFUSED },
	{ "unknown_type", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, 2, 1400, IP4_L4, 16 }, REFUSED },
	{ "a_mark_without_a_type", PKT_L3_IPV4, PKT_L4_TCP, 5000, { NEEDS, ECN, 1400, IP4_L4, 16 },
		REFUSED },
	{ "sum_starts_behind_the_frame", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS, 0, 0, 154, 0 },
		REFUSED },
	{ "field_ends_behind_the_frame", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS, 0, 0, 153, 0 },
		REFUSED },
	{ "field_far_behind", PKT_L3_IPV4, PKT_L4_TCP, 100, { NEEDS, 0, 0, 65535, 65535 },
		REFUSED },
	{ "super_frame_with_the_sum_elsewhere", PKT_L3_IPV4, PKT_L4_TCP, 5000,
		{ NEEDS, TCP4, 1448, IP4_L4 + 1, 16 }, REFUSED },
};

static struct virtio_net_hdr header_of(const struct row *t)
{
	return (struct virtio_net_hdr){ .flags = t->vh.flags,
		.gso_type = t->vh.gso_type,
		.gso_size = rte_cpu_to_le_16(t->vh.gso_size),
		.csum_start = rte_cpu_to_le_16(t->vh.start),
		.csum_offset = rte_cpu_to_le_16(t->vh.off),
		.hdr_len = 0x4242 }; /* a hint that nobody believes */
}

static struct rte_mbuf *frame_of(const struct row *t, struct rnd *r)
{
	struct gen g = gen_default;

	g.l3 = t->l3;
	g.l4 = t->l4;
	g.plen = t->plen;
	/* super-frames come with the pseudo-header sum in their field */
	if (t->vh.flags & NEEDS)
		return gen_super(&g, 1, CHAIN_CUT, r);
	return gen_pkt(&g, CHAIN_CUT, r);
}

static void decode_row(const struct row *t, struct rnd *r)
{
	struct rte_mbuf *m = frame_of(t, r);
	const struct virtio_net_hdr vh = header_of(t);
	const struct pkt_layer *l;

	memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
	assert_int_equal(vnet_hdr_decode(m, &vh), t->want.rc);
	l = &pkt_meta(m)->inner;
	if (!t->want.rc) {
		const char *wrong = oracle_check(m);

		if (wrong)
			fail_msg("%s: %s", t->name, wrong);
		assert_int_equal(l->csum, t->want.csum);
		assert_int_equal(l->gso_type, t->want.gso_type);
		assert_int_equal(l->gso_size, t->want.gso_size);
		assert_int_equal(l->gso_ecn, t->want.gso_ecn);
	}
	pkt_done(m);
}

static void test_decode(void **state)
{
	struct rnd r;

	(void)state;
	rnd_seed(&r, 7);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		print_message("  %s\n", rows[i].name);
		for (unsigned int n = 0; n < 20; n++)
			decode_row(&rows[i], &r);
	}
	assert_true(eal_test_pools_full());
}

/* Both ways round it is the same. */
static void test_encode_is_the_inverse(void **state)
{
	struct rnd r;

	(void)state;
	rnd_seed(&r, 8);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		struct virtio_net_hdr vh = header_of(&rows[i]), back;
		struct rte_mbuf *m = frame_of(&rows[i], &r);
		struct pkt_layer first;

		memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
		if (vnet_hdr_decode(m, &vh)) {
			pkt_done(m);
			continue;
		}
		vnet_hdr_encode(m, &back);
		if (pkt_meta(m)->inner.gso_type) {
			assert_int_equal(back.gso_type, vh.gso_type);
			assert_int_equal(back.gso_size, vh.gso_size);
			assert_int_equal(
				rte_le_to_cpu_16(back.hdr_len), pkt_meta(m)->inner.pay_off);
		} else {
			assert_int_equal(back.gso_type, VIRTIO_NET_HDR_GSO_NONE);
		}
		if (vh.flags & NEEDS) {
			assert_int_equal(back.flags, NEEDS);
			assert_int_equal(back.csum_start, vh.csum_start);
			assert_int_equal(back.csum_offset, vh.csum_offset);
		} else {
			assert_int_equal(back.flags, vh.flags);
		}
		first = pkt_meta(m)->inner;
		memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
		assert_int_equal(vnet_hdr_decode(m, &back), 0);
		assert_memory_equal(&pkt_meta(m)->inner, &first, sizeof(first));
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* A checksum owed by a protocol that we do not know (SCTP has another, ICMP this one) is paid at
 * once, at odd places as well. */
static void test_unknown_protocol_is_paid_at_once(void **state)
{
	static uint8_t flat[400];

	(void)state;
	for (unsigned int off = 0; off < 9; off++) {
		struct gen g = gen_default;
		uint8_t bytes[400];
		struct virtio_net_hdr vh = { .flags = NEEDS,
			.csum_start = rte_cpu_to_le_16((uint16_t)(IP4_L4 + off)),
			.csum_offset = rte_cpu_to_le_16(2) };
		struct rte_mbuf *m;
		uint32_t n;

		g.plen = 200 + off;
		n = gen_bytes(&g, bytes);
		bytes[23] = 1; /* ICMP */
		bytes[IP4_L4 + off + 2] = bytes[IP4_L4 + off + 3] = 0;
		m = pkt_from_bytes(bytes, n);
		assert_int_equal(vnet_hdr_decode(m, &vh), 0);
		assert_int_equal(pkt_meta(m)->inner.csum, PKT_CSUM_UNKNOWN);
		chain_bytes(m, flat);
		assert_int_equal(oracle_sum(flat + IP4_L4 + off, n - IP4_L4 - off, 0), 0xffff);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* UDP inside something: a sum of zero must not say "none". */
static void test_paid_sum_is_never_zero(void **state)
{
	uint8_t bytes[64] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct virtio_net_hdr vh = { .flags = NEEDS,
		.csum_start = rte_cpu_to_le_16(20),
		.csum_offset = rte_cpu_to_le_16(6) };
	struct rte_mbuf *m;

	(void)state;
	bytes[40] = bytes[41] = 0xff;
	m = pkt_from_bytes(bytes, sizeof(bytes));
	assert_int_equal(vnet_hdr_decode(m, &vh), 0);
	assert_int_equal(*PKT_HDR(m, 26, uint16_t), 0xffff);
	pkt_done(m);
}

static void test_udp_train_with_a_length_of_its_own(void **state)
{
	struct gen g = gen_default;
	struct virtio_net_hdr vh = { .flags = NEEDS,
		.gso_type = UDP_L4,
		.gso_size = rte_cpu_to_le_16(1000),
		.csum_start = rte_cpu_to_le_16(IP4_L4),
		.csum_offset = rte_cpu_to_le_16(6) };
	struct rte_mbuf *m;

	(void)state;
	g.l4 = PKT_L4_UDP;
	g.plen = 5000;
	m = gen_super(&g, 1000, CHAIN_FLAT, NULL);
	memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
	*PKT_HDR(m, IP4_L4 + 4, rte_be16_t) = rte_cpu_to_be_16(1008);
	assert_int_equal(vnet_hdr_decode(m, &vh), -EINVAL);
	pkt_done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_encode_is_the_inverse),
		cmocka_unit_test(test_unknown_protocol_is_paid_at_once),
		cmocka_unit_test(test_paid_sum_is_never_zero),
		cmocka_unit_test(test_udp_train_with_a_length_of_its_own),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
