/* SPDX-License-Identifier: BSD-3-Clause */
/* Median, minimum and maximum of a few numbers. */
#ifndef CVSW_BENCH_STATS_H
#define CVSW_BENCH_STATS_H

#include <stdint.h>

struct stats {
	double median, min, max;
	uint32_t n;
};

/* Sorts @v; @n > 0. */
struct stats stats_of(double *v, uint32_t n);

#endif
