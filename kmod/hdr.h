/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SCLP header on an skb: accessors and the arithmetic of include/uapi/sclp.h.
 * Pure functions of bytes; no state.  Used by gso, gro, rcv and reasm.
 */
#ifndef _SCLP_HDR_H
#define _SCLP_HDR_H

#include <linux/skbuff.h>
#include <sclp.h>

static_assert(sizeof(struct sclp_hdr) == SCLP_HLEN);

#define SCLP_SEGS_MAX 160 /* of one frame */

static inline u32 sclp_hdr_id(const struct sclp_hdr *h)
{
	return be32_to_cpu(h->id_first) >> 1;
}

static inline bool sclp_hdr_is_first(const struct sclp_hdr *h)
{
	return h->id_first & cpu_to_be32(SCLP_FIRST);
}

static inline __be32 sclp_hdr_make_id(u32 id, bool first)
{
	return cpu_to_be32(id << 1 | first);
}

/* Offset of the segment's first byte, counted from the frame's end; @plen: bytes behind
 * the header.
 */
static inline u32 sclp_hdr_from_end(const struct sclp_hdr *h, u32 plen)
{
	return be16_to_cpu(h->remaining) + plen;
}

/* May @b, with @b_plen bytes, stand right behind @a, with @a_plen? */
static inline bool sclp_hdr_follows(
	const struct sclp_hdr *a, u32 a_plen, const struct sclp_hdr *b, u32 b_plen)
{
	return !sclp_hdr_is_first(b) && sclp_hdr_id(a) == sclp_hdr_id(b) &&
	       be16_to_cpu(a->remaining) == sclp_hdr_from_end(b, b_plen) && a_plen;
}

/* The sum of the header at @off bytes of @skb is owed: it is right, whoever sends the packet on
 * writes it.
 */
static inline bool sclp_sum_is_owed(const struct sk_buff *skb, int off)
{
	return skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_start_offset(skb) == off;
}

/* Owes it.  The header does not move in the buffer afterwards but by skb_push() and skb_pull(). */
static inline void sclp_sum_owe(struct sk_buff *skb, struct sclp_hdr *sh)
{
	sh->check = 0; /* no pseudo-header to start from */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (unsigned char *)sh - skb->head;
	skb->csum_offset = offsetof(struct sclp_hdr, check);
}

#endif
