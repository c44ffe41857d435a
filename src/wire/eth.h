/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet and 802.1Q. */
#ifndef CVSW_WIRE_ETH_H
#define CVSW_WIRE_ETH_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdbool.h>
#include <stdint.h>

#define ETH_ALEN_     6
#define ETH_HLEN_     14
#define ETH_TYPE_TEB  0x6558 /* an Ethernet frame: Geneve, GRE */
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP  0x0806
#define ETH_TYPE_IPV6 0x86dd
#define ETH_TYPE_VLAN 0x8100
#define ETH_TYPE_QINQ 0x88a8
#define ETH_MIN_LEN   60 /* without FCS */
#define VLAN_HLEN_    4

struct eth_hdr {
	uint8_t dst[6];
	uint8_t src[6];
	rte_be16_t type;
} __attribute__((packed));
static_assert(sizeof(struct eth_hdr) == 14, "Ethernet header");

struct vlan_hdr {
	rte_be16_t tci;
	rte_be16_t type; /* of what follows */
} __attribute__((packed));
static_assert(sizeof(struct vlan_hdr) == 4, "802.1Q tag");

static inline bool eth_is_group(const uint8_t *mac)
{
	return mac[0] & 1;
}

/* The address as a number, the first byte on the wire highest. */
static inline uint64_t eth_mac_u64(const uint8_t *mac)
{
	return (uint64_t)mac[0] << 40 | (uint64_t)mac[1] << 32 | (uint64_t)mac[2] << 24 |
	       (uint64_t)mac[3] << 16 | (uint64_t)mac[4] << 8 | mac[5];
}

#endif
