/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRC32c with the instructions of x86.
 *
 * Theory of operation.  Bytes are a polynomial over GF(2), first bit first, the register is its
 * remainder modulo P times x^32.  The crc32 instruction takes 8 bytes but its result comes 3 cycles
 * later, so sse42 runs three parts of the input side by side and joins them: the remainder of a
 * part times x^(bits behind it), modulo P.  vpclmul keeps 16-byte lanes of the unreduced polynomial
 * and moves each D bits ahead over the input by multiplying its halves with x^D modulo P.
 *
 * In reflected order a carry-less product of two numbers comes out one bit low, that is times x;
 * and crc32 of 64 bits from register 0 multiplies by x^32 and reduces.  The exponents below allow
 * for both.
 */
#include "pkt/crc32c_impl.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define SSE42	__attribute__((target("sse4.2,pclmul")))
#define VPCLMUL __attribute__((target("sse4.2,pclmul,avx512f,avx512vl,avx512bw,vpclmulqdq")))
#define INLINE	static inline __attribute__((always_inline))

#define MIN_3WAY    96	/* below this joining costs more than it saves */
#define MAX_PART    128 /* words of 8 bytes in one of three parts */
#define MIN_VPCLMUL 256

/* Written before main() only. */
static uint32_t x_ahead[2 * MAX_PART + 1]; /* [k]: moves a remainder 8 * k bytes ahead */
static __m128i x_fold[4];		   /* [i]: moves a lane 512 * (i + 1) bits ahead */
static __m128i x_lane[4]; /* [i]: moves lane i of a vector to the place of the last */

/* @r * x^@n modulo P */
static uint32_t x_times(uint32_t r, unsigned int n)
{
	while (n--)
		r = r >> 1 ^ (r & 1 ? CRC32C_POLY : 0);
	return r;
}

/* x^@n modulo P */
static uint32_t x_pow(unsigned int n)
{
	return x_times(0x80000000, n);
}

SSE42 INLINE uint64_t word(uint64_t reg, uint8_t *dst, const uint8_t *src)
{
	uint64_t w;

	memcpy(&w, src, sizeof(w));
	if (dst)
		memcpy(dst, &w, sizeof(w));
	return _mm_crc32_u64(reg, w);
}

/* One after the other, whatever @n is. */
SSE42 INLINE uint32_t serial(uint32_t reg, uint8_t *dst, const uint8_t *src, size_t n)
{
	uint64_t r = reg;
	size_t at = 0;

	for (; at + 8 <= n; at += 8)
		r = word(r, dst ? dst + at : NULL, src + at);
	for (; at < n; at++) {
		r = _mm_crc32_u8((uint32_t)r, src[at]);
		if (dst)
			dst[at] = src[at];
	}
	return (uint32_t)r;
}

SSE42 INLINE __m128i ahead(uint64_t reg, unsigned int n_words)
{
	return _mm_clmulepi64_si128(
		_mm_cvtsi64_si128((long long)reg), _mm_cvtsi32_si128((int)x_ahead[n_words]), 0);
}

/* Three parts of @k words each. */
SSE42 INLINE uint32_t three(uint32_t reg, uint8_t *dst, const uint8_t *src, unsigned int k)
{
	const size_t part = 8 * (size_t)k;
	uint64_t a = reg, b = 0, c = 0;
	__m128i ab;

	for (size_t at = 0; at < part; at += 8) {
		a = word(a, dst ? dst + at : NULL, src + at);
		b = word(b, dst ? dst + part + at : NULL, src + part + at);
		c = word(c, dst ? dst + 2 * part + at : NULL, src + 2 * part + at);
	}
	ab = _mm_xor_si128(ahead(a, 2 * k), ahead(b, k));
	return (uint32_t)(_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(ab)) ^ c);
}

SSE42 INLINE uint32_t kernel_sse42(uint32_t reg, uint8_t *dst, const uint8_t *src, size_t n)
{
	while (n >= MIN_3WAY) {
		const unsigned int k = n / 24 < MAX_PART ? (unsigned int)(n / 24) : MAX_PART;

		reg = three(reg, dst, src, k);
		src += 24 * (size_t)k;
		if (dst)
			dst += 24 * (size_t)k;
		n -= 24 * (size_t)k;
	}
	return serial(reg, dst, src, n);
}

SSE42 uint32_t crc32c_sse42(uint32_t reg, const void *p, size_t n)
{
	return kernel_sse42(reg, NULL, p, n);
}

SSE42 uint32_t crc32c_copy_sse42(uint32_t reg, void *dst, const void *src, size_t n)
{
	return kernel_sse42(reg, dst, src, n);
}

