/* SPDX-License-Identifier: BSD-3-Clause */
/* A fast mixing hash (multiply and fold).  Not for keys an attacker may choose to collide in
 * unbounded tables. */
#ifndef CVSW_BASE_HASH_H
#define CVSW_BASE_HASH_H

#include <stdint.h>

static inline uint64_t hash_mix(uint64_t h, uint64_t v)
{
	const unsigned __int128 p = (unsigned __int128)(h ^ v) * 0xd6e8feb86659fd93u;

	return (uint64_t)p ^ (uint64_t)(p >> 64) ^ v << 32;
}

/* 32 bits of it, never 0. */
static inline uint32_t hash_fold(uint64_t h)
{
	h *= 0x9fb21c651e98df25u;
	h ^= h >> 32;
	return (uint32_t)h ? (uint32_t)h : 1;
}

#endif
