/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * STT in trains: what TCP does, since that is what STT borrows TCP's looks for; but a train stays
 * inside one STT frame.
 */
#include "offload/offload_ops.h"

#include <errno.h>

#include "offload/gro.h"
#include "pkt/l4_csum.h"
#include "wire/stt.h"

static void stt_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct tcp_hdr *th = (const void *)(c->hdr + c->st.off[i]);
	const uint32_t at = stt_frag_off(th->seq), frame_len = stt_frame_len(th->seq);

	/* 0xffff: see ipv4_gro_step() */
	if (!c->plen || at + c->plen > frame_len || (th->flags & ~(TCP_F_ACK | TCP_F_PSH)) ||
		(th->check == 0xffff && c->md->inner.csum != PKT_CSUM_OWED))
		c->flags |= GRO_C_SOLO;
	if (!at)
		c->flags |= GRO_C_FIRST;
	if ((th->flags & TCP_F_PSH) || at + c->plen == frame_len)
		c->flags |= GRO_C_LAST;
	c->carry = th->flags & TCP_F_PSH;
	c->max_pkts = UINT16_MAX;
}

static enum gro_verdict stt_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct tcp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct tcp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	if (a->sport != b->sport || a->dport != b->dport)
		return GRO_OTHER_FLOW;
	return stt_frame_len(a->seq) == stt_frame_len(b->seq) && offload_tcp_follows(c, it, i)
		       ? GRO_MERGE
		       : GRO_NO_MERGE;
}

static uint32_t left_behind(uint32_t seq, uint32_t plen)
{
	const rte_be32_t field = rte_cpu_to_be_32(seq);
	const uint32_t end = stt_frag_off(field) + plen, frame_len = stt_frame_len(field);

	return end < frame_len ? frame_len - end : 0;
}

static void stt_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	offload_tcp_forecast(f, h, off, plen);
	forecast_ends(f, left_behind);
}

static void stt_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	PKT_HDR(m, off, struct tcp_hdr)->flags |= (uint8_t)d->carry;
	l4_csum_owe(m, l);
}

/* The frame length beside the offset must not be touched by a carry. */
static int stt_gso_check(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct tcp_hdr *th = PKT_HDR(m, l->l4_off, struct tcp_hdr);

	return stt_frag_off(th->seq) + l->end_off - l->pay_off <= stt_frame_len(th->seq) ? 0
											 : -EINVAL;
}

const struct offload_ops offload_stt = {
	.name = "stt",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_STT, [PKT_L3_IPV6] = PKT_GSO_STT },
	.gro_kind = GRO_STT,
	.gro_step = stt_gro_step,
	.gro_same = stt_gro_same,
	.gro_verify = offload_l4_verify,
	.gro_forecast = stt_gro_forecast,
	.gro_complete = stt_gro_complete,
	.gso_check = stt_gso_check,
	.gso_fixup = offload_tcp_fixup,
};
