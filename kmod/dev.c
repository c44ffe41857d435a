// SPDX-License-Identifier: GPL-2.0
/*
 * The tunnel device.
 *
 * Theory of operation: a device is in two places at once.  It belongs to a namespace like any other
 * and may be moved; its outer packets stay in the namespace it was made in (sd->net), whose
 * sclp_net finds it by VNI and carrier.  It is found from the time it is registered, up or not.
 * Three-step removal: sclp_dev_queue() takes it out of sclp_net; unregistering waits for a grace
 * period; sclp_dev_uninit() frees. Frames that came are handed up through one queue for each CPU
 * (gro_cells), super-frames and small ones alike: two queues would let them overtake each other.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>
#include <sclp.h>
#include <sclp_link.h>
#include "compat.h"
#include "dev_priv.h"
#include "fdb.h"
#include "mdst.h"
#include "rx.h"
#include "tx.h"

/* Outer headers at most: IPv6, UDP, SCLP, VXLAN. */
#define SCLP_DEV_OVERHEAD (40 + 8 + SCLP_HLEN + 8)

#define SCLP_DEV_FEATURES                                                                          \
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_TSO |          \
		NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_TSO_MANGLEID | NETIF_F_GSO_UDP_L4)

/* In by_vni, devices that take any VNI stand under a number that is none. */
#define SCLP_VNI_ANY (SCLP_VNI_MAX + 1)

static u32 dev_hash_key(const struct sclp_conf *conf)
{
	return conf->flags & SCLP_F_EXTERNAL ? SCLP_VNI_ANY : conf->vni;
}

static struct sclp_dev *dev_find(struct sclp_net *sn, u32 key, enum sclp_carrier carrier)
{
	struct sclp_dev *sd;

	hash_for_each_possible_rcu(sn->by_vni, sd, vni_node, key, lockdep_rtnl_is_held()) {
		if (dev_hash_key(&sd->conf) == key && sd->conf.carrier == carrier)
			return sd;
	}
	return NULL;
}

struct sclp_dev *sclp_dev_lookup(struct sclp_net *sn, u32 vni, enum sclp_carrier carrier)
{
	struct sclp_dev *sd = dev_find(sn, vni, carrier);

	return sd ?: dev_find(sn, SCLP_VNI_ANY, carrier);
}

bool sclp_dev_takes_port(const struct sclp_net *sn, __be16 port)
{
	const struct sclp_dev *sd;

	if (likely(port == htons(SCLP_PORT_VXLAN)))
		return true;
	hash_for_each_possible_rcu(sn->by_port, sd, port_node, (__force u16)port) {
		if (sd->conf.dstport == port)
			return true;
	}
	return false;
}

bool sclp_dev_exists(struct net *net, const struct sclp_conf *conf)
{
	return dev_find(sclp_net(net), dev_hash_key(conf), conf->carrier);
}

/* A frame for each remote, the last of them the skb itself. */
static void dev_xmit_remotes(
	struct sclp_dev *sd, struct sk_buff *skb, const struct list_head *remotes)
{
	struct sclp_rdst *rd, *first = NULL;
	struct sclp_tx tx = {};
	struct sk_buff *copy;

	list_for_each_entry_rcu(rd, remotes, list) {
		if (!first) {
			first = rd;
			continue;
		}
		copy = skb_clone(skb, GFP_ATOMIC);
		if (!copy) {
			sclp_stats_drop(sd->stats, SCLP_DROP_TX_NO_MEMORY);
			continue;
		}
		tx.rdst = rd;
		sclp_xmit(sd, copy, &tx);
	}
	if (!first) {
		sclp_drop(sd->stats, skb, SCLP_DROP_TX_NO_REMOTE);
		return;
	}
	tx.rdst = first;
	sclp_xmit(sd, skb, &tx);
}

static void dev_xmit_fdb(struct sclp_dev *sd, struct sk_buff *skb)
{
	static const u8 flood[ETH_ALEN] __aligned(2);
	const struct list_head *remotes;

	if (!pskb_may_pull(skb, ETH_HLEN)) {
		sclp_drop(sd->stats, skb, SCLP_DROP_TX_SHORT);
		return;
	}
	remotes = sclp_fdb_remotes(sd, ((struct ethhdr *)skb->data)->h_dest);
	if (!remotes)
		remotes = sclp_fdb_remotes(sd, flood);
	if (!remotes) {
		sclp_drop(sd->stats, skb, SCLP_DROP_TX_NO_REMOTE);
		return;
	}
	dev_xmit_remotes(sd, skb, remotes);
}

