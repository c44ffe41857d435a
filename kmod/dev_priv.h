/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between dev.c, netlink.c and ethtool.c: making and removing a device.  All under RTNL.
 */
#ifndef _SCLP_DEV_PRIV_H
#define _SCLP_DEV_PRIV_H

#include "dev.h"

void sclp_dev_setup(struct net_device *dev);

/* Would a device of @conf stand in the way of one that is there? */
bool sclp_dev_exists(struct net *net, const struct sclp_conf *conf);

/* From here on frames find @sd, until sclp_dev_queue() takes it out of its namespace and queues it
 * for unregister_netdevice_many().
 */
void sclp_dev_publish(struct sclp_dev *sd);
void sclp_dev_queue(struct sclp_dev *sd, struct list_head *kill);

/* Of a published device. */
void sclp_dev_set_flags(struct sclp_dev *sd, u32 flags);

/* @lower: NULL where it may be any. */
void sclp_dev_set_headroom(struct sclp_dev *sd, const struct net_device *lower);

extern const struct ethtool_ops sclp_ethtool_ops;

#endif
