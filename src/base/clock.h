/* SPDX-License-Identifier: BSD-3-Clause */
/* The one clock: monotonic, nanoseconds.  Read once a burst by a worker; everything below it takes
 * now_ns. */
#ifndef CVSW_BASE_CLOCK_H
#define CVSW_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#endif
