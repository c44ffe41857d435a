/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: a super-frame is cut at every gso_size bytes of its payload, or where the
 * payload allows it (uneven rows).  Each segment starts with a private copy of all headers (tunnel
 * header included), which the rows of offload_ops.h then correct from the innermost outwards.  The
 * payload behind them is copied into the same buffer where that is cheaper than to share it: a
 * shared piece costs a buffer of its own and two atomic operations, whatever its length, and if the
 * checksum is to be paid its bytes have to be read anyway (docs/offload.md says where the limits
 * are).
 *
 * The super-frame is only read until all segments stand; whatever fails before leaves it as it was.
 */
#include "offload/gso.h"

#include <errno.h>

#include "offload/offload_ops.h"
#include "pkt/crc32c.h"
#include "pkt/l4_csum.h"

/* Payload of up to so many bytes is copied; where its checksum comes with the copy, all that fits a
 * buffer is. */
#define COPY_MAX 1024

/* How the checksum of a segment's payload comes about. */
enum gso_sum {
	SUM_APART, /* not here, or not while it is copied */
	SUM_INET,
	SUM_CRC,
};

/* What a super-frame is cut by. */
struct gso_plan {
	struct rte_mbuf *m;
	const struct pkt_meta *md;
	struct offload_stack st;
	const struct offload_ops *ops; /* innermost */
	uint32_t size;		       /* payload of a segment at most */
	uint16_t hlen;		       /* of the super-frame */
	uint16_t seg_hlen;	       /* of a segment */
	uint32_t copy_max;	       /* payload of a segment up to which it is copied */
	bool pay;		       /* checksums */
	enum gso_sum sum;	       /* where it is copied */
	bool outer_owed;
};

static int gso_check(struct gso_plan *p, struct rte_mbuf *m)
{
	const struct pkt_meta *md = pkt_meta(m);
	const struct pkt_layer *l = &md->inner;
	uint32_t start, at;

	if (!l->gso_size || !l->gso_type || !offload_stack_build(md, &p->st))
		return -EINVAL;
	p->m = m;
	p->md = md;
	p->ops = offload_innermost(&p->st);
	start = p->ops->gso_start ? p->ops->gso_start(m, l) : p->st.off[p->st.n];
	if (!start || start > m->data_len)
		return -EINVAL;
	p->hlen = (uint16_t)start;
	p->seg_hlen = p->hlen + p->ops->gso_grow;
	p->size = p->ops->gso_unit ? l->gso_size - l->gso_size % p->ops->gso_unit : l->gso_size;
	/* the parser guarantees pay_off <= end_off <= pkt_len; no payload: nothing to cut */
	if (p->ops->gso_type[l->l3] != l->gso_type || p->hlen >= l->end_off || !p->size ||
		p->seg_hlen > PKT_SMALL_ROOM)
		return -EINVAL;
	/* a checksum in front cannot be one of all segments; GRE's may be 0 */
	at = md->tun_hlen ? outer_csum_at(m, md) : 0;
	p->outer_owed = md->outer.csum == PKT_CSUM_OWED;
	if (at && !p->outer_owed && (md->tun == PKT_TUN_GRE || *PKT_HDR(m, at, csum_field_t)))
		return -EINVAL;
	return p->ops->gso_check ? p->ops->gso_check(m, l) : 0;
}

static void gso_fixup(const struct gso_plan *p, uint8_t *hdr, struct gso_pos *pos)
{
	for (unsigned int i = p->st.n; i-- > 0;) {
		const struct offload_ops *ops = offload_rows[p->st.row[i]];

		if (!ops->gso_fixup)
			continue;
		pos->l = i < p->st.n_outer ? &p->md->outer : &p->md->inner;
		/* padding behind the inner packet is part of the outer one */
		pos->super_end = pos->l->end_off;
		ops->gso_fixup(hdr + p->st.off[i], p->st.off[i], pos);
	}
}

/* The metadata of one segment: that of the super-frame without the segmentation debt. */
static void gso_meta(const struct gso_plan *p, struct rte_mbuf *seg, uint32_t seg_len)
{
	struct pkt_meta *smd = pkt_meta(seg);

	*smd = *p->md;
	smd->next_pkt = NULL;
	smd->inner.end_off = seg_len;
	smd->inner.gso_type = PKT_GSO_NONE;
	smd->inner.gso_size = 0;
	smd->inner.gso_ecn = 0;
	smd->inner.flags &= (uint8_t)~PKT_LF_FIXID;
	pkt_owe_csum(&smd->inner);
	if (p->ops->gso_layer)
		p->ops->gso_layer(&smd->inner, p->seg_hlen);
	if (smd->outer.l3 != PKT_L3_NONE)
		smd->outer.end_off = seg_len;
}

