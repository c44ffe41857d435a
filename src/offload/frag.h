/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams sent as IP fragments (PKT_GSO_UFO). */
#ifndef CVSW_OFFLOAD_FRAG_H
#define CVSW_OFFLOAD_FRAG_H

#include "pkt/pkt.h"

/* Random bits for the identifications of IPv6 fragments that the calling thread makes: once a
 * thread, or they can be guessed. */
void frag_seed(uint64_t secret);

/*
 * What fragments share out of the datagram @m, whose layer @l has an L4 header, begins at this
 * offset: behind the IPv4 header; behind the IPv6 headers that nodes on the way look at, hop-by-hop
 * and routing with all that is in front of them.  Destination options behind those belong to what
 * is cut (RFC 8200, 4.5).  0: the headers are not what a parser saw.
 */
uint32_t frag_start(const struct rte_mbuf *m, const struct pkt_layer *l);

#endif
