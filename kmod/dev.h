/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tunnel device: what is configured, what is counted.  dev.c (net_device_ops), netlink.c
 * (rtnl kind "sclp"), fdb.c (where to), mdst.c (metadata mode), ethtool.c.
 */
#ifndef _SCLP_DEV_H
#define _SCLP_DEV_H

#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <net/dst_cache.h>
#include <net/gro_cells.h>
#include <net/ip_tunnels.h>
#include "net.h"
#include "tail.h"

/* An address of either family. */
struct sclp_addr {
	sa_family_t family; /* AF_INET, AF_INET6; AF_UNSPEC: not set */
	union {
		__be32 v4;
		struct in6_addr v6;
	};
};

enum sclp_df {
	SCLP_DF_SET,
	SCLP_DF_UNSET,
	SCLP_DF_INHERIT
};

/* What `ip link add` says.  Written under RTNL, read under RCU or with READ_ONCE(). */
struct sclp_conf {
	u32 vni; /* 24 bits, host order */
	enum sclp_carrier carrier;
	__be16 dstport;	 /* of the frame: SCLP_PORT_VXLAN */
	__be16 udp_port; /* of the UDP carrier: SCLP_UDP_PORT */
	u16 sport_min, sport_max;
	struct sclp_addr local, remote;
	int link; /* ifindex of the lower device, 0: any */
	u8 ttl;	  /* 0: of the route, else fixed; see SCLP_F_TTL_INHERIT */
	u8 tos;	  /* 1: inherit from the inner packet */
	__be32 flowlabel;
	enum sclp_df df;
	u32 flags;	      /* SCLP_F_* */
	u32 addrmax;	      /* FDB entries at most; 0: no bound (the default is 65536) */
	unsigned long ageing; /* seconds, 0: never */
};

#define SCLP_F_LEARN	   BIT(0)
#define SCLP_F_EXTERNAL	   BIT(1) /* metadata mode */
#define SCLP_F_TTL_INHERIT BIT(2)
#define SCLP_F_NO_CSUM	   BIT(3) /* IP carrier: send checksum 0 */
#define SCLP_F_NO_META	   BIT(4) /* send plain VXLAN: debts are paid before (2015 receivers) */

#define SCLP_F_OPEN (SCLP_F_LEARN | SCLP_F_EXTERNAL) /* takes frames from anybody */

/* One remote of an FDB entry.  Freed after RCU. */
struct sclp_rdst {
	struct sclp_addr remote;
	u32 vni;
	int ifindex;	       /* 0: conf.link */
	__be16 udp_port;       /* 0: conf.udp_port */
	bool learnt;	       /* by the data path, not configured */
	struct list_head list; /* RCU */
	struct rcu_head rcu;
	struct dst_cache dst_cache;
};

struct sclp_dev {
	struct net_device *dev;
	struct net *net;	    /* where the outer packets live; may differ from dev_net(dev) */
	struct hlist_node vni_node; /* sclp_net.by_vni */
	struct hlist_node port_node; /* sclp_net.by_port */
	struct list_head next;	     /* sclp_net.devs */
	struct sclp_conf conf;
	struct net_device *lower; /* of conf.link, linked as its lower device; RTNL */
	struct sclp_stats __percpu *stats;
	struct gro_cells gro_cells;
	struct sclp_udp_sock *sock4, *sock6; /* carrier_udp.c */
	struct sclp_fdb *fdb;		     /* fdb.c owns the type */
	struct sclp_tails tails;
	int open; /* 1: counted in sclp_net.n_open; RTNL */
};

static inline struct sclp_peers *sclp_net_peers(const struct sclp_dev *sd)
{
	return &sclp_net(sd->net)->peers[sd->conf.carrier];
}

/* Under RCU: may frames with this SCLP destination port hold what a device of @sn takes? */
bool sclp_dev_takes_port(const struct sclp_net *sn, __be16 port);

/* Under RCU: the device of this VNI and carrier in @net, or NULL; an `external` one takes
 * any VNI.
 */
struct sclp_dev *sclp_dev_lookup(struct sclp_net *sn, u32 vni, enum sclp_carrier carrier);

/* rcv.c hands an Ethernet frame up: skb->data is its MAC header, metadata was taken, ECN of the
 * outer header is in `rx`.  Learns, counts, gives it to gro_cells (or netif_rx for GSO frames).
 * Takes skb.
 */
struct sclp_rx;
void sclp_dev_rcv(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_rx *rx);

/* fdb.c: RCU.  Where a frame for @mac goes: the entry's list of remotes, or NULL (then those of the
 * all-zero entry get it; `remote` of the device is one of them).
 */
struct list_head *sclp_fdb_remotes(struct sclp_dev *sd, const u8 *mac);

/* fdb.c: RCU.  Was @addr configured as a remote of @sd: by `remote`, or in any FDB entry that was
 * not learnt?
 */
bool sclp_dev_has_remote(const struct sclp_dev *sd, const struct sclp_addr *addr);

extern struct rtnl_link_ops sclp_link_ops; /* netlink.c */

/* main.c: the kind "sclp" and the notifier for lower devices.  After the namespaces were
 * registered; sclp_dev_unregister() before they are unregistered: it removes every device.
 */
int sclp_dev_register(void);
void sclp_dev_unregister(void);

/* net.c, exit_batch, under RTNL: queues for unregister_netdevice_many() the devices whose outer
 * packets live in @sn, wherever they themselves were moved.
 */
void sclp_dev_net_exit(struct sclp_net *sn, struct list_head *kill);

#endif
