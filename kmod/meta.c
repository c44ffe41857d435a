// SPDX-License-Identifier: GPL-2.0
/*
 * Frame metadata (docs/protocol.md): what a guest left to be done for its frame, its checksum and
 * its segmentation, as 24 bits in the VXLAN header.  Going out, an skb's debts are written down and
 * forgotten; coming in, they become those of the skb again, after the headers inside agreed to each
 * of them.
 *
 * The bytes of a frame that came are those of a stranger: its super-frames are SKB_GSO_DODGY, as if
 * they were a guest's.
 */
#include <linux/crc32c.h>
#include <linux/ip.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <sclp.h>
#include "inner.h"
#include "tx.h"

/* More datagrams than a sender puts into one super-frame. */
#define UDP_SEGS_MAX 128

#define META(csum, gso)                                                                            \
	((u32)SCLP_META_CSUM_##csum << SCLP_META_CSUM_SHIFT | (u32)SCLP_META_GSO_##gso             \
								      << SCLP_META_GSO_SHIFT)

static u32 csum_field_offset(u8 proto)
{
	return proto == IPPROTO_TCP ? offsetof(struct tcphdr, check)
				    : offsetof(struct udphdr, check);
}

/* Is it the checksum of this header that the skb owes? */
static bool owes_l4(const struct sk_buff *skb, const struct sclp_inner *in)
{
	return (in->proto == IPPROTO_TCP || in->proto == IPPROTO_UDP) && !skb->csum_not_inet &&
	       skb_checksum_start_offset(skb) == in->l4_off &&
	       skb->csum_offset == csum_field_offset(in->proto);
}

/* The skb's gso_type in the numbers of the wire, without those modifiers that need not be said:
 * DODGY, since the far end believes nothing, and FIXEDID, since identifications of packets with DF
 * have no meaning (RFC 6864).
 */
