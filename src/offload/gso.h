/* SPDX-License-Identifier: BSD-3-Clause */
/* Software segmentation of super-frames: names no protocol, see offload_ops.h. */
#ifndef CVSW_OFFLOAD_GSO_H
#define CVSW_OFFLOAD_GSO_H

#include "pkt/pkt.h"

/*
 * Cut the super-frame @m (inner gso_type and gso_size set, inner layer parsed) into packets of
 * gso_size payload bytes each, the last one with the rest; headers are copied and corrected,
 * payload is shared, not copied.  Owed checksums stay owed in each segment (the field holds the
 * pseudo-header sum of that segment).  Appends to @out in order.
 *
 * Returns 0 with @m used up, or -ENOBUFS / -EINVAL with nothing changed.
 */
int gso_segment(struct rte_mbuf *m, struct pkt_list *out) __rte_warn_unused_result;

#endif
