/* SPDX-License-Identifier: BSD-3-Clause */
/* libcvsw-offload: pools and queues, parsing, GRO, checksums. */
#include "lib_test.h"

#include <errno.h>
#include <stdlib.h>
#include <rte_ip.h>

#define SIZE 1000
#define MANY 5000 /* places: more than the library remembers */

static struct gen tcp_super(uint32_t plen)
{
	struct gen g = gen_default;

	g.plen = plen;
	return g;
}

static struct cvsw_gro *gro_new(void)
{
	struct cvsw_gro *g = cvsw_gro_create(64, NULL);

	assert_non_null(g);
	return g;
}

static void receive(
	struct cvsw_gro *g, struct rte_mbuf **pkts, unsigned int n, struct cvsw_queue *q)
{
	assert_int_equal(cvsw_gro_receive(g, pkts, n, CVSW_GRO_TCP, 0, q), n);
}

/* ---- start and end ---- */

static void test_start_and_end(void **state)
{
	const struct cvsw_offload_config odd = { .app_priv_size = 3 };
	struct rte_mbuf *pkts[3];
	struct cvsw_queue q;
	struct gen super = tcp_super(3000);

	(void)state;
	assert_int_equal(cvsw_offload_init(NULL), -EALREADY);
	cvsw_queue_init(&q);
	pkts[0] = app_pkt(&super);
	assert_int_equal(cvsw_parse(&pkts[0], NULL), 0);
	assert_int_equal(cvsw_request(&pkts[0], SIZE, 0), 0);
	assert_int_equal(cvsw_gso(&pkts[0], 0, &q), 0);
	assert_int_equal(cvsw_offload_exit(), -EBUSY);
	assert_int_equal(cvsw_queue_pop(&q, pkts, 3), 3);
	for (int i = 0; i < 3; i++) /* room for the program's own bytes */
		assert_true(rte_pktmbuf_priv_size(pkts[i]->pool) >=
			    cvsw_offload_priv_size() + APP_PRIV);
	rte_pktmbuf_free_bulk(pkts, 3);
	assert_all_back();

	assert_int_equal(cvsw_offload_exit(), 0);
	assert_int_equal(cvsw_offload_exit(), 0);
	assert_int_equal(cvsw_offload_init(&odd), -EINVAL);
	assert_int_equal(cvsw_offload_init(&lib_config), 0);
	assert_all_back();
}

/* ---- foreign pools ---- */

static void test_foreign_pool_is_refused(void **state)
{
	static struct flat f;
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf *pkts[4], *bare;
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	f.n = gen_bytes(&gen_default, f.b);
	bare = app_pkt_of(bare_pool, f.b, f.n, 0);
	assert_int_equal(cvsw_parse(&bare, NULL), -EINVAL);
	assert_int_equal(cvsw_from_ol_flags(&bare, NULL, 0), -EINVAL);
	assert_int_equal(cvsw_queue_add(&q, bare), -EINVAL);

	for (int i = 0; i < 4; i++)
		pkts[i] = i == 2 ? bare : app_pkt(&gen_default);
	assert_int_equal(cvsw_gro_receive(g, pkts, 4, CVSW_GRO_TCP, 0, &q), 2);
	assert_int_equal(
		cvsw_gro_receive(g, pkts + 2, 2, CVSW_GRO_TCP | CVSW_GRO_PARSED, 0, &q), 0);
	assert_ptr_equal(pkts[2], bare);
	cvsw_gro_flush(g, &q);
	assert_int_equal(q.n_pkts, 2);
	drain(&q);
	cvsw_gro_destroy(g);
	rte_pktmbuf_free_bulk(pkts + 2, 2);
	assert_all_back();
}

/* A later segment becomes the first one when headers are taken off. */
static void test_foreign_second_segment_is_refused(void **state)
{
	static const uint8_t tail[100];
	struct rte_mbuf *m = app_pkt(&gen_default);

	(void)state;
	assert_int_equal(rte_pktmbuf_chain(m, app_pkt_of(bare_pool, tail, sizeof(tail), 0)), 0);
	assert_int_equal(cvsw_parse(&m, NULL), -EINVAL);
	rte_pktmbuf_free(m);
	assert_all_back();
}

