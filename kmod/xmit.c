// SPDX-License-Identifier: GPL-2.0
/*
 * From an Ethernet frame and a remote to a packet in the underlay.
 *
 * Theory of operation
 *
 *	sclp_xmit()	takes what the frame still owes (segmentation, checksum) into the metadata
 *	|		and makes it a string of bytes; what metadata cannot say is paid before,
 *	|		in xmit_settle()
 *	xmit_frame()	route; VXLAN and SCLP headers in one push; gso_size from the path MTU of
 *	|		this remote
 *	xmit_packet()	sum, marks for gso.c (its head says which and why), outer headers of the
 *			carrier; what the stack refuses is counted
 *
 * The frame goes down the stack whole and is cut as late as the stack can.  An IP packet ends at
 * 65,535 bytes, though, and a guest's super-frame is that long before there is any header of ours:
 * one too long is cut here into two, which are still parts of one SCLP frame and each cut again
 * below.
 *
 * Contexts: ndo_start_xmit, so RCU and bottom halves off.  A device down the route that leads back
 * to us is stopped by the stack's own recursion limit.
 */
#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/udp.h>
#include "again.h"
#include "compat.h"
#include "gso.h"
#include "hdr.h"
#include "inner.h"
#include "tx.h"

struct vxlan_bytes {
	__be32 flags_meta; /* flags (8), frame metadata (24) */
	__be32 vni;	   /* in the high 24 bits */
};

#define XMIT_VXLAN_I	0x08000000 /* the VNI is valid */
#define XMIT_VXLAN_META (SCLP_META_VXLAN_FLAG << 24)
#define XMIT_HLEN	(SCLP_HLEN + sizeof(struct vxlan_bytes))
#define XMIT_PLEN_MIN	8 /* of a segment; a path MTU that leaves less is an error of somebody's */

/* One frame on its way. */
struct xmit {
	struct sclp_dev *sd;
	struct sclp_route rt;
	__be16 sport;
	unsigned int outer_len; /* IP and UDP headers */
	unsigned int plen_max;	/* payload of a segment on this path */
	bool udp;
	bool again; /* a retransmission (again.c) */
};

static enum sclp_drop xmit_drop_reason(int err)
{
	switch (err) {
	case -ELOOP:
		return SCLP_DROP_TX_LOOP;
	case -EDESTADDRREQ:
		return SCLP_DROP_TX_NO_REMOTE;
	case -ENOMEM:
	case -ENOBUFS:
		return SCLP_DROP_TX_NO_MEMORY;
	case -EMSGSIZE:
		return SCLP_DROP_TX_TOO_BIG;
	case -EINVAL:
		return SCLP_DROP_TX_BAD_GSO;
	default:
		return SCLP_DROP_TX_NO_ROUTE;
	}
}

static u32 xmit_vni(const struct sclp_tx *tx)
{
	if (tx->key)
		return be64_to_cpu(tx->key->tun_id) & 0xffffff;
	return tx->rdst->vni;
}

/* A new number for each frame of this host, whatever its device and 4-tuple: a receiver tells by it
 * which of two frames of a flow was sent first, and frames of several devices may share a flow.
 */
static u32 xmit_new_id(struct sclp_dev *sd)
{
	return (u32)atomic_inc_return(&sclp_net(sd->net)->ident) & 0x7fffffff;
}

static void xmit_push_headers(const struct xmit *x, struct sk_buff *skb, u32 vni, u32 meta)
{
	struct vxlan_bytes *vx;
	struct sclp_hdr *sh;

	skb_set_inner_network_header(skb, 0); /* what the stack counts as ours begins here */
	sh = skb_push(skb, XMIT_HLEN);
	sh->source = x->sport;
	sh->dest = x->sd->conf.dstport;
	sh->id_first = sclp_hdr_make_id(xmit_new_id(x->sd), true);
	sh->remaining = 0;
	sh->check = 0;
	vx = (struct vxlan_bytes *)(sh + 1);
	vx->flags_meta = cpu_to_be32(XMIT_VXLAN_I | (meta ? XMIT_VXLAN_META | meta : 0));
	vx->vni = cpu_to_be32(vni << 8);
}