static netdev_tx_t ndo_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct sclp_dev *sd = netdev_priv(dev);

	skb_reset_mac_header(skb);
	rcu_read_lock();
	if (sd->conf.flags & SCLP_F_EXTERNAL)
		sclp_mdst_xmit(sd, skb);
	else
		dev_xmit_fdb(sd, skb);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/* Where the network header is, behind VLAN tags; and of what protocol. */
static __be16 rcv_network_offset(struct sk_buff *skb, unsigned int *off)
{
	__be16 proto = skb->protocol;
	unsigned int n_tags;
	struct vlan_hdr *vh;

	*off = 0;
	for (n_tags = 0; n_tags < 2 && eth_type_vlan(proto); n_tags++) {
		if (!pskb_may_pull(skb, *off + VLAN_HLEN))
			return 0;
		vh = (struct vlan_hdr *)(skb->data + *off);
		proto = vh->h_vlan_encapsulated_proto;
		*off += VLAN_HLEN;
	}
	return proto;
}

static void rcv_ecn_set(struct sk_buff *skb, unsigned int off, bool v6, bool ce)
{
	void *iph = skb->data + off;

	if (v6 && ce)
		IP6_ECN_set_ce(skb, iph);
	else if (v6)
		IP6_ECN_set_ect1(skb, iph);
	else if (ce)
		IP_ECN_set_ce(iph);
	else
		IP_ECN_set_ect1(iph);
}

/* RFC 6040, section 4.2: what the outer ECN field says goes into the inner one.  skb->data is
 * behind the Ethernet header.
 */
static int rcv_ecn(struct sk_buff *skb, u8 outer)
{
	unsigned int off, hlen;
	bool v6, ce = false;
	__be16 proto;
	u8 inner;

	if (INET_ECN_is_not_ect(outer))
		return 0;
	proto = rcv_network_offset(skb, &off);
	if (proto != htons(ETH_P_IP) && proto != htons(ETH_P_IPV6))
		return 0;
	v6 = proto == htons(ETH_P_IPV6);
	hlen = v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	if (!pskb_may_pull(skb, off + hlen))
		return 0;
	inner = v6 ? ipv6_get_dsfield((struct ipv6hdr *)(skb->data + off))
		   : ((struct iphdr *)(skb->data + off))->tos;
	switch (__INET_ECN_decapsulate(outer, inner, &ce)) {
	case 0:
		break;
	case 1:
		return 0;
	default:
		return -EINVAL;
	}
	if (!ce && (outer & INET_ECN_MASK) != INET_ECN_ECT_1)
		return 0;
	if (skb_ensure_writable(skb, off + hlen))
		return -ENOMEM;
	rcv_ecn_set(skb, off, v6, ce);
	return 0;
}

/* Why a frame is not taken, or SCLP_N_DROP.  skb->data is the MAC header. */
static enum sclp_drop rcv_check(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_rx *rx)
{
	const struct ethhdr *eth;

	if (!(sd->dev->flags & IFF_UP))
		return SCLP_DROP_RX_DOWN;
	if (!pskb_may_pull(skb, ETH_HLEN))
		return SCLP_DROP_RX_SHORT;
	eth = (struct ethhdr *)skb->data;
	if (ether_addr_equal(eth->h_source, sd->dev->dev_addr))
		return SCLP_DROP_RX_OWN;
	if (READ_ONCE(sd->conf.flags) & SCLP_F_LEARN && is_valid_ether_addr(eth->h_source) &&
		!sclp_fdb_learn(sd, eth->h_source, &rx->saddr, rx->iif))
		return SCLP_DROP_RX_MOVED_STATIC;
	return SCLP_N_DROP;
}

