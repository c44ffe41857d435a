/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/l4_csum.h"

#include <string.h>

#include "pkt/crc32c.h"
#include "pkt/pkt.h"
#include "uapi/sclp.h"
#include "wire/gre.h"
#include "wire/ip.h"
#include "wire/l4.h"
#include "wire/sctp.h"

#define SCLP_CSUM_OFF 10

const struct l4_csum_proto l4_csum_protos[PKT_L4_N] = {
	[PKT_L4_TCP] = { L4_CSUM_PSEUDO, TCP_CSUM_OFF, IP_PROTO_TCP, false },
	[PKT_L4_UDP] = { L4_CSUM_PSEUDO, UDP_CSUM_OFF, IP_PROTO_UDP, true },
	[PKT_L4_SCTP] = { L4_CSUM_CRC32C, SCTP_CSUM_OFF, IP_PROTO_SCTP, false },
	[PKT_L4_SCLP] = { L4_CSUM_PLAIN, SCLP_CSUM_OFF, SCLP_IP_PROTO, true },
	[PKT_L4_STT] = { L4_CSUM_PSEUDO, TCP_CSUM_OFF, IP_PROTO_TCP, false },
};

csum_field_t *l4_csum_field(struct rte_mbuf *m, const struct pkt_layer *l)
{
	return PKT_HDR(m, l4_csum_at(l), csum_field_t);
}

static uint64_t pseudo(
	const struct rte_mbuf *m, const struct pkt_layer *l, uint8_t proto, uint32_t l4_len)
{
	const uint32_t tail = rte_cpu_to_be_32(proto) + 0u;
	uint64_t sum;

	if (l->l3 == PKT_L3_IPV4)
		sum = csum_bytes(&PKT_HDR(m, l->l3_off, struct ipv4_hdr)->src, 8, 0);
	else
		sum = csum_bytes(PKT_HDR(m, l->l3_off, struct ipv6_hdr)->src, 32, 0);
	return sum + (tail >> 16) + (tail & 0xffff) + rte_cpu_to_be_16((uint16_t)(l4_len >> 16)) +
	       rte_cpu_to_be_16((uint16_t)l4_len);
}

uint64_t l4_csum_pseudo(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t l4_len)
{
	const struct l4_csum_proto *p = l4_csum_of(l);

	return p->kind == L4_CSUM_PSEUDO ? pseudo(m, l, p->proto, l4_len) : 0;
}

/* Bytes that the L4 checksum covers; UINT32_MAX: more than there are. */
static uint32_t covered(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t start = l4_csum_start(l), avail = l->end_off - start;
	uint32_t len;

	if (l4_csum_of(l)->proto != IP_PROTO_UDP)
		return avail;
	len = rte_be_to_cpu_16(PKT_HDR(m, start, struct udp_hdr)->len);
	return len <= avail ? len : UINT32_MAX;
}

/* CRC32c of the layer's header with its field taken as 0. */
static uint32_t header_crc(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	static const uint8_t zero[sizeof(uint32_t)];
	const uint32_t crc = crc32c(0, pkt_bytes(m, l->l4_off, SCTP_CSUM_OFF), SCTP_CSUM_OFF);

	return crc32c(crc, zero, sizeof(zero));
}

/* ... and of all of it. */
static uint32_t layer_crc(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t after = l->l4_off + (uint32_t)sizeof(struct sctp_hdr);

	return crc32c_chain(m, after, l->end_off - after, header_crc(m, l));
}

static bool crc_good(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t field = PKT_HDR(m, l->l4_off, struct sctp_hdr)->check;

	return field == rte_cpu_to_le_32(layer_crc(m, l));
}

bool l4_csum_good(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct l4_csum_proto *p = l4_csum_of(l);
	const uint32_t l4_len = covered(m, l);

	if (p->kind == L4_CSUM_CRC32C)
		return crc_good(m, l);
	if (l4_len == UINT32_MAX)
		return false;
	if (p->zero_is_none && !*PKT_HDR(m, l4_csum_at(l), csum_field_t))
		/* IPv6 requires one (RFC 8200, 8.1) */
		return p->kind == L4_CSUM_PSEUDO && l->l3 == PKT_L3_IPV4;
	return csum_fold(csum_chain(m, l4_csum_start(l), l4_len, l4_csum_pseudo(m, l, l4_len))) ==
	       0xffff;
}

void l4_csum_owe(struct rte_mbuf *m, struct pkt_layer *l)
{
	if (l4_csum_of(l)->kind == L4_CSUM_CRC32C)
		PKT_HDR(m, l->l4_off, struct sctp_hdr)->check = 0;
	else
		*l4_csum_field(m, l) = csum_fold(
			l4_csum_pseudo(m, l, l->end_off - l4_csum_start(l)));
	pkt_owe_csum(l);
}

bool l4_csum_owed_right(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	uint16_t field;

	if (l4_csum_of(l)->kind == L4_CSUM_CRC32C)
		return !PKT_HDR(m, l->l4_off, struct sctp_hdr)->check;
	field = *PKT_HDR(m, l4_csum_at(l), csum_field_t);
	if (l4_csum_of(l)->kind == L4_CSUM_PLAIN)
		return !field;
	return csum_fold(l4_csum_pseudo(m, l, l->end_off - l4_csum_start(l)) + (uint16_t)~field) ==
	       0xffff;
}

