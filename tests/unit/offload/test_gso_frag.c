/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams sent as IP fragments (UFO): put together again by the test, they are the datagram, its
 * checksum right. */
#include "laws.h"
#include "wire_test.h"

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
	/* 16 bytes of destination options: on all in front of a routing header, otherwise cut */
	{ "ipv6_destination_options", IP6(.plen = 1200, .ext = GEN_EXT_DST), 1000, { 1000, 224 } },
	{ "ipv6_destination_options_behind_hop_by_hop",
		IP6(.plen = 1200, .ext = GEN_EXT_HOP | GEN_EXT_DST), 1000, { 1000, 224 } },
	{ "ipv6_destination_options_behind_routing",
		IP6(.plen = 1200, .ext = GEN_EXT_ROUTE | GEN_EXT_DST), 1000, { 1000, 224 } },
	{ "ipv6_destination_options_before_routing",
		IP6(.plen = 1200, .ext = GEN_EXT_DST1 | GEN_EXT_ROUTE), 1000, { 1000, 208 } },
	{ "ipv6_destination_options_before_and_behind_routing", IP6(.plen = 1200, .ext = 15), 1000,
		{ 1000, 224 } },
	{ "ipv6_destination_options_twice", IP6(.plen = 1200, .ext = GEN_EXT_DST1 | GEN_EXT_DST),
		1000, { 1000, 240 } },
	{ "ipv6_destination_options_themselves_cut", IP6(.plen = 10, .ext = GEN_EXT_DST), 8,
		{ 8, 8, 8, 8, 2 } },
	{ "ipv6_destination_options_fit", IP6(.plen = 976, .ext = GEN_EXT_DST), 1000, { 1000 } },
	{ "ipv6_destination_options_do_not_fit", IP6(.plen = 977, .ext = GEN_EXT_DST), 1000,
		{ 1000, 1 } },
	{ "ipv6_destination_options_before_routing_fit",
		IP6(.plen = 992, .ext = GEN_EXT_DST1 | GEN_EXT_ROUTE), 1000, { 1000 } },
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

/* The whole datagram, as its description gives it. */
struct whole {
	struct flat f;
	uint32_t l3, end;
	uint32_t start; /* of what is cut */
	uint8_t next;	/* IPv6: what that is */
	bool nested;	/* headers in front of this layer have lengths and checksums */
};

static void whole_make(const struct gen *g, struct whole *w)
{
	const uint8_t all = g->l3 == PKT_L3_IPV6 ? g->ext : 0;
	const uint8_t each = all & GEN_EXT_ROUTE
				     ? all & (GEN_EXT_HOP | GEN_EXT_DST1 | GEN_EXT_ROUTE)
				     : all & GEN_EXT_HOP;

	w->f.n = gen_bytes(g, w->f.b);
	w->l3 = g->tun_hlen + 14 + 4u * g->n_vlan;
	w->end = gen_hlen(g) + g->plen;
	w->start = gen_hlen(g) - 8 - 16u * (uint32_t)__builtin_popcount(all & ~each);
	w->next = all & ~each ? 60 : 17;
	w->nested = false;
}

/* A fragment of IPv4 at @off of the datagram: its header but for lengths, checksum and place is the
 * datagram's. */
static void check_ipv4(const struct flat *f, const struct whole *w, uint32_t off, bool last)
{
	const uint8_t *ip = f->b + w->l3, *want = w->f.b + w->l3;
	const uint32_t hlen = w->start - w->l3;

	assert_int_equal(be16(ip + 2), f->n - w->l3);
	assert_int_equal(be16(ip + 6), off / 8 | (last ? 0u : 0x2000u));
	assert_int_equal(oracle_sum(ip, hlen, 0), 0xffff);
	if (!w->nested)
		assert_memory_equal(f->b, w->f.b, w->l3 + 2);
	assert_memory_equal(ip + 4, want + 4, 2); /* the identification is the datagram's */
	assert_memory_equal(ip + 8, want + 8, 2);
	assert_memory_equal(ip + 12, want + 12, hlen - 12);
}

