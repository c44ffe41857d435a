/* SPDX-License-Identifier: BSD-3-Clause */
/* Trains: which packets leave as one, in which order, within which limits. */
#include "offload_test.h"

#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"

#define PSH   0x08
#define FIN   0x01
#define CWR   0x80
#define N_MAX 16

struct arrival {
	uint32_t off, plen;
	uint8_t flags; /* besides ACK */
	uint8_t flow;
	uint8_t foreign; /* a frame that GRO knows nothing of */
};

struct gro_case {
	const char *name;
	struct arrival in[N_MAX]; /* up to the first without payload */
	uint32_t leave_as[N_MAX]; /* payload bytes of what leaves, in order */
};

#define FOREIGN                                                                                    \
	{                                                                                          \
		0, 1, 0, 0, 1                                                                      \
	}

static const struct gro_case cases[] = {
	{ "one_leaves_as_it_came", { { 0, 1000 } }, { 1000 } },
	{ "in_order_merges", { { 0, 1000 }, { 1000, 1000 } }, { 2000 } },
	{ "three_in_order", { { 0, 1000 }, { 1000, 1000 }, { 2000, 1000 } }, { 3000 } },
	{ "three_first_two_swapped", { { 1000, 1000 }, { 0, 1000 }, { 2000, 1000 } },
		{ 1000, 1000, 1000 } },
	{ "three_last_two_swapped", { { 0, 1000 }, { 2000, 1000 }, { 1000, 1000 } },
		{ 1000, 1000, 1000 } },
	{ "three_rotated", { { 1000, 1000 }, { 2000, 1000 }, { 0, 1000 } }, { 2000, 1000 } },
	{ "three_rotated_back", { { 2000, 1000 }, { 0, 1000 }, { 1000, 1000 } }, { 1000, 2000 } },
	{ "three_reversed", { { 2000, 1000 }, { 1000, 1000 }, { 0, 1000 } }, { 1000, 1000, 1000 } },
	{ "small_last_merges", { { 0, 1000 }, { 1000, 1 } }, { 1001 } },
	{ "small_last_ends_the_train", { { 0, 1000 }, { 1000, 999 }, { 1999, 1000 } },
		{ 1999, 1000 } },
	{ "small_first_does_not", { { 0, 1 }, { 1, 1000 } }, { 1, 1000 } },
	{ "gap_flushes_in_order", { { 0, 1000 }, { 2000, 1000 } }, { 1000, 1000 } },
	{ "new_train_behind_a_gap", { { 0, 1000 }, { 2000, 1000 }, { 3000, 1000 } },
		{ 1000, 2000 } },
	{ "duplicate_stays_apart", { { 0, 1000 }, { 0, 1000 } }, { 1000, 1000 } },
	{ "push_ends_the_train", { { 0, 1000 }, { 1000, 1000, PSH }, { 2000, 1000 } },
		{ 2000, 1000 } },
	{ "fin_ends_the_train", { { 0, 1000 }, { 1000, 1000, FIN } }, { 2000 } },
	{ "push_alone_does_not_overtake", { { 0, 1000 }, { 2000, 1000, PSH } }, { 1000, 1000 } },
	{ "fin_alone_does_not_overtake", { { 0, 1000 }, { 2000, 1000, FIN } }, { 1000, 1000 } },
	{ "syn_does_not_overtake", { { 0, 1000 }, { 1000, 1000, 0x02 } }, { 1000, 1000 } },
	{ "rst_does_not_overtake", { { 0, 1000 }, { 1000, 1000, 0x04 } }, { 1000, 1000 } },
	{ "urg_does_not_overtake", { { 0, 1000 }, { 1000, 1000, 0x20 } }, { 1000, 1000 } },
	{ "cwr_stays_apart", { { 0, 1000 }, { 1000, 1000, CWR }, { 2000, 1000 }, { 3000, 1000 } },
		{ 1000, 1000, 2000 } },
	{ "flows_interleaved",
		{ { 0, 1000, 0, 1 }, { 0, 700, 0, 2 }, { 1000, 1000, 0, 1 }, { 700, 700, 0, 2 },
			{ 0, 9, 0, 3 } },
		{ 2000, 1400, 9 } },
	{ "oldest_flow_leaves_first",
		{ { 0, 1000, 0, 2 }, { 0, 700, 0, 1 }, { 700, 700, 0, 1 }, { 0, 500, 0, 3 },
			{ 1000, 1000, 0, 2 } },
		{ 2000, 1400, 500 } },
	{ "fin_push_between_two_flows",
		{ { 0, 1000, 0, 1 }, { 0, 700, 0, 2 }, { 1000, 1000, FIN | PSH, 1 },
			{ 700, 700, PSH, 2 } },
		{ 2000, 1400 } },
	{ "foreign_frames_pass", { { 0, 1000 }, FOREIGN, { 1000, 1000 }, FOREIGN },
		{ 0, 0, 2000 } },
};

