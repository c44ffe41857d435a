/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums of a block: csum_bytes(), csum_copy() and crc32c() beside what DPDK has of that kind
 * and a memcpy.  The blocks lie behind each other in a region that fits no first-level cache, at
 * the alignment that a transport header has behind Ethernet and IPv4.
 */
#include "contest.h"

#include <stdlib.h>
#include <string.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>

#include "base/xalloc.h"
#include "pkt/crc32c.h"
#include "pkt/csum.h"
#include "pkt/csum_impl.h"
#include "tests/lib/rnd.h"

#define REGION	   (256u << 10)
#define CALLS_MIN  16
#define ALIGN	   64
#define OFF	   34
#define CRC_OFF	   40 /* rte_hash_crc() reads aligned words */
#define COPY_ROOM_ 65536

struct csum_job {
	uint32_t flags, size, off, stride, n_blocks, n_calls;
	uint8_t *region, *copy;
	uint32_t sum; /* of all results, so that they are needed */
};

static const uint8_t *block(const struct csum_job *j, uint32_t i)
{
	return j->region + j->off + (size_t)(i % j->n_blocks) * j->stride;
}

static void run_sum(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++)
		j->sum += csum_fold(csum_bytes(block(j, i), j->size, 0));
}

static void run_copy(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++)
		j->sum += csum_fold(csum_copy(j->copy, block(j, i), j->size, 0));
}

static void run_crc(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++)
		j->sum += crc32c(0, block(j, i), j->size);
}

static void run_rte_sum(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++)
		j->sum += rte_raw_cksum(block(j, i), j->size);
}

/* DPDK has no function that does both. */
static void run_rte_copy(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++) {
		memcpy(j->copy, block(j, i), j->size);
		j->sum += rte_raw_cksum(j->copy, j->size);
	}
}

static void run_rte_crc(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++)
		j->sum += ~rte_hash_crc(block(j, i), j->size, UINT32_MAX);
}

static void run_memcpy(void *job)
{
	struct csum_job *j = job;

	for (uint32_t i = 0; i < j->n_calls; i++) {
		memcpy(j->copy, block(j, i), j->size);
		__asm__ volatile("" ::"r"(j->copy) : "memory");
	}
}

/* The textbook's way: byte by byte. */
static uint32_t slow_sum(const uint8_t *p, uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return rte_cpu_to_be_16((uint16_t)sum);
}

/* And bit by bit. */
static uint32_t slow_crc(const uint8_t *p, uint32_t n)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* What the calls of a round add up to. */
static uint32_t slow_total(const struct csum_job *j)
{
	uint32_t (*one)(const uint8_t *p, uint32_t n) = j->flags & ROW_CRC ? slow_crc : slow_sum;
	uint32_t total = 0;

	for (uint32_t i = 0; i < j->n_calls; i++)
		total += one(block(j, i), j->size);
	return total;
}

static const char *check(struct csum_job *j, void (*run)(void *job), uint32_t *n_out)
{
	*n_out = j->n_calls;
	j->sum = 0;
	memset(j->copy, 0, j->size);
	run(j);
	if (j->sum != slow_total(j))
		return "a wrong sum";
	if ((j->flags & ROW_COPY) && memcmp(j->copy, block(j, j->n_calls - 1), j->size))
		return "a wrong copy";
	return NULL;
}

/* One kind of checksum. */
struct kind {
	void (*cvsw)(void *job);
	void (*rte)(void *job);
};

static const struct kind *kind_of(const struct csum_job *j)
{
	static const struct kind sum = { run_sum, run_rte_sum }, copy = { run_copy, run_rte_copy },
				 crc = { run_crc, run_rte_crc };

	if (j->flags & ROW_CRC)
		return &crc;
	return j->flags & ROW_COPY ? &copy : &sum;
}

static const char *check_cvsw(void *job, uint32_t *n_out)
{
	return check(job, kind_of(job)->cvsw, n_out);
}

static const char *check_rte(void *job, uint32_t *n_out)
{
	return check(job, kind_of(job)->rte, n_out);
}

/* The portable implementation, or the best one again. */
static void choose(bool portable)
{
	const struct csum_impl *impls;
	const char *best = NULL;
	unsigned int n;

	impls = csum_impls(&n);
	for (unsigned int i = 0; i < n; i++)
		if (impls[i].supported)
			best = impls[i].name;
	if (csum_use(portable ? "portable" : best))
		assert(!"these are always there");
}

static void csum_close(void *job)
{
	struct csum_job *j = job;

	choose(false);
	free(j->region);
	free(j->copy);
	free(j);
}

static uint8_t *aligned(size_t n)
{
	uint8_t *p = aligned_alloc(ALIGN, RTE_ALIGN_CEIL(n, (size_t)ALIGN));

	assert(p);
	memset(p, 0, n);
	return p;
}

static struct csum_job *job_new(const struct point *pt)
{
	struct csum_job *j = xcalloc(1, sizeof(*j));
	struct rnd r;

	rnd_seed(&r, 1);
	j->flags = pt->flags;
	j->size = pt->seg;
	j->off = pt->flags & ROW_CRC ? CRC_OFF : OFF;
	j->stride = RTE_ALIGN_CEIL(pt->seg, 8u);
	j->n_blocks = REGION / j->stride;
	j->n_calls = RTE_MAX(j->n_blocks, (uint32_t)CALLS_MIN);
	j->region = aligned(REGION + ALIGN);
	j->copy = aligned(COPY_ROOM_);
	for (uint32_t i = 0; i < REGION + ALIGN; i++)
		j->region[i] = (uint8_t)rnd_u32(&r);
	return j;
}

void csum_open(const struct point *pt, struct contest *c)
{
	struct csum_job *j = job_new(pt);
	const struct kind *k = kind_of(j);

	choose(pt->flags & ROW_PORTABLE);
	*c = (struct contest){ .n_units = j->n_calls,
		.unit_bytes = pt->seg,
		.working_set = (uint64_t)j->n_blocks * pt->seg,
		.job = j,
		.close = csum_close };
	contest_add(c, &(struct impl){ .name = "cvsw", .run = k->cvsw, .check = check_cvsw });
	contest_add(c, &(struct impl){ .name = "rte", .run = k->rte, .check = check_rte });
	contest_add(c, &(struct impl){ .name = "memcpy", .run = run_memcpy });
}
