// SPDX-License-Identifier: GPL-2.0
/*
 * Loss recovery.
 *
 * Theory of operation
 *
 * A TCP super-frame is a stretch of a byte stream behind one set of headers.  When segments of it
 * are lost, each contiguous range that arrived is still a piece of that stream: with a copy of the
 * headers, its own sequence number and lengths, it is a packet that the sender inside might have
 * sent itself.  So he sends again what is missing, and no more.
 *
 *   frame    | VXLAN Ethernet IP TCP |      payload                          |
 *   arrived  [ first segment         ......]      [......]            [......]
 *   leaves   [ headers | ..................]      [headers, seq + n | ......] ...
 *
 * What is delivered must be as trustworthy as the whole frame would have been.  The bytes that
 * arrived were covered by the outer checksum.  If the metadata says that the inner checksum is
 * owed, or was verified by the sender, they also were right when they entered the tunnel: each part
 * then owes a checksum of its own.  If nothing is stated, the inner checksum may have been wrong
 * from the start, and it cannot be verified over a part: making a new one would repair it, so the
 * frame is not recovered.
 *
 * FIN and PSH stay only on the part that holds the last byte, CWR on the one that holds the first.
 * Frames with SYN, RST or URG are left alone, whose meaning is tied to the frame as a whole.
 *
 * Parts keep the guest's segment size, are super-frames as long as they are larger than it, and
 * consist of whole segments of his: of one that is lost in part he sends all again (SACK counts
 * whole segments), and would be told that some of it came twice (D-SACK), which a sender takes for
 * a sign of reordering and becomes patient.  Where the frame is one segment, parts are what came.
 *
 * A run that comes after its frame was given up is a part by itself, if the frame's recipe is still
 * there and does not say that it had come before.
 *
 * sclp_rcv_frame() checks the parts like any other frame.
 */
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/vxlan.h>
#include <sclp.h>
#include "inner.h"
#include "reasm.h"

#define HEADERS_MAX 256
#define HAD_MAX	    8 /* more stretches are rare; what is forgotten may be delivered twice */

struct sclp_recipe {
	refcount_t refs;
	u32 frame_len;
	struct sclp_inner in; /* offsets count from the VXLAN header */
	u32 vx_flags;	      /* host byte order, without metadata */
	u32 gso_type;	      /* enum sclp_meta_gso */
	u32 gso_size;	      /* 0: not segmented by the guest */
	bool gso_ecn;
	u16 next_ip_id; /* those of IPv4 that were not used yet */
	u8 n_had;
	struct {
		u32 start, end; /* from the end of the frame */
	} had[HAD_MAX];		/* what arrived before it was given up */
	u8 hdr[HEADERS_MAX];	/* the first in.pay_off bytes of the frame */
};

/* Bytes [off, off + n) of the frame. */
struct stretch {
	struct sk_buff *skb;
	u32 off, n;
};

/* The metadata allows recovery and fits the headers. */
static bool read_vxlan(struct sclp_recipe *rc, u32 flags)
{
	const u32 csum = flags >> SCLP_META_CSUM_SHIFT & 3;

	if (!(flags & be32_to_cpu(VXLAN_HF_VNI)) || !(flags & SCLP_META_VXLAN_FLAG << 24) ||
		flags & SCLP_META_ZERO)
		return false;
	if (csum != SCLP_META_CSUM_OWED && csum != SCLP_META_CSUM_VERIFIED)
		return false;
	rc->vx_flags = flags & 0xff000000;
	rc->gso_type = flags >> SCLP_META_GSO_SHIFT & 7;
	rc->gso_size = flags & SCLP_META_SIZE_MASK;
	rc->gso_ecn = flags & SCLP_META_ECN;
	if (rc->gso_type == SCLP_META_GSO_NONE)
		return !rc->gso_size;
	return rc->gso_size && rc->gso_type == (rc->in.family == AF_INET ? SCLP_META_GSO_TCPV4
									 : SCLP_META_GSO_TCPV6);
}

static bool read_ip(struct sclp_recipe *rc)
{
	const struct iphdr *iph = (const struct iphdr *)(rc->hdr + rc->in.l3_off);

	if (rc->in.family == AF_INET6)
		return !rc->in.routed;
	rc->next_ip_id = ntohs(iph->id);
	return !ip_fast_csum(iph, iph->ihl);
}

