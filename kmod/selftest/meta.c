// SPDX-License-Identifier: GPL-2.0
/* Frame metadata: what is believed, what is refused, and that taking undoes giving. */
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/vxlan.h>
#include <sclp.h>
#include "../compat.h"
#include "../inner.h"
#include "../tx.h"
#include "lib.h"

#define M(csum, gso, size) ST_META_OF(SCLP_META_CSUM_##csum, SCLP_META_GSO_##gso, size)
#define BAD		   0xff /* refused */

struct row {
	const char *name;
	struct st_spec spec;
	u8 ip_summed; /* or BAD */
	u16 gso_size;
	u32 gso_type;
};

#define IP4(l4, n) .family = 4, .proto = IPPROTO_##l4, .plen = n
#define TCP4	   IP4(TCP, 5000)
#define UDP4	   IP4(UDP, 5000)
#define TCP6	   .family = 6, .proto = IPPROTO_TCP, .plen = 5000
#define UDP6	   .family = 6, .proto = IPPROTO_UDP, .plen = 5000

static const struct row rows[] __initconst = {
	{ "none", { TCP4, .meta = M(UNSTATED, NONE, 0) }, CHECKSUM_NONE },
	{ "verified", { TCP4, .meta = M(VERIFIED, NONE, 0) }, CHECKSUM_UNNECESSARY },
	{ "verified_udp6", { UDP6, .meta = M(VERIFIED, NONE, 0) }, CHECKSUM_UNNECESSARY },
	{ "verified_of_no_l4", { .plen = 60, .meta = M(VERIFIED, NONE, 0) }, CHECKSUM_NONE },
	{ "owed_tcp4", { TCP4, .meta = M(OWED, NONE, 0) }, CHECKSUM_PARTIAL },
	{ "owed_tcp6", { TCP6, .meta = M(OWED, NONE, 0) }, CHECKSUM_PARTIAL },
	{ "owed_udp4", { UDP4, .meta = M(OWED, NONE, 0) }, CHECKSUM_PARTIAL },
	{ "owed_udp6_ext", { UDP6, .ext = true, .meta = M(OWED, NONE, 0) }, CHECKSUM_PARTIAL },
	{ "owed_padded", { IP4(TCP, 1), .pad = 50, .meta = M(OWED, NONE, 0) }, CHECKSUM_PARTIAL },
	{ "owed_sctp_is_paid", { IP4(SCTP, 5000), .meta = M(OWED, NONE, 0) },
		CHECKSUM_UNNECESSARY },
	{ "owed_fragment", { TCP4, .fragment = true, .meta = M(OWED, NONE, 0) }, BAD },
	{ "owed_arp", { .plen = 60, .meta = M(OWED, NONE, 0) }, BAD },
	{ "owed_gre", { IP4(GRE, 5000), .meta = M(OWED, NONE, 0) }, BAD },
	{ "gso_tcp4", { TCP4, .meta = M(OWED, TCPV4, 1448) }, CHECKSUM_PARTIAL, 1448,
		SKB_GSO_TCPV4 },
	{ "gso_tcp4_ecn", { TCP4, .meta = M(OWED, TCPV4, 1448) | SCLP_META_ECN }, CHECKSUM_PARTIAL,
		1448, SKB_GSO_TCPV4 | SKB_GSO_TCP_ECN },
	{ "gso_tcp6", { TCP6, .meta = M(OWED, TCPV6, 1428) }, CHECKSUM_PARTIAL, 1428,
		SKB_GSO_TCPV6 },
	{ "gso_tcp6_ext", { TCP6, .ext = true, .meta = M(OWED, TCPV6, 1428) }, CHECKSUM_PARTIAL,
		1428, SKB_GSO_TCPV6 },
	{ "gso_vlan", { TCP4, .n_vlan = 1, .meta = M(OWED, TCPV4, 1448) }, CHECKSUM_PARTIAL, 1448,
		SKB_GSO_TCPV4 },
	{ "gso_qinq", { TCP6, .n_vlan = 2, .meta = M(OWED, TCPV6, 1428) }, CHECKSUM_PARTIAL, 1428,
		SKB_GSO_TCPV6 },
	{ "gso_three_vlans", { TCP4, .n_vlan = 3, .meta = M(OWED, TCPV4, 1448) }, BAD },
	{ "gso_udp4", { UDP4, .meta = M(OWED, UDP_L4, 1400) }, CHECKSUM_PARTIAL, 1400,
		SKB_GSO_UDP_L4 },
	{ "gso_udp6", { UDP6, .meta = M(OWED, UDP_L4, 1400) }, CHECKSUM_PARTIAL, 1400,
		SKB_GSO_UDP_L4 },
	{ "gso_padded", { TCP4, .pad = 6, .meta = M(OWED, TCPV4, 1448) }, CHECKSUM_PARTIAL, 1448,
		SKB_GSO_TCPV4 },
	{ "gso_size_0", { TCP4, .meta = M(OWED, TCPV4, 0) }, BAD },
	{ "gso_size_one_less", { TCP4, .meta = M(OWED, TCPV4, 4999) }, CHECKSUM_PARTIAL, 4999,
		SKB_GSO_TCPV4 },
	{ "gso_size_as_large_as_frame", { TCP4, .meta = M(OWED, TCPV4, 5000) }, BAD },
	{ "gso_size_65535", { TCP4, .meta = M(OWED, TCPV4, 65535) }, BAD },
	{ "gso_size_1", { TCP4, .meta = M(OWED, TCPV4, 1) }, CHECKSUM_PARTIAL, 1, SKB_GSO_TCPV4 },
	{ "gso_udp_too_many", { UDP4, .meta = M(OWED, UDP_L4, 10) }, BAD },
	{ "gso_udp_ecn", { UDP4, .meta = M(OWED, UDP_L4, 1400) | SCLP_META_ECN }, BAD },
	{ "gso_tcp6_of_tcp4", { TCP4, .meta = M(OWED, TCPV6, 1448) }, BAD },
	{ "gso_tcp4_of_tcp6", { TCP6, .meta = M(OWED, TCPV4, 1448) }, BAD },
	{ "gso_tcp_of_udp", { UDP4, .meta = M(OWED, TCPV4, 1448) }, BAD },
	{ "gso_udp_of_tcp", { TCP4, .meta = M(OWED, UDP_L4, 1448) }, BAD },
	{ "gso_sctp", { IP4(SCTP, 5000), .meta = M(OWED, TCPV4, 1448) }, BAD },
	{ "gso_unknown_type", { TCP4, .meta = ST_META_OF(SCLP_META_CSUM_OWED, 4, 1448) }, BAD },
	{ "gso_not_owed", { TCP4, .meta = M(UNSTATED, TCPV4, 1448) }, BAD },
	{ "gso_verified", { TCP4, .meta = M(VERIFIED, TCPV4, 1448) }, BAD },
	{ "gso_of_fragment", { TCP4, .fragment = true, .meta = M(OWED, TCPV4, 1448) }, BAD },
	{ "size_without_gso", { TCP4, .meta = M(OWED, NONE, 1448) }, BAD },
	{ "ecn_without_gso", { TCP4, .meta = M(UNSTATED, NONE, 0) | SCLP_META_ECN }, BAD },
	{ "csum_state_3", { TCP4, .meta = ST_META_OF(3, SCLP_META_GSO_NONE, 0) }, BAD },
	{ "bits_for_later", { TCP4, .meta = M(OWED, NONE, 0) | SCLP_META_ZERO }, CHECKSUM_PARTIAL },
};

