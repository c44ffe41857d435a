/* SPDX-License-Identifier: BSD-3-Clause */
/* Parsing of packets as a network card or a packet socket delivers them: tunnels with all their
 * headers. */
#ifndef CVSW_PKT_PARSE_WIRE_H
#define CVSW_PKT_PARSE_WIRE_H

#include "pkt/meta.h"

/* Where tunnels are expected; host byte order, 0: nowhere. */
struct pkt_wire_ports {
	uint16_t vxlan, geneve; /* UDP */
	uint16_t sclp;		/* UDP, the carrier */
	uint16_t stt;		/* TCP */
	uint8_t sclp_proto;	/* IP protocol */
	bool gre;
};

/* The ports and numbers of the standards and of docs/protocol.md. */
extern const struct pkt_wire_ports pkt_wire_default;

/*
 * Parse the packet @m, which starts with an Ethernet header, into @md.  If it is a tunnel's, outer
 * layer, tunnel header (tun, tun_off, tun_hlen) and inner layer are filled, csum UNKNOWN, nothing
 * owed; the inner layer of GRE or Geneve that carry IP has no Ethernet header (l2_off == l3_off).
 * An SCLP or STT segment has just the inner layer with that l4.  Anything else, and what is
 * malformed, looks as pkt_parse() sees it.  The headers must be in the first segment; 256 bytes do
 * (pkt_pull) unless there are options in plenty.  hash, obj and tos of @md stay as they are.
 */
void pkt_parse_wire(
	const struct rte_mbuf *m, const struct pkt_wire_ports *ports, struct pkt_meta *md);

#endif
