/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the transport protocols differ in.  The tests' generator makes TCP and UDP; the others are
 * made of those: STT is a TCP header by its looks, SCLP stands behind UDP, SCTP over UDP's bytes.
 */
#ifndef CVSW_BENCH_TRANSPORT_H
#define CVSW_BENCH_TRANSPORT_H

#include "frame.h"

/* The generator's part of a packet with at->plen bytes of payload. */
void transport_gen(const struct proto *p, const struct frame_at *at, struct gen *g);
/* Header bytes behind those that the generator knows. */
uint32_t transport_extra(const struct proto *p);
/* Set the IP protocol where it is not the generator's. */
void transport_ip_proto(const struct proto *p, uint8_t *ip_proto);
/* Write header and checksum, and what is fixed in the payload. */
void transport_put(struct frame *f, const struct frame_at *at, const struct gen *g);
/* What the protocol itself has in the payload: SCTP's chunks. */
void transport_put_payload(const struct proto *p, uint8_t *pay, const struct frame_at *at);
/* Where the payload has room for a mark. */
uint32_t transport_mark_off(const struct proto *p);

#endif
