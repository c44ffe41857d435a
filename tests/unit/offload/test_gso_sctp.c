/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP: cut between chunks only, each segment as full as can be, CRC32c right. */
#include "offload_test.h"

#include <errno.h>

#include "lib/judge.h"
#include "offload/gso.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"

#define N_CHUNKS 16

struct sctp_case {
	const char *name;
	uint16_t chunks[N_CHUNKS]; /* their length fields; each is padded to 4 bytes */
	uint16_t gso_size;
	uint8_t segs[N_CHUNKS]; /* how many chunks each has; none: -EINVAL */
	uint32_t missing;	/* bytes cut off at the end: the last chunk is not whole */
};

static const struct sctp_case cases[] = {
	{ "one_chunk_each", { 800, 800, 800 }, 1000, { 1, 1, 1 } },
	{ "as_many_as_fit", { 400, 400, 400, 400, 400 }, 1000, { 2, 2, 1 } },
	{ "fills_exactly", { 500, 500, 500, 500 }, 1000, { 2, 2 } },
	{ "one_byte_too_many", { 500, 501, 500, 500 }, 1000, { 1, 1, 2 } },
	{ "sizes_mixed", { 100, 900, 900, 100, 16, 17, 984, 1000 }, 1000, { 2, 2, 2, 1, 1 } },
	{ "padding_counts", { 497, 497, 498, 499 }, 1000, { 2, 2 } },
	{ "padding_makes_it_too_large", { 501, 497, 20, 20 }, 1001, { 1, 3 } },
	{ "padding_of_3", { 17, 17, 17, 17 }, 40, { 2, 2 } },
	{ "control_chunk_first", { 16, 700, 700 }, 1000, { 2, 1 } },
	{ "empty_chunks", { 4, 4, 4, 4 }, 8, { 2, 2 } },
	{ "tail_fits", { 1000, 4 }, 1000, { 1, 1 } },
	{ "size_not_a_multiple_of_4", { 500, 500, 500 }, 1003, { 2, 1 } },
	{ "chunk_of_gso_size", { 1000, 1000 }, 1000, { 1, 1 } },
	{ "chunk_larger_than_gso_size", { 1004, 100 }, 1000, { 0 } },
	{ "later_chunk_larger_than_gso_size", { 500, 500, 1004 }, 1000, { 0 } },
	{ "padded_chunk_larger_than_gso_size", { 998, 100 }, 999, { 0 } },
	{ "chunk_length_0", { 800, 0x8000, 800 }, 1000, { 0 } },
	{ "chunk_shorter_than_its_header", { 800, 3, 800 }, 1000, { 0 } },
	{ "last_chunk_not_whole", { 800, 800 }, 1000, { 0 }, 1 },
	{ "last_chunk_without_padding", { 800, 798 }, 1000, { 0 }, 2 },
	{ "rest_shorter_than_a_chunk_header", { 800, 800, 4 }, 1000, { 0 }, 2 },
	{ "largest_chunk", { 30000, 30000 }, 30000, { 1, 1 } },
};

/* Which headers stand in front. */
struct front {
	bool v6;
	uint8_t n_vlan;
	uint8_t tun_hlen;
};

