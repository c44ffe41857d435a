// SPDX-License-Identifier: GPL-2.0
#include <net/dst_metadata.h>
#include "compat.h"
#include "mdst.h"
#include "tx.h"

void sclp_mdst_xmit(struct sclp_dev *sd, struct sk_buff *skb)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	struct sclp_tx tx = {};

	if (!info || !(info->mode & IP_TUNNEL_INFO_TX)) {
		sclp_drop(sd->stats, skb, SCLP_DROP_TX_NO_REMOTE);
		return;
	}
	tx.key = &info->key;
	sclp_xmit(sd, skb, &tx);
}

int sclp_mdst_rcv(struct sk_buff *skb, const struct sclp_rx *rx)
{
	struct metadata_dst *md = tun_rx_dst(0);
	struct ip_tunnel_info *info;

	if (!md)
		return -ENOMEM;
	info = &md->u.tun_info;
	memset(&info->key, 0, sizeof(info->key));
	info->key.tun_id = key32_to_tunnel_id(cpu_to_be32(rx->vni));
	info->key.tos = rx->tos;
	info->key.ttl = rx->ttl;
	info->key.tp_src = rx->udp_source;
	info->key.tp_dst = rx->udp_dest;
	sclp_tunnel_key_set_id(&info->key);
	if (rx->saddr.family == AF_INET6) {
		info->mode |= IP_TUNNEL_INFO_IPV6;
		info->key.u.ipv6.src = rx->saddr.v6;
		info->key.u.ipv6.dst = rx->daddr.v6;
	} else {
		info->key.u.ipv4.src = rx->saddr.v4;
		info->key.u.ipv4.dst = rx->daddr.v4;
	}
	skb_dst_set(skb, &md->dst);
	return 0;
}

int sclp_mdst_fill(struct net_device *dev, struct sk_buff *skb)
{
	struct ip_tunnel_info *info = skb_tunnel_info(skb);
	struct sclp_dev *sd = netdev_priv(dev);
	struct sclp_tx tx = {};
	struct sclp_route rt;
	int err;

	tx.key = &info->key;
	rcu_read_lock();
	err = sclp_route(sd, &tx, skb, 0, &rt);
	rcu_read_unlock();
	if (err)
		return err;
	if (rt.saddr.family == AF_INET6)
		info->key.u.ipv6.src = rt.saddr.v6;
	else
		info->key.u.ipv4.src = rt.saddr.v4;
	dst_release(rt.dst);
	return 0;
}
