/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments that share another one's bytes.  What rte_pktmbuf_attach() does, without the fields that
 * only the first segment of a packet has, and with the reference apart, so that many pieces of one
 * buffer cost a single atomic operation.
 */
#ifndef CVSW_PKT_SHARE_H
#define CVSW_PKT_SHARE_H

#include <rte_mbuf.h>

/* @s, fresh from its pool, becomes @n bytes of @seg from @off.  The reference is the caller's to
 * take: share_hold(). */
static inline void share_piece(
	struct rte_mbuf *s, const struct rte_mbuf *seg, uint32_t off, uint32_t n)
{
	if (RTE_MBUF_HAS_EXTBUF(seg)) {
		s->shinfo = seg->shinfo;
		s->ol_flags = RTE_MBUF_F_EXTERNAL;
	} else {
		s->priv_size = seg->priv_size; /* how the buffer's owner is found */
		s->ol_flags = RTE_MBUF_F_INDIRECT;
	}
	rte_mbuf_iova_set(s, rte_mbuf_iova_get(seg));
	s->buf_addr = seg->buf_addr;
	s->buf_len = seg->buf_len;
	s->data_off = (uint16_t)(seg->data_off + off);
	s->data_len = (uint16_t)n;
	s->pkt_len = n;
}

/* @n references to the buffer of @seg. */
static inline void share_hold(struct rte_mbuf *seg, uint32_t n)
{
	if (!n)
		return;
	if (RTE_MBUF_HAS_EXTBUF(seg))
		rte_mbuf_ext_refcnt_update(seg->shinfo, (int16_t)n);
	else if (RTE_MBUF_CLONED(seg))
		rte_mbuf_refcnt_update(rte_mbuf_from_indirect(seg), (int16_t)n);
	else
		rte_mbuf_refcnt_update(seg, (int16_t)n);
}

#endif
