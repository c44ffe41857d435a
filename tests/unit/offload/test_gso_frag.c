/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams sent as IP fragments (UFO): put together again by the test, they are the datagram, its
 * checksum right. */
#include "offload_test.h"

#include <errno.h>

#include "offload/frag.h"
#include "offload/tx_prepare.h"

#define N_FRAGS 8

struct frag_case {
	const char *name;
	struct gen g; /* l3, plen, link, options; the others are gen_default's */
	uint16_t gso_size;
	uint32_t frags[N_FRAGS]; /* bytes behind the IP headers of each; none: -EINVAL */
};

#define IP4(...)                                                                                   \
	{                                                                                          \
		.l3 = PKT_L3_IPV4, __VA_ARGS__                                                     \
	}
#define IP6(...)                                                                                   \
	{                                                                                          \
		.l3 = PKT_L3_IPV6, __VA_ARGS__                                                     \
	}

static const struct frag_case cases[] = {
	/* the UDP header is payload to IP: 8 bytes more */
	{ "ipv4_first_middle_last", IP4(.plen = 2500), 1000, { 1000, 1000, 508 } },
	{ "ipv4_exact_count", IP4(.plen = 1992), 1000, { 1000, 1000 } },
	{ "ipv4_one_byte_more", IP4(.plen = 1993), 1000, { 1000, 1000, 1 } },
	{ "ipv4_one_byte_less", IP4(.plen = 1991), 1000, { 1000, 999 } },
	{ "ipv4_fits_one_packet", IP4(.plen = 992), 1000, { 1000 } },
	{ "ipv4_size_rounded_down_to_8", IP4(.plen = 2500), 1007, { 1000, 1000, 508 } },
	{ "ipv4_smallest_size", IP4(.plen = 10), 8, { 8, 8, 2 } },
	{ "ipv4_size_below_8", IP4(.plen = 10), 7, { 0 } },
	{ "ipv4_options_on_all", IP4(.plen = 1200, .opt_words = 2), 1000, { 1000, 208 } },
	{ "ipv4_may_fragment", IP4(.plen = 1200, .frag_off = 1), 1000, { 1000, 208 } },
	{ "ipv4_qinq", IP4(.plen = 1200, .n_vlan = 2), 1000, { 1000, 208 } },
	{ "ipv4_behind_a_tunnel_header", IP4(.plen = 1200, .tun_hlen = 8), 1000, { 1000, 208 } },
	{ "ipv4_padding_not_sent", IP4(.plen = 1200, .pad = 9), 1000, { 1000, 208 } },
	{ "ipv4_odd_length", IP4(.plen = 2501), 1000, { 1000, 1000, 509 } },
	{ "ipv4_64k", IP4(.plen = 65507), 60000, { 60000, 5515 } },
	{ "ipv6_first_middle_last", IP6(.plen = 2500), 1000, { 1000, 1000, 508 } },
	{ "ipv6_exact_count", IP6(.plen = 1992), 1000, { 1000, 1000 } },
	{ "ipv6_one_byte_more", IP6(.plen = 1993), 1000, { 1000, 1000, 1 } },
	{ "ipv6_fits_one_packet", IP6(.plen = 992), 1000, { 1000 } },
	{ "ipv6_size_rounded_down_to_8", IP6(.plen = 2500), 1001, { 1000, 1000, 508 } },
	{ "ipv6_hop_by_hop_on_all", IP6(.plen = 1200, .ext = GEN_EXT_HOP), 1000, { 1000, 208 } },
	{ "ipv6_routing_on_all", IP6(.plen = 1200, .ext = GEN_EXT_HOP | GEN_EXT_ROUTE), 1000,
		{ 1000, 208 } },
	{ "ipv6_destination_options_refused", IP6(.plen = 1200, .ext = GEN_EXT_DST), 1000, { 0 } },
	{ "ipv6_destination_options_behind_others_refused", IP6(.plen = 1200, .ext = 7), 1000,
		{ 0 } },
	{ "ipv6_qinq_tunnel", IP6(.plen = 1200, .n_vlan = 2, .tun_hlen = 8), 1000, { 1000, 208 } },
};

static struct gen full(const struct gen *row)
{
	struct gen g = gen_default;

