// SPDX-License-Identifier: GPL-2.0
/*
 * The forwarding data base.
 *
 * Theory of operation: a resizable RCU hash by MAC address finds an entry, a list of all entries
 * serves dump, ageing and flush.  An entry holds one remote or more; a frame goes to each of them.
 * The all-zero address stands for "unknown, or for many": its remotes get what no other entry
 * takes. Entries and remotes change under one lock and are freed after a grace period.  A remote
 * never changes in place: whoever reads sees the old one or the new one.  The lock is not taken for
 * a frame from a known address behind a known remote, which is nearly each. Whether a sender is one
 * that somebody configured is asked for each frame under reassembly: the addresses of remotes that
 * were not learnt stand in a hash of their own, with the number of entries that have them. Entries
 * that the data path made age from the last frame that came from their address; those made by hand
 * do not when they are permanent or static.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>
#include "addr.h"
#include "fdb.h"
#include "sclp_link.h"

#define FDB_SCAN_MAX (10UL * HZ) /* between two looks at the ages at most */

struct fdb_entry {
	struct rhash_head node;
	struct hlist_node all_node; /* RCU */
	u8 mac[ETH_ALEN] __aligned(2);
	u8 flags;		  /* NTF_* */
	u16 state;		  /* NUD_* */
	unsigned long updated;	  /* jiffies: a frame came from here, or it was set */
	unsigned long used;	  /* jiffies: a frame went here */
	struct list_head remotes; /* of sclp_rdst, RCU; never empty while published */
	struct rcu_head rcu;
};

struct sclp_fdb {
	struct rhashtable hash;
	struct sclp_peers peers; /* in at least one entry that was made by hand */
	struct hlist_head all;	 /* RCU read, lock to write */
	spinlock_t lock;
	unsigned int n_entries; /* lock */
	struct delayed_work ageing;
	struct sclp_dev *sd;
};

/* For each frame, three times or more: faster than the table's own, for keys of any length. */
static u32 fdb_hash(const void *data, u32 len, u32 seed)
{
	const u8 *mac = data;

	return jhash_2words(get_unaligned((u32 *)mac), get_unaligned((u16 *)(mac + 4)), seed);
}

static int fdb_entry_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct fdb_entry *e = obj;

	return !ether_addr_equal_unaligned(e->mac, arg->key);
}

static const struct rhashtable_params fdb_params = {
	.head_offset = offsetof(struct fdb_entry, node),
	.key_offset = offsetof(struct fdb_entry, mac),
	.key_len = ETH_ALEN,
	.hashfn = fdb_hash,
	.obj_cmpfn = fdb_entry_differs,
	.automatic_shrinking = true,
};

static const u8 fdb_flood_mac[ETH_ALEN] __aligned(2);

/* What one remote is, as netlink or the data path says it. */
struct fdb_remote {
	struct sclp_addr addr; /* AF_UNSPEC: not told */
	u32 vni;
	int ifindex;
	__be16 udp_port;
	bool learnt;
};

/* Many CPUs may stamp one entry: write no more often than the clock ticks. */
static void fdb_stamp(unsigned long *stamp)
{
	unsigned long now = jiffies;

	if (READ_ONCE(*stamp) != now)
		WRITE_ONCE(*stamp, now);
}

static struct fdb_entry *fdb_find(struct sclp_fdb *fdb, const u8 *mac)
{
	return rhashtable_lookup_fast(&fdb->hash, mac, fdb_params);
}

static struct sclp_rdst *fdb_first_rdst(struct fdb_entry *e)
{
	return list_first_or_null_rcu(&e->remotes, struct sclp_rdst, list);
}

/* Set by hand to stay: neither ages nor moves. */
static bool fdb_is_static(const struct fdb_entry *e)
{
	return READ_ONCE(e->state) & (NUD_PERMANENT | NUD_NOARP);
}

static bool fdb_rdst_is(const struct sclp_rdst *rd, const struct fdb_remote *r)
{
	return sclp_addr_equal(&rd->remote, &r->addr) && rd->vni == r->vni &&
	       rd->ifindex == r->ifindex && rd->udp_port == r->udp_port;
}

static struct sclp_rdst *fdb_find_rdst(struct fdb_entry *e, const struct fdb_remote *r)
{
	struct sclp_rdst *rd;

