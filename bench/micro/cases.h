/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of what is measured. */
#ifndef CVSW_BENCH_CASES_H
#define CVSW_BENCH_CASES_H

#include "contest.h"

/* A row: measured with each number of flows and each segment size. */
struct bench_case {
	const char *bench, *name;
	void (*open)(const struct point *pt, struct contest *c);
	const char *proto;     /* NULL: none */
	const uint32_t *flows; /* up to a 0 */
	const uint32_t *segs;
	uint32_t flags; /* ROW_* */
};

extern const struct bench_case bench_cases[];
extern const unsigned int n_bench_cases;

#endif
