/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract between the rows of the table of cases and what measures them: a contest is the same
 * work for some implementations, done in rounds.
 */
#ifndef CVSW_BENCH_CONTEST_H
#define CVSW_BENCH_CONTEST_H

#include "proto.h"

#define CONTEST_IMPLS 3

/* Functions of one implementation; each gets its job. */
struct impl {
	const char *name; /* cvsw, rte, memcpy */
	void *job;	  /* NULL: the contest's */
	/* Everything as if it had just arrived: before each round, not timed.  May be NULL. */
	void (*lay)(void *job);
	/* One round: timed. */
	void (*run)(void *job);
	/* What came out ends: after each round, not timed.  May be NULL. */
	void (*drop)(void *job);
	/*
	 * Instead of run(): the same once, and look at what came out.  Returns what is wrong with
	 * it, or NULL, with the number of packets that came out in *n_out.  NULL: nothing to check.
	 */
	const char *(*check)(void *job, uint32_t *n_out);
	uint32_t n_out;
	uint64_t check_ticks; /* what that took, laying included */
};

struct contest {
	struct impl impl[CONTEST_IMPLS];
	unsigned int n_impls;
	uint32_t n_units;     /* packets (frames, calls) of a round: what times are divided by */
	double unit_bytes;    /* payload of each, for Gb/s */
	uint64_t working_set; /* bytes of memory that a round looks at, packet buffers and metadata
			       */
	void *job;
	void (*close)(void *job);
};

/* What a row says besides names. */
#define ROW_COLD     0x01  /* packets are flushed from the caches before each round */
#define ROW_PARSE    0x02  /* parsing is part of the work */
#define ROW_VERIFY   0x04  /* and so is verifying the transport checksum */
#define ROW_CSUM     0x08  /* sclp: with the checksum of the IP carrier */
#define ROW_COPY     0x10  /* csum: the bytes are copied, too */
#define ROW_CRC	     0x20  /* csum: CRC32c instead */
#define ROW_MIXED    0x80  /* flows in a random order, not in turns */
#define ROW_PORTABLE 0x40  /* csum: without the machine's special instructions */
#define ROW_SHARED   0x100 /* gso: payload is attached to the segments, whatever its size */
#define ROW_COPIED   0x200 /* gso: or copied */
#define ROW_OWED     0x400 /* gso: with one of those: checksums stay owed */

struct point {
	const struct proto *proto; /* NULL: the row needs none */
	uint32_t flags;		   /* ROW_* */
	uint32_t n_flows;
	uint32_t seg; /* payload bytes */
	uint32_t burst;
	uint32_t per_flow;  /* with more than one flow: packets of each between two flushes */
	uint32_t n_windows; /* windows (or super-frames) of a round; 0: as the fixture thinks fit */
};

/* Fill @c with the work of @pt; the caller ends it with c->close(c->job). */
void gro_open(const struct point *pt, struct contest *c);
void gso_open(const struct point *pt, struct contest *c);
void csum_open(const struct point *pt, struct contest *c);
void sclp_open(const struct point *pt, struct contest *c);
/* The same frame by GSO and GRO instead of SCLP. */
void chain_open(const struct point *pt, struct contest *c);

static inline void contest_add(struct contest *c, const struct impl *impl)
{
	c->impl[c->n_impls] = *impl;
	if (!impl->job)
		c->impl[c->n_impls].job = c->job;
	c->n_impls++;
}

#endif
