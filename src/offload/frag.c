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

static void fragment_layer(struct pkt_layer *l)
{
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

static int ipv4_check(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	(void)m;
	return l->l4 == PKT_L4_UDP ? 0 : -EINVAL;
}

const struct offload_ops offload_ipv4_frag = {
	.name = "ipv4-fragments",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_UFO },
	.gso_unit = 8,
	.gso_check = ipv4_check,
	.gso_fixup = ipv4_fixup,
	.gso_layer = fragment_layer,
};

/* Where the protocol of what follows the headers is named.  Destination options belong to what is
 * cut (RFC 8200, 4.5), so there are none. */
static uint8_t *last_next(struct ipv6_hdr *ip6, uint32_t hlen)
{
	uint8_t *next = &ip6->next, *p = (uint8_t *)(ip6 + 1), *const end = (uint8_t *)ip6 + hlen;

	while (p < end) {
		next = p;
		p += (p[1] + 1u) * 8;
	}
	return next;
}

static int ipv6_check(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const struct ipv6_hdr *ip6 = PKT_HDR(m, l->l3_off, struct ipv6_hdr);
	const uint8_t *p = (const uint8_t *)(ip6 + 1);
	uint32_t left = l->l4_off - l->l3_off - (uint32_t)sizeof(*ip6);
	uint8_t next = ip6->next;

	if (l->l4 != PKT_L4_UDP)
		return -EINVAL;
	while (left) {
		const uint32_t n = (p[1] + 1u) * 8;

		if (next == IP_PROTO_DSTOPTS)
			return -EINVAL;
		next = p[0];
		p += n;
		left -= n;
	}
	return 0;
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
	.gso_check = ipv6_check,
	.gso_fixup = ipv6_fixup,
	.gso_layer = fragment_layer,
};
