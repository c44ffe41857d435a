/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames of every protocol and nesting that the offload engine knows, from a few bytes (of a fuzz
 * target's input, or random ones): written byte by byte with all checksums.
 */
#ifndef CVSW_TESTS_FRAMES_H
#define CVSW_TESTS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "in.h"

enum frame_tun {
	FRAME_PLAIN,
	FRAME_BARE, /* 8 bytes of a tunnel header alone, as over a kernel socket */
	FRAME_VXLAN,
	FRAME_GENEVE,
	FRAME_GENEVE_IP, /* IP without Ethernet inside */
	FRAME_GRE,
	FRAME_GRE_IP,
	FRAME_N_TUN
};

enum frame_l4 {
	FRAME_TCP,
	FRAME_UDP,
	FRAME_SCTP,
	FRAME_SCLP, /* the last three only where there is no tunnel */
	FRAME_SCLP_UDP,
	FRAME_STT,
	FRAME_N_L4
};

struct frame_ip {
	bool v6;
	bool df, id_fixed;
	uint8_t tos, ttl;
	uint8_t opts; /* IPv4: words of options; IPv6: bit 0 hop-by-hop, bit 1 destination */
	uint8_t addr;
	uint16_t id;
};

struct frame {
	uint8_t tun; /* enum frame_tun */
	uint8_t n_outer_vlan, n_vlan;
	uint8_t tun_opts; /* Geneve: words */
	bool outer_csum;  /* of UDP or GRE */
	bool gre_key, gre_seq;
	uint32_t key; /* VNI, too */
	struct frame_ip outer, ip;
	uint8_t l4; /* enum frame_l4 */
	bool no_csum;
	bool other_zero; /* a checksum of 0 is written as 0xffff, where both mean the same */
	uint8_t flags;
	uint8_t opts; /* TCP: words */
	uint16_t outer_sport, sport;
	uint32_t seq;	    /* TCP; SCTP: TSN; SCLP, STT: identification of the frame */
	uint32_t frame_len; /* SCLP, STT: of the opaque frame, and where in it the payload starts */
	uint32_t at;
	uint16_t chunk;	    /* SCTP: bytes of data in each chunk; the payload is whole chunks */
	uint32_t plen, pos; /* payload, and where in an endless stream of bytes it starts */
	uint32_t pad;
	/* one header byte changed before the checksums are made, and any byte after: offset and
	 * what to XOR */
	uint16_t poke_at, spoil_at;
	uint8_t poke, spoil;
};

/* Where things are; 0: not there. */
struct frame_map {
	uint32_t outer_ip, outer_l4, tun, ip, l4, pay, end, n;
};

/* A flow out of the next bytes of the input: its first packet. */
void frame_define(struct frame *f, struct in *in);
/* Start where checksums will soon be 0: of IPv4 in the third packet, of the outer IPv4 in the
 * fourth; of GRE, where a key can make it so, in this one. */
void frame_near_zero(struct frame *f);
/* Payload bytes that cannot be cut: a chunk of SCTP, or 1 / what the protocol allows of plen. */
uint32_t frame_unit(const struct frame *f);
uint32_t frame_fit(const struct frame *f);
/* The bytes, all checksums right before the spoiling; at most GEN_MAX. */
void frame_build(struct frame *f, uint8_t *b, struct frame_map *at);
/* Write all checksums anew / those in front of the inner packet, for bytes that were edited. */
void frame_sum(const struct frame *f, uint8_t *b, const struct frame_map *at);
void frame_sum_outer(const struct frame *f, uint8_t *b, const struct frame_map *at);
/* The description of what a sender sends behind @f. */
void frame_next(struct frame *f);
/* Segment @idx of the super-frame @f, cut at @gso_size; false: there are not so many. */
bool frame_segment(const struct frame *f, uint32_t gso_size, uint32_t idx, struct frame *seg);

#endif