/* An indirect mbuf says in priv_size what its data's pool has. */
static void test_clone_from_foreign_pool_is_refused(void **state)
{
	struct rte_mbuf *m = app_pkt(&gen_default), *c = rte_pktmbuf_clone(m, bare_pool);

	(void)state;
	assert_non_null(c);
	assert_true(c->priv_size >= cvsw_offload_priv_size());
	assert_int_equal(cvsw_parse(&c, NULL), -EINVAL);
	rte_pktmbuf_free(c);
	rte_pktmbuf_free(m);
	assert_all_back();
}

/* ---- queues ---- */

static void test_small_arrays_lose_nothing(void **state)
{
	static const unsigned int sizes[] = { 1, 0, 2, 3, 100 };
	struct rte_mbuf *in[10], *out[100];
	struct cvsw_queue q;
	unsigned int n = 0;

	(void)state;
	cvsw_queue_init(&q);
	for (unsigned int i = 0; i < 10; i++) {
		in[i] = app_pkt(&gen_default);
		assert_int_equal(cvsw_queue_add(&q, in[i]), 0);
	}
	assert_int_equal(q.n_pkts, 10);
	for (size_t i = 0; i < RTE_DIM(sizes); i++) {
		const unsigned int want = RTE_MIN(sizes[i], 10 - n);

		assert_int_equal(cvsw_queue_pop(&q, out + n, sizes[i]), want);
		n += want;
	}
	assert_int_equal(n, 10);
	assert_int_equal(cvsw_queue_pop(&q, out, 1), 0);
	assert_memory_equal(in, out, sizeof(in));
	rte_pktmbuf_free_bulk(out, 10);
	assert_all_back();
}

/* ---- parsing ---- */

static void test_split_headers_are_pulled(void **state)
{
	static struct flat f;
	struct cvsw_info info;

	(void)state;
	f.n = gen_bytes(&gen_default, f.b);
	for (uint32_t first = 1; first < 80; first++) {
		struct rte_mbuf *m = app_pkt_of(app_pool, f.b, f.n, first);

		m->port = 7;
		m->vlan_tci = 99;
		m->ol_flags |= RTE_MBUF_F_RX_VLAN_STRIPPED;
		m->dynfield1[8] = 0x1234;
		assert_int_equal(cvsw_parse(&m, NULL), 0);
		cvsw_info(m, &info);
		assert_int_equal(info.l4, CVSW_L4_TCP);
		assert_int_equal(info.pay_off, 54);
		assert_int_equal(info.n_pkts, 1);
		assert_int_equal(m->port, 7);
		assert_int_equal(m->vlan_tci, 99);
		assert_int_equal(m->dynfield1[8], 0x1234);
		assert_true(m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED);
		assert_bytes(m, &f);
		rte_pktmbuf_free(m);
	}
	assert_all_back();
}

static void test_empty_packet(void **state)
{
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf *m = rte_pktmbuf_alloc(app_pool);
	struct cvsw_info info;
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.l3, CVSW_L3_NONE);
	assert_int_equal(info.n_pkts, 1);
	assert_int_equal(cvsw_request(&m, 0, 0), -EINVAL);
	assert_int_equal(cvsw_to_ol_flags(&m, NULL), 0);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_null(m);
	m = take(&q);
	receive(g, &m, 1, &q);
	receive(g, NULL, 0, &q);
	assert_int_equal(q.n_pkts, 1);
	drain(&q);
	cvsw_gro_destroy(g);
	assert_all_back();
}

