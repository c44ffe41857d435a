/* SPDX-License-Identifier: BSD-3-Clause */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "pkt/meta.h"

#define HUGE (2ul << 20)

static void unmap(struct rte_mempool_memhdr *hdr, void *len)
{
	munmap(hdr->addr, (size_t)(uintptr_t)len);
}

static bool populate(struct rte_mempool *mp)
{
	size_t min_chunk, align, len;
	const ssize_t need = rte_mempool_op_calc_mem_size_default(
		mp, mp->size, 0, &min_chunk, &align);
	char *p;

	if (need < 0)
		return false;
	len = RTE_ALIGN_CEIL((size_t)need, HUGE) + HUGE;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		0);
	if (p == MAP_FAILED)
		return false;
	(void)madvise(p, len, MADV_HUGEPAGE); /* fine without */
	return rte_mempool_populate_virt(mp, p, len, HUGE, unmap, (void *)(uintptr_t)len) ==
	       (int)mp->size;
}

struct rte_mempool *arena_create(
	const char *name, unsigned int n, uint16_t room, unsigned int cache)
{
	const uint16_t priv = RTE_ALIGN_CEIL(sizeof(struct pkt_meta), RTE_MBUF_PRIV_ALIGN);
	struct rte_pktmbuf_pool_private pp = { .mbuf_data_room_size = room,
		.mbuf_priv_size = priv };
	struct rte_mempool *mp = rte_mempool_create_empty(name, n,
		(unsigned int)sizeof(struct rte_mbuf) + priv + room, cache, sizeof(pp),
		SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_IOVA_CONTIG);

	if (mp) {
		rte_pktmbuf_pool_init(mp, &pp);
		if (populate(mp)) {
			rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
			return mp;
		}
	}
	fprintf(stderr, "bench-micro: no memory for %u packets of %u bytes\n", n, room);
	exit(2);
}

void arena_free(struct rte_mempool *mp)
{
	rte_mempool_free(mp);
}
