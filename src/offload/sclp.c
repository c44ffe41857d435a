/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCLP in trains: level 1 of its reassembly, over IP and over UDP, and its segmentation where a
 * frame leaves through a raw port.  Neighbours of one frame merge; that they have equal sizes is
 * ours (docs/protocol.md asks only that they touch), so that cutting gives the same segments again.
 */
#include "offload/offload_ops.h"

#include <errno.h>

#include "offload/gro.h"
#include "pkt/l4_csum.h"
#include "uapi/sclp.h"

#define REMAINING_OFF 8
#define CHECK_OFF     10

static bool is_carried(const struct offload_stack *st)
{
	return st->n > 1 && st->row[st->n - 2] == OFFLOAD_UDP_CARRIER;
}

static void sclp_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct sclp_hdr *sh = (const void *)(c->hdr + c->st.off[i]);

	/* one checksum covers it: UDP's or its own; 0xffff: see ipv4_gro_step() */
	if (!c->plen || (is_carried(&c->st) && sh->check))
		c->flags |= GRO_C_SOLO;
	if (sh->id_first & RTE_BE32(SCLP_FIRST))
		c->flags |= GRO_C_FIRST;
	if (!sh->remaining)
		c->flags |= GRO_C_LAST;
	c->max_pkts = UINT16_MAX;
}

static enum gro_verdict sclp_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct sclp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct sclp_hdr *b = (const void *)(c->hdr + c->st.off[i]);
	const uint32_t a_end = rte_be_to_cpu_16(a->remaining) + it->seg_plen;

	if (a->source != b->source || a->dest != b->dest)
		return GRO_OTHER_FLOW;
	if ((a->id_first ^ b->id_first) & RTE_BE32(~SCLP_FIRST))
		return GRO_NO_MERGE;
	/* what remained behind the train is this segment and what remains behind it */
	return a_end == it->plen + c->plen + rte_be_to_cpu_16(b->remaining) ? GRO_MERGE
									    : GRO_NO_MERGE;
}

/* Who came before said in 16 bits what remained: this segment and what is behind it.  More is a
 * counter that went on below 0. */
static uint32_t left_behind(uint32_t remaining, uint32_t plen)
{
	return remaining + plen <= UINT16_MAX ? remaining : 0;
}

static void sclp_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	const struct sclp_hdr *sh = (const void *)h;

	forecast_counter(f, (uint16_t)(off + REMAINING_OFF), 16, rte_be_to_cpu_16(sh->remaining),
		(uint32_t)-plen);
	forecast_ends(f, left_behind);
	if (!(f->layer.flags & PKT_LF_CARRIER))
		forecast_sum(f, (uint16_t)(off + CHECK_OFF));
}

static void sclp_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	struct sclp_hdr *sh = PKT_HDR(m, off, struct sclp_hdr);
	const uint32_t more = l->end_off - l->pay_off - d->seg_plen;

	sh->remaining = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(sh->remaining) - more));
	if (!(l->flags & PKT_LF_CARRIER)) /* otherwise UDP's row does it */
		l4_csum_owe(m, l);
}

/* Offsets must fit the field. */
static int sclp_gso_check(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct sclp_hdr *sh = PKT_HDR(m, l->l4_off, struct sclp_hdr);
	const uint32_t behind = l->end_off - l->pay_off + rte_be_to_cpu_16(sh->remaining);

	return behind - RTE_MIN(behind, l->gso_size) <= UINT16_MAX ? 0 : -EINVAL;
}

static void sclp_gso_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct sclp_hdr *sh = h;
	const uint32_t all = pos->super_end - pos->hdr_end,
		       upto = pos->bytes_before + pos->seg_end - pos->hdr_end;

	(void)off;
	if (pos->idx)
		sh->id_first &= RTE_BE32(~SCLP_FIRST);
	sh->remaining = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(sh->remaining) + all - upto));
}

const struct offload_ops offload_sclp = {
	.name = "sclp",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_SCLP, [PKT_L3_IPV6] = PKT_GSO_SCLP },
	.gro_kind = GRO_SCLP,
	.gro_step = sclp_gro_step,
	.gro_same = sclp_gro_same,
	.gro_verify = offload_l4_verify,
	.gro_forecast = sclp_gro_forecast,
	.gro_complete = sclp_gro_complete,
	.gso_check = sclp_gso_check,
	.gso_fixup = sclp_gso_fixup,
};