static struct gen arrival_gen(const struct arrival *a, uint8_t l3, const struct gen *like)
{
	struct gen g = *like;

	g.l3 = l3;
	g.flags |= a->flags;
	g.sport = (uint16_t)(g.sport + a->flow);
	g.seq += a->off;
	g.pay_pos += a->off;
	g.plen = a->plen;
	return g;
}

/* An ARP frame, say. */
static struct rte_mbuf *foreign(void)
{
	static const uint8_t arp[60] = { [12] = 0x08, [13] = 0x06 };
	struct rte_mbuf *m = pkt_from_bytes(arp, sizeof(arp));

	pkt_meta(m)->inner.end_off = sizeof(arp);
	return m;
}

static void run(const struct gro_case *c, const struct gen *like, uint8_t l3,
	enum chain_shape shape, bool in_burst)
{
	struct gro *g = gro_create(16);
	struct rte_mbuf *burst[N_MAX], *m;
	unsigned int n = 0;
	struct pkt_list out;
	struct rnd r;

	rnd_seed(&r, 3);
	pkt_list_init(&out);
	for (unsigned int i = 0; c->in[i].plen; i++) {
		const struct gen a = arrival_gen(&c->in[i], l3, like);

		m = c->in[i].foreign ? foreign() : gen_pkt(&a, shape, &r);
		if (in_burst)
			burst[n++] = m;
		else
			gro_receive(g, m, GRO_TCP, i, &out);
	}
	gro_receive_burst(g, burst, n, GRO_TCP, 0, &out);
	gro_flush(g, &out);
	for (unsigned int i = 0; (m = pkt_list_pop(&out)); i++) {
		const struct pkt_layer *l = &pkt_meta(m)->inner;

		if (c->leave_as[i])
			assert_pkt_good(m);
		assert_int_equal(l->l4 ? l->end_off - l->pay_off : 0, c->leave_as[i]);
		assert_true(c->leave_as[i] || !l->l4);
		pkt_done(m);
	}
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

static void test_rows(void **state)
{
	struct gen plain = gen_default, deep = gen_default;

	(void)state;
	deep.tun_hlen = 8;
	deep.n_vlan = 2;
	deep.topt_words = 3;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		print_message("%s\n", cases[i].name);
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			for (int burst = 0; burst < 2; burst++) {
				run(&cases[i], &plain, PKT_L3_IPV4, shape, burst);
				run(&cases[i], &plain, PKT_L3_IPV6, shape, burst);
				run(&cases[i], &deep, PKT_L3_IPV4, shape, burst);
				run(&cases[i], &deep, PKT_L3_IPV6, shape, burst);
			}
		}
	}
}

/* ---- IPv4 identification (RFC 6864) ---- */

static const struct {
	const char *name;
	uint16_t frag_off, id[3];
	uint32_t leave_as[4]; /* packets of 10 bytes */
} id_cases[] = {
	{ "counts", 0, { 5, 6, 7 }, { 30 } },
	{ "counts_with_df", 0x4000, { 5, 6, 7 }, { 30 } },
	{ "counts_over_the_end", 0, { 0xfffe, 0xffff, 0 }, { 30 } },
	{ "constant_with_df", 0x4000, { 5, 5, 5 }, { 30 } },
	{ "constant_without_df", 0, { 5, 5, 5 }, { 10, 10, 10 } },
	{ "constant_then_counts", 0x4000, { 5, 5, 6 }, { 20, 10 } },
	{ "constant_then_as_if_counted", 0x4000, { 5, 5, 7 }, { 20, 10 } },
	{ "counts_then_constant", 0x4000, { 5, 6, 6 }, { 20, 10 } },
	{ "counts_then_back_to_first", 0x4000, { 5, 6, 5 }, { 20, 10 } },
	{ "gap", 0x4000, { 5, 6, 8 }, { 20, 10 } },
};

