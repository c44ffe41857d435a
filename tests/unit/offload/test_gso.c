/* SPDX-License-Identifier: BSD-3-Clause */
/* Segmentation: every segment against one built from scratch; what is refused; what a lack of
 * buffers leaves. */
#include "offload_test.h"

#include <errno.h>

#include "offload/gso.h"
#include "offload/tx_prepare.h"

struct gso_case {
	const char *name;
	struct gen g; /* what differs from gen_default; plen always */
	uint16_t gso_size;
	uint32_t n_segs;
};

#define TCP4(...)                                                                                  \
	{                                                                                          \
		.l3 = PKT_L3_IPV4, .l4 = PKT_L4_TCP, __VA_ARGS__                                   \
	}
#define TCP6(...)                                                                                  \
	{                                                                                          \
		.l3 = PKT_L3_IPV6, .l4 = PKT_L4_TCP, __VA_ARGS__                                   \
	}
#define UDP4(...)                                                                                  \
	{                                                                                          \
		.l3 = PKT_L3_IPV4, .l4 = PKT_L4_UDP, __VA_ARGS__                                   \
	}
#define UDP6(...)                                                                                  \
	{                                                                                          \
		.l3 = PKT_L3_IPV6, .l4 = PKT_L4_UDP, __VA_ARGS__                                   \
	}

static const struct gso_case cases[] = {
	{ "tcp4_exact_count", TCP4(.plen = 4000), 1000, 4 },
	{ "tcp4_one_byte_more", TCP4(.plen = 4001), 1000, 5 },
	{ "tcp4_one_byte_less", TCP4(.plen = 3999), 1000, 4 },
	{ "tcp4_two_of_one_byte", TCP4(.plen = 2), 1, 2 },
	{ "tcp4_64k", TCP4(.plen = 65535 - 40), 1448, 46 },
	{ "tcp4_cwr_on_first_only", TCP4(.plen = 3000, .flags = 0x90), 1000, 3 },
	{ "tcp4_fin_psh_on_last_only", TCP4(.plen = 3000, .flags = 0x19), 1000, 3 },
	{ "tcp4_ece_on_all", TCP4(.plen = 3000, .flags = 0x50), 1000, 3 },
	{ "tcp4_seq_wraps", TCP4(.plen = 3000, .seq = 0xfffffff0), 1000, 3 },
	{ "tcp4_id_wraps", TCP4(.plen = 3000, .id = 0xffff), 1000, 3 },
	{ "tcp4_options_kept", TCP4(.plen = 3000, .topt_words = 10, .tstamp = 99), 1000, 3 },
	{ "tcp4_ip_options_kept", TCP4(.plen = 3000, .opt_words = 10), 1000, 3 },
	{ "tcp4_odd_sizes", TCP4(.plen = 3001), 333, 10 },
	{ "tcp4_padding_not_sent", TCP4(.plen = 3000, .pad = 7), 1000, 3 },
	{ "tcp4_vlan", TCP4(.plen = 3000, .n_vlan = 1), 1000, 3 },
	{ "tcp4_qinq", TCP4(.plen = 3000, .n_vlan = 2), 1000, 3 },
	{ "tcp4_tunnel", TCP4(.plen = 3000, .tun_hlen = 8, .tun_fill = 9), 1000, 3 },
	{ "tcp6", TCP6(.plen = 3000), 1000, 3 },
	{ "tcp6_64k", TCP6(.plen = 65535 - 60), 1440, 46 },
	{ "tcp6_ext_headers", TCP6(.plen = 3000, .ext = 7), 1000, 3 },
	{ "tcp6_vlan_tunnel", TCP6(.plen = 3000, .n_vlan = 1, .tun_hlen = 8), 1000, 3 },
	{ "tcp6_qinq_ext_tunnel", TCP6(.plen = 3000, .n_vlan = 2, .ext = 5, .tun_hlen = 8), 1000,
		3 },
	{ "udp4", UDP4(.plen = 3001), 1000, 4 },
	{ "udp4_tunnel_vlan", UDP4(.plen = 3001, .tun_hlen = 8, .n_vlan = 1), 1000, 4 },
	{ "udp6", UDP6(.plen = 3001), 1000, 4 },
	{ "udp6_ext_headers", UDP6(.plen = 3001, .ext = 4), 1000, 4 },
};

