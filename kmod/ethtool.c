// SPDX-License-Identifier: GPL-2.0
/*
 * What `ethtool` shows of a device: the driver, and one counter for each cause of a drop and each
 * event.
 */
#include <linux/ethtool.h>
#include "dev_priv.h"

#define N_STATS (SCLP_N_DROP + SCLP_N_EVENT)

static void sclp_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, sclp_link_ops.kind, sizeof(info->driver));
}

static int sclp_get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *cmd)
{
	cmd->base.speed = SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

static int sclp_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? N_STATS : -EOPNOTSUPP;
}

static void sclp_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	unsigned int i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < N_STATS; i++)
		strscpy(data + i * ETH_GSTRING_LEN, sclp_stats_name(i), ETH_GSTRING_LEN);
}

static void sclp_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	struct sclp_dev *sd = netdev_priv(dev);

	sclp_stats_sum(sd->stats, data);
}

const struct ethtool_ops sclp_ethtool_ops = {
	.get_drvinfo = sclp_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = sclp_get_link_ksettings,
	.get_sset_count = sclp_get_sset_count,
	.get_strings = sclp_get_strings,
	.get_ethtool_stats = sclp_get_ethtool_stats,
};
