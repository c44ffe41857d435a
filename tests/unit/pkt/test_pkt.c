/* SPDX-License-Identifier: BSD-3-Clause */
/* Cutting, growing and sharing of chains against the same on flat bytes; metadata goes along. */
#include "unit/offload/offload_test.h"

#include <errno.h>

#include "pkt/comb.h"

static struct flat bytes, want;

static void fill_bytes(uint32_t n, struct rnd *r)
{
	bytes.n = n;
	for (uint32_t i = 0; i < n; i++)
		bytes.b[i] = (uint8_t)rnd_u32(r);
}

/* A chain of any shape with marked metadata. */
static struct rte_mbuf *any_chain(struct rnd *r)
{
	struct rte_mbuf *m;

	fill_bytes(1 + rnd_below(r, rnd_one_in(r, 20) ? 66000 : 3000), r);
	m = chain_make(bytes.b, bytes.n, rnd_below(r, CHAIN_N_SHAPES),
		1 + rnd_below(r, RTE_MIN(bytes.n, 300u)), r);
	memset(pkt_meta(m), 0x5a, sizeof(struct pkt_meta));
	pkt_meta(m)->inner.l4 = PKT_L4_NONE;
	pkt_meta(m)->next_pkt = NULL;
	return m;
}

static void check_meta(const struct rte_mbuf *m)
{
	struct pkt_meta md;

	memset(&md, 0x5a, sizeof(md));
	md.inner.l4 = PKT_L4_NONE;
	md.next_pkt = NULL;
	/* without the padding at the end, which an assignment need not copy */
	assert_memory_equal(
		pkt_meta_const(m), &md, offsetof(struct pkt_meta, outer) + sizeof(md.outer));
}

/* Lengths and bytes; the oracle would object to the marked metadata. */
static void check(const struct rte_mbuf *m, const uint8_t *b, uint32_t n)
{
	const struct rte_mbuf *seg;
	uint32_t len = 0, segs = 0;

	for (seg = m; seg; seg = seg->next, segs++)
		len += seg->data_len;
	assert_int_equal(len, m->pkt_len);
	assert_int_equal(segs, m->nb_segs);
	want.n = n;
	memcpy(want.b, b, n);
	assert_bytes(m, &want);
	check_meta(m);
}

static void op_push(struct rte_mbuf **m, struct rnd *r)
{
	const uint16_t n = (uint16_t)(1 + rnd_below(r, PKT_HEADROOM));

	assert_int_equal(pkt_push(m, n), 0);
	assert_true((*m)->data_len >= n);
	memset(rte_pktmbuf_mtod(*m, void *), 0x77, n);
	assert_int_equal((*m)->pkt_len, bytes.n + n);
	assert_int_equal(pkt_trim_front(m, n), 0);
	check(*m, bytes.b, bytes.n);
}

static void op_trim_front(struct rte_mbuf **m, struct rnd *r)
{
	const uint32_t n = rnd_below(r, bytes.n + 1);

	assert_int_equal(pkt_trim_front(m, bytes.n + 1), -EINVAL);
	assert_int_equal(pkt_trim_front(m, n), 0);
	check(*m, bytes.b + n, bytes.n - n);
}

static void op_trim_to(struct rte_mbuf **m, struct rnd *r)
{
	const uint32_t n = rnd_below(r, bytes.n + 1);

	assert_int_equal(pkt_trim_to(*m, bytes.n + 1), -EINVAL);
	assert_int_equal(pkt_trim_to(*m, n), 0);
	check(*m, bytes.b, n);
}

static void op_pull(struct rte_mbuf **m, struct rnd *r)
{
	const uint32_t n = rnd_below(r, RTE_MIN(bytes.n, (uint32_t)PKT_SMALL_ROOM) + 1);

	assert_int_equal(pkt_pull(m, n), 0);
	assert_true((*m)->data_len >= n);
	check(*m, bytes.b, bytes.n);
}

static void op_unshare(struct rte_mbuf **m, struct rnd *r)
{
	const uint32_t n = 1 + rnd_below(r, RTE_MIN(bytes.n, (uint32_t)PKT_SMALL_ROOM));
	struct rte_mbuf *witness = pkt_clone(*m);

	assert_int_equal(pkt_unshare(m, n), 0);
	assert_true((*m)->data_len >= n);
	assert_true(pkt_seg_private(*m));
	check(*m, bytes.b, bytes.n);
	memset(rte_pktmbuf_mtod(*m, void *), 0, n);
	check(witness, bytes.b, bytes.n);
	pkt_done(witness);
}

