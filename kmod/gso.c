// SPDX-License-Identifier: GPL-2.0
/*
 * One large frame becomes segments that fit the path.
 *
 * Theory of operation
 *
 * A frame leaves xmit.c as one skb: outer headers, SCLP header with F=1 and remaining=0, and up to
 * 64 KB that nobody here looks into.  gso_size is the payload of a segment.  The stack calls
 * sclp_gso_segment() where the frame meets a device that cannot take it whole (or never, if all
 * can: veth, loopback).  Also what gro.c merged comes here when it is forwarded, and then it may be
 * any part of a frame: each new header is derived from the one there is, F is kept on the first
 * segment only and `remaining` counts from the old `remaining`.
 *
 * No byte of payload moves.  A segment is one small buffer with a copy of the headers; the payload
 * is referenced, a page fragment at a time.  Only what is in no page (the linear part of the frame:
 * its inner headers, in the first segment) is copied, and whole segments where the device takes no
 * fragments or a segment would need too many.
 *
 * The type (SCLP_GSO_TYPE).  There is no bit for SCLP, and none can be added from outside.
 *  - SKB_GSO_SCTP: skb_gso_transport_seglen() then counts 12 bytes for the transport header, which
 *    is right for SCLP by the luck of equal sizes, so MTU checks on output and on forwarding and
 *    token bucket filters see true lengths.  No hardware segments SCTP; veth, loopback, VLAN,
 *    bridges and bonds of such pass it on whole, which is what we want.  What SCTP itself does with
 *    gso_size 0xffff (cut by fragment list) does not happen: gso_size is below 65,535 by
 *    construction.
 *  - SKB_GSO_TCP_ECN: no meaning without a TCP type, but it needs NETIF_F_TSO_ECN of the device, so
 *    that "ethtool -K DEV tso off" makes a wire of MTU-sized packets of veth for SCLP as it does
 *    for TCP.
 *  - SKB_GSO_TCP_FIXEDID: set by gro.c where all IP IDs were one; inet_gso_segment() obeys.
 *  - SKB_GSO_FCOE: some segments are made twice (gso.h).
 *  - SKB_GSO_UDP_TUNNEL or _CSUM for the UDP carrier: skb_udp_tunnel_segment() comes here by
 *    inner_ipproto, as it does for foo-over-udp.  skb->encapsulation is set then and the length of
 *    headers is taken from inner_transport_header, which therefore points behind the SCLP header.
 *    For the IP carrier skb->encapsulation is 0: nothing inside is anyone's business.
 *
 * The checksum.  CHECKSUM_PARTIAL with csum_start at the SCLP header says that the sum is owed;
 * without a pseudo-header it starts at 0.  A device with NETIF_F_HW_CSUM gets each segment with its
 * sum still owed; on veth nobody ever computes it and the receiver takes it as verified.  For
 * others it is computed here, once.  Frames without sums (UDP carrier; CHECKSUM_UNNECESSARY, since
 * the stack frowns at CHECKSUM_NONE with GSO) stay without.  The UDP header's own sum is left to
 * skb_udp_tunnel_segment(), which asks for the sum of what is behind the UDP header in SKB_GSO_CB
 * when the device cannot make it.
 */
#include <linux/ip.h>
#include <net/dst.h>
#include <net/sock.h>
#include "compat.h"
#include "cursor.h"
#include "gso.h"
#include "hdr.h"

/* Headroom of a segment, if the frame has as much: for a link-layer header that is not
 * there yet.
 */
#define SEG_HEADROOM NET_SKB_PAD

/* A linear part up to this is copied even if it stands in a page: receivers want inner headers
 * linear.
 */
#define SEG_COPY_MAX 256