	g.l4 = PKT_L4_UDP;
	g.l3 = row->l3;
	g.plen = row->plen;
	g.opt_words = row->opt_words;
	g.ext = row->ext;
	g.n_vlan = row->n_vlan;
	g.tun_hlen = row->tun_hlen;
	g.pad = row->pad;
	if (row->frag_off)
		g.frag_off = 0; /* without DF */
	return g;
}

static struct rte_mbuf *datagram(
	const struct gen *g, uint16_t gso_size, enum chain_shape shape, struct rnd *r)
{
	struct rte_mbuf *m = gen_super(g, gso_size, shape, r);

	pkt_meta(m)->inner.gso_type = PKT_GSO_UFO;
	return m;
}

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

/* What is behind the IP headers of the whole datagram, as the description gives it. */
struct whole {
	struct flat f;
	uint32_t l3, l4, end;
};

static void whole_make(const struct gen *g, struct whole *w)
{
	w->f.n = gen_bytes(g, w->f.b);
	w->l4 = gen_hlen(g) - 8;
	w->l3 = g->tun_hlen + 14 + 4u * g->n_vlan;
	w->end = gen_hlen(g) + g->plen;
}

/* A fragment of IPv4 at @off of the datagram: its header but for lengths, checksum and place is the
 * datagram's. */
static void check_ipv4(const struct flat *f, const struct whole *w, uint32_t off, bool last)
{
	const uint8_t *ip = f->b + w->l3, *want = w->f.b + w->l3;
	const uint32_t hlen = w->l4 - w->l3;

	assert_int_equal(be16(ip + 2), f->n - w->l3);
	assert_int_equal(be16(ip + 6), off / 8 | (last ? 0u : 0x2000u));
	assert_int_equal(oracle_sum(ip, hlen, 0), 0xffff);
	assert_memory_equal(f->b, w->f.b, w->l3 + 2);
	assert_memory_equal(ip + 4, want + 4, 2); /* the identification is the datagram's */
	assert_memory_equal(ip + 8, want + 8, 2);
	assert_memory_equal(ip + 12, want + 12, hlen - 12);
}

/* The same of IPv6, the fragment header being the last one; returns the identification. */
static uint32_t check_ipv6(const struct flat *f, const struct whole *w, uint32_t off, bool last)
{
	const uint8_t *ip6 = f->b + w->l3, *want = w->f.b + w->l3, *fh = f->b + w->l4;
	static uint8_t headers[GEN_MAX];
	uint32_t next = 6, at = 40;

	assert_int_equal(be16(ip6 + 4), f->n - w->l3 - 40);
	/* follow the datagram's extension headers to where UDP was named: the fragment header is */
	while (at < w->l4 - w->l3) {
		next = at;
		at += 8u * (want[at + 1] + 1u);
	}
	assert_int_equal(want[next], 17);
	memcpy(headers, want, w->l4 - w->l3);
	headers[next] = 44;
	memcpy(headers + 4, ip6 + 4, 2);
	assert_memory_equal(ip6, headers, w->l4 - w->l3);
	assert_memory_equal(f->b, w->f.b, w->l3);
	assert_int_equal(fh[0], 17);
	assert_int_equal(fh[1], 0);
	assert_int_equal(be16(fh + 2), off | (last ? 0u : 1u));
	return be16(fh + 4) << 16 | be16(fh + 6);
}

static void check_fragments(
	const struct frag_case *c, const struct gen *g, struct pkt_list *out, uint32_t *id)
{
	static struct whole w;
	static struct flat f;
	const uint32_t fh_len = g->l3 == PKT_L3_IPV6 ? 8 : 0, n_frags = out->n_pkts;
	uint32_t off = 0;
	struct rte_mbuf *m;

	whole_make(g, &w);
	for (uint32_t i = 0; (m = pkt_list_pop(out)); i++) {
		const uint32_t hlen = w.l4 + fh_len;
		uint32_t this_id = 0;

		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.gso_type, PKT_GSO_NONE);
		assert_int_not_equal(pkt_meta(m)->inner.csum, PKT_CSUM_OWED);
		assert_true(pkt_meta(m)->inner.flags & PKT_LF_FRAG);
		flat_of(m, &f);
		assert_int_equal(f.n - hlen, c->frags[i]);
		if (fh_len)
			this_id = check_ipv6(&f, &w, off, i + 1 == n_frags);
		else
			check_ipv4(&f, &w, off, i + 1 == n_frags);
		if (i)
			assert_int_equal(this_id, *id);
		*id = this_id;
		/* with the checksum that the description's datagram has: it is right */
		assert_memory_equal(f.b + hlen, w.f.b + w.l4 + off, f.n - hlen);
		off += f.n - hlen;
		pkt_done(m);
	}
	assert_int_equal(off, w.end - w.l4);
	assert_true(n_frags == N_FRAGS || !c->frags[n_frags]);
}

