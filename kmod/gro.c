// SPDX-License-Identifier: GPL-2.0
/*
 * Neighbours become one before anybody looks at them: level 1 of reassembly.
 *
 * Theory of operation
 *
 * The stack's GRO calls sclp_gro_receive() for each segment, below IP or UDP, with the packets it
 * holds.  Of those of the same addresses, ports and identification at most one is held; if the
 * segment stands right behind it in the frame (sclp_hdr_follows()), its fragments are appended:
 * constant work, nothing is copied, and where the bytes lie side by side in memory (a veth pair
 * hands over the sender's pages), the last fragment just grows, so that a frame arrives in as few
 * fragments as it was sent.  A full array of fragments goes on in frag_list, as in the stack's own
 * engine, which modules cannot call.
 *
 * In doubt nothing is merged, but what is held of the same 4-tuple leaves first, so order stays.  A
 * segment that ends its frame is never held.
 *
 * What leaves is a segment itself (the first one's header with the last one's `remaining`) and can
 * be cut again to the same bytes: gso_size is the payload of all but the last, which may be
 * shorter; headers differ in nothing that would not be made again (TTL, TOS, DF, IP IDs in a row or
 * all one; see compat.h); and either all sums were there and right, then the sum is owed
 * (CHECKSUM_PARTIAL), or none was there.  A wrong sum is not merged, lest cutting repair it.
 *
 * While held, the first header stays as it came: other references to the packet (a capture) may
 * look at it.  What has been merged is known from the lengths.  For the same reason a cloned packet
 * neither gives its fragments nor takes any.
 */
#include <linux/delay.h>
#include <linux/inetdevice.h>
#include <net/gro.h>
#include <net/protocol.h>
#include "compat.h"
#include "gro.h"
#include "gso.h"
#include "hdr.h"
#include "net.h"
#include "tx.h"

static u8 gro_proto __read_mostly;
static bool gro_stopping __read_mostly;

/* Longer than a packet is held in GRO. */
#define GRO_HELD_MS 50

enum gro_sum {
	SUM_BAD,
	SUM_NONE,
	SUM_OWED
};

/* Is the sum of the segment at the GRO offset right, missing, or nothing to build on? */
static enum gro_sum gro_sum(struct sk_buff *skb, const struct sclp_hdr *sh)
{
	const int off = skb_gro_offset(skb);

	if (sclp_sum_is_owed(skb, off))
		return SUM_OWED;
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_start_offset(skb) > off)
		return SUM_BAD; /* somebody inside owes one; merging would lose that */
	if (!sh->check)
		return SUM_NONE;
	return skb_gro_checksum_simple_validate(skb) ? SUM_BAD : SUM_OWED;
}

static bool gro_held_has_sum(const struct sk_buff *p, int off, const struct sclp_hdr *sh)
{
	return sh->check || sclp_sum_is_owed(p, off);
}

/* Payload of the packet @p that is held, its SCLP header being at @off. */
static unsigned int gro_held_plen(const struct sk_buff *p, int off)
{
	return p->len - off - SCLP_HLEN;
}

/* Does the segment of @skb, @sh at @off and @plen bytes behind it, go behind that of @p? */
static bool gro_fits(const struct sk_buff *skb, int off, const struct sclp_hdr *sh,
	unsigned int plen, enum gro_sum sum, struct sk_buff *p)
{
	const struct sclp_hdr *sh2 = (struct sclp_hdr *)(p->data + off);
	const unsigned int seg_len = skb_shinfo(p)->gso_size, held = gro_held_plen(p, off);
	struct sclp_hdr last = *sh2;

	/* All that is held has the size of the first: with a smaller one the packet left. */
	if (plen > seg_len)
		return false;
	/* The header that the merged packet would have had. */
	if (be16_to_cpu(last.remaining) < held - seg_len)
		return false;
	last.remaining = cpu_to_be16(be16_to_cpu(last.remaining) - (held - seg_len));
	if (!sclp_hdr_follows(&last, held, sh, plen))
		return false;
	if ((sum == SUM_OWED) != gro_held_has_sum(p, off, sh2))
		return false;
	return !sclp_gro_network_differs(skb, off, sh, p, sh2);
}

