/* SPDX-License-Identifier: BSD-3-Clause */
/* The packet pools. */
#include "pkt/pkt.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <rte_lcore.h>

#define HUGE (2ul << 20)

static struct {
	struct rte_mempool *small, *big, *hdr;
} pools;

/* Give memory back that hold() took; DPDK calls it. */
static void release(struct rte_mempool_memhdr *hdr, void *len)
{
	munmap(hdr->addr, (size_t)(uintptr_t)len);
}

/*
 * Memory of our own for the pool, which the kernel may back with transparent huge pages: DPDK's,
 * without huge pages, is a shared mapping that gets none, and copies to and from it miss the TLB.
 */
static int hold(struct rte_mempool *mp)
{
	size_t min_chunk, align, len;
	ssize_t need = rte_mempool_op_calc_mem_size_default(mp, mp->size, 0, &min_chunk, &align);
	char *p;

	if (need < 0)
		return -EINVAL;
	len = RTE_ALIGN_CEIL((size_t)need, HUGE) + HUGE;
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	(void)madvise(p, len, MADV_HUGEPAGE); /* fine without */
	if (rte_mempool_populate_virt(mp, p, len, HUGE, release, (void *)(uintptr_t)len) ==
		(int)mp->size)
		return 0;
	return -ENOMEM;
}

/* A pool of as many mbufs with @room bytes as fit @bytes. */
static struct rte_mempool *pool_make(
	const char *name, uint64_t bytes, uint16_t room, unsigned int cache)
{
	const uint16_t priv = RTE_ALIGN_CEIL(sizeof(struct pkt_meta), RTE_MBUF_PRIV_ALIGN);
	struct rte_pktmbuf_pool_private pp = { .mbuf_data_room_size = room,
		.mbuf_priv_size = priv };
	const unsigned int obj = (unsigned int)sizeof(struct rte_mbuf) + priv + room;
	uint64_t n = bytes / (obj + 2 * RTE_CACHE_LINE_SIZE);
	struct rte_mempool *mp;

	if (n < 2 * cache)
		n = 2 * cache;
	mp = rte_mempool_create_empty(name, (unsigned int)n, obj, cache, sizeof(pp), SOCKET_ID_ANY,
		RTE_MEMPOOL_F_NO_IOVA_CONTIG); /* no device sees these addresses: pack them densely
						*/
	if (!mp)
		return NULL;
	rte_pktmbuf_pool_init(mp, &pp);
	if (hold(mp)) {
		rte_mempool_free(mp);
		return NULL;
	}
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	return mp;
}

int pkt_pools_init(unsigned int memory_mb)
{
	const uint64_t mem = (uint64_t)memory_mb << 20;

	/* what is left over is for the rings and tables of DPDK itself */
	pools.small = pool_make("cvsw-small", mem / 100 * 26, PKT_HEADROOM + PKT_SMALL_ROOM, 256);
	pools.hdr = pool_make("cvsw-hdr", mem / 100 * 24, PKT_HEADROOM + PKT_HDR_ROOM, 512);
	pools.big = pool_make("cvsw-big", mem / 100 * 40, PKT_BIG_ROOM, 32);
	if (pools.small && pools.hdr && pools.big)
		return 0;
	pkt_pools_free();
	return -ENOMEM;
}

void pkt_pools_adopt(struct rte_mempool *small, struct rte_mempool *hdr)
{
	pools.small = small;
	pools.hdr = hdr;
	pools.big = NULL;
}

void pkt_pools_free(void)
{
	rte_mempool_free(pools.small);
	rte_mempool_free(pools.hdr);
	rte_mempool_free(pools.big);
	memset(&pools, 0, sizeof(pools));
}

void pkt_pools_use(struct pkt_pool_use *u)
{
	u->small_total = pools.small->size;
	u->small_free = rte_mempool_avail_count(pools.small);
	u->big_total = pools.big ? pools.big->size : 0;
	u->big_free = pools.big ? rte_mempool_avail_count(pools.big) : 0;
	u->hdr_total = pools.hdr->size;
	u->hdr_free = rte_mempool_avail_count(pools.hdr);
}

static inline struct rte_mbuf *alloc_from(struct rte_mempool *mp)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);

	if (likely(m))
		memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
	return m;
}

struct rte_mbuf *pkt_alloc_small(void)
{
	return alloc_from(pools.small);
}

struct rte_mbuf *pkt_alloc_big(void)
{
	struct rte_mbuf *m = likely(pools.big) ? alloc_from(pools.big) : NULL;

	if (likely(m))
		m->data_off = 0; /* always behind a small segment: nothing is pushed in front */
	return m;
}

struct rte_mbuf *pkt_alloc_hdr(void)
{
	return alloc_from(pools.hdr);
}

struct rte_mbuf *pkt_alloc_small_bare(void)
{
	return rte_pktmbuf_alloc(pools.small);
}

int pkt_alloc_hdr_bulk(struct rte_mbuf **segs, uint32_t n)
{
	return rte_pktmbuf_alloc_bulk(pools.hdr, segs, n) ? -ENOBUFS : 0;
}

struct rte_mbuf *pkt_alloc_hdr_bare(void)
{
	return rte_pktmbuf_alloc(pools.hdr);
}
