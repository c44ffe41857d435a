/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SCLP header on an skb: accessors and the arithmetic of include/uapi/sclp.h.
 * Pure functions of bytes; no state.  Used by gso, gro, rcv and reasm.
 */
#ifndef _SCLP_HDR_H
#define _SCLP_HDR_H

#include <linux/skbuff.h>
#include <sclp.h>

static inline u32 sclp_hdr_id(const struct sclp_hdr *h)
{
	return be32_to_cpu(h->id_first) >> 1;
}

static inline bool sclp_hdr_is_first(const struct sclp_hdr *h)
{
	return h->id_first & cpu_to_be32(SCLP_FIRST);
}

/* Offset of the segment's first byte, counted from the frame's end; @plen: bytes behind the header. */
static inline u32 sclp_hdr_from_end(const struct sclp_hdr *h, u32 plen)
{
	return be16_to_cpu(h->remaining) + plen;
}

#endif
