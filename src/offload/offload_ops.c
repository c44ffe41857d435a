/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of protocols, and how metadata becomes a stack of their headers. */
#include "offload/offload_ops.h"

const struct offload_ops *const offload_rows[OFFLOAD_N_ROWS] = {
	[OFFLOAD_ETHER] = &offload_ether,
	[OFFLOAD_IPV4] = &offload_ipv4,
	[OFFLOAD_IPV6] = &offload_ipv6,
	[OFFLOAD_IPV4_FRAG] = &offload_ipv4_frag,
	[OFFLOAD_IPV6_FRAG] = &offload_ipv6_frag,
	[OFFLOAD_TCP] = &offload_tcp,
	[OFFLOAD_UDP] = &offload_udp,
	[OFFLOAD_SCTP] = &offload_sctp,
	[OFFLOAD_SCLP] = &offload_sclp,
	[OFFLOAD_STT] = &offload_stt,
	[OFFLOAD_UDP_OUTER] = &offload_udp_outer,
	[OFFLOAD_UDP_CARRIER] = &offload_udp_carrier,
	[OFFLOAD_TUNNEL] = &offload_tunnel,
	[OFFLOAD_GRE] = &offload_gre,
};

static const uint8_t l3_row[] = { [PKT_L3_IPV4] = OFFLOAD_IPV4, [PKT_L3_IPV6] = OFFLOAD_IPV6 };
static const uint8_t frag_row[] = {
	[PKT_L3_IPV4] = OFFLOAD_IPV4_FRAG, [PKT_L3_IPV6] = OFFLOAD_IPV6_FRAG
};
static const uint8_t l4_row[PKT_L4_N] = {
	[PKT_L4_TCP] = OFFLOAD_TCP,
	[PKT_L4_UDP] = OFFLOAD_UDP,
	[PKT_L4_SCTP] = OFFLOAD_SCTP,
	[PKT_L4_SCLP] = OFFLOAD_SCLP,
	[PKT_L4_STT] = OFFLOAD_STT,
};
static const uint8_t tun_row[] = { [PKT_TUN_OPAQUE] = OFFLOAD_TUNNEL, [PKT_TUN_GRE] = OFFLOAD_GRE };

static inline void put(struct offload_stack *st, uint8_t row, uint32_t off)
{
	st->row[st->n] = row;
	st->off[st->n++] = (uint16_t)off;
}

/* Ethernet, if it has one, and IP. */
static inline void put_l3(struct offload_stack *st, const struct pkt_layer *l, uint8_t row)
{
	if (likely(l->l2_off != l->l3_off))
		put(st, OFFLOAD_ETHER, l->l2_off);
	put(st, row, l->l3_off);
}

bool offload_stack_build(const struct pkt_meta *md, struct offload_stack *st)
{
	const struct pkt_layer *l = &md->inner;

	if (l->l4 == PKT_L4_NONE)
		return false;
	st->rows = 0;
	st->n = 0;
	if (unlikely(md->tun_hlen)) {
		if (md->outer.l3 != PKT_L3_NONE)
			put_l3(st, &md->outer, l3_row[md->outer.l3]);
		if (md->outer.l4 != PKT_L4_NONE)
			put(st, OFFLOAD_UDP_OUTER, md->outer.l4_off);
		put(st, tun_row[md->tun], md->tun_off);
	}
	st->n_outer = st->n;
	if (unlikely(l->gso_type == PKT_GSO_UFO)) {
		put_l3(st, l, frag_row[l->l3]);
		st->off[st->n] = l->l4_off;
		return true;
	}
	put_l3(st, l, l3_row[l->l3]);
	if (unlikely(l->flags & PKT_LF_CARRIER))
		put(st, OFFLOAD_UDP_CARRIER, l->l4_off - 8u);
	put(st, l4_row[l->l4], l->l4_off);
	st->off[st->n] = l->pay_off;
	return true;
}

enum gro_verdict offload_same_bytes(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const size_t n = (size_t)(c->st.off[i + 1] - c->st.off[i]);

	if (n != (size_t)(it->st.off[i + 1] - it->st.off[i]))
		return GRO_OTHER_FLOW;
	return offload_bytes_equal(c->hdr + c->st.off[i], it->hdr + it->st.off[i], n)
		       ? GRO_MERGE
		       : GRO_OTHER_FLOW;
}

void offload_forecast_same(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	(void)f;
	(void)h;
	(void)off;
	(void)plen;
}
