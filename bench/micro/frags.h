/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes out where a datagram is sent as IP fragments (UFO). */
#ifndef CVSW_BENCH_FRAGS_H
#define CVSW_BENCH_FRAGS_H

#include "frame.h"

#define FRAGS_UDP_HLEN 8 /* to IP it is payload */

struct frags {
	struct frame f; /* the datagram, its checksum done */
	uint32_t seg;	/* bytes that each fragment has of it, a multiple of 8 */
	uint32_t id;	/* IPv6: of the first fragment that came out */
};

/* The datagram @f, which comes out in pieces of @seg bytes, the last one no smaller. */
void frags_expect(struct frags *e, const struct frame *f, uint32_t seg);

/* Is @m, byte for byte, fragment @idx?  In order; what is wrong, or NULL. */
const char *frags_check(struct frags *e, const struct rte_mbuf *m, uint32_t idx);

#endif
