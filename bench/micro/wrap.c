/* SPDX-License-Identifier: BSD-3-Clause */
#include "wrap.h"

#include <string.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "wire/eth.h"
#include "wire/ip.h"

#define ID	 7000
#define SPORT	 49152
#define N_SPORTS 16384

struct wrap_kind {
	uint8_t ip_proto;
	uint16_t port; /* UDP */
	bool inner_ether;
	uint8_t hlen;
	uint8_t flow_at; /* the byte of hdr[] that carries flow entropy; 0: none */
	uint8_t hdr[16];
};

static const struct wrap_kind kinds[WRAP_N] = {
	[WRAP_VXLAN] = { IP_PROTO_UDP, 4789, true, 8, .hdr = { 0x08, 0, 0, 0, 0x12, 0x34, 0x56 } },
	[WRAP_GENEVE] = { IP_PROTO_UDP, 6081, true, 16,
		.hdr = { 0x02, 0, 0x65, 0x58, 0x12, 0x34, 0x56, 0, /* class, type, length, data: */
			0x01, 0x02, 0x03, 0x01, 0xaa, 0xbb, 0xcc, 0xdd } },
	[WRAP_NVGRE] = { IP_PROTO_GRE, 0, true, 8, .flow_at = 7,
		.hdr = { 0x20, 0, 0x65, 0x58, 0x12, 0x34, 0x56 } },
	[WRAP_GRE] = { IP_PROTO_GRE, 0, false, 4, .hdr = { 0, 0, 0x08, 0 } },
};

static uint32_t outer_l3_hlen(const struct proto *p)
{
	return p->outer_l3 == PKT_L3_IPV4 ? sizeof(struct ipv4_hdr) : sizeof(struct ipv6_hdr);
}

static uint32_t udp_hlen(const struct proto *p)
{
	return kinds[p->wrap].ip_proto == IP_PROTO_UDP ? sizeof(struct rte_udp_hdr) : 0;
}

uint32_t wrap_len(const struct proto *p)
{
	if (!p->wrap)
		return 0;
	return (uint32_t)sizeof(struct eth_hdr) + outer_l3_hlen(p) + udp_hlen(p) +
	       kinds[p->wrap].hlen;
}

bool wrap_inner_ether(const struct proto *p)
{
	return !p->wrap || kinds[p->wrap].inner_ether;
}

static void put_ether(uint8_t *b, uint8_t l3)
{
	struct eth_hdr *eh = (struct eth_hdr *)b;

	memset(eh->dst, 0x22, sizeof(eh->dst));
	memset(eh->src, 0x26, sizeof(eh->src));
	eh->type = rte_cpu_to_be_16(l3 == PKT_L3_IPV4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
}

static void put_ipv4(uint8_t *b, uint8_t proto, uint32_t plen, uint32_t idx)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)b;

	*ip = (struct ipv4_hdr){
		.ver_ihl = 0x45,
		.tot_len = rte_cpu_to_be_16((uint16_t)(sizeof(*ip) + plen)),
		.id = rte_cpu_to_be_16((uint16_t)(ID + idx)),
		.frag_off = RTE_BE16(IPV4_DF),
		.ttl = 64,
		.proto = proto,
		.src = RTE_BE32(0xc0000201),
		.dst = RTE_BE32(0xc0000202),
	};
	ip->check = rte_ipv4_cksum((const struct rte_ipv4_hdr *)ip);
}

static void put_ipv6(uint8_t *b, uint8_t proto, uint32_t plen)
{
	struct ipv6_hdr *ip6 = (struct ipv6_hdr *)b;

	*ip6 = (struct ipv6_hdr){
		.ver_tc_flow = RTE_BE32(0x60000000),
		.payload_len = rte_cpu_to_be_16((uint16_t)plen),
		.next = proto,
		.hop_limit = 64,
		.src = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
		.dst = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	};
}

static void put_udp(struct frame *f, uint32_t flow)
{
	struct rte_udp_hdr *uh = (void *)(f->b + f->outer_l4);

	uh->src_port = rte_cpu_to_be_16((uint16_t)(SPORT + flow % N_SPORTS));
	uh->dst_port = rte_cpu_to_be_16(kinds[f->p->wrap].port);
	uh->dgram_len = rte_cpu_to_be_16((uint16_t)(f->len - f->outer_l4));
	uh->dgram_cksum = 0;
	if (!f->p->outer_csum)
		return;
	if (f->p->outer_l3 == PKT_L3_IPV4)
		uh->dgram_cksum = rte_ipv4_udptcp_cksum((void *)(f->b + f->outer_l3), uh);
	else
		uh->dgram_cksum = rte_ipv6_udptcp_cksum((void *)(f->b + f->outer_l3), uh);
}

void wrap_put(struct frame *f, const struct frame_at *at)
{
	const struct wrap_kind *k = &kinds[f->p->wrap];
	uint8_t *tun;

	f->outer_l3 = sizeof(struct eth_hdr);
	f->outer_l4 = (uint16_t)(f->outer_l3 + outer_l3_hlen(f->p));
	f->tun = (uint16_t)(f->outer_l4 + udp_hlen(f->p));
	put_ether(f->b, f->p->outer_l3);
	if (f->p->outer_l3 == PKT_L3_IPV4)
		put_ipv4(f->b + f->outer_l3, k->ip_proto, f->len - f->outer_l4, at->idx);
	else
		put_ipv6(f->b + f->outer_l3, k->ip_proto, f->len - f->outer_l4);
	tun = f->b + f->tun;
	memcpy(tun, k->hdr, k->hlen);
	if (k->flow_at)
		tun[k->flow_at] = (uint8_t)at->flow;
	if (k->ip_proto == IP_PROTO_UDP)
		put_udp(f, at->flow);
}
