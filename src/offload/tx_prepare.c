/* SPDX-License-Identifier: BSD-3-Clause */
#include "offload/tx_prepare.h"

#include <errno.h>

#include "offload/frag.h"
#include "offload/gso.h"
#include "pkt/l4_csum.h"

/* What takes a super-frame of a type as it is, besides CAP_CSUM's like; 0: nothing does. */
static const uint32_t gso_cap[PKT_GSO_N] = {
	[PKT_GSO_TCP4] = CAP_TSO4,
	[PKT_GSO_TCP6] = CAP_TSO6,
	[PKT_GSO_UDP] = CAP_USO,
	[PKT_GSO_UFO] = CAP_UFO,
	[PKT_GSO_SCTP] = CAP_SCTP,
};

/* What takes an owed checksum. */
static const uint32_t csum_cap[PKT_L4_N] = {
	[PKT_L4_TCP] = CAP_CSUM,
	[PKT_L4_UDP] = CAP_CSUM,
	[PKT_L4_SCTP] = CAP_SCTP,
};

static bool takes_csum(const struct pkt_layer *l, uint32_t caps)
{
	return caps & csum_cap[l->l4];
}

/* Bytes in front to be made private: the headers.  Where they are not known to their end, all that
 * a parser has seen stays together. */
static uint32_t headers_len(const struct rte_mbuf *m)
{
	const struct pkt_meta *md = pkt_meta_const(m);

	return md->inner.l4 != PKT_L4_NONE ? md->inner.pay_off
					   : RTE_MIN(m->data_len, PKT_SMALL_ROOM);
}

/* Compute checksums that are owed; *m may be replaced. */
static int pay(struct rte_mbuf **m, bool inner, bool outer)
{
	struct pkt_meta *md = pkt_meta(*m);
	int err;

	if (inner && md->inner.l4 == PKT_L4_NONE)
		return -EINVAL;
	if (!inner && !outer)
		return 0;
	err = pkt_unshare(m, headers_len(*m));
	if (err)
		return err;
	md = pkt_meta(*m);
	if (inner)
		l4_csum_pay(*m, &md->inner);
	if (outer)
		outer_csum_pay(*m, md);
	return 0;
}

/* Those of a packet that is no super-frame, and that @caps do not take. */
static int pay_csum(struct rte_mbuf **m, uint32_t caps)
{
	const struct pkt_meta *md = pkt_meta(*m);

	return pay(m, md->inner.csum == PKT_CSUM_OWED && !takes_csum(&md->inner, caps),
		md->outer.csum == PKT_CSUM_OWED);
}

/* A super-frame that one packet can hold is a plain packet: its headers are right already. */
static bool is_one_segment(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	uint32_t from;

	if (l->l4 == PKT_L4_NONE)
		return false;
	from = l->gso_type == PKT_GSO_UFO ? frag_start(m, l) : l->pay_off;
	return from && l->end_off - from <= l->gso_size;
}

static void not_super(struct pkt_layer *l)
{
	pkt_owe_csum(l);
	l->gso_type = PKT_GSO_NONE;
	l->gso_size = 0;
	l->gso_ecn = 0;
}

/* The datagram's checksum is part of what is cut, one in front of it is not.  It is paid in a copy
 * of the headers, so that @m is as it was if there are too few buffers. */
static int fragment(struct rte_mbuf *m, struct pkt_list *out)
{
	struct rte_mbuf *c = pkt_clone(m);
	int err;

	if (!c)
		return -ENOBUFS;
	err = pay(&c, pkt_meta(c)->inner.csum == PKT_CSUM_OWED, false);
	if (!err)
		err = gso_segment_paid(c, out);
	pkt_done(err ? c : m);
	return err;
}

static int segment(struct rte_mbuf *m, uint32_t caps, struct pkt_list *out)
{
	const struct pkt_meta *md = pkt_meta(m);

	if (!(caps & CAP_GSO))
		return -EPERM;
	if (md->inner.gso_type == PKT_GSO_UFO)
		return fragment(m, out);
	if (takes_csum(&md->inner, caps) && md->outer.csum != PKT_CSUM_OWED)
		return gso_segment(m, out);
	return gso_segment_paid(m, out);
}

int tx_prepare(struct rte_mbuf *m, uint32_t caps, struct pkt_list *out)
{
	struct pkt_meta *md = pkt_meta(m);
	struct pkt_layer *l = &md->inner;
	int err;

	/* no port looks behind a tunnel header */
	if (unlikely(md->tun_hlen))
		caps &= CAP_GSO;
	if (l->gso_type != PKT_GSO_NONE) {
		if (l->gso_type >= PKT_GSO_N || !l->gso_size)
			return -EINVAL;
		if (is_one_segment(m, l)) {
			const struct pkt_layer before = *l;

			not_super(l);
			err = pay_csum(&m, caps);
			if (err)
				*l = before;
			else
				pkt_list_add(out, m);
			return err;
		}
		if (!(caps & gso_cap[l->gso_type]))
			return segment(m, caps, out);
	} else if (l->csum == PKT_CSUM_OWED || md->outer.csum == PKT_CSUM_OWED) {
		err = pay_csum(&m, caps);
		if (err)
			return err;
	}
	pkt_list_add(out, m);
	return 0;
}
