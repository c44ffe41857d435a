/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/parse_wire.h"

#include <string.h>

#include "pkt/parse.h"
#include "pkt/pkt.h"
#include "uapi/sclp.h"
#include "wire/eth.h"
#include "wire/geneve.h"
#include "wire/gre.h"
#include "wire/ip.h"
#include "wire/l4.h"
#include "wire/stt.h"
#include "wire/vxlan.h"

const struct pkt_wire_ports pkt_wire_default = {
	.vxlan = VXLAN_UDP_PORT,
	.geneve = GENEVE_UDP_PORT,
	.sclp = SCLP_UDP_PORT,
	.stt = STT_TCP_PORT,
	.sclp_proto = SCLP_IP_PROTO,
	.gre = true,
};

/* A tunnel header as found. */
struct found {
	uint8_t tun;
	uint16_t hlen;
	rte_be16_t type; /* of what follows */
};

static bool find_vxlan(const struct rte_mbuf *m, uint32_t off, struct found *f)
{
	const struct vxlan_hdr *vh = PKT_HDR(m, off, struct vxlan_hdr);

	if (!vh || !(vh->flags & RTE_BE32((uint32_t)VXLAN_F_VNI << 24)))
		return false;
	*f = (struct found){ PKT_TUN_OPAQUE, sizeof(*vh), RTE_BE16(ETH_TYPE_TEB) };
	return true;
}

static bool find_geneve(const struct rte_mbuf *m, uint32_t off, struct found *f)
{
	const struct geneve_hdr *gh = PKT_HDR(m, off, struct geneve_hdr);

	if (!gh || gh->ver_opt >> 6 || gh->flags & GENEVE_F_OAM)
		return false;
	*f = (struct found){ PKT_TUN_OPAQUE, (uint16_t)geneve_hlen(gh), gh->type };
	return true;
}

static bool find_gre(const struct rte_mbuf *m, uint32_t off, struct found *f)
{
	const struct gre_hdr *gh = PKT_HDR(m, off, struct gre_hdr);
	uint16_t flags;

	if (!gh)
		return false;
	flags = rte_be_to_cpu_16(gh->flags);
	if (flags & ~GRE_F_KNOWN) /* version 0, too */
		return false;
	*f = (struct found){ PKT_TUN_GRE, (uint16_t)gre_hlen(flags), gh->type };
	return true;
}

static bool find_tunnel(const struct rte_mbuf *m, const struct pkt_layer *l,
	const struct pkt_wire_ports *ports, struct found *f, uint32_t *off)
{
	if (l->l4 == PKT_L4_UDP) {
		const struct udp_hdr *uh = PKT_HDR(m, l->l4_off, struct udp_hdr);
		const uint16_t dport = rte_be_to_cpu_16(uh->dport);

		*off = l->pay_off;
		if (!dport || rte_be_to_cpu_16(uh->len) != l->end_off - l->l4_off)
			return false;
		if (dport == ports->vxlan)
			return find_vxlan(m, *off, f);
		return dport == ports->geneve && find_geneve(m, *off, f);
	}
	*off = l->l4_off;
	return l->proto == IP_PROTO_GRE && ports->gre && find_gre(m, *off, f);
}

/* Is the layer, plain as yet, a segment of an opaque frame? */
static void find_segment(
	const struct rte_mbuf *m, const struct pkt_wire_ports *ports, struct pkt_layer *l)
{
	uint32_t off = l->l4_off;

	if (l->l4 == PKT_L4_TCP) {
		const struct tcp_hdr *th = PKT_HDR(m, off, struct tcp_hdr);

		if (ports->stt && th->dport == rte_cpu_to_be_16(ports->stt) &&
			tcp_hlen(th) == sizeof(*th))
			l->l4 = PKT_L4_STT;
		return;
	}
	if (l->l4 == PKT_L4_UDP) {
		const struct udp_hdr *uh = PKT_HDR(m, off, struct udp_hdr);

		if (!ports->sclp || uh->dport != rte_cpu_to_be_16(ports->sclp) ||
			rte_be_to_cpu_16(uh->len) != l->end_off - l->l4_off)
			return;
		off = l->pay_off;
	} else if (!l->proto || l->proto != ports->sclp_proto) {
		return;
	}
	if (off + SCLP_HLEN > l->end_off || !PKT_HDR(m, off, struct sclp_hdr))
		return;
	l->flags |= l->l4 == PKT_L4_UDP ? PKT_LF_CARRIER : 0;
	l->l4 = PKT_L4_SCLP;
	l->l4_off = (uint16_t)off;
	l->pay_off = (uint16_t)(off + SCLP_HLEN);
}

/* The frame or packet behind the tunnel header; false: nothing there that the outer layer's end
 * leaves room for. */
static bool parse_inner(const struct rte_mbuf *m, uint32_t off, rte_be16_t type,
	const struct pkt_layer *outer, struct pkt_layer *l)
{
	if (off > outer->end_off)
		return false;
	if (type == RTE_BE16(ETH_TYPE_TEB)) {
		if (off + sizeof(struct eth_hdr) > outer->end_off)
			return false;
		pkt_parse(m, (uint16_t)off, l);
	} else {
		pkt_parse_ip(m, (uint16_t)off, type, l);
	}
	/* what is not IP ends where the outer packet does; IP may not go beyond */
	if (l->l3 == PKT_L3_NONE)
		l->end_off = outer->end_off;
	return l->end_off <= outer->end_off;
}

void pkt_parse_wire(
	const struct rte_mbuf *m, const struct pkt_wire_ports *ports, struct pkt_meta *md)
{
	struct found f;
	uint32_t off;

	memset(&md->inner, 0, sizeof(md->inner));
	md->outer = md->inner;
	md->tun = PKT_TUN_OPAQUE;
	md->tun_off = md->tun_hlen = 0;
	pkt_parse(m, 0, &md->inner);
	if (md->inner.l3 == PKT_L3_NONE)
		return;
	if (!find_tunnel(m, &md->inner, ports, &f, &off)) {
		find_segment(m, ports, &md->inner);
		return;
	}
	if (!pkt_bytes(m, off, f.hlen))
		return;
	md->outer = md->inner;
	memset(&md->inner, 0, sizeof(md->inner));
	if (!parse_inner(m, off + f.hlen, f.type, &md->outer, &md->inner)) {
		md->inner = md->outer;
		memset(&md->outer, 0, sizeof(md->outer));
		return;
	}
	md->tun = f.tun;
	md->tun_off = (uint16_t)off;
	md->tun_hlen = f.hlen;
}