/* Whose checksum a driver's word is about. */
static void test_driver_checksums(void **state)
{
	const uint64_t good = RTE_MBUF_F_RX_L4_CKSUM_GOOD, bad = RTE_MBUF_F_RX_L4_CKSUM_BAD,
		       outer_good = RTE_MBUF_F_RX_OUTER_L4_CKSUM_GOOD;
	const struct {
		const char *name;
		bool vxlan;
		uint64_t ol_flags;
		uint32_t ptype;
		uint8_t inner, outer;
	} cases[] = {
		{ "plain_good", false, good, 0, CVSW_CSUM_VERIFIED, CVSW_CSUM_UNKNOWN },
		{ "plain_bad_is_looked_at_again", false, bad, 0, CVSW_CSUM_UNKNOWN,
			CVSW_CSUM_UNKNOWN },
		{ "plain_silent", false, 0, 0, CVSW_CSUM_UNKNOWN, CVSW_CSUM_UNKNOWN },
		{ "plain_none_needs_the_right_field", false, RTE_MBUF_F_RX_L4_CKSUM_NONE, 0,
			CVSW_CSUM_UNKNOWN, CVSW_CSUM_UNKNOWN },
		{ "tunnel_not_looked_into", true, good, 0, CVSW_CSUM_UNKNOWN, CVSW_CSUM_VERIFIED },
		{ "tunnel_inner_type", true, good, RTE_PTYPE_INNER_L4_TCP, CVSW_CSUM_VERIFIED,
			CVSW_CSUM_UNKNOWN },
		{ "tunnel_both", true, good | outer_good, 0, CVSW_CSUM_VERIFIED,
			CVSW_CSUM_VERIFIED },
		{ "tunnel_outer_alone", true, outer_good, 0, CVSW_CSUM_UNKNOWN,
			CVSW_CSUM_VERIFIED },
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct rte_mbuf *m = cases[i].vxlan ? app_vxlan(&gen_default, true)
						    : app_pkt(&gen_default);
		struct cvsw_info info;

		print_message("%s\n", cases[i].name);
		m->ol_flags |= cases[i].ol_flags;
		m->packet_type = cases[i].ptype;
		assert_int_equal(cvsw_parse(&m, NULL), 0);
		cvsw_info(m, &info);
		assert_int_equal(info.tun_hlen, cases[i].vxlan ? 8 : 0);
		assert_int_equal(info.csum, cases[i].inner);
		assert_int_equal(info.outer_csum, cases[i].outer);
		rte_pktmbuf_free(m);
	}
	assert_all_back();
}

static void test_ports_are_obeyed(void **state)
{
	struct rte_mbuf *m = app_vxlan(&gen_default, false);
	struct cvsw_ports ports;
	struct cvsw_info info;

	(void)state;
	cvsw_ports_default(&ports);
	assert_int_equal(ports.vxlan, 4789);
	ports.vxlan = 0;
	assert_int_equal(cvsw_parse(&m, &ports), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.tun_hlen, 0);
	assert_int_equal(info.l4, CVSW_L4_UDP);
	rte_pktmbuf_free(m);
	assert_all_back();
}

/* ---- GRO ---- */

static void test_train_as_from_a_driver(void **state)
{
	const struct gen super = tcp_super(2500);
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf *pkts[3], *m;
	struct cvsw_queue q;
	struct cvsw_info info;

	(void)state;
	cvsw_queue_init(&q);
	assert_int_equal(app_train(&super, SIZE, pkts), 3);
	for (int i = 0; i < 3; i++) /* one is the driver's word, the others are checked */
		pkts[i]->ol_flags |= i == 1 ? RTE_MBUF_F_RX_L4_CKSUM_GOOD : 0;
	receive(g, pkts, 3, &q);
	assert_int_equal(q.n_pkts, 1); /* the small last packet ends it */
	m = take(&q);
	assert_pkt_good(m);
	assert_true(m->ol_flags & RTE_MBUF_F_RX_LRO);
	assert_int_equal(m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_NONE);
	assert_int_equal(m->tso_segsz, SIZE);
	cvsw_info(m, &info);
	assert_int_equal(info.gso_type, CVSW_GSO_TCP4);
	assert_int_equal(info.gso_size, SIZE);
	assert_int_equal(info.n_pkts, 3);
	assert_int_equal(info.csum, CVSW_CSUM_OWED);

	/* a later stage that parses it anew sees the same, and the law holds */
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.gso_type, CVSW_GSO_TCP4);
	assert_int_equal(info.n_pkts, 3);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_cut(&q, &super, SIZE);
	cvsw_gro_destroy(g);
	assert_all_back();
}

