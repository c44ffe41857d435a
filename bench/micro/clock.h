/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock of the benchmark: the time stamp counter, ordered, calibrated against the kernel's. */
#ifndef CVSW_BENCH_CLOCK_H
#define CVSW_BENCH_CLOCK_H

#include <stdint.h>
#include <rte_cycles.h>

struct clock_info {
	double ticks_per_ns;
	uint64_t overhead; /* ticks that an empty measurement takes at least */
};

extern struct clock_info clock_info;

/* Takes about 50 ms. */
void clock_calibrate(void);

/* Whatever came before is done; what comes after has not begun. */
static inline uint64_t clock_ticks(void)
{
	const uint64_t t = rte_rdtsc_precise();

#ifdef RTE_ARCH_X86
	__asm__ volatile("lfence" ::: "memory");
#endif
	return t;
}

#endif
