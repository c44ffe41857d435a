/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation.  2^16, 2^32 and 2^64 are all 1 modulo 2^16 - 1, so a sum of 16-bit words may
 * be taken of words of any even size, native to the machine, as long as every carry out of the top
 * comes back in at the bottom (RFC 1071, 2).  Headers are summed in line, 8 bytes at a time;
 * anything longer goes to the best implementation of the machine through a pointer that is set
 * before main().
 */
#ifndef CVSW_PKT_CSUM_SUM_H
#define CVSW_PKT_CSUM_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CSUM_SHORT 64 /* bytes up to which the in-line sum is as fast as any */

/* The implementation in use (csum_impl.h). */
extern uint64_t (*csum_long_sum)(const void *p, size_t n, uint64_t sum);
extern uint64_t (*csum_long_copy)(void *dst, const void *src, size_t n, uint64_t sum);

/* a + b with the carry added again */
static inline uint64_t csum_add(uint64_t a, uint64_t b)
{
	a += b;
	return a + (a < b);
}

/* The result of the functions below: at most 2^34 - 4, whatever the arguments. */
static inline uint64_t csum_join(uint64_t a, uint64_t b)
{
	return (a & 0xffffffff) + (a >> 32) + (b & 0xffffffff) + (b >> 32);
}

/* Add the next @n (constant, <= 8) bytes to @sum and copy them to @dst unless it is NULL. */
static inline __attribute__((always_inline)) uint64_t csum_word(
	void *dst, const void *src, size_t n, uint64_t sum)
{
	uint64_t w = 0;

	memcpy(&w, src, n);
	if (dst)
		memcpy(dst, &w, n);
	return csum_add(sum, w);
}

/* The last @n < 8 bytes. */
static inline __attribute__((always_inline)) uint64_t csum_tail(
	uint8_t *dst, const uint8_t *src, size_t n, uint64_t sum)
{
	size_t at = 0;

	if (n & 4) {
		sum = csum_word(dst, src, 4, sum);
		at = 4;
	}
	if (n & 2) {
		sum = csum_word(dst ? dst + at : NULL, src + at, 2, sum);
		at += 2;
	}
	if (n & 1)
		sum = csum_word(dst ? dst + at : NULL, src + at, 1, sum);
	return sum;
}

static inline __attribute__((always_inline)) uint64_t csum_short(
	uint8_t *dst, const uint8_t *src, size_t n, uint64_t sum)
{
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		sum = csum_word(dst ? dst + at : NULL, src + at, 8, sum);
	return csum_tail(dst ? dst + at : NULL, src + at, n & 7, sum);
}

/*
 * Sum of the @n bytes at @p added to @sum.  An odd last byte counts as the first of a pair.  Any
 * address, any @sum, @n below 16 GB.  The result is below 2^34: many may be added before a fold.
 */
static inline uint64_t csum_bytes(const void *p, size_t n, uint64_t sum)
{
	if (n > CSUM_SHORT)
		return csum_long_sum(p, n, sum);
	return csum_join(csum_short(NULL, (const uint8_t *)p, n, 0), sum);
}

/* The same, copying the bytes to @dst on the way.  The two must not overlap; nothing else is
 * written. */
static inline uint64_t csum_copy(void *dst, const void *src, size_t n, uint64_t sum)
{
	if (n > CSUM_SHORT)
		return csum_long_copy(dst, src, n, sum);
	return csum_join(csum_short((uint8_t *)dst, (const uint8_t *)src, n, 0), sum);
}

#endif
