/* SPDX-License-Identifier: BSD-3-Clause */
/* Cutting, growing and sharing packets. */
#include "pkt/pkt.h"

#include <errno.h>
#include <string.h>

#include "pkt/share.h"

#define PKT_HEADERS_MIN                                                                            \
	128 /* bytes of an unknown packet that pkt_push keeps in the first segment */

/* @head becomes the packet's first segment, in front of @m (which may be used up: NULL). */
static struct rte_mbuf *put_in_front(
	struct rte_mbuf *head, struct rte_mbuf *rest, uint32_t pkt_len, const struct pkt_meta *md)
{
	if (pkt_meta(head) != md)
		*pkt_meta(head) = *md;
	head->next = rest;
	head->nb_segs = (uint16_t)(1 + (rest ? rest->nb_segs : 0));
	head->pkt_len = pkt_len;
	return head;
}

int pkt_trim_front(struct rte_mbuf **mp, uint32_t n)
{
	struct rte_mbuf *m = *mp;

	if (n > m->pkt_len)
		return -EINVAL;
	while (n >= m->data_len && m->next) {
		struct rte_mbuf *rest = m->next;

		n -= m->data_len;
		rest->nb_segs = (uint16_t)(m->nb_segs - 1);
		rest->pkt_len = m->pkt_len - m->data_len;
		*pkt_meta(rest) = *pkt_meta(m);
		m->next = NULL;
		m->nb_segs = 1;
		rte_pktmbuf_free_seg(m);
		m = rest;
	}
	m->data_off += (uint16_t)n;
	m->data_len -= (uint16_t)n;
	m->pkt_len -= n;
	*mp = m;
	return 0;
}

int pkt_trim_to(struct rte_mbuf *m, uint32_t n)
{
	struct rte_mbuf *seg = m;
	uint32_t left = n;
	uint16_t n_segs = 1;

	if (n > m->pkt_len)
		return -EINVAL;
	while (left > seg->data_len) {
		left -= seg->data_len;
		seg = seg->next;
		n_segs++;
	}
	seg->data_len = (uint16_t)left;
	if (seg->next) {
		struct rte_mbuf *rest = seg->next;

		seg->next = NULL;
		rest->nb_segs = (uint16_t)(m->nb_segs - n_segs);
		rte_pktmbuf_free(rest);
	}
	m->nb_segs = n_segs;
	m->pkt_len = n;
	return 0;
}

/* Move the first @n bytes into a new private segment in front of what is left of the packet. */
static int copy_front(struct rte_mbuf **mp, uint32_t n)
{
	struct rte_mbuf *m = *mp, *head;
	const struct pkt_meta md = *pkt_meta(m);
	const uint32_t pkt_len = m->pkt_len;

	if (n > PKT_SMALL_ROOM || n > pkt_len)
		return -EINVAL;
	head = n <= PKT_HDR_ROOM ? pkt_alloc_hdr() : pkt_alloc_small();
	if (!head)
		return -ENOBUFS;
	pkt_copy_out(m, 0, n, rte_pktmbuf_mtod(head, char *));
	pkt_attrs_copy(head, m);
	head->data_len = (uint16_t)n;
	if (n == pkt_len) {
		rte_pktmbuf_free(m);
		m = NULL;
	} else if (pkt_trim_front(&m, n)) {
		assert(!"n was checked");
	}
	*mp = put_in_front(head, m, pkt_len, &md);
	return 0;
}

/* Bytes in front that must stay in the first segment: the headers that the metadata knows, or what
 * parsers look at. */
static uint32_t headers_len(const struct rte_mbuf *m)
{
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;

	return RTE_MIN(m->data_len, l->l4 != PKT_L4_NONE ? l->pay_off : PKT_HEADERS_MIN);
}

static int push_segment(struct rte_mbuf **mp, uint16_t n)
{
	struct rte_mbuf *m = *mp, *head;

	if (m->nb_segs == UINT16_MAX)
		return -EINVAL;
	head = pkt_alloc_hdr();
	if (!head)
		return -ENOBUFS;
	pkt_attrs_copy(head, m);
	head->data_len = n;
	*mp = put_in_front(head, m, m->pkt_len + n, pkt_meta(m));
	return 0;
}

int pkt_push(struct rte_mbuf **mp, uint16_t n)
{
	struct rte_mbuf *m = *mp;

	if (n > PKT_HEADROOM)
		return -EINVAL;
	if (n > rte_pktmbuf_headroom(m) || !pkt_seg_private(m)) {
		const uint32_t hlen = headers_len(m);
		int err;

		if (!hlen || hlen > PKT_SMALL_ROOM)
			return push_segment(mp, n);
		/* the headers move along, or they would no longer be in the first segment */
		err = copy_front(mp, hlen);
		if (err)
			return err;
		m = *mp;
	}
	m->data_off -= n;
	m->data_len += n;
	m->pkt_len += n;
	return 0;
}

int pkt_pull(struct rte_mbuf **mp, uint32_t n)
{
	if (n <= (*mp)->data_len)
		return 0;
	return copy_front(mp, n);
}

int pkt_unshare(struct rte_mbuf **mp, uint32_t n)
{
	if (n <= (*mp)->data_len && pkt_seg_private(*mp))
		return 0;
	return copy_front(mp, n);
}

