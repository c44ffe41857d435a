/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Debts in DPDK's own words: ol_flags, l2_len and its like, tso_segsz.  A request is in the
 * metadata or in the flags, never in both, and moves with what DPDK wants in the header fields.
 */
#include <errno.h>
#include <rte_ip.h>

#include "lib/lib.h"
#include "offload/ip.h"
#include "pkt/l4_csum.h"
#include "wire/l4.h"

/* The widths of the mbuf's fields. */
#define L2_MAX	  ((1u << RTE_MBUF_L2_LEN_BITS) - 1)
#define L3_MAX	  ((1u << RTE_MBUF_L3_LEN_BITS) - 1)
#define OUTL2_MAX ((1u << RTE_MBUF_OUTL2_LEN_BITS) - 1)
#define OUTL3_MAX ((1u << RTE_MBUF_OUTL3_LEN_BITS) - 1)

static const uint64_t csum_flag[PKT_L4_N] = {
	[PKT_L4_TCP] = RTE_MBUF_F_TX_TCP_CKSUM,
	[PKT_L4_UDP] = RTE_MBUF_F_TX_UDP_CKSUM,
	[PKT_L4_SCTP] = RTE_MBUF_F_TX_SCTP_CKSUM,
	[PKT_L4_STT] = RTE_MBUF_F_TX_TCP_CKSUM, /* TCP to any device */
};
static const uint64_t seg_flag[PKT_GSO_N] = {
	[PKT_GSO_TCP4] = RTE_MBUF_F_TX_TCP_SEG,
	[PKT_GSO_TCP6] = RTE_MBUF_F_TX_TCP_SEG,
	[PKT_GSO_UDP] = RTE_MBUF_F_TX_UDP_SEG,
	[PKT_GSO_STT] = RTE_MBUF_F_TX_TCP_SEG,
};
static const uint64_t l3_flag[] = {
	[PKT_L3_IPV4] = RTE_MBUF_F_TX_IPV4, [PKT_L3_IPV6] = RTE_MBUF_F_TX_IPV6
};
static const uint64_t outer_l3_flag[] = {
	[PKT_L3_IPV4] = RTE_MBUF_F_TX_OUTER_IPV4, [PKT_L3_IPV6] = RTE_MBUF_F_TX_OUTER_IPV6
};

/* What describes a packet to a device. */
struct request {
	uint64_t flags;
	uint32_t outer_l2, outer_l3, l2, l3, l4;
};

/* From where the device counts l2_len. */
static uint32_t l2_start(const struct pkt_meta *md)
{
	return md->tun_hlen ? lib_outer_end(md) : 0;
}

/* Header bytes of layer @l's network protocol (l3 not NONE). */
static uint32_t l3_hlen(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	if (l->l4 != PKT_L4_NONE)
		return l4_csum_start(l) - l->l3_off;
	if (l->l3 == PKT_L3_IPV4)
		return ipv4_hlen(PKT_HDR(m, l->l3_off, struct ipv4_hdr));
	return sizeof(struct ipv6_hdr);
}

static struct request describe(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const struct pkt_layer *l = &md->inner;
	struct request r = { .l2 = l->l3_off - l2_start(md), .l3 = l3_hlen(m, l) };

	if (l->l4 != PKT_L4_NONE)
		r.l4 = l->pay_off - l4_csum_start(l);
	if (md->tun_hlen) {
		r.outer_l2 = md->outer.l3_off;
		r.outer_l3 = l2_start(md) - md->outer.l3_off;
	}
	return r;
}

/* ---- from the metadata ---- */

static uint64_t tunnel_flag(
	const struct rte_mbuf *m, const struct pkt_meta *md, const struct pkt_wire_ports *ports)
{
	const struct udp_hdr *uh;

	if (md->tun == PKT_TUN_GRE)
		return RTE_MBUF_F_TX_TUNNEL_GRE;
	uh = PKT_HDR(m, md->outer.l4_off, struct udp_hdr);
	if (uh->dport == rte_cpu_to_be_16(ports->vxlan))
		return RTE_MBUF_F_TX_TUNNEL_VXLAN;
	if (uh->dport == rte_cpu_to_be_16(ports->geneve))
		return RTE_MBUF_F_TX_TUNNEL_GENEVE;
	return RTE_MBUF_F_TX_TUNNEL_UDP;
}