struct cut {
	struct sk_buff *head;
	struct sclp_cursor at;
	unsigned int pos;	/* bytes of payload that are cut off */
	unsigned int plen;	/* bytes of payload in all */
	unsigned int size;	/* payload of a segment */
	unsigned int hdr_len;	/* headers to copy, the last of them SCLP's */
	unsigned int mac_len;	/* of those, bytes before the MAC header: tunnel headers */
	unsigned int pad;	/* headroom before them */
	unsigned int remaining; /* of the header that is there */
	bool sg;		/* the device takes fragments */
	bool owed;		/* the SCLP sum is owed */
	bool hw_csum;		/* and the device writes it */
	bool outer_csum;	/* a UDP header before wants the sum of what is behind it */
	bool napi;		/* the allocator of receivers may be used */
};

/*
 * What receivers allocate from is for softirqs alone, and it is twice as fast: the skbs that GRO
 * has emptied come back at once, and their buffers are slices of a page.
 */
static bool in_napi_context(void)
{
	return in_softirq() && !in_hardirq() && !irqs_disabled();
}

static struct sk_buff *seg_buffer(const struct cut *c, unsigned int room)
{
	unsigned int size = SKB_DATA_ALIGN(room) + SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *seg;
	void *data;

	if (!c->napi || size > SKB_WITH_OVERHEAD(PAGE_SIZE))
		return alloc_skb(room, GFP_ATOMIC);
	data = napi_alloc_frag(size);
	if (unlikely(!data))
		return NULL;
	seg = napi_build_skb(data, size);
	if (unlikely(!seg))
		skb_free_frag(data);
	return seg;
}

static struct sk_buff *seg_alloc(const struct cut *c, unsigned int linear)
{
	struct sk_buff *seg = seg_buffer(c, c->pad + c->hdr_len + linear);

	if (unlikely(!seg))
		return NULL;
	skb_copy_header(seg, c->head);
	skb_shinfo(seg)->gso_size = 0;
	skb_shinfo(seg)->gso_segs = 0;
	skb_shinfo(seg)->gso_type = 0;
	skb_reserve(seg, c->pad + c->mac_len);
	__skb_put(seg, c->hdr_len - c->mac_len);
	memcpy(seg->data - c->mac_len, skb_mac_header(c->head) - c->mac_len, c->hdr_len);
	skb_headers_offset_update(
		seg, skb_headroom(seg) - (skb_mac_header(c->head) - c->head->head));
	skb_reset_mac_len(seg);
	return seg;
}

/* Bytes at the cursor that are to be copied rather than referenced. */
static unsigned int to_copy(const struct sclp_cursor *at)
{
	unsigned int left = sclp_cursor_linear(at);

	return !at->skb->head_frag || left <= SEG_COPY_MAX ? left : 0;
}

/* Hangs the next @n bytes on @seg, which has no fragments, by reference.  False: cannot be. */
static bool seg_reference(struct sk_buff *seg, struct sclp_cursor *at, unsigned int n)
{
	struct skb_shared_info *si = skb_shinfo(seg);
	int k = sclp_cursor_take(at, si->frags, MAX_SKB_FRAGS, n, &si->flags);

	if (unlikely(k < 0))
		return false;
	si->nr_frags = k;
	seg->data_len += n;
	seg->len += n;
	seg->truesize += n;
	return true;
}

/* The next @n bytes in a segment of their own, nothing shared. */
static struct sk_buff *seg_copy(struct cut *c, unsigned int n)
{
	struct sk_buff *seg = seg_alloc(c, n);

	if (unlikely(!seg))
		return NULL;
	if (skb_copy_bits(c->head, SCLP_HLEN + c->pos, __skb_put(seg, n), n)) {
		kfree_skb(seg);
		return NULL;
	}
	return seg;
}

static struct sk_buff *seg_make(struct cut *c, unsigned int n)
{
	struct sclp_cursor start = c->at;
	struct sk_buff *seg;
	unsigned int linear;

