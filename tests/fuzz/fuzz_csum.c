/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every implementation of the Internet checksum and of CRC32c against sums by the byte: any
 * content, address, length and cut, in heap blocks that end where the bytes do.
 *
 * Input: { alignment of the source, of the copy, cut (2), how often the bytes are repeated, shape
 * of the chain, sum to start from (2) } and the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/in.h"
#include "lib/judge.h"
#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "pkt/crc32c.h"
#include "pkt/crc32c_impl.h"
#include "pkt/csum.h"
#include "pkt/csum_impl.h"

#define N_MAX	 66000
#define N_BEHIND 32 /* bytes around a copy that must stay */

struct job {
	uint8_t *src_block, *dst_block;
	const uint8_t *src;
	uint8_t *dst;
	uint32_t n, cut; /* cut <= n */
	uint8_t shape;
	uint64_t seed;
	struct rnd rnd;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

/* ---- by the byte ---- */

static uint32_t crc_by_byte(uint32_t crc, const uint8_t *p, uint32_t n)
{
	uint32_t reg = ~crc;

	for (uint32_t i = 0; i < n; i++) {
		reg ^= p[i];
		for (unsigned int k = 0; k < 8; k++)
			reg = reg >> 1 ^ (reg & 1 ? 0x82f63b78u : 0);
	}
	return ~reg;
}

static uint32_t folded(uint64_t sum)
{
	return rte_be_to_cpu_16(csum_fold(sum));
}

/* 0 and 0xffff are told apart: only zeros sum up to 0. */
static void sum_must_be(uint64_t sum, uint32_t want)
{
	must(sum < 1ull << 34);
	must(folded(sum) == want);
}

static uint32_t plus(uint32_t a, uint32_t b)
{
	return ((a + b) & 0xffff) + ((a + b) >> 16);
}

/* ---- copies ---- */

static void dst_clear(const struct job *j)
{
	memset(j->dst - N_BEHIND, 0xa5, j->n + 2 * N_BEHIND);
}

static void dst_must_be_copy(const struct job *j)
{
	must(!memcmp(j->dst, j->src, j->n));
	for (uint32_t i = 0; i < N_BEHIND; i++)
		must(j->dst[-1 - (int)i] == 0xa5 && j->dst[j->n + i] == 0xa5);
}

/* ---- the two sums ---- */

static void try_csum(const struct job *j, const struct csum_impl *im)
{
	const uint32_t want = oracle_sum(j->src, j->n, 0), seeded = plus(folded(j->seed), want),
		       even = j->cut & ~1u;

	must(!csum_use(im->name));
	sum_must_be(im->sum(j->src, j->n, 0), want);
	sum_must_be(im->sum(j->src, j->n, j->seed), seeded);
	sum_must_be(csum_bytes(j->src, j->n, j->seed), seeded);
	sum_must_be(
		csum_bytes(j->src + even, j->n - even, csum_bytes(j->src, even, j->seed)), seeded);
	dst_clear(j);
	sum_must_be(im->copy(j->dst, j->src, j->n, j->seed), seeded);
	dst_must_be_copy(j);
	dst_clear(j);
	csum_copy(j->dst, j->src, j->cut, 0);
	csum_copy(j->dst + j->cut, j->src + j->cut, j->n - j->cut, 0);
	dst_must_be_copy(j);
}

static void try_crc(const struct job *j, const struct crc32c_impl *im, uint32_t want)
{
	const uint32_t seed = (uint32_t)j->seed;
	uint32_t crc;

	must(!crc32c_use(im->name));
	must(~im->crc(~0u, j->src, j->n) == want);
	crc = crc32c(0, j->src, j->cut);
	must(crc32c(crc, j->src + j->cut, j->n - j->cut) == want);
	must(crc32c(seed, j->src, j->cut) == crc_by_byte(seed, j->src, j->cut));
	dst_clear(j);
	must(~im->copy(~0u, j->dst, j->src, j->n) == want);
	dst_must_be_copy(j);
	dst_clear(j);
	crc = crc32c_copy(j->dst, j->src, j->cut, 0);
	must(crc32c_copy(j->dst + j->cut, j->src + j->cut, j->n - j->cut, crc) == want);
	dst_must_be_copy(j);
}

static void try_chain(struct job *j)
{
	const uint32_t off = j->cut, n = (j->n - off) / 3 * 2;
	struct rte_mbuf *m;

	if (!j->n)
		return;
	m = chain_make(j->src, j->n, j->shape % CHAIN_N_SHAPES, 1, &j->rnd);
	must(folded(csum_chain(m, off, n, 0)) == oracle_sum(j->src + off, n, 0));
	must(crc32c_chain(m, off, n, 0) == crc_by_byte(0, j->src + off, n));
	pkt_done(m);
}

static void job_read(struct job *j, struct in *in)
{
	const uint32_t src_align = in_u8(in) & 63, dst_align = in_u8(in) & 63, cut = in_u16(in),
		       repeat = in_u8(in);
	uint32_t n;
	uint8_t *src;

	j->shape = in_u8(in);
	j->seed = in_u16(in);
	j->seed |= j->seed << 48;
	rnd_seed(&j->rnd, j->seed);
	n = (uint32_t)RTE_MIN(in->end - in->p, N_MAX);
	j->n = RTE_MIN(n * (1 + repeat), (uint32_t)N_MAX);
	j->cut = cut % (j->n + 1);
	j->src_block = malloc(src_align + j->n + !j->n);
	j->dst_block = malloc(dst_align + j->n + 2 * N_BEHIND);
	must(j->src_block && j->dst_block);
	src = j->src_block + src_align;
	for (uint32_t i = 0; i < j->n; i++)
		src[i] = in->p[i % n];
	j->src = src;
	j->dst = j->dst_block + dst_align + N_BEHIND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct in in = { data, data + n_data };
	const struct csum_impl *sums;
	const struct crc32c_impl *crcs;
	unsigned int n_impls;
	struct job j = { 0 };
	uint32_t want;

	if (!started)
		must(!eal_test_start(64));
	started = true;
	job_read(&j, &in);
	want = crc_by_byte(0, j.src, j.n);
	sums = csum_impls(&n_impls);
	for (unsigned int i = 0; i < n_impls; i++)
		if (sums[i].supported)
			try_csum(&j, &sums[i]);
	crcs = crc32c_impls(&n_impls);
	for (unsigned int i = 0; i < n_impls; i++)
		if (crcs[i].supported)
			try_crc(&j, &crcs[i], want);
	try_chain(&j);
	free(j.src_block);
	free(j.dst_block);
	must(eal_test_pools_full());
	return 0;
}
