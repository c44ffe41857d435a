/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/parse.h"

#include <string.h>

#include "base/hash.h"
#include "pkt/pkt.h"
#include "wire/eth.h"
#include "wire/ip.h"
#include "wire/l4.h"
#include "wire/sctp.h"

#define MAX_EXT_HEADERS 8

/* Walk the extension headers.  Returns the upper protocol with *off behind them, or -1 (malformed;
 * a fragment). */
static int walk_ext(
	const struct rte_mbuf *m, uint32_t *off, uint32_t end, uint8_t next, struct pkt_layer *l)
{
	for (unsigned int n = 0; n < MAX_EXT_HEADERS; n++) {
		const struct ipv6_ext *ext;
		uint32_t ext_len;

		switch (next) {
		case IP_PROTO_HOPOPTS:
		case IP_PROTO_ROUTING:
		case IP_PROTO_DSTOPTS:
			break;
		case IP_PROTO_FRAGMENT:
			l->flags |= PKT_LF_FRAG;
			return -1;
		default:
			return next;
		}
		l->flags |= PKT_LF_OPTS;
		ext = PKT_HDR(m, *off, struct ipv6_ext);
		if (!ext)
			return -1;
		ext_len = (ext->len8 + 1u) * 8;
		if (*off + ext_len > end)
			return -1;
		next = ext->next;
		*off += ext_len;
	}
	return -1;
}

/* Returns the upper protocol with *off behind the headers, or -1. */
static int parse_ipv4(const struct rte_mbuf *m, uint32_t *off, struct pkt_layer *l)
{
	const struct ipv4_hdr *ip = PKT_HDR(m, *off, struct ipv4_hdr);
	unsigned int hlen, tot_len;
	uint16_t frag;

	if (!ip || ip->ver_ihl >> 4 != 4)
		return -1;
	hlen = ipv4_hlen(ip);
	tot_len = rte_be_to_cpu_16(ip->tot_len);
	if (hlen < sizeof(*ip) || tot_len < hlen || *off + tot_len > m->pkt_len ||
		!pkt_bytes(m, *off, hlen))
		return -1;
	l->l3 = PKT_L3_IPV4;
	l->l3_off = (uint16_t)*off;
	l->end_off = *off + tot_len;
	if (hlen > sizeof(*ip))
		l->flags |= PKT_LF_OPTS;
	frag = rte_be_to_cpu_16(ip->frag_off);
	*off += hlen;
	if (frag & (IPV4_MF | IPV4_OFF_MASK)) {
		l->flags |= PKT_LF_FRAG;
		return -1;
	}
	return ip->proto;
}

static int parse_ipv6(const struct rte_mbuf *m, uint32_t *off, struct pkt_layer *l)
{
	const struct ipv6_hdr *ip6 = PKT_HDR(m, *off, struct ipv6_hdr);
	uint32_t end;

	if (!ip6 || ip6->ver_tc_flow == 0 || rte_be_to_cpu_32(ip6->ver_tc_flow) >> 28 != 6)
		return -1;
	end = *off + (uint32_t)sizeof(*ip6) + rte_be_to_cpu_16(ip6->payload_len);
	if (end > m->pkt_len)
		return -1;
	l->l3 = PKT_L3_IPV6;
	l->l3_off = (uint16_t)*off;
	l->end_off = end;
	*off += sizeof(*ip6);
	return walk_ext(m, off, end, ip6->next, l);
}

static void parse_l4(const struct rte_mbuf *m, uint32_t off, int proto, struct pkt_layer *l)
{
	uint32_t hlen;
	uint8_t l4;

	l->l4_off = (uint16_t)off;
	l->proto = (uint8_t)proto;
	if (proto == IP_PROTO_TCP) {
		const struct tcp_hdr *th = PKT_HDR(m, off, struct tcp_hdr);

		if (!th || (hlen = tcp_hlen(th)) < sizeof(*th))
			return;
		l4 = PKT_L4_TCP;
	} else if (proto == IP_PROTO_UDP) {
		const struct udp_hdr *uh = PKT_HDR(m, off, struct udp_hdr);

		hlen = sizeof(*uh);
		if (!uh || rte_be_to_cpu_16(uh->len) < hlen)
			return;
		l4 = PKT_L4_UDP;
	} else if (proto == IP_PROTO_SCTP) {
		hlen = sizeof(struct sctp_hdr);
		l4 = PKT_L4_SCTP;
	} else {
		return;
	}
	if (off + hlen > l->end_off || !pkt_bytes(m, off, hlen))
		return;
	l->l4 = l4;
	l->pay_off = (uint16_t)(off + hlen);
}

