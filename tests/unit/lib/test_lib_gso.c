/* SPDX-License-Identifier: BSD-3-Clause */
/* libcvsw-offload: requests, GSO, and DPDK's words for both. */
#include "lib_test.h"

#include <errno.h>
#include <stdlib.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#define SIZE	 1000
#define TX_FLAGS (RTE_MBUF_F_TX_OFFLOAD_MASK)

/* One of each that a device can segment. */
static const struct {
	const char *name;
	uint8_t l3, l4;
	uint32_t cap;
	uint64_t seg, csum, net;
} kinds[] = {
	{ "tcp4", PKT_L3_IPV4, PKT_L4_TCP, CVSW_CAP_TSO4, RTE_MBUF_F_TX_TCP_SEG,
		RTE_MBUF_F_TX_TCP_CKSUM, RTE_MBUF_F_TX_IPV4 },
	{ "tcp6", PKT_L3_IPV6, PKT_L4_TCP, CVSW_CAP_TSO6, RTE_MBUF_F_TX_TCP_SEG,
		RTE_MBUF_F_TX_TCP_CKSUM, RTE_MBUF_F_TX_IPV6 },
	{ "udp4", PKT_L3_IPV4, PKT_L4_UDP, CVSW_CAP_USO, RTE_MBUF_F_TX_UDP_SEG,
		RTE_MBUF_F_TX_UDP_CKSUM, RTE_MBUF_F_TX_IPV4 },
	{ "udp6", PKT_L3_IPV6, PKT_L4_UDP, CVSW_CAP_USO, RTE_MBUF_F_TX_UDP_SEG,
		RTE_MBUF_F_TX_UDP_CKSUM, RTE_MBUF_F_TX_IPV6 },
};

static struct gen kind_gen(size_t i, uint32_t plen)
{
	struct gen g = gen_default;

	g.l3 = kinds[i].l3;
	g.l4 = kinds[i].l4;
	g.plen = plen;
	g.n_vlan = 1;
	return g;
}

/* The packet of @g, known, owing segmentation at SIZE. */
static struct rte_mbuf *super_pkt(const struct gen *g)
{
	struct rte_mbuf *m = app_pkt(g);

	assert_int_equal(cvsw_parse(&m, NULL), 0);
	assert_int_equal(cvsw_request(&m, SIZE, 0), 0);
	assert_pkt_good(m);
	return m;
}

/* What rte_eth_tx_burst() of a driver wants in the fields, by DPDK's own functions. */
static void assert_driver_fields(const struct rte_mbuf *m, size_t kind)
{
	const void *l3 = rte_pktmbuf_mtod_offset(m, const void *, m->l2_len);
	const void *l4 = rte_pktmbuf_mtod_offset(m, const void *, m->l2_len + m->l3_len);
	uint16_t want, got;

	if (kinds[kind].l3 == PKT_L3_IPV4)
		want = rte_ipv4_phdr_cksum(l3, m->ol_flags);
	else
		want = rte_ipv6_phdr_cksum(l3, m->ol_flags);
	if (kinds[kind].l4 == PKT_L4_TCP)
		got = ((const struct rte_tcp_hdr *)l4)->cksum;
	else
		got = ((const struct rte_udp_hdr *)l4)->dgram_cksum;
	assert_int_equal(got, want);
}

static void test_to_flags_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(kinds); i++) {
		const struct gen g = kind_gen(i, 2500);
		struct rte_mbuf *m = super_pkt(&g), *shared;
		struct cvsw_info info;
		struct cvsw_queue q;
		uint64_t want = kinds[i].seg | kinds[i].csum | kinds[i].net;

		print_message("%s\n", kinds[i].name);
		cvsw_queue_init(&q);
		shared = rte_pktmbuf_clone(m, app_pool); /* headers have to be copied */
		assert_int_equal(cvsw_to_ol_flags(&m, NULL), 0);
		if (kinds[i].l3 == PKT_L3_IPV4)
			want |= RTE_MBUF_F_TX_IP_CKSUM;
		assert_true((m->ol_flags & TX_FLAGS) == want);
		assert_int_equal(m->l2_len, 18);
		assert_int_equal(m->l3_len, kinds[i].l3 == PKT_L3_IPV4 ? 20 : 40);
		assert_int_equal(m->l4_len, kinds[i].l4 == PKT_L4_TCP ? 20 : 8);
		assert_int_equal(m->tso_segsz, SIZE);
		assert_int_equal(rte_validate_tx_offload(m), 0);
		assert_driver_fields(m, i);
		cvsw_info(m, &info);
		assert_int_equal(info.gso_type, CVSW_GSO_NONE); /* it has moved */
		assert_int_equal(info.csum, CVSW_CSUM_UNKNOWN);

		assert_int_equal(cvsw_from_ol_flags(&m, NULL, 0), 0);
		assert_true(!(m->ol_flags & TX_FLAGS));
		assert_pkt_good(m);
		assert_int_equal(cvsw_gso(&m, 0, &q), 0);
		assert_cut(&q, &g, SIZE);
		rte_pktmbuf_free(shared);
		assert_all_back();
	}
}