static void refused(const struct gen *g, uint16_t gso_size, enum chain_shape shape, struct rnd *r)
{
	static struct flat before;
	struct rte_mbuf *m = datagram(g, gso_size, shape, r);
	const struct pkt_meta md = *pkt_meta(m);
	struct pkt_list out;

	flat_of(m, &before);
	pkt_list_init(&out);
	assert_int_equal(tx_prepare(m, CAP_GSO, &out), -EINVAL);
	assert_true(pkt_list_empty(&out));
	assert_bytes(m, &before);
	assert_memory_equal(pkt_meta(m), &md, sizeof(md));
	pkt_done(m);
}

static void run(const struct frag_case *c, enum chain_shape shape, struct rnd *r)
{
	static struct flat before;
	const struct gen g = full(&c->g);
	uint32_t id[2] = { 0, 0 };

	if (!c->frags[0]) {
		refused(&g, c->gso_size, shape, r);
		return;
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_mbuf *m = datagram(&g, c->gso_size, shape, r), *witness = pkt_clone(m);
		struct pkt_list out;

		flat_of(m, &before);
		pkt_list_init(&out);
		assert_int_equal(tx_prepare(m, CAP_GSO, &out), 0);
		if (!c->frags[1]) { /* it needs no cutting */
			static struct whole w;

			assert_int_equal(out.n_pkts, 1);
			assert_pkt_good(out.head);
			assert_int_equal(pkt_meta(out.head)->inner.csum, PKT_CSUM_VERIFIED);
			whole_make(&g, &w);
			assert_bytes(out.head, &w.f);
			drop_all(&out);
		} else {
			check_fragments(c, &g, &out, &id[i]);
		}
		assert_bytes(witness, &before); /* shared bytes were not written */
		pkt_done(witness);
	}
	if (g.l3 == PKT_L3_IPV6 && c->frags[1])
		assert_int_not_equal(id[0], id[1]); /* another datagram, another identification */
}

static void test_rows(void **state)
{
	struct rnd r;

	(void)state;
	frag_seed(42);
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		print_message("%s\n", cases[i].name);
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			rnd_seed(&r, i * 10 + shape);
			run(&cases[i], shape, &r);
			assert_true(eal_test_pools_full());
		}
	}
}

/* Whoever knows the identifications of one thread or run does not know those of another. */
static void test_seed(void **state)
{
	const struct frag_case *c = &cases[0];
	struct frag_case six = *c;
	uint32_t id[2];
	struct rnd r;

	(void)state;
	six.g.l3 = PKT_L3_IPV6;
	rnd_seed(&r, 1);
	for (uint64_t i = 0; i < 2; i++) {
		const struct gen g = full(&six.g);
		struct pkt_list out;

		frag_seed(i);
		pkt_list_init(&out);
		assert_int_equal(tx_prepare(datagram(&g, 1000, CHAIN_FLAT, &r), CAP_GSO, &out), 0);
		check_fragments(&six, &g, &out, &id[i]);
	}
	assert_int_not_equal(id[1], id[0] + 1);
	assert_true(eal_test_pools_full());
}

/* A port that takes datagrams to be fragmented gets them whole; one that may not have them cut
 * refuses. */
static void test_caps(void **state)
{
	struct gen g = gen_default;
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	g.l4 = PKT_L4_UDP;
	g.plen = 3000;
	pkt_list_init(&out);
	m = datagram(&g, 1000, CHAIN_CUT, &r);
	assert_int_equal(tx_prepare(m, CAP_CSUM, &out), -EPERM);
	assert_int_equal(tx_prepare(m, CAP_CSUM | CAP_UFO, &out), 0);
	assert_ptr_equal(out.head, m);
	assert_int_equal(pkt_meta(m)->inner.gso_type, PKT_GSO_UFO);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_caps),
	};

	return cmocka_run_group_tests_name(
		"gso fragments", tests, eal_test_setup, eal_test_teardown);
}
