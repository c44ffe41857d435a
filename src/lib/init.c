/* SPDX-License-Identifier: BSD-3-Clause */
/* The library's pools: as DPDK makes them, since devices read from these buffers. */
#include "lib/lib.h"

#include <errno.h>
#include <rte_errno.h>

#define N_HDR	16384
#define N_SMALL 8192
#define CACHE	256

static struct {
	struct rte_mempool *small, *hdr;
} pools;

uint16_t cvsw_offload_priv_size(void)
{
	return RTE_ALIGN_CEIL(sizeof(struct pkt_meta), RTE_MBUF_PRIV_ALIGN);
}

struct rte_mempool *cvsw_pktmbuf_pool_create(
	const char *name, unsigned int n, unsigned int cache, uint16_t data_room, int socket)
{
	return rte_pktmbuf_pool_create(name, n, cache, cvsw_offload_priv_size(), data_room, socket);
}

static struct rte_mempool *own_pool(
	const char *name, uint32_t n, uint16_t room, const struct cvsw_offload_config *c)
{
	const uint32_t cache = c->cache ? c->cache : CACHE;

	return rte_pktmbuf_pool_create(name, n, cache,
		(uint16_t)(cvsw_offload_priv_size() + c->app_priv_size),
		(uint16_t)(PKT_HEADROOM + room), c->socket);
}

int cvsw_offload_init(const struct cvsw_offload_config *config)
{
	struct cvsw_offload_config c = { .socket = SOCKET_ID_ANY };
	int err;

	if (pools.small)
		return -EALREADY;
	if (config)
		c = *config;
	if (c.app_priv_size % RTE_MBUF_PRIV_ALIGN ||
		c.app_priv_size > UINT16_MAX - cvsw_offload_priv_size())
		return -EINVAL;
	pools.small = own_pool("cvsw-small", c.n_small ? c.n_small : N_SMALL, PKT_SMALL_ROOM, &c);
	if (!pools.small)
		return -rte_errno;
	pools.hdr = own_pool("cvsw-hdr", c.n_hdr ? c.n_hdr : N_HDR, PKT_HDR_ROOM, &c);
	if (!pools.hdr) {
		err = -rte_errno;
		rte_mempool_free(pools.small);
		pools.small = NULL;
		return err;
	}
	pkt_pools_adopt(pools.small, pools.hdr);
	return 0;
}

int cvsw_offload_exit(void)
{
	if (!pools.small)
		return 0;
	if (!rte_mempool_full(pools.small) || !rte_mempool_full(pools.hdr))
		return -EBUSY;
	pkt_pools_free();
	pools.small = pools.hdr = NULL;
	return 0;
}

void cvsw_offload_buffers(struct cvsw_offload_buffers *b)
{
	struct pkt_pool_use u = { 0 };

	if (pools.small)
		pkt_pools_use(&u);
	*b = (struct cvsw_offload_buffers){
		.hdr_free = u.hdr_free,
		.hdr_total = u.hdr_total,
		.small_free = u.small_free,
		.small_total = u.small_total,
	};
}
