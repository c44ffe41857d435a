/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this module is built for, and nothing else.
 */
#ifndef _SCLP_COMPAT_H
#define _SCLP_COMPAT_H

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/gro.h>
#include <net/ip_tunnels.h>
#include <net/netlink.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h> /* was in netdevice.h */
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <linux/skbuff_ref.h> /* was in skbuff.h */
#endif
#include "fdb.h"

/* 6.10: tunnel flags are a bitmap. */
static inline void sclp_tunnel_key_set_id(struct ip_tunnel_key *key)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	key->tun_flags |= TUNNEL_KEY;
#else
	__set_bit(IP_TUNNEL_KEY_BIT, key->tun_flags);
#endif
}

static inline bool sclp_tunnel_key_df(const struct ip_tunnel_key *key)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return key->tun_flags & TUNNEL_DONT_FRAGMENT;
#else
	return test_bit(IP_TUNNEL_DONT_FRAGMENT_BIT, key->tun_flags);
#endif
}

/* 6.5: one call fills a fragment. */
static inline void sclp_frag_fill(
	skb_frag_t *frag, struct page *page, unsigned int off, unsigned int size)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, off);
	skb_frag_size_set(frag, size);
#else
	skb_frag_fill_page_desc(frag, page, off, size);
#endif
}

/*
 * Does the IP header before @sh, at @off of @skb in GRO, differ too much from the one before @sh2,
 * of @p held there, to be rebuilt when @p is cut again?  A source sends IDs that count up or, with
 * DF, one and the same.  Below UDP, IDs of packets with DF say nothing, as for every UDP tunnel.
 */
static inline bool sclp_gro_network_differs(
	const struct sk_buff *skb, int off, const void *sh, struct sk_buff *p, const void *sh2)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	u16 flush_id = NAPI_GRO_CB(p)->flush_id;

	if (NAPI_GRO_CB(p)->flush)
		return true;
	if (!NAPI_GRO_CB(p)->is_atomic)
		return flush_id;
	if (NAPI_GRO_CB(skb)->is_fou)
		return false;
	if (flush_id != 1 || NAPI_GRO_CB(p)->count != 1)
		return flush_id;
	NAPI_GRO_CB(p)->is_atomic = false;
	return false;
#else
	/* is_fou: our own UDP header, else a tunnel that we are in; its header is an outer one then
	 */
	const bool fou = NAPI_GRO_CB(skb)->is_fou, in_tunnel = !fou && NAPI_GRO_CB(skb)->encap_mark;

	return NAPI_GRO_CB(p)->flush ||
	       __gro_receive_network_flush(
		       sh, sh2, p, off - NAPI_GRO_CB(skb)->network_offset, fou || in_tunnel) ||
	       (in_tunnel && __gro_receive_network_flush(sh, sh2, p,
				     off - NAPI_GRO_CB(skb)->inner_network_offset, false));
#endif
}

/* All of @p's segments had the same IP ID. */
static inline bool sclp_gro_fixed_id(const struct sk_buff *p)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return NAPI_GRO_CB(p)->is_atomic;
#else
	return NAPI_GRO_CB(p)->ip_fixedid;
#endif
}

/* 6.12: "takes no transmit lock" is no longer a feature. */
static inline void sclp_netdev_lockless(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* 6.6: tables are registered with their size, not with an empty entry at the end. */
static inline struct ctl_table_header *sclp_compat_register_sysctl(
	struct net *net, const char *path, struct ctl_table *table, size_t n)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return register_net_sysctl(net, path, table);
#else
	return register_net_sysctl_sz(net, path, table, n);
#endif
}

/* 6.7: ndo_fdb_del_bulk() gets the message as it came. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline int sclp_compat_fdb_del_bulk(struct ndmsg *ndm, struct nlattr *tb[],
	struct net_device *dev, u16 vid, struct netlink_ext_ack *extack)
{
	return sclp_fdb_flush(dev, ndm, tb, extack);
}
#else
static inline int sclp_compat_fdb_del_bulk(
	struct nlmsghdr *nlh, struct net_device *dev, struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[NDA_MAX + 1] = {
		[NDA_NDM_STATE_MASK] = { .type = NLA_U16 },
		[NDA_NDM_FLAGS_MASK] = { .type = NLA_U8 },
	};
	struct nlattr *tb[NDA_MAX + 1];
	int err = nlmsg_parse(nlh, sizeof(struct ndmsg), tb, NDA_MAX, policy, extack);

	return err ? err : sclp_fdb_flush(dev, nlmsg_data(nlh), tb, extack);
}
#endif

#endif
