/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The laws on random packets: gro(gso(p)) is p, and gso(gro(p...)) is p..., byte for byte and in
 * order.
 */
#include "laws.h"
#include "offload_test.h"

#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/l4_csum.h"

#define N_CASES 120000 /* super-frames of the first law and packets of the second, together */

/* ---- gro(gso(p)) == p ---- */

/* Flags that a super-frame may have and still be made of mergeable packets. */
static uint8_t train_flags(struct rnd *r)
{
	static const uint8_t some[] = { 0x10, 0x10, 0x18, 0x19, 0x50, 0x11, 0x59 };

	return some[rnd_below(r, RTE_DIM(some))];
}

static struct rte_mbuf *random_super(struct rnd *r, uint32_t *n_segs)
{
	const uint32_t max = rnd_one_in(r, 50) ? 65000 : rnd_one_in(r, 3) ? 9000 : 600;
	struct gen g;
	uint32_t size;

	gen_random(&g, r, max);
	g.plen += 1;
	g.flags = train_flags(r);
	if (65535 - gen_hlen(&g) < g.plen)
		g.plen = 65535 - gen_hlen(&g);
	/* at most 60 segments: less than any limit of a train */
	size = 1 + (g.plen - 1) / 60;
	size += rnd_below(r, g.plen - size);
	*n_segs = (g.plen + size - 1) / size;
	return gen_super(&g, (uint16_t)size, rnd_one_in(r, 2) ? CHAIN_FLAT : CHAIN_SHARED, r);
}

static void law_gro_gso(struct gro *g, struct rnd *r)
{
	static struct flat want;
	const uint32_t caps = rnd_one_in(r, 2) ? CAP_GSO : CAP_GSO | CAP_CSUM;
	struct pkt_list segs, out;
	struct pkt_layer before;
	struct rte_mbuf *m;
	uint32_t n_segs;

	m = random_super(r, &n_segs);
	before = pkt_meta(m)->inner;
	flat_of(m, &want);
	pkt_list_init(&segs);
	pkt_list_init(&out);
	assert_pkt_good(m);
	assert_int_equal(tx_prepare(m, caps, &segs), 0);
	assert_int_equal(segs.n_pkts, n_segs);
	while ((m = pkt_list_pop(&segs))) {
		assert_pkt_good(m);
		if (rnd_one_in(r, 2) && pkt_meta(m)->inner.csum == PKT_CSUM_VERIFIED)
			pkt_meta(m)->inner.csum = PKT_CSUM_UNKNOWN;
		gro_receive(g, m, GRO_TCP | GRO_UDP, 0, &out);
	}
	gro_flush(g, &out);
	assert_int_equal(out.n_pkts, 1);
	m = pkt_list_pop(&out);
	assert_pkt_good(m);
	assert_bytes(m, &want);
	assert_memory_equal(&pkt_meta(m)->inner, &before, sizeof(before));
	pkt_done(m);
}

static void test_gro_of_gso(void **state)
{
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES) / 2,
		       seed = laws_env("CVSW_TEST_SEED", 1);
	struct gro *g = gro_create(64);
	struct rnd r;

	(void)state;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases; i++) {
		laws_case(&r, "gro of gso", seed * 1000003 + i, i);
		laws_progress("gro of gso, TCP and UDP", i, n_cases);
		law_gro_gso(g, &r);
		if (!eal_test_pools_full())
			fail_msg("%s", must_about);
	}
	laws_hold();
	gro_destroy(g);
}

/* ---- gso(gro(p...)) == p... ---- */

#define N_FLOWS 6
#define N_BURST 40

struct expected {
	struct flat frames[N_BURST];
	uint8_t flow[N_BURST];
	uint32_t pad[N_BURST];
	bool left[N_BURST];
	uint32_t n;
};

/* The next packet of a flow, mostly as a sender would make it. */
static void advance(struct gen *g, struct rnd *r)
{
	g->seq += g->plen;
	g->pay_pos += g->plen;
	g->id++;
	g->flags &= (uint8_t)~0x89;
	g->pad = 0;
	g->frag_off &= 0x4000;
	if (rnd_one_in(r, 3))
		return;
	switch (rnd_below(r, 24)) {
	case 0:
		g->flags |= 0x08;
		break;
	case 1:
		g->flags |= 0x01;
		break;
	case 2:
		g->flags |= 0x80;
		break;
	case 3:
		g->flags ^= 1u << rnd_below(r, 8);
		break;
	case 4:
		g->seq += rnd_below(r, 3);
		break;
	case 5:
		g->ack++;
		break;
	case 6:
		g->win++;
		break;
	case 7:
		g->tstamp++;
		break;
	case 8:
		g->tos ^= 1u << rnd_below(r, 8);
		break;
	case 9:
		g->ttl--;
		break;
	case 10:
		g->id += rnd_below(r, 3);
		break;
	case 11:
		g->frag_off ^= 0x4000;
		break;
	case 12:
		g->frag_off |= 0x2000; /* a fragment, IPv4 */
		break;
	case 13:
		g->plen = 1 + rnd_below(r, 1448);
		break;
	case 14:
		g->plen = 1 + rnd_below(r, g->plen);
		break;
	case 15:
		g->pad = 1 + rnd_below(r, 20);
		break;
	case 16:
		g->urg = (uint16_t)rnd_below(r, 2);
		break;
	case 17:
		g->opt_words ^= 1;
		break;
	case 18:
		g->ext ^= 1u << rnd_below(r, 3);
		break;
	case 19:
		g->id--; /* constant from now and then */
		break;
	case 20:
		g->no_csum = !g->no_csum;
		break;
	case 21:
		g->flow_label ^= 1;
		break;
	default:
		break;
	}
}