/* What a stage asked for is what a later one finds when it parses the packet anew. */
static void test_marks_follow_a_request(void **state)
{
	static const struct {
		const char *name;
		uint16_t gso_size;
		uint8_t gso_type;
	} cases[] = {
		{ "other_size", 500, CVSW_GSO_TCP4 },
		{ "one_large_packet", 0, CVSW_GSO_NONE },
		{ "fits_one_packet", 2000, CVSW_GSO_NONE },
	};
	const struct gen super = tcp_super(2000);

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct cvsw_gro *g = gro_new();
		struct rte_mbuf *pkts[2], *m;
		struct cvsw_queue q;
		struct cvsw_info info;

		print_message("%s\n", cases[i].name);
		cvsw_queue_init(&q);
		app_train(&super, SIZE, pkts);
		receive(g, pkts, 2, &q);
		cvsw_gro_flush(g, &q);
		m = take(&q);
		assert_int_equal(cvsw_request(&m, cases[i].gso_size, 0), 0);
		assert_int_equal(cvsw_parse(&m, NULL), 0);
		cvsw_info(m, &info);
		assert_int_equal(info.gso_type, cases[i].gso_type);
		assert_int_equal(
			info.gso_size, cases[i].gso_type == CVSW_GSO_NONE ? 0 : cases[i].gso_size);
		assert_int_equal(info.csum, CVSW_CSUM_OWED);
		rte_pktmbuf_free(m);
		cvsw_gro_destroy(g);
		assert_all_back();
	}
}

/* One datagram that is to be sent as fragments is no train of datagrams. */
static void test_fragments_to_be_are_no_train(void **state)
{
	struct cvsw_gro *g = gro_new();
	struct gen gen = tcp_super(3000);
	struct rte_mbuf *m;
	struct cvsw_queue q;
	struct cvsw_info info;

	(void)state;
	cvsw_queue_init(&q);
	gen.l4 = PKT_L4_UDP;
	m = app_pkt(&gen);
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	assert_int_equal(cvsw_request(&m, SIZE, CVSW_UDP_FRAGMENT), 0);
	assert_int_equal(cvsw_gro_receive(g, &m, 1, CVSW_GRO_UDP | CVSW_GRO_PARSED, 0, &q), 1);
	m = take(&q);
	cvsw_info(m, &info);
	assert_int_equal(info.gso_type, CVSW_GSO_UDP_FRAGS);
	assert_false(m->ol_flags & RTE_MBUF_F_RX_LRO);
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.gso_type, CVSW_GSO_NONE);
	rte_pktmbuf_free(m);
	cvsw_gro_destroy(g);
	assert_all_back();
}

static void test_flush_twice(void **state)
{
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf *m = app_pkt(&gen_default);
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	cvsw_gro_flush(g, &q);
	assert_int_equal(q.n_pkts, 0);
	receive(g, &m, 1, &q);
	assert_int_equal(q.n_pkts, 0);
	cvsw_gro_flush(g, &q);
	cvsw_gro_flush(g, &q);
	cvsw_gro_flush_aged(g, UINT64_MAX / 4, 0, &q);
	assert_int_equal(q.n_pkts, 1);
	assert_ptr_equal(q.head, m);
	assert_false(m->ol_flags & RTE_MBUF_F_RX_LRO);
	drain(&q);
	cvsw_gro_destroy(g);
	assert_all_back();
}

static void test_flush_by_age(void **state)
{
	struct cvsw_gro *g = gro_new();
	struct gen other = gen_default;
	struct rte_mbuf *pkts[2] = { app_pkt(&gen_default), NULL };
	struct cvsw_queue q;

	(void)state;
	other.sport++;
	pkts[1] = app_pkt(&other);
	cvsw_queue_init(&q);
	assert_int_equal(cvsw_gro_receive(g, &pkts[0], 1, CVSW_GRO_TCP, 1000, &q), 1);
	assert_int_equal(cvsw_gro_receive(g, &pkts[1], 1, CVSW_GRO_TCP, 2000, &q), 1);
	cvsw_gro_flush_aged(g, 2500, 1500, &q);
	assert_int_equal(q.n_pkts, 0);
	cvsw_gro_flush_aged(g, 2501, 1500, &q);
	assert_int_equal(q.n_pkts, 1);
	assert_ptr_equal(q.head, pkts[0]);
	drain(&q);
	cvsw_gro_destroy(g); /* ends the other one */
	cvsw_gro_destroy(NULL);
	assert_all_back();
}