/* The row's fields, the others from gen_default. */
static struct gen full(const struct gen *row)
{
	struct gen g = gen_default;

	g.l3 = row->l3;
	g.l4 = row->l4;
	g.plen = row->plen;
	g.n_vlan = row->n_vlan;
	g.tun_hlen = row->tun_hlen;
	g.tun_fill = row->tun_fill;
	g.ext = row->ext;
	g.opt_words = row->opt_words;
	g.topt_words = row->topt_words;
	g.tstamp = row->tstamp;
	g.pad = row->pad;
	g.flags = row->flags ? row->flags : g.flags;
	g.seq = row->seq ? row->seq : g.seq;
	g.id = row->id ? row->id : g.id;
	return g;
}

static int shared(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_copying(m, 0, out);
}

static int copied(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_copying(m, UINT32_MAX, out);
}

static int shared_paid(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_paid_copying(m, 0, out);
}

static int copied_paid(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_paid_copying(m, UINT32_MAX, out);
}

/* However the payload gets there, the same packets come out. */
static const struct way {
	int (*segment)(struct rte_mbuf *m, struct pkt_list *out);
	uint8_t csum;
} ways[] = {
	{ gso_segment, PKT_CSUM_OWED },
	{ gso_segment_paid, PKT_CSUM_VERIFIED },
	{ shared, PKT_CSUM_OWED },
	{ copied, PKT_CSUM_OWED },
	{ shared_paid, PKT_CSUM_VERIFIED },
	{ copied_paid, PKT_CSUM_VERIFIED },
};

/* Each packet of @segs, checksum paid, is the one that the description gives. */
static void check_segments(const struct gen *g, uint16_t gso_size, uint32_t n_segs, uint8_t csum,
	struct pkt_list *segs)
{
	static struct flat want;
	struct rte_mbuf *m;

	assert_int_equal(segs->n_pkts, n_segs);
	for (uint32_t i = 0; (m = pkt_list_pop(segs)); i++) {
		const struct gen s = segment_of(g, gso_size, i);
		struct pkt_list one;

		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.csum, csum);
		assert_int_equal(pkt_meta(m)->obj, 5);
		assert_int_equal(pkt_meta(m)->hash, 6);
		pkt_list_init(&one);
		assert_int_equal(tx_prepare(m, 0, &one), 0);
		m = pkt_list_pop(&one);
		assert_pkt_good(m);
		want.n = gen_bytes(&s, want.b);
		assert_bytes(m, &want);
		pkt_done(m);
	}
}

static void run(
	const struct gso_case *c, enum chain_shape shape, const struct way *way, struct rnd *r)
{
	static struct flat before;
	const struct gen g = full(&c->g);
	struct rte_mbuf *m = gen_super(&g, c->gso_size, shape, r), *witness;
	struct pkt_list segs;

	pkt_meta(m)->obj = 5;
	pkt_meta(m)->hash = 6;
	flat_of(m, &before);
	witness = pkt_clone(m);
	pkt_list_init(&segs);
	assert_int_equal(way->segment(m, &segs), 0);
	check_segments(&g, c->gso_size, c->n_segs, way->csum, &segs);
	assert_bytes(witness, &before);
	pkt_done(witness);
}

static void test_rows(void **state)
{
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			print_message("%s, shape %u\n", cases[i].name, shape);
			for (size_t w = 0; w < RTE_DIM(ways); w++) {
				rnd_seed(&r, i * 10 + shape);
				run(&cases[i], shape, &ways[w], &r);
				assert_true(eal_test_pools_full());
			}
		}
	}
}

/* ---- refusals ---- */

static void no_size(struct pkt_layer *l)
{
	l->gso_size = 0;
}

static void no_type(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_NONE;
}

static void type_tcp6(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_TCP6;
}

static void type_udp(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_UDP;
}

static void type_unknown(struct pkt_layer *l)
{
	l->gso_type = 7;
}

static void no_l4(struct pkt_layer *l)
{
	l->l4 = PKT_L4_NONE;
}