bool crc32c_init_sse42(void)
{
	x_ahead[1] = x_pow(64 - 33);
	for (unsigned int k = 2; k <= 2 * MAX_PART; k++)
		x_ahead[k] = x_times(x_ahead[k - 1], 64);
	__builtin_cpu_init();
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

/* Each lane of @x moved ahead by the constants @by, onto @v. */
VPCLMUL INLINE __m512i fold(__m512i x, __m512i by, __m512i v)
{
	return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(x, by, 0x00),
		_mm512_clmulepi64_epi128(x, by, 0x11), v, 0x96);
}

VPCLMUL INLINE __m512i load(uint8_t *dst, const uint8_t *src)
{
	const __m512i v = _mm512_loadu_si512(src);

	if (dst)
		_mm512_storeu_si512(dst, v);
	return v;
}

/* The remainder of the 64 bytes that @x stands for. */
VPCLMUL INLINE uint32_t reduce(__m512i x)
{
	const __m512i y = fold(x, _mm512_loadu_si512(x_lane),
		_mm512_maskz_mov_epi64(0xc0, x)); /* the last lane stays where it is */
	const __m256i h = _mm256_xor_si256(
		_mm512_castsi512_si256(y), _mm512_extracti64x4_epi64(y, 1));
	const __m128i q = _mm_xor_si128(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));

	return (uint32_t)_mm_crc32_u64(_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(q)),
		(uint64_t)_mm_extract_epi64(q, 1));
}

/* The first @n & ~63 bytes, at least 256: four vectors at a time hide how long a product takes. */
VPCLMUL INLINE uint32_t kernel_vpclmul(uint32_t reg, uint8_t *dst, const uint8_t *src, size_t n)
{
	const __m512i by4 = _mm512_broadcast_i32x4(x_fold[3]),
		      by1 = _mm512_broadcast_i32x4(x_fold[0]);
	__m512i a = load(dst, src), b = load(dst ? dst + 64 : NULL, src + 64),
		c = load(dst ? dst + 128 : NULL, src + 128),
		d = load(dst ? dst + 192 : NULL, src + 192);
	size_t at;

	a = _mm512_xor_si512(a, _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)reg)));
	for (at = 256; at + 256 <= n; at += 256) {
		a = fold(a, by4, load(dst ? dst + at : NULL, src + at));
		b = fold(b, by4, load(dst ? dst + at + 64 : NULL, src + at + 64));
		c = fold(c, by4, load(dst ? dst + at + 128 : NULL, src + at + 128));
		d = fold(d, by4, load(dst ? dst + at + 192 : NULL, src + at + 192));
	}
	d = fold(a, _mm512_broadcast_i32x4(x_fold[2]), d);
	d = fold(b, _mm512_broadcast_i32x4(x_fold[1]), d);
	d = fold(c, by1, d);
	for (; at + 64 <= n; at += 64)
		d = fold(d, by1, load(dst ? dst + at : NULL, src + at));
	return reduce(d);
}

VPCLMUL uint32_t crc32c_vpclmul(uint32_t reg, const void *p, size_t n)
{
	const size_t n_fold = n & ~(size_t)63;

	if (n < MIN_VPCLMUL)
		return crc32c_sse42(reg, p, n);
	reg = kernel_vpclmul(reg, NULL, p, n_fold);
	return serial(reg, NULL, (const uint8_t *)p + n_fold, n - n_fold);
}

VPCLMUL uint32_t crc32c_copy_vpclmul(uint32_t reg, void *dst, const void *src, size_t n)
{
	const size_t n_fold = n & ~(size_t)63;

	if (n < MIN_VPCLMUL)
		return crc32c_copy_sse42(reg, dst, src, n);
	reg = kernel_vpclmul(reg, dst, src, n_fold);
	return serial(reg, (uint8_t *)dst + n_fold, (const uint8_t *)src + n_fold, n - n_fold);
}

/* Constants that move a lane @bits ahead: low half (first 8 bytes), high half. */
static __m128i lane_by(unsigned int bits)
{
	return _mm_set_epi64x((long long)((uint64_t)x_pow(bits - 1) << 32),
		(long long)((uint64_t)x_pow(bits + 63) << 32));
}

bool crc32c_init_vpclmul(void)
{
	for (unsigned int i = 0; i < 4; i++)
		x_fold[i] = lane_by(512 * (i + 1));
	for (unsigned int i = 0; i < 3; i++)
		x_lane[i] = lane_by(128 * (3 - i));
	x_lane[3] = _mm_setzero_si128();
	__builtin_cpu_init();
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") &&
	       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("vpclmulqdq");
}

#endif