/* Takes off what the outer packet left on the skb and makes it a frame of the device. */
static void rcv_enter(struct sclp_dev *sd, struct sk_buff *skb)
{
	skb_scrub_packet(skb, !net_eq(sd->net, dev_net(sd->dev)));
	skb_clear_hash_if_not_l4(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	skb->encapsulation = 0;
	skb->protocol = eth_type_trans(skb, sd->dev);
	skb_reset_network_header(skb);
}

/* Hands up.  A shared head would go another way than the queue, and overtake. */
static void rcv_deliver(struct sclp_dev *sd, struct sk_buff *skb)
{
	unsigned int len = skb->len;

	if (skb_unclone(skb, GFP_ATOMIC)) {
		sclp_drop(sd->stats, skb, SCLP_DROP_RX_NO_MEMORY);
		return;
	}
	if (gro_cells_receive(&sd->gro_cells, skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(sd->dev, len);
	else
		sclp_stats_drop(sd->stats, SCLP_DROP_RX_QUEUE_FULL);
}

void sclp_dev_rcv(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_rx *rx)
{
	enum sclp_drop why = rcv_check(sd, skb, rx);
	int err;

	if (why != SCLP_N_DROP) {
		sclp_drop(sd->stats, skb, why);
		return;
	}
	rcv_enter(sd, skb);
	err = rcv_ecn(skb, rx->tos);
	if (!err && sd->conf.flags & SCLP_F_EXTERNAL)
		err = sclp_mdst_rcv(skb, rx);
	if (err)
		sclp_drop(
			sd->stats, skb, err == -ENOMEM ? SCLP_DROP_RX_NO_MEMORY : SCLP_DROP_RX_ECN);
	else
		rcv_deliver(sd, skb);
}

static int ndo_init(struct net_device *dev)
{
	struct sclp_dev *sd = netdev_priv(dev);
	int err;

	sclp_tails_init(sd);
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	sd->stats = netdev_alloc_pcpu_stats(struct sclp_stats);
	if (!dev->tstats || !sd->stats) {
		err = -ENOMEM;
		goto err_stats;
	}
	err = sclp_fdb_open(sd);
	if (err)
		goto err_stats;
	err = gro_cells_init(&sd->gro_cells, dev);
	if (err)
		goto err_fdb;
	return 0;

err_fdb:
	sclp_fdb_close(sd);
err_stats:
	free_percpu(sd->stats);
	free_percpu(dev->tstats);
	return err;
}

static void ndo_uninit(struct net_device *dev)
{
	struct sclp_dev *sd = netdev_priv(dev);

	gro_cells_destroy(&sd->gro_cells);
	sclp_fdb_close(sd);
	free_percpu(sd->stats);
	free_percpu(dev->tstats);
}

static int ndo_open(struct net_device *dev)
{
	struct sclp_dev *sd = netdev_priv(dev);
	int err = sclp_carrier_udp_open(sd);

	if (err)
		return err;
	sclp_fdb_start(sd);
	sclp_tails_start(sd);
	return 0;
}

static int ndo_stop(struct net_device *dev)
{
	struct sclp_dev *sd = netdev_priv(dev);

	sclp_tails_stop(sd);
	sclp_fdb_stop(sd);
	sclp_carrier_udp_close(sd);
	return 0;
}

static void ndo_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *to)
{
	struct sclp_dev *sd = netdev_priv(dev);
	u64 sum[SCLP_N_DROP + SCLP_N_EVENT];
	unsigned int i;

	dev_get_tstats64(dev, to);
	sclp_stats_sum(sd->stats, sum);
	for (i = 0; i < SCLP_N_DROP; i++) {
		if (sclp_stats_name(i)[0] == 't')
			to->tx_dropped += sum[i];
		else if (i != SCLP_DROP_RX_QUEUE_FULL) /* gro_cells counts these */
			to->rx_dropped += sum[i];
	}
}

static const struct net_device_ops dev_ops = {
	.ndo_init = ndo_init,
	.ndo_uninit = ndo_uninit,
	.ndo_open = ndo_open,
	.ndo_stop = ndo_stop,
	.ndo_start_xmit = ndo_start_xmit,
	.ndo_get_stats64 = ndo_get_stats64,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_fdb_add = sclp_fdb_add,
	.ndo_fdb_del = sclp_fdb_del,
	.ndo_fdb_del_bulk = sclp_compat_fdb_del_bulk,
	.ndo_fdb_dump = sclp_fdb_dump,
	.ndo_fdb_get = sclp_fdb_get,
	.ndo_fill_metadata_dst = sclp_mdst_fill,
};

static const struct device_type dev_type = {
	.name = "sclp",
};

void sclp_dev_setup(struct net_device *dev)
{
	eth_hw_addr_random(dev);
	ether_setup(dev);
	dev->netdev_ops = &dev_ops;
	dev->ethtool_ops = &sclp_ethtool_ops;
	dev->needs_free_netdev = true;
	SET_NETDEV_DEVTYPE(dev, &dev_type);

	dev->max_mtu = SCLP_MTU_MAX; /* segments, not frames, must fit the lower device */
	dev->min_mtu = ETH_MIN_MTU;
	dev->features |= SCLP_DEV_FEATURES;
	dev->hw_features |= SCLP_DEV_FEATURES;
	dev->vlan_features = dev->features;
	sclp_netdev_lockless(dev);
	netif_keep_dst(dev); /* metadata mode */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
}

void sclp_dev_set_headroom(struct sclp_dev *sd, const struct net_device *lower)
{
	sd->dev->needed_headroom = SCLP_DEV_OVERHEAD +
				   (lower ? LL_RESERVED_SPACE(lower) : LL_MAX_HEADER);
}

static void count_open(struct sclp_dev *sd, int n)
{
	int *n_open = &sclp_net(sd->net)->n_open[sd->conf.carrier];

	WRITE_ONCE(*n_open, *n_open + n);
	sd->open += n;
}

void sclp_dev_set_flags(struct sclp_dev *sd, u32 flags)
{
	WRITE_ONCE(sd->conf.flags, flags);
	count_open(sd, !!(flags & SCLP_F_OPEN) - sd->open);
}

void sclp_dev_publish(struct sclp_dev *sd)
{
	struct sclp_net *sn = sclp_net(sd->net);

	list_add(&sd->next, &sn->devs);
	sclp_dev_set_flags(sd, sd->conf.flags);
	if (sd->conf.dstport != htons(SCLP_PORT_VXLAN))
		hash_add_rcu(sn->by_port, &sd->port_node, (__force u16)sd->conf.dstport);
	hash_add_rcu(sn->by_vni, &sd->vni_node, dev_hash_key(&sd->conf));
}

void sclp_dev_queue(struct sclp_dev *sd, struct list_head *kill)
{
	list_del(&sd->next);
	hash_del_rcu(&sd->vni_node);
	if (hash_hashed(&sd->port_node))
		hash_del_rcu(&sd->port_node);
	count_open(sd, -sd->open);
	if (sd->lower)
		netdev_upper_dev_unlink(sd->lower, sd->dev);
	sd->lower = NULL;
	unregister_netdevice_queue(sd->dev, kill);
}

void sclp_dev_net_exit(struct sclp_net *sn, struct list_head *kill)
{
	struct sclp_dev *sd, *next;

	list_for_each_entry_safe(sd, next, &sn->devs, next)
		sclp_dev_queue(sd, kill);
}

/* A lower device goes, or leaves the namespace: so do the devices that were bound to it. */
static int dev_netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *lower = netdev_notifier_info_to_dev(ptr);
	struct sclp_dev *sd, *next;
	struct sclp_net *sn;
	LIST_HEAD(kill);

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	sn = sclp_net(dev_net(lower));
	list_for_each_entry_safe(sd, next, &sn->devs, next) {
		if (sd->lower == lower)
			sclp_dev_queue(sd, &kill);
	}
	unregister_netdevice_many(&kill);
	return NOTIFY_DONE;
}

static struct notifier_block dev_notifier = {
	.notifier_call = dev_netdev_event,
};

int sclp_dev_register(void)
{
	int err = register_netdevice_notifier(&dev_notifier);

	if (err)
		return err;
	err = rtnl_link_register(&sclp_link_ops);
	if (err)
		unregister_netdevice_notifier(&dev_notifier);
	return err;
}

void sclp_dev_unregister(void)
{
	rtnl_link_unregister(&sclp_link_ops);
	unregister_netdevice_notifier(&dev_notifier);
	rcu_barrier(); /* entries and remotes of the forwarding data bases */
}