struct place {
	uint32_t ip, l4, end;
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The headers for @plen bytes of chunks as segment @idx, the CRC not yet in. */
static void put_headers(
	const struct front *f, uint8_t *b, uint32_t plen, uint32_t idx, struct place *at)
{
	const uint32_t eth = f->tun_hlen, ip = eth + 14 + 4u * f->n_vlan;

	*at = (struct place){ ip, ip + (f->v6 ? 40 : 20), 0 };
	at->end = at->l4 + 12 + plen;
	memset(b, 7, ip);
	for (unsigned int i = 0; i < f->n_vlan; i++)
		put16(b + eth + 12 + 4 * i, 0x8100);
	put16(b + ip - 2, f->v6 ? 0x86dd : 0x0800);
	memset(b + ip, 0x11, at->l4 - ip);
	if (f->v6) {
		b[ip] = 0x60;
		put16(b + ip + 4, 12 + plen);
		b[ip + 6] = 132;
	} else {
		b[ip] = 0x45;
		put16(b + ip + 2, 32 + plen);
		put16(b + ip + 4, 0xffff + idx); /* counts over its end */
		put16(b + ip + 6, 0x4000);
		b[ip + 9] = 132;
		put16(b + ip + 10, 0);
		put16(b + ip + 10, ~oracle_sum(b + ip, 20, 0));
	}
	memset(b + at->l4, 0x22, 8);
	memset(b + at->l4 + 8, 0, 4);
}

static uint32_t chunk_len(uint16_t len)
{
	return len == 0x8000 ? 0 : len; /* 0 ends a row */
}

static uint32_t put_chunk(uint8_t *b, uint16_t row_len, unsigned int i)
{
	const uint32_t len = chunk_len(row_len), room = RTE_MAX((len + 3) & ~3u, 4u);

	memset(b, (int)(0x40 + i), room);
	b[0] = row_len == 16; /* one that is not DATA */
	put16(b + 2, len);
	for (uint32_t j = RTE_MAX(len, 4u); j < room; j++)
		b[j] = 0;
	return room;
}

static void put_crc(struct flat *f, const struct place *at)
{
	const uint32_t crc = crc_bytes(f->b + at->l4, at->end - at->l4, 8);

	put16(f->b + at->l4 + 8, crc >> 16);
	put16(f->b + at->l4 + 10, crc);
}

/* A packet of @n chunks from number @from on, as segment @idx. */
static void build(const struct sctp_case *c, const struct front *front, unsigned int from,
	unsigned int n, uint32_t idx, struct flat *f, struct place *at)
{
	static uint8_t chunks[GEN_MAX];
	uint32_t plen = 0;

	for (unsigned int i = from; i < from + n && c->chunks[i]; i++)
		plen += put_chunk(chunks + plen, c->chunks[i], i);
	if (!from)
		plen -= c->missing;
	put_headers(front, f->b, plen, idx, at);
	memcpy(f->b + at->l4 + 12, chunks, plen);
	f->n = at->end;
}

static struct rte_mbuf *super_of(
	const struct sctp_case *c, const struct front *front, enum chain_shape shape, struct rnd *r)
{
	static struct flat f;
	struct rte_mbuf *m;
	struct pkt_meta *md;
	struct place at;

	build(c, front, 0, N_CHUNKS, 0, &f, &at);
	m = chain_make(f.b, f.n, shape, at.l4 + 12, r);
	md = pkt_meta(m);
	md->tun_hlen = front->tun_hlen;
	pkt_parse(m, front->tun_hlen, &md->inner);
	assert_int_equal(md->inner.l4, PKT_L4_SCTP);
	md->inner.gso_type = PKT_GSO_SCTP;
	md->inner.gso_size = c->gso_size;
	md->inner.csum = PKT_CSUM_OWED;
	return m;
}

static void check_segments(
	const struct sctp_case *c, const struct front *front, bool paid, struct pkt_list *out)
{
	static struct flat want;
	unsigned int from = 0, n_segs = 0;
	struct rte_mbuf *m;
	struct place at;

	for (; (m = pkt_list_pop(out)); n_segs++) {
		const unsigned int n = c->segs[n_segs];

		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.gso_type, PKT_GSO_NONE);
		assert_int_equal(pkt_meta(m)->inner.csum, paid ? PKT_CSUM_VERIFIED : PKT_CSUM_OWED);
		build(c, front, from, n, n_segs, &want, &at);
		if (paid)
			put_crc(&want, &at);
		assert_bytes(m, &want);
		from += n;
		pkt_done(m);
	}
	assert_true(n_segs == N_CHUNKS || !c->segs[n_segs]);
	assert_true(from == N_CHUNKS || !c->chunks[from]);
}

static void run(const struct sctp_case *c, const struct front *front,
	int (*segment)(struct rte_mbuf *, struct pkt_list *), enum chain_shape shape)
{
	static struct flat before;
	struct rte_mbuf *m, *witness;
	struct pkt_meta md;
	struct pkt_list out;
	struct rnd r;

	rnd_seed(&r, shape);
	m = super_of(c, front, shape, &r);
	md = *pkt_meta(m);
	flat_of(m, &before);
	witness = pkt_clone(m);
	pkt_list_init(&out);
	if (c->segs[0]) {
		assert_int_equal(segment(m, &out), 0);
		check_segments(c, front, segment == gso_segment_paid, &out);
	} else {
		assert_int_equal(segment(m, &out), -EINVAL);
		assert_true(pkt_list_empty(&out));
		assert_memory_equal(pkt_meta(m), &md, sizeof(md));
		assert_bytes(m, &before);
		pkt_done(m);
	}
	assert_bytes(witness, &before);
	pkt_done(witness);
	assert_true(eal_test_pools_full());
}

static void test_rows(void **state)
{
	static const struct front fronts[] = { { false, 0, 0 }, { true, 0, 0 }, { false, 2, 8 },
		{ true, 1, 8 } };

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		print_message("%s\n", cases[i].name);
		for (size_t j = 0; j < RTE_DIM(fronts); j++)
			for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
				run(&cases[i], &fronts[j], gso_segment, shape);
				run(&cases[i], &fronts[j], gso_segment_paid, shape);
			}
	}
}

/* What the port takes: the debt, the chunks of many packets, neither. */
static void test_caps(void **state)
{
	static const struct front plain;
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	pkt_list_init(&out);
	m = super_of(&cases[0], &plain, CHAIN_FLAT, &r);
	assert_int_equal(tx_prepare(m, CAP_CSUM, &out), -EPERM);
	assert_int_equal(tx_prepare(m, CAP_SCTP, &out), 0);
	assert_ptr_equal(out.head, m);
	drop_all(&out);
	/* an owed TCP or UDP checksum is not an owed CRC32c */
	m = super_of(&cases[0], &plain, CHAIN_FLAT, &r);
	assert_int_equal(tx_prepare(m, CAP_CSUM | CAP_GSO, &out), 0);
	check_segments(&cases[0], &plain, true, &out);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_caps),
	};

	return cmocka_run_group_tests_name("gso sctp", tests, eal_test_setup, eal_test_teardown);
}