/* Room for @n fragments in @si, of which the first may melt into the last that is there. */
static bool frags_have_room(const struct skb_shared_info *si, unsigned int n, bool melts)
{
	return si->nr_frags + n - melts <= MAX_SKB_FRAGS;
}

static bool frag_continues(const struct skb_shared_info *si, const skb_frag_t *next)
{
	const skb_frag_t *frag;

	if (!si->nr_frags)
		return false;
	frag = &si->frags[si->nr_frags - 1];
	return skb_frag_page(frag) == skb_frag_page(next) &&
	       skb_frag_off(frag) + skb_frag_size(frag) == skb_frag_off(next);
}

/* Cuts @n bytes, fewer than there are, off the first fragment's front. */
static void frag_trim_front(struct sk_buff *skb, unsigned int n)
{
	skb_frag_t *frag = &skb_shinfo(skb)->frags[0];

	skb_frag_off_add(frag, n);
	skb_frag_size_sub(frag, n);
	skb->data_len -= n;
	skb->len -= n;
}

/* Moves the fragments of @skb, which are its payload, behind those of @to.  False: no room, nothing
 * done.
 */
static bool gro_take_frags(struct sk_buff *to, struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb), *ti = skb_shinfo(to);
	/* References to pages of a pool are counted per fragment: those must not melt. */
	bool melts = !skb->pp_recycle && frag_continues(ti, &si->frags[0]);
	unsigned int i = 0;

	if (unlikely(!frags_have_room(ti, si->nr_frags, melts)))
		return false;
	if (melts) {
		skb_frag_size_add(&ti->frags[ti->nr_frags - 1], skb_frag_size(&si->frags[0]));
		put_page(skb_frag_page(&si->frags[0]));
		i = 1;
	}
	for (; i < si->nr_frags; i++)
		ti->frags[ti->nr_frags++] = si->frags[i];
	si->nr_frags = 0;
	return true;
}

/* The same where the payload begins in the linear part, which is in a page. */
static bool gro_take_head(struct sk_buff *to, struct sk_buff *skb, unsigned int off)
{
	struct skb_shared_info *si = skb_shinfo(skb), *ti = skb_shinfo(to);
	struct page *page = virt_to_head_page(skb->head);

	if (!frags_have_room(ti, si->nr_frags + 1, false))
		return false;
	sclp_frag_fill(&ti->frags[ti->nr_frags++], page,
		skb->data - (unsigned char *)page_address(page) + off, skb_headlen(skb) - off);
	memcpy(&ti->frags[ti->nr_frags], si->frags, si->nr_frags * sizeof(skb_frag_t));
	ti->nr_frags += si->nr_frags;
	return true;
}

/* Hangs @skb itself on @p. */
static void gro_take_whole(struct sk_buff *p, struct sk_buff *skb)
{
	if (NAPI_GRO_CB(p)->last == p)
		skb_shinfo(p)->frag_list = skb;
	else
		NAPI_GRO_CB(p)->last->next = skb;
	NAPI_GRO_CB(p)->last = skb;
	skb->destructor = NULL; /* who owns @p owns this */
	skb->sk = NULL;
	if (!skb_cloned(skb)) /* it sets the count of those that share the bytes */
		__skb_header_release(skb);
}

