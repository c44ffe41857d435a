/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Internet checksums with AVX2 and AVX-512.  Each 64-bit lane keeps two sums: of its words modulo
 * 2^64 (all) and of their upper halves (hi).  all - hi * 2^32 is then the exact sum of the lower
 * halves: three instructions a vector and no carry to look after.
 */
#include "pkt/csum_impl.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "pkt/csum_sum.h"

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
#define INLINE static inline __attribute__((always_inline))

#define MIN_ALIGN 1024 /* bytes from which aligned access earns its first step back */

struct acc256 {
	__m256i all, hi;
};

AVX2 INLINE void add256(struct acc256 *a, uint8_t *dst, const uint8_t *src)
{
	const __m256i v = _mm256_loadu_si256((const __m256i *)src);

	if (dst)
		_mm256_storeu_si256((__m256i *)dst, v);
	a->all = _mm256_add_epi64(a->all, v);
	a->hi = _mm256_add_epi64(a->hi, _mm256_srli_epi64(v, 32));
}

/* The exact sum of both halves. */
AVX2 INLINE uint64_t reduce256(struct acc256 a)
{
	const __m256i lo = _mm256_sub_epi64(a.all, _mm256_slli_epi64(a.hi, 32));
	const __m256i s = _mm256_add_epi64(lo, a.hi);
	const __m128i t = _mm_add_epi64(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));

	return (uint64_t)_mm_cvtsi128_si64(t) + (uint64_t)_mm_extract_epi64(t, 1);
}

AVX2 INLINE uint64_t kernel256(uint8_t *dst, const uint8_t *src, size_t n, uint64_t sum)
{
	struct acc256 a = { _mm256_setzero_si256(), _mm256_setzero_si256() }, b = a;
	size_t at = 0;

	for (; at + 128 <= n; at += 128) {
		add256(&a, dst ? dst + at : NULL, src + at);
		add256(&b, dst ? dst + at + 32 : NULL, src + at + 32);
		add256(&a, dst ? dst + at + 64 : NULL, src + at + 64);
		add256(&b, dst ? dst + at + 96 : NULL, src + at + 96);
	}
	for (; at + 32 <= n; at += 32)
		add256(&a, dst ? dst + at : NULL, src + at);
	a.all = _mm256_add_epi64(a.all, b.all);
	a.hi = _mm256_add_epi64(a.hi, b.hi);
	return csum_join(csum_short(dst ? dst + at : NULL, src + at, n - at, reduce256(a)), sum);
}

AVX2 uint64_t csum_sum_avx2(const void *p, size_t n, uint64_t sum)
{
	return kernel256(NULL, p, n, sum);
}

AVX2 uint64_t csum_copy_avx2(void *dst, const void *src, size_t n, uint64_t sum)
{
	return kernel256(dst, src, n, sum);
}

bool csum_has_avx2(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2");
}

struct acc512 {
	__m512i all, hi;
};

AVX512 INLINE void add512(struct acc512 *a, __m512i v)
{
	a->all = _mm512_add_epi64(a->all, v);
	a->hi = _mm512_add_epi64(a->hi, _mm512_srli_epi64(v, 32));
}

AVX512 INLINE void step512(struct acc512 *a, uint8_t *dst, const uint8_t *src)
{
	const __m512i v = _mm512_loadu_si512(src);

	if (dst)
		_mm512_storeu_si512(dst, v);
	add512(a, v);
}

/* 1..63 bytes: what the mask leaves out is neither read nor written. */
AVX512 INLINE void part512(struct acc512 *a, uint8_t *dst, const uint8_t *src, size_t n)
{
	const __mmask64 k = ~0ull >> (64 - n);
	const __m512i v = _mm512_maskz_loadu_epi8(k, src);

	if (dst)
		_mm512_mask_storeu_epi8(dst, k, v);
	add512(a, v);
}

/* Bytes up to the next line of the cache if that pays and leaves the words in their place, else 0.
 */
INLINE size_t head512(const void *p, size_t n)
{
	const size_t head = -(uintptr_t)p & 63;

	return n >= MIN_ALIGN && !(head & 1) ? head : 0;
}

AVX512 INLINE uint64_t kernel512(uint8_t *dst, const uint8_t *src, size_t n, uint64_t sum)
{
	struct acc512 a = { _mm512_setzero_si512(), _mm512_setzero_si512() }, b = a;
	size_t at = head512(dst ? dst : src, n);

	if (at)
		part512(&a, dst, src, at);
	for (; at + 256 <= n; at += 256) {
		step512(&a, dst ? dst + at : NULL, src + at);
		step512(&b, dst ? dst + at + 64 : NULL, src + at + 64);
		step512(&a, dst ? dst + at + 128 : NULL, src + at + 128);
		step512(&b, dst ? dst + at + 192 : NULL, src + at + 192);
	}
	for (; at + 64 <= n; at += 64)
		step512(&a, dst ? dst + at : NULL, src + at);
	if (at < n)
		part512(&a, dst ? dst + at : NULL, src + at, n - at);
	a.all = _mm512_add_epi64(a.all, b.all);
	a.hi = _mm512_add_epi64(a.hi, b.hi);
	a.all = _mm512_sub_epi64(a.all, _mm512_slli_epi64(a.hi, 32));
	return csum_join((uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(a.all, a.hi)), sum);
}

AVX512 uint64_t csum_sum_avx512(const void *p, size_t n, uint64_t sum)
{
	return kernel512(NULL, p, n, sum);
}

AVX512 uint64_t csum_copy_avx512(void *dst, const void *src, size_t n, uint64_t sum)
{
	return kernel512(dst, src, n, sum);
}

/* VBMI2 is not used: it tells the processors that do not slow down for 512-bit vectors from the
 * older ones that do. */
bool csum_has_avx512(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
}

#endif
