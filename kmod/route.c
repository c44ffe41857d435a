// SPDX-License-Identifier: GPL-2.0
/*
 * Where an outer packet goes, and what its IP header says.
 *
 * Theory of operation: metadata mode and the FDB are brought to one form (struct way), then the
 * route is taken from a cache that belongs to the remote, or looked up.  A cached route turns
 * invalid by itself when an ICMP error changes the path MTU or routes change; so the MTU is read
 * from it for each frame. A cache holds one route only, the one for the configured DSCP and no
 * firewall mark; frames with another DSCP or a mark are looked up each time.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dst_metadata.h>
#include <net/inet_dscp.h>
#include <net/inet_ecn.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include "compat.h"
#include "tx.h"

#define ROUTE_INHERIT_TOS 1 /* of conf.tos: an odd number is no DSCP */

/* What the outer header may inherit. */
struct inner {
	bool is_ip;
	u8 tos, ttl;
	bool df;
};

struct way {
	struct sclp_addr saddr, daddr;
	__be16 udp_port;
	int oif;
	u8 tos, ttl;
	bool tos_inherit, ttl_inherit;
	enum sclp_df df;
	__be32 flowlabel;
	struct dst_cache *cache; /* NULL: look it up */
};

/* The IP header in the Ethernet frame at skb->data, behind up to two VLAN tags. */
static void inner_parse(const struct sk_buff *skb, struct inner *in)
{
	int off = ETH_HLEN - sizeof(__be16), tags;
	__be16 buf, *type = skb_header_pointer(skb, off, sizeof(buf), &buf);

	memset(in, 0, sizeof(*in));
	for (tags = 0; type && eth_type_vlan(*type) && tags < 2; tags++) {
		off += VLAN_HLEN;
		type = skb_header_pointer(skb, off, sizeof(buf), &buf);
	}
	off += sizeof(__be16);
	if (type && *type == htons(ETH_P_IP)) {
		struct iphdr ipbuf, *iph = skb_header_pointer(skb, off, sizeof(ipbuf), &ipbuf);

		if (!iph)
			return;
		in->is_ip = true;
		in->tos = iph->tos;
		in->ttl = iph->ttl;
		in->df = iph->frag_off & htons(IP_DF);
	} else if (type && *type == htons(ETH_P_IPV6)) {
		struct ipv6hdr ip6buf, *ip6 = skb_header_pointer(skb, off, sizeof(ip6buf), &ip6buf);

		if (!ip6)
			return;
		in->is_ip = true;
		in->tos = ipv6_get_dsfield(ip6);
		in->ttl = ip6->hop_limit;
		in->df = true;
	}
}

static void way_of_remote(const struct sclp_dev *sd, const struct sclp_rdst *rdst, struct way *w)
{
	const struct sclp_conf *conf = &sd->conf;

	w->daddr = rdst->remote;
	w->saddr = conf->local;
	w->udp_port = rdst->udp_port ?: conf->udp_port;
	w->oif = rdst->ifindex ?: conf->link;
	w->tos = conf->tos;
	w->tos_inherit = conf->tos == ROUTE_INHERIT_TOS;
	w->ttl = conf->ttl;
	w->ttl_inherit = conf->flags & SCLP_F_TTL_INHERIT;
	w->df = conf->df;
	w->flowlabel = conf->flowlabel;
	w->cache = (struct dst_cache *)&rdst->dst_cache;
}

static void way_of_key(const struct sclp_dev *sd, const struct ip_tunnel_key *key,
	const struct sk_buff *skb, struct way *w)
{
	/* Its cache is written, the rest is not. */
	struct ip_tunnel_info *info = container_of(
		(struct ip_tunnel_key *)key, struct ip_tunnel_info, key);

	if (ip_tunnel_info_af(info) == AF_INET6) {
		w->daddr.family = AF_INET6;
		w->daddr.v6 = key->u.ipv6.dst;
		w->saddr.family = AF_INET6;
		w->saddr.v6 = key->u.ipv6.src;
	} else {
		w->daddr.family = AF_INET;
		w->daddr.v4 = key->u.ipv4.dst;
		w->saddr.family = AF_INET;
		w->saddr.v4 = key->u.ipv4.src;
	}
	w->udp_port = key->tp_dst ?: sd->conf.udp_port;
	w->oif = sd->conf.link;
	w->tos = key->tos;
	w->ttl = key->ttl;
	w->df = sclp_tunnel_key_df(key) ? SCLP_DF_SET : SCLP_DF_UNSET;
	w->flowlabel = key->label;
#ifdef CONFIG_DST_CACHE
	if (ip_tunnel_dst_cache_usable(skb, info))
		w->cache = &info->dst_cache;
#endif
}

