/* SPDX-License-Identifier: BSD-3-Clause */
#include "clock.h"

#include <time.h>
#include <rte_common.h>

#define CALIBRATE_NS 50000000u
#define N_EMPTY	     10000

struct clock_info clock_info;

static uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Both clocks at one moment: of some tries the one in which reading took the least time. */
static void read_both(uint64_t *ticks, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < 100; i++) {
		const uint64_t before = clock_ticks(), t = monotonic_ns();
		const uint64_t took = clock_ticks() - before;

		if (took < best) {
			best = took;
			*ticks = before + took / 2;
			*ns = t;
		}
	}
}

void clock_calibrate(void)
{
	uint64_t t0 = 0, ns0 = 0, t1 = 0, ns1 = 0;

	read_both(&t0, &ns0);
	while (monotonic_ns() - ns0 < CALIBRATE_NS)
		;
	read_both(&t1, &ns1);
	clock_info.ticks_per_ns = (double)(t1 - t0) / (double)(ns1 - ns0);
	clock_info.overhead = UINT64_MAX;
	for (unsigned int i = 0; i < N_EMPTY; i++) {
		const uint64_t t = clock_ticks();

		clock_info.overhead = RTE_MIN(clock_info.overhead, clock_ticks() - t);
	}
}
