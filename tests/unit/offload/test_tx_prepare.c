/* SPDX-License-Identifier: BSD-3-Clause */
/* Debts against abilities: every state in which a packet can arrive, every set of abilities of a
 * port. */
#include "offload_test.h"

#include <errno.h>

#include "offload/tx_prepare.h"

/* How a packet comes. */
enum state {
	ST_UNKNOWN,
	ST_VERIFIED,
	ST_OWED,
	ST_SUPER,
	ST_SUPER_OF_ONE,
	N_STATES
};
static const char *const state_name[] = { "unknown", "verified", "owed", "super", "super_of_one" };

#define GSO_SIZE 400
#define PLEN	 1000

static const struct {
	const char *name;
	uint8_t l3, l4;
	uint32_t cap;
} kinds[] = {
	{ "tcp4", PKT_L3_IPV4, PKT_L4_TCP, CAP_TSO4 },
	{ "tcp6", PKT_L3_IPV6, PKT_L4_TCP, CAP_TSO6 },
	{ "udp4", PKT_L3_IPV4, PKT_L4_UDP, CAP_USO },
	{ "udp6", PKT_L3_IPV6, PKT_L4_UDP, CAP_USO },
};

static struct gen kind_gen(size_t kind)
{
	struct gen g = gen_default;

	g.l3 = kinds[kind].l3;
	g.l4 = kinds[kind].l4;
	g.plen = PLEN;
	return g;
}

static struct rte_mbuf *in_state(
	const struct gen *g, enum state st, enum chain_shape shape, struct rnd *r)
{
	struct rte_mbuf *m;

	if (st == ST_SUPER)
		return gen_super(g, GSO_SIZE, shape, r);
	if (st == ST_SUPER_OF_ONE)
		return gen_super(g, PLEN, shape, r);
	if (st == ST_OWED) {
		m = gen_super(g, PLEN, shape, r);
		pkt_meta(m)->inner.gso_type = pkt_meta(m)->inner.gso_size =
			pkt_meta(m)->inner.gso_ecn = 0;
		return m;
	}
	m = gen_pkt(g, shape, r);
	pkt_meta(m)->inner.csum = st == ST_VERIFIED ? PKT_CSUM_VERIFIED : PKT_CSUM_UNKNOWN;
	return m;
}

static void check_one(const struct gen *g, const struct rte_mbuf *m, bool owed)
{
	static struct flat want;

	assert_pkt_good(m);
	assert_int_equal(pkt_meta_const(m)->inner.csum == PKT_CSUM_OWED, owed);
	assert_int_equal(pkt_meta_const(m)->obj, 5);
	if (owed)
		return;
	want.n = gen_bytes(g, want.b);
	assert_bytes(m, &want);
}

static void check_result(
	const struct gen *g, size_t kind, enum state st, uint32_t caps, struct pkt_list *out)
{
	const bool owed = st != ST_UNKNOWN && st != ST_VERIFIED && (caps & CAP_CSUM);
	struct rte_mbuf *m;

	if (st == ST_SUPER && (caps & kinds[kind].cap)) {
		assert_int_equal(out->n_pkts, 1);
		assert_int_equal(pkt_meta(out->head)->inner.gso_size, GSO_SIZE);
		assert_pkt_good(out->head);
	} else if (st == ST_SUPER) {
		assert_int_equal(out->n_pkts, 3);
		for (uint32_t i = 0; (m = pkt_list_pop(out)); i++) {
			const struct gen s = segment_of(g, GSO_SIZE, i);

			check_one(&s, m, owed);
			pkt_done(m);
		}
	} else {
		assert_int_equal(out->n_pkts, 1);
		assert_int_equal(pkt_meta(out->head)->inner.gso_type, PKT_GSO_NONE);
		check_one(g, out->head, owed);
	}
	drop_all(out);
}

