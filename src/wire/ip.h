/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 (RFC 791), IPv6 (RFC 8200) and the extension headers that a parser walks. */
#ifndef CVSW_WIRE_IP_H
#define CVSW_WIRE_IP_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdint.h>

#define IP_PROTO_HOPOPTS  0
#define IP_PROTO_TCP	  6
#define IP_PROTO_UDP	  17
#define IP_PROTO_ROUTING  43
#define IP_PROTO_FRAGMENT 44
#define IP_PROTO_GRE	  47
#define IP_PROTO_ICMP	  1
#define IP_PROTO_ICMPV6	  58
#define IP_PROTO_NONE	  59
#define IP_PROTO_DSTOPTS  60
#define IP_PROTO_SCTP	  132

#define IP_ECN_MASK 3
#define IP_ECN_CE   3

struct ipv4_hdr {
	uint8_t ver_ihl;
	uint8_t tos;
	rte_be16_t tot_len; /* header and payload */
	rte_be16_t id;
	rte_be16_t frag_off; /* IPV4_DF, IPV4_MF, offset in units of 8 bytes */
	uint8_t ttl;
	uint8_t proto;
	rte_be16_t check;
	rte_be32_t src, dst;
} __attribute__((packed));
static_assert(sizeof(struct ipv4_hdr) == 20, "IPv4 header");

#define IPV4_DF	      0x4000
#define IPV4_MF	      0x2000
#define IPV4_OFF_MASK 0x1fff

static inline unsigned int ipv4_hlen(const struct ipv4_hdr *ip)
{
	return (ip->ver_ihl & 15) * 4u;
}

struct ipv6_hdr {
	rte_be32_t ver_tc_flow;
	rte_be16_t payload_len; /* what follows the 40 bytes, extension headers included */
	uint8_t next;
	uint8_t hop_limit;
	uint8_t src[16], dst[16];
} __attribute__((packed));
static_assert(sizeof(struct ipv6_hdr) == 40, "IPv6 header");

/* Hop-by-hop, routing and destination options share this start; length = (len8 + 1) * 8. */
struct ipv6_ext {
	uint8_t next;
	uint8_t len8;
} __attribute__((packed));

struct ipv6_frag {
	uint8_t next;
	uint8_t reserved;
	rte_be16_t off_more; /* offset in bytes, a multiple of 8; lowest bit: more follow */
	rte_be32_t id;
} __attribute__((packed));
static_assert(sizeof(struct ipv6_frag) == 8, "IPv6 fragment header");

static inline uint8_t ipv6_tclass(const struct ipv6_hdr *ip6)
{
	return (uint8_t)(rte_be_to_cpu_32(ip6->ver_tc_flow) >> 20);
}

#endif