/* Which flow a packet that leaves is of: the last byte of its source address. */
static uint8_t flow_of(const struct rte_mbuf *m)
{
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, l->l3_off);

	assert_int_not_equal(l->l3, PKT_L3_NONE);
	return l->l3 == PKT_L3_IPV4 ? ip[15] : ip[23];
}

/* @m must be the oldest of its flow that is still missing. */
static void expect(struct expected *e, const struct rte_mbuf *m)
{
	const uint8_t flow = flow_of(m);
	uint32_t i = 0;

	while (i < e->n && (e->left[i] || e->flow[i] != flow))
		i++;
	assert_true(i < e->n);
	e->left[i] = true;
	if (m->pkt_len + e->pad[i] == e->frames[i].n)
		e->frames[i].n -=
			e->pad[i]; /* padding means nothing and is cut where packets merge */
	assert_bytes(m, &e->frames[i]);
}

/* All that came out, segmented again. */
static void expect_all(struct expected *e, struct pkt_list *out, uint32_t *n_merged)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(out))) {
		struct pkt_list plain;

		assert_pkt_good(m);
		*n_merged += pkt_meta(m)->inner.gso_type != 0;
		pkt_list_init(&plain);
		assert_int_equal(tx_prepare(m, CAP_GSO, &plain), 0);
		while ((m = pkt_list_pop(&plain))) {
			assert_pkt_good(m);
			expect(e, m);
			pkt_done(m);
		}
	}
}

/* One packet of flow @g as it arrives; what must leave goes into @e. */
static struct rte_mbuf *arrival(const struct gen *g, struct expected *e, struct rnd *r)
{
	struct rte_mbuf *m = gen_pkt(g, rnd_below(r, CHAIN_N_SHAPES), r);
	struct pkt_layer *l = &pkt_meta(m)->inner;

	if (rnd_one_in(r, 30)) /* damaged on the way: checksum or payload */
		*rte_pktmbuf_mtod_offset(
			m, uint8_t *, rnd_one_in(r, 2) ? gen_hlen(g) - 2u : m->data_len - 1u) ^= 1;
	flat_of(m, &e->frames[e->n]);
	e->flow[e->n] = g->addr;
	e->pad[e->n] = g->pad;
	e->left[e->n++] = false;
	if (l->l4 == PKT_L4_NONE || (l->l4 == PKT_L4_UDP && g->no_csum) || !l4_csum_good(m, l))
		return m;
	if (rnd_one_in(r, 4)) {
		const uint16_t pseudo = csum_fold(l4_csum_pseudo(m, l, l->end_off - l->l4_off));
		const uint16_t len = l->l4 == PKT_L4_UDP ? g->plen + 8 == l->end_off - l->l4_off
							 : 1;

		if (len) {
			*l4_csum_field(m, l) = pseudo;
			l->csum = PKT_CSUM_OWED;
		}
	} else if (rnd_one_in(r, 4)) {
		l->csum = PKT_CSUM_VERIFIED;
	}
	return m;
}

/* One burst of interleaved flows. */
static void law_gso_gro(struct gro *g, struct rnd *r, uint32_t *n_merged)
{
	static struct expected e;
	struct gen flows[N_FLOWS];
	const uint32_t n_flows = 1 + rnd_below(r, N_FLOWS);
	struct pkt_list out;

	e.n = 0;
	pkt_list_init(&out);
	for (uint32_t i = 0; i < n_flows; i++) {
		gen_random(&flows[i], r, 1448);
		flows[i].addr = (uint8_t)(i + 1);
		flows[i].flags = 0x10;
	}
	for (uint32_t now = 0; e.n < N_BURST; now++) {
		struct gen *f = &flows[rnd_below(r, n_flows)];

		gro_receive(g, arrival(f, &e, r), rnd_one_in(r, 50) ? GRO_TCP : GRO_TCP | GRO_UDP,
			now, &out);
		advance(f, r);
		if (rnd_one_in(r, 20))
			gro_flush_aged(g, now, 5, &out);
		if (rnd_one_in(r, 3))
			expect_all(&e, &out, n_merged);
	}
	gro_flush(g, &out);
	expect_all(&e, &out, n_merged);
	for (uint32_t i = 0; i < e.n; i++)
		assert_true(e.left[i]);
}

static void test_gso_of_gro(void **state)
{
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES) / 2,
		       seed = laws_env("CVSW_TEST_SEED", 1);
	struct gro *g = gro_create(8);
	uint32_t n_merged = 0;
	struct rnd r;

	(void)state;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases / N_BURST; i++) {
		laws_case(&r, "gso of gro", seed * 1000033 + i, i);
		laws_progress("gso of gro, TCP and UDP", i, n_cases / N_BURST);
		law_gso_gro(g, &r, &n_merged);
		if (!eal_test_pools_full())
			fail_msg("%s", must_about);
	}
	laws_hold();
	gro_destroy(g);
	print_message("%u trains of %llu packets\n", n_merged, (unsigned long long)n_cases);
	assert_true(n_merged > n_cases / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_gro_of_gso, laws_say),
		cmocka_unit_test_teardown(test_gso_of_gro, laws_say),
	};

	return cmocka_run_group_tests_name("laws", tests, eal_test_setup, eal_test_teardown);
}
