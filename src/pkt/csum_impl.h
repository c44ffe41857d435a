/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The implementations behind csum_bytes() and csum_copy(): for tests and benches, which compare
 * them, and for the files that implement them.  The best one for the machine is in use before
 * main().
 */
#ifndef CVSW_PKT_CSUM_IMPL_H
#define CVSW_PKT_CSUM_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Contracts of both functions as of csum_bytes() and csum_copy(), for any @n. */
struct csum_impl {
	const char *name;
	bool supported; /* by this machine; do not call it otherwise */
	uint64_t (*sum)(const void *p, size_t n, uint64_t sum);
	uint64_t (*copy)(void *dst, const void *src, size_t n, uint64_t sum);
};

/* All of them, *n of them, the best last; static. */
const struct csum_impl *csum_impls(unsigned int *n);

/* Use that one from now on.  Not while other threads make sums.  -ENOENT: no such name, -ENOTSUP:
 * not on this machine; nothing changed then. */
int csum_use(const char *name) __attribute__((warn_unused_result));

#if defined(__x86_64__)
uint64_t csum_sum_avx2(const void *p, size_t n, uint64_t sum);
uint64_t csum_copy_avx2(void *dst, const void *src, size_t n, uint64_t sum);
bool csum_has_avx2(void);
uint64_t csum_sum_avx512(const void *p, size_t n, uint64_t sum);
uint64_t csum_copy_avx512(void *dst, const void *src, size_t n, uint64_t sum);
bool csum_has_avx512(void);
#endif

#endif
