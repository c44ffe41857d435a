/* SPDX-License-Identifier: BSD-3-Clause */
/* The method: implementations take turns round by round, in repetitions of many rounds. */
#ifndef CVSW_BENCH_MEASURE_H
#define CVSW_BENCH_MEASURE_H

#include "contest.h"
#include "stats.h"

struct measure_opts {
	uint32_t reps;
	uint32_t rounds; /* of a repetition; 0: as many as fit the time */
	double seconds;	 /* for all repetitions of a contest, all implementations; what is laid
			    counts */
};

/*
 * Does the implementation do its work?  What is wrong with what comes out, or NULL with im->n_out
 * set.
 */
const char *measure_check(struct impl *im);

/*
 * Time all of them: ticks a unit, into out[] by implementation.  Each repetition gives the median
 * of its rounds; the statistics are those of the repetitions.
 */
void measure(
	const struct contest *c, const struct measure_opts *o, struct stats out[CONTEST_IMPLS]);

#endif