/* Marks @skb, SCLP header in front, for the stack. */
static void xmit_mark(const struct xmit *x, struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	const unsigned int plen = skb->len - SCLP_HLEN, n = DIV_ROUND_UP(plen, x->plen_max);
	const bool gso = n > 1;

	skb_reset_transport_header(skb);
	skb->csum_not_inet = 0;
	skb->csum_level = 0;
	si->gso_size = gso ? x->plen_max : 0;
	si->gso_segs = gso ? n : 0;
	si->gso_type = gso ? SCLP_GSO_TYPE : 0;
	if (gso && x->again) {
		si->gso_type |= SCLP_GSO_TWICE;
		si->gso_segs += sclp_gso_repeats(n);
		sclp_stats_event(x->sd->stats, SCLP_EV_TX_REPEATED, sclp_gso_repeats(n));
	}
	if (x->udp && gso) {
		si->gso_type |= SKB_GSO_UDP_TUNNEL_CSUM;
		skb->encapsulation = 1;
		skb_set_inner_mac_header(skb, 0);
		skb_set_inner_transport_header(skb, SCLP_HLEN);
		skb_set_inner_ipproto(skb, sclp_ip_proto());
	} else {
		skb->encapsulation = 0;
	}
	if (!x->udp && !(x->sd->conf.flags & SCLP_F_NO_CSUM))
		sclp_sum_owe(skb, (struct sclp_hdr *)skb->data);
	else
		skb->ip_summed = gso ? CHECKSUM_UNNECESSARY : CHECKSUM_NONE;
}

static void xmit_udp(const struct xmit *x, struct sk_buff *skb)
{
	const struct sclp_addr *from = &x->rt.saddr, *to = &x->rt.daddr;
	struct udphdr *uh = skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = x->sport;
	uh->dest = x->rt.udp_port;
	uh->len = htons(skb->len);
	if (to->family == AF_INET6)
		udp6_set_csum(false, skb, &from->v6, &to->v6, skb->len);
	else
		udp_set_csum(false, skb, from->v4, to->v4, skb->len);
}

/* As ip_local_out(). */
static int xmit_ip4(const struct xmit *x, struct sk_buff *skb)
{
	const struct sclp_route *rt = &x->rt;
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = rt->tos,
		.frag_off = ip_mtu_locked(rt->dst) ? 0 : rt->df,
		.ttl = rt->ttl,
		.protocol = x->udp ? IPPROTO_UDP : sclp_ip_proto(),
		.saddr = rt->saddr.v4,
		.daddr = rt->daddr.v4,
	};
	__ip_select_ident(x->sd->net, iph, skb_shinfo(skb)->gso_segs ?: 1);
	return ip_local_out(x->sd->net, NULL, skb);
}

/* IPv6: what tells flows of the IP carrier apart on the way, unless a label is set. */
static __be32 xmit_flowlabel(const struct xmit *x)
{
	return x->rt.flowlabel ?: cpu_to_be32(hash_32(be16_to_cpu(x->sport), 20));
}

/* As ip6_local_out(). */
static int xmit_ip6(const struct xmit *x, struct sk_buff *skb)
{
	const struct sclp_route *rt = &x->rt;
	struct ipv6hdr *ip6 = skb_push(skb, sizeof(*ip6));

	skb_reset_network_header(skb);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6_flow_hdr(ip6, rt->tos, xmit_flowlabel(x));
	ip6->payload_len = cpu_to_be16(skb->len - sizeof(*ip6));
	ip6->nexthdr = x->udp ? IPPROTO_UDP : sclp_ip_proto();
	ip6->hop_limit = rt->ttl;
	ip6->saddr = rt->saddr.v6;
	ip6->daddr = rt->daddr.v6;
	return ip6_local_out(x->sd->net, NULL, skb);
}

