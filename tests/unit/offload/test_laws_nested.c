/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The laws of test_laws.c for every protocol and every nesting: SCTP, SCLP, STT; VXLAN, Geneve and
 * GRE with their outer headers.
 */
#include "laws.h"
#include "wire_test.h"

#define N_CASES 120000 /* super-frames of the first law and packets of the second, together */

static void random_frame(struct frame *f, struct rnd *r)
{
	uint8_t bytes[12];
	struct in in = { bytes, bytes + sizeof(bytes) };

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rnd_u32(r);
	frame_define(f, &in);
}

/* ---- gro(gso(p)) == p ---- */

#define SEGS_MAX   60 /* of a super-frame: less than any limit of a train */
#define CHUNKS_MAX 60 /* of an SCTP packet: what GRO looks through */

/* A frame that is cut into packets which may merge again; false: this one is not. */
static bool random_super(struct frame *f, struct rnd *r, uint16_t *gso_size, uint32_t *n_segs)
{
	uint32_t size, n_units;

	random_frame(f, r);
	f->no_csum = f->gre_seq = f->other_zero = false;
	if (!f->ip.v6)
		f->ip.opts = 0;
	if (!f->outer.v6)
		f->outer.opts = 0;
	f->at = rnd_one_in(r, 2) ? 0 : rnd_below(r, f->frame_len);
	f->plen = 2 + rnd_below(r, rnd_one_in(r, 30) ? 65000 : rnd_one_in(r, 3) ? 9000 : 500);
	if (f->l4 == FRAME_SCTP)
		f->plen += 2 * frame_unit(f);
	f->plen = frame_fit(f);
	n_units = f->plen / frame_unit(f);
	if (n_units < 2)
		return false;
	size = 1 + (n_units - 1) / SEGS_MAX;
	size += rnd_below(r, n_units - size);
	if (f->l4 == FRAME_SCTP)
		size = RTE_MIN(size, (uint32_t)CHUNKS_MAX);
	*gso_size = (uint16_t)(size * frame_unit(f));
	*n_segs = (n_units + size - 1) / size;
	return *n_segs <= SEGS_MAX;
}

/* Packets that come from the wire do not say that their checksums are good. */
static void forget_some(struct rte_mbuf *m, struct rnd *r)
{
	struct pkt_meta *md = pkt_meta(m);

	if (md->inner.csum == PKT_CSUM_VERIFIED && rnd_one_in(r, 2))
		md->inner.csum = PKT_CSUM_UNKNOWN;
	if (md->outer.csum == PKT_CSUM_VERIFIED && rnd_one_in(r, 2))
		md->outer.csum = PKT_CSUM_UNKNOWN;
}

static void law_gro_gso(struct gro *g, struct rnd *r)
{
	static const uint32_t some_caps[] = { CAP_GSO, CAP_GSO | CAP_CSUM,
		CAP_GSO | CAP_CSUM | CAP_SCTP };
	static struct flat want;
	struct pkt_list segs, out;
	struct pkt_meta before;
	struct frame_map at;
	struct frame f;
	struct rte_mbuf *m;
	uint16_t gso_size;
	uint32_t n_segs, caps = some_caps[rnd_below(r, RTE_DIM(some_caps))];

	while (!random_super(&f, r, &gso_size, &n_segs))
		;
	if (f.l4 == FRAME_SCTP)
		caps &= ~CAP_SCTP; /* would take it whole */
	m = wire_pkt(&f, want.b, &at, rnd_below(r, CHAIN_N_SHAPES), r);
	wire_make_super(m, &f, gso_size);
	assert_pkt_good(m);
	before = *pkt_meta(m);
	flat_of(m, &want);
	pkt_list_init(&segs);
	pkt_list_init(&out);
	assert_int_equal(tx_prepare(m, caps, &segs), 0);
	assert_int_equal(segs.n_pkts, n_segs);
	while ((m = pkt_list_pop(&segs))) {
		assert_pkt_good(m);
		forget_some(m, r);
		gro_receive(g, m, GRO_ALL, 0, &out);
	}
	gro_flush(g, &out);
	assert_int_equal(out.n_pkts, 1);
	m = pkt_list_pop(&out);
	assert_pkt_good(m);
	assert_bytes(m, &want);
	if (before.outer.csum != PKT_CSUM_OWED) /* there is none, which counts as right */
		before.outer.csum = pkt_meta(m)->outer.csum;
	assert_memory_equal(&pkt_meta(m)->inner, &before.inner, sizeof(before.inner));
	assert_memory_equal(&pkt_meta(m)->outer, &before.outer, sizeof(before.outer));
	pkt_done(m);
}