static void test_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(id_cases); i++) {
		struct gro *gro = gro_create(8);
		struct gen g = gen_default;
		struct pkt_list out;
		struct rte_mbuf *m;
		struct rnd r;

		print_message("%s\n", id_cases[i].name);
		rnd_seed(&r, i);
		pkt_list_init(&out);
		g.frag_off = id_cases[i].frag_off;
		g.plen = 10;
		for (unsigned int j = 0; j < 3; j++, g.seq += 10) {
			g.id = id_cases[i].id[j];
			gro_receive(gro, gen_pkt(&g, CHAIN_FLAT, &r), GRO_TCP, 0, &out);
		}
		gro_flush(gro, &out);
		for (unsigned int j = 0; (m = pkt_list_pop(&out)); j++) {
			assert_int_equal(m->pkt_len - 54, id_cases[i].leave_as[j]);
			pkt_done(m);
		}
		gro_destroy(gro);
		assert_true(eal_test_pools_full());
	}
}

/* ---- limits ---- */

static struct rte_mbuf *nth(struct gen *g, uint32_t i, struct rnd *r)
{
	struct gen s = *g;

	s.seq += i * g->plen;
	s.pay_pos += i * g->plen;
	s.id = (uint16_t)(s.id + i);
	return gen_pkt(&s, CHAIN_FLAT, r);
}

/* @n packets of one flow, with a flush in front of packet @flush_at (0: none): the payloads of what
 * leaves. */
static void train_flushed(struct gen *g, uint32_t n, uint32_t flush_at, const uint32_t *leave_as)
{
	struct gro *gro = gro_create(8);
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, 4);
	pkt_list_init(&out);
	for (uint32_t i = 0; i < n; i++) {
		if (flush_at && i == flush_at)
			gro_flush(gro, &out);
		gro_receive(gro, nth(g, i, &r), GRO_TCP | GRO_UDP, 0, &out);
	}
	gro_flush(gro, &out);
	while ((m = pkt_list_pop(&out))) {
		assert_pkt_good(m);
		assert_int_equal(m->pkt_len - gen_hlen(g), *leave_as++);
		pkt_done(m);
	}
	assert_int_equal(*leave_as, 0);
	gro_destroy(gro);
	assert_true(eal_test_pools_full());
}

static void train(struct gen *g, uint32_t n, const uint32_t *leave_as)
{
	train_flushed(g, n, 0, leave_as);
}

static void test_64k(void **state)
{
	struct gen g = gen_default;

	(void)state;
	g.plen = 1460;
	train(&g, 46, (const uint32_t[]){ 44 * 1460, 2 * 1460, 0 });
	g.plen = 13099; /* five with 40 bytes of headers make 65,535 exactly */
	train(&g, 5, (const uint32_t[]){ 5 * 13099, 0 });
	g.plen = 13100;
	train(&g, 5, (const uint32_t[]){ 4 * 13100, 13100, 0 });
	g.n_vlan = 2;
	g.tun_hlen = 8; /* it counts from IP, whatever is in front */
	train(&g, 5, (const uint32_t[]){ 4 * 13100, 13100, 0 });
	g.plen = 13099;
	train(&g, 5, (const uint32_t[]){ 5 * 13099, 0 });
	g.n_vlan = g.tun_hlen = 0;
	g.l3 = PKT_L3_IPV6;
	g.plen = 1440;
	train(&g, 46, (const uint32_t[]){ 45 * 1440, 1440, 0 });
	g.n_vlan = 2;
	g.tun_hlen = 8;
	train(&g, 45, (const uint32_t[]){ 45 * 1440, 0 });
}

/* A train that starts as forecast, by what is remembered of its flow, has the same limits. */
static void test_limits_behind_a_flush(void **state)
{
	struct gen g = gen_default;

	(void)state;
	g.plen = 1460;
	train_flushed(
		&g, 3 + 92, 3, (const uint32_t[]){ 3 * 1460, 44 * 1460, 44 * 1460, 4 * 1460, 0 });
	g.plen = 64;
	train_flushed(&g, 3 + 600, 3, (const uint32_t[]){ 3 * 64, 256 * 64, 256 * 64, 88 * 64, 0 });
	g.l4 = PKT_L4_UDP;
	train_flushed(&g, 3 + 130, 3, (const uint32_t[]){ 3 * 64, 64 * 64, 64 * 64, 2 * 64, 0 });
}

