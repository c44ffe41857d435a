/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tunnel headers.  Most are opaque: the same bytes in all packets of a train, copied to all
 * segments (VXLAN, Geneve with its options).  GRE, and so NVGRE, may have a checksum and a sequence
 * number.
 */
#include "offload/offload_ops.h"

#include "pkt/l4_csum.h"
#include "wire/gre.h"

bool offload_outer_verify(const struct rte_mbuf *m, struct pkt_meta *md)
{
	if (md->outer.csum == PKT_CSUM_VERIFIED)
		return true;
	if (md->outer.csum == PKT_CSUM_OWED || !outer_csum_good(m, md))
		return false;
	md->outer.csum = PKT_CSUM_VERIFIED;
	return true;
}

const struct offload_ops offload_tunnel = {
	.name = "tunnel",
	.gro_same = offload_same_bytes,
	.gro_forecast = offload_forecast_same,
};

/*
 * As in Linux: what has a sequence number stays apart, since order there is GRE's business.
 * A checksum of 0xffff: see ipv4_gro_step().
 */
static void gre_gro_step(struct gro_ctx *c, unsigned int i)
{
	const uint8_t *h = c->hdr + c->st.off[i];
	const struct gre_hdr *gh = (const void *)h;

	if ((gh->flags & RTE_BE16(GRE_F_SEQ)) ||
		((gh->flags & RTE_BE16(GRE_F_CSUM)) &&
			*(const csum_field_t *)(const void *)(h + GRE_CSUM_OFF) == 0xffff))
		c->flags |= GRO_C_SOLO;
}

/* All but the checksum is part of the flow's name. */
static enum gro_verdict gre_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const uint8_t *a = it->hdr + it->st.off[i], *b = c->hdr + c->st.off[i];
	const size_t n = (size_t)(c->st.off[i + 1] - c->st.off[i]),
		     at = ((const struct gre_hdr *)(const void *)b)->flags & RTE_BE16(GRE_F_CSUM)
				  ? GRE_CSUM_OFF + 2
				  : sizeof(struct gre_hdr);

	if (n != (size_t)(it->st.off[i + 1] - it->st.off[i]) ||
		memcmp(a, b, sizeof(struct gre_hdr)) || memcmp(a + at, b + at, n - at))
		return GRO_OTHER_FLOW;
	return GRO_MERGE;
}

static void gre_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	const struct gre_hdr *gh = (const void *)h;

	(void)plen;
	if (gh->flags & RTE_BE16(GRE_F_CSUM))
		forecast_sum(f, (uint16_t)(off + GRE_CSUM_OFF));
}

static void gre_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)l;
	(void)off;
	(void)d;
	outer_csum_owe(m, pkt_meta(m));
}

const struct offload_ops offload_gre = {
	.name = "gre",
	.gro_step = gre_gro_step,
	.gro_same = gre_gro_same,
	.gro_verify = offload_outer_verify,
	.gro_forecast = gre_gro_forecast,
	.gro_complete = gre_gro_complete,
};
