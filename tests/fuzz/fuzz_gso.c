/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Super-frames and others that owe something, through tx_prepare, gso_segment and gso_segment_paid:
 * refused with nothing changed, or paid.  What was described is compared byte for byte with the
 * segments by description; what was edited or raw must at least agree with itself.
 *
 * Input: { what to do, caps, how it lies in mbufs, what it owes, gso_type, gso_size (2), buffers
 * left }, then frame_define, or the frame's bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/frames.h"
#include "lib/hostages.h"
#include "lib/judge.h"
#include "lib/eal_test.h"
#include "lib/pktgen.h"
#include "offload/gso.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"
#include "pkt/parse_wire.h"

#define DO_SEGMENT 0x01 /* gso_segment / with the next, gso_segment_paid; otherwise tx_prepare */
#define DO_PAID	   0x02
#define DO_RAW	   0x04 /* bytes, no description */
#define DO_EDIT	   0x08 /* a header byte is changed */
#define DO_TYPE	   0x10 /* gso_type as in the input, not as the headers say */
#define DO_STARVE  0x20
#define DO_LONG	   0x40 /* payload times 43 */
#define DO_PLAIN   0x80 /* parsed without tunnels */

#define OWE_INNER 0x01
#define OWE_OUTER 0x02
#define OWE_GSO	  0x04
#define OWE_LIE	  0x08 /* the inner field holds what it did, not the pseudo-header sum */
#define OWE_FIXID 0x10
#define KNOW	  0x20 /* checksums that are good are known to be */

struct job {
	uint8_t what, caps, shape, owes, type, n_left;
	uint16_t gso_size;
	struct frame f;
	struct frame_map at;
	bool honest;	/* what is owed is owed as it should be */
	bool described; /* the segments are known */
	/* the packet before */
	const struct rte_mbuf *m;
	struct pkt_meta md;
	uint32_t n;
	uint16_t nb_segs;
};

