/* SPDX-License-Identifier: BSD-3-Clause */
/* The one parser of frames: reads, never writes.  Everything else takes offsets from struct
 * pkt_layer. */
#ifndef CVSW_PKT_PARSE_H
#define CVSW_PKT_PARSE_H

#include "pkt/meta.h"

/*
 * Parse the Ethernet frame that starts @off bytes into @m: up to two VLAN tags, IPv4 or IPv6 with
 * extension headers (at most 8), TCP, UDP or SCTP.  Fills the header fields of @l (offsets, l3, l4,
 * proto, flags, end_off); csum and gso_* stay as they are.  Never fails: what is unknown, malformed
 * or not inside the first segment leaves l3 or l4 at NONE. Guarantees, if l3 != NONE: the IP header
 * is whole, its length field is >= its headers and end_off <= pkt_len.  If l4 != NONE: the L4
 * header is whole inside [.., end_off) and inside the first segment, and for UDP len >= 8.
 */
void pkt_parse(const struct rte_mbuf *m, uint16_t off, struct pkt_layer *l);
/* The same for a packet without link layer: EtherType @type says what starts at @off. l2_off ==
 * l3_off. */
void pkt_parse_ip(const struct rte_mbuf *m, uint16_t off, rte_be16_t type, struct pkt_layer *l);

/* Hash of the flow in @l: addresses, protocol and ports (without l4: addresses; without l3: MAC
 * addresses); never 0. */
uint32_t pkt_flow_hash(const struct rte_mbuf *m, const struct pkt_layer *l);

/* DSCP and ECN byte of the layer's IP header, 0 without one. */
uint8_t pkt_layer_tos(const struct rte_mbuf *m, const struct pkt_layer *l);

#endif
