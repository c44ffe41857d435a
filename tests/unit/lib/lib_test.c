/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib_test.h"

#include <rte_ip.h>
#include <rte_udp.h>

#define N_BUFS 2047

const struct cvsw_offload_config lib_config = {
	.n_hdr = 4095, .n_small = 2047, .socket = SOCKET_ID_ANY, .app_priv_size = APP_PRIV
};
struct rte_mempool *app_pool, *bare_pool;

int lib_setup(void **state)
{
	(void)state;
	if (eal_test_start_eal() || cvsw_offload_init(&lib_config))
		return -1;
	app_pool = cvsw_pktmbuf_pool_create(
		"app", N_BUFS, 64, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	bare_pool = rte_pktmbuf_pool_create(
		"bare", 63, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return app_pool && bare_pool ? 0 : -1;
}

int lib_teardown(void **state)
{
	(void)state;
	rte_mempool_free(app_pool);
	rte_mempool_free(bare_pool);
	return cvsw_offload_exit();
}

struct rte_mbuf *app_pkt_of(
	struct rte_mempool *mp, const uint8_t *bytes, uint32_t n, uint32_t first)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp), *seg = m;
	uint32_t room = first ? first : UINT32_MAX;

	while (true) {
		const uint32_t k = RTE_MIN(RTE_MIN(n, room), rte_pktmbuf_tailroom(seg));

		assert_non_null(m);
		memset(rte_mbuf_to_priv(seg), 0xa5, rte_pktmbuf_priv_size(mp));
		memcpy(rte_pktmbuf_mtod(seg, char *), bytes, k);
		seg->data_len = (uint16_t)k;
		seg->pkt_len = k;
		if (seg != m)
			assert_int_equal(rte_pktmbuf_chain(m, seg), 0);
		bytes += k;
		n -= k;
		if (!n)
			return m;
		room = UINT32_MAX;
		seg = rte_pktmbuf_alloc(mp);
		assert_non_null(seg);
	}
}

struct rte_mbuf *app_pkt(const struct gen *g)
{
	static struct flat f;

	f.n = gen_bytes(g, f.b);
	return app_pkt_of(app_pool, f.b, f.n, 0);
}

struct rte_mbuf *app_vxlan(const struct gen *g, bool outer_sum)
{
	static struct flat f;
	uint32_t n;
	struct rte_ipv4_hdr *ip = (void *)(f.b + 14);
	struct rte_udp_hdr *uh = (void *)(f.b + 34);

	memset(f.b, 0, VXLAN_LEN);
	n = gen_bytes(g, f.b + VXLAN_LEN);
	f.n = n + VXLAN_LEN;
	f.b[12] = 8; /* EtherType */
	ip->version_ihl = 0x45;
	ip->total_length = rte_cpu_to_be_16((uint16_t)(f.n - 14));
	ip->packet_id = rte_cpu_to_be_16(g->id);
	ip->time_to_live = 9;
	ip->next_proto_id = IPPROTO_UDP;
	ip->src_addr = RTE_BE32(0x0a000001);
	ip->dst_addr = RTE_BE32(0x0a000002);
	uh->src_port = RTE_BE16(50000);
	uh->dst_port = RTE_BE16(4789);
	uh->dgram_len = rte_cpu_to_be_16((uint16_t)(f.n - 34));
	f.b[42] = 8; /* VNI is valid */
	f.b[46] = 3;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	if (outer_sum)
		uh->dgram_cksum = rte_ipv4_udptcp_cksum(ip, uh);
	return app_pkt_of(app_pool, f.b, f.n, 0);
}

unsigned int app_train(const struct gen *super, uint16_t size, struct rte_mbuf **pkts)
{
	const unsigned int n = (super->plen + size - 1) / size;

	for (unsigned int i = 0; i < n; i++) {
		const struct gen s = segment_of(super, size, i);

		pkts[i] = app_pkt(&s);
	}
	return n;
}

struct rte_mbuf *take(struct cvsw_queue *q)
{
	struct rte_mbuf *m = NULL;

	assert_int_equal(cvsw_queue_pop(q, &m, 1), 1);
	assert_non_null(m);
	return m;
}

void assert_cut(struct cvsw_queue *q, const struct gen *super, uint16_t size)
{
	static struct flat want;

	for (uint32_t i = 0; i * size < super->plen; i++) {
		const struct gen s = segment_of(super, size, i);
		struct rte_mbuf *m = take(q);

		want.n = gen_bytes(&s, want.b);
		assert_bytes(m, &want);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(q->n_pkts, 0);
}

void drain(struct cvsw_queue *q)
{
	struct rte_mbuf *pkts[7];
	unsigned int n;

	while ((n = cvsw_queue_pop(q, pkts, RTE_DIM(pkts))))
		rte_pktmbuf_free_bulk(pkts, n);
	assert_int_equal(q->n_pkts, 0);
	assert_int_equal(q->n_bytes, 0);
}

void assert_all_back(void)
{
	struct cvsw_offload_buffers b;

	cvsw_offload_buffers(&b);
	assert_int_equal(b.hdr_free, b.hdr_total);
	assert_int_equal(b.small_free, b.small_total);
	assert_true(rte_mempool_full(app_pool));
	assert_true(rte_mempool_full(bare_pool));
}
