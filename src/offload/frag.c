/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One datagram sent as IP fragments: what virtio's UFO and Linux's SKB_GSO_UDP mean.  Everything
 * behind the IP header is payload to it; the checksum of the whole datagram is paid before it is
 * cut.  Nothing here glues fragments together.
 */
#include "offload/frag.h"

#include <errno.h>

#include "base/hash.h"
#include "offload/ip.h"
#include "offload/offload_ops.h"

/* IPv6 fragments of one datagram share an identification that no other one of these addresses has
 * for as long as can be, and that nobody else can tell beforehand (RFC 7739). */
static __thread struct {
	uint64_t secret;
	uint32_t counter, now;
} ident;

void frag_seed(uint64_t secret)
{
	ident.secret = secret;
}

static void fragment_layer(struct pkt_layer *l, uint32_t hdr_end)
{
	/* a fragment header is none of the options */
	if (l->l3 == PKT_L3_IPV6 &&
		hdr_end == l->l3_off + sizeof(struct ipv6_hdr) + sizeof(struct ipv6_frag))
		l->flags &= (uint8_t)~PKT_LF_OPTS;
	l->l4 = PKT_L4_NONE;
	l->proto = 0;
	l->flags |= PKT_LF_FRAG;
	l->csum = PKT_CSUM_UNKNOWN;
	l->pay_off = 0;
	l->l4_off = 0;
}

static void ipv4_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	struct ipv4_hdr *ip = h;

	ip->tot_len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off));
	ip->frag_off = rte_cpu_to_be_16(
		(uint16_t)(pos->bytes_before / 8 | (pos->is_last ? 0 : IPV4_MF)));
	ipv4_set_csum(ip);
}

static int check_udp(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	(void)m;
	return l->l4 == PKT_L4_UDP ? 0 : -EINVAL;
}

const struct offload_ops offload_ipv4_frag = {
	.name = "ipv4-fragments",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_UFO },
	.gso_unit = 8,
	.gso_check = check_udp,
	.gso_fixup = ipv4_fixup,
	.gso_layer = fragment_layer,
};

static uint32_t ext_hlen(const struct ipv6_ext *ext)
{
	return (ext->len8 + 1u) * 8;
}

static uint32_t ipv6_start(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct ipv6_hdr *ip6 = PKT_HDR(m, l->l3_off, struct ipv6_hdr);
	uint32_t off = l->l3_off + (uint32_t)sizeof(*ip6), start = off;
	uint8_t next;

	if (!ip6 || off > l->l4_off)
		return 0;
	for (next = ip6->next; off < l->l4_off;) {
		const struct ipv6_ext *ext = PKT_HDR(m, off, struct ipv6_ext);

		if (!ext)
			return 0;
		off += ext_hlen(ext);
		if (next == IP_PROTO_HOPOPTS || next == IP_PROTO_ROUTING)
			start = off;
		next = ext->next;
	}
	return off == l->l4_off ? start : 0;
}

uint32_t frag_start(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	return l->l3 == PKT_L3_IPV6 ? ipv6_start(m, l) : l->l4_off;
}

/* Where the protocol of what follows the @hlen bytes of headers is named. */
static uint8_t *last_next(struct ipv6_hdr *ip6, uint32_t hlen)
{
	uint8_t *next = &ip6->next;

	for (uint32_t off = sizeof(*ip6); off < hlen;) {
		struct ipv6_ext *ext = (void *)((uint8_t *)ip6 + off);

		next = &ext->next;
		off += ext_hlen(ext);
	}
	return next;
}

static void ipv6_fixup(void *h, uint16_t off, const struct gso_pos *pos)
{
	const uint32_t hlen = pos->hdr_end - off - (uint32_t)sizeof(struct ipv6_frag);
	struct ipv6_hdr *ip6 = h;
	struct ipv6_frag *fh = (void *)((uint8_t *)h + hlen);
	uint8_t *next = last_next(ip6, hlen);

	if (!pos->idx)
		ident.now = (uint32_t)hash_mix(ident.secret, ident.counter++);
	fh->next = *next;
	fh->reserved = 0;
	fh->off_more = rte_cpu_to_be_16((uint16_t)(pos->bytes_before | (pos->is_last ? 0 : 1)));
	fh->id = rte_cpu_to_be_32(ident.now);
	*next = IP_PROTO_FRAGMENT;
	ip6->payload_len = rte_cpu_to_be_16((uint16_t)(pos->seg_end - off - sizeof(*ip6)));
}

const struct offload_ops offload_ipv6_frag = {
	.name = "ipv6-fragments",
	.gso_type = { [PKT_L3_IPV6] = PKT_GSO_UFO },
	.gso_grow = sizeof(struct ipv6_frag),
	.gso_unit = 8,
	.gso_check = check_udp,
	.gso_start = ipv6_start,
	.gso_fixup = ipv6_fixup,
	.gso_layer = fragment_layer,
};
