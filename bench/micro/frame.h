/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes of one frame of a protocol, checksums and all.  What is inside comes from the tests'
 * generator; transport.c and wrap.c add what that does not know.  Checksums are DPDK's.
 */
#ifndef CVSW_BENCH_FRAME_H
#define CVSW_BENCH_FRAME_H

#include "proto.h"
#include "tests/lib/pktgen.h"

#define FRAME_OUTER_MAX 128

/* Which packet of which flow. */
struct frame_at {
	uint32_t flow;
	uint32_t idx; /* counts the IPv4 identification */
	uint32_t pos; /* of its payload in the flow */
	uint32_t plen;
	uint32_t chunk;	   /* SCTP: bytes of each DATA chunk, of which the payload is made */
	uint32_t frame_id; /* STT, SCLP: the opaque frame that the payload is a part of */
	uint32_t frame_off, frame_len;
};

struct frame {
	const struct proto *p;
	uint32_t hlen, len;
	/* offsets; outer ones are valid with p->wrap */
	uint16_t outer_l3, outer_l4, tun, l3, l4;
	uint8_t b[FRAME_OUTER_MAX + GEN_MAX];
};

/* Payload bytes that fit into one IP packet of 65,535 bytes, the outermost one. */
uint32_t frame_plen_max(const struct proto *p);

void frame_build(struct frame *f, const struct proto *p, const struct frame_at *at);

/*
 * Make @f, built for another packet with the same payload length, that of @at: whatever differs in
 * its headers, and a mark in its payload that says flow and packet.
 */
void frame_stamp(struct frame *f, const struct frame_at *at);

/* What frame_stamp() writes into the payload of @p at @pay. */
struct frame_mark {
	uint32_t flow, idx;
};
void frame_stamp_payload(const struct proto *p, uint8_t *pay, const struct frame_at *at);
/* The mark in it. */
struct frame_mark frame_mark_of(const struct proto *p, const uint8_t *pay);

#endif
