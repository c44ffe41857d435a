/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP in trains (USO): datagrams of one size, the last may be smaller.  As in Linux, datagrams
 * without a checksum, without payload, or whose length field disagrees with IP stay apart, and a
 * train has at most 64.
 *
 * And UDP as an outer header, in front of a tunnel or of SCLP: it only has a length and perhaps a
 * checksum to keep right.
 */
#include "offload/offload_ops.h"

#include <errno.h>

#include "offload/gro.h"
#include "pkt/l4_csum.h"
#include "wire/l4.h"

#define UDP_TRAIN_MAX 64

static bool len_agrees(const struct gro_ctx *c, unsigned int i)
{
	const struct udp_hdr *uh = (const void *)(c->hdr + c->st.off[i]);

	return rte_be_to_cpu_16(uh->len) == c->st.off[c->st.n] + c->plen - c->st.off[i];
}

static void udp_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct udp_hdr *uh = (const void *)(c->hdr + c->st.off[i]);

	if (!uh->check || !c->plen || !len_agrees(c, i))
		c->flags |= GRO_C_SOLO;
	c->max_pkts = UDP_TRAIN_MAX;
}

static enum gro_verdict udp_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct udp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct udp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	return a->sport == b->sport && a->dport == b->dport ? GRO_MERGE : GRO_OTHER_FLOW;
}

static void udp_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	(void)h;
	(void)plen;
	forecast_sum(f, (uint16_t)(off + UDP_CSUM_OFF));
}

static void set_len(struct rte_mbuf *m, const struct pkt_layer *l, uint16_t off)
{
	PKT_HDR(m, off, struct udp_hdr)->len = rte_cpu_to_be_16((uint16_t)(l->end_off - off));
}

static void udp_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)d;
	set_len(m, l, off);
	l4_csum_owe(m, l);
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
	.gro_verify = offload_l4_verify,
	.gro_forecast = udp_gro_forecast,
	.gro_complete = udp_gro_complete,
	.gso_check = udp_gso_check,
	.gso_fixup = udp_gso_fixup,
};

/* ---- in front of a tunnel header ---- */

static void outer_gro_step(struct gro_ctx *c, unsigned int i)
{
	if (!len_agrees(c, i))
		c->flags |= GRO_C_SOLO;
}

/* All have a checksum or none has: the train's header can say only one of it. */
static enum gro_verdict outer_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct udp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct udp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	if (a->sport != b->sport || a->dport != b->dport)
		return GRO_OTHER_FLOW;
	return !a->check == !b->check ? GRO_MERGE : GRO_NO_MERGE;
}

static void outer_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	(void)plen;
	if (((const struct udp_hdr *)(const void *)h)->check)
		forecast_sum(f, (uint16_t)(off + UDP_CSUM_OFF));
}

static void outer_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)d;
	set_len(m, l, off);
	outer_csum_owe(m, pkt_meta(m));
}

static void outer_gso_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct udp_hdr *uh = h;

	if (uh->check)
		udp_gso_fixup(h, off, pos);
	else
		uh->len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off));
}

const struct offload_ops offload_udp_outer = {
	.name = "udp-outer",
	.gro_step = outer_gro_step,
	.gro_same = outer_gro_same,
	.gro_verify = offload_outer_verify,
	.gro_forecast = outer_gro_forecast,
	.gro_complete = outer_gro_complete,
	.gso_fixup = outer_gso_fixup,
};

/* ---- in front of SCLP, whose checksum it carries ---- */

static void carrier_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct udp_hdr *uh = (const void *)(c->hdr + c->st.off[i]);

	if (!uh->check || !len_agrees(c, i))
		c->flags |= GRO_C_SOLO;
}

static void carrier_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)d;
	set_len(m, l, off);
	l4_csum_owe(m, l);
}

const struct offload_ops offload_udp_carrier = {
	.name = "udp-carrier",
	.gro_step = carrier_gro_step,
	.gro_same = udp_gro_same,
	.gro_forecast = udp_gro_forecast,
	.gro_complete = carrier_gro_complete,
	.gso_fixup = udp_gso_fixup,
};
