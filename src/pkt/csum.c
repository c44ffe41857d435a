/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/csum.h"

#include "pkt/pkt.h"
#include "wire/ip.h"
#include "wire/l4.h"

uint64_t csum_chain(const struct rte_mbuf *m, uint32_t off, uint32_t n, uint64_t sum)
{
	uint32_t done = 0;

	for (; off >= m->data_len && m->next; m = m->next)
		off -= m->data_len;
	while (n) {
		const uint32_t k = RTE_MIN(n, m->data_len - off);
		const uint16_t part = csum_fold(
			csum_bytes(rte_pktmbuf_mtod_offset(m, const char *, off), k, 0));

		sum += done & 1 ? csum_swap(part) : part;
		done += k;
		n -= k;
		off = 0;
		m = m->next;
	}
	return sum;
}

uint64_t csum_pseudo(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t l4_len)
{
	const uint8_t proto = l->l4 == PKT_L4_TCP ? IP_PROTO_TCP : IP_PROTO_UDP;
	const uint32_t tail = rte_cpu_to_be_32(proto) + 0u;
	uint64_t sum;

	if (l->l3 == PKT_L3_IPV4)
		sum = csum_bytes(&PKT_HDR(m, l->l3_off, struct ipv4_hdr)->src, 8, 0);
	else
		sum = csum_bytes(PKT_HDR(m, l->l3_off, struct ipv6_hdr)->src, 32, 0);
	return sum + (tail >> 16) + (tail & 0xffff) + rte_cpu_to_be_16((uint16_t)(l4_len >> 16)) +
	       rte_cpu_to_be_16((uint16_t)l4_len);
}

/* Bytes that the L4 checksum covers; UINT32_MAX: more than there are. */
static uint32_t l4_covered(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t avail = l->end_off - l->l4_off;
	uint32_t len;

	if (l->l4 == PKT_L4_TCP)
		return avail;
	len = rte_be_to_cpu_16(PKT_HDR(m, l->l4_off, struct udp_hdr)->len);
	return len <= avail ? len : UINT32_MAX;
}

csum_field_t *csum_l4_field(struct rte_mbuf *m, const struct pkt_layer *l)
{
	return PKT_HDR(m, csum_l4_at(l), csum_field_t);
}

bool csum_l4_good(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t l4_len = l4_covered(m, l);

	if (l4_len == UINT32_MAX)
		return false;
	if (l->l4 == PKT_L4_UDP && !PKT_HDR(m, l->l4_off, struct udp_hdr)->check)
		return l->l3 == PKT_L3_IPV4; /* IPv6 requires one (RFC 8200, 8.1) */
	return csum_fold(csum_chain(m, l->l4_off, l4_len, csum_pseudo(m, l, l4_len))) == 0xffff;
}

void csum_l4_pay(struct rte_mbuf *m, struct pkt_layer *l)
{
	const uint32_t l4_len = RTE_MIN(l4_covered(m, l), l->end_off - l->l4_off);
	csum_field_t *field = csum_l4_field(m, l);
	uint16_t sum;

	/* the pseudo-header sum is in the field already and counts with the rest */
	sum = (uint16_t)~csum_fold(csum_chain(m, l->l4_off, l4_len, 0));
	*field = !sum && l->l4 == PKT_L4_UDP ? 0xffff : sum;
	l->csum = PKT_CSUM_VERIFIED;
}