static void __init check_debts(
	const struct row *row, const struct st_frame *f, const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	const u32 l4_off = f->l4_off - sizeof(struct vxlanhdr);

	ST_CHECK(skb->ip_summed == row->ip_summed);
	ST_CHECK(shinfo->gso_size == row->gso_size);
	ST_CHECK(shinfo->gso_type == (row->gso_size ? row->gso_type | SKB_GSO_DODGY : 0));
	if (row->gso_size)
		ST_CHECK(shinfo->gso_segs == DIV_ROUND_UP(f->spec->plen, row->gso_size));
	if (row->ip_summed != CHECKSUM_PARTIAL)
		return;
	ST_CHECK(skb->len == f->end_off - sizeof(struct vxlanhdr));
	ST_CHECK(skb_checksum_start_offset(skb) == l4_off);
	ST_CHECK(skb->csum_offset == (f->spec->proto == IPPROTO_TCP
						     ? offsetof(struct tcphdr, check)
						     : offsetof(struct udphdr, check)));
}

/* What was believed can be said again, in the same bits. */
static void __init take_back(const struct row *row, const struct st_frame *f, struct sk_buff *skb)
{
	struct sclp_inner in;
	u32 meta = 0, want = f->spec->meta & 0xffffff & ~SCLP_META_ZERO;

	if (row->ip_summed == CHECKSUM_NONE)
		want = 0;
	else if (row->ip_summed == CHECKSUM_UNNECESSARY)
		want = M(VERIFIED, NONE, 0) & 0xffffff;
	ST_CHECK(!sclp_meta_take(skb, &meta, &in) && meta == want);
	ST_CHECK(!skb_is_gso(skb) && skb->ip_summed == CHECKSUM_NONE);
}

