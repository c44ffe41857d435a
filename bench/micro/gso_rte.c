/* SPDX-License-Identifier: BSD-3-Clause */
/* rte_gso, and the checksums that it leaves to its caller, by DPDK's own functions. */
#include <rte_ethdev.h> /* first: it uses what pkt.h forbids */

#include "gso.h"

#include <stdlib.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "arena.h"
#include "base/xalloc.h"

#define N_MBUFS 8192 /* of each pool: some super-frames in the smallest segments */
#define CACHE	512  /* as in the pool of the switch that serves the same purpose */
#define TX_TCP4 (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_SEG)
#define TX_UDP4 (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_SEG)
#define TX_VXLAN                                                                                   \
	(TX_TCP4 | RTE_MBUF_F_TX_TUNNEL_VXLAN | RTE_MBUF_F_TX_OUTER_IPV4 |                         \
		RTE_MBUF_F_TX_OUTER_IP_CKSUM)

static uint64_t tx_flags(const struct proto *p)
{
	if (p->ufo) /* to rte_gso, UDP segmentation is IP fragmentation */
		return TX_UDP4;
	return p->wrap ? TX_VXLAN : TX_TCP4;
}

static void lay(void *job)
{
	struct gso_job *j = job;

	supers_lay(&j->s);
	for (uint32_t i = 0; i < j->s.n; i++)
		j->s.v[i]->ol_flags |= tx_flags(j->s.pt.proto);
}

static void drop(void *job)
{
	supers_drop(&((struct gso_job *)job)->s);
}

static inline void sum_ip(struct rte_mbuf *m, uint32_t off)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, off);

	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

/* Innermost first: the outer checksum covers the inner one. */
static inline void sum_seg(struct rte_mbuf *m, const struct frame *f)
{
	struct rte_tcp_hdr *th = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, f->l4);

	sum_ip(m, f->l3);
	th->cksum = 0;
	th->cksum = rte_ipv4_udptcp_cksum_mbuf(
		m, rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, f->l3), f->l4);
	if (!f->p->wrap)
		return;
	sum_ip(m, f->outer_l3);
	if (f->p->outer_csum) {
		struct rte_udp_hdr *uh = rte_pktmbuf_mtod_offset(
			m, struct rte_udp_hdr *, f->outer_l4);

		uh->dgram_cksum = 0;
		uh->dgram_cksum = rte_ipv4_udptcp_cksum_mbuf(m,
			rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, f->outer_l3),
			f->outer_l4);
	}
}

/* That of a datagram which is going to be cut. */
static inline void sum_datagram(struct rte_mbuf *m, const struct frame *f)
{
	struct rte_udp_hdr *uh = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, f->l4);

	uh->dgram_cksum = 0;
	uh->dgram_cksum = rte_ipv4_udptcp_cksum_mbuf(
		m, rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, f->l3), f->l4);
}

uint32_t gso_rte_segment(struct gso_job *j, struct rte_mbuf *m)
{
	const bool ufo = j->s.pt.proto->ufo;
	int n;

	if (ufo)
		sum_datagram(m, &j->s.f);
	n = rte_gso_segment(m, &j->ctx, j->segs, (uint16_t)j->s.n_segs);
	if (n <= 0)
		return 0;
	rte_pktmbuf_free(m); /* rte_gso_segment() leaves that to its caller, too */
	for (int i = 0; i < n; i++) {
		if (ufo)
			sum_ip(j->segs[i], j->s.f.l3);
		else
			sum_seg(j->segs[i], &j->s.f);
	}
	return (uint32_t)n;
}

static void run(void *job)
{
	struct gso_job *j = job;

	for (uint32_t i = 0; i < j->s.n; i++) {
		const uint32_t n = gso_rte_segment(j, j->s.v[i]);

		if (!n)
			continue;
		j->s.v[i] = NULL;
		for (uint32_t k = 0; k < n; k++)
			rte_pktmbuf_free(j->segs[k]);
	}
}

static const char *check(void *job, uint32_t *n_out)
{
	struct gso_job *j = job;
	const char *why = NULL;

	*n_out = gso_rte_segment(j, j->s.v[0]);
	if (!*n_out)
		return "refused to segment";
	j->s.v[0] = NULL;
	for (uint32_t i = 0; i < *n_out; i++) {
		if (!why)
			why = supers_seg_check(&j->s, j->segs[i], i);
		rte_pktmbuf_free(j->segs[i]);
	}
	return !why && *n_out != j->s.n_segs ? "segments are missing" : why;
}

void gso_rte_open(struct gso_job *j, struct contest *c)
{
	j->segs = xcalloc(j->s.n_segs, sizeof(*j->segs));
	j->ctx = (struct rte_gso_ctx){
		.direct_pool = arena_create(
			"bench-direct", N_MBUFS, PKT_HEADROOM + PKT_HDR_ROOM, CACHE),
		.indirect_pool = arena_create("bench-indirect", N_MBUFS, 0, CACHE),
		.gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO |
			     RTE_ETH_TX_OFFLOAD_UDP_TSO,
		.gso_size = (uint16_t)((j->s.pt.proto->ufo ? j->s.f.l4 : j->s.f.hlen) +
				       j->s.pt.seg),
	};
	contest_add(
		c, &(struct impl){
			   .name = "rte", .lay = lay, .run = run, .drop = drop, .check = check });
}

void gso_rte_close(struct gso_job *j)
{
	if (!j->segs)
		return;
	arena_free(j->ctx.direct_pool);
	arena_free(j->ctx.indirect_pool);
	free(j->segs);
}
