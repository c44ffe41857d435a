/* SPDX-License-Identifier: BSD-3-Clause */
#include "offload/tx_prepare.h"

#include <errno.h>

#include "offload/gso.h"
#include "pkt/csum.h"

static const uint32_t gso_cap[] = {
	[PKT_GSO_TCP4] = CAP_TSO4,
	[PKT_GSO_TCP6] = CAP_TSO6,
	[PKT_GSO_UDP] = CAP_USO,
};

/* Compute the owed checksum of a packet that is no super-frame; *m may be replaced. */
static int pay_csum(struct rte_mbuf **m)
{
	const struct pkt_layer *l = &pkt_meta(*m)->inner;
	int err;

	if (l->l4 == PKT_L4_NONE)
		return -EINVAL;
	err = pkt_unshare(m, l->pay_off);
	if (!err)
		csum_l4_pay(*m, &pkt_meta(*m)->inner);
	return err;
}

static int segment(struct rte_mbuf *m, uint32_t caps, struct pkt_list *out)
{
	struct pkt_list segs;
	struct rte_mbuf *seg;
	int err;

	pkt_list_init(&segs);
	err = gso_segment(m, &segs);
	if (err)
		return err;
	if (!(caps & CAP_CSUM))
		pkt_list_for_each(seg, &segs)
			csum_l4_pay(seg, &pkt_meta(seg)->inner); /* headers are private */
	pkt_list_splice(out, &segs);
	return 0;
}

/* A super-frame that one segment can hold is a plain packet: its headers are right already. */
static bool is_one_segment(const struct pkt_layer *l)
{
	return l->l4 != PKT_L4_NONE && l->end_off - l->pay_off <= l->gso_size;
}

int tx_prepare(struct rte_mbuf *m, uint32_t caps, struct pkt_list *out)
{
	struct pkt_layer *l = &pkt_meta(m)->inner;
	int err = 0;

	if (l->gso_type == PKT_GSO_NONE) {
		if (l->csum == PKT_CSUM_OWED && !(caps & CAP_CSUM))
			err = pay_csum(&m);
	} else if (l->gso_type >= RTE_DIM(gso_cap) || !l->gso_size) {
		return -EINVAL;
	} else if (is_one_segment(l)) {
		if (!(caps & CAP_CSUM))
			err = pay_csum(&m);
		else
			pkt_owe_csum(l);
		if (!err) {
			l = &pkt_meta(m)->inner; /* may have moved */
			l->gso_type = PKT_GSO_NONE;
			l->gso_size = 0;
			l->gso_ecn = 0;
		}
	} else if (!(caps & gso_cap[l->gso_type])) {
		return caps & CAP_GSO ? segment(m, caps, out) : -EPERM;
	}
	if (!err)
		pkt_list_add(out, m);
	return err;
}