/* The flags of what the inner layer owes; 0: there are none. */
static uint64_t inner_flags(const struct pkt_layer *l)
{
	const bool carried = l->flags & PKT_LF_CARRIER;
	uint64_t flags;

	if (l->gso_type == PKT_GSO_NONE)
		return l3_flag[l->l3] | csum_flag[carried ? PKT_L4_UDP : l->l4];
	flags = carried ? 0 : seg_flag[l->gso_type];
	if (!flags)
		return 0;
	flags |= l3_flag[l->l3] | csum_flag[l->l4];
	return l->l3 == PKT_L3_IPV4 ? flags | RTE_MBUF_F_TX_IP_CKSUM : flags;
}

static int outer_flags(const struct rte_mbuf *m, const struct pkt_meta *md,
	const struct pkt_wire_ports *ports, uint64_t *flags)
{
	*flags |= outer_l3_flag[md->outer.l3] | tunnel_flag(m, md, ports);
	if (md->outer.csum == PKT_CSUM_OWED) {
		if (md->outer.l4 != PKT_L4_UDP)
			return -ENOTSUP;
		*flags |= RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
	}
	if (md->inner.gso_type != PKT_GSO_NONE && md->outer.l3 == PKT_L3_IPV4)
		*flags |= RTE_MBUF_F_TX_OUTER_IP_CKSUM;
	return 0;
}

static int make_request(
	const struct rte_mbuf *m, const struct pkt_wire_ports *ports, struct request *r)
{
	const struct pkt_meta *md = pkt_meta_const(m);
	const struct pkt_layer *l = &md->inner;

	if (l->l3 == PKT_L3_NONE || (md->tun_hlen && md->outer.l3 == PKT_L3_NONE))
		return -ENOTSUP;
	*r = describe(m, md);
	if (r->outer_l2 > OUTL2_MAX || r->outer_l3 > OUTL3_MAX || r->l2 > L2_MAX || r->l3 > L3_MAX)
		return -ENOTSUP;
	r->flags = l3_flag[l->l3];
	if (l->csum == PKT_CSUM_OWED || l->gso_type != PKT_GSO_NONE) {
		r->flags = inner_flags(l);
		if (!(r->flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG)))
			return -ENOTSUP;
	}
	return md->tun_hlen ? outer_flags(m, md, ports, &r->flags) : 0;
}

/* As rte_ipv4_phdr_cksum() and its like have it: with TCP the device adds each segment's length. */
static void super_fields(struct rte_mbuf *m, struct pkt_layer *l, uint64_t seg)
{
	if (l->l3 == PKT_L3_IPV4)
		PKT_HDR(m, l->l3_off, struct ipv4_hdr)->check = 0;
	if ((seg & RTE_MBUF_F_TX_TCP_SEG) && l->csum == PKT_CSUM_OWED)
		*l4_csum_field(m, l) = csum_fold(l4_csum_pseudo(m, l, 0));
}

static void write_request(struct rte_mbuf *m, const struct request *r)
{
	struct pkt_meta *md = pkt_meta(m);
	struct pkt_layer *l = &md->inner;

	m->tx_offload = 0;
	m->ol_flags |= r->flags;
	m->outer_l2_len = r->outer_l2;
	m->outer_l3_len = r->outer_l3;
	m->l2_len = r->l2;
	m->l3_len = r->l3;
	if (l->gso_type != PKT_GSO_NONE) {
		m->l4_len = r->l4;
		m->tso_segsz = l->gso_size;
		super_fields(m, l, r->flags);
		if (md->tun_hlen)
			super_fields(m, &md->outer, r->flags);
	}
	l->gso_type = PKT_GSO_NONE;
	l->gso_size = 0;
	l->gso_ecn = 0;
	l->csum = md->outer.csum = PKT_CSUM_UNKNOWN;
}

int cvsw_to_ol_flags(struct rte_mbuf **mp, const struct cvsw_ports *ports)
{
	const struct pkt_wire_ports wire = lib_ports(ports);
	const struct pkt_meta *md = pkt_meta(*mp);
	struct request r;
	int err;

	if (md->inner.gso_type == PKT_GSO_NONE && md->inner.csum != PKT_CSUM_OWED &&
		md->outer.csum != PKT_CSUM_OWED) {
		(*mp)->ol_flags &= ~(LIB_TX_REQUEST | LIB_TX_DESCRIBE);
		return 0;
	}
	err = make_request(*mp, &wire, &r);
	if (!err && md->inner.gso_type != PKT_GSO_NONE)
		err = pkt_unshare(mp, md->inner.pay_off);
	if (err)
		return err;
	(*mp)->ol_flags &= ~(LIB_TX_REQUEST | LIB_TX_DESCRIBE);
	write_request(*mp, &r);
	return 0;
}

/* ---- from ol_flags ---- */

