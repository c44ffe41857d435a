/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/ecn.h"

#include <errno.h>

#include "pkt/csum.h"
#include "pkt/parse.h"
#include "wire/ip.h"

#define HDRS_MAX    256 /* bytes in which parsers look for headers */
#define ECN_NOT_ECT 0
#define ECN_ECT1    1
#define ECN_ECT0    2

/* The inner ECN field after decapsulation, or -1: drop (RFC 6040, figure 4). */
static int combine(unsigned int inner, unsigned int outer)
{
	if (outer == IP_ECN_CE)
		return inner == ECN_NOT_ECT ? -1 : IP_ECN_CE;
	if (outer == ECN_ECT1 && inner == ECN_ECT0)
		return ECN_ECT1;
	return (int)inner;
}

static void write_tos(struct rte_mbuf *m, const struct pkt_layer *l, uint8_t tos)
{
	if (l->l3 == PKT_L3_IPV4) {
		struct ipv4_hdr *ip = PKT_HDR(m, l->l3_off, struct ipv4_hdr);

		/* RFC 1624: corrected, not computed anew, so that a wrong checksum stays wrong */
		ip->check = (uint16_t)~csum_fold((uint16_t)~ip->check +
						 (uint64_t)(uint16_t)~rte_cpu_to_be_16(ip->tos) +
						 rte_cpu_to_be_16(tos));
		ip->tos = tos;
	} else {
		struct ipv6_hdr *ip6 = PKT_HDR(m, l->l3_off, struct ipv6_hdr);
		const uint32_t w = rte_be_to_cpu_32(ip6->ver_tc_flow);

		ip6->ver_tc_flow = rte_cpu_to_be_32((w & ~(0xffu << 20)) | (uint32_t)tos << 20);
	}
}

int ecn_decap(struct rte_mbuf **m, uint8_t outer, bool copy_dscp)
{
	const struct pkt_layer *l = &pkt_meta(*m)->inner;
	uint8_t tos, now;
	uint32_t hdrs;
	int ecn;

	if (l->l3 == PKT_L3_NONE)
		return 0;
	now = pkt_layer_tos(*m, l);
	ecn = combine(now & IP_ECN_MASK, outer & IP_ECN_MASK);
	if (ecn < 0)
		return -EINVAL;
	tos = (uint8_t)(((copy_dscp ? outer : now) & ~IP_ECN_MASK) | ecn);
	if (likely(tos == now))
		return 0;
	/* all headers stay together in the first segment, those we do not know as well */
	hdrs = l->l4 != PKT_L4_NONE ? l->pay_off : RTE_MIN((*m)->data_len, HDRS_MAX);
	if (pkt_unshare(m, hdrs))
		return -ENOBUFS;
	write_tos(*m, &pkt_meta(*m)->inner, tos);
	return 0;
}
