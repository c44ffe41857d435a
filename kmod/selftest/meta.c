// SPDX-License-Identifier: GPL-2.0
/* Frame metadata: what is believed, what is refused, and that taking undoes giving. */
#include <linux/tcp.h>
#include <linux/udp.h>
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

void __init st_metadata(void)
{
	enum st_kind kind;
	unsigned int i;

	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			run_row(&rows[i], kind);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].gso_size > 1 && rows[i].gso_size < 4999)
			truncated(&rows[i].spec);
	cannot_be_said();
	cut_at_any_size();
}