	list_for_each_entry(rd, &e->remotes, list) {
		if (fdb_rdst_is(rd, r))
			return rd;
	}
	return NULL;
}

/* A remote that was configured: frames from there are taken, by the device and (reasm.c asks before
 * a device is known) by its namespace.
 */
static int fdb_peer_get(struct sclp_fdb *fdb, const struct sclp_addr *addr)
{
	int err = sclp_peers_get(&fdb->peers, addr);

	if (err)
		return err;
	err = sclp_peers_get(sclp_net_peers(fdb->sd), addr);
	if (err)
		sclp_peers_put(&fdb->peers, addr);
	return err;
}

static void fdb_peer_put(struct sclp_fdb *fdb, const struct sclp_addr *addr)
{
	sclp_peers_put(&fdb->peers, addr);
	sclp_peers_put(sclp_net_peers(fdb->sd), addr);
}

static struct sclp_rdst *fdb_rdst_new(struct sclp_fdb *fdb, const struct fdb_remote *r)
{
	struct sclp_rdst *rd = kzalloc(sizeof(*rd), GFP_ATOMIC);

	if (!rd)
		return NULL;
	rd->remote = r->addr;
	rd->vni = r->vni;
	rd->ifindex = r->ifindex;
	rd->udp_port = r->udp_port;
	rd->learnt = r->learnt;
	if (dst_cache_init(&rd->dst_cache, GFP_ATOMIC))
		goto err_free;
	if (!rd->learnt && fdb_peer_get(fdb, &rd->remote))
		goto err_cache;
	return rd;

err_cache:
	dst_cache_destroy(&rd->dst_cache);
err_free:
	kfree(rd);
	return NULL;
}

static void fdb_rdst_free(struct sclp_rdst *rd)
{
	dst_cache_destroy(&rd->dst_cache);
	kfree(rd);
}

static void fdb_rdst_free_rcu(struct rcu_head *head)
{
	fdb_rdst_free(container_of(head, struct sclp_rdst, rcu));
}

static void fdb_free(struct fdb_entry *e)
{
	struct sclp_rdst *rd, *next;

	list_for_each_entry_safe(rd, next, &e->remotes, list)
		fdb_rdst_free(rd);
	kfree(e);
}

static void fdb_free_rcu(struct rcu_head *head)
{
	fdb_free(container_of(head, struct fdb_entry, rcu));
}

static size_t fdb_msg_size(void)
{
	return NLMSG_ALIGN(sizeof(struct ndmsg)) + nla_total_size(ETH_ALEN) +
	       nla_total_size(sizeof(struct in6_addr)) + nla_total_size(sizeof(__be16)) +
	       3 * nla_total_size(sizeof(u32)) + nla_total_size(sizeof(struct nda_cacheinfo));
}

static int fdb_put_remote(
	struct sk_buff *msg, const struct sclp_dev *sd, const struct sclp_rdst *rd)
{
	int err = sclp_addr_to_nla(msg, NDA_DST, NDA_DST, &rd->remote);

	if (!err && rd->udp_port)
		err = nla_put_be16(msg, NDA_PORT, rd->udp_port);
	if (!err && rd->vni != sd->conf.vni)
		err = nla_put_u32(msg, NDA_VNI, rd->vni);
	if (!err && rd->ifindex)
		err = nla_put_u32(msg, NDA_IFINDEX, rd->ifindex);
	return err;
}

static int fdb_put_ages(struct sk_buff *msg, const struct fdb_entry *e)
{
	struct nda_cacheinfo ci = {
		.ndm_used = jiffies_to_clock_t(jiffies - READ_ONCE(e->used)),
		.ndm_updated = jiffies_to_clock_t(jiffies - READ_ONCE(e->updated)),
	};

	return nla_put(msg, NDA_CACHEINFO, sizeof(ci), &ci);
}