int pkt_flatten(struct rte_mbuf **mp)
{
	struct rte_mbuf *flat = pkt_alloc_small(), *last = flat, *seg = flat;
	uint32_t off = 0, left = (*mp)->pkt_len;

	while (seg) {
		const uint32_t n = RTE_MIN(left, (uint32_t)rte_pktmbuf_tailroom(seg));

		pkt_copy_out(*mp, off, n, rte_pktmbuf_mtod(seg, char *));
		seg->data_len = (uint16_t)n;
		seg->pkt_len = n;
		if (seg != flat)
			last = pkt_append_at(flat, last, seg);
		off += n;
		left -= n;
		if (!left) {
			*pkt_meta(flat) = *pkt_meta(*mp);
			pkt_attrs_copy(flat, *mp);
			rte_pktmbuf_free(*mp);
			*mp = flat;
			return 0;
		}
		seg = left > 4 * PKT_SMALL_ROOM ? pkt_alloc_big() : pkt_alloc_small();
	}
	rte_pktmbuf_free(flat);
	return -ENOBUFS;
}

struct rte_mbuf *pkt_append_at(struct rte_mbuf *a, struct rte_mbuf *a_last, struct rte_mbuf *b)
{
	struct rte_mbuf *last = b;

	a->pkt_len += b->pkt_len;
	a->nb_segs = (uint16_t)(a->nb_segs + b->nb_segs);
	a_last->next = b;
	while (last->next)
		last = last->next;
	return last;
}

void pkt_append(struct rte_mbuf *a, struct rte_mbuf *b)
{
	pkt_append_at(a, rte_pktmbuf_lastseg(a), b);
}

/* One indirect segment for @n bytes of @seg from @off. */
static inline struct rte_mbuf *slice_seg(struct rte_mbuf *seg, uint32_t off, uint32_t n)
{
	struct rte_mbuf *s = pkt_alloc_hdr_bare();

	if (unlikely(!s))
		return NULL;
	share_piece(s, seg, off, n);
	share_hold(seg, 1);
	return s;
}

struct rte_mbuf *pkt_slice_at(struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	struct rte_mbuf *first = NULL, *last = NULL, *s;

	for (; off >= m->data_len && m->next; m = m->next)
		off -= m->data_len;
	do {
		const uint32_t n = RTE_MIN(len, m->data_len - off);

		s = slice_seg(m, off, n);
		if (unlikely(!s)) {
			rte_pktmbuf_free(first);
			return NULL;
		}
		if (first) {
			last->next = s;
			first->nb_segs++;
			first->pkt_len += n;
		} else {
			first = s;
		}
		last = s;
		len -= n;
		off = 0;
		m = m->next;
	} while (len);
	return first;
}

struct rte_mbuf *pkt_slice(struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	struct rte_mbuf *s;

	assert((uint64_t)off + len <= m->pkt_len);
	s = pkt_slice_at(m, off, len);
	if (likely(s))
		memset(pkt_meta(s), 0, sizeof(struct pkt_meta));
	return s;
}

struct rte_mbuf *pkt_clone(struct rte_mbuf *m)
{
	struct rte_mbuf *c = pkt_slice(m, 0, m->pkt_len);

	if (likely(c)) {
		*pkt_meta(c) = *pkt_meta(m);
		pkt_meta(c)->next_pkt = NULL;
	}
	return c;
}

struct rte_mbuf *pkt_from_bytes(const void *bytes, uint32_t n)
{
	struct rte_mbuf *m = pkt_alloc_small(), *last = m, *seg = m;
	const uint8_t *p = bytes;
	uint32_t left = n;

	while (seg) {
		const uint16_t k = (uint16_t)RTE_MIN(left, rte_pktmbuf_tailroom(seg));

		memcpy(rte_pktmbuf_mtod(seg, char *), p, k);
		seg->data_len = k;
		seg->pkt_len = k;
		if (seg != m)
			last = pkt_append_at(m, last, seg);
		p += k;
		left -= k;
		if (!left)
			return m;
		seg = left > 4 * PKT_SMALL_ROOM ? pkt_alloc_big() : pkt_alloc_small();
	}
	rte_pktmbuf_free(m);
	return NULL;
}

void pkt_copy_out(const struct rte_mbuf *m, uint32_t off, uint32_t n, void *dst)
{
	uint8_t *d = dst;

	assert((uint64_t)off + n <= m->pkt_len);
	for (; off >= m->data_len && m->next; m = m->next)
		off -= m->data_len;
	while (n) {
		const uint32_t k = RTE_MIN(n, m->data_len - off);

		memcpy(d, rte_pktmbuf_mtod_offset(m, const char *, off), k);
		d += k;
		n -= k;
		off = 0;
		m = m->next;
	}
}

uint32_t pkt_truesize(const struct rte_mbuf *m)
{
	const void *buf_before = NULL;
	uint32_t sum = 0;

	for (; m; m = m->next) {
		sum += sizeof(*m) + sizeof(struct pkt_meta);
		if (!RTE_MBUF_DIRECT(m))
			sum += PKT_HEADROOM + PKT_HDR_ROOM; /* its own, unused buffer */
		if (m->buf_addr != buf_before)
			sum += m->buf_len;
		buf_before = m->buf_addr;
	}
	return sum;
}