static void layer_init(const struct rte_mbuf *m, uint16_t l2_off, struct pkt_layer *l)
{
	l->l2_off = l2_off;
	l->l3_off = l->l4_off = l->pay_off = 0;
	l->end_off = m->pkt_len;
	l->l3 = PKT_L3_NONE;
	l->l4 = PKT_L4_NONE;
	l->n_vlan = 0;
	l->flags = PKT_LF_PARSED;
	l->ethertype = 0;
	l->proto = 0;
}

static void parse_l3(const struct rte_mbuf *m, uint32_t off, rte_be16_t type, struct pkt_layer *l)
{
	int proto = -1;

	l->ethertype = type;
	if (type == RTE_BE16(ETH_TYPE_IPV4))
		proto = parse_ipv4(m, &off, l);
	else if (type == RTE_BE16(ETH_TYPE_IPV6))
		proto = parse_ipv6(m, &off, l);
	if (proto >= 0)
		parse_l4(m, off, proto, l);
}

void pkt_parse_ip(const struct rte_mbuf *m, uint16_t off, rte_be16_t type, struct pkt_layer *l)
{
	layer_init(m, off, l);
	parse_l3(m, off, type, l);
}

void pkt_parse(const struct rte_mbuf *m, uint16_t l2_off, struct pkt_layer *l)
{
	const struct eth_hdr *eh = PKT_HDR(m, l2_off, struct eth_hdr);
	uint32_t off = l2_off + sizeof(*eh);
	rte_be16_t type;

	layer_init(m, l2_off, l);
	if (!eh)
		return;
	type = eh->type;
	while ((type == RTE_BE16(ETH_TYPE_VLAN) || type == RTE_BE16(ETH_TYPE_QINQ)) &&
		l->n_vlan < 2) {
		const struct vlan_hdr *vh = PKT_HDR(m, off, struct vlan_hdr);

		if (!vh)
			return;
		type = vh->type;
		off += sizeof(*vh);
		l->n_vlan++;
	}
	parse_l3(m, off, type, l);
}

uint32_t pkt_flow_hash(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	uint64_t h = 0x9e3779b97f4a7c15u;

	if (l->l3 == PKT_L3_IPV4) {
		const struct ipv4_hdr *ip = PKT_HDR(m, l->l3_off, struct ipv4_hdr);
		uint64_t addrs;

		memcpy(&addrs, &ip->src, sizeof(addrs));
		h = hash_mix(h, addrs);
		h = hash_mix(h, ip->proto);
	} else if (l->l3 == PKT_L3_IPV6) {
		const struct ipv6_hdr *ip6 = PKT_HDR(m, l->l3_off, struct ipv6_hdr);
		uint64_t w[4];

		memcpy(w, ip6->src, sizeof(w));
		for (unsigned int i = 0; i < 4; i++)
			h = hash_mix(h, w[i]);
	} else {
		const struct eth_hdr *eh = PKT_HDR(m, l->l2_off, struct eth_hdr);

		if (eh) {
			h = hash_mix(h, eth_mac_u64(eh->dst));
			h = hash_mix(h, eth_mac_u64(eh->src));
		}
	}
	if (l->l4 != PKT_L4_NONE) {
		uint32_t ports;

		memcpy(&ports, rte_pktmbuf_mtod_offset(m, const char *, l->l4_off), sizeof(ports));
		h = hash_mix(h, (uint64_t)ports << 8 | l->l4);
	}
	return hash_fold(h);
}

uint8_t pkt_layer_tos(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	if (l->l3 == PKT_L3_IPV4)
		return PKT_HDR(m, l->l3_off, struct ipv4_hdr)->tos;
	if (l->l3 == PKT_L3_IPV6)
		return ipv6_tclass(PKT_HDR(m, l->l3_off, struct ipv6_hdr));
	return 0;
}