/* @skb is the start of a frame of @frame_len bytes.  False: one that cannot be recovered. */
static bool read_headers(struct sclp_recipe *rc, struct sk_buff *skb, u32 frame_len)
{
	const struct vxlanhdr *vh = (const struct vxlanhdr *)rc->hdr;
	const struct tcphdr *th;

	rc->frame_len = frame_len;
	sclp_inner_parse(skb, sizeof(*vh), frame_len, &rc->in);
	if (rc->in.proto != IPPROTO_TCP || rc->in.pay_off > sizeof(rc->hdr))
		return false;
	skb_copy_from_linear_data(skb, rc->hdr, rc->in.pay_off);
	th = (const struct tcphdr *)(rc->hdr + rc->in.l4_off);
	return !th->syn && !th->rst && !th->urg && read_vxlan(rc, be32_to_cpu(vh->vx_flags)) &&
	       read_ip(rc);
}

static void write_vxlan(const struct sclp_recipe *rc, u8 *hdr, u32 plen, bool starts)
{
	u32 meta = (u32)SCLP_META_CSUM_OWED << SCLP_META_CSUM_SHIFT;

	if (rc->gso_type && plen > rc->gso_size) {
		meta |= rc->gso_type << SCLP_META_GSO_SHIFT | rc->gso_size;
		if (starts && rc->gso_ecn)
			meta |= SCLP_META_ECN;
	}
	((struct vxlanhdr *)hdr)->vx_flags = cpu_to_be32(rc->vx_flags | meta);
}

/* What the guest's own segments would have had (RFC 6864), no value twice. */
static u16 take_ip_id(struct sclp_recipe *rc, u16 id, u32 pay_off, u32 plen)
{
	if (!rc->gso_size)
		return rc->next_ip_id++;
	id += pay_off / rc->gso_size;
	if ((s16)(id - rc->next_ip_id) < 0)
		id = rc->next_ip_id;
	rc->next_ip_id = id + DIV_ROUND_UP(plen, rc->gso_size);
	return id;
}

static void write_ip(struct sclp_recipe *rc, u8 *hdr, u32 pay_off, u32 plen)
{
	const u32 ip_len = rc->in.pay_off - rc->in.l3_off + plen;
	struct ipv6hdr *ip6h = (struct ipv6hdr *)(hdr + rc->in.l3_off);
	struct iphdr *iph = (struct iphdr *)(hdr + rc->in.l3_off);

	if (rc->in.family == AF_INET6) {
		ip6h->payload_len = htons(ip_len - sizeof(*ip6h));
		return;
	}
	iph->tot_len = htons(ip_len);
	iph->id = htons(take_ip_id(rc, ntohs(iph->id), pay_off, plen));
	ip_send_check(iph);
}

/* The sum of the pseudo-header, as whoever owes a checksum leaves it. */
static __sum16 pseudo_sum(const struct sclp_recipe *rc, const u8 *hdr, u32 l4_len)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)(hdr + rc->in.l3_off);
	const struct iphdr *iph = (const struct iphdr *)(hdr + rc->in.l3_off);

	return rc->in.family == AF_INET6
		       ? ~csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, l4_len, IPPROTO_TCP, 0)
		       : ~csum_tcpudp_magic(iph->saddr, iph->daddr, l4_len, IPPROTO_TCP, 0);
}

static void write_tcp(const struct sclp_recipe *rc, u8 *hdr, u32 pay_off, u32 plen)
{
	struct tcphdr *th = (struct tcphdr *)(hdr + rc->in.l4_off);

	th->seq = htonl(ntohl(th->seq) + pay_off);
	if (pay_off)
		th->cwr = 0;
	if (rc->in.pay_off + pay_off + plen < rc->in.end_off)
		th->fin = th->psh = 0;
	th->check = pseudo_sum(rc, hdr, rc->in.pay_off - rc->in.l4_off + plen);
}

/* The headers of the frame in front of the payload that begins at @from and may still have them. */
static int put_headers(const struct sclp_recipe *rc, struct stretch *rg, u32 from)
{
	if (rg->off < from && !pskb_pull(rg->skb, from - rg->off))
		return -ENOMEM;
	if (skb_cow_head(rg->skb, rc->in.pay_off))
		return -ENOMEM;
	memcpy(__skb_push(rg->skb, rc->in.pay_off), rc->hdr, rc->in.pay_off);
	return 0;
}

/* Bytes *from to *to of the frame are what there is of its payload: the guest's whole segments. */
static void whole_segments(const struct sclp_recipe *rc, u32 *from, u32 *to)
{
	const u32 start = rc->in.pay_off;

	if (!rc->gso_size)
		return;
	*from = start + roundup(*from - start, rc->gso_size);
	if (*to > start && *to < rc->in.end_off) /* the last may be shorter */
		*to = start + rounddown(*to - start, rc->gso_size);
}