static int take_gso_type(const struct sk_buff *skb, const struct sclp_inner *in)
{
	switch (skb_shinfo(skb)->gso_type & ~(SKB_GSO_DODGY | SKB_GSO_TCP_FIXEDID)) {
	case SKB_GSO_TCPV4:
	case SKB_GSO_TCPV4 | SKB_GSO_TCP_ECN:
		return in->proto == IPPROTO_TCP && in->family == AF_INET ? SCLP_META_GSO_TCPV4
									 : -EINVAL;
	case SKB_GSO_TCPV6:
	case SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN:
		return in->proto == IPPROTO_TCP && in->family == AF_INET6 ? SCLP_META_GSO_TCPV6
									  : -EINVAL;
	case SKB_GSO_UDP_L4:
		return in->proto == IPPROTO_UDP ? SCLP_META_GSO_UDP_L4 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* A super-frame that one segment can hold is a plain frame to the far end. */
static int take_gso(const struct sk_buff *skb, const struct sclp_inner *in, u32 *meta)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	int type = take_gso_type(skb, in);

	if (type < 0 || in->end_off != skb->len)
		return -EINVAL;
	if (skb->len - in->pay_off <= shinfo->gso_size)
		return 0;
	*meta |= (u32)type << SCLP_META_GSO_SHIFT | shinfo->gso_size;
	if (shinfo->gso_type & SKB_GSO_TCP_ECN)
		*meta |= SCLP_META_ECN;
	return 0;
}

int sclp_meta_take(struct sk_buff *skb, u32 *meta, struct sclp_inner *in)
{
	u32 bits = META(OWED, NONE);

	if (skb_is_gso(skb) && skb->ip_summed != CHECKSUM_PARTIAL)
		return -EINVAL;
	in->proto = 0;
	if (skb->ip_summed != CHECKSUM_PARTIAL && skb->ip_summed != CHECKSUM_UNNECESSARY) {
		bits = META(UNSTATED, NONE);
		goto done;
	}
	sclp_inner_parse(skb, 0, skb->len, in);
	if (skb->ip_summed == CHECKSUM_UNNECESSARY) {
		bits = in->proto ? META(VERIFIED, NONE) : META(UNSTATED, NONE);
		goto done;
	}
	if (!owes_l4(skb, in))
		return -EINVAL;
	if (skb_is_gso(skb)) {
		if (take_gso(skb, in, &bits))
			return -EINVAL;
		/* a clone, of a flooded frame, say, has its debts in the same place */
		if (skb_header_unclone(skb, GFP_ATOMIC))
			return -ENOMEM;
		skb_gso_reset(skb);
	}
done:
	skb->ip_summed = CHECKSUM_NONE;
	*meta = bits;
	return 0;
}

/* The gso_type that @type asks for, or 0: the headers are not of that kind. */
static unsigned int give_gso_type(struct sk_buff *skb, const struct sclp_inner *in, u32 type)
{
	const struct udphdr *uh;

	switch (type) {
	case SCLP_META_GSO_TCPV4:
		return in->family == AF_INET && in->proto == IPPROTO_TCP ? SKB_GSO_TCPV4 : 0;
	case SCLP_META_GSO_TCPV6:
		return in->family == AF_INET6 && in->proto == IPPROTO_TCP ? SKB_GSO_TCPV6 : 0;
	case SCLP_META_GSO_UDP_L4:
		if (in->proto != IPPROTO_UDP)
			return 0;
		uh = (const struct udphdr *)(skb->data + in->l4_off);
		return ntohs(uh->len) == in->end_off - in->l4_off ? SKB_GSO_UDP_L4 : 0;
	default:
		return 0;
	}
}

static int give_gso(struct sk_buff *skb, const struct sclp_inner *in, u32 meta)
{
	const u32 size = meta & SCLP_META_SIZE_MASK, plen = in->end_off - in->pay_off;
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int type = give_gso_type(skb, in, meta >> SCLP_META_GSO_SHIFT & 7);

	if (!type || !size || plen <= size)
		return -EINVAL;
	if (type == SKB_GSO_UDP_L4 && (meta & SCLP_META_ECN || plen > UDP_SEGS_MAX * size))
		return -EINVAL;
	if (meta & SCLP_META_ECN)
		type |= SKB_GSO_TCP_ECN;
	shinfo->gso_type = type | SKB_GSO_DODGY;
	shinfo->gso_size = size;
	shinfo->gso_segs = DIV_ROUND_UP(plen, size);
	return 0;
}

static __le32 sctp_crc(const struct sk_buff *skb, u32 off)
{
	u32 crc = ~0u, n;
	u8 some[256];

	for (; off < skb->len; off += n) {
		n = min_t(u32, skb->len - off, sizeof(some));
		skb_copy_bits(skb, off, some, n);
		crc = crc32c(crc, some, n);
	}
	return cpu_to_le32(~crc);
}

/* CRC32c cannot be left owed: not every kernel that a frame then meets can compute it. */
static int pay_sctp(struct sk_buff *skb, const struct sclp_inner *in)
{
	struct sctphdr *sh;

	if (skb_ensure_writable(skb, in->pay_off))
		return -ENOMEM;
	sh = (struct sctphdr *)(skb->data + in->l4_off);
	sh->checksum = 0;
	sh->checksum = sctp_crc(skb, in->l4_off);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return 0;
}

/* A sum over the rest of the frame is owed; padding behind the IP packet is no part of it. */
static int give_owed(struct sk_buff *skb, const struct sclp_inner *in, u32 meta)
{
	const bool gso = meta >> SCLP_META_GSO_SHIFT & 7;

	if (!in->proto || (!gso && meta & (SCLP_META_ECN | SCLP_META_SIZE_MASK)))
		return -EINVAL;
	if (pskb_trim(skb, in->end_off))
		return -EINVAL;
	if (in->proto == IPPROTO_SCTP)
		return gso ? -EINVAL : pay_sctp(skb, in);
	if (!skb_partial_csum_set(skb, in->l4_off, csum_field_offset(in->proto)))
		return -EINVAL;
	return gso ? give_gso(skb, in, meta) : 0;
}

/* What the outer packet was is no longer of interest. */
static int forget_outer(struct sk_buff *skb)
{
	if (skb_unclone(skb, GFP_ATOMIC))
		return -ENOMEM;
	skb_gso_reset(skb);
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_valid = 0;
	skb->csum_level = 0;
	skb->csum_not_inet = 0;
	return 0;
}

int sclp_meta_give(struct sk_buff *skb, u32 meta)
{
	const u32 csum = meta >> SCLP_META_CSUM_SHIFT & 3;
	struct sclp_inner in;

	if (forget_outer(skb))
		return -ENOMEM;
	if (csum > SCLP_META_CSUM_OWED)
		return -EINVAL;
	if (csum == SCLP_META_CSUM_OWED) {
		sclp_inner_parse(skb, 0, skb->len, &in);
		return give_owed(skb, &in, meta);
	}
	if (meta & (7u << SCLP_META_GSO_SHIFT | SCLP_META_ECN | SCLP_META_SIZE_MASK))
		return -EINVAL;
	if (csum == SCLP_META_CSUM_UNSTATED)
		return 0;
	sclp_inner_parse(skb, 0, skb->len, &in);
	if (in.proto)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return 0;
}

/* The TCP checksum over the pseudo-header and what @sum is the sum of. */
static __sum16 tcp_sum(const struct sk_buff *skb, const struct sclp_inner *in, __wsum sum)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)(skb->data + in->l3_off);
	const struct iphdr *iph = (const struct iphdr *)(skb->data + in->l3_off);
	const u32 len = in->end_off - in->l4_off;

	return in->family == AF_INET6
		       ? csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_TCP, sum)
		       : csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP, sum);
}

