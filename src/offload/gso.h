/* SPDX-License-Identifier: BSD-3-Clause */
/* Software segmentation of super-frames: names no protocol, see offload_ops.h. */
#ifndef CVSW_OFFLOAD_GSO_H
#define CVSW_OFFLOAD_GSO_H

#include "pkt/pkt.h"

/*
 * Cut the super-frame @m (inner gso_type and gso_size set, inner layer parsed) into packets of
 * gso_size payload bytes each, the last one with the rest (SCTP: of at most gso_size bytes of whole
 * chunks; UFO: into fragments, of the checksum as it is in the super-frame); headers are copied and
 * corrected, payload is shared or copied.  Owed checksums stay owed in each segment (enum
 * pkt_csum); gso_segment_paid pays them, outer ones too.  Appends to @out in order.
 *
 * Returns 0 with @m used up, or -ENOBUFS / -EINVAL (no such super-frame, or it cannot be cut) with
 * nothing changed.
 */
int gso_segment(struct rte_mbuf *m, struct pkt_list *out) __rte_warn_unused_result;
int gso_segment_paid(struct rte_mbuf *m, struct pkt_list *out) __rte_warn_unused_result;

/*
 * The same where the payload of a segment is copied if it has at most @max bytes, and otherwise
 * shared, whatever is faster; 0: all is shared.  For the benchmark, which shows where the limits of
 * the former two should be, and for tests.
 */
int gso_segment_copying(
	struct rte_mbuf *m, uint32_t max, struct pkt_list *out) __rte_warn_unused_result;
int gso_segment_paid_copying(
	struct rte_mbuf *m, uint32_t max, struct pkt_list *out) __rte_warn_unused_result;

#endif