/* The same of IPv6, the fragment header being the last one; returns the identification. */
static uint32_t check_ipv6(const struct flat *f, const struct whole *w, uint32_t off, bool last)
{
	const uint8_t *ip6 = f->b + w->l3, *want = w->f.b + w->l3, *fh = f->b + w->start;
	static uint8_t headers[GEN_MAX];
	uint32_t next = 6, at = 40;

	assert_int_equal(be16(ip6 + 4), f->n - w->l3 - 40);
	/* follow the headers that all have to where the next one is named: the fragment header is
	 */
	while (at < w->start - w->l3) {
		next = at;
		at += 8u * (want[at + 1] + 1u);
	}
	assert_int_equal(want[next], w->next);
	memcpy(headers, want, w->start - w->l3);
	headers[next] = 44;
	memcpy(headers + 4, ip6 + 4, 2);
	assert_memory_equal(ip6, headers, w->start - w->l3);
	if (!w->nested)
		assert_memory_equal(f->b, w->f.b, w->l3);
	assert_int_equal(fh[0], w->next);
	assert_int_equal(fh[1], 0);
	assert_int_equal(be16(fh + 2), off | (last ? 0u : 1u));
	return be16(fh + 4) << 16 | be16(fh + 6);
}

/* They are the datagram, in order; returns the identification of IPv6. */
static uint32_t check_fragments(const struct whole *w, uint32_t gso_size, struct pkt_list *out)
{
	static struct flat f;
	const bool v6 = w->f.b[w->l3] >> 4 == 6;
	const uint32_t hlen = w->start + (v6 ? 8 : 0), n_frags = out->n_pkts;
	uint32_t off = 0, id = 0;
	struct rte_mbuf *m;

	for (uint32_t i = 0; (m = pkt_list_pop(out)); i++) {
		const bool last = i + 1 == n_frags;
		uint32_t this_id = 0;

		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.gso_type, PKT_GSO_NONE);
		assert_int_not_equal(pkt_meta(m)->inner.csum, PKT_CSUM_OWED);
		assert_int_not_equal(pkt_meta(m)->outer.csum, PKT_CSUM_OWED);
		assert_true(pkt_meta(m)->inner.flags & PKT_LF_FRAG);
		flat_of(m, &f);
		assert_true(f.n > hlen);
		if (last)
			assert_true(f.n - hlen <= gso_size);
		else
			assert_int_equal(f.n - hlen, gso_size - gso_size % 8);
		if (v6)
			this_id = check_ipv6(&f, w, off, last);
		else
			check_ipv4(&f, w, off, last);
		if (i)
			assert_int_equal(this_id, id);
		id = this_id;
		/* with the checksum that the description's datagram has: it is right */
		assert_memory_equal(f.b + hlen, w->f.b + w->start + off, f.n - hlen);
		off += f.n - hlen;
		pkt_done(m);
	}
	assert_int_equal(off, w->end - w->start);
	return id;
}