static int route4(
	struct sclp_dev *sd, const struct way *w, u32 mark, __be16 sport, struct sclp_route *rt)
{
	struct flowi4 fl4 = {
		.flowi4_oif = w->oif,
		.flowi4_mark = mark,
		.flowi4_tos = rt->tos & INET_DSCP_MASK,
		.flowi4_proto = sport ? IPPROTO_UDP : sclp_ip_proto(),
		.daddr = w->daddr.v4,
		.saddr = w->saddr.family == AF_INET ? w->saddr.v4 : 0,
		.fl4_sport = sport,
		.fl4_dport = sport ? w->udp_port : 0,
	};
	struct rtable *rtable = w->cache ? dst_cache_get_ip4(w->cache, &rt->saddr.v4) : NULL;

	rt->saddr.family = AF_INET;
	if (!rtable) {
		rtable = ip_route_output_key(sd->net, &fl4);
		if (IS_ERR(rtable))
			return PTR_ERR(rtable);
		if (w->cache)
			dst_cache_set_ip4(w->cache, &rtable->dst, fl4.saddr);
		rt->saddr.v4 = fl4.saddr;
	}
	rt->dst = &rtable->dst;
	if (!rt->ttl)
		rt->ttl = ipv4_is_multicast(w->daddr.v4) ? 1 : ip4_dst_hoplimit(rt->dst);
	return 0;
}

static int route6(
	struct sclp_dev *sd, const struct way *w, u32 mark, __be16 sport, struct sclp_route *rt)
{
	struct flowi6 fl6 = {
		.flowi6_oif = w->oif,
		.flowi6_mark = mark,
		.flowi6_proto = sport ? IPPROTO_UDP : sclp_ip_proto(),
		.daddr = w->daddr.v6,
		.flowlabel = ip6_make_flowinfo(rt->tos, w->flowlabel),
		.fl6_sport = sport,
		.fl6_dport = sport ? w->udp_port : 0,
	};
	struct dst_entry *dst = w->cache ? dst_cache_get_ip6(w->cache, &rt->saddr.v6) : NULL;

	if (!ipv6_mod_enabled()) /* in metadata mode nobody asked before */
		return -EAFNOSUPPORT;
	rt->saddr.family = AF_INET6;
	if (w->saddr.family == AF_INET6)
		fl6.saddr = w->saddr.v6;
	if (!dst) {
		dst = ip6_dst_lookup_flow(sd->net, NULL, &fl6, NULL);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		if (w->cache)
			dst_cache_set_ip6(w->cache, dst, &fl6.saddr);
		rt->saddr.v6 = fl6.saddr;
	}
	rt->dst = dst;
	if (!rt->ttl)
		rt->ttl = ipv6_addr_is_multicast(&w->daddr.v6) ? 1 : ip6_dst_hoplimit(dst);
	return 0;
}

/* RFC 6040, 4.1: the outer header gets the inner one's ECN field as it is; RFC 2983: its DSCP, or a
 * fixed one.
 */
static u8 outer_tos(const struct way *w, const struct inner *in)
{
	u8 dscp = w->tos_inherit ? in->tos : w->tos;

	return (dscp & ~INET_ECN_MASK) | (in->tos & INET_ECN_MASK);
}

int sclp_route(struct sclp_dev *sd, const struct sclp_tx *tx, struct sk_buff *skb, __be16 sport,
	struct sclp_route *rt)
{
	struct way w = {};
	struct inner in;
	int err;

	if (tx->key)
		way_of_key(sd, tx->key, skb, &w);
	else
		way_of_remote(sd, tx->rdst, &w);
	inner_parse(skb, &in);
	rt->tos = outer_tos(&w, &in);
	rt->ttl = w.ttl_inherit && in.is_ip ? in.ttl : w.ttl;
	rt->df = w.df == SCLP_DF_SET || (w.df == SCLP_DF_INHERIT && in.df) ? htons(IP_DF) : 0;
	rt->flowlabel = w.flowlabel;
	rt->daddr = w.daddr;
	rt->udp_port = w.udp_port;
	if (skb->mark || (w.tos_inherit && in.tos & INET_DSCP_MASK))
		w.cache = NULL;

	if (w.daddr.family == AF_INET)
		err = route4(sd, &w, skb->mark, sport, rt);
	else if (w.daddr.family == AF_INET6)
		err = route6(sd, &w, skb->mark, sport, rt);
	else
		err = -EDESTADDRREQ;
	if (err)
		return err;
	if (rt->dst->dev == sd->dev) {
		dst_release(rt->dst);
		return -ELOOP;
	}
	rt->mtu = min_t(unsigned int, dst_mtu(rt->dst), IP_MAX_MTU);
	return 0;
}