/* Do its segments mean what it means?  SYN, RST and URG are tied to the packet as a whole.  And
 * segments get new sums, of IPv4 as well as of TCP: wrong ones must not be repaired.
 */
static bool may_be_cut(const struct sk_buff *skb, const struct sclp_inner *in)
{
	const struct tcphdr *th = (const struct tcphdr *)(skb->data + in->l4_off);
	const struct iphdr *iph = (const struct iphdr *)(skb->data + in->l3_off);

	if (th->syn || th->rst || th->urg || in->routed)
		return false;
	if (in->family == AF_INET && ip_fast_csum(iph, iph->ihl))
		return false;
	return !tcp_sum(skb, in, skb_checksum(skb, in->l4_off, in->end_off - in->l4_off, 0));
}

/* Whom it does not fit drops a frame that is no super-frame, a bridge without a word. */
int sclp_meta_derive(struct sk_buff *skb, u32 mtu)
{
	struct sclp_inner in;
	struct tcphdr *th;
	u32 meta, hlen;

	if (forget_outer(skb))
		return -ENOMEM;
	/* most frames fit: that is seen without reading them */
	if (skb->len <= ETH_HLEN || skb->len - ETH_HLEN <= mtu)
		return 0;
	sclp_inner_parse(skb, 0, skb->len, &in);
	if (in.proto != IPPROTO_TCP || in.end_off - in.l3_off <= mtu)
		return 0;
	/* a stranger's headers can be of any length: not a few bytes behind many of them */
	hlen = in.pay_off - in.l3_off;
	if (mtu < hlen + TCP_MIN_MSS || !may_be_cut(skb, &in))
		return 0;
	if (skb_ensure_writable(skb, in.pay_off))
		return -ENOMEM;
	th = (struct tcphdr *)(skb->data + in.l4_off);
	th->check = ~tcp_sum(skb, &in, 0);
	meta = in.family == AF_INET ? META(OWED, TCPV4) : META(OWED, TCPV6);
	if (th->cwr)
		meta |= SCLP_META_ECN;
	/* it agrees with the headers, so there is one reason left */
	return give_owed(skb, &in, meta | (mtu - hlen)) ? -ENOMEM : 0;
}