/* As the row says. */
static void check_sizes(
	const struct frag_case *c, const struct whole *w, const struct pkt_list *out)
{
	const uint32_t hlen = w->start + (c->g.l3 == PKT_L3_IPV6 ? 8 : 0);
	struct rte_mbuf *m;
	uint32_t i = 0;

	assert_true(out->n_pkts <= N_FRAGS);
	pkt_list_for_each(m, out)
		assert_int_equal(m->pkt_len - hlen, c->frags[i++]);
	assert_true(i == N_FRAGS || !c->frags[i]);
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
	static struct whole w;
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
		whole_make(&g, &w);
		if (!c->frags[1]) { /* it needs no cutting */
			assert_int_equal(out.n_pkts, 1);
			assert_pkt_good(out.head);
			assert_int_equal(pkt_meta(out.head)->inner.csum, PKT_CSUM_VERIFIED);
			assert_bytes(out.head, &w.f);
			drop_all(&out);
		} else {
			check_sizes(c, &w, &out);
			id[i] = check_fragments(&w, c->gso_size, &out);
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
	static struct whole w;
	struct gen g = full(&cases[0].g);
	uint32_t id[2];
	struct rnd r;

	(void)state;
	g.l3 = PKT_L3_IPV6;
	whole_make(&g, &w);
	rnd_seed(&r, 1);
	for (uint64_t i = 0; i < 2; i++) {
		struct pkt_list out;

		frag_seed(i);
		pkt_list_init(&out);
		assert_int_equal(tx_prepare(datagram(&g, 1000, CHAIN_FLAT, &r), CAP_GSO, &out), 0);
		id[i] = check_fragments(&w, 1000, &out);
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

/* ---- the law: fragments, put together, are the datagram; GRO lets them pass, in order ---- */

#define N_CASES	  6000
#define FRAGS_MAX 60

static uint16_t random_size(uint32_t len, struct rnd *r)
{
	const uint32_t least = RTE_MAX(len / FRAGS_MAX + 8, 16u);

	return (uint16_t)(least +
			  (len > least ? rnd_below(r, RTE_MIN(len, 65000u) - least + 1) : 0));
}

/* What a port does and what the next one sees. */
static void law(struct gro *g, struct rte_mbuf *m, const struct whole *w, uint16_t gso_size,
	uint32_t *n_cut)
{
	struct pkt_list frags, out;

	pkt_meta(m)->inner.gso_type = PKT_GSO_UFO;
	pkt_meta(m)->inner.gso_size = gso_size;
	pkt_list_init(&frags);
	pkt_list_init(&out);
	assert_int_equal(tx_prepare(m, CAP_GSO, &frags), 0);
	if (w->end - w->start <= gso_size) {
		assert_int_equal(frags.n_pkts, 1);
		assert_pkt_good(frags.head);
		assert_int_equal(frags.head->pkt_len, w->f.n);
		assert_bytes(frags.head, &w->f);
		drop_all(&frags);
		return;
	}
	while ((m = pkt_list_pop(&frags)))
		gro_receive(g, m, GRO_ALL, 0, &out);
	gro_flush(g, &out);
	check_fragments(w, gso_size, &out);
	++*n_cut;
}

static void random_datagram(struct gen *g, struct rnd *r)
{
	gen_random(g, r, rnd_one_in(r, 50) ? 65000 : rnd_one_in(r, 3) ? 9000 : 600);
	g->l4 = PKT_L4_UDP;
	g->opt_words = g->l3 == PKT_L3_IPV4 ? (uint8_t)rnd_below(r, 3) : 0;
	g->ext = (uint8_t)rnd_below(r, 16);
	g->frag_off = 0;
	g->pad = rnd_one_in(r, 4) ? rnd_below(r, 20) : 0;
}

static void test_law(void **state)
{
	static struct whole w;
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES),
		       seed = laws_env("CVSW_TEST_SEED", 1);
	struct gro *gro = gro_create(8);
	uint32_t n_cut = 0;
	struct rnd r;

	(void)state;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases; i++) {
		struct gen g;

		laws_case(&r, "fragments", seed * 1000003 + i, i);
		random_datagram(&g, &r);
		whole_make(&g, &w);
		law(gro, datagram(&g, 1, rnd_below(&r, CHAIN_N_SHAPES), &r), &w,
			random_size(w.end - w.start, &r), &n_cut);
		assert_true(eal_test_pools_full());
	}
	laws_hold();
	gro_destroy(gro);
	assert_true(n_cut > n_cases / 2);
}

/* A datagram behind every kind of headers, all checksums owed. */
static struct rte_mbuf *random_nested(struct whole *w, struct rnd *r)
{
	uint8_t bytes[12];
	struct in in = { bytes, bytes + sizeof(bytes) };
	struct frame_map at;
	struct rte_mbuf *m;
	struct frame f;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rnd_u32(r);
	frame_define(&f, &in);
	f.l4 = FRAME_UDP;
	f.no_csum = f.other_zero = f.gre_seq = false;
	f.plen = 1 + rnd_below(r, rnd_one_in(r, 3) ? 9000 : 600);
	f.plen = frame_fit(&f);
	m = wire_pkt(&f, w->f.b, &at, rnd_below(r, CHAIN_N_SHAPES), r);
	wire_make_super(m, &f, 1);
	w->f.n = at.n;
	w->l3 = at.ip;
	w->end = at.end;
	w->start = at.pay - 8;
	w->next = 17;
	if (f.ip.v6 && f.ip.opts & 2) { /* destination options, the last ones */
		w->start -= 8;
		w->next = 60;
	}
	w->nested = true;
	return m;
}

static void test_law_nested(void **state)
{
	static struct whole w;
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES),
		       seed = laws_env("CVSW_TEST_SEED", 1);
	struct gro *gro = gro_create(8);
	uint32_t n_cut = 0;
	struct rnd r;

	(void)state;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases; i++) {
		struct rte_mbuf *m;

		laws_case(&r, "nested fragments", seed * 1000033 + i, i);
		m = random_nested(&w, &r);
		law(gro, m, &w, random_size(w.end - w.start, &r), &n_cut);
		assert_true(eal_test_pools_full());
	}
	laws_hold();
	gro_destroy(gro);
	assert_true(n_cut > n_cases / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_caps),
		cmocka_unit_test_teardown(test_law, laws_say),
		cmocka_unit_test_teardown(test_law_nested, laws_say),
	};

	return cmocka_run_group_tests_name(
		"gso fragments", tests, eal_test_setup, eal_test_teardown);
}
