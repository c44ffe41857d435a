/* SPDX-License-Identifier: BSD-3-Clause */
#include "sclp_test.h"

#include <string.h>

#include "../../lib/eal_test.h"

static const struct sclp_rx_conf roomy = { .n_frames = 256,
	.n_frames_remote = 64,
	.n_bytes = 16 << 20,
	.timeout_ns = TST_TIMEOUT,
	.reorder = 3,
	.recovery = true };

void tst_open(struct tst *t, const struct sclp_rx_conf *conf)
{
	memset(t, 0, sizeof(*t));
	t->conf = conf ? *conf : roomy;
	t->rx = sclp_rx_create(&t->conf);
	assert_non_null(t->rx);
	t->now_ns = 1000000000;
	pkt_list_init(&t->out);
	for (unsigned int i = 0; i < DROP_N_REASONS; i++)
		t->drops[i] = pkt_drops_fallback(i);
	tst_from(t, 0);
}

void tst_close(struct tst *t)
{
	sclp_rx_destroy(t->rx);
	assert_true(pkt_list_empty(&t->out));
	for (unsigned int i = 0; i < TST_REMOTES; i++) {
		assert_int_equal(t->remote[i].n_frames, 0);
		assert_int_equal(t->remote[i].n_bytes, 0);
	}
	assert_true(eal_test_pools_full());
}

void tst_from(struct tst *t, unsigned int i)
{
	t->from = (struct sclp_rx_from){ .remote = &t->remote[i], .obj = 7, .csum_done = true };
	memset(t->from.addr, 0x11, sizeof(t->from.addr));
	t->from.addr[15] = (uint8_t)i;
}

uint64_t tst_drops(struct tst *t, enum drop_reason why)
{
	const uint64_t now = pkt_drops_fallback(why), n = now - t->drops[why];

	t->drops[why] = now;
	return n;
}

void tst_no_drops(struct tst *t)
{
	for (unsigned int i = 0; i < DROP_N_REASONS; i++)
		if (tst_drops(t, i))
			fail_msg("unexpected drop: %s", drop_reason_name(i));
}

void tst_pattern(uint8_t *dst, uint32_t n, uint32_t seed)
{
	uint64_t state = seed;

	for (uint32_t i = 0; i < n; i++)
		dst[i] = (uint8_t)(tst_rand(&state) >> 8);
}

uint16_t tst_sum(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void tst_add(struct tst *t, const struct tst_seg *seg)
{
	uint8_t *p = t->train + t->train_len;
	const bool first = seg->is_first || (!seg->at && !seg->not_first);
	const uint32_t id_first = seg->id << 1 | first;

	assert_true(t->train_len + SCLP_HLEN + seg->n <= sizeof(t->train));
	put16(p, seg->sport ? seg->sport : 50000);
	put16(p + 2, 4789);
	put16(p + 4, id_first >> 16);
	put16(p + 6, id_first);
	put16(p + 8, seg->len - seg->at - seg->n);
	put16(p + 10, 0);
	memcpy(p + SCLP_HLEN, seg->frame + seg->at, seg->n);
	if (seg->csum) {
		const uint16_t check = (uint16_t)~tst_sum(p, SCLP_HLEN + seg->n, 0);

		put16(p + 10, check ? check : 0xffff);
	}
	if (!t->train_len)
		t->train_stride = SCLP_HLEN + seg->n;
	t->train_len += SCLP_HLEN + seg->n;
}

/* As a reader leaves it: {small, big}, a short one without the big buffer. */
static struct rte_mbuf *make_train(const uint8_t *bytes, uint32_t n, uint32_t split)
{
	struct rte_mbuf *m = pkt_alloc_small();
	uint32_t off = RTE_MIN(n, split ? split : (uint32_t)PKT_SMALL_ROOM);

	assert_non_null(m);
	memcpy(rte_pktmbuf_mtod(m, void *), bytes, off);
	m->data_len = (uint16_t)off;
	m->pkt_len = off;
	while (off < n) {
		struct rte_mbuf *big = pkt_alloc_big();
		const uint32_t k = RTE_MIN(n - off, (uint32_t)PKT_BIG_ROOM);

		assert_non_null(big);
		memcpy(rte_pktmbuf_mtod(big, void *), bytes + off, k);
		big->data_len = (uint16_t)k;
		big->pkt_len = k;
		pkt_append(m, big);
		off += k;
	}
	return m;
}

void tst_recv(struct tst *t)
{
	struct rte_mbuf *m = make_train(t->train, t->train_len, t->split);

	sclp_rx_train(t->rx, &t->from, m, t->train_stride, t->now_ns, &t->out);
	t->train_len = 0;
}

void tst_seg(struct tst *t, const struct tst_seg *seg)
{
	tst_add(t, seg);
	tst_recv(t);
}

uint32_t tst_pop(struct tst *t, uint8_t *bytes, struct pkt_meta *md)
{
	struct rte_mbuf *m = pkt_list_pop(&t->out);
	uint32_t n = 0, n_segs = 0;

	assert_non_null(m);
	for (struct rte_mbuf *s = m; s; s = s->next) {
		n += s->data_len;
		n_segs++;
	}
	assert_int_equal(n, m->pkt_len);
	assert_int_equal(n_segs, m->nb_segs);
	assert_true(n <= TST_LEN_MAX);
	pkt_copy_out(m, 0, n, bytes);
	if (md)
		*md = *pkt_meta(m);
	assert_int_equal(pkt_meta(m)->obj, 7);
	pkt_done(m);
	return n;
}

void tst_expect(struct tst *t, const uint8_t *bytes, uint32_t n)
{
	static uint8_t got[TST_LEN_MAX];
	const struct rte_mbuf *m = t->out.head;

	assert_non_null(m);
	/* what recovery makes has all its headers, and no more, in the first segment */
	assert_true(m->data_len >= RTE_MIN(n, (uint32_t)SCLP_RX_CONTIGUOUS) ||
		    m->data_len >= 8 + 14 + 20 + 32);
	assert_int_equal(tst_pop(t, got, NULL), n);
	assert_memory_equal(got, bytes, n);
}

uint32_t tst_rand(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 32);
}