static void test_udp_64_datagrams(void **state)
{
	struct gen g = gen_default;

	(void)state;
	g.l4 = PKT_L4_UDP;
	g.plen = 10;
	train(&g, 130, (const uint32_t[]){ 640, 640, 20, 0 });
}

static void test_256_segments(void **state)
{
	struct gen g = gen_default;

	(void)state;
	g.plen = 3;
	train(&g, 600, (const uint32_t[]){ 256 * 3, 256 * 3, 88 * 3, 0 });
}

/* The first packet of a train, in @n_segs buffers that others share, payload in each. */
static struct rte_mbuf *first_shared(const struct gen *g, unsigned int n_segs, struct rnd *r)
{
	struct rte_mbuf *m = gen_pkt(g, CHAIN_FLAT, r);
	const uint32_t hlen = gen_hlen(g);
	const struct pkt_meta md = *pkt_meta(m);
	struct rte_mbuf *s = pkt_slice(m, 0, hlen + 1);

	assert_int_equal(g->plen, n_segs);
	for (uint32_t i = 1; i < g->plen; i++)
		pkt_append(s, pkt_slice(m, hlen + i, 1));
	pkt_done(m);
	*pkt_meta(s) = md;
	return s;
}

/* That its headers are copied makes one buffer more of the first packet: it counts, too. */
static void test_256_segments_with_a_copy_of_the_headers(void **state)
{
	(void)state;
	for (unsigned int n = 253; n <= 256; n++) {
		struct gen g = gen_default;
		struct gro *gro = gro_create(8);
		struct pkt_list out;
		struct rte_mbuf *m;
		struct rnd r;

		rnd_seed(&r, 4);
		pkt_list_init(&out);
		g.plen = n;
		gro_receive(gro, first_shared(&g, n, &r), GRO_TCP, 0, &out);
		for (uint32_t i = 1; i < 8; i++)
			gro_receive(gro, nth(&g, i, &r), GRO_TCP, 0, &out);
		gro_flush(gro, &out);
		while ((m = pkt_list_pop(&out))) {
			assert_pkt_good(m);
			assert_in_range(m->nb_segs, 1, 256);
			pkt_done(m);
		}
		gro_destroy(gro);
		assert_true(eal_test_pools_full());
	}
}

/* A datagram that is to be sent as fragments is of the same flow as the datagrams before it. */
static void test_fragments_to_be_do_not_overtake(void **state)
{
	(void)state;
	for (uint8_t l3 = PKT_L3_IPV4; l3 <= PKT_L3_IPV6; l3++) {
		struct gen g = gen_default, large;
		struct gro *gro = gro_create(8);
		struct rte_mbuf *m, *a, *b;
		struct pkt_list out;
		struct rnd r;

		rnd_seed(&r, 4);
		pkt_list_init(&out);
		g.l3 = l3;
		g.l4 = PKT_L4_UDP;
		large = g;
		large.plen = 4000;
		a = nth(&g, 0, &r);
		b = gen_super(&large, 1000, CHAIN_FLAT, &r);
		pkt_meta(b)->inner.gso_type = PKT_GSO_UFO;
		gro_receive(gro, a, GRO_UDP, 0, &out);
		gro_receive(gro, b, GRO_UDP, 0, &out);
		gro_flush(gro, &out);
		assert_int_equal(out.n_pkts, 2);
		assert_ptr_equal(out.head, a);
		assert_ptr_equal(out.tail, b);
		while ((m = pkt_list_pop(&out)))
			pkt_done(m);
		gro_destroy(gro);
		assert_true(eal_test_pools_full());
	}
}

/* ---- the table ---- */

static struct rte_mbuf *of_flow(uint16_t flow, struct rnd *r)
{
	struct gen g = gen_default;

	g.plen = 10;
	g.sport = flow;
	return gen_pkt(&g, CHAIN_FLAT, r);
}

