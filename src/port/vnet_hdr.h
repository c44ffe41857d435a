/* SPDX-License-Identifier: BSD-3-Clause */
/* struct virtio_net_hdr <-> struct pkt_meta: how TAP, AF_PACKET and virtio tell debts. Little
 * endian on the wire. */
#ifndef CVSW_PORT_VNET_HDR_H
#define CVSW_PORT_VNET_HDR_H

#include <linux/virtio_net.h>

#include "pkt/pkt.h"

/* iovec entries a chain of @n_segs may need; longer chains are copied first. */
#define VNET_IOV_MAX 256

/*
 * Parse the frame @m, which came with header @vh, into its inner layer and take over the debts,
 * after checking that they agree with the frame.  A checksum owed by a protocol we do not know is
 * paid at once.  Returns 0 or -EINVAL (the header contradicts the frame; the packet is the
 * caller's, to drop).
 */
int vnet_hdr_decode(struct rte_mbuf *m, const struct virtio_net_hdr *vh) __rte_warn_unused_result;

/* Write the debts of @m (no tunnel in front) for the kernel or guest. */
void vnet_hdr_encode(const struct rte_mbuf *m, struct virtio_net_hdr *vh);

#endif