	if (!c->sg || !sclp_cursor_settle(&c->at))
		return seg_copy(c, n);
	linear = min(to_copy(&c->at), n);
	seg = seg_alloc(c, linear);
	if (unlikely(!seg))
		return NULL;
	if (linear) {
		skb_put_data(seg, c->at.skb->data + c->at.off, linear);
		c->at.off += linear;
	}
	if (likely(seg_reference(seg, &c->at, n - linear))) {
		if (unlikely(skb_zcopy(c->head)))
			skb_zcopy_set(seg, skb_uarg(c->head), NULL);
		return seg;
	}
	kfree_skb(seg);
	c->at = start;
	sclp_cursor_skip(&c->at, n);
	return seg_copy(c, n);
}

/* The sum over the SCLP header and payload of @seg, without the check field if that is 0. */
static __wsum seg_sum(const struct sk_buff *seg, const struct sclp_hdr *sh)
{
	unsigned int off = (const unsigned char *)sh - seg->data;

	return skb_checksum(seg, off, seg->len - off, 0);
}

/* What the SCLP header and the sums of segment @seg say, which holds @n bytes from c->pos on. */
static void seg_finish(const struct cut *c, struct sk_buff *seg, unsigned int n)
{
	struct sclp_hdr *sh = (struct sclp_hdr *)(seg->data + c->hdr_len - c->mac_len - SCLP_HLEN);
	const __wsum right = csum_unfold(
		CSUM_MANGLED_0); /* the sum over what holds its own check */
	__wsum sum = 0;

	if (c->pos)
		sh->id_first &= cpu_to_be32(~SCLP_FIRST);
	sh->remaining = cpu_to_be16(c->remaining + c->plen - c->pos - n);
	if (c->owed && c->hw_csum) {
		sclp_sum_owe(seg, sh);
		sum = right;
	} else {
		sh->check = 0;
		seg->ip_summed = CHECKSUM_NONE;
		if (c->owed || c->outer_csum)
			sum = seg_sum(seg, sh);
		if (c->owed) {
			sh->check = csum_fold(sum) ?: CSUM_MANGLED_0;
			sum = right;
		}
	}
	if (c->outer_csum) {
		SKB_GSO_CB(seg)->csum = sum;
		SKB_GSO_CB(seg)->csum_start = (unsigned char *)sh - seg->head;
	}
}

/*
 * The socket stays charged until the last segment is gone.  veth hands sockets that are charged by
 * sock_wfree() on to GRO, which merges packets of one socket only: there each segment carries its
 * share.  Others (TCP's) are charged for the whole by the last segment.
 */
static void charge_owner(struct sk_buff *head, struct sk_buff *first, struct sk_buff *last)
{
	struct sk_buff *seg;

	if (head->destructor == sock_wfree) {
		for (seg = first; seg; seg = seg->next)
			skb_set_owner_w(seg, head->sk);
	} else if (head->destructor) {
		swap(head->truesize, last->truesize);
		swap(head->destructor, last->destructor);
		swap(head->sk, last->sk);
	}
}

/* User pages under zero copy: references of our own to them, in the frame itself and its list. */
static int own_frags(struct sk_buff *skb)
{
	struct sk_buff *member;

	if (skb_orphan_frags(skb, GFP_ATOMIC))
		return -ENOMEM;
	skb_zcopy_downgrade_managed(skb);
	skb_walk_frags(skb, member) {
		if (skb_zcopy(member) && skb_copy_ubufs(member, GFP_ATOMIC))
			return -ENOMEM;
	}
	return 0;
}

/* @tnl_len: bytes before the MAC header that go before each segment, too; @pad: headroom before all
 * that.
 */
static struct cut cut_begin(struct sk_buff *skb, unsigned int size, unsigned int tnl_len,
	unsigned int pad, bool outer_csum, netdev_features_t features)
{
	return (struct cut){
		.head = skb,
		.plen = skb->len - SCLP_HLEN,
		.size = size,
		.hdr_len = tnl_len + (skb->data - skb_mac_header(skb)) + SCLP_HLEN,
		.mac_len = tnl_len,
		.pad = pad,
		.remaining = be16_to_cpu(((struct sclp_hdr *)skb->data)->remaining),
		.sg = features & NETIF_F_SG,
		.owed = sclp_sum_is_owed(skb, 0),
		.hw_csum = features & NETIF_F_HW_CSUM,
		.outer_csum = outer_csum,
		.napi = in_napi_context(),
	};
}