/* Two packets that would merge, but for what stands beside their bytes. */
static void test_other_places_stay_apart(void **state)
{
	const struct gen super = tcp_super(2000);
	static const struct {
		const char *name;
		uint16_t port, tci, outer_tci;
		uint64_t flags;
		bool merge;
	} cases[] = {
		{ "same", 0, 0, 0, 0, true },
		{ "port", 1, 0, 0, 0, false },
		{ "vlan", 0, 5, 0, RTE_MBUF_F_RX_VLAN_STRIPPED, false },
		{ "vlan_0_is_a_tag", 0, 0, 0, RTE_MBUF_F_RX_VLAN_STRIPPED, false },
		{ "tci_without_flag_means_nothing", 0, 5, 0, 0, true },
		{ "qinq", 0, 0, 5, RTE_MBUF_F_RX_QINQ_STRIPPED, false },
		{ "decrypted", 0, 0, 0, RTE_MBUF_F_RX_SEC_OFFLOAD, false },
		{ "not_decrypted", 0, 0, 0, RTE_MBUF_F_RX_SEC_OFFLOAD_FAILED, false },
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct cvsw_gro *g = gro_new();
		struct rte_mbuf *pkts[2];
		struct cvsw_queue q;

		print_message("%s\n", cases[i].name);
		cvsw_queue_init(&q);
		app_train(&super, SIZE, pkts);
		pkts[0]->port = 0;
		pkts[1]->port = cases[i].port;
		pkts[1]->vlan_tci = cases[i].tci;
		pkts[1]->vlan_tci_outer = cases[i].outer_tci;
		pkts[1]->ol_flags |= cases[i].flags;
		receive(g, pkts, 2, &q);
		cvsw_gro_flush(g, &q);
		assert_int_equal(q.n_pkts, cases[i].merge ? 1 : 2);
		drain(&q);
		cvsw_gro_destroy(g);
		assert_all_back();
	}
}

/* Each place twice, more places than fit: each pair merges, and nothing else does. */
static void test_many_places(void **state)
{
	const struct gen super = tcp_super(2000);
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf *pkts[2], *m;
	struct cvsw_queue q;
	unsigned int n = 0;

	(void)state;
	cvsw_queue_init(&q);
	for (uint32_t i = 0; i < MANY; i++) {
		app_train(&super, SIZE, pkts);
		pkts[0]->port = pkts[1]->port = (uint16_t)i;
		receive(g, pkts, 2, &q);
		if (i == MANY - 1)
			cvsw_gro_flush(g, &q);
		while (cvsw_queue_pop(&q, &m, 1)) {
			assert_int_equal(m->tso_segsz, SIZE);
			assert_int_equal(m->port, n++);
			rte_pktmbuf_free(m);
		}
	}
	assert_int_equal(n, MANY);
	cvsw_gro_destroy(g);
	assert_all_back();
}

