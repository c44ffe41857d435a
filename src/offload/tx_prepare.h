/* SPDX-License-Identifier: BSD-3-Clause */
/* Where debts are paid, once, just before a packet leaves through a port or a tunnel without frame
 * metadata. */
#ifndef CVSW_OFFLOAD_TX_PREPARE_H
#define CVSW_OFFLOAD_TX_PREPARE_H

#include "offload/caps.h"
#include "pkt/pkt.h"

/*
 * Make @m fit @caps (CAP_*): segment in software what the port cannot, compute owed checksums that
 * it cannot.  The result, one packet or many in order, goes to the end of @out.  A packet that owes
 * nothing the port lacks is passed through untouched (fast path: no look at its bytes).  A
 * super-frame of a single segment's size becomes a plain packet.
 *
 * Headers of packets that share their bytes (pkt_clone) are unshared before they are written.  With
 * a tunnel header in front (meta->tun_hlen) the inner debts are paid and every segment carries a
 * copy of the tunnel header.
 *
 * Returns 0 (m is in @out) or -errno with @m unchanged and the caller's: -ENOBUFS (no buffer),
 * -EPERM (would have to be segmented but CAP_GSO is not set), -EINVAL (cannot be segmented: headers
 * do not fit the type).
 */
int tx_prepare(struct rte_mbuf *m, uint32_t caps, struct pkt_list *out) __rte_warn_unused_result;

#endif