static void __init run_row(const struct row *row, enum st_kind kind)
{
	struct st_frame f;
	struct sk_buff *skb;
	int err;

	st_row = row->name;
	if (!st_frame_build(&f, &row->spec))
		return;
	skb = st_skb(f.data, f.len, kind);
	if (!skb)
		goto done;
	if (!ST_CHECK(pskb_may_pull(skb, sizeof(struct vxlanhdr))))
		goto done;
	__skb_pull(skb, sizeof(struct vxlanhdr));
	skb_shinfo(skb)->gso_size = 77; /* the outer packet's */
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_TUNNEL;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	err = sclp_join_settle(&skb) ?: sclp_meta_give(skb, row->spec.meta & 0xffffff);
	if (ST_CHECK(err == (row->ip_summed == BAD ? -EINVAL : 0)) && !err) {
		check_debts(row, &f, skb);
		take_back(row, &f, skb);
	}
done:
	kfree_skb(skb);
	st_frame_free(&f);
}

/* Cut anywhere, a frame is refused or taken, but nothing behind its end is read (KASAN sees to
 * that).
 */
static void __init truncated(const struct st_spec *spec)
{
	const u32 meta = spec->meta & 0xffffff;
	struct st_frame f;
	struct sk_buff *skb;
	u32 n;

	st_row = "truncated";
	if (!st_frame_build(&f, spec))
		return;
	for (n = sizeof(struct vxlanhdr); n < f.pay_off + 2; n++) {
		skb = st_skb(f.data, n, ST_LINEAR);
		if (!skb)
			break;
		__skb_pull(skb, sizeof(struct vxlanhdr));
		ST_CHECK(sclp_meta_give(skb, meta) == -EINVAL);
		kfree_skb(skb);
	}
	st_frame_free(&f);
}

/* What metadata cannot say is left as it was. */
static void __init cannot_be_said(void)
{
	const struct st_spec spec = { TCP4 };
	struct sclp_inner in;
	struct st_frame f;
	struct sk_buff *skb;
	u32 meta, i;

	st_row = "cannot_be_said";
	if (!st_frame_build(&f, &spec))
		return;
	for (i = 0; i < 4; i++) {
		skb = st_skb(f.data + sizeof(struct vxlanhdr), f.len - sizeof(struct vxlanhdr),
			ST_LINEAR);
		if (!skb)
			break;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + f.l4_off - sizeof(struct vxlanhdr);
		skb->csum_offset = offsetof(struct tcphdr, check);
		skb_shinfo(skb)->gso_size = 1000;
		skb_shinfo(skb)->gso_type = i == 0   ? SKB_GSO_TCPV6
					    : i == 1 ? SKB_GSO_TCPV4 | SKB_GSO_GRE
						     : SKB_GSO_TCPV4;
		if (i == 2)
			skb->csum_start += 20; /* of somebody inside */
		if (i == 3)
			skb->ip_summed = CHECKSUM_NONE;
		ST_CHECK(sclp_meta_take(skb, &meta, &in) == -EINVAL);
		ST_CHECK(skb_shinfo(skb)->gso_size == 1000);
		kfree_skb(skb);
	}
	st_frame_free(&f);
}

/* A super-frame with any gso_size, of skbs as GRO leaves them, can be cut to segments
 * (see join.c).
 */
static void __init cut_at_any_size(void)
{
	struct st_spec spec = { TCP4, .meta = M(OWED, TCPV4, 0) };
	struct st_frame f;
	struct sk_buff *skb, *segs, *next;
	u32 size, hlen;

	st_row = "cut_at_any_size";
	if (!st_frame_build(&f, &spec))
		return;
	hlen = f.pay_off - sizeof(struct vxlanhdr);
	for (size = 700; size < 1800; size += 11) {
		u32 n_bytes = 0;

		skb = st_skb(f.data + sizeof(struct vxlanhdr), f.len - sizeof(struct vxlanhdr),
			ST_LISTED);
		if (!skb)
			break;
		if (ST_CHECK(!sclp_join_settle(&skb) &&
			     !sclp_meta_give(skb, (spec.meta & 0xffffff) | size))) {
			skb_reset_mac_header(skb);
			skb->protocol = htons(ETH_P_IP);
			skb_set_network_header(skb, ETH_HLEN);
			skb_reset_mac_len(skb);
			segs = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
			if (ST_CHECK(!IS_ERR_OR_NULL(segs)))
				skb_list_walk_safe(segs, segs, next) {
					n_bytes += segs->len - hlen;
					kfree_skb(segs);
				}
			ST_CHECK(n_bytes == spec.plen);
		}
		kfree_skb(skb);
	}
	st_frame_free(&f);
}

