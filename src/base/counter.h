/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counters with one writer, a thread, and readers at any time: a plain add and an untorn store, no
 * locked instruction.
 */
#ifndef CVSW_BASE_COUNTER_H
#define CVSW_BASE_COUNTER_H

#include <stdint.h>

/* By the writer only. */
static inline void counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void counter_sub(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter - n, __ATOMIC_RELAXED);
}

/* By anybody. */
static inline uint64_t counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