static uint16_t flow_of(const struct rte_mbuf *m)
{
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(m, const uint8_t *, 34);

	return (uint16_t)(l4[0] << 8 | l4[1]);
}

/* More flows than places, @hash 0 for their own: all leave, oldest first. */
static void too_many(uint32_t n_places, uint32_t n_flows, uint32_t hash, uint32_t held)
{
	struct gro *g = gro_create(n_places);
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, 5);
	pkt_list_init(&out);
	for (uint16_t f = 0; f < n_flows; f++) {
		m = of_flow(f, &r);
		pkt_meta(m)->hash = hash;
		gro_receive(g, m, GRO_TCP, f, &out);
	}
	assert_int_equal(out.n_pkts, n_flows - held);
	gro_flush(g, &out);
	for (uint16_t f = 0; (m = pkt_list_pop(&out)); f++) {
		assert_int_equal(flow_of(m), f);
		pkt_done(m);
	}
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

static void test_full_table_evicts_oldest(void **state)
{
	(void)state;
	too_many(64, 64, 0, 64);
	too_many(64, 65, 0, 64);
	too_many(64, 1000, 0, 64);
}

static void test_colliding_flows_are_bounded(void **state)
{
	(void)state;
	too_many(256, 100, 77, 8);
}

static void test_aged(void **state)
{
	struct gro *g = gro_create(8);
	struct pkt_list out;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 6);
	pkt_list_init(&out);
	gro_receive(g, of_flow(1, &r), GRO_TCP, 1000, &out);
	gro_receive(g, of_flow(2, &r), GRO_TCP, 2000, &out);
	gro_flush_aged(g, 2000, 1000, &out);
	assert_int_equal(out.n_pkts, 0);
	gro_flush_aged(g, 2001, 1000, &out);
	assert_int_equal(out.n_pkts, 1);
	gro_flush_aged(g, 2001, 0, &out);
	assert_int_equal(out.n_pkts, 2);
	gro_flush(g, &out);
	assert_int_equal(out.n_pkts, 2);
	drop_all(&out);
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

/* Bytes that others share are never written: a copy is made when the second packet comes. */
static void test_shared_bytes_stay(void **state)
{
	static struct flat before;
	struct gro *g = gro_create(8);
	struct rte_mbuf *a, *witness;
	struct pkt_list out;
	struct gen gen = gen_default;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 7);
	pkt_list_init(&out);
	a = nth(&gen, 0, &r);
	flat_of(a, &before);
	witness = pkt_clone(a);
	gro_receive(g, a, GRO_TCP, 0, &out);
	gro_receive(g, nth(&gen, 1, &r), GRO_TCP, 0, &out);
	gro_flush(g, &out);
	assert_int_equal(out.n_pkts, 1);
	assert_bytes(witness, &before);
	pkt_done(witness);
	drop_all(&out);
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

/* Without a buffer for the private header the two leave apart. */
static void test_no_buffer_to_unshare(void **state)
{
	struct gro *g = gro_create(8);
	struct pkt_list out, hoard;
	struct gen gen = gen_default;
	struct rte_mbuf *a, *b, *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 8);
	pkt_list_init(&out);
	pkt_list_init(&hoard);
	a = gen_pkt(&gen, CHAIN_SHARED, &r);
	b = nth(&gen, 1, &r);
	while ((m = pkt_alloc_hdr()))
		pkt_list_add(&hoard, m);
	gro_receive(g, a, GRO_TCP, 0, &out);
	gro_receive(g, b, GRO_TCP, 0, &out);
	gro_flush(g, &out);
	assert_int_equal(out.n_pkts, 2);
	assert_ptr_equal(out.head, a);
	assert_ptr_equal(out.tail, b);
	drop_all(&out);
	drop_all(&hoard);
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

/* ---- whose packet comes next cannot be guessed ---- */

#define N_TURNS 16

/* The next packets of all flows, @n of each in a random order, between frames that are no flow's.
 */
