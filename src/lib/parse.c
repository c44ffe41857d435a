/* SPDX-License-Identifier: BSD-3-Clause */
/* A packet of a stranger becomes one with metadata, and metadata is shown. */
#include "lib/lib.h"

#include <errno.h>
#include <string.h>

#include "offload/frag.h"
#include "pkt/l4_csum.h"

#define PULL_MAX 256 /* bytes of headers that are made contiguous */

struct pkt_wire_ports lib_ports(const struct cvsw_ports *p)
{
	if (!p)
		return pkt_wire_default;
	return (struct pkt_wire_ports){
		.vxlan = p->vxlan,
		.geneve = p->geneve,
		.sclp = p->sclp,
		.stt = p->stt,
		.sclp_proto = p->sclp_proto,
		.gre = p->gre,
	};
}

void cvsw_ports_default(struct cvsw_ports *p)
{
	*p = (struct cvsw_ports){
		.vxlan = pkt_wire_default.vxlan,
		.geneve = pkt_wire_default.geneve,
		.sclp = pkt_wire_default.sclp,
		.stt = pkt_wire_default.stt,
		.sclp_proto = pkt_wire_default.sclp_proto,
		.gre = pkt_wire_default.gre,
	};
}

/* May there be headers behind the first segment?  Behind UDP there may be a tunnel. */
static bool headers_split(const struct rte_mbuf *m)
{
	const uint8_t l4 = pkt_meta_const(m)->inner.l4;

	return unlikely(m->nb_segs > 1) && m->data_len < PULL_MAX && m->data_len < m->pkt_len &&
	       (l4 == PKT_L4_NONE || l4 == PKT_L4_UDP);
}

int lib_parse(struct rte_mbuf **m, const struct pkt_wire_ports *ports)
{
	int err;

	if (!lib_has_priv(*m))
		return -EINVAL;
	memset(pkt_meta(*m), 0, sizeof(struct pkt_meta));
	pkt_parse_wire(*m, ports, pkt_meta(*m));
	if (!headers_split(*m))
		return 0;
	err = pkt_pull(m, RTE_MIN((*m)->pkt_len, (uint32_t)PULL_MAX));
	if (!err)
		pkt_parse_wire(*m, ports, pkt_meta(*m));
	return err;
}

/* Does a device that judges L4 checksums judge this one? */
static bool is_judged(const struct pkt_layer *l)
{
	return l->l4 != PKT_L4_NONE && l4_csum_of(l)->kind != L4_CSUM_PLAIN;
}

/* Did the driver look into the tunnel?  Who made a train did. */
static bool looked_inside(const struct rte_mbuf *m)
{
	return (m->packet_type & RTE_PTYPE_INNER_L4_MASK) || (m->ol_flags & RTE_MBUF_F_RX_LRO);
}

static void take_csum(const struct rte_mbuf *m, struct pkt_meta *md)
{
	const uint64_t l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	struct pkt_layer *l = &md->inner;

	if (md->tun_hlen && md->outer.l4 == PKT_L4_UDP) {
		const bool outer_good = (m->ol_flags & RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK) ==
					RTE_MBUF_F_RX_OUTER_L4_CKSUM_GOOD;

		if (!outer_good && !looked_inside(m))
			l = &md->outer; /* it speaks of what it saw */
		else if (outer_good)
			md->outer.csum = PKT_CSUM_VERIFIED;
	} else if (md->tun_hlen && !looked_inside(m)) {
		return; /* GRE: the outer packet has no L4 */
	}
	if (!is_judged(l))
		return;
	if (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		l->csum = PKT_CSUM_VERIFIED;
	else if (l4 == RTE_MBUF_F_RX_L4_CKSUM_NONE && l == &md->inner && l4_csum_owed_right(m, l))
		l->csum = PKT_CSUM_OWED;
}

/* A frame that a device, or this library, has coalesced becomes a train again. */
static int take_train(struct rte_mbuf **mp)
{
	struct rte_mbuf *m = *mp;
	const struct pkt_layer *l = &pkt_meta(m)->inner;
	int err;

	if (likely(!(m->ol_flags & RTE_MBUF_F_RX_LRO)) || !m->tso_segsz || l->l4 == PKT_L4_NONE)
		return 0;
	if (l->csum == PKT_CSUM_UNKNOWN && !l4_csum_good(m, l))
		return 0;
	err = cvsw_request(mp, m->tso_segsz, 0);
	return err == -EINVAL ? 0 : err; /* then it is what it looks like: a large packet */
}

int lib_parse_rx(struct rte_mbuf **m, const struct pkt_wire_ports *ports)
{
	int err = lib_parse(m, ports);

	if (err)
		return err;
	take_csum(*m, pkt_meta(*m));
	return take_train(m);
}

int cvsw_parse(struct rte_mbuf **m, const struct cvsw_ports *ports)
{
	const struct pkt_wire_ports wire = lib_ports(ports);

	return lib_parse_rx(m, &wire);
}

static_assert(
	(int)CVSW_L3_IPV6 == (int)PKT_L3_IPV6 && (int)CVSW_L4_STT == (int)PKT_L4_STT &&
		(int)CVSW_L4_SCTP == (int)PKT_L4_SCTP && (int)CVSW_L4_SCLP == (int)PKT_L4_SCLP &&
		(int)CVSW_CSUM_OWED == (int)PKT_CSUM_OWED &&
		(int)CVSW_GSO_TCP6 == (int)PKT_GSO_TCP6 && (int)CVSW_GSO_UDP == (int)PKT_GSO_UDP &&
		(int)CVSW_GSO_UDP_FRAGS == (int)PKT_GSO_UFO &&
		(int)CVSW_GSO_SCTP == (int)PKT_GSO_SCTP && (int)CVSW_GSO_STT == (int)PKT_GSO_STT,
	"the same numbers");

void cvsw_info(const struct rte_mbuf *m, struct cvsw_info *info)
{
	const struct pkt_meta *md = pkt_meta_const(m);
	const struct pkt_layer *l = &md->inner;
	const uint32_t from = l->gso_type == PKT_GSO_UFO ? frag_start(m, l) : l->pay_off;

	*info = (struct cvsw_info){
		.l3 = l->l3,
		.l4 = l->l4,
		.csum = l->csum,
		.outer_csum = md->outer.csum,
		.gso_type = l->gso_type,
		.n_vlan = l->n_vlan,
		.gso_size = l->gso_size,
		.tun_off = md->tun_off,
		.tun_hlen = md->tun_hlen,
		.l3_off = l->l3_off,
		.l4_off = l->l4_off,
		.pay_off = l->pay_off,
		.end_off = l->end_off,
		.n_pkts = l->gso_size ? (l->end_off - from + l->gso_size - 1u) / l->gso_size : 1,
	};
}