uint64_t l4_csum_in_front(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	return l4_csum_of(l)->kind == L4_CSUM_CRC32C ? header_crc(m, l) : 0;
}

void l4_csum_pay_with(struct rte_mbuf *m, struct pkt_layer *l, uint64_t sum)
{
	const uint32_t start = l4_csum_start(l);
	csum_field_t *field;

	l->csum = PKT_CSUM_VERIFIED;
	if (l4_csum_of(l)->kind == L4_CSUM_CRC32C) {
		PKT_HDR(m, l->l4_off, struct sctp_hdr)->check = rte_cpu_to_le_32((uint32_t)sum);
		return;
	}
	field = l4_csum_field(m, l);
	/* the pseudo-header sum is in the field already and counts with the rest; headers have even
	 * lengths */
	sum = csum_bytes(pkt_bytes(m, start, l->pay_off - start), l->pay_off - start, sum);
	*field = (uint16_t)~csum_fold(sum);
	if (!*field && l4_csum_of(l)->zero_is_none)
		*field = 0xffff;
}

void l4_csum_pay(struct rte_mbuf *m, struct pkt_layer *l)
{
	const uint32_t start = l4_csum_start(l);
	const uint32_t l4_len = RTE_MIN(covered(m, l), l->end_off - start);
	uint16_t sum;

	if (l4_csum_of(l)->kind == L4_CSUM_CRC32C) {
		PKT_HDR(m, l->l4_off, struct sctp_hdr)->check = rte_cpu_to_le_32(layer_crc(m, l));
		l->csum = PKT_CSUM_VERIFIED;
		return;
	}
	sum = (uint16_t)~csum_fold(csum_chain(m, start, l4_len, 0));
	*l4_csum_field(m, l) = !sum && l4_csum_of(l)->zero_is_none ? 0xffff : sum;
	l->csum = PKT_CSUM_VERIFIED;
}

/* ---- in front of the inner frame ---- */

uint32_t outer_csum_at(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	if (md->outer.l4 == PKT_L4_UDP)
		return md->outer.l4_off + UDP_CSUM_OFF;
	if (md->tun == PKT_TUN_GRE &&
		PKT_HDR(m, md->tun_off, struct gre_hdr)->flags & RTE_BE16(GRE_F_CSUM))
		return md->tun_off + GRE_CSUM_OFF;
	return 0;
}

/* First byte that the outer checksum covers. */
static uint32_t outer_start(const struct pkt_meta *md)
{
	return md->outer.l4 == PKT_L4_UDP ? md->outer.l4_off : md->tun_off;
}

/* Sum of what the inner L4 checksum covers, if it is known without a look at it. */
static bool inner_known(const struct rte_mbuf *m, const struct pkt_meta *md, uint64_t *sum)
{
	const struct pkt_layer *l = &md->inner;
	const uint32_t l4_len = l->end_off - l->l4_off;
	uint16_t field;

	if (l->l4 == PKT_L4_NONE || l4_csum_of(l)->kind != L4_CSUM_PSEUDO ||
		l->end_off != md->outer.end_off || l->csum == PKT_CSUM_UNKNOWN)
		return false;
	field = *PKT_HDR(m, l4_csum_at(l), csum_field_t);
	if (l->csum == PKT_CSUM_OWED) {
		*sum = (uint16_t)~field;
		return true;
	}
	if ((!field && l4_csum_of(l)->zero_is_none) || covered(m, l) != l4_len)
		return false;
	*sum = (uint16_t)~csum_fold(l4_csum_pseudo(m, l, l4_len));
	return true;
}

static uint16_t outer_sum(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const uint32_t start = outer_start(md);
	uint64_t sum;

	/* all headers have even lengths */
	if (inner_known(m, md, &sum))
		return csum_fold(csum_chain(m, start, md->inner.l4_off - start, sum));
	return csum_fold(csum_chain(m, start, md->outer.end_off - start, 0));
}

static uint64_t outer_pseudo(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const struct pkt_layer *l = &md->outer;

	return l->l4 == PKT_L4_UDP ? pseudo(m, l, IP_PROTO_UDP, l->end_off - l->l4_off) : 0;
}

bool outer_csum_good(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const uint32_t at = outer_csum_at(m, md);

	if (!at || (md->outer.l4 == PKT_L4_UDP && !*PKT_HDR(m, at, csum_field_t)))
		return true;
	return csum_fold(outer_pseudo(m, md) + outer_sum(m, md)) == 0xffff;
}

void outer_csum_owe(struct rte_mbuf *m, struct pkt_meta *md)
{
	const uint32_t at = outer_csum_at(m, md);

	if (!at || (md->outer.l4 == PKT_L4_UDP && !*PKT_HDR(m, at, csum_field_t)))
		return;
	*PKT_HDR(m, at, csum_field_t) = csum_fold(outer_pseudo(m, md));
	pkt_owe_csum(&md->outer);
}

void outer_csum_pay(struct rte_mbuf *m, struct pkt_meta *md)
{
	csum_field_t *field = PKT_HDR(m, outer_csum_at(m, md), csum_field_t);
	const uint16_t sum = (uint16_t)~outer_sum(m, md);

	/* as in l4_csum_pay(), the field held the pseudo-header's share */
	*field = !sum && md->outer.l4 == PKT_L4_UDP ? 0xffff : sum;
	md->outer.csum = PKT_CSUM_VERIFIED;
}
