/* SPDX-License-Identifier: BSD-3-Clause */
/* Pools in memory like that of the switch's own (pkt/pool.c): private, transparent huge pages. */
#ifndef CVSW_BENCH_ARENA_H
#define CVSW_BENCH_ARENA_H

#include <rte_mbuf.h>

/* @n mbufs with @room data bytes, headroom included, and room for struct pkt_meta; exits on
 * failure.
 */
struct rte_mempool *arena_create(
	const char *name, unsigned int n, uint16_t room, unsigned int cache);
void arena_free(struct rte_mempool *mp);

#endif