/* Takes @skb, SCLP header in front, and a reference to the route. */
static void xmit_packet(const struct xmit *x, struct sk_buff *skb)
{
	const int len = skb->len - skb_inner_network_offset(skb);
	struct sclp_dev *sd = x->sd;
	int err;

	xmit_mark(x, skb);
	skb_scrub_packet(skb, !net_eq(sd->net, dev_net(sd->dev)));
	skb_clear_hash_if_not_l4(skb);
	skb_dst_set(skb, x->rt.dst);
	if (x->udp)
		xmit_udp(x, skb);
	err = x->rt.daddr.family == AF_INET6 ? xmit_ip6(x, skb) : xmit_ip4(x, skb);
	if (unlikely(net_xmit_eval(err)))
		sclp_stats_drop(sd->stats, SCLP_DROP_TX_REFUSED);
	else
		dev_sw_netstats_tx_add(sd->dev, 1, max(len, 0)); /* a last one may be short */
}

/* Takes @skb, too long for one IP packet, and the reference to the route. */
static void xmit_parts(const struct xmit *x, struct sk_buff *skb)
{
	unsigned int room = IP_MAX_MTU - x->outer_len - SCLP_HLEN;
	struct sk_buff *parts, *part, *next;
	struct xmit rest = *x;

	rest.again = false; /* it is a long one: its first segment is to come again */
	skb_reset_mac_header(skb);
	skb->ip_summed = CHECKSUM_NONE;
	parts = sclp_gso_cut(skb, rounddown(room, x->plen_max));
	if (IS_ERR(parts)) {
		sclp_drop(x->sd->stats, skb, SCLP_DROP_TX_NO_MEMORY);
		dst_release(x->rt.dst);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(parts, part, next) {
		skb_mark_not_on_list(part);
		part->prev = NULL;
		if (next)
			dst_hold(x->rt.dst);
		xmit_packet(part == parts ? x : &rest, part);
	}
}

/* What follows from the route. */
static int xmit_set_path(struct xmit *x)
{
	x->outer_len = (x->rt.daddr.family == AF_INET6 ? sizeof(struct ipv6hdr)
						       : sizeof(struct iphdr)) +
		       (x->udp ? sizeof(struct udphdr) : 0);
	if (x->rt.mtu < x->outer_len + SCLP_HLEN + XMIT_PLEN_MIN)
		return -EMSGSIZE;
	x->plen_max = x->rt.mtu - x->outer_len - SCLP_HLEN;
	return 0;
}

/* For all that goes in front of the SCLP header. */
static unsigned int xmit_room(const struct xmit *x)
{
	return LL_RESERVED_SPACE(x->rt.dst->dev) + x->rt.dst->header_len + x->outer_len;
}

static int xmit_path(struct xmit *x, const struct sclp_tx *tx, struct sk_buff *skb)
{
	int err = sclp_route(x->sd, tx, skb, x->udp ? x->sport : 0, &x->rt);
	unsigned int len;

	if (err)
		return err;
	err = xmit_set_path(x);
	if (err)
		goto release;
	/* `remaining` of the first segment has 16 bits; and receivers have a bound. */
	len = skb->len + sizeof(struct vxlan_bytes);
	if (len > x->plen_max + U16_MAX || len > SCLP_SEGS_MAX * x->plen_max) {
		err = -EMSGSIZE;
		goto release;
	}
	err = skb_cow_head(skb, xmit_room(x) + XMIT_HLEN);
	if (err)
		goto release;
	return 0;

release:
	dst_release(x->rt.dst);
	return err;
}

void sclp_xmit_again(
	struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_route *rt, __be16 sport)
{
	const bool udp = sd->conf.carrier == SCLP_CARRIER_UDP;
	struct xmit x = { .sd = sd, .udp = udp, .rt = *rt, .sport = sport };

	xmit_set_path(&x);
	skb_set_inner_network_header(skb, XMIT_HLEN);
	sclp_stats_event(sd->stats, SCLP_EV_TX_REPEATED, 1);
	xmit_packet(&x, skb);
}

/* Device and remote, in a number: a frame that goes to several remotes is sent once to each. */
static u32 xmit_way(const struct xmit *x)
{
	const struct sclp_addr *to = &x->rt.daddr;
	const u32 addr = to->family == AF_INET6 ? ipv6_addr_hash(&to->v6) : (__force u32)to->v4;

	return jhash_2words(addr, x->sd->dev->ifindex, 0);
}

/* Takes @skb, which owes nothing but what @meta says.  @in: its headers, or NULL. */
static void xmit_frame(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_tx *tx, u32 meta,
	const struct sclp_inner *in)
{
	struct xmit x = { .sd = sd, .udp = sd->conf.carrier == SCLP_CARRIER_UDP };
	bool tcp = in && in->proto == IPPROTO_TCP;
	int err;

	/* its range is without the upper end */
	x.sport = udp_flow_src_port(sd->net, skb, sd->conf.sport_min, sd->conf.sport_max + 1, true);
	err = xmit_path(&x, tx, skb);
	if (err) {
		sclp_drop(sd->stats, skb, xmit_drop_reason(err));
		return;
	}
	x.again = tcp && sclp_is_again(sclp_net(sd->net), skb, in, xmit_way(&x));
	if (x.again)
		sclp_tails_watch(&sd->tails);
	xmit_push_headers(&x, skb, xmit_vni(tx), meta);
	sclp_stats_event(sd->stats, SCLP_EV_TX_FRAMES, 1);
	if (skb->len - SCLP_HLEN > x.plen_max) {
		sclp_stats_event(sd->stats, SCLP_EV_TX_SEGMENTED, 1);
		if (tcp && sclp_tails_watched(&sd->tails))
			sclp_tail_keep(sd, skb, x.plen_max, xmit_room(&x), &x.rt, x.sport);
	}
	if (likely(skb->len + x.outer_len <= IP_MAX_MTU))
		xmit_packet(&x, skb);
	else
		xmit_parts(&x, skb);
}

/* Has the stack pay what @skb owes, one frame or, segmented, a list of them.  Takes @skb; NULL:
 * dropped.
 */
static struct sk_buff *xmit_settle(
	struct sclp_dev *sd, struct sk_buff *skb, netdev_features_t features)
{
	if (skb_is_gso(skb)) {
		struct sk_buff *segs = skb_gso_segment(skb, features);

		if (IS_ERR_OR_NULL(segs)) {
			sclp_drop(sd->stats, skb, SCLP_DROP_TX_BAD_GSO);
			return NULL;
		}
		consume_skb(skb);
		return segs;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, features)) {
		sclp_drop(sd->stats, skb, SCLP_DROP_TX_BAD_GSO);
		return NULL;
	}
	return skb;
}