static uint32_t no_order(struct gen *flows, uint32_t n_flows, uint32_t n, struct rte_mbuf **burst,
	uint32_t *n_foreign, struct rnd *r)
{
	static const uint8_t foreign[60] = { 2, 2, 2, 2, 2, 2, 6, 6, 6, 6, 6, 6, 0x88, 0xb5 };
	uint32_t left[N_TURNS], n_left = n_flows * n, n_burst = 0;

	for (uint32_t f = 0; f < n_flows; f++)
		left[f] = n;
	for (*n_foreign = 0; n_left;) {
		const uint32_t f = rnd_below(r, n_flows);

		if (!left[f])
			continue;
		if (rnd_one_in(r, 8)) {
			burst[n_burst++] = pkt_from_bytes(foreign, sizeof(foreign));
			++*n_foreign;
		}
		burst[n_burst++] = nth(&flows[f], N_TURNS - left[f]--, r);
		n_left--;
	}
	return n_burst;
}

/* Every train is all of a flow's packets, in order. */
static void check_trains(struct gen *flows, uint32_t n_foreign, struct pkt_list *out)
{
	static struct flat want;
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(out))) {
		const struct pkt_layer *l = &pkt_meta(m)->inner;
		struct pkt_list plain;
		struct gen *f;

		if (l->l3 == PKT_L3_NONE) {
			assert_true(n_foreign-- > 0);
			pkt_done(m);
			continue;
		}
		assert_pkt_good(m);
		f = &flows[*PKT_HDR(m, l->l3_off + 15u, uint8_t) - 1];
		pkt_list_init(&plain);
		assert_int_equal(tx_prepare(m, CAP_GSO, &plain), 0);
		assert_int_equal(plain.n_pkts, N_TURNS);
		for (uint32_t i = 0; (m = pkt_list_pop(&plain)); i++) {
			struct gen g = *f;

			g.seq += i * g.plen;
			g.pay_pos += i * g.plen;
			g.id = (uint16_t)(g.id + i);
			want.n = gen_bytes(&g, want.b);
			assert_bytes(m, &want);
			pkt_done(m);
		}
		/* the flow goes on */
		f->seq += N_TURNS * f->plen;
		f->pay_pos += N_TURNS * f->plen;
		f->id = (uint16_t)(f->id + N_TURNS);
	}
	assert_int_equal(n_foreign, 0);
}

static void test_flows_in_no_order(void **state)
{
	static struct rte_mbuf
		*burst[2 * N_TURNS * N_TURNS]; /* more foreign ones than packets do not come */
	struct gro *g = gro_create(N_TURNS);
	struct gen flows[N_TURNS];
	struct rnd r;

	(void)state;
	rnd_seed(&r, 9);
	for (uint32_t f = 0; f < N_TURNS; f++) {
		flows[f] = gen_default;
		flows[f].addr = (uint8_t)(f + 1);
		flows[f].plen = 200;
	}
	for (uint32_t round = 0; round < 50; round++) {
		const uint32_t n_flows = 1 + rnd_below(&r, N_TURNS);
		uint32_t n_foreign;
		struct pkt_list out;
		uint32_t n;

		pkt_list_init(&out);
		n = no_order(flows, n_flows, N_TURNS, burst, &n_foreign, &r);
		for (uint32_t i = 0; i < n; i++)
			if (pkt_meta(burst[i])->inner.l4 == PKT_L4_NONE)
				pkt_parse(burst[i], 0, &pkt_meta(burst[i])->inner);
		gro_receive_burst(g, burst, n, GRO_TCP, 0, &out);
		gro_flush(g, &out);
		assert_int_equal(out.n_pkts, n_flows + n_foreign);
		check_trains(flows, n_foreign, &out);
		assert_true(eal_test_pools_full());
	}
	gro_destroy(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_64k),
		cmocka_unit_test(test_limits_behind_a_flush),
		cmocka_unit_test(test_udp_64_datagrams),
		cmocka_unit_test(test_256_segments),
		cmocka_unit_test(test_256_segments_with_a_copy_of_the_headers),
		cmocka_unit_test(test_fragments_to_be_do_not_overtake),
		cmocka_unit_test(test_full_table_evicts_oldest),
		cmocka_unit_test(test_colliding_flows_are_bounded),
		cmocka_unit_test(test_aged),
		cmocka_unit_test(test_shared_bytes_stay),
		cmocka_unit_test(test_no_buffer_to_unshare),
		cmocka_unit_test(test_flows_in_no_order),
	};

	return cmocka_run_group_tests_name("gro", tests, eal_test_setup, eal_test_teardown);
}
