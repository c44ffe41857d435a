/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cpulist.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static int read_cpu(const char **p)
{
	char *end;
	unsigned long v;

	if (!isdigit((unsigned char)**p))
		return -EINVAL;
	v = strtoul(*p, &end, 10);
	if (v >= CPULIST_MAX)
		return -EINVAL;
	*p = end;
	return (int)v;
}

/*
 * Walk the list: the CPU at place @i, or -1 with *n_cpus how many there are; -EINVAL.  64 bits: no
 * list that fits the memory has so many places.
 */
static int walk(const char *p, uint64_t i, uint64_t *n_cpus)
{
	for (*n_cpus = 0;; p++) {
		int first = read_cpu(&p), last = first;

		if (first >= 0 && *p == '-') {
			p++;
			last = read_cpu(&p);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		if (i - *n_cpus <= (uint64_t)(last - first))
			return first + (int)(i - *n_cpus);
		*n_cpus += (uint64_t)(last - first) + 1;
		if (!*p)
			return -1;
		if (*p != ',')
			return -EINVAL;
	}
}

int cpulist_nth(const char *list, unsigned int i)
{
	uint64_t n_cpus;
	/* a place beyond every list: the whole of it is looked at */
	const int rc = walk(list, UINT64_MAX, &n_cpus);

	return rc == -EINVAL ? rc : walk(list, i % n_cpus, &n_cpus);
}