/* Makes the payload of @skb the end of @p.  What is left of @skb the caller of GRO frees. */
static void gro_append(struct sk_buff *p, struct sk_buff *skb)
{
	struct sk_buff *last = NAPI_GRO_CB(p)->last;
	unsigned int off = skb_gro_offset(skb), headlen = skb_headlen(skb);
	unsigned int len = skb_gro_len(skb), truesize = skb->truesize, left = 0;
	bool alone = !skb_cloned(skb) && !skb_cloned(last);

	if (off > headlen) { /* headers in the first fragment; gro_merge() saw to it that it is ours
			      */
		frag_trim_front(skb, off - headlen);
		off = headlen;
	}
	skb_shinfo(last)->flags |= skb_shinfo(skb)->flags & SKBFL_SHARED_FRAG;
	if (likely(alone && headlen == off) && gro_take_frags(last, skb)) {
		left = SKB_TRUESIZE(skb_end_offset(skb));
		skb->len -= skb->data_len;
		skb->data_len = 0;
		NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE;
	} else if (alone && headlen > off && skb->head_frag && gro_take_head(last, skb, off)) {
		left = SKB_DATA_ALIGN(sizeof(struct sk_buff));
		NAPI_GRO_CB(skb)->free = NAPI_GRO_FREE_STOLEN_HEAD;
	} else {
		__skb_pull(skb, off);
		gro_take_whole(p, skb);
		last = p;
	}
	if (left)
		skb->truesize = left;
	NAPI_GRO_CB(p)->count++;
	p->len += len;
	p->data_len += len;
	p->truesize += truesize - left;
	if (last != p) {
		last->len += len;
		last->data_len += len;
		last->truesize += truesize - left;
	}
	NAPI_GRO_CB(skb)->same_flow = 1;
}

/* False: nothing changed.  `flush` of @skb: the stack below says that it goes up by itself (bytes
 * in a frag_list, an IP fragment).
 */
static bool gro_merge(struct sk_buff *p, struct sk_buff *skb)
{
	unsigned int max = min_t(
		unsigned int, READ_ONCE(p->dev->gro_max_size), GRO_LEGACY_MAX_SIZE);

	if (p->len + skb_gro_len(skb) >= max || p->pp_recycle != skb->pp_recycle)
		return false;
	if (unlikely(NAPI_GRO_CB(skb)->flush || skb_has_frag_list(skb)))
		return false;
	if (unlikely(skb_zcopy(p) || skb_zcopy(skb) || skb_cloned(p)))
		return false;
	if (unlikely(skb_gro_offset(skb) > skb_headlen(skb) &&
		     (skb_cloned(skb) || skb_gro_offset(skb) - skb_headlen(skb) >=
						 skb_frag_size(&skb_shinfo(skb)->frags[0]))))
		return false;
	gro_append(p, skb);
	return true;
}

/* The packet of this 4-tuple that is held; others of these addresses are taken off
 * the candidates.
 */
static struct sk_buff *gro_find(struct list_head *head, const struct sclp_hdr *sh, int off)
{
	struct sk_buff *p;

	list_for_each_entry(p, head, list) {
		const struct sclp_hdr *sh2 = (struct sclp_hdr *)(p->data + off);

		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		if (sh->source == sh2->source && sh->dest == sh2->dest)
			return p;
		NAPI_GRO_CB(p)->same_flow = 0;
	}
	return NULL;
}

/* A host without a device of ours has another receiver of protocol 234, if any: a program with a
 * raw socket, which is not told of sums that are owed, so it gets what came.  Unless it forwards:
 * what it does not take itself is cut again.
 */
static bool gro_is_wanted(const struct sk_buff *skb)
{
	const struct net *net = dev_net(skb->dev);

	return !list_empty(&sclp_net(net)->devs) || IPV4_DEVCONF_ALL(net, FORWARDING) ||
	       (ipv6_mod_enabled() && net->ipv6.devconf_all->forwarding);
}

/* Takes @skb into the frame that is held, or has that leave first.  Returns what is to leave.
 * @ours: it is for a socket of ours.
 */
static struct sk_buff *gro_receive(struct list_head *head, struct sk_buff *skb, bool ours)
{
	const int off = skb_gro_offset(skb);
	const struct sclp_hdr *sh = skb_gro_header(skb, off + SCLP_HLEN, off);
	unsigned int plen, max;
	enum gro_sum sum;
	struct sk_buff *p;
	bool ends;