static uint8_t before[GEN_MAX], owed[GEN_MAX], after[GEN_MAX], want[GEN_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

/* ---- the packet ---- */

static uint8_t type_of(const struct pkt_layer *l)
{
	static const uint8_t types[PKT_L4_N] = {
		[PKT_L4_TCP] = PKT_GSO_TCP4,
		[PKT_L4_UDP] = PKT_GSO_UDP,
		[PKT_L4_SCTP] = PKT_GSO_SCTP,
		[PKT_L4_SCLP] = PKT_GSO_SCLP,
		[PKT_L4_STT] = PKT_GSO_STT,
	};

	return l->l4 == PKT_L4_TCP && l->l3 == PKT_L3_IPV6 ? (uint8_t)PKT_GSO_TCP6 : types[l->l4];
}

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

/* Ports refuse debts of headers that contradict each other. */
static bool may_owe(const struct pkt_layer *l)
{
	if (l->l4 == PKT_L4_UDP)
		return be16(before + l->l4_off + 4) == l->end_off - l->l4_off;
	return l->l4 != PKT_L4_NONE;
}

static void owe(struct job *j, struct rte_mbuf *m)
{
	struct pkt_meta *md = pkt_meta(m);
	struct pkt_layer *l = &md->inner;

	j->honest = true;
	if (j->owes & KNOW) {
		l->csum = frame_csum_good(before, l) ? PKT_CSUM_VERIFIED : PKT_CSUM_UNKNOWN;
		if (frame_outer_good(before, md))
			md->outer.csum = PKT_CSUM_VERIFIED;
	}
	if (j->owes & OWE_OUTER)
		frame_owe_outer(m);
	if (!may_owe(l) || !(j->owes & (OWE_INNER | OWE_GSO)))
		return;
	if ((j->owes & OWE_LIE) || !frame_owe(m)) {
		/* a guest may ask for a checksum where there is none, or over a wrong sum */
		j->honest = false;
		l->csum = PKT_CSUM_OWED;
	}
	if (!(j->owes & OWE_GSO))
		return;
	l->gso_type = j->what & DO_TYPE ? j->type % (PKT_GSO_N + 1) : type_of(l);
	l->gso_size = (uint16_t)RTE_MAX(j->gso_size, (l->end_off - l->pay_off) / 256);
	if ((j->owes & OWE_FIXID) || (!(j->what & DO_RAW) && j->f.ip.id_fixed))
		l->flags |= PKT_LF_FIXID;
	if (!(j->what & DO_RAW) && j->f.outer.id_fixed && md->outer.l3 != PKT_L3_NONE)
		md->outer.flags |= PKT_LF_FIXID;
}

static void parse(const struct job *j, struct rte_mbuf *m, struct pkt_meta *md)
{
	if (md->tun_hlen && md->outer.l3 == PKT_L3_NONE)
		pkt_parse(m, md->tun_hlen, &md->inner);
	else if (j->what & DO_PLAIN)
		pkt_parse(m, 0, &md->inner);
	else
		pkt_parse_wire(m, &pkt_wire_default, md);
}

static bool read_frame(struct job *j, struct in *in)
{
	if (j->what & DO_RAW) {
		j->n = (uint32_t)RTE_MIN(in->end - in->p, 2048);
		memcpy(before, in->p, j->n);
		return j->n;
	}
	frame_define(&j->f, in);
	j->f.other_zero = false;
	if (j->what & DO_LONG) {
		j->f.plen *= 43;
		j->f.frame_len = UINT16_MAX;
	}
	j->f.pad = j->shape & 4 ? j->shape >> 4 : 0;
	if (j->what & DO_EDIT) {
		j->f.poke_at = in_u8(in);
		j->f.poke = in_u8(in);
	}
	j->f.flags ^= in_u8(in); /* any, with CWR, PSH, FIN */
	frame_build(&j->f, before, &j->at);
	j->n = j->at.n;
	return true;
}

static struct rte_mbuf *make(struct job *j, struct in *in)
{
	struct rte_mbuf *m;
	struct rnd r;
	uint32_t first;

	if (!read_frame(j, in))
		return NULL;
	rnd_seed(&r, j->shape + (uint64_t)j->n * 256);
	first = j->what & DO_RAW || j->shape & 8 ? 1 + rnd_below(&r, 256) : j->at.pay;
	m = chain_make(before, j->n, j->shape & 3,
		RTE_MIN(first, RTE_MIN(j->n, (uint32_t)PKT_SMALL_ROOM)), &r);
	if ((j->what & DO_RAW ? j->type & 0x80 : j->f.tun == FRAME_BARE) && j->n > 8)
		pkt_meta(m)->tun_hlen = 8;
	parse(j, m, pkt_meta(m));
	owe(j, m);
	pkt_meta(m)->hash = 123;
	chain_bytes(m, owed);
	j->md = *pkt_meta(m);
	j->m = m;
	j->nb_segs = m->nb_segs;
	j->described = !(j->what & (DO_RAW | DO_EDIT | DO_TYPE | DO_PLAIN)) && j->honest &&
		       j->md.inner.l4 != PKT_L4_NONE && j->md.inner.pay_off == j->at.pay &&
		       !j->f.tun == !j->md.tun_hlen && !(j->owes & OWE_FIXID);
	return m;
}

/* ---- refused ---- */

static void must_be_unchanged(const struct job *j, struct rte_mbuf *m)
{
	chain_judge(m);
	must(m->pkt_len == j->n && m->nb_segs == j->nb_segs);
	must(chain_bytes(m, after) == j->n && !memcmp(after, owed, j->n));
	pkt_meta(m)->next_pkt = j->md.next_pkt;
	must(!memcmp(pkt_meta(m), &j->md, sizeof(j->md)));
}

/* ---- done ---- */

/* The segment's bytes say what its metadata says. */
static void must_agree(const struct job *j, const struct rte_mbuf *seg)
{
	const struct pkt_meta *md = pkt_meta_const(seg);
	struct pkt_meta again = *md;

	chain_judge(seg);
	/* the first segment may hold more headers than it did: look for those that were seen */
	if (md->outer.l3 != PKT_L3_NONE || md->inner.l4 >= PKT_L4_SCLP)
		pkt_parse_wire(seg, &pkt_wire_default, &again);
	else
		pkt_parse(seg, md->tun_hlen, &again.inner);
	must(again.inner.l3 == md->inner.l3 && again.inner.l4 == md->inner.l4);
	must(again.inner.l3 == PKT_L3_NONE || again.inner.l3_off == md->inner.l3_off);
	must(again.inner.end_off == md->inner.end_off);
	must(!((again.inner.flags ^ md->inner.flags) & ~PKT_LF_FIXID));
	if (md->inner.l4 != PKT_L4_NONE)
		must(again.inner.l4_off == md->inner.l4_off &&
			again.inner.pay_off == md->inner.pay_off);
	must(again.tun_hlen == md->tun_hlen);
	must(!md->tun_hlen || again.outer.end_off == md->outer.end_off);
	must(md->hash == 123 && md->obj == j->md.obj);
}

/* The segment's checksums: @b are its bytes. */
static void must_be_paid(const struct job *j, const uint8_t *b, const struct pkt_meta *md)
{
	uint32_t value, at, n_field;

	if (md->inner.csum == PKT_CSUM_VERIFIED && j->honest &&
		frame_csum(b, &md->inner, &value, &at, &n_field))
		must(frame_csum_good(b, &md->inner));
	if (md->outer.csum == PKT_CSUM_VERIFIED && j->honest &&
		frame_outer_csum(b, md, &value, &at))
		must(frame_outer_good(b, md));
}

/* As it was but for checksums that were paid, and not being a super-frame of one segment any more.
 */
static void must_be_same(const struct job *j, struct rte_mbuf *m)
{
	const struct pkt_meta *md = pkt_meta(m);
	uint32_t value, at = 0, n_field = 0;

	must(m->pkt_len == j->n);
	chain_bytes(m, after);
	memcpy(want, owed, j->n);
	if (j->md.inner.csum == PKT_CSUM_OWED && md->inner.csum != PKT_CSUM_OWED) {
		frame_csum(after, &md->inner, &value, &at, &n_field);
		if (!j->honest)
			memcpy(want + at, after + at, n_field);
		else
			memcpy(want + at, before + at, n_field);
	}
	if (j->md.outer.csum == PKT_CSUM_OWED && md->outer.csum != PKT_CSUM_OWED) {
		if (frame_outer_csum(after, md, &value, &at))
			memcpy(want + at, (j->honest ? before : after) + at, 2);
		must_be_paid(j, after, md);
	}
	bytes_must_be(after, m->pkt_len, want, j->n);
	must_agree(j, m);
}

static uint32_t unit_of(const struct job *j)
{
	const uint32_t size = j->md.inner.gso_size;

	return j->md.inner.gso_type == PKT_GSO_UFO ? size - size % 8 : size;
}

/* Segment @idx is the one by description. */
static void must_be_segment(const struct job *j, const struct rte_mbuf *seg, uint32_t idx)
{
	struct frame_map at;
	struct frame f;

	must(frame_segment(&j->f, j->md.inner.gso_size, idx, &f));
	frame_build(&f, want, &at);
	bytes_must_be(after, seg->pkt_len, want, at.n);
}

/* The fragment says where it belongs. */
static void must_be_fragment(const struct job *j, uint32_t seg_hlen, uint32_t done, bool is_last)
{
	const struct pkt_layer *l = &j->md.inner;

	if (l->l3 == PKT_L3_IPV4)
		must((be16(after + l->l3_off + 6) & 0x3fff) == (done / 8 | (is_last ? 0 : 0x2000)));
	else
		must(be16(after + seg_hlen - 6) == (done | !is_last));
}

/* The segments hold the payload of the super-frame, cut where it may be. */
static void must_be_cut(const struct job *j, struct pkt_list *out)
{
	const struct pkt_layer *l = &j->md.inner;
	const bool is_ufo = l->gso_type == PKT_GSO_UFO, is_even = l->gso_type != PKT_GSO_SCTP;
	const uint32_t hlen = is_ufo ? frame_frag_start(before, l) : l->pay_off,
		       total = l->end_off - hlen,
		       seg_hlen = hlen + (is_ufo && l->l3 == PKT_L3_IPV6 ? 8 : 0);
	uint32_t done = 0, n_segs = 0;
	struct rte_mbuf *seg;

	/* tx_prepare pays a datagram before it is cut */
	if (is_ufo && !(j->what & DO_SEGMENT) && j->honest)
		memcpy(owed + hlen, before + hlen, total);
	if (is_even)
		must(out->n_pkts == (total + unit_of(j) - 1) / unit_of(j));
	pkt_list_for_each(seg, out) {
		const struct pkt_meta *md = pkt_meta(seg);
		const uint32_t plen = seg->pkt_len - seg_hlen;
		const bool is_last = done + plen == total;

		must(seg->pkt_len > seg_hlen && plen <= l->gso_size && done + plen <= total);
		must(plen == unit_of(j) || is_last || !is_even);
		must(!md->inner.gso_type && !md->inner.gso_size);
		/* called directly, gso_segment makes a fragment of a datagram that needs none */
		if (!is_ufo || out->n_pkts > 1)
			must_agree(j, seg);
		chain_bytes(seg, after);
		if (!is_ufo || j->honest || j->what & DO_SEGMENT)
			must(!memcmp(after + seg_hlen, owed + hlen + done, plen));
		must_be_paid(j, after, md);
		if (is_ufo)
			must_be_fragment(j, seg_hlen, done, is_last);
		if (j->described && !is_ufo && md->inner.csum != PKT_CSUM_OWED &&
			md->outer.csum != PKT_CSUM_OWED)
			must_be_segment(j, seg, n_segs);
		done += plen;
		n_segs++;
	}
	must(done == total);
}

static int run(const struct job *j, struct rte_mbuf *m, struct pkt_list *out)
{
	struct hostages h;
	int err;

	if (j->what & DO_STARVE)
		hostages_take(&h, j->n_left);
	if (!(j->what & DO_SEGMENT))
		err = tx_prepare(m, j->caps, out);
	else if (j->what & DO_PAID)
		err = gso_segment_paid(m, out);
	else
		err = gso_segment(m, out);
	if (j->what & DO_STARVE)
		hostages_free(&h);
	return err;
}

/* Segments that still owe are paid one by one: the same as at once. */
static void pay_rest(const struct job *j, struct pkt_list *out)
{
	struct pkt_list paid;
	struct rte_mbuf *m;
	bool any = false;

	pkt_list_init(&paid);
	while ((m = pkt_list_pop(out))) {
		any |= pkt_meta(m)->inner.csum == PKT_CSUM_OWED;
		must(!tx_prepare(m, CAP_GSO, &paid));
	}
	if (any && j->md.inner.gso_type)
		must_be_cut(j, &paid);
	pkt_list_splice(out, &paid);
}

static bool is_super(const struct rte_mbuf *m)
{
	return pkt_meta_const(m)->inner.gso_type != PKT_GSO_NONE;
}

/* One packet that was not cut: a port takes it whole, or one segment holds it. */
static bool is_whole(const struct job *j, const struct rte_mbuf *m)
{
	const struct pkt_layer *l = &j->md.inner;
	uint32_t from;

	if (!l->gso_type || is_super(m))
		return true;
	from = l->gso_type == PKT_GSO_UFO ? frame_frag_start(before, l) : l->pay_off;
	return !(j->what & DO_SEGMENT) && l->end_off - from <= l->gso_size;
}

static void judge(const struct job *j, struct pkt_list *out)
{
	struct rte_mbuf *m = out->head;

	must(m);
	if (is_whole(j, m)) {
		must(out->n_pkts == 1);
		must_be_same(j, m);
		if (is_super(m))
			must(!(j->what & DO_SEGMENT) && !j->md.tun_hlen);
		return;
	}
	must((j->what & DO_SEGMENT) || (j->caps & CAP_GSO));
	must_be_cut(j, out);
	/* of a datagram there is nothing left to pay */
	if (j->md.inner.gso_type != PKT_GSO_UFO)
		pay_rest(j, out);
}

/* Is there a reason to refuse it? */
static void must_be_refused(const struct job *j, int err)
{
	const struct pkt_layer *l = &j->md.inner;
	uint32_t value, at;

	must(err == -EINVAL || err == -ENOBUFS || err == -EPERM);
	if (err == -ENOBUFS)
		must(j->what & DO_STARVE);
	if (err == -EPERM)
		must(!(j->what & DO_SEGMENT) && !(j->caps & CAP_GSO) && l->gso_type);
	if (err == -EINVAL && j->described)
		must(!l->gso_type || !l->gso_size || l->pay_off == l->end_off ||
			l->gso_type == PKT_GSO_SCTP ||
			(j->md.outer.csum != PKT_CSUM_OWED &&
				frame_outer_csum(owed, &j->md, &value, &at)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct in in = { data, data + n_data };
	struct job j = { 0 };
	struct pkt_list out;
	struct rte_mbuf *m;
	int err;

	if (!started)
		must(!eal_test_start(64));
	started = true;
	j.what = in_u8(&in);
	j.caps = in_u8(&in);
	j.shape = in_u8(&in);
	j.owes = in_u8(&in);
	j.type = in_u8(&in);
	j.gso_size = in_u16(&in);
	j.n_left = in_u8(&in);
	m = make(&j, &in);
	if (!m)
		return 0;
	pkt_list_init(&out);
	err = run(&j, m, &out);
	if (err) {
		must_be_refused(&j, err);
		must(pkt_list_empty(&out));
		must_be_unchanged(&j, m);
		pkt_done(m);
	} else {
		judge(&j, &out);
	}
	while ((m = pkt_list_pop(&out)))
		pkt_done(m);
	must(eal_test_pools_full());
	return 0;
}
