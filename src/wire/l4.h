/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP (RFC 9293) and UDP (RFC 768) headers. */
#ifndef CVSW_WIRE_L4_H
#define CVSW_WIRE_L4_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdint.h>

struct tcp_hdr {
	rte_be16_t sport, dport;
	rte_be32_t seq, ack;
	uint8_t off_res; /* data offset in words in the high 4 bits */
	uint8_t flags;	 /* TCP_F_* */
	rte_be16_t window;
	rte_be16_t check;
	rte_be16_t urgent;
} __attribute__((packed));
static_assert(sizeof(struct tcp_hdr) == 20, "TCP header");

#define TCP_F_FIN 0x01
#define TCP_F_SYN 0x02
#define TCP_F_RST 0x04
#define TCP_F_PSH 0x08
#define TCP_F_ACK 0x10
#define TCP_F_URG 0x20
#define TCP_F_ECE 0x40
#define TCP_F_CWR 0x80

#define TCP_CSUM_OFF 16 /* of the checksum field in the header */
#define UDP_CSUM_OFF 6

static inline unsigned int tcp_hlen(const struct tcp_hdr *th)
{
	return (th->off_res >> 4) * 4u;
}

struct udp_hdr {
	rte_be16_t sport, dport;
	rte_be16_t len; /* header and payload */
	rte_be16_t check;
} __attribute__((packed));
static_assert(sizeof(struct udp_hdr) == 8, "UDP header");

#endif