/* One message for each remote of an entry, as `bridge fdb` wants it. */
static int fdb_fill(struct sk_buff *msg, const struct sclp_dev *sd, const struct fdb_entry *e,
	const struct sclp_rdst *rd, u32 portid, u32 seq, int type, unsigned int flags)
{
	struct net *net = dev_net(sd->dev);
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;
	int err = 0;

	nlh = nlmsg_put(msg, portid, seq, type, sizeof(*ndm), flags);
	if (!nlh)
		return -EMSGSIZE;
	ndm = nlmsg_data(nlh);
	memset(ndm, 0, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_state = READ_ONCE(e->state);
	ndm->ndm_ifindex = sd->dev->ifindex;
	ndm->ndm_flags = READ_ONCE(e->flags);
	ndm->ndm_type = RTN_UNICAST;

	if (!net_eq(net, sd->net))
		err = nla_put_s32(msg, NDA_LINK_NETNSID, peernet2id(net, sd->net));
	if (err || nla_put(msg, NDA_LLADDR, ETH_ALEN, e->mac) || fdb_put_remote(msg, sd, rd) ||
		fdb_put_ages(msg, e)) {
		nlmsg_cancel(msg, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(msg, nlh);
	return 0;
}

static void fdb_notify(
	const struct sclp_dev *sd, const struct fdb_entry *e, const struct sclp_rdst *rd, int type)
{
	struct net *net = dev_net(sd->dev);
	struct sk_buff *msg;
	int err;

	if (!rtnl_has_listeners(net, RTNLGRP_NEIGH))
		return;
	msg = nlmsg_new(fdb_msg_size(), GFP_ATOMIC);
	err = msg ? fdb_fill(msg, sd, e, rd, 0, 0, type, 0) : -ENOBUFS;
	if (err) {
		kfree_skb(msg);
		rtnl_set_sk_err(net, RTNLGRP_NEIGH, err);
		return;
	}
	rtnl_notify(msg, net, 0, RTNLGRP_NEIGH, NULL, GFP_ATOMIC);
}

/* The following up to fdb_learn_new() hold the lock. */

static int fdb_append(struct sclp_fdb *fdb, struct fdb_entry *e, const struct fdb_remote *r)
{
	struct sclp_rdst *rd = fdb_rdst_new(fdb, r);

	if (!rd)
		return -ENOMEM;
	list_add_tail_rcu(&rd->list, &e->remotes);
	fdb_notify(fdb->sd, e, rd, RTM_NEWNEIGH);
	return 0;
}

static void fdb_remove_rdst(struct sclp_fdb *fdb, struct fdb_entry *e, struct sclp_rdst *rd)
{
	list_del_rcu(&rd->list);
	if (!rd->learnt)
		fdb_peer_put(fdb, &rd->remote);
	fdb_notify(fdb->sd, e, rd, RTM_DELNEIGH);
	call_rcu(&rd->rcu, fdb_rdst_free_rcu);
}

static int fdb_create(
	struct sclp_fdb *fdb, const u8 *mac, u16 state, u8 flags, const struct fdb_remote *r)
{
	u32 max = READ_ONCE(fdb->sd->conf.addrmax);
	struct sclp_rdst *rd;
	struct fdb_entry *e;
	int err;

	if (max && fdb->n_entries >= max)
		return -ENOSPC;
	e = kzalloc(sizeof(*e), GFP_ATOMIC);
	if (!e)
		return -ENOMEM;
	INIT_LIST_HEAD(&e->remotes);
	rd = fdb_rdst_new(fdb, r);
	if (!rd) {
		kfree(e);
		return -ENOMEM;
	}
	list_add_tail(&rd->list, &e->remotes);
	ether_addr_copy(e->mac, mac);
	e->state = state;
	e->flags = flags;
	e->updated = jiffies;
	e->used = jiffies;

	err = rhashtable_lookup_insert_fast(&fdb->hash, &e->node, fdb_params);
	if (err) {
		if (!rd->learnt)
			fdb_peer_put(fdb, &rd->remote);
		fdb_free(e);
		return err;
	}
	hlist_add_head_rcu(&e->all_node, &fdb->all);
	fdb->n_entries++;
	fdb_notify(fdb->sd, e, rd, RTM_NEWNEIGH);
	return 0;
}

static void fdb_remove(struct sclp_fdb *fdb, struct fdb_entry *e)
{
	struct sclp_rdst *rd;

	rhashtable_remove_fast(&fdb->hash, &e->node, fdb_params);
	hlist_del_init_rcu(&e->all_node);
	fdb->n_entries--;
	list_for_each_entry(rd, &e->remotes, list) {
		if (!rd->learnt)
			fdb_peer_put(fdb, &rd->remote);
		fdb_notify(fdb->sd, e, rd, RTM_DELNEIGH);
	}
	call_rcu(&e->rcu, fdb_free_rcu);
}

/* Makes @r the only remote of @e. */
static int fdb_replace(struct sclp_fdb *fdb, struct fdb_entry *e, const struct fdb_remote *r)
{
	struct sclp_rdst *keep = fdb_find_rdst(e, r), *rd, *next;

	if (keep && keep->learnt && !r->learnt)
		keep = NULL; /* it is configured from now on */
	if (!keep) {
		keep = fdb_rdst_new(fdb, r);
		if (!keep)
			return -ENOMEM;
		/* First, so that no reader finds the list empty. */
		list_add_rcu(&keep->list, &e->remotes);
	}
	list_for_each_entry_safe(rd, next, &e->remotes, list) {
		if (rd != keep)
			fdb_remove_rdst(fdb, e, rd);
	}
	fdb_notify(fdb->sd, e, keep, RTM_NEWNEIGH);
	return 0;
}

static int fdb_learn_new(struct sclp_fdb *fdb, const u8 *mac, const struct fdb_remote *r)
{
	return fdb_create(fdb, mac, NUD_REACHABLE, NTF_SELF, r);
}

/* Whether the first (and, where it was learnt, only) remote has this address already. */
static bool fdb_stands_at(const struct fdb_entry *e, const struct sclp_addr *addr, int ifindex)
{
	const struct sclp_rdst *rd;

	list_for_each_entry_rcu(rd, &e->remotes, list) {
		if (sclp_addr_equal(&rd->remote, addr) && (!ifindex || rd->ifindex == ifindex))
			return true;
	}
	return false;
}

static void fdb_learn_slow(
	struct sclp_dev *sd, const u8 *mac, const struct sclp_addr *addr, int ifindex)
{
	struct fdb_remote r = {
		.addr = *addr,
		.vni = sd->conf.vni,
		.ifindex = ifindex,
		.learnt = true,
	};
	struct sclp_fdb *fdb = sd->fdb;
	struct fdb_entry *e;

	spin_lock(&fdb->lock);
	e = fdb_find(fdb, mac);
	if (!e) {
		if (netif_running(sd->dev))
			fdb_learn_new(fdb, mac, &r);
	} else if (!fdb_is_static(e) && !fdb_replace(fdb, e, &r)) {
		WRITE_ONCE(e->updated, jiffies);
	}
	spin_unlock(&fdb->lock);
}

bool sclp_fdb_learn(struct sclp_dev *sd, const u8 *mac, const struct sclp_addr *remote, int iif)
{
	int ifindex = sclp_addr_is_link_local(remote) ? iif : 0;
	struct fdb_entry *e = fdb_find(sd->fdb, mac);

	if (e && fdb_stands_at(e, remote, ifindex)) {
		fdb_stamp(&e->updated);
		return true;
	}
	if (e && fdb_is_static(e))
		return false;
	if (e && READ_ONCE(e->flags) &
			 NTF_STICKY) /* stays where it is; frames from elsewhere pass */
		return true;
	fdb_learn_slow(sd, mac, remote, ifindex);
	return true;
}

struct list_head *sclp_fdb_remotes(struct sclp_dev *sd, const u8 *mac)
{
	struct fdb_entry *e = fdb_find(sd->fdb, mac);

	if (!e)
		return NULL;
	fdb_stamp(&e->used);
	return &e->remotes;
}

bool sclp_dev_has_remote(const struct sclp_dev *sd, const struct sclp_addr *addr)
{
	return sclp_peers_have(&sd->fdb->peers, addr);
}

int sclp_fdb_set_default(
	struct sclp_dev *sd, const struct sclp_addr *from, const struct sclp_addr *to)
{
	struct fdb_remote old = { .addr = *from, .vni = sd->conf.vni };
	struct fdb_remote new = { .addr = *to, .vni = sd->conf.vni };
	struct sclp_fdb *fdb = sd->fdb;
	struct sclp_rdst *rd;
	struct fdb_entry *e;
	int err = 0;

	spin_lock_bh(&fdb->lock);
	e = fdb_find(fdb, fdb_flood_mac);
	if (to->family && !e)
		err = fdb_create(fdb, fdb_flood_mac, NUD_PERMANENT, NTF_SELF, &new);
	else if (to->family && !fdb_find_rdst(e, &new))
		err = fdb_append(fdb, e, &new);
	rd = e && !err && from->family ? fdb_find_rdst(e, &old) : NULL;
	if (rd && !sclp_addr_equal(from, to)) {
		if (list_is_singular(&e->remotes))
			fdb_remove(fdb, e);
		else
			fdb_remove_rdst(fdb, e, rd);
	}
	spin_unlock_bh(&fdb->lock);
	return err;
}

void sclp_fdb_reset_routes(struct sclp_dev *sd)
{
	struct sclp_rdst *rd;
	struct fdb_entry *e;

	rcu_read_lock();
	hlist_for_each_entry_rcu(e, &sd->fdb->all, all_node) {
		list_for_each_entry_rcu(rd, &e->remotes, list)
			dst_cache_reset(&rd->dst_cache);
	}
	rcu_read_unlock();
}

/* Removes what aged and says when to look again. */
static unsigned long fdb_age(struct sclp_fdb *fdb, unsigned long max_age)
{
	unsigned long left, wait = min(FDB_SCAN_MAX, max_age);
	struct fdb_entry *e;

	rcu_read_lock();
	hlist_for_each_entry_rcu(e, &fdb->all, all_node) {
		unsigned long age = jiffies - READ_ONCE(e->updated);

		if (fdb_is_static(e) || READ_ONCE(e->flags) & NTF_EXT_LEARNED)
			continue;
		/* Negative: it was updated since jiffies was read. */
		left = (long)age < 0 ? max_age : max_age - min(age, max_age);
		if (left) {
			wait = min(wait, left);
			continue;
		}
		spin_lock_bh(&fdb->lock);
		if (!hlist_unhashed(&e->all_node))
			fdb_remove(fdb, e);
		spin_unlock_bh(&fdb->lock);
	}
	rcu_read_unlock();
	return wait;
}

static void fdb_ageing(struct work_struct *work)
{
	struct sclp_fdb *fdb = container_of(to_delayed_work(work), struct sclp_fdb, ageing);
	unsigned long ageing = READ_ONCE(fdb->sd->conf.ageing);

	if (ageing)
		queue_delayed_work(system_power_efficient_wq, &fdb->ageing,
			max(fdb_age(fdb, ageing * HZ), HZ / 10UL));
}

void sclp_fdb_age_now(struct sclp_dev *sd)
{
	if (netif_running(sd->dev))
		mod_delayed_work(system_power_efficient_wq, &sd->fdb->ageing, 0);
}

void sclp_fdb_start(struct sclp_dev *sd)
{
	mod_delayed_work(system_power_efficient_wq, &sd->fdb->ageing, 0);
}

void sclp_fdb_stop(struct sclp_dev *sd)
{
	struct sclp_fdb *fdb = sd->fdb;
	struct hlist_node *next;
	struct fdb_entry *e;

	cancel_delayed_work_sync(&fdb->ageing);
	spin_lock_bh(&fdb->lock);
	hlist_for_each_entry_safe(e, next, &fdb->all, all_node) {
		if (!fdb_is_static(e) && !(e->flags & NTF_EXT_LEARNED))
			fdb_remove(fdb, e);
	}
	spin_unlock_bh(&fdb->lock);
}

int sclp_fdb_open(struct sclp_dev *sd)
{
	struct sclp_fdb *fdb = kzalloc(sizeof(*fdb), GFP_KERNEL);
	int err;

	if (!fdb)
		return -ENOMEM;
	err = rhashtable_init(&fdb->hash, &fdb_params);
	if (err)
		goto err_free;
	err = sclp_peers_init(&fdb->peers);
	if (err)
		goto err_hash;
	INIT_HLIST_HEAD(&fdb->all);
	spin_lock_init(&fdb->lock);
	INIT_DELAYED_WORK(&fdb->ageing, fdb_ageing);
	fdb->sd = sd;
	sd->fdb = fdb;
	return 0;

err_hash:
	rhashtable_destroy(&fdb->hash);
err_free:
	kfree(fdb);
	return err;
}

void sclp_fdb_close(struct sclp_dev *sd)
{
	struct sclp_fdb *fdb = sd->fdb;
	struct hlist_node *next;
	struct fdb_entry *e;

	cancel_delayed_work_sync(&fdb->ageing);
	spin_lock_bh(&fdb->lock);
	hlist_for_each_entry_safe(e, next, &fdb->all, all_node)
		fdb_remove(fdb, e);
	spin_unlock_bh(&fdb->lock);
	sclp_peers_destroy(&fdb->peers);
	rhashtable_destroy(&fdb->hash);
	sd->fdb = NULL;
	kfree(fdb);
}

/* Reads NDA_DST; @r->addr stays AF_UNSPEC where there is none. */
static int fdb_parse_addr(const struct sclp_dev *sd, const struct nlattr *dst, struct fdb_remote *r,
	struct netlink_ext_ack *extack)
{
	int err;

	if (!dst)
		return 0;
	err = sclp_addr_from_nla(&r->addr, dst);
	if (err) {
		NL_SET_ERR_MSG_ATTR(extack, dst, "dst must be an IPv4 or IPv6 address");
		return err;
	}
	if (!sclp_addr_is_unicast(&r->addr)) {
		NL_SET_ERR_MSG_ATTR(extack, dst,
			"dst must be a unicast address; to flood, append one entry of 00:00:00:00:00:00 for each remote");
		return -EINVAL;
	}
	if (sclp_conf_family(&sd->conf) && sclp_conf_family(&sd->conf) != r->addr.family) {
		NL_SET_ERR_MSG_ATTR(extack, dst,
			"dst must be of the address family of the device's local address, or with carrier udp of its remote");
		return -EAFNOSUPPORT;
	}
	return 0;
}

static int fdb_parse_ifindex(const struct sclp_dev *sd, const struct nlattr *via,
	struct fdb_remote *r, struct netlink_ext_ack *extack)
{
	if (!via)
		return 0;
	if (nla_len(via) != sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(extack, via, "via must be the index of a device");
		return -EINVAL;
	}
	r->ifindex = nla_get_u32(via);
	if (!__dev_get_by_index(sd->net, r->ifindex)) {
		NL_SET_ERR_MSG_ATTR(
			extack, via, "via: no such device in the namespace of the outer packets");
		return -ENODEV;
	}
	return 0;
}

static int fdb_parse_port(const struct sclp_dev *sd, const struct nlattr *port,
	struct fdb_remote *r, struct netlink_ext_ack *extack)
{
	if (!port)
		return 0;
	if (sd->conf.carrier != SCLP_CARRIER_UDP) {
		NL_SET_ERR_MSG_ATTR(
			extack, port, "port is the UDP carrier's; this device has carrier ip");
		return -EINVAL;
	}
	if (nla_len(port) != sizeof(__be16) || !nla_get_be16(port)) {
		NL_SET_ERR_MSG_ATTR(extack, port, "port must be 1 to 65535");
		return -EINVAL;
	}
	r->udp_port = nla_get_be16(port);
	if (r->udp_port == sd->conf.udp_port)
		r->udp_port = 0;
	return 0;
}

static int fdb_parse_vni(const struct sclp_dev *sd, const struct nlattr *vni, struct fdb_remote *r,
	struct netlink_ext_ack *extack)
{
	r->vni = sd->conf.vni;
	if (!vni)
		return 0;
	if (nla_len(vni) != sizeof(u32) || nla_get_u32(vni) > SCLP_VNI_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, vni, "vni must be 0 to 16777215");
		return -EINVAL;
	}
	r->vni = nla_get_u32(vni);
	return 0;
}

static int fdb_parse(const struct sclp_dev *sd, struct nlattr *tb[], u16 vid, struct fdb_remote *r,
	struct netlink_ext_ack *extack)
{
	int err;

	memset(r, 0, sizeof(*r));
	if (sd->conf.flags & SCLP_F_EXTERNAL) {
		NL_SET_ERR_MSG(extack,
			"an external device has no forwarding data base: tc or Open vSwitch say where a frame goes");
		return -EOPNOTSUPP;
	}
	if (tb[NDA_NH_ID] || tb[NDA_SRC_VNI]) {
		NL_SET_ERR_MSG(extack, "nhid and src_vni are not supported: use dst");
		return -EOPNOTSUPP;
	}
	if (vid) {
		NL_SET_ERR_MSG(extack, "entries of the tunnel hold for all VLANs: leave out vlan");
		return -EOPNOTSUPP;
	}
	err = fdb_parse_addr(sd, tb[NDA_DST], r, extack);
	if (!err)
		err = fdb_parse_ifindex(sd, tb[NDA_IFINDEX], r, extack);
	if (!err)
		err = fdb_parse_port(sd, tb[NDA_PORT], r, extack);
	if (!err)
		err = fdb_parse_vni(sd, tb[NDA_VNI], r, extack);
	return err;
}

/* NLM_F_EXCL is `add`, NLM_F_APPEND `append`, NLM_F_REPLACE `replace`. */
static int fdb_may_update(
	struct fdb_entry *e, const struct fdb_remote *r, u16 flags, struct netlink_ext_ack *extack)
{
	if (flags & NLM_F_APPEND) {
		if (!fdb_find_rdst(e, r))
			return 0;
		NL_SET_ERR_MSG(extack, "the entry of this address has this remote already");
		return -EEXIST;
	}
	if (flags & NLM_F_EXCL) {
		NL_SET_ERR_MSG(extack,
			"there is an entry of this address: append another remote to it, or replace it");
		return -EEXIST;
	}
	return 0;
}

static int fdb_set(struct sclp_fdb *fdb, const u8 *mac, u16 state, u8 ndm_flags,
	const struct fdb_remote *r, u16 flags, struct netlink_ext_ack *extack)
{
	struct fdb_entry *e = fdb_find(fdb, mac);
	int err;

	if (e) {
		err = fdb_may_update(e, r, flags, extack);
		if (err)
			return err;
		WRITE_ONCE(e->state, state);
		WRITE_ONCE(e->flags, ndm_flags);
		WRITE_ONCE(e->updated, jiffies);
		return flags & NLM_F_APPEND ? fdb_append(fdb, e, r) : fdb_replace(fdb, e, r);
	}
	if (!(flags & NLM_F_CREATE)) {
		NL_SET_ERR_MSG(extack, "there is no entry of this address");
		return -ENOENT;
	}
	err = fdb_create(fdb, mac, state, ndm_flags, r);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(
			extack, "the forwarding data base is full: see maxaddress of the device");
	return err;
}

int sclp_fdb_add(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, u16 flags, struct netlink_ext_ack *extack)
{
	struct sclp_dev *sd = netdev_priv(dev);
	u8 keep = NTF_EXT_LEARNED | NTF_STICKY;
	struct fdb_remote r;
	int err;

	if (!(ndm->ndm_state & (NUD_PERMANENT | NUD_REACHABLE))) {
		NL_SET_ERR_MSG(extack, "an entry must be permanent, static or dynamic");
		return -EINVAL;
	}
	err = fdb_parse(sd, tb, vid, &r, extack);
	if (err)
		return err;
	if (!r.addr.family) {
		NL_SET_ERR_MSG(extack, "dst is missing: the remote's IP address");
		return -EINVAL;
	}
	spin_lock_bh(&sd->fdb->lock);
	err = fdb_set(sd->fdb, mac, ndm->ndm_state, NTF_SELF | (ndm->ndm_flags & keep), &r, flags,
		extack);
	spin_unlock_bh(&sd->fdb->lock);
	return err;
}

static int fdb_delete(struct sclp_fdb *fdb, const u8 *mac, const struct fdb_remote *r,
	struct netlink_ext_ack *extack)
{
	struct fdb_entry *e = fdb_find(fdb, mac);
	struct sclp_rdst *rd = NULL;

	if (!e) {
		NL_SET_ERR_MSG(extack, "there is no entry of this address");
		return -ENOENT;
	}
	if (r->addr.family) {
		rd = fdb_find_rdst(e, r);
		if (!rd) {
			NL_SET_ERR_MSG(extack, "the entry of this address has no such remote");
			return -ENOENT;
		}
	}
	if (rd && !list_is_singular(&e->remotes))
		fdb_remove_rdst(fdb, e, rd);
	else
		fdb_remove(fdb, e);
	return 0;
}

int sclp_fdb_del(struct ndmsg *ndm, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, struct netlink_ext_ack *extack)
{
	struct sclp_dev *sd = netdev_priv(dev);
	struct fdb_remote r;
	int err;

	err = fdb_parse(sd, tb, vid, &r, extack);
	if (err)
		return err;
	spin_lock_bh(&sd->fdb->lock);
	err = fdb_delete(sd->fdb, mac, &r, extack);
	spin_unlock_bh(&sd->fdb->lock);
	return err;
}

/* Which entries `bridge fdb flush` means. */
struct fdb_filter {
	u16 state, state_mask;
	u8 flags, flags_mask;
};

static int fdb_filter_parse(struct fdb_filter *f, const struct ndmsg *ndm, struct nlattr *tb[],
	struct netlink_ext_ack *extack)
{
	static const u8 known[] = { NDA_NDM_STATE_MASK, NDA_NDM_FLAGS_MASK };
	unsigned int i;

	for (i = 1; i <= NDA_MAX; i++) {
		if (tb[i] && !memchr(known, i, sizeof(known))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[i],
				"the tunnel can flush by state and flags (permanent, static, dynamic, extern_learn) only");
			return -EOPNOTSUPP;
		}
	}
	memset(f, 0, sizeof(*f));
	f->state = ndm->ndm_state;
	f->flags = ndm->ndm_flags;
	if (tb[NDA_NDM_STATE_MASK])
		f->state_mask = nla_get_u16(tb[NDA_NDM_STATE_MASK]);
	if (tb[NDA_NDM_FLAGS_MASK])
		f->flags_mask = nla_get_u8(tb[NDA_NDM_FLAGS_MASK]);
	return 0;
}

static bool fdb_filter_takes(const struct fdb_filter *f, const struct fdb_entry *e)
{
	return !is_zero_ether_addr(e->mac) && !((e->state ^ f->state) & f->state_mask) &&
	       !((e->flags ^ f->flags) & f->flags_mask);
}

/* All but the remotes to flood to, which are the tunnel's configuration. */
static void fdb_flush(struct sclp_fdb *fdb, const struct fdb_filter *f)
{
	struct hlist_node *next;
	struct fdb_entry *e;

	spin_lock_bh(&fdb->lock);
	hlist_for_each_entry_safe(e, next, &fdb->all, all_node) {
		if (fdb_filter_takes(f, e))
			fdb_remove(fdb, e);
	}
	spin_unlock_bh(&fdb->lock);
}

int sclp_fdb_flush(struct net_device *dev, const struct ndmsg *ndm, struct nlattr *tb[],
	struct netlink_ext_ack *extack)
{
	struct sclp_dev *sd = netdev_priv(dev);
	struct fdb_filter f;
	int err;

	err = fdb_filter_parse(&f, ndm, tb, extack);
	if (err)
		return err;
	fdb_flush(sd->fdb, &f);
	return 0;
}

int sclp_fdb_dump(struct sk_buff *skb, struct netlink_callback *cb, struct net_device *dev,
	struct net_device *filter_dev, int *idx)
{
	struct sclp_dev *sd = netdev_priv(dev);
	struct sclp_rdst *rd;
	struct fdb_entry *e;
	int err = 0;

	rcu_read_lock();
	hlist_for_each_entry_rcu(e, &sd->fdb->all, all_node) {
		list_for_each_entry_rcu(rd, &e->remotes, list) {
			/* args[2]: how many a former part of this dump has told */
			if (*idx >= cb->args[2])
				err = fdb_fill(skb, sd, e, rd, NETLINK_CB(cb->skb).portid,
					cb->nlh->nlmsg_seq, RTM_NEWNEIGH, NLM_F_MULTI);
			if (err)
				goto out;
			*idx += 1;
		}
	}
out:
	rcu_read_unlock();
	return err;
}

int sclp_fdb_get(struct sk_buff *skb, struct nlattr *tb[], struct net_device *dev,
	const unsigned char *mac, u16 vid, u32 portid, u32 seq, struct netlink_ext_ack *extack)
{
	struct sclp_dev *sd = netdev_priv(dev);
	struct sclp_rdst *rd = NULL;
	struct fdb_entry *e;
	int err;

	rcu_read_lock();
	e = fdb_find(sd->fdb, mac);
	if (e)
		rd = fdb_first_rdst(e);
	if (rd) {
		err = fdb_fill(skb, sd, e, rd, portid, seq, RTM_NEWNEIGH, 0);
	} else {
		NL_SET_ERR_MSG(extack, "there is no entry of this address");
		err = -ENOENT;
	}
	rcu_read_unlock();
	return err;
}
