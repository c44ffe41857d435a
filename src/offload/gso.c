/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: a super-frame is cut at every gso_size bytes of its payload.  Each segment
 * is a header mbuf with a private copy of all headers (tunnel header included), which the rows of
 * offload_ops.h then correct from the innermost outwards, followed by slices that share the
 * payload's memory.  The super-frame is only read until all segments stand; whatever fails before
 * leaves it as it was.
 */
#include "offload/gso.h"

#include <errno.h>

#include "offload/offload_ops.h"

static int gso_check(const struct rte_mbuf *m, const struct pkt_meta *md, struct offload_stack *st)
{
	const struct pkt_layer *l = &md->inner;
	const struct offload_ops *ops;

	if (!l->gso_size || !l->gso_type || !offload_stack_build(md, st))
		return -EINVAL;
	ops = offload_innermost(st);
	/* the parser guarantees pay_off <= end_off <= pkt_len; no payload: nothing to cut */
	if (ops->gso_type[l->l3] != l->gso_type || l->pay_off >= l->end_off ||
		l->pay_off > PKT_SMALL_ROOM)
		return -EINVAL;
	return ops->gso_check ? ops->gso_check(m, l) : 0;
}

static void gso_fixup(uint8_t *hdr, const struct pkt_meta *md, const struct offload_stack *st,
	struct gso_pos *pos)
{
	for (unsigned int i = st->n; i-- > 0;) {
		const struct offload_ops *ops = offload_rows[st->row[i]];

		if (!ops->gso_fixup)
			continue;
		pos->l = i < st->n_outer ? &md->outer : &md->inner;
		ops->gso_fixup(hdr + st->off[i], st->off[i], pos);
	}
}

/* The metadata of one segment: that of the super-frame without the segmentation debt. */
static void gso_meta(struct rte_mbuf *seg, const struct pkt_meta *md, uint32_t seg_len)
{
	struct pkt_meta *smd = pkt_meta(seg);

	*smd = *md;
	smd->next_pkt = NULL;
	smd->inner.end_off = seg_len;
	smd->inner.gso_type = PKT_GSO_NONE;
	smd->inner.gso_size = 0;
	smd->inner.gso_ecn = 0;
	smd->inner.flags &= (uint8_t)~PKT_LF_FIXID;
	pkt_owe_csum(&smd->inner);
	if (smd->outer.l3 != PKT_L3_NONE)
		smd->outer.end_off = seg_len;
}

/* One segment; NULL: no buffer. */
static struct rte_mbuf *gso_make(const struct rte_mbuf *m, const struct pkt_meta *md,
	const struct offload_stack *st, struct rte_mbuf *payload, struct gso_pos *pos)
{
	const uint16_t hlen = st->off[st->n];
	struct rte_mbuf *seg = hlen <= PKT_HDR_ROOM ? pkt_alloc_hdr_bare() : pkt_alloc_small();
	uint8_t *hdr;

	if (unlikely(!seg))
		return NULL;
	hdr = rte_pktmbuf_mtod(seg, uint8_t *);
	memcpy(hdr, rte_pktmbuf_mtod(m, const void *), hlen);
	seg->data_len = hlen;
	seg->pkt_len = hlen;
	gso_fixup(hdr, md, st, pos);
	pkt_append(seg, payload);
	gso_meta(seg, md, pos->seg_end);
	return seg;
}

/* The super-frame's payload, walked once: no slice starts at the front again. */
struct cursor {
	struct rte_mbuf *seg;
	uint32_t off; /* in seg */
};

static struct rte_mbuf *cursor_slice(struct cursor *cur, uint32_t n)
{
	struct rte_mbuf *s;

	while (cur->off >= cur->seg->data_len && cur->seg->next) {
		cur->off -= cur->seg->data_len;
		cur->seg = cur->seg->next;
	}
	s = pkt_slice_at(cur->seg, cur->off, n);
	cur->off += n;
	return s;
}

static int gso_build(struct rte_mbuf *m, const struct offload_stack *st, struct pkt_list *segs)
{
	const struct pkt_meta *md = pkt_meta(m);
	const uint16_t hlen = st->off[st->n];
	const uint32_t total = md->inner.end_off - hlen;
	struct gso_pos pos = { .super_end = md->inner.end_off };
	struct cursor cur = { .seg = m, .off = hlen };

	for (; pos.bytes_before < total; pos.idx++) {
		const uint32_t plen = RTE_MIN(total - pos.bytes_before, md->inner.gso_size);
		struct rte_mbuf *payload = cursor_slice(&cur, plen), *seg;

		if (unlikely(!payload))
			return -ENOBUFS;
		pos.seg_end = hlen + plen;
		pos.is_last = pos.bytes_before + plen == total;
		seg = gso_make(m, md, st, payload, &pos);
		if (unlikely(!seg)) {
			pkt_done(payload);
			return -ENOBUFS;
		}
		pkt_list_add(segs, seg);
		pos.bytes_before += plen;
	}
	return 0;
}

int gso_segment(struct rte_mbuf *m, struct pkt_list *out)
{
	struct offload_stack st;
	struct pkt_list segs;
	int err;

	err = gso_check(m, pkt_meta(m), &st);
	if (err)
		return err;
	pkt_list_init(&segs);
	err = gso_build(m, &st, &segs);
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
