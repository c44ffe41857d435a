/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/vxlan.h"

#include <errno.h>
#include <string.h>

#include "pkt/parse.h"
#include "uapi/sclp.h"
#include "wire/ip.h"
#include "wire/l4.h"
#include "wire/vxlan.h"

#define VXLAN_HLEN ((uint16_t)sizeof(struct vxlan_hdr))
#define INNER_PULL 256 /* enough of a frame for all headers that the parser looks for */

/* ---- push ---- */

static int push(struct rte_mbuf **mp, uint32_t vni, uint32_t meta_bits)
{
	struct vxlan_hdr *vh;
	struct pkt_meta *md;
	int err = pkt_push(mp, VXLAN_HLEN);

	if (unlikely(err))
		return err;
	vh = PKT_HDR(*mp, 0, struct vxlan_hdr);
	vh->flags = rte_cpu_to_be_32((uint32_t)VXLAN_F_VNI << 24 | meta_bits);
	vh->vni_res = rte_cpu_to_be_32(vni << 8);
	md = pkt_meta(*mp);
	pkt_layer_shift(&md->inner, VXLAN_HLEN);
	memset(&md->outer, 0, sizeof(md->outer));
	md->tun_off = 0;
	md->tun_hlen = VXLAN_HLEN;
	return 0;
}

int vxlan_push(struct rte_mbuf **mp, uint32_t vni)
{
	return push(mp, vni, 0);
}

/*
 * The numbers of our metadata are those of the wire.  A super-frame that one segment can hold is a
 * plain frame whose checksum is owed; the far end would take it for a contradiction.
 */
static uint32_t meta_encode(const struct pkt_layer *l)
{
	uint32_t bits = (uint32_t)SCLP_META_VXLAN_FLAG << 24;

	if (l->gso_type == PKT_GSO_NONE)
		return bits | (uint32_t)l->csum << SCLP_META_CSUM_SHIFT;
	bits |= (uint32_t)PKT_CSUM_OWED << SCLP_META_CSUM_SHIFT;
	if (l->end_off - l->pay_off <= l->gso_size)
		return bits;
	return bits | (uint32_t)l->gso_type << SCLP_META_GSO_SHIFT |
	       (l->gso_ecn ? SCLP_META_ECN : 0) | l->gso_size;
}

int vxlan_push_meta(struct rte_mbuf **mp, uint32_t vni)
{
	return push(mp, vni, meta_encode(&pkt_meta(*mp)->inner));
}

/* ---- pop ---- */

static int header_get(const struct rte_mbuf *m, struct vxlan_hdr *vh)
{
	if (m->pkt_len < sizeof(*vh))
		return -EINVAL;
	pkt_copy_out(m, 0, sizeof(*vh), vh);
	return vh->flags & RTE_BE32((uint32_t)VXLAN_F_VNI << 24) ? 0 : -EINVAL;
}

int32_t vxlan_peek(const struct rte_mbuf *m)
{
	struct vxlan_hdr vh;
	int err = header_get(m, &vh);

	return err ? err : (int32_t)(rte_be_to_cpu_32(vh.vni_res) >> 8);
}

/* Remove the header and parse the frame; @flags: the header's first word. */
static int pop(struct rte_mbuf **mp, uint32_t *flags)
{
	struct pkt_meta *md;
	struct vxlan_hdr vh;
	int err = header_get(*mp, &vh);

	if (unlikely(err))
		return err;
	err = pkt_pull(mp, RTE_MIN((*mp)->pkt_len, (uint32_t)VXLAN_HLEN + INNER_PULL));
	if (unlikely(err))
		return err;
	err = pkt_trim_front(mp, VXLAN_HLEN);
	if (unlikely(err))
		return err;
	md = pkt_meta(*mp);
	md->tun_off = md->tun_hlen = 0;
	md->hash = 0;
	memset(&md->outer, 0, sizeof(md->outer));
	memset(&md->inner, 0, sizeof(md->inner));
	pkt_parse(*mp, 0, &md->inner);
	*flags = rte_be_to_cpu_32(vh.flags);
	return 0;
}

int vxlan_pop(struct rte_mbuf **mp)
{
	uint32_t flags;

	return pop(mp, &flags);
}

/* Does the frame have the headers that this kind of super-frame needs, and more payload than a
 * segment takes? */
static bool gso_agrees(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	switch (l->gso_type) {
	case PKT_GSO_TCP4:
		if (l->l3 != PKT_L3_IPV4 || l->l4 != PKT_L4_TCP)
			return false;
		break;
	case PKT_GSO_TCP6:
		if (l->l3 != PKT_L3_IPV6 || l->l4 != PKT_L4_TCP)
			return false;
		break;
	case PKT_GSO_UDP:
		if (l->l4 != PKT_L4_UDP || l->gso_ecn ||
			rte_be_to_cpu_16(PKT_HDR(m, l->l4_off, struct udp_hdr)->len) !=
				l->end_off - l->l4_off)
			return false;
		break;
	default:
		return false;
	}
	return l->gso_size && l->end_off - l->pay_off > l->gso_size;
}

/* Nothing of it is believed unchecked.  The two zero bits are for later; a later sender may set
 * them. */
static int meta_decode(const struct rte_mbuf *m, struct pkt_layer *l, uint32_t bits)
{
	l->csum = bits >> SCLP_META_CSUM_SHIFT & 3;
	l->gso_type = bits >> SCLP_META_GSO_SHIFT & 7;
	l->gso_ecn = !!(bits & SCLP_META_ECN);
	l->gso_size = (uint16_t)(bits & SCLP_META_SIZE_MASK);

	if (l->csum > PKT_CSUM_OWED)
		return -EBADMSG;
	if (l->csum == PKT_CSUM_OWED && l->l4 == PKT_L4_NONE)
		return -EBADMSG;
	if (l->gso_type == PKT_GSO_NONE)
		return l->gso_size || l->gso_ecn ? -EBADMSG : 0;
	return l->csum == PKT_CSUM_OWED && gso_agrees(m, l) ? 0 : -EBADMSG;
}

int vxlan_pop_meta(struct rte_mbuf **mp)
{
	uint32_t flags;
	int err = pop(mp, &flags);

	if (err || !(flags & (uint32_t)SCLP_META_VXLAN_FLAG << 24))
		return err;
	return meta_decode(*mp, &pkt_meta(*mp)->inner, flags);
}
