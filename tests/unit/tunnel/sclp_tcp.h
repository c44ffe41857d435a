/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP super-frames in VXLAN with frame metadata, and what a part of one must look like, written
 * independently. */
#ifndef CVSW_TESTS_SCLP_TCP_H
#define CVSW_TESTS_SCLP_TCP_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_spec {
	bool v6;
	bool udp;	   /* not TCP at all */
	uint8_t n_vlan;	   /* tags */
	uint8_t n_opts;	   /* 8-byte units of IPv4 options or IPv6 destination options */
	uint8_t flags;	   /* TCP */
	bool no_meta;	   /* as a sender of 2015 */
	uint8_t csum, gso; /* frame metadata */
	bool ecn;
	uint16_t gso_size;
	uint32_t plen; /* TCP payload */
	uint32_t pad;  /* bytes behind the IP packet */
};

/* Headers, without the payload. */
uint32_t tcp_hlen_of(const struct tcp_spec *sp);
/* The whole frame; returns its length. */
uint32_t tcp_frame(uint8_t *dst, const struct tcp_spec *sp, uint32_t seed);
/* The packet that holds payload bytes [off, off + n) of @frame, with IPv4 identification @id (host
 * order). */
uint32_t tcp_part(uint8_t *dst, const uint8_t *frame, const struct tcp_spec *sp, uint32_t off,
	uint32_t n, uint16_t id);
/* Identification of @pkt (0 for IPv6), and where in the stream of @frame it starts. */
uint16_t tcp_ip_id(const uint8_t *pkt, const struct tcp_spec *sp);
uint32_t tcp_seq_off(const uint8_t *pkt, const uint8_t *frame, const struct tcp_spec *sp);

#endif
