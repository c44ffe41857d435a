/* SPDX-License-Identifier: BSD-3-Clause */
/* The portable sum of long inputs, and the choice between it and those of csum_x86.c. */
#include "pkt/csum_sum.h"

#include <errno.h>
#include <rte_common.h>

#include "pkt/csum_impl.h"

/* Four carry chains at a time keep the adders busy. */
static uint64_t sum_portable(const void *p, size_t n, uint64_t sum)
{
	const uint8_t *b = p;
	uint64_t s[4] = { 0 };

	for (; n >= 32; n -= 32, b += 32)
		for (unsigned int i = 0; i < 4; i++)
			s[i] = csum_word(NULL, b + 8 * i, 8, s[i]);
	s[0] = csum_add(csum_add(s[0], s[1]), csum_add(s[2], s[3]));
	return csum_join(csum_short(NULL, b, n, s[0]), sum);
}

/* Two passes: without vectors one pass of 8-byte stores is slower than the C library's memcpy. */
static uint64_t copy_portable(void *dst, const void *src, size_t n, uint64_t sum)
{
	if (n)
		memcpy(dst, src, n);
	return sum_portable(src, n, sum);
}

static struct csum_impl impls[] = {
	{ "portable", true, sum_portable, copy_portable },
#if defined(__x86_64__)
	{ "avx2", false, csum_sum_avx2, csum_copy_avx2 },
	{ "avx512", false, csum_sum_avx512, csum_copy_avx512 },
#endif
};

uint64_t (*csum_long_sum)(const void *p, size_t n, uint64_t sum) = sum_portable;
uint64_t (*csum_long_copy)(void *dst, const void *src, size_t n, uint64_t sum) = copy_portable;

static void use(const struct csum_impl *im)
{
	csum_long_sum = im->sum;
	csum_long_copy = im->copy;
}

__attribute__((constructor)) static void choose(void)
{
#if defined(__x86_64__)
	impls[1].supported = csum_has_avx2();
	impls[2].supported = csum_has_avx512();
#endif
	for (size_t i = 0; i < RTE_DIM(impls); i++)
		if (impls[i].supported)
			use(&impls[i]);
}

const struct csum_impl *csum_impls(unsigned int *n)
{
	*n = RTE_DIM(impls);
	return impls;
}

int csum_use(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(impls); i++) {
		if (strcmp(impls[i].name, name))
			continue;
		if (!impls[i].supported)
			return -ENOTSUP;
		use(&impls[i]);
		return 0;
	}
	return -ENOENT;
}
