/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct stats stats_of(double *v, uint32_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return (struct stats){
		.median = (v[(n - 1) / 2] + v[n / 2]) / 2, .min = v[0], .max = v[n - 1], .n = n
	};
}
