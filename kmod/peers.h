/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses that are configured as remotes: of a device, and of a namespace. */
#ifndef _SCLP_PEERS_H
#define _SCLP_PEERS_H

#include <linux/rhashtable.h>

struct sclp_addr;

struct sclp_peers {
	struct rhashtable table;
	spinlock_t lock;
};

int sclp_peers_init(struct sclp_peers *peers); /* may sleep, as the next */
void sclp_peers_destroy(struct sclp_peers *peers);

/* Bottom halves off.  Counted: an address is there until it was put as often.  -ENOMEM. */
int sclp_peers_get(struct sclp_peers *peers, const struct sclp_addr *addr);
void sclp_peers_put(struct sclp_peers *peers, const struct sclp_addr *addr);

bool sclp_peers_have(struct sclp_peers *peers, const struct sclp_addr *addr); /* RCU */

#endif