/* Headers that cannot be made contiguous: the packet passes, behind what is held of its flow. */
static void test_no_buffer_keeps_order(void **state)
{
	const struct gen super = tcp_super(2000);
	static struct flat f;
	struct cvsw_offload_buffers b;
	struct cvsw_gro *g = gro_new();
	struct rte_mbuf **hoard, *pkts[2];
	struct gen second = segment_of(&super, SIZE, 1);
	struct rte_mempool *mp = rte_mempool_lookup("cvsw-hdr");
	struct cvsw_queue q;
	unsigned int n = 0;

	(void)state;
	cvsw_queue_init(&q);
	app_train(&super, SIZE, pkts);
	rte_pktmbuf_free(pkts[1]);
	f.n = gen_bytes(&second, f.b);
	pkts[1] = app_pkt_of(app_pool, f.b, f.n, 20);
	cvsw_offload_buffers(&b);
	hoard = calloc(b.hdr_total, sizeof(struct rte_mbuf *));
	assert_non_null(hoard);
	while (n < b.hdr_total && (hoard[n] = rte_pktmbuf_alloc(mp)))
		n++;
	assert_int_equal(n, b.hdr_total);
	receive(g, pkts, 2, &q);
	assert_int_equal(q.n_pkts, 2);
	assert_ptr_equal(take(&q), pkts[0]);
	assert_ptr_equal(take(&q), pkts[1]);
	assert_bytes(pkts[1], &f);
	rte_pktmbuf_free_bulk(pkts, 2);
	rte_pktmbuf_free_bulk(hoard, n);
	free(hoard);
	cvsw_gro_destroy(g);
	assert_all_back();
}

/* A frame that a card has coalesced: its checksum is the card's word. */
static void test_lro_frame_becomes_a_train(void **state)
{
	const struct gen super = tcp_super(2500);
	struct rte_mbuf *m = app_pkt(&super);
	struct cvsw_info info;
	struct cvsw_queue q;

	(void)state;
	cvsw_queue_init(&q);
	rte_pktmbuf_mtod(m, uint8_t *)[50] ^= 0x55; /* the checksum is not kept right */
	m->ol_flags |= RTE_MBUF_F_RX_LRO | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	m->tso_segsz = SIZE;
	assert_int_equal(cvsw_parse(&m, NULL), 0);
	cvsw_info(m, &info);
	assert_int_equal(info.n_pkts, 3);
	assert_int_equal(cvsw_gso(&m, 0, &q), 0);
	assert_cut(&q, &super, SIZE);
	assert_all_back();
}

/* ---- checksums ---- */

static void test_checksums(void **state)
{
	static uint8_t src[3000], dst[3000];
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)rnd_u32(&r);
	for (size_t n = 0; n <= sizeof(src); n += 1 + n / 7) {
		assert_int_equal(cvsw_csum_fold(cvsw_csum(src, n, 0)), rte_raw_cksum(src, n));
		assert_int_equal(
			cvsw_csum_fold(cvsw_csum_copy(dst, src, n, 0)), rte_raw_cksum(src, n));
		assert_memory_equal(dst, src, n);
		memset(dst, 0, sizeof(dst));
		assert_int_equal(cvsw_crc32c_copy(dst, src, n, 0), cvsw_crc32c(0, src, n));
		assert_memory_equal(dst, src, n);
	}
	assert_int_equal(cvsw_crc32c(0, "123456789", 9), 0xe3069283); /* RFC 3720, B.4's kind */
	assert_int_equal(cvsw_crc32c(cvsw_crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
	assert_int_equal(cvsw_crc32c(0, src, 0), 0);
	assert_int_equal(cvsw_csum(src, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign_pool_is_refused),
		cmocka_unit_test(test_foreign_second_segment_is_refused),
		cmocka_unit_test(test_clone_from_foreign_pool_is_refused),
		cmocka_unit_test(test_small_arrays_lose_nothing),
		cmocka_unit_test(test_split_headers_are_pulled),
		cmocka_unit_test(test_empty_packet),
		cmocka_unit_test(test_driver_checksums),
		cmocka_unit_test(test_ports_are_obeyed),
		cmocka_unit_test(test_train_as_from_a_driver),
		cmocka_unit_test(test_marks_follow_a_request),
		cmocka_unit_test(test_fragments_to_be_are_no_train),
		cmocka_unit_test(test_flush_twice),
		cmocka_unit_test(test_flush_by_age),
		cmocka_unit_test(test_other_places_stay_apart),
		cmocka_unit_test(test_many_places),
		cmocka_unit_test(test_no_buffer_keeps_order),
		cmocka_unit_test(test_lro_frame_becomes_a_train),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_start_and_end),
	};

	return cmocka_run_group_tests(tests, lib_setup, lib_teardown);
}
