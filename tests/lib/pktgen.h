/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames for tests: built byte by byte from a description, then laid into mbuf chains of any shape.
 */
#ifndef CVSW_TESTS_PKTGEN_H
#define CVSW_TESTS_PKTGEN_H

#include <stdbool.h>

#include "pkt/pkt.h"
#include "rnd.h"

#define GEN_MAX	      70000 /* bytes of the largest frame */
#define GEN_EXT_HOP   1
#define GEN_EXT_ROUTE 2 /* used up: no segments left */
#define GEN_EXT_DST   4
#define GEN_EXT_DST1  8 /* destination options in front of the routing header's place */

struct gen {
	/* link */
	uint8_t tun_hlen; /* bytes of a tunnel header in front, 0: none */
	uint8_t tun_fill;
	uint8_t n_vlan;
	uint16_t vid[2];
	uint8_t mac;
	/* network */
	uint8_t l3;	   /* enum pkt_l3 */
	uint8_t opt_words; /* IPv4 options */
	uint8_t ext;	   /* GEN_EXT_*: IPv6 extension headers */
	uint8_t opt_fill;  /* bytes in those */
	uint8_t tos, ttl;
	uint16_t frag_off; /* with DF */
	uint16_t id;
	uint32_t flow_label;
	uint8_t addr;
	/* transport */
	uint8_t l4; /* enum pkt_l4 */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags, res;
	uint16_t win, urg;
	uint8_t topt_words; /* TCP options */
	uint32_t tstamp;    /* in those */
	bool no_csum;	    /* UDP: 0 */
	/* payload: plen bytes of an endless stream, from pay_pos on */
	uint32_t plen, pay_pos;
	uint32_t pad; /* bytes behind the IP packet */
};

/* A plain TCP segment over IPv4 with 1,000 bytes. */
extern const struct gen gen_default;

/* Header bytes in front of the payload. */
uint32_t gen_hlen(const struct gen *g);
/* The frame with all checksums; returns its length. */
uint32_t gen_bytes(const struct gen *g, uint8_t *buf);
/* Something of everything that can be part of a train; payload of up to @max_plen bytes. */
void gen_random(struct gen *g, struct rnd *r, uint32_t max_plen);

enum chain_shape {
	CHAIN_FLAT,   /* as few segments as can be, private */
	CHAIN_CUT,    /* cut anywhere behind the first @first bytes, 1-byte segments and odd lengths
			 among them */
	CHAIN_SHARED, /* slices of a buffer that others share: its bytes must not be written */
	CHAIN_EXACT,  /* segments in heap blocks of exactly their size, so that sanitizers see every
			 stray access */
	CHAIN_N_SHAPES
};
/* The bytes as a packet, the first segment holding at least @first of them; metadata zeroed. */
struct rte_mbuf *chain_make(
	const uint8_t *buf, uint32_t n, enum chain_shape shape, uint32_t first, struct rnd *r);

/* The packet of @g in that shape with all headers in the first segment, parsed, tunnel header in
 * the metadata. */
struct rte_mbuf *gen_pkt(const struct gen *g, enum chain_shape shape, struct rnd *r);
/* The same as a super-frame that owes checksum and segmentation. */
struct rte_mbuf *gen_super(
	const struct gen *g, uint16_t gso_size, enum chain_shape shape, struct rnd *r);

/* Copy out all bytes; returns how many. */
uint32_t chain_bytes(const struct rte_mbuf *m, uint8_t *buf);

#endif