/* A device that can takes the super-frame whole; one that sums checksums, segments without. */
static void test_gso_by_caps(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(kinds); i++) {
		const struct gen g = kind_gen(i, 2500);
		struct rte_mbuf *m = super_pkt(&g);
		struct cvsw_queue q;

		print_message("%s\n", kinds[i].name);
		cvsw_queue_init(&q);
		assert_int_equal(cvsw_gso(&m, kinds[i].cap, &q), 0);
		assert_null(m);
		assert_int_equal(q.n_pkts, 1);
		m = take(&q);
		assert_true(m->ol_flags & kinds[i].seg);
		assert_driver_fields(m, i);
		rte_pktmbuf_free(m);

		m = super_pkt(&g);
		assert_int_equal(cvsw_gso(&m, CVSW_CAP_CSUM, &q), 0);
		assert_int_equal(q.n_pkts, 3);
		for (int s = 0; s < 3; s++) {
			m = take(&q);
			assert_true((m->ol_flags & TX_FLAGS) == (kinds[i].csum | kinds[i].net));
			assert_driver_fields(m, i);
			rte_pktmbuf_free(m);
		}
		assert_all_back();
	}
}

static void test_segments_inherit(void **state)
{
	const uint64_t kept = RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_MACSEC | 1ull << 30; /* dynamic */
	const struct gen g = kind_gen(0, 2500);
	struct rte_mbuf *m = super_pkt(&g);
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	m->port = 9;
	m->vlan_tci = 77;
	m->dynfield1[3] = 0xabcd;
	m->ol_flags |= kept | RTE_MBUF_F_RX_LRO | RTE_MBUF_F_RX_L4_CKSUM_NONE;
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_int_equal(q.n_pkts, 3);
	for (int i = 0; i < 3; i++) {
		m = take(&q);
		assert_int_equal(m->port, 9);
		assert_int_equal(m->vlan_tci, 77);
		assert_int_equal(m->dynfield1[3], 0xabcd);
		assert_true((m->ol_flags & ~RTE_MBUF_F_INDIRECT) == kept);
		rte_pktmbuf_free(m);
	}
	assert_all_back();
}

/* ---- tunnels ---- */

static void test_vxlan_to_flags_and_back(void **state)
{
	const struct gen super = kind_gen(0, 2500);
	static struct flat want[3];

	(void)state;
	for (int sums = 0; sums < 2; sums++) {
		struct cvsw_gro *g = cvsw_gro_create(8, NULL);
		struct rte_mbuf *m;
		struct cvsw_queue q;

		assert_non_null(g);
		cvsw_queue_init(&q);
		for (uint32_t i = 0; i < 3; i++) {
			const struct gen s = segment_of(&super, SIZE, i);

			m = app_vxlan(&s, sums);
			flat_of(m, &want[i]);
			assert_int_equal(cvsw_gro_receive(g, &m, 1, CVSW_GRO_TCP, 0, &q), 1);
		}
		assert_int_equal(q.n_pkts, 1);
		m = take(&q);
		assert_int_equal(cvsw_parse(&m, NULL), 0); /* by its marks a train again */
		assert_int_equal(cvsw_to_ol_flags(&m, NULL), 0);
		assert_true(
			(m->ol_flags & TX_FLAGS) ==
			(RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IP_CKSUM |
				RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_OUTER_IPV4 |
				RTE_MBUF_F_TX_OUTER_IP_CKSUM | RTE_MBUF_F_TX_TUNNEL_VXLAN |
				(sums ? RTE_MBUF_F_TX_OUTER_UDP_CKSUM : 0)));
		assert_int_equal(m->outer_l2_len, 14);
		assert_int_equal(m->outer_l3_len, 20);
		assert_int_equal(m->l2_len, 8 + 8 + 18);
		assert_int_equal(m->l3_len, 20);
		assert_int_equal(m->l4_len, 20);
		assert_int_equal(rte_validate_tx_offload(m), 0);
		assert_int_equal(cvsw_from_ol_flags(&m, NULL, 0), 0);
		assert_int_equal(cvsw_gso(&m, CVSW_CAP_TSO4, &q), 0);
		assert_int_equal(q.n_pkts, 3); /* whatever the device can */
		for (uint32_t i = 0; i < 3; i++) {
			m = take(&q);
			assert_bytes(m, &want[i]);
			rte_pktmbuf_free(m);
		}
		cvsw_gro_destroy(g);
		assert_all_back();
	}
}