/* A frame that owes at most a sum. */
static void xmit_plain(
	struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_tx *tx, bool meta_ok)
{
	struct sclp_inner in;
	u32 meta = 0;

	if (meta_ok && !sclp_meta_take(skb, &meta, &in)) {
		xmit_frame(sd, skb, tx, meta, &in);
		return;
	}
	skb = xmit_settle(sd, skb, 0);
	if (skb)
		xmit_frame(sd, skb, tx, 0, NULL);
}

void sclp_xmit(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_tx *tx)
{
	bool meta_ok = !(sd->conf.flags & SCLP_F_NO_META);
	struct sk_buff *segs, *next;
	struct sclp_inner in;
	u32 meta;
	int err;

	if (!skb_is_gso(skb)) {
		xmit_plain(sd, skb, tx, meta_ok);
		return;
	}
	err = meta_ok ? sclp_meta_take(skb, &meta, &in) : -EINVAL;
	if (!err) {
		xmit_frame(sd, skb, tx, meta, &in);
		return;
	}
	if (err != -EINVAL) {
		sclp_drop(sd->stats, skb, xmit_drop_reason(err));
		return;
	}
	segs = xmit_settle(sd, skb, NETIF_F_SG | (meta_ok ? NETIF_F_HW_CSUM : 0));
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		skb->prev = NULL;
		xmit_plain(sd, skb, tx, meta_ok);
	}
}
