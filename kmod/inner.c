// SPDX-License-Identifier: GPL-2.0
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "inner.h"

#define VLAN_TAGS_MAX	2
#define EXT_HEADERS_MAX 8

/* @hlen bytes at @off, or NULL. */
static const void *header(struct sk_buff *skb, u32 off, u32 hlen)
{
	return pskb_may_pull(skb, off + hlen) ? skb->data + off : NULL;
}

static __be16 parse_ether(struct sk_buff *skb, u32 *off)
{
	const struct ethhdr *eth = header(skb, *off, ETH_HLEN);
	unsigned int n_tags;
	__be16 type;

	if (!eth)
		return 0;
	type = eth->h_proto;
	*off += ETH_HLEN;
	for (n_tags = 0; n_tags < VLAN_TAGS_MAX && eth_type_vlan(type); n_tags++) {
		const struct vlan_hdr *vh = header(skb, *off, VLAN_HLEN);

		if (!vh)
			return 0;
		type = vh->h_vlan_encapsulated_proto;
		*off += VLAN_HLEN;
	}
	return type;
}

/* The upper protocol with *off behind the header, or -1. */
static int parse_ipv4(struct sk_buff *skb, u32 *off, u32 len, struct sclp_inner *in)
{
	const struct iphdr *iph = header(skb, *off, sizeof(*iph));
	u32 hlen, tot_len;

	if (!iph || iph->version != 4)
		return -1;
	hlen = iph->ihl * 4;
	tot_len = ntohs(iph->tot_len);
	if (hlen < sizeof(*iph) || tot_len < hlen || tot_len > len - *off)
		return -1;
	iph = header(skb, *off, hlen);
	if (!iph)
		return -1;
	in->family = AF_INET;
	in->l3_off = *off;
	in->end_off = *off + tot_len;
	*off += hlen;
	return ip_is_fragment(iph) ? -1 : iph->protocol;
}

static int skip_ext_headers(struct sk_buff *skb, u32 *off, u8 next, struct sclp_inner *in)
{
	unsigned int n;

	for (n = 0; n < EXT_HEADERS_MAX; n++) {
		const struct ipv6_opt_hdr *ext;
		u32 ext_len;

		if (next != NEXTHDR_HOP && next != NEXTHDR_ROUTING && next != NEXTHDR_DEST)
			return next == NEXTHDR_FRAGMENT ? -1 : next;
		if (next == NEXTHDR_ROUTING)
			in->routed = true;
		ext = header(skb, *off, sizeof(*ext));
		if (!ext)
			return -1;
		ext_len = ipv6_optlen(ext);
		if (ext_len > in->end_off - *off)
			return -1;
		next = ext->nexthdr;
		*off += ext_len;
	}
	return -1;
}

static int parse_ipv6(struct sk_buff *skb, u32 *off, u32 len, struct sclp_inner *in)
{
	const struct ipv6hdr *ip6h = header(skb, *off, sizeof(*ip6h));
	u32 plen;

	if (!ip6h || ip6h->version != 6)
		return -1;
	plen = ntohs(ip6h->payload_len);
	if (plen > len - *off - sizeof(*ip6h))
		return -1;
	in->family = AF_INET6;
	in->l3_off = *off;
	*off += sizeof(*ip6h);
	in->end_off = *off + plen;
	return skip_ext_headers(skb, off, ip6h->nexthdr, in);
}

/* Length of the transport header, 0: not one we know, or not wholly there. */
static u32 l4_header_len(struct sk_buff *skb, u32 off, int proto)
{
	const struct tcphdr *th;
	const struct udphdr *uh;

	switch (proto) {
	case IPPROTO_TCP:
		th = header(skb, off, sizeof(*th));
		return th && th->doff * 4 >= sizeof(*th) ? th->doff * 4 : 0;
	case IPPROTO_UDP:
		uh = header(skb, off, sizeof(*uh));
		return uh && ntohs(uh->len) >= sizeof(*uh) ? sizeof(*uh) : 0;
	case IPPROTO_SCTP:
		return sizeof(struct sctphdr);
	default:
		return 0;
	}
}

static void parse_l4(struct sk_buff *skb, u32 off, int proto, struct sclp_inner *in)
{
	u32 hlen = l4_header_len(skb, off, proto);

	in->l4_off = off;
	if (!hlen || hlen > in->end_off - off || !header(skb, off, hlen))
		return;
	in->proto = proto;
	in->pay_off = off + hlen;
}

void sclp_inner_parse(struct sk_buff *skb, u32 off, u32 len, struct sclp_inner *in)
{
	int proto = -1;
	__be16 type;

	memset(in, 0, sizeof(*in));
	in->end_off = len;
	type = parse_ether(skb, &off);
	/* what was read lies inside the frame, unless its length is a lie */
	if (!type || off > len)
		return;
	if (type == htons(ETH_P_IP) && len - off >= sizeof(struct iphdr))
		proto = parse_ipv4(skb, &off, len, in);
	else if (type == htons(ETH_P_IPV6) && len - off >= sizeof(struct ipv6hdr))
		proto = parse_ipv6(skb, &off, len, in);
	if (proto >= 0)
		parse_l4(skb, off, proto, in);
}
