/* SPDX-License-Identifier: BSD-3-Clause */
#include "supers.h"

#include <assert.h>
#include <string.h>

#include "pkt/l4_csum.h"
#include "pkt/parse_wire.h"
#include "rte_fields.h"

#define ROUND_MIN 256 /* segments */

static uint8_t gso_type(const struct proto *p)
{
	static const uint8_t types[PKT_L4_N] = { [PKT_L4_UDP] = PKT_GSO_UDP,
		[PKT_L4_SCTP] = PKT_GSO_SCTP,
		[PKT_L4_STT] = PKT_GSO_STT,
		[PKT_L4_SCLP] = PKT_GSO_SCLP };

	if (p->ufo)
		return PKT_GSO_UFO;
	if (p->l4 == PKT_L4_TCP)
		return p->l3 == PKT_L3_IPV4 ? PKT_GSO_TCP4 : PKT_GSO_TCP6;
	return types[p->l4];
}

/* What a guest or a tunnel leaves: checksums owed, and the segment size. */
static void owe(struct supers *s)
{
	struct rte_mbuf *m = pkt_from_bytes(s->f.b, s->f.len);
	struct pkt_meta *md;

	assert(m);
	md = pkt_meta(m);
	pkt_parse_wire(m, &pkt_wire_default, md);
	assert(md->inner.l4 == s->pt.proto->l4);
	l4_csum_owe(m, &md->inner);
	md->inner.gso_type = gso_type(s->pt.proto);
	md->inner.gso_size = (uint16_t)s->pt.seg;
	if (s->pt.proto->outer_csum)
		outer_csum_owe(m, md);
	s->meta = *md;
	pkt_copy_out(m, 0, s->f.hlen, s->f.b);
	pkt_done(m);
}

static struct frame_at seg_at(const struct supers *s, uint32_t idx, uint32_t plen)
{
	return (struct frame_at){ .idx = idx,
		.pos = idx * s->pt.seg,
		.plen = plen,
		.chunk = s->pt.seg,
		.frame_off = idx * s->pt.seg,
		.frame_len = s->n_segs * s->pt.seg };
}

/* Bytes of a segment, in all of the super-frame, that are no payload of its own. */
static uint32_t extra(const struct supers *s)
{
	return s->pt.proto->ufo ? FRAGS_UDP_HLEN : 0;
}

void supers_create(struct supers *s, const struct point *pt)
{
	struct frame_at at;

	memset(s, 0, sizeof(*s));
	s->pt = *pt;
	/* to IP a datagram's own header is payload */
	s->n_segs = (frame_plen_max(pt->proto) + extra(s)) / pt->seg;
	s->n = RTE_MIN((ROUND_MIN + s->n_segs - 1) / s->n_segs, (uint32_t)SUPERS_MAX);
	if (pt->n_windows)
		s->n = pt->n_windows;
	assert(s->n <= SUPERS_MAX);
	at = seg_at(s, 0, s->n_segs * pt->seg - extra(s));
	frame_build(&s->f, pt->proto, &at);
	if (pt->proto->ufo)
		frags_expect(&s->frags, &s->f, pt->seg);
	owe(s);
}

void supers_lay(struct supers *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct rte_mbuf *m = pkt_from_bytes(s->f.b, s->f.len);

		assert(m && !s->v[i]);
		*pkt_meta(m) = s->meta;
		m->packet_type = rte_fields_ptype(s->pt.proto);
		m->tx_offload = rte_fields_lens(&s->f);
		s->v[i] = m;
	}
}

void supers_drop(struct supers *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		if (s->v[i])
			pkt_done(s->v[i]);
		s->v[i] = NULL;
	}
}

const char *supers_seg_check(struct supers *s, const struct rte_mbuf *m, uint32_t idx)
{
	static struct frame expected;
	static uint8_t b[FRAME_OUTER_MAX + GEN_MAX];
	const struct frame_at at = seg_at(s, idx, s->pt.seg);

	if (idx >= s->n_segs)
		return "too many segments came out";
	if (s->pt.proto->ufo)
		return frags_check(&s->frags, m, idx);
	frame_build(&expected, s->pt.proto, &at);
	if (m->pkt_len != expected.len || chain_bytes(m, b) != m->pkt_len)
		return "a segment of a wrong length came out";
	if (memcmp(b, expected.b, expected.hlen))
		return "a segment with wrong headers or checksums came out";
	if (memcmp(b, expected.b, expected.len))
		return "a segment with wrong payload came out";
	return NULL;
}