static void test_gro_of_gso(void **state)
{
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES) / 4,
		       seed = laws_env("CVSW_TEST_SEED", 1);
	struct gro *g = gro_create(64);
	struct rnd r;

	(void)state;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases; i++) {
		laws_case(&r, "gro of gso", seed * 1000003 + i, i);
		laws_progress("gro of gso", i, n_cases);
		law_gro_gso(g, &r);
		if (!eal_test_pools_full())
			fail_msg("%s", must_about);
	}
	laws_hold();
	gro_destroy(g);
}

/* ---- gso(gro(p...)) == p... ---- */

#define N_FLOWS_MAX 20 /* more than the table holds: the oldest leave early */
#define N_PLACES    8
#define N_ROUND	    120
#define N_BURST	    32

struct round {
	struct gro *gro;
	struct rnd *r;
	struct frame flows[N_FLOWS_MAX];
	uint32_t n_flows;
	struct rte_mbuf *burst[N_BURST];
	uint32_t n_burst;
	bool in_bursts, few_hashes;
	uint32_t what;
	uint64_t now_ns;
	struct pkt_list out;
	uint32_t n_merged;
};

static void leave(struct round *s)
{
	struct rte_mbuf *m;

	pkt_list_for_each(m, &s->out)
		s->n_merged += pkt_meta(m)->inner.gso_type != PKT_GSO_NONE;
	wire_leave(&s->out);
}

static void give_burst(struct round *s)
{
	gro_receive_burst(s->gro, s->burst, s->n_burst, s->what, s->now_ns, &s->out);
	s->n_burst = 0;
	leave(s);
}

static void give(struct round *s, struct rte_mbuf *m)
{
	if (!s->in_bursts) {
		gro_receive(s->gro, m, s->what, s->now_ns, &s->out);
		leave(s);
		return;
	}
	s->burst[s->n_burst++] = m;
	if (s->n_burst == N_BURST || rnd_one_in(s->r, 20))
		give_burst(s);
}

/* Checksums known to be good, or owed, where they are. */
static void claim(struct rte_mbuf *m, const uint8_t *b, struct rnd *r)
{
	struct pkt_meta *md = pkt_meta(m);

	if (md->inner.l4 == PKT_L4_NONE)
		return;
	if (rnd_one_in(r, 3) && frame_csum_good(b, &md->inner))
		md->inner.csum = PKT_CSUM_VERIFIED;
	if (rnd_one_in(r, 3) && frame_outer_good(b, md))
		md->outer.csum = PKT_CSUM_VERIFIED;
	if (rnd_one_in(r, 20))
		frame_owe_outer(m);
	if (rnd_one_in(r, 8))
		frame_owe(m);
}

/* What a packet has that its flow's others have not. */
static void oddity(struct frame *f, struct rnd *r)
{
	switch (rnd_below(r, 16)) {
	case 0: /* any bit of any header, checksums right */
	case 1:
		f->poke_at = (uint16_t)rnd_u32(r);
		f->poke = (uint8_t)(1 << rnd_below(r, 8));
		break;
	case 2: /* damaged on the way, in the headers more often */
		f->spoil_at = (uint16_t)(rnd_one_in(r, 2) ? rnd_below(r, 150) : rnd_u32(r));
		f->spoil = (uint8_t)(1 << rnd_below(r, 8));
		break;
	case 3:
	case 4:
		f->plen = 1 + rnd_below(r, f->plen);
		break;
	case 5:
		f->plen = rnd_below(r, 1500);
		break;
	case 6:
		f->pad = 1 + rnd_below(r, 30);
		break;
	case 7:
		f->flags ^= 0x08;
		break;
	case 8:
		f->flags ^= (uint8_t)(1 << rnd_below(r, 8));
		break;
	case 9:
		f->seq += rnd_below(r, 3);
		break;
	case 10:
		f->ip.id = (uint16_t)(f->ip.id + rnd_below(r, 3));
		break;
	case 11:
		f->outer.id = (uint16_t)(f->outer.id + rnd_below(r, 3));
		break;
	case 12:
		f->no_csum = !f->no_csum;
		break;
	case 13:
		f->outer_csum = !f->outer_csum;
		break;
	case 14:
		f->ip.tos ^= 1;
		break;
	default:
		f->outer.tos ^= 1;
		break;
	}
}

