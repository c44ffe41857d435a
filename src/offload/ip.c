/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IPv4 and IPv6 in trains.
 *
 * The merge conditions are those of Linux: addresses and protocol name the flow; TOS or traffic
 * class with the ECN bits, TTL or hop limit, DF, flow label and extension headers must be equal;
 * IPv4 options stay apart.  An IPv4 identification counts up from packet to packet, or with DF set
 * may be constant: RFC 6864 gives it no meaning there.  Which of both the second packet of a train
 * decides; the constant one is remembered (PKT_LF_FIXID), so that GSO makes the same bytes.
 */
#include "offload/ip.h"

#include "offload/offload_ops.h"
#include "pkt/csum.h"
#include "wire/ip.h"

static void ipv4_gro_step(struct gro_ctx *c, unsigned int i)
{
	const struct ipv4_hdr *ip = (const void *)(c->hdr + c->st.off[i]);

	/* 0xffff is good arithmetic, but not what we would write again */
	if (ip->ver_ihl != 0x45 || (ip->frag_off & ~RTE_BE16(IPV4_DF)) || ip->check == 0xffff ||
		csum_ipv4(ip, sizeof(*ip)) != 0xffff)
		c->flags |= GRO_C_SOLO;
}

static enum gro_verdict ipv4_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct ipv4_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct ipv4_hdr *b = (const void *)(c->hdr + c->st.off[i]);
	const uint16_t id_gap = (uint16_t)(rte_be_to_cpu_16(b->id) - rte_be_to_cpu_16(a->id));
	const uint8_t bit = (uint8_t)(1 << i);

	if (!offload_bytes_equal(&a->src, &b->src, 8))
		return GRO_OTHER_FLOW;
	if (a->ver_ihl != b->ver_ihl || a->tos != b->tos || a->ttl != b->ttl ||
		a->frag_off != b->frag_off)
		return GRO_NO_MERGE;
	if (id_gap == 0 && (b->frag_off & RTE_BE16(IPV4_DF)) &&
		(it->n_pkts == 1 || (it->fixed & bit))) {
		c->fixed |= bit;
		return GRO_MERGE;
	}
	if (id_gap == it->n_pkts && !(it->fixed & bit))
		return GRO_MERGE;
	return GRO_NO_MERGE;
}

static void ipv4_gro_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen)
{
	const struct ipv4_hdr *ip = (const void *)h;
	/* constant or counting: which of both, ipv4_gro_same() has found out */
	const uint16_t step = f->fixed >> f->row & 1 ? 0 : 1;

	(void)plen;
	forecast_counter(f, (uint16_t)(off + offsetof(struct ipv4_hdr, id)), 16,
		rte_be_to_cpu_16(ip->id), step);
	forecast_pair(f, (uint16_t)(off + offsetof(struct ipv4_hdr, check)),
		(uint16_t)(off + offsetof(struct ipv4_hdr, id)), ip->check, ip->id);
}

void ipv4_set_csum(struct ipv4_hdr *ip)
{
	ip->check = 0;
	ip->check = (uint16_t)~csum_ipv4(ip, ipv4_hlen(ip));
}

static void ipv4_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	struct ipv4_hdr *ip = PKT_HDR(m, off, struct ipv4_hdr);

	ip->tot_len = rte_cpu_to_be_16((uint16_t)(l->end_off - off));
	ipv4_set_csum(ip);
	if (d->fixed)
		l->flags |= PKT_LF_FIXID;
}

static void ipv4_gso_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct ipv4_hdr *ip = h;

	ip->tot_len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off));
	if (!(pos->l->flags & PKT_LF_FIXID))
		ip->id = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(ip->id) + pos->idx));
	ipv4_set_csum(ip);
}

const struct offload_ops offload_ipv4 = {
	.name = "ipv4",
	.gro_step = ipv4_gro_step,
	.gro_same = ipv4_gro_same,
	.gro_forecast = ipv4_gro_forecast,
	.gro_complete = ipv4_gro_complete,
	.gso_fixup = ipv4_gso_fixup,
};

bool ipv6_dst_is_last(const struct ipv6_hdr *ip6, unsigned int hlen)
{
	const uint8_t *p = (const uint8_t *)(ip6 + 1), *const end = (const uint8_t *)ip6 + hlen;
	uint8_t next = ip6->next;

	while (p < end) {
		if (next == IP_PROTO_ROUTING && p[3])
			return false;
		next = p[0];
		p += (p[1] + 1u) * 8;
	}
	return true;
}

static void ipv6_gro_step(struct gro_ctx *c, unsigned int i)
{
	const unsigned int hlen = (unsigned int)(c->st.off[i + 1] - c->st.off[i]);

	if (unlikely(hlen > sizeof(struct ipv6_hdr)) &&
		!ipv6_dst_is_last((const void *)(c->hdr + c->st.off[i]), hlen))
		c->flags |= GRO_C_SOLO;
}

static enum gro_verdict ipv6_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct ipv6_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct ipv6_hdr *b = (const void *)(c->hdr + c->st.off[i]);
	const size_t a_hlen = (size_t)(it->st.off[i + 1] - it->st.off[i]);
	const size_t b_hlen = (size_t)(c->st.off[i + 1] - c->st.off[i]);

	if (!offload_bytes_equal(a->src, b->src, 32))
		return GRO_OTHER_FLOW;
	if (a->ver_tc_flow != b->ver_tc_flow || a->next != b->next ||
		a->hop_limit != b->hop_limit || a_hlen != b_hlen)
		return GRO_NO_MERGE;
	if (a_hlen > sizeof(*a) && !offload_bytes_equal(a + 1, b + 1, a_hlen - sizeof(*a)))
		return GRO_NO_MERGE;
	return GRO_MERGE;
}

static void ipv6_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	struct ipv6_hdr *ip6 = PKT_HDR(m, off, struct ipv6_hdr);

	(void)d;
	ip6->payload_len = rte_cpu_to_be_16((uint16_t)(l->end_off - off - sizeof(*ip6)));
}

static void ipv6_gso_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct ipv6_hdr *ip6 = h;

	ip6->payload_len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off - sizeof(*ip6)));
}

const struct offload_ops offload_ipv6 = {
	.name = "ipv6",
	.gro_step = ipv6_gro_step,
	.gro_same = ipv6_gro_same,
	.gro_forecast = offload_forecast_same,
	.gro_complete = ipv6_gro_complete,
	.gso_fixup = ipv6_gso_fixup,
};
