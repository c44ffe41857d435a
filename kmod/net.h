/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a network namespace holds: its devices by VNI, its carriers' sockets, the frames under
 * reassembly, counters of what no device can count, limits.
 */
#ifndef _SCLP_NET_H
#define _SCLP_NET_H

#include <linux/hashtable.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "peers.h"
#include "stats.h"

#define SCLP_VNI_HASH_BITS 8
#define SCLP_TCP_ENDS	   1024
#define SCLP_WHOLES	   256

enum sclp_carrier {
	SCLP_CARRIER_IP,
	SCLP_CARRIER_UDP,
	SCLP_N_CARRIERS
};

struct sclp_reasm; /* reasm.c */
struct sclp_dev;

/* Limits that sysctl net.sclp.* shows and sets; read with READ_ONCE(). */
struct sclp_limits {
	int reasm_ms;		     /* default 100 */
	int reasm_max_frames;	     /* in all */
	int reasm_max_frames_remote; /* of one source address */
	int reasm_max_kib;	     /* memory (truesize) in all */
	int reorder;	   /* segments completed behind a frame before it is given up; 0: never */
	int recover;	   /* 1: deliver the parts of a TCP frame that arrived */
	int allow_no_csum; /* 1: IP carrier segments with checksum 0 are accepted */
};

struct sclp_net {
	struct net *net;
	struct list_head devs;			       /* RTNL */
	DECLARE_HASHTABLE(by_vni, SCLP_VNI_HASH_BITS); /* RCU read, RTNL write */
	DECLARE_HASHTABLE(
		by_port, SCLP_VNI_HASH_BITS); /* those with a dstport of their own; same */
	struct list_head socks;		      /* carrier_udp.c; RTNL */
	/* By carrier: remotes of any device, and how many devices take frames from anybody (RTNL).
	 */
	struct sclp_peers peers[SCLP_N_CARRIERS];
	int n_open[SCLP_N_CARRIERS];
	struct sclp_reasm __rcu *reasm;
	struct sclp_stats __percpu *stats;
	u64 *tcp_ends; /* again.c: hash of a flow << 32 | its highest sequence number */
	/* rcv.c: of frames that came whole the last ones, in one word each */
	u64 wholes[SCLP_WHOLES];
	u32 seed;
	atomic_t ident; /* of the last frame sent; starts at random */
	struct sclp_limits limits;
	struct ctl_table_header *sysctl;
};

void sclp_limits_init(struct sclp_limits *lim); /* the defaults */

/* sysctl.c: sets the defaults of sn->limits and shows net.sclp.*; proc.c: /proc/net/sclp. */
int sclp_sysctl_open(struct sclp_net *sn);
void sclp_sysctl_close(struct sclp_net *sn);
int sclp_proc_open(struct sclp_net *sn);
void sclp_proc_close(struct sclp_net *sn);

extern unsigned int sclp_net_id;

static inline struct sclp_net *sclp_net(const struct net *net)
{
	return net_generic(net, sclp_net_id);
}

int sclp_net_register(void); /* pernet subsystem; devices of a dying namespace go with it */
void sclp_net_unregister(void);

#endif