/* The payload of @rg as a packet of its own, to @out.  Takes rg->skb; returns the number of
 * packets, 0 or 1.
 */
static unsigned int emit(struct sclp_recipe *rc, struct stretch *rg, struct sk_buff_head *out)
{
	u32 from = max(rg->off, rc->in.pay_off);
	u32 to = min(rg->off + rg->n, rc->in.end_off); /* without padding */
	u32 pay_off;

	whole_segments(rc, &from, &to);
	pay_off = from - rc->in.pay_off;

	if (from >= to || pskb_trim(rg->skb, to - rg->off) || put_headers(rc, rg, from)) {
		kfree_skb(rg->skb);
		return 0;
	}
	write_vxlan(rc, rg->skb->data, to - from, !pay_off);
	write_ip(rc, rg->skb->data, pay_off, to - from);
	write_tcp(rc, rg->skb->data, pay_off, to - from);
	__skb_queue_tail(out, rg->skb);
	return 1;
}

/* The next contiguous range of the frame, joined; false: none left, or no memory for it. */
static bool next_stretch(struct sk_buff_head *pieces, u32 frame_len, struct stretch *rg)
{
	struct sk_buff *skb = __skb_dequeue(pieces), *tail;
	u32 end;

	if (!skb)
		return false;
	rg->off = frame_len - sclp_piece(skb)->start;
	end = sclp_piece(skb)->end;
	rg->skb = skb;
	if (sclp_join_begin(&rg->skb, &tail))
		goto no_memory;
	while ((skb = skb_peek(pieces)) && sclp_piece(skb)->start == end) {
		end = sclp_piece(skb)->end;
		__skb_unlink(skb, pieces);
		if (sclp_join(rg->skb, &tail, skb))
			goto no_memory;
	}
	rg->n = frame_len - end - rg->off;
	return true;

no_memory:
	kfree_skb(rg->skb);
	return false;
}

struct sclp_recipe *sclp_recipe_get(struct sclp_recipe *recipe)
{
	refcount_inc(&recipe->refs);
	return recipe;
}

void sclp_recipe_put(struct sclp_recipe *recipe)
{
	if (recipe && refcount_dec_and_test(&recipe->refs))
		kfree(recipe);
}

bool sclp_recover_can(struct sk_buff *skb, u32 frame_len)
{
	struct sclp_recipe rc = {};

	return read_headers(&rc, skb, frame_len);
}

unsigned int sclp_recover(struct sk_buff_head *pieces, u32 frame_len, struct sk_buff_head *out,
	struct sclp_recipe **recipe)
{
	struct sclp_recipe rc = { .refs = REFCOUNT_INIT(1) };
	unsigned int n = 0;
	struct stretch rg;

	*recipe = NULL;
	/* the first segment has the headers */
	if (!frame_len || !next_stretch(pieces, frame_len, &rg))
		goto done;
	if (!read_headers(&rc, rg.skb, frame_len)) {
		kfree_skb(rg.skb);
		goto done;
	}
	do {
		if (rc.n_had < HAD_MAX) {
			rc.had[rc.n_had].start = frame_len - rg.off;
			rc.had[rc.n_had++].end = frame_len - rg.off - rg.n;
		}
		n += emit(&rc, &rg, out);
	} while (next_stretch(pieces, frame_len, &rg));
	*recipe = kmemdup(&rc, sizeof(rc), GFP_ATOMIC);
done:
	__skb_queue_purge(pieces);
	return n;
}

bool sclp_recipe_had(const struct sclp_recipe *recipe, const struct sclp_seg *seg)
{
	unsigned int i;

	for (i = 0; i < recipe->n_had; i++) {
		if (seg->start <= recipe->had[i].start && seg->end >= recipe->had[i].end)
			return true;
	}
	return false;
}

unsigned int sclp_recover_late(const struct sclp_recipe *recipe, struct sk_buff *skb,
	const struct sclp_seg *seg, struct sk_buff_head *out)
{
	struct sclp_recipe rc = *recipe; /* another CPU may be at it */
	struct stretch rg = { .skb = skb, .n = seg->start - seg->end };
	struct sk_buff *tail;

	if (seg->start > rc.frame_len || (seg->first && seg->start != rc.frame_len) ||
		sclp_join_begin(&rg.skb, &tail)) {
		kfree_skb(rg.skb);
		return 0;
	}
	rg.off = rc.frame_len - seg->start;
	return emit(&rc, &rg, out);
}