/* ---- what programs get wrong ---- */

/* The packet as a program that asks a device for TSO hands it over. */
static struct rte_mbuf *asking(void)
{
	struct gen g = gen_default;
	struct rte_mbuf *m;

	g.plen = 2500;
	m = app_pkt(&g);
	m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->l2_len = 14;
	m->l3_len = 20;
	m->l4_len = 20;
	m->tso_segsz = SIZE;
	return m;
}

static void wrong_l2(struct rte_mbuf *m)
{
	m->l2_len = 18;
}

static void wrong_l3(struct rte_mbuf *m)
{
	m->l3_len = 24;
}

static void wrong_l4(struct rte_mbuf *m)
{
	m->l4_len = 8;
}

static void no_size(struct rte_mbuf *m)
{
	m->tso_segsz = 0;
}

static void not_udp(struct rte_mbuf *m)
{
	m->ol_flags ^= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG;
}

static void not_sctp(struct rte_mbuf *m)
{
	m->ol_flags |= RTE_MBUF_F_TX_SCTP_CKSUM;
}

static void not_ipv6(struct rte_mbuf *m)
{
	m->ol_flags |= RTE_MBUF_F_TX_IPV6;
}

static void no_tunnel(struct rte_mbuf *m)
{
	m->ol_flags |= RTE_MBUF_F_TX_TUNNEL_VXLAN | RTE_MBUF_F_TX_OUTER_IPV4;
}

static void cut_short(struct rte_mbuf *m)
{
	m->data_len = m->pkt_len = 40;
	rte_pktmbuf_free(m->next);
	m->next = NULL;
	m->nb_segs = 1;
}

static void outer_udp_without_tunnel(struct rte_mbuf *m)
{
	m->ol_flags |= RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
}

static void test_contradictions_are_refused(void **state)
{
	static const struct {
		const char *name;
		void (*spoil)(struct rte_mbuf *m);
	} cases[] = {
		{ "wrong_l2", wrong_l2 },
		{ "wrong_l3", wrong_l3 },
		{ "wrong_l4", wrong_l4 },
		{ "no_size", no_size },
		{ "not_udp", not_udp },
		{ "not_sctp", not_sctp },
		{ "not_ipv6", not_ipv6 },
		{ "no_tunnel", no_tunnel },
		{ "cut_short", cut_short },
		{ "outer_udp_without_tunnel", outer_udp_without_tunnel },
	};
	static struct flat before;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct rte_mbuf *m = asking();
		uint64_t flags;

		print_message("%s\n", cases[i].name);
		cases[i].spoil(m);
		flags = m->ol_flags;
		flat_of(m, &before);
		assert_int_equal(cvsw_from_ol_flags(&m, NULL, 0), -EINVAL);
		assert_true(m->ol_flags == flags);
		assert_bytes(m, &before);
		rte_pktmbuf_free(m);
		assert_all_back();
	}
}

/* Fields as a program leaves them for rte_eth_tx_prepare(): not what they have to become. */
static void test_program_asks_for_tso(void **state)
{
	struct gen g = gen_default;
	struct rte_mbuf *m = asking();
	struct cvsw_queue q;

	(void)state;
	g.plen = 2500;
	cvsw_queue_init(&q);
	memset(rte_pktmbuf_mtod_offset(m, char *, 14 + 10), 0, 2);    /* IP checksum */
	memset(rte_pktmbuf_mtod_offset(m, char *, 34 + 16), 0x77, 2); /* TCP checksum */
	assert_int_equal(cvsw_from_ol_flags(&m, NULL, 0), 0);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_cut(&q, &g, SIZE);
	assert_all_back();
}

