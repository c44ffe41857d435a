/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/vnet_hdr.h"

#include <errno.h>
#include <string.h>

#include "offload/frag.h"
#include "pkt/l4_csum.h"
#include "pkt/parse.h"
#include "wire/l4.h"

#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, younger than some kernel headers */

static unsigned int csum_field_off(const struct pkt_layer *l)
{
	return l4_csum_protos[l->l4].off;
}

/* Sum from @start to the end into the field: for protocols that nobody further on would know how to
 * pay for. */
static int pay_unknown(struct rte_mbuf *m, uint32_t start, uint32_t off)
{
	csum_field_t *field = PKT_HDR(m, start + off, csum_field_t);
	uint16_t sum;

	if (!field || start >= m->pkt_len)
		return -EINVAL;
	sum = (uint16_t)~csum_fold(csum_chain(m, start, m->pkt_len - start, 0));
	*field = sum ? sum : 0xffff; /* UDP's 0 would say that there is none */
	/* a guest may have pointed into the headers that were just parsed */
	pkt_parse(m, 0, &pkt_meta(m)->inner);
	return 0;
}

static int take_csum(struct rte_mbuf *m, struct pkt_layer *l, const struct virtio_net_hdr *vh)
{
	const uint32_t start = rte_le_to_cpu_16(vh->csum_start),
		       off = rte_le_to_cpu_16(vh->csum_offset);

	if (l->l4 != PKT_L4_NONE && start == l->l4_off && off == csum_field_off(l)) {
		pkt_owe_csum(l);
		if (l->l4 == PKT_L4_SCTP) /* what the field holds of a sum means nothing to a CRC */
			l4_csum_owe(m, l);
		return 0;
	}
	return pay_unknown(m, start, off);
}

/* The length of all in UDP's own field, too, and nothing that only TCP has. */
static bool is_udp_train(
	const struct rte_mbuf *m, const struct pkt_layer *l, const struct virtio_net_hdr *vh)
{
	return !(vh->gso_type & VIRTIO_NET_HDR_GSO_ECN) &&
	       rte_be_to_cpu_16(PKT_HDR(m, l->l4_off, struct udp_hdr)->len) ==
		       l->end_off - l->l4_off;
}

static int take_gso(const struct rte_mbuf *m, struct pkt_layer *l, const struct virtio_net_hdr *vh)
{
	const uint16_t size = rte_le_to_cpu_16(vh->gso_size);
	uint8_t l3 = PKT_L3_IPV4, l4 = PKT_L4_TCP, type;

	switch (vh->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		type = PKT_GSO_TCP4;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		type = PKT_GSO_TCP6;
		l3 = PKT_L3_IPV6;
		break;
	case GSO_UDP_L4:
		type = PKT_GSO_UDP;
		l3 = l->l3;
		l4 = PKT_L4_UDP;
		break;
	case VIRTIO_NET_HDR_GSO_UDP:
		type = PKT_GSO_UFO;
		l3 = l->l3;
		l4 = PKT_L4_UDP;
		break;
	default:
		return -EINVAL;
	}
	if (l->l3 != l3 || l->l4 != l4 || !size || l->csum != PKT_CSUM_OWED)
		return -EINVAL;
	if (l4 == PKT_L4_UDP && !is_udp_train(m, l, vh))
		return -EINVAL;
	if (l->end_off - (type == PKT_GSO_UFO ? frag_start(m, l) : l->pay_off) <= size)
		return 0; /* one segment: an ordinary packet */
	l->gso_type = type;
	l->gso_size = size;
	l->gso_ecn = !!(vh->gso_type & VIRTIO_NET_HDR_GSO_ECN);
	return 0;
}

int vnet_hdr_decode(struct rte_mbuf *m, const struct virtio_net_hdr *vh)
{
	struct pkt_layer *l = &pkt_meta(m)->inner;

	pkt_parse(m, 0, l);
	if (vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		if (take_csum(m, l, vh))
			return -EINVAL;
	} else if (vh->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		l->csum = PKT_CSUM_VERIFIED;
	}
	return vh->gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : take_gso(m, l, vh);
}

void vnet_hdr_encode(const struct rte_mbuf *m, struct virtio_net_hdr *vh)
{
	static const uint8_t gso[PKT_GSO_N] = {
		/* what no port can take is not among them */
		[PKT_GSO_NONE] = VIRTIO_NET_HDR_GSO_NONE,
		[PKT_GSO_TCP4] = VIRTIO_NET_HDR_GSO_TCPV4,
		[PKT_GSO_TCP6] = VIRTIO_NET_HDR_GSO_TCPV6,
		[PKT_GSO_UDP] = GSO_UDP_L4,
		[PKT_GSO_UFO] = VIRTIO_NET_HDR_GSO_UDP,
	};
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;

	memset(vh, 0, sizeof(*vh));
	if (l->csum == PKT_CSUM_OWED && l->l4 != PKT_L4_NONE) {
		vh->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh->csum_start = rte_cpu_to_le_16(l->l4_off);
		vh->csum_offset = rte_cpu_to_le_16((uint16_t)csum_field_off(l));
	} else if (l->csum == PKT_CSUM_VERIFIED) {
		vh->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	}
	if (l->gso_type != PKT_GSO_NONE) {
		vh->gso_type = (uint8_t)(gso[l->gso_type] |
					 (l->gso_ecn ? VIRTIO_NET_HDR_GSO_ECN : 0));
		vh->gso_size = rte_cpu_to_le_16(l->gso_size);
		vh->hdr_len = rte_cpu_to_le_16(l->pay_off);
	}
}
