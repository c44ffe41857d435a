/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this module is built for, and nothing else.
 */
#ifndef _SCLP_COMPAT_H
#define _SCLP_COMPAT_H

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/version.h>
#include <net/ip_tunnels.h>
#include <net/netlink.h>

/* 6.7: ndo_fdb_del_bulk() gets the message as it came.  Makes of flush(dev, ndm, tb, extack) the ndo @name. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define SCLP_FDB_DEL_BULK(name, flush)                                                           \
	static int name(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev, u16 vid, \
			struct netlink_ext_ack *extack)                                          \
	{                                                                                        \
		return flush(dev, ndm, tb, extack);                                              \
	}
#else
#define SCLP_FDB_DEL_BULK(name, flush)                                                           \
	static int name(struct nlmsghdr *nlh, struct net_device *dev,                            \
			struct netlink_ext_ack *extack)                                          \
	{                                                                                        \
		static const struct nla_policy policy[NDA_MAX + 1] = {                           \
			[NDA_NDM_STATE_MASK] = { .type = NLA_U16 },                              \
			[NDA_NDM_FLAGS_MASK] = { .type = NLA_U8 },                               \
		};                                                                               \
		struct nlattr *tb[NDA_MAX + 1];                                                  \
		int err = nlmsg_parse(nlh, sizeof(struct ndmsg), tb, NDA_MAX, policy, extack);   \
                                                                                                 \
		return err ? err : flush(dev, nlmsg_data(nlh), tb, extack);                      \
	}
#endif

/* 6.10: tunnel flags are a bitmap. */
static inline void sclp_tunnel_key_set_id(struct ip_tunnel_key *key)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	key->tun_flags |= TUNNEL_KEY;
#else
	__set_bit(IP_TUNNEL_KEY_BIT, key->tun_flags);
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

#endif