/* A checksum alone, over a tunnel that the program built and does not speak of. */
static void test_program_asks_for_a_checksum(void **state)
{
	static struct flat want;
	struct rte_mbuf *m = app_vxlan(&gen_default, true);
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	flat_of(m, &want);
	memset(rte_pktmbuf_mtod_offset(m, char *, 40), 0x77, 2);
	memset(rte_pktmbuf_mtod_offset(m, char *, 24), 0, 2);
	m->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_IPV4;
	m->l2_len = 14;
	m->l3_len = 20;
	assert_int_equal(cvsw_from_ol_flags(&m, NULL, 0), 0);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	m = take(&q);
	assert_bytes(m, &want);
	rte_pktmbuf_free(m);
	assert_all_back();
}

/* UDP_SEG in rte_gso's sense: one datagram, IP fragments. */
static void test_udp_fragments(void **state)
{
	struct gen g = kind_gen(2, 2500);
	struct rte_mbuf *m;
	struct cvsw_info info;
	struct cvsw_queue q;

	(void)state;
	g.frag_off = 0;
	m = app_pkt(&g);
	m->ol_flags |= RTE_MBUF_F_TX_UDP_SEG | RTE_MBUF_F_TX_IPV4;
	m->l2_len = 18;
	m->l3_len = 20;
	m->tso_segsz = 1480;
	cvsw_queue_init(&q);
	assert_int_equal(cvsw_from_ol_flags(&m, NULL, CVSW_UDP_FRAGMENT), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.gso_type, CVSW_GSO_UDP_FRAGS);
	assert_int_equal(info.n_pkts, 2);
	assert_int_equal(cvsw_to_ol_flags(&m, NULL), -ENOTSUP);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_int_equal(q.n_pkts, 2);
	for (int i = 0; i < 2; i++) {
		m = take(&q);
		assert_int_equal(m->pkt_len, 18 + 20 + (i ? 2508 - 1480 : 1480));
		assert_int_equal(rte_pktmbuf_mtod(m, uint8_t *)[18 + 6] >> 5, i ? 0 : 1); /* MF */
		rte_pktmbuf_free(m);
	}
	assert_all_back();
}

static void test_requests_that_cannot_be(void **state)
{
	struct gen g = gen_default;
	struct rte_mbuf *m = app_pkt(&g);
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	assert_int_equal(cvsw_request(&m, 100, CVSW_UDP_FRAGMENT), -EINVAL);
	assert_int_equal(cvsw_request(&m, 100, 1u << 5), -EINVAL);
	assert_int_equal(cvsw_from_ol_flags(&m, NULL, 1u << 5), -EINVAL);
	assert_int_equal(cvsw_gso(&m, 1u << 4, &q), -EINVAL);
	rte_pktmbuf_free(m);

	g.frag_off = 0x2000; /* a fragment has no checksum of its own */
	m = app_pkt(&g);
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	assert_int_equal(cvsw_request(&m, 0, 0), -EINVAL);
	rte_pktmbuf_free(m);
	assert_int_equal(q.n_pkts, 0);
	assert_all_back();
}

/* A train becomes one large packet with a checksum: what a file or a socket wants. */
static void test_train_to_large_packet(void **state)
{
	static struct flat want;
	const struct gen g = kind_gen(1, 2500);
	struct rte_mbuf *m = super_pkt(&g);
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	want.n = gen_bytes(&g, want.b);
	assert_int_equal(cvsw_request(&m, 0, 0), 0);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_int_equal(q.n_pkts, 1);
	m = take(&q);
	assert_bytes(m, &want);
	rte_pktmbuf_free(m);
	assert_all_back();
}

static void test_no_buffers_nothing_changed(void **state)
{
	static struct flat before;
	const struct gen g = kind_gen(0, 2500);
	struct rte_mempool *mp = rte_mempool_lookup("cvsw-small");
	struct rte_mbuf **hoard, *m = super_pkt(&g), *was = m;
	struct cvsw_queue q;
	unsigned int n = 0;

	(void)state;
	cvsw_queue_init(&q);
	flat_of(m, &before);
	hoard = calloc(mp->size, sizeof(struct rte_mbuf *));
	assert_non_null(hoard);
	while (n < mp->size && (hoard[n] = rte_pktmbuf_alloc(mp)))
		n++;
	assert_int_equal(n, mp->size);
	assert_int_equal(cvsw_gso(&m, 0, &q), -ENOBUFS);
	assert_ptr_equal(m, was);
	assert_int_equal(q.n_pkts, 0);
	assert_bytes(m, &before);
	assert_pkt_good(m);
	rte_pktmbuf_free_bulk(hoard, n);
	free(hoard);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_cut(&q, &g, SIZE);
	assert_all_back();
}

