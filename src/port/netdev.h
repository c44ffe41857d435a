/* SPDX-License-Identifier: BSD-3-Clause */
/* Kernel interfaces by rtnetlink: what ports need to ask and to set. Main thread; the current
 * network namespace. */
#ifndef CVSW_PORT_NETDEV_H
#define CVSW_PORT_NETDEV_H

#include <stdbool.h>
#include <stdint.h>

struct netdev_info {
	unsigned int ifindex;
	uint32_t mtu;
	bool up, running;
	uint64_t rx_dropped, tx_dropped; /* as the interface counts them */
};

/* What to change; fields that are not named in @set stay. */
#define NETDEV_SET_MTU	   1u
#define NETDEV_SET_UP	   2u
#define NETDEV_SET_MAC	   4u
#define NETDEV_SET_GSO_MAX 8u
struct netdev_change {
	unsigned int set;
	uint32_t mtu;
	bool up;
	uint8_t mac[6];
	uint32_t gso_max; /* bytes of a super-frame's IP packet, IPv4 and IPv6 */
};

/* 0 or -errno (-ENODEV: no such interface). */
int netdev_get(const char *ifname, struct netdev_info *info);
int netdev_change(unsigned int ifindex, const struct netdev_change *c);

#endif