/* The super-frame's payload, walked once: no piece starts at the front again. */
struct cursor {
	struct rte_mbuf *seg;
	uint32_t off; /* in seg */
};

static void cursor_settle(struct cursor *cur)
{
	while (cur->off >= cur->seg->data_len && cur->seg->next) {
		cur->off -= cur->seg->data_len;
		cur->seg = cur->seg->next;
	}
}

static struct rte_mbuf *cursor_slice(struct cursor *cur, uint32_t n)
{
	struct rte_mbuf *s;

	cursor_settle(cur);
	s = pkt_slice_at(cur->seg, cur->off, n);
	cur->off += n;
	return s;
}

/* Copy the next @n bytes to @dst and add them to *@sum. */
static void cursor_copy(
	struct cursor *cur, uint8_t *dst, uint32_t n, enum gso_sum kind, uint64_t *sum)
{
	uint32_t done = 0;

	while (done < n) {
		const uint8_t *src;
		uint32_t k;

		cursor_settle(cur);
		k = RTE_MIN(n - done, cur->seg->data_len - cur->off);
		src = rte_pktmbuf_mtod_offset(cur->seg, const uint8_t *, cur->off);
		if (kind == SUM_APART) {
			memcpy(dst + done, src, k);
		} else if (kind == SUM_CRC) {
			*sum = crc32c_copy(dst + done, src, k, (uint32_t)*sum);
		} else if (done & 1) { /* its bytes stand in the other half of their words */
			*sum += csum_swap(csum_fold(csum_copy(dst + done, src, k, 0)));
		} else {
			*sum = csum_copy(dst + done, src, k, *sum);
		}
		cur->off += k;
		done += k;
	}
}

static enum gso_sum sum_in_copy(const struct gso_plan *p)
{
	if (!p->pay || p->ops->gso_layer)
		return SUM_APART;
	return l4_csum_of(&p->md->inner)->kind == L4_CSUM_CRC32C ? SUM_CRC : SUM_INET;
}

/* Payload bytes up to which copying is faster than sharing (docs/offload.md). */
static uint32_t copy_best(const struct gso_plan *p)
{
	return p->sum != SUM_APART ? PKT_SMALL_ROOM - p->seg_hlen : COPY_MAX;
}

/* Headers of one segment, with room for @copy_len bytes of payload as far as a buffer has it; NULL:
 * no buffer. */
static struct rte_mbuf *gso_head(const struct gso_plan *p, struct gso_pos *pos, uint32_t copy_len)
{
	struct rte_mbuf *seg = p->seg_hlen + copy_len <= PKT_HDR_ROOM ? pkt_alloc_hdr_bare()
								      : pkt_alloc_small_bare();
	uint8_t *hdr;

	if (unlikely(!seg))
		return NULL;
	hdr = rte_pktmbuf_mtod(seg, uint8_t *);
	memcpy(hdr, rte_pktmbuf_mtod(p->m, const void *), p->hlen);
	seg->data_len = p->seg_hlen;
	seg->pkt_len = p->seg_hlen;
	gso_fixup(p, hdr, pos);
	return seg;
}

/* What the segment owes, if that was asked for. @sum: of its payload, if @summed. */
static void gso_settle(const struct gso_plan *p, struct rte_mbuf *seg, bool summed, uint64_t sum)
{
	struct pkt_meta *md = pkt_meta(seg);

	if (!p->pay)
		return;
	if (md->inner.csum == PKT_CSUM_OWED) {
		if (summed)
			l4_csum_pay_with(seg, &md->inner, sum);
		else
			l4_csum_pay(seg, &md->inner);
	}
	if (p->outer_owed)
		outer_csum_pay(seg, md);
}

/* Copy the next @plen bytes behind the headers of @seg, what they leave no room for into further
 * buffers, and add them to *@sum.  false: no buffer. */
static bool copy_behind(
	struct cursor *cur, struct rte_mbuf *seg, uint32_t plen, enum gso_sum kind, uint64_t *sum)
{
	struct rte_mbuf *last = seg;