static void op_slice(struct rte_mbuf **m, struct rnd *r)
{
	static const struct pkt_meta zero;
	const uint32_t off = rnd_below(r, bytes.n), n = 1 + rnd_below(r, bytes.n - off);
	struct rte_mbuf *s = pkt_slice(*m, off, n);

	assert_memory_equal(pkt_meta(s), &zero, sizeof(zero));
	*pkt_meta(s) = *pkt_meta(*m);
	pkt_done(*m); /* the bytes live on */
	check(s, bytes.b + off, n);
	*m = s;
}

static void op_clone(struct rte_mbuf **m, struct rnd *r)
{
	struct rte_mbuf *c = pkt_clone(*m);

	(void)r;
	check(c, bytes.b, bytes.n);
	pkt_done(*m);
	check(c, bytes.b, bytes.n);
	*m = c;
}

static void op_append(struct rte_mbuf **m, struct rnd *r)
{
	const uint32_t at = 1 + rnd_below(r, bytes.n);
	struct rte_mbuf *a = pkt_slice(*m, 0, at), *b;

	*pkt_meta(a) = *pkt_meta(*m);
	if (at < bytes.n) {
		b = pkt_slice(*m, at, bytes.n - at);
		pkt_append(a, b);
	}
	pkt_done(*m);
	check(a, bytes.b, bytes.n);
	*m = a;
}

static void op_flatten(struct rte_mbuf **m, struct rnd *r)
{
	(void)r;
	assert_int_equal(pkt_flatten(m), 0);
	assert_true(pkt_seg_private(*m));
	check(*m, bytes.b, bytes.n);
}

/* As pkt_comb() says: the bytes from @off without the first @skip of every @stride. */
static uint32_t comb_model(uint32_t off, uint32_t len, uint32_t stride, uint32_t skip, uint8_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < len; i++)
		if (i % stride >= skip)
			out[n++] = bytes.b[off + i];
	return n;
}

static void op_comb(struct rte_mbuf **m, struct rnd *r)
{
	static uint8_t model[GEN_MAX];
	const uint32_t off = rnd_below(r, bytes.n), len = 1 + rnd_below(r, bytes.n - off);
	const uint32_t stride = 1 + rnd_below(r, rnd_one_in(r, 2) ? 2000 : 40);
	const uint32_t skip = rnd_below(r, RTE_MIN(stride, 20u));
	const uint32_t n = comb_model(off, len, stride, skip, model);
	struct rte_mbuf *c;

	if (!n || len / (stride - skip) > 4000) /* nothing left, or more pieces than the pool has */
		return;
	c = pkt_comb(*m, off, len, stride, skip);
	assert_non_null(c);
	*pkt_meta(c) = *pkt_meta(*m);
	pkt_done(*m); /* the bytes live on */
	check(c, model, n);
	*m = c;
}

static void (*const ops[])(struct rte_mbuf **m, struct rnd *r) = {
	op_push,
	op_trim_front,
	op_trim_to,
	op_pull,
	op_unshare,
	op_slice,
	op_clone,
	op_append,
	op_flatten,
	op_comb,
};

static void test_ops(void **state)
{
	struct rnd r;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct rte_mbuf *m;

		rnd_seed(&r, i);
		m = any_chain(&r);
		ops[i % RTE_DIM(ops)](&m, &r);
		pkt_done(m);
		if (!eal_test_pools_full())
			fail_msg("case %u", i);
	}
}

/* Headers that the metadata knows are in the first segment after a push, shared packet or not. */
static void test_push_keeps_headers(void **state)
{
	struct rnd r;

	(void)state;
	for (unsigned int i = 0; i < 2000; i++) {
		struct rte_mbuf *m;
		struct gen g;

		rnd_seed(&r, i);
		gen_random(&g, &r, 2000);
		m = gen_pkt(&g, rnd_below(&r, CHAIN_N_SHAPES), &r);
		assert_int_equal(pkt_push(&m, 50), 0);
		pkt_layer_shift(&pkt_meta(m)->inner, 50);
		pkt_meta(m)->tun_off += 50;
		assert_non_null(pkt_bytes(m, 50, gen_hlen(&g)));
		assert_pkt_good(m);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

static void test_limits(void **state)
{
	struct rte_mbuf *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	fill_bytes(5000, &r);
	m = chain_make(bytes.b, bytes.n, CHAIN_SHARED, 1, &r);
	assert_int_equal(pkt_push(&m, PKT_HEADROOM + 1), -EINVAL);
	assert_int_equal(pkt_pull(&m, 5001), -EINVAL);
	assert_int_equal(pkt_unshare(&m, PKT_SMALL_ROOM + 1), -EINVAL);
	assert_int_equal(m->pkt_len, 5000);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_push_keeps_headers),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("pkt", tests, eal_test_setup, eal_test_teardown);
}