enum spoilt {
	SUMS_RIGHT,
	TCP_SUM_WRONG,
	LAST_BYTE_WRONG,
	IP_SUM_WRONG,
};

/* Frames without metadata. */
struct derived {
	const char *name;
	struct st_spec spec;
	u16 mtu;
	u16 gso_size; /* 0: left alone */
	u32 gso_type;
	enum spoilt spoilt;
};

static const struct derived derived[] __initconst = {
	{ "derived_tcp4", { TCP4 }, 1500, 1448, SKB_GSO_TCPV4 },
	{ "derived_tcp6", { TCP6 }, 1500, 1428, SKB_GSO_TCPV6 },
	{ "derived_tcp6_ext", { TCP6, .ext = true }, 1500, 1420, SKB_GSO_TCPV6 },
	{ "derived_vlan", { TCP4, .n_vlan = 1 }, 1500, 1448, SKB_GSO_TCPV4 },
	{ "derived_qinq", { TCP6, .n_vlan = 2 }, 1500, 1428, SKB_GSO_TCPV6 },
	{ "derived_64k", { IP4(TCP, 65483) }, 1500, 1448, SKB_GSO_TCPV4 },
	{ "derived_padded", { TCP4, .pad = 6 }, 1500, 1448, SKB_GSO_TCPV4 },
	{ "derived_fin_psh", { TCP4, .tcp_flags = 0x19 }, 1500, 1448, SKB_GSO_TCPV4 },
	{ "derived_cwr", { TCP4, .tcp_flags = 0x90 }, 1500, 1448, SKB_GSO_TCPV4 | SKB_GSO_TCP_ECN },
	{ "derived_one_byte_longer", { TCP4 }, 5051, 4999, SKB_GSO_TCPV4 },
	{ "derived_small_mtu", { TCP4 }, 140, 88, SKB_GSO_TCPV4 },
	{ "too_small_mtu", { TCP4 }, 139 },
	{ "mtu_below_headers", { TCP4 }, 51 },
	{ "fits", { TCP4 }, 5052 },
	{ "fits_vlan", { TCP4, .n_vlan = 1 }, 5052 },
	{ "fits_without_padding", { TCP4, .pad = 6 }, 5052 },
	{ "syn", { TCP4, .tcp_flags = 0x12 }, 1500 },
	{ "rst", { TCP4, .tcp_flags = 0x14 }, 1500 },
	{ "urg", { TCP4, .tcp_flags = 0x30 }, 1500 },
	{ "udp4", { UDP4 }, 1500 },
	{ "udp6", { UDP6 }, 1500 },
	{ "fragment", { TCP4, .fragment = true }, 1500 },
	{ "routed", { TCP6, .routing = true }, 1500 },
	{ "three_vlans", { TCP4, .n_vlan = 3 }, 1500 },
	{ "wrong_sum4", { TCP4 }, 1500, .spoilt = TCP_SUM_WRONG },
	{ "wrong_sum6", { TCP6 }, 1500, .spoilt = TCP_SUM_WRONG },
	{ "wrong_payload", { TCP4 }, 1500, .spoilt = LAST_BYTE_WRONG },
	{ "wrong_ip_sum", { TCP4 }, 1500, .spoilt = IP_SUM_WRONG },
};

/* The TCP checksum of a frame or segment whose @len bytes of TCP begin at @th, as it was summed. */
static __sum16 __init sum_tcp(const u8 *ip, u8 family, const u8 *th, u32 len)
{
	const __wsum sum = csum_partial(th, len, 0);

	if (family == 6)
		return csum_ipv6_magic((const struct in6_addr *)(ip + 8),
			(const struct in6_addr *)(ip + 24), len, IPPROTO_TCP, sum);
	return csum_tcpudp_magic(get_unaligned((__be32 *)(ip + 12)),
		get_unaligned((__be32 *)(ip + 16)), len, IPPROTO_TCP, sum);
}