/* The next packet of a flow, mostly as a sender would make it. */
static void arrive(struct round *s, struct frame *flow)
{
	static uint8_t b[GEN_MAX];
	const uint32_t wish = flow->plen;
	struct frame f = *flow;
	struct frame_map at;
	struct rte_mbuf *m;

	if (rnd_one_in(s->r, 5))
		oddity(&f, s->r);
	m = wire_pkt(&f, b, &at, rnd_below(s->r, CHAIN_N_SHAPES), s->r);
	pkt_meta(m)->obj = rnd_one_in(s->r, 60);
	pkt_meta(m)->tos = rnd_one_in(s->r, 60);
	book_add(b, at.n, pkt_meta(m));
	claim(m, b, s->r);
	if (s->few_hashes)
		pkt_meta(m)->hash = pkt_flow_hash(m, &pkt_meta(m)->inner) & 1 ? 1 : 17;
	give(s, m);
	if (rnd_one_in(s->r, 40)) /* sent again */
		return;
	flow->plen = f.plen;
	frame_next(flow);
	flow->plen = wish;
}

static void start_flows(struct round *s)
{
	static const uint16_t sizes[] = { 8, 60, 200, 500 };

	s->n_flows = rnd_one_in(s->r, 4) ? 1 + rnd_below(s->r, N_FLOWS_MAX)
					 : 1 + rnd_below(s->r, 4);
	for (uint32_t i = 0; i < s->n_flows; i++) {
		struct frame *f = &s->flows[i];

		random_frame(f, s->r);
		if (rnd_one_in(s->r, 4) && i) /* alike but for one thing */
			*f = s->flows[i - 1];
		if (!rnd_one_in(s->r, 8))
			f->gre_seq = false;
		if (!rnd_one_in(s->r, 8))
			f->no_csum = f->other_zero = false;
		if (!rnd_one_in(s->r, 8))
			f->flags = 0x10;
		if (!rnd_one_in(s->r, 8) && !f->ip.v6)
			f->ip.opts = 0;
		if (!rnd_one_in(s->r, 8) && !f->outer.v6)
			f->outer.opts = 0;
		f->plen = 1 + rnd_below(s->r, sizes[rnd_below(s->r, RTE_DIM(sizes))]);
		f->chunk = (uint16_t)RTE_MIN(f->chunk, 200u);
		f->sport = (uint16_t)(f->sport + i);
	}
}

static void law_gso_gro(struct round *s)
{
	struct rnd *const r = s->r;
	struct frame *f = &s->flows[0];

	book_open();
	start_flows(s);
	s->in_bursts = rnd_one_in(r, 2);
	s->few_hashes = rnd_one_in(r, 8);
	s->what = GRO_ALL;
	for (uint32_t i = 0; i < N_ROUND && book_has_room(); i++, s->now_ns++) {
		if (rnd_one_in(r, 3)) /* senders send a few at a time */
			f = &s->flows[rnd_below(r, s->n_flows)];
		arrive(s, f);
		if (rnd_one_in(r, 60))
			s->what = rnd_one_in(r, 2) ? GRO_ALL : rnd_u32(r) & GRO_ALL;
		if (!rnd_one_in(r, 20))
			continue;
		give_burst(s);
		if (rnd_one_in(r, 2))
			gro_flush(s->gro, &s->out);
		else
			gro_flush_aged(s->gro, s->now_ns, rnd_below(r, 10), &s->out);
		leave(s);
	}
	give_burst(s);
	gro_flush(s->gro, &s->out);
	leave(s);
	book_close();
}

static void test_gso_of_gro(void **state)
{
	const uint64_t n_cases = laws_env("CVSW_TEST_CASES", N_CASES) * 3 / 4,
		       seed = laws_env("CVSW_TEST_SEED", 1);
	static struct round s;
	struct rnd r;

	(void)state;
	s.gro = gro_create(N_PLACES);
	s.r = &r;
	for (uint64_t i = laws_env("CVSW_TEST_FIRST", 0); i < n_cases / N_ROUND; i++) {
		laws_case(&r, "gso of gro", seed * 1000033 + i, i);
		laws_progress("gso of gro", i, n_cases / N_ROUND);
		law_gso_gro(&s);
		if (!eal_test_pools_full())
			fail_msg("%s", must_about);
	}
	laws_hold();
	gro_destroy(s.gro);
	print_message("%u trains of %llu packets\n", s.n_merged, (unsigned long long)n_cases);
	assert_true(s.n_merged > n_cases / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_gro_of_gso, laws_say),
		cmocka_unit_test_teardown(test_gso_of_gro, laws_say),
	};

	return cmocka_run_group_tests_name(
		"laws, nested", tests, eal_test_setup, eal_test_teardown);
}
