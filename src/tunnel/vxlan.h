/* SPDX-License-Identifier: BSD-3-Clause */
/* VXLAN header: push and pop, plain (RFC 7348) and with SCLP's frame metadata. */
#ifndef CVSW_TUNNEL_VXLAN_H
#define CVSW_TUNNEL_VXLAN_H

#include "pkt/pkt.h"

/*
 * Put a VXLAN header in front of @m; inner offsets shift, the header becomes
 * meta->tun_off/tun_hlen. vxlan_push_meta also writes the inner layer's debts as SCLP frame
 * metadata (uapi/sclp.h). Return 0 or -ENOBUFS with *m as it was.
 */
int vxlan_push(struct rte_mbuf **m, uint32_t vni) __rte_warn_unused_result;
int vxlan_push_meta(struct rte_mbuf **m, uint32_t vni) __rte_warn_unused_result;

/* VNI of the packet whose VXLAN header starts at its first byte, or -EINVAL: short, or the I flag
 * is missing. */
int32_t vxlan_peek(const struct rte_mbuf *m);

/*
 * Remove the VXLAN header and parse the inner frame into meta->inner.  vxlan_pop_meta takes over
 * the frame metadata, if present, after checking it against the frame.  Return 0 or -EINVAL (short,
 * bad header) / -EBADMSG (metadata contradicts the frame) / -ENOBUFS with *m the caller's, to drop.
 */
int vxlan_pop(struct rte_mbuf **m) __rte_warn_unused_result;
int vxlan_pop_meta(struct rte_mbuf **m) __rte_warn_unused_result;

#endif