/*
 * Any bytes, any flags, any lengths: refused, or what leaves is sound.  Half of the requests
 * describe the packet as it was before some of its bytes were changed.
 */
static struct rte_mbuf *random_request(struct rnd *r)
{
	static struct flat f;
	struct gen g;
	struct rte_mbuf *m;

	gen_random(&g, r, 3000);
	g.tun_hlen = 0;
	f.n = gen_bytes(&g, f.b);
	m = app_pkt_of(app_pool, f.b, f.n, 1 + rnd_below(r, f.n));
	m->l2_len = 14 + 4 * g.n_vlan;
	m->l3_len = gen_hlen(&g) - m->l2_len - (g.l4 == PKT_L4_TCP ? 20 + 4 * g.topt_words : 8);
	m->l4_len = g.l4 == PKT_L4_TCP ? 20 + 4 * g.topt_words : 8;
	m->tso_segsz = rnd_below(r, 1500);
	m->ol_flags |= g.l3 == PKT_L3_IPV4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6;
	m->ol_flags |= g.l4 == PKT_L4_TCP ? RTE_MBUF_F_TX_TCP_SEG : RTE_MBUF_F_TX_UDP_SEG;
	if (rnd_one_in(r, 2))
		m->ol_flags ^= (uint64_t)rnd_u32(r) << 32 & TX_FLAGS;
	if (rnd_one_in(r, 4))
		m->tx_offload ^= 1ull << rnd_below(r, 64);
	for (uint32_t n = rnd_below(r, 4); n; n--) {
		const uint32_t at = rnd_below(r, m->data_len);

		rte_pktmbuf_mtod(m, uint8_t *)[at] = (uint8_t)rnd_u32(r);
	}
	return m;
}

/* What a segment has that the packet has not. */
static uint32_t fragment_hlen(const struct rte_mbuf *m)
{
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;

	return l->l3 == PKT_L3_IPV6 && l->flags & PKT_LF_FRAG ? 8 : 0;
}

static void test_random_requests(void **state)
{
	unsigned int refused = 0, cut = 0;
	struct cvsw_queue q;
	struct rnd r;

	(void)state;
	cvsw_queue_init(&q);
	for (uint64_t seed = 0; seed < 20000; seed++) {
		struct rte_mbuf *m;
		uint32_t was;

		rnd_seed(&r, seed);
		m = random_request(&r);
		was = m->pkt_len;
		if (cvsw_from_ol_flags(&m, NULL, rnd_below(&r, 2)) ||
			cvsw_gso(&m, CVSW_CAP_CSUM * rnd_below(&r, 2), &q)) {
			assert_int_equal(m->pkt_len, was);
			rte_pktmbuf_free(m);
			refused++;
			continue;
		}
		cut += q.n_pkts > 1;
		while (cvsw_queue_pop(&q, &m, 1)) {
			assert_true(m->pkt_len <= was + fragment_hlen(m));
			assert_int_equal(rte_mbuf_check(m, 1, &(const char *){ NULL }), 0);
			rte_pktmbuf_free(m);
		}
	}
	assert_all_back();
	assert_in_range(refused, 2000, 18000); /* neither way is the only one taken */
	assert_in_range(cut, 2000, 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_flags_and_back),
		cmocka_unit_test(test_gso_by_caps),
		cmocka_unit_test(test_segments_inherit),
		cmocka_unit_test(test_vxlan_to_flags_and_back),
		cmocka_unit_test(test_contradictions_are_refused),
		cmocka_unit_test(test_program_asks_for_tso),
		cmocka_unit_test(test_program_asks_for_a_checksum),
		cmocka_unit_test(test_udp_fragments),
		cmocka_unit_test(test_requests_that_cannot_be),
		cmocka_unit_test(test_train_to_large_packet),
		cmocka_unit_test(test_no_buffers_nothing_changed),
		cmocka_unit_test(test_random_requests),
	};

	return cmocka_run_group_tests(tests, lib_setup, lib_teardown);
}