static bool l4_agrees(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t l4_hlen)
{
	const uint64_t csum = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;

	if ((m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) &&
		(l->l4 != PKT_L4_TCP || m->l4_len != l4_hlen || !m->tso_segsz))
		return false;
	if ((m->ol_flags & RTE_MBUF_F_TX_UDP_SEG) &&
		(l->l4 != PKT_L4_UDP || (m->l4_len && m->l4_len != l4_hlen) || !m->tso_segsz))
		return false;
	return !csum || (l->l4 != PKT_L4_NONE && csum_flag[l->l4] == csum);
}

/* Is the packet what the fields say? */
static bool agrees(const struct rte_mbuf *m, const struct pkt_meta *md, bool tunnel)
{
	const uint64_t flags = m->ol_flags;
	const struct pkt_layer *l = &md->inner;
	struct request r;

	if (l->l3 == PKT_L3_NONE || tunnel != (md->tun_hlen > 0))
		return false;
	r = describe(m, md);
	if (m->l2_len != r.l2 || m->l3_len != r.l3)
		return false;
	if (tunnel && (m->outer_l2_len != r.outer_l2 || m->outer_l3_len != r.outer_l3))
		return false;
	if ((flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_IPV4)) && l->l3 != PKT_L3_IPV4)
		return false;
	if ((flags & RTE_MBUF_F_TX_IPV6) && l->l3 != PKT_L3_IPV6)
		return false;
	if ((flags & RTE_MBUF_F_TX_OUTER_IP_CKSUM) && md->outer.l3 != PKT_L3_IPV4)
		return false;
	if ((flags & RTE_MBUF_F_TX_OUTER_UDP_CKSUM) && md->outer.l4 != PKT_L4_UDP)
		return false;
	return l4_agrees(m, l, r.l4);
}

/* The outer checksum is asked for, whatever stands there, 0, too. */
static void owe_outer(struct rte_mbuf *m, struct pkt_meta *md)
{
	*PKT_HDR(m, outer_csum_at(m, md), csum_field_t) = 0xffff;
	outer_csum_owe(m, md);
}

static int take_request(struct rte_mbuf **mp, uint32_t flags)
{
	const uint64_t asked = (*mp)->ol_flags;
	const uint64_t seg = asked & (RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG);
	const struct pkt_layer *l = &pkt_meta(*mp)->inner;
	const uint32_t hlen = l->l4 != PKT_L4_NONE ? l->pay_off : l->l3_off + l3_hlen(*mp, l);
	struct rte_mbuf *m;
	int err = pkt_unshare(mp, hlen);

	if (err)
		return err;
	m = *mp;
	if ((asked & RTE_MBUF_F_TX_L4_MASK) || seg) {
		err = cvsw_request(
			mp, seg ? m->tso_segsz : 0, asked & RTE_MBUF_F_TX_UDP_SEG ? flags : 0);
		if (err)
			return err;
	}
	if (asked & RTE_MBUF_F_TX_OUTER_UDP_CKSUM)
		owe_outer(m, pkt_meta(m));
	if (asked & RTE_MBUF_F_TX_IP_CKSUM)
		ipv4_set_csum(PKT_HDR(m, pkt_meta(m)->inner.l3_off, struct ipv4_hdr));
	if (asked & RTE_MBUF_F_TX_OUTER_IP_CKSUM)
		ipv4_set_csum(PKT_HDR(m, pkt_meta(m)->outer.l3_off, struct ipv4_hdr));
	return 0;
}

int cvsw_from_ol_flags(struct rte_mbuf **m, const struct cvsw_ports *ports, uint32_t flags)
{
	static const struct pkt_wire_ports no_tunnels;
	const struct pkt_wire_ports wire = lib_ports(ports);
	const uint64_t asked = (*m)->ol_flags;
	const bool tunnel = asked & (RTE_MBUF_F_TX_TUNNEL_MASK | RTE_MBUF_F_TX_OUTER_IPV4 |
					    RTE_MBUF_F_TX_OUTER_IPV6);
	int err;

	if (flags & ~CVSW_UDP_FRAGMENT)
		return -EINVAL;
	if (!(asked & LIB_TX_REQUEST))
		return lib_parse(m, &wire);
	err = lib_parse(m, tunnel ? &wire : &no_tunnels);
	if (err)
		return err;
	if (!agrees(*m, pkt_meta(*m), tunnel))
		return -EINVAL;
	err = take_request(m, flags);
	if (err)
		return err;
	(*m)->ol_flags &= ~(LIB_TX_REQUEST | LIB_TX_DESCRIBE);
	return 0;
}