static void run(size_t kind, enum state st, uint32_t caps, enum chain_shape shape)
{
	static struct flat before;
	const struct gen g = kind_gen(kind);
	struct rte_mbuf *m, *witness;
	struct pkt_list out;
	struct rnd r;
	int err;

	rnd_seed(&r, kind);
	m = in_state(&g, st, shape, &r);
	pkt_meta(m)->obj = 5;
	flat_of(m, &before);
	witness = pkt_clone(m);
	pkt_list_init(&out);
	err = tx_prepare(m, caps, &out);
	if (st == ST_SUPER && !(caps & (kinds[kind].cap | CAP_GSO))) {
		assert_int_equal(err, -EPERM);
		assert_true(pkt_list_empty(&out));
		assert_bytes(m, &before);
		pkt_done(m);
	} else {
		assert_int_equal(err, 0);
		check_result(&g, kind, st, caps, &out);
	}
	assert_bytes(witness, &before); /* shared bytes were not written */
	pkt_done(witness);
	assert_true(eal_test_pools_full());
}

static void test_matrix(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < RTE_DIM(kinds); kind++) {
		for (unsigned int st = 0; st < N_STATES; st++) {
			print_message("%s %s\n", kinds[kind].name, state_name[st]);
			for (uint32_t caps = 0; caps <= CAP_ALL; caps++)
				for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++)
					run(kind, st, caps, shape);
		}
	}
}

/* What owes nothing is not even looked at. */
static void test_passes_untouched(void **state)
{
	static const uint8_t junk[] = { 1, 2, 3 };
	struct rte_mbuf *m;
	struct pkt_list out;

	(void)state;
	pkt_list_init(&out);
	m = pkt_from_bytes(junk, sizeof(junk));
	assert_int_equal(tx_prepare(m, 0, &out), 0);
	assert_ptr_equal(out.head, m);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

static void test_appends_behind_what_is_there(void **state)
{
	struct pkt_list out;
	struct rte_mbuf *a;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	pkt_list_init(&out);
	a = gen_pkt(&gen_default, CHAIN_FLAT, &r);
	pkt_list_add(&out, a);
	assert_int_equal(
		tx_prepare(gen_super(&gen_default, 100, CHAIN_FLAT, &r), CAP_GSO, &out), 0);
	assert_ptr_equal(out.head, a);
	assert_int_equal(out.n_pkts, 11);
	assert_int_equal(out.n_bytes, a->pkt_len + 10 * 154);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

static void refuse(void (*spoil)(struct pkt_layer *l), uint32_t caps)
{
	static struct flat before;
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, 1);
	pkt_list_init(&out);
	m = gen_super(&gen_default, 100, CHAIN_FLAT, &r);
	flat_of(m, &before);
	spoil(&pkt_meta(m)->inner);
	assert_int_equal(tx_prepare(m, caps, &out), -EINVAL);
	assert_true(pkt_list_empty(&out));
	assert_bytes(m, &before);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

static void size_0(struct pkt_layer *l)
{
	l->gso_size = 0;
}

static void no_type(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_N;
}

static void fragments_of_tcp(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_UFO;
}

static void other_type(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_TCP6;
}

static void owed_without_l4(struct pkt_layer *l)
{
	l->gso_type = PKT_GSO_NONE;
	l->l4 = PKT_L4_NONE;
}

static void test_refusals(void **state)
{
	(void)state;
	refuse(size_0, CAP_ALL);
	refuse(size_0, CAP_GSO);
	refuse(no_type, CAP_ALL);
	refuse(fragments_of_tcp, CAP_GSO);
	refuse(other_type, CAP_GSO);
	refuse(owed_without_l4, CAP_GSO);
}

/* No buffer for a private header: the packet is the caller's as it was. */
static void test_no_buffer(void **state)
{
	static struct flat before;
	struct pkt_list out, hoard;
	struct rte_mbuf *m, *h;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	pkt_list_init(&out);
	pkt_list_init(&hoard);
	m = in_state(&gen_default, ST_OWED, CHAIN_SHARED, &r);
	flat_of(m, &before);
	while ((h = pkt_alloc_hdr()))
		pkt_list_add(&hoard, h);
	assert_int_equal(tx_prepare(m, 0, &out), -ENOBUFS);
	assert_true(pkt_list_empty(&out));
	assert_bytes(m, &before);
	assert_int_equal(pkt_meta(m)->inner.csum, PKT_CSUM_OWED);
	drop_all(&hoard);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_passes_untouched),
		cmocka_unit_test(test_appends_behind_what_is_there),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_buffer),
	};

	return cmocka_run_group_tests_name("tx_prepare", tests, eal_test_setup, eal_test_teardown);
}
