/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of protocols, and how metadata becomes a stack of their headers. */
#include "offload/offload_ops.h"

const struct offload_ops *const offload_rows[OFFLOAD_N_ROWS] = {
	[OFFLOAD_ETHER] = &offload_ether,
	[OFFLOAD_IPV4] = &offload_ipv4,
	[OFFLOAD_IPV6] = &offload_ipv6,
	[OFFLOAD_TCP] = &offload_tcp,
	[OFFLOAD_UDP] = &offload_udp,
	[OFFLOAD_TUNNEL] = &offload_tunnel,
};

static const uint8_t l3_row[] = { [PKT_L3_IPV4] = OFFLOAD_IPV4, [PKT_L3_IPV6] = OFFLOAD_IPV6 };
static const uint8_t l4_row[] = { [PKT_L4_TCP] = OFFLOAD_TCP, [PKT_L4_UDP] = OFFLOAD_UDP };

static inline void put(struct offload_stack *st, uint8_t row, uint16_t off)
{
	st->row[st->n] = row;
	st->off[st->n++] = off;
}

static inline void put_layer(struct offload_stack *st, const struct pkt_layer *l)
{
	put(st, OFFLOAD_ETHER, l->l2_off);
	put(st, l3_row[l->l3], l->l3_off);
	if (l->l4 != PKT_L4_NONE)
		put(st, l4_row[l->l4], l->l4_off);
}

bool offload_stack_build(const struct pkt_meta *md, struct offload_stack *st)
{
	if (md->inner.l4 == PKT_L4_NONE)
		return false;
	st->rows = 0;
	st->n = 0;
	if (unlikely(md->tun_hlen)) {
		if (md->outer.l3 != PKT_L3_NONE)
			put_layer(st, &md->outer);
		put(st, OFFLOAD_TUNNEL, md->tun_off);
	}
	st->n_outer = st->n;
	put_layer(st, &md->inner);
	st->off[st->n] = md->inner.pay_off;
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

/* Bytes that only the tunnel understands: the same in all packets of a train, copied to all
 * segments. */
const struct offload_ops offload_tunnel = {
	.name = "tunnel",
	.gro_same = offload_same_bytes,
};
