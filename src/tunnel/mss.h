/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP maximum segment size (RFC 9293, 3.7.1) clamped to what a tunnel carries well. */
#ifndef CVSW_TUNNEL_MSS_H
#define CVSW_TUNNEL_MSS_H

#include "pkt/pkt.h"

/*
 * If *m (parsed, no tunnel in front) opens a TCP connection (SYN) and announces a larger MSS than
 * fits a frame of @room bytes (Ethernet header, tags, IP and TCP headers included), lower it, with
 * the checksum corrected (RFC 1624: a wrong one stays wrong).  Any other packet is left alone.
 * Returns 0, or -ENOBUFS with *m as it was; headers are unshared when written.
 */
int mss_clamp(struct rte_mbuf **m, uint32_t room) __rte_warn_unused_result;

#endif
