/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers that are the same in every run: a test that fails says its seed and can be
 * repeated. */
#ifndef CVSW_TESTS_RND_H
#define CVSW_TESTS_RND_H

#include <stdint.h>

struct rnd {
	uint64_t s;
};

static inline void rnd_seed(struct rnd *r, uint64_t seed)
{
	r->s = seed * 0x9e3779b97f4a7c15u + 0x1234567;
}

static inline uint32_t rnd_u32(struct rnd *r)
{
	uint64_t z = r->s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)(z >> 31);
}

/* 0 .. n - 1 */
static inline uint32_t rnd_below(struct rnd *r, uint32_t n)
{
	return (uint32_t)((uint64_t)rnd_u32(r) * n >> 32);
}

static inline int rnd_one_in(struct rnd *r, uint32_t n)
{
	return rnd_below(r, n) == 0;
}

#endif
