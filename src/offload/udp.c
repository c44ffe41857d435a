/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP in trains (USO): datagrams of one size, the last may be smaller.  As in Linux, datagrams
 * without a checksum, without payload, or whose length field disagrees with IP stay apart, and a
 * train has at most 64.
 */
#include "offload/offload_ops.h"

#include <errno.h>

#include "offload/gro.h"
#include "pkt/csum.h"
#include "wire/l4.h"

#define UDP_TRAIN_MAX 64

static void udp_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct udp_hdr *uh = (const void *)(c->hdr + c->st.off[i]);

	if (!uh->check || !c->plen || rte_be_to_cpu_16(uh->len) != c->plen + sizeof(*uh))
		c->flags |= GRO_C_SOLO;
	c->max_pkts = UDP_TRAIN_MAX;
}

static enum gro_verdict udp_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct udp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct udp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	return a->sport == b->sport && a->dport == b->dport ? GRO_MERGE : GRO_OTHER_FLOW;
}

static void udp_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)d;
	PKT_HDR(m, off, struct udp_hdr)->len = rte_cpu_to_be_16((uint16_t)(l->end_off - off));
	offload_inet_owe(m, l);
}

static int udp_gso_check(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct udp_hdr *uh = PKT_HDR(m, l->l4_off, struct udp_hdr);

	return rte_be_to_cpu_16(uh->len) == l->end_off - l->l4_off ? 0 : -EINVAL;
}

static void udp_gso_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct udp_hdr *uh = h;

	uh->len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off));
	uh->check = offload_inet_relen(uh->check, pos->super_end - off, pos->seg_end - off);
}

const struct offload_ops offload_udp = {
	.name = "udp",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_UDP, [PKT_L3_IPV6] = PKT_GSO_UDP },
	.gro_kind = GRO_UDP,
	.gro_step = udp_gro_step,
	.gro_same = udp_gro_same,
	.gro_verify = offload_inet_verify,
	.gro_complete = udp_gro_complete,
	.gso_check = udp_gso_check,
	.gso_fixup = udp_gso_fixup,
};
