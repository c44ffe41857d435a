// SPDX-License-Identifier: GPL-2.0
/*
 * Who may send: a set of addresses with a count of those who want each.  Readers are segments on
 * their way in, of anybody, so it is one look, whatever is configured.
 */
#include "addr.h"
#include "peers.h"

struct peer {
	struct rhash_head node;
	struct in6_addr addr; /* IPv4: mapped */
	unsigned int n;	      /* lock */
	struct rcu_head rcu;
};

static const struct rhashtable_params peer_params = {
	.head_offset = offsetof(struct peer, node),
	.key_offset = offsetof(struct peer, addr),
	.key_len = sizeof(struct in6_addr),
	.automatic_shrinking = true,
};

static void peer_key(struct in6_addr *key, const struct sclp_addr *addr)
{
	if (addr->family == AF_INET6)
		*key = addr->v6;
	else
		ipv6_addr_set_v4mapped(addr->v4, key);
}

static struct peer *peer_find(struct sclp_peers *peers, const struct sclp_addr *addr)
{
	struct in6_addr key;

	peer_key(&key, addr);
	return rhashtable_lookup_fast(&peers->table, &key, peer_params);
}

bool sclp_peers_have(struct sclp_peers *peers, const struct sclp_addr *addr)
{
	return peer_find(peers, addr);
}

static int peer_get(struct sclp_peers *peers, const struct sclp_addr *addr)
{
	struct peer *peer = peer_find(peers, addr);
	int err;

	if (peer) {
		peer->n++;
		return 0;
	}
	peer = kzalloc(sizeof(*peer), GFP_ATOMIC);
	if (!peer)
		return -ENOMEM;
	peer_key(&peer->addr, addr);
	peer->n = 1;
	err = rhashtable_lookup_insert_fast(&peers->table, &peer->node, peer_params);
	if (err)
		kfree(peer);
	return err;
}

int sclp_peers_get(struct sclp_peers *peers, const struct sclp_addr *addr)
{
	int err;

	spin_lock(&peers->lock);
	err = peer_get(peers, addr);
	spin_unlock(&peers->lock);
	return err;
}

void sclp_peers_put(struct sclp_peers *peers, const struct sclp_addr *addr)
{
	struct peer *peer;

	spin_lock(&peers->lock);
	peer = peer_find(peers, addr);
	if (!WARN_ON_ONCE(!peer) && !--peer->n) {
		rhashtable_remove_fast(&peers->table, &peer->node, peer_params);
		kfree_rcu(peer, rcu);
	}
	spin_unlock(&peers->lock);
}

int sclp_peers_init(struct sclp_peers *peers)
{
	spin_lock_init(&peers->lock);
	return rhashtable_init(&peers->table, &peer_params);
}

void sclp_peers_destroy(struct sclp_peers *peers)
{
	rhashtable_destroy(&peers->table);
}
