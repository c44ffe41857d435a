/* SPDX-License-Identifier: BSD-3-Clause */
/* Software coalescing: names no protocol, see offload_ops.h.  One struct gro belongs to one worker.
 */
#ifndef CVSW_OFFLOAD_GRO_H
#define CVSW_OFFLOAD_GRO_H

#include "pkt/pkt.h"

#define GRO_TCP	 1u
#define GRO_UDP	 2u /* equal datagrams into one USO super-frame, for receivers that can take it */
#define GRO_SCTP 4u /* chunks of an association into one packet, for receivers that can take it */
#define GRO_SCLP 8u /* segments of a frame: level 1 of reassembly */
#define GRO_STT	 16u
#define GRO_ALL	 31u

struct gro;

/* A table for at most @n_flows flows (rounded up to a power of two); NULL: no memory. gro_destroy:
 * it must be empty. */
struct gro *gro_create(uint32_t n_flows);
void gro_destroy(struct gro *g);

/*
 * Give @m (parsed, inner layer; a tunnel header in front is part of the flow's key) to the engine,
 * which holds it, merges it into a held one, or passes it on; whatever must leave now is appended
 * to @out, older data of the flow first, so that order inside a flow never changes.  @what: GRO_*
 * kinds to merge.  In doubt a packet is passed on unmerged; none is ever dropped or changed in
 * meaning: gso(gro(p...)) gives the bytes of p... again.  A checksum that was not verified is
 * verified before merging; a wrong one keeps the packet apart, unchanged. A merged packet has
 * gso_type and gso_size set and owes its checksum.
 */
void gro_receive(
	struct gro *g, struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out);
/* The same for @n packets in order, reading ahead: for many flows whose packets are not in the
 * caches. */
void gro_receive_burst(struct gro *g, struct rte_mbuf **pkts, unsigned int n, uint32_t what,
	uint64_t now_ns, struct pkt_list *out);

/* All held packets go to @out, oldest flow first: at the end of each burst. */
void gro_flush(struct gro *g, struct pkt_list *out);
/* Does it hold any? */
bool gro_holds(const struct gro *g);
/* Those held since before @now_ns - @age_ns. */
void gro_flush_aged(struct gro *g, uint64_t now_ns, uint64_t age_ns, struct pkt_list *out);

#endif
