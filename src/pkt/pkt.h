/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets: rte_mbuf chains with struct pkt_meta in the private area.  The only way to make, cut,
 * grow and end one.
 *
 * Three pools, one process: `small` (2 KB of data), `big` (63 KB, always behind a small one), `hdr`
 * (headers in front, and the indirect segments that share another packet's bytes).  Headers always
 * fit a small segment, so a reader hands the kernel {small, big} and a short packet never touches a
 * big buffer.
 *
 * Ends: pkt_done() (delivered) or pkt_drop() (counted), nowhere else.
 */
#ifndef CVSW_PKT_PKT_H
#define CVSW_PKT_PKT_H

#include <stdint.h>

#include "pkt/drop.h"
#include "pkt/list.h"
#include "pkt/meta.h"

#define PKT_HEADROOM   128
#define PKT_SMALL_ROOM 2048  /* data bytes of a small segment */
#define PKT_BIG_ROOM   64512 /* data bytes of a big one */
#define PKT_HDR_ROOM   384   /* data bytes of a header segment */

#pragma GCC poison rte_pktmbuf_prepend rte_pktmbuf_copy

/*
 * Make the pools in about @memory_mb MiB (EAL is up).  Returns 0 or -ENOMEM.
 * pkt_pools_free: all packets must have ended.
 */
int pkt_pools_init(unsigned int memory_mb);
void pkt_pools_free(void);
/*
 * Instead of pkt_pools_init: use these, which a program made that wants other sizes, or memory that
 * devices reach.  As rte_pktmbuf_pool_create() makes them, with room for struct pkt_meta and
 * PKT_HEADROOM + PKT_SMALL_ROOM or PKT_HDR_ROOM bytes.  There is no big pool then: pkt_alloc_big()
 * finds no buffer.  pkt_pools_free() frees them.
 */
void pkt_pools_adopt(struct rte_mempool *small, struct rte_mempool *hdr);
/* Free buffers now / in all. */
struct pkt_pool_use {
	uint32_t small_free, small_total, big_free, big_total, hdr_free, hdr_total;
};
void pkt_pools_use(struct pkt_pool_use *u);

/* One empty segment, metadata zeroed; NULL when the pool is empty (the caller counts
 * DROP_NO_BUFFER). */
struct rte_mbuf *pkt_alloc_small(void);
struct rte_mbuf *pkt_alloc_big(void);
struct rte_mbuf *pkt_alloc_hdr(void);
/* The same with undefined metadata: for a segment behind the first, or when the caller sets all of
 * it. */
struct rte_mbuf *pkt_alloc_hdr_bare(void);
struct rte_mbuf *pkt_alloc_small_bare(void);
/* @n of them at once: 0, or -ENOBUFS and none. */
int pkt_alloc_hdr_bulk(struct rte_mbuf **segs, uint32_t n) __rte_warn_unused_result;

/* Delivered. */
void pkt_done(struct rte_mbuf *m);
/* Not delivered: counted for the packet's object (meta->obj) under @why. */
void pkt_drop(struct rte_mbuf *m, enum drop_reason why);
void pkt_drop_list(struct pkt_list *l, enum drop_reason why);
/* Count @n frames that never became a packet of ours. */
void pkt_count_drop(uint16_t obj, enum drop_reason why, uint64_t n);

/*
 * Where the calling thread counts its drops: a table of rows [obj][reason], @n_objs rows; NULL:
 * nowhere but the thread's own fallback row (pkt_drops_fallback, which tests read).  Written by
 * this thread only, read by any.
 */
void pkt_drops_bind(uint64_t (*rows)[DROP_N_REASONS], uint32_t n_objs);
uint64_t pkt_drops_fallback(enum drop_reason why);

/*
 * Bounded access: pointer to a T at @off, NULL unless it is wholly inside the first segment.
 * Headers of a parsed layer are always there.
 */
#define PKT_HDR(m, off, T) ((T *)pkt_bytes((m), (off), sizeof(T)))
static inline void *pkt_bytes(const struct rte_mbuf *m, uint32_t off, uint32_t n)
{
	if ((uint64_t)off + n > m->data_len)
		return NULL;
	return rte_pktmbuf_mtod_offset(m, char *, off);
}

/* Nobody else sees the bytes of this segment. */
static inline bool pkt_seg_private(const struct rte_mbuf *seg)
{
	return RTE_MBUF_DIRECT(seg) && rte_mbuf_refcnt_read(seg) == 1;
}

/* What the mbuf of a first segment says about its packet besides bytes and metadata (port, VLAN
 * tags that stand beside it, hash, flags, dynamic fields): @to, without flags as yet, says it, too.
 */
static inline void pkt_attrs_copy(struct rte_mbuf *to, const struct rte_mbuf *from)
{
	to->port = from->port;
	to->vlan_tci = from->vlan_tci;
	to->vlan_tci_outer = from->vlan_tci_outer;
	to->packet_type = from->packet_type;
	to->hash = from->hash;
	to->tx_offload = from->tx_offload;
	to->ol_flags |= from->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	rte_mbuf_dynfield_copy(to, from);
}

/*
 * The following may replace the first segment: *m is the packet afterwards, metadata carried along,
 * offsets of the layers NOT changed by push/trim (the caller shifts what moved).  Return 0, or
 * -ENOBUFS / -EINVAL with the packet as it was.
 */
/* @n writable bytes in front (content undefined). @n <= PKT_HEADROOM.  Parsed headers stay in the
 * first segment. */
int pkt_push(struct rte_mbuf **m, uint16_t n) __rte_warn_unused_result;
/* Remove @n bytes at the front / all but the first @n bytes. */
int pkt_trim_front(struct rte_mbuf **m, uint32_t n) __rte_warn_unused_result;
int pkt_trim_to(struct rte_mbuf *m, uint32_t n) __rte_warn_unused_result;
/* The first @n bytes (<= PKT_SMALL_ROOM, <= pkt_len) contiguous in the first segment. */
int pkt_pull(struct rte_mbuf **m, uint32_t n) __rte_warn_unused_result;
/* The same and private, so that they may be written. */
int pkt_unshare(struct rte_mbuf **m, uint32_t n) __rte_warn_unused_result;

/* The same bytes in as few segments as can be, all private (a copy): for callers that take only
 * short chains. */
int pkt_flatten(struct rte_mbuf **m) __rte_warn_unused_result;

/* Append the segments of @b (no packet any more) to @a. */
void pkt_append(struct rte_mbuf *a, struct rte_mbuf *b);
/* As pkt_append with a's last segment known: for long chains.  Returns the new last segment. */
struct rte_mbuf *pkt_append_at(struct rte_mbuf *a, struct rte_mbuf *a_last, struct rte_mbuf *b);

/*
 * A new packet that shares @len bytes of @m from @off: no payload is copied; metadata zeroed. NULL:
 * no buffer. pkt_clone: all of it, with the metadata.
 */
struct rte_mbuf *pkt_slice(struct rte_mbuf *m, uint32_t off, uint32_t len);
struct rte_mbuf *pkt_clone(struct rte_mbuf *m);
/* As pkt_slice from the middle of a chain, @off counting from @seg; metadata undefined: to be
 * appended to something. */
struct rte_mbuf *pkt_slice_at(struct rte_mbuf *seg, uint32_t off, uint32_t len);

/* A packet of private bytes copied from memory (segments as needed) / copied out. NULL: no buffer.
 */
struct rte_mbuf *pkt_from_bytes(const void *bytes, uint32_t n);
/* Copy @n bytes from @off into @dst; they must be there. */
void pkt_copy_out(const struct rte_mbuf *m, uint32_t off, uint32_t n, void *dst);

/*
 * Buffer memory that the packet keeps from others, bytes: objects of its segments, and the buffers
 * they share (a buffer shared by neighbouring segments counts once).
 */
uint32_t pkt_truesize(const struct rte_mbuf *m);

#endif
