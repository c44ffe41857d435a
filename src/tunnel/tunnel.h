/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kinds of tunnel: a new one is a new file and one row in tunnel.c.
 *
 * Contract: worker threads, never block, keep nothing.  push: *m grows a header, inner offsets
 * shift, 0 or -ENOBUFS. peek: key of the packet whose header starts at its first byte, or -EINVAL.
 * pop: header gone, inner frame parsed; 0, -EINVAL (bad header), -EBADMSG (metadata contradicts the
 * frame), -ENOBUFS; on an error *m is the caller's.  The *_meta forms write and read SCLP's frame
 * metadata.
 */
#ifndef CVSW_TUNNEL_TUNNEL_H
#define CVSW_TUNNEL_TUNNEL_H

#include "pkt/pkt.h"

struct tunnel_ops {
	const char *name;
	uint16_t udp_port;  /* default destination port over plain UDP */
	uint16_t sclp_port; /* SCLP destination port: what the frame holds */
	uint32_t key_max;
	uint16_t hlen; /* bytes that push puts in front */
	int (*push)(struct rte_mbuf **m, uint32_t key);
	int (*push_meta)(struct rte_mbuf **m, uint32_t key);
	int32_t (*peek)(const struct rte_mbuf *m);
	int (*pop)(struct rte_mbuf **m);
	int (*pop_meta)(struct rte_mbuf **m);
};

extern const struct tunnel_ops tunnel_vxlan_ops;

#endif