/* The next segment, of @n bytes.  NULL: no memory. */
static struct sk_buff *cut_next(struct cut *c, unsigned int n)
{
	struct sk_buff *seg = seg_make(c, n);

	if (likely(seg)) {
		seg_finish(c, seg, n);
		c->pos += n;
	}
	return seg;
}

/* Cuts what stands from @from to @to of the payload, at **link on. */
static int cut_range(struct cut *c, unsigned int from, unsigned int to, struct sk_buff ***link,
	struct sk_buff **last)
{
	c->at = (struct sclp_cursor){ .skb = c->head, .frag = -1, .off = SCLP_HLEN };
	sclp_cursor_skip(&c->at, from);
	c->pos = from;
	while (c->pos < to) {
		struct sk_buff *seg = cut_next(c, min(c->size, c->plen - c->pos));

		if (unlikely(!seg))
			return -ENOMEM;
		**link = seg;
		*link = &seg->next;
		*last = seg;
	}
	return 0;
}

/* All segments; and some again, if @twice.  Of a short frame its last does not come before others
 * have come twice: the receiver would not wait for them, and take what comes then for late, a sign
 * of reordering (reasm.c).
 */
static struct sk_buff *cut_all(struct cut *c, bool twice)
{
	const unsigned int n = DIV_ROUND_UP(c->plen, c->size), rest = (n - 1) * c->size;
	const bool all = twice && n <= SCLP_GSO_SHORT;
	struct sk_buff *first = NULL, **link = &first, *last = NULL;

	if (own_frags(c->head))
		return ERR_PTR(-ENOMEM);
	if (all) /* a repeat that there is no memory for is left out */
		cut_range(c, 0, rest, &link, &last);
	if (cut_range(c, 0, c->plen, &link, &last)) {
		kfree_skb_list(first);
		return ERR_PTR(-ENOMEM);
	}
	if (twice)
		cut_range(c, all ? rest : 0, all ? c->plen : c->size, &link, &last);
	first->prev = last;
	charge_owner(c->head, first, last);
	return first;
}

struct sk_buff *sclp_gso_cut(struct sk_buff *skb, unsigned int size)
{
	struct cut c = cut_begin(
		skb, size, 0, skb_headroom(skb), false, NETIF_F_SG | NETIF_F_HW_CSUM);

	return cut_all(&c, false);
}

/* Will skb_udp_tunnel_segment() ask for the sum of what is behind its header? */
static bool outer_wants_sum(struct sk_buff *skb)
{
	if (!skb->encap_hdr_csum)
		return false;
	return sclp_sum_is_owed(skb, 0) || /* it has to leave the device's only sum to us */
	       !can_checksum_protocol(skb->dev->features, skb->protocol) || skb_sec_path(skb) ||
	       (skb_dst(skb) && dst_xfrm(skb_dst(skb)));
}

struct sk_buff *sclp_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	unsigned int tnl_len = skb_tnl_header_len(skb), room;
	struct cut c;

	if (!(si->gso_type & SKB_GSO_SCTP) || !si->gso_size)
		return ERR_PTR(-EINVAL);
	if (!pskb_may_pull(skb, SCLP_HLEN) || skb->len == SCLP_HLEN)
		return ERR_PTR(-EINVAL);
	room = skb_mac_header(skb) - skb->head - tnl_len;
	c = cut_begin(skb, skb_shinfo(skb)->gso_size, tnl_len,
		min_t(unsigned int, room, SEG_HEADROOM), outer_wants_sum(skb), features);
	return cut_all(&c, skb_shinfo(skb)->gso_type & SCLP_GSO_TWICE);
}