/* Right for TCP whatever the frame is, so that nothing but what the row is about is in its way. */
static void __init put_sums(struct st_frame *f, enum spoilt spoilt)
{
	u8 *th = f->data + f->l4_off;
	__sum16 sum;

	th[13] = f->spec->tcp_flags;
	put_unaligned((__sum16)0, (__sum16 *)(th + 16));
	sum = sum_tcp(f->data + f->l3_off, f->spec->family, th, f->end_off - f->l4_off);
	put_unaligned(sum, (__sum16 *)(th + 16));
	if (spoilt == TCP_SUM_WRONG)
		th[16] ^= 1;
	else if (spoilt == LAST_BYTE_WRONG)
		f->data[f->end_off - 1] ^= 1;
	else if (spoilt == IP_SUM_WRONG)
		f->data[f->l3_off + 10] ^= 1;
}

/* Cut, each segment fits, its sum is right, and the bytes are the frame's. */
static void __init check_cut(
	const struct derived *row, const struct st_frame *f, struct sk_buff *skb)
{
	const u32 off = sizeof(struct vxlanhdr), l3_off = f->l3_off - off, l4_off = f->l4_off - off;
	const u32 pay_off = f->pay_off - off;
	struct sk_buff *segs, *seg, *next;
	u32 n_bytes = 0;

	skb_reset_mac_header(skb);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (!ST_CHECK(!IS_ERR_OR_NULL(segs)))
		return;
	skb_list_walk_safe(segs, seg, next) {
		const u32 plen = seg->len - pay_off;

		if (ST_CHECK(!skb_linearize(seg) && seg->len - l3_off <= row->mtu)) {
			const u8 *th = seg->data + l4_off;
			const bool last = n_bytes + plen == f->spec->plen;

			ST_CHECK(!sum_tcp(
				seg->data + l3_off, f->spec->family, th, seg->len - l4_off));
			ST_CHECK(get_unaligned_be32(th + 4) == ST_SEQ + n_bytes);
			ST_CHECK(th[13] ==
				 (f->spec->tcp_flags & ~(n_bytes ? 0x80 : 0) & ~(last ? 0 : 0x09)));
			ST_CHECK(
				n_bytes + plen <= f->spec->plen &&
				!memcmp(seg->data + pay_off, f->data + f->pay_off + n_bytes, plen));
		}
		n_bytes += plen;
		kfree_skb(seg);
	}
	ST_CHECK(n_bytes == f->spec->plen);
}

static void __init derive(const struct derived *row, enum st_kind kind)
{
	const u32 off = sizeof(struct vxlanhdr);
	struct st_frame f;
	struct sk_buff *skb;

	st_row = row->name;
	if (!st_frame_build(&f, &row->spec))
		return;
	put_sums(&f, row->spoilt);
	skb = st_skb(f.data + off, f.len - off, kind);
	if (!skb)
		goto done;
	skb_shinfo(skb)->gso_size = 77; /* the outer packet's */
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_TUNNEL;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (!ST_CHECK(!sclp_join_settle(&skb) && !sclp_meta_derive(skb, row->mtu)))
		goto done;
	if (row->gso_size) {
		const struct row want = { row->name, row->spec, CHECKSUM_PARTIAL, row->gso_size,
			row->gso_type };

		check_debts(&want, &f, skb);
		check_cut(row, &f, skb);
	} else {
		ST_CHECK(!skb_is_gso(skb) && !skb_shinfo(skb)->gso_type);
		ST_CHECK(skb->ip_summed == CHECKSUM_NONE);
		ST_CHECK(st_same(skb, f.data + off, f.len - off));
	}
done:
	kfree_skb(skb);
	st_frame_free(&f);
}

/* A clone's headers are somebody else's, too. */
static void __init derive_clone(void)
{
	const struct st_spec spec = { TCP4 };
	struct sk_buff *skb, *clone;
	struct st_frame f;

	st_row = "derive_clone";
	if (!st_frame_build(&f, &spec))
		return;
	put_sums(&f, SUMS_RIGHT);
	skb = st_skb(f.data, f.len, ST_LINEAR);
	clone = skb ? skb_clone(skb, GFP_KERNEL) : NULL;
	if (ST_CHECK(clone)) {
		__skb_pull(clone, sizeof(struct vxlanhdr));
		ST_CHECK(!sclp_meta_derive(clone, 1500) && skb_is_gso(clone));
		ST_CHECK(st_same(skb, f.data, f.len));
	}
	kfree_skb(clone);
	kfree_skb(skb);
	st_frame_free(&f);
}

void __init st_metadata(void)
{
	enum st_kind kind;
	unsigned int i;

	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			run_row(&rows[i], kind);
	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(derived); i++)
			derive(&derived[i], kind);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].gso_size > 1 && rows[i].gso_size < 4999)
			truncated(&rows[i].spec);
	derive_clone();
	cannot_be_said();
	cut_at_any_size();
}
