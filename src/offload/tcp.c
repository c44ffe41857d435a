/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP in trains.  Merge conditions as in Linux: ports name the flow; acknowledgement, window,
 * flags, reserved bits, urgent pointer and all options (so time stamps too) must be equal, the
 * sequence number must follow.  PSH and FIN end the train; SYN, RST, URG, CWR and packets without
 * payload stay apart.  (CWR on the first packet alone would be cut again as it came.  But with
 * accurate ECN, RFC 9768, it is a digit of a counter, which the receiver of a train would misread.)
 */
#include "offload/offload_ops.h"

#include "offload/gro.h"
#include "pkt/l4_csum.h"
#include "wire/ip.h"
#include "wire/l4.h"

#define TCP_F_TAIL (TCP_F_FIN | TCP_F_PSH)
#define TCP_F_ODD  (TCP_F_SYN | TCP_F_RST | TCP_F_URG | TCP_F_CWR)

static void tcp_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct tcp_hdr *th = (const void *)(c->hdr + c->st.off[i]);

	/* 0xffff: see ipv4_gro_step() */
	if ((th->flags & TCP_F_ODD) || !c->plen ||
		(th->check == 0xffff && c->md->inner.csum != PKT_CSUM_OWED))
		c->flags |= GRO_C_SOLO;
	if (th->flags & TCP_F_TAIL)
		c->flags |= GRO_C_LAST;
	c->carry = th->flags & TCP_F_TAIL;
	c->max_pkts = UINT16_MAX;
}

bool offload_tcp_follows(const struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct tcp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct tcp_hdr *b = (const void *)(c->hdr + c->st.off[i]);
	const unsigned int opt_len = tcp_hlen(a) - (unsigned int)sizeof(*a);

	return rte_be_to_cpu_32(a->seq) + it->plen == rte_be_to_cpu_32(b->seq) &&
	       a->ack == b->ack && a->off_res == b->off_res && a->window == b->window &&
	       a->urgent == b->urgent && !((a->flags ^ b->flags) & ~TCP_F_TAIL) &&
	       (!opt_len || offload_bytes_equal(a + 1, b + 1, opt_len));
}

static enum gro_verdict tcp_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct tcp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct tcp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	if (a->sport != b->sport || a->dport != b->dport)
		return GRO_OTHER_FLOW;
	return offload_tcp_follows(c, it, i) ? GRO_MERGE : GRO_NO_MERGE;
}

void offload_tcp_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	const struct tcp_hdr *th = (const void *)h;

	forecast_counter(f, (uint16_t)(off + offsetof(struct tcp_hdr, seq)), 0,
		rte_be_to_cpu_32(th->seq), plen);
	forecast_sum(f, (uint16_t)(off + TCP_CSUM_OFF));
}

static void tcp_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	struct tcp_hdr *th = PKT_HDR(m, off, struct tcp_hdr);

	th->flags |= (uint8_t)d->carry;
	l4_csum_owe(m, l);
}

void offload_tcp_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct tcp_hdr *th = h;

	th->seq = rte_cpu_to_be_32(rte_be_to_cpu_32(th->seq) + pos->bytes_before);
	if (pos->idx)
		th->flags &= (uint8_t)~TCP_F_CWR;
	if (!pos->is_last)
		th->flags &= (uint8_t)~TCP_F_TAIL;
	th->check = offload_inet_relen(th->check, pos->super_end - off, pos->seg_end - off);
}

const struct offload_ops offload_tcp = {
	.name = "tcp",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_TCP4, [PKT_L3_IPV6] = PKT_GSO_TCP6 },
	.gro_kind = GRO_TCP,
	.gro_step = tcp_gro_step,
	.gro_same = tcp_gro_same,
	.gro_verify = offload_l4_verify,
	.gro_forecast = offload_tcp_forecast,
	.gro_complete = tcp_gro_complete,
	.gso_fixup = offload_tcp_fixup,
};