	for (;;) {
		uint32_t n = RTE_MIN(plen, (uint32_t)rte_pktmbuf_tailroom(last));

		if (n < plen)
			n &= ~1u; /* each buffer's bytes are added up from an even place on */
		cursor_copy(cur, rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len), n, kind,
			sum);
		last->data_len = (uint16_t)(last->data_len + n);
		seg->pkt_len += n;
		plen -= n;
		if (likely(!plen))
			return true;
		last->next = pkt_alloc_small_bare();
		if (unlikely(!last->next))
			return false;
		seg->nb_segs++;
		last = last->next;
	}
}

/* Share them. */
static bool share_behind(struct cursor *cur, struct rte_mbuf *seg, uint32_t plen)
{
	struct rte_mbuf *payload = cursor_slice(cur, plen);

	if (unlikely(!payload))
		return false;
	pkt_append_at(seg, seg, payload);
	return true;
}

/* One segment with the next @plen bytes; NULL: no buffer. */
static struct rte_mbuf *gso_make(
	const struct gso_plan *p, struct cursor *cur, uint32_t plen, struct gso_pos *pos)
{
	const bool copy = plen <= p->copy_max, summed = copy && p->sum != SUM_APART;
	struct rte_mbuf *seg = gso_head(p, pos, copy ? plen : 0);
	uint64_t sum;

	if (unlikely(!seg))
		return NULL;
	sum = summed ? l4_csum_in_front(seg, &p->md->inner) : 0;
	if (unlikely(!(copy ? copy_behind(cur, seg, plen, p->sum, &sum)
			    : share_behind(cur, seg, plen)))) {
		pkt_done(seg);
		return NULL;
	}
	gso_meta(p, seg, pos->seg_end);
	gso_settle(p, seg, summed, sum);
	return seg;
}

/* Payload bytes of the next segment; 0: cannot be cut. */
static inline uint32_t next_plen(const struct gso_plan *p, uint32_t done, uint32_t total)
{
	if (unlikely(p->ops->gso_cut))
		return p->ops->gso_cut(p->m, p->hlen + done, total - done, p->size);
	return RTE_MIN(total - done, p->size);
}

static int gso_build(const struct gso_plan *p, struct pkt_list *segs)
{
	const uint32_t total = p->md->inner.end_off - p->hlen;
	struct gso_pos pos = { .hdr_end = p->seg_hlen };
	struct cursor cur = { .seg = p->m, .off = p->hlen };

	for (; pos.bytes_before < total; pos.idx++) {
		const uint32_t plen = next_plen(p, pos.bytes_before, total);
		struct rte_mbuf *seg;

		if (unlikely(!plen))
			return -EINVAL;
		pos.seg_end = p->seg_hlen + plen;
		pos.is_last = pos.bytes_before + plen == total;
		seg = gso_make(p, &cur, plen, &pos);
		if (unlikely(!seg))
			return -ENOBUFS;
		pkt_list_add(segs, seg);
		pos.bytes_before += plen;
	}
	return 0;
}

/* @copy_max: NULL for what is best. */
static int segment(struct rte_mbuf *m, bool pay, const uint32_t *copy_max, struct pkt_list *out)
{
	struct gso_plan p = { .pay = pay };
	struct pkt_list segs;
	int err = gso_check(&p, m);

	if (err)
		return err;
	p.sum = sum_in_copy(&p);
	p.copy_max = copy_max ? *copy_max : copy_best(&p);
	pkt_list_init(&segs);
	err = gso_build(&p, &segs);
	if (unlikely(err)) {
		struct rte_mbuf *seg;

		while ((seg = pkt_list_pop(&segs)))
			pkt_done(seg);
		return err;
	}
	pkt_done(m);
	pkt_list_splice(out, &segs);
	return 0;
}

int gso_segment(struct rte_mbuf *m, struct pkt_list *out)
{
	return segment(m, false, NULL, out);
}

int gso_segment_paid(struct rte_mbuf *m, struct pkt_list *out)
{
	return segment(m, true, NULL, out);
}

int gso_segment_copying(struct rte_mbuf *m, uint32_t max, struct pkt_list *out)
{
	return segment(m, false, &max, out);
}

int gso_segment_paid_copying(struct rte_mbuf *m, uint32_t max, struct pkt_list *out)
{
	return segment(m, true, &max, out);
}
