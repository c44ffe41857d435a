/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The forwarding data base of a device: which remotes a MAC address stands behind.  dev.c learns
 * and looks up, netlink.c sets the default remote, `bridge fdb` comes through the ndo_fdb_*
 * functions.
 */
#ifndef _SCLP_FDB_H
#define _SCLP_FDB_H

#include "dev.h"

/* RTNL.  close: no reader can be left, a grace period after the device was unpublished. */
int sclp_fdb_open(struct sclp_dev *sd);
void sclp_fdb_close(struct sclp_dev *sd);

/* RTNL: the device goes up (ageing begins), goes down (ageing ends, what was learnt
 * is forgotten).
 */
void sclp_fdb_start(struct sclp_dev *sd);
void sclp_fdb_stop(struct sclp_dev *sd);

/* RTNL: conf.ageing changed; something changed that routes depend on. */
void sclp_fdb_age_now(struct sclp_dev *sd);
void sclp_fdb_reset_routes(struct sclp_dev *sd);

/* RTNL: in the all-zero entry, puts @to in the place of @from; either may be of AF_UNSPEC. */
int sclp_fdb_set_default(
	struct sclp_dev *sd, const struct sclp_addr *from, const struct sclp_addr *to);

/* Softirq, RCU: a frame of @mac came from @remote.  False: a static entry says that it stands
 * elsewhere.
 */
bool sclp_fdb_learn(struct sclp_dev *sd, const u8 *mac, const struct sclp_addr *remote, int iif);

int sclp_fdb_add(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, u16 flags, struct netlink_ext_ack *extack);
int sclp_fdb_del(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, struct netlink_ext_ack *extack);
int sclp_fdb_flush(struct net_device *dev, const struct ndmsg *ndm, struct nlattr *tb[],
	struct netlink_ext_ack *extack);
int sclp_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb, struct net_device *dev,
	struct net_device *filter_dev, int *idx);
int sclp_fdb_get(struct sk_buff *skb, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, u32 portid, u32 seq, struct netlink_ext_ack *extack);

#endif