static void no_payload(struct pkt_layer *l)
{
	l->end_off = l->pay_off;
}

static void shorter_than_headers(struct pkt_layer *l)
{
	l->end_off = l->pay_off - 1u;
}

static const struct {
	const char *name;
	void (*spoil)(struct pkt_layer *l);
} refusals[] = {
	{ "gso_size_0", no_size },
	{ "no_gso_type", no_type },
	{ "tcp4_frame_as_tcp6", type_tcp6 },
	{ "tcp_frame_as_udp", type_udp },
	{ "unknown_gso_type", type_unknown },
	{ "no_transport_header", no_l4 },
	{ "nothing_behind_headers", no_payload },
	{ "length_shorter_than_headers", shorter_than_headers },
};

static void test_refusals(void **state)
{
	static struct flat before;
	struct pkt_list out;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(refusals); i++) {
		struct rte_mbuf *m = gen_super(&gen_default, 100, CHAIN_FLAT, &r);

		print_message("%s\n", refusals[i].name);
		flat_of(m, &before);
		refusals[i].spoil(&pkt_meta(m)->inner);
		pkt_list_init(&out);
		assert_int_equal(gso_segment(m, &out), -EINVAL);
		assert_true(pkt_list_empty(&out));
		assert_bytes(m, &before);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

static void test_udp_length_disagrees(void **state)
{
	struct gen g = gen_default;
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	g.l4 = PKT_L4_UDP;
	m = gen_super(&g, 100, CHAIN_FLAT, &r);
	rte_pktmbuf_mtod(m, uint8_t *)[14 + 20 + 5]--;
	pkt_list_init(&out);
	assert_int_equal(gso_segment(m, &out), -EINVAL);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

/* Take buffers away until @left of each kind remain. */
static void starve(struct pkt_list *hoard, uint32_t left)
{
	struct pkt_pool_use u;

	pkt_list_init(hoard);
	pkt_pools_use(&u);
	for (; u.hdr_free > left; u.hdr_free--)
		pkt_list_add(hoard, pkt_alloc_hdr());
	for (; u.small_free > left; u.small_free--)
		pkt_list_add(hoard, pkt_alloc_small());
}

/* However few buffers there are: all ten segments or none, and then nothing has changed. */
static void scarce(
	int (*segment)(struct rte_mbuf *, struct pkt_list *), uint16_t gso_size, uint32_t need)
{
	static struct flat before;
	struct gen g = gen_default;
	struct pkt_list hoard, out;
	struct rnd r;

	rnd_seed(&r, 1);
	g.plen = 10u * gso_size;
	for (uint32_t left = 0; left < 35; left++) {
		struct rte_mbuf *m = gen_super(&g, gso_size, CHAIN_FLAT, &r);
		const uint16_t n_segs = m->nb_segs;
		int err;

		flat_of(m, &before);
		pkt_list_init(&out);
		starve(&hoard, left);
		err = segment(m, &out);
		if (err) {
			assert_true(left < need);
			assert_int_equal(err, -ENOBUFS);
			assert_true(pkt_list_empty(&out));
			assert_int_equal(m->nb_segs, n_segs);
			assert_int_equal(rte_mbuf_refcnt_read(m), 1);
			assert_pkt_good(m);
			assert_bytes(m, &before);
			pkt_done(m);
		} else {
			assert_true(left >= need);
			assert_int_equal(out.n_pkts, 10);
			drop_all(&out);
		}
		drop_all(&hoard);
		assert_true(eal_test_pools_full());
	}
}

static void test_no_buffers(void **state)
{
	(void)state;
	scarce(gso_segment, 250, 10);	    /* copied into buffers for headers */
	scarce(gso_segment, 450, 10);	    /* copied */
	scarce(gso_segment_paid, 1448, 10); /* copied and summed */
	scarce(copied_paid, 6000, 30);	    /* the same, into three buffers each */
	scarce(gso_segment, 6000, 21); /* shared: a header and a piece each, one of them in two */
	scarce(gso_segment_paid, 6000, 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_udp_length_disagrees),
		cmocka_unit_test(test_no_buffers),
	};

	return cmocka_run_group_tests_name("gso", tests, eal_test_setup, eal_test_teardown);
}