	if (unlikely(!sh || skb_gro_len(skb) <= SCLP_HLEN)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	p = gro_find(head, sh, off);
	/* asked once a frame: with what is held, it was */
	if (!p && !ours && unlikely(!gro_is_wanted(skb))) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	sum = gro_sum(skb, sh);
	ends = !sh->remaining;
	skb_gro_pull(skb, SCLP_HLEN);
	skb_gro_postpull_rcsum(skb, sh, SCLP_HLEN);
	plen = skb_gro_len(skb);

	if (p && sum != SUM_BAD && gro_fits(skb, off, sh, plen, sum, p)) {
		max = skb_shinfo(p)->gso_size;
		if (gro_merge(p, skb))
			return ends || plen < max ? p : NULL;
	}
	if (sum == SUM_BAD || ends || READ_ONCE(gro_stopping))
		NAPI_GRO_CB(skb)->flush = 1;
	return p;
}

static int sclp_gro_complete(struct sk_buff *skb, int nhoff)
{
	struct sclp_hdr *sh = (struct sclp_hdr *)(skb->data + nhoff);
	struct skb_shared_info *si = skb_shinfo(skb);
	unsigned int merged = gro_held_plen(skb, nhoff) - si->gso_size;

	sh->remaining = cpu_to_be16(be16_to_cpu(sh->remaining) - merged);
	si->gso_type |= SCLP_GSO_TYPE;
	si->gso_segs = NAPI_GRO_CB(skb)->count;
	if (gro_held_has_sum(skb, nhoff, sh)) {
		sclp_sum_owe(skb, sh);
	} else {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = 0;
	}
	if (skb->encapsulation)
		skb_set_inner_transport_header(skb, nhoff + SCLP_HLEN);
	if (NAPI_GRO_CB(skb)->is_fou) {
		skb_set_inner_mac_header(skb, nhoff);
		skb_set_inner_network_header(skb, nhoff);
		skb_set_inner_ipproto(skb, gro_proto);
	} else if (skb->protocol == htons(ETH_P_IP) && sclp_gro_fixed_id(skb)) {
		si->gso_type |= SKB_GSO_TCP_FIXEDID;
	}
	return 0;
}

static struct sk_buff *sclp_gro_receive(struct list_head *head, struct sk_buff *skb)
{
	return gro_receive(head, skb, false);
}

struct sk_buff *sclp_gro_receive_udp(struct sock *sk, struct list_head *head, struct sk_buff *skb)
{
	NAPI_GRO_CB(skb)->is_fou = 1; /* an outer UDP header stands before, as for foo-over-udp */
	return gro_receive(head, skb, true);
}

int sclp_gro_complete_udp(struct sock *sk, struct sk_buff *skb, int nhoff)
{
	return sclp_gro_complete(skb, nhoff);
}

static const struct net_offload sclp_offload = {
	.callbacks = {
		.gso_segment = sclp_gso_segment,
		.gro_receive = sclp_gro_receive,
		.gro_complete = sclp_gro_complete,
	},
};

int sclp_offload_register(u8 proto)
{
	int err = inet_add_offload(&sclp_offload, proto);

	if (err)
		return err;
	err = inet6_add_offload(&sclp_offload, proto);
	if (err) {
		inet_del_offload(&sclp_offload, proto);
		return err;
	}
	gro_proto = proto;
	return 0;
}

/* What is held still needs gro_complete: nothing new is held, and what is gets time to leave. */
void sclp_offload_unregister(u8 proto)
{
	WRITE_ONCE(gro_stopping, true);
	synchronize_net();
	msleep(GRO_HELD_MS);
	inet6_del_offload(&sclp_offload, proto);
	inet_del_offload(&sclp_offload, proto);
}
