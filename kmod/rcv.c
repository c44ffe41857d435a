// SPDX-License-Identifier: GPL-2.0
/*
 * In: what a carrier hands over is checked; whole frames go straight on, others wait in reasm.c;
 * then VXLAN comes off, the VNI finds the device, and the metadata becomes the frame's own.
 *
 * Up to the VXLAN header no device is known and drops are counted for the namespace.
 */
#include <linux/jhash.h>
#include <net/ipv6.h>
#include <net/vxlan.h>
#include <sclp.h>
#include "hdr.h"
#include "reasm.h"
#include "tx.h"

/* Are the bytes those that were sent?  A sum that is still owed is right; that is also how GRO says
 * that it has verified each segment it merged.
 */
static enum sclp_drop check_sum(struct sk_buff *skb, const struct sclp_rx *rx)
{
	const struct sclp_hdr *sh = (const struct sclp_hdr *)skb->data;

	if (rx->csum_ok || sclp_sum_is_owed(skb, 0))
		return SCLP_N_DROP;
	if (!sh->check)
		return READ_ONCE(rx->sn->limits.allow_no_csum) ? SCLP_N_DROP : SCLP_DROP_RX_NO_CSUM;
	return skb_checksum_simple_validate(skb) ? SCLP_DROP_RX_CSUM : SCLP_N_DROP;
}

static void read_seg(const struct sk_buff *skb, struct sclp_seg *seg)
{
	const struct sclp_hdr *sh = (const struct sclp_hdr *)skb->data;
	const struct skb_shared_info *si = skb_shinfo(skb);
	const u32 plen = skb->len - SCLP_HLEN;
	/* others, a guest with a packet of its own making, may mean anything by it */
	const u32 size = si->gso_type & SKB_GSO_SCTP ? si->gso_size : 0;

	seg->source = sh->source;
	seg->dest = sh->dest;
	seg->id = sclp_hdr_id(sh);
	seg->first = sclp_hdr_is_first(sh);
	seg->start = sclp_hdr_from_end(sh, plen);
	seg->end = seg->start - plen;
	seg->plen = size && size < plen ? size : plen;
	seg->n_segs = DIV_ROUND_UP(plen, seg->plen);
}

/*
 * Segments come twice where packets get lost, the second time behind the frame (again.c, tail.c).
 * Frames that waited in reasm.c are remembered there; those that came whole, and never saw it, by a
 * word: their number, and 31 bits of who sent it, so that none is taken for another.
 */
static u64 whole_word(const struct sclp_seg *seg, const struct sclp_rx *rx)
{
	const u32 addr = rx->saddr.family == AF_INET6 ? ipv6_addr_hash(&rx->saddr.v6)
						      : (__force u32)rx->saddr.v4;

	return (u64)seg->id << 32 | jhash_2words(addr, (__force u16)seg->source, rx->sn->seed) | 1;
}

static u64 *whole_slot(const struct sclp_seg *seg, const struct sclp_rx *rx)
{
	return &rx->sn->wholes[seg->id % SCLP_WHOLES];
}

static bool came_whole(const struct sclp_seg *seg, const struct sclp_rx *rx)
{
	return READ_ONCE(*whole_slot(seg, rx)) == whole_word(seg, rx);
}

static void set_whole(const struct sclp_seg *seg, const struct sclp_rx *rx)
{
	WRITE_ONCE(*whole_slot(seg, rx), whole_word(seg, rx));
}

void sclp_rcv(struct sk_buff *skb, struct sclp_rx *rx)
{
	enum sclp_drop why;
	struct sclp_seg seg;

	if (skb->len <= SCLP_HLEN || !pskb_may_pull(skb, SCLP_HLEN)) {
		sclp_drop(rx->sn->stats, skb, SCLP_DROP_RX_TRUNCATED);
		return;
	}
	why = check_sum(skb, rx);
	if (why != SCLP_N_DROP) {
		sclp_drop(rx->sn->stats, skb, why);
		return;
	}
	read_seg(skb, &seg);
	if (!sclp_dev_takes_port(rx->sn, seg.dest)) {
		sclp_drop(rx->sn->stats, skb, SCLP_DROP_RX_NO_PORT);
		return;
	}
	sclp_stats_event(rx->sn->stats, SCLP_EV_RX_SEGMENTS, seg.n_segs);
	__skb_pull(skb, SCLP_HLEN);
	if (sclp_seg_is_whole(&seg)) {
		if (seg.n_segs > 1)
			set_whole(&seg, rx);
	} else if (came_whole(&seg, rx)) {
		sclp_stats_event(rx->sn->stats, SCLP_EV_RX_REPEATED, seg.n_segs);
		consume_skb(skb);
		return;
	}
	if (!sclp_seg_is_whole(&seg) || sclp_reasm_busy(rx->sn)) {
		sclp_reasm_add(skb, &seg, rx);
		return;
	}
	sclp_stats_event(rx->sn->stats, SCLP_EV_RX_WHOLE, 1);
	sclp_rcv_frame(skb, rx);
}

enum sclp_source sclp_rcv_source(const struct sclp_rx *rx)
{
	if (sclp_peers_have(&rx->sn->peers[rx->carrier], &rx->saddr))
		return SCLP_SOURCE_CONFIGURED;
	return READ_ONCE(rx->sn->n_open[rx->carrier]) ? SCLP_SOURCE_STRANGER : SCLP_SOURCE_REFUSED;
}

/* The device that a frame is for, its VXLAN header checked; NULL: none, *why. */
static struct sclp_dev *find_device(
	const struct sk_buff *skb, struct sclp_rx *rx, enum sclp_drop *why)
{
	const struct vxlanhdr *vh = (const struct vxlanhdr *)skb->data;
	struct sclp_dev *sd;

	*why = SCLP_DROP_RX_VXLAN_BAD;
	if (!(vh->vx_flags & VXLAN_HF_VNI))
		return NULL;
	*why = SCLP_DROP_RX_NO_VNI;
	rx->vni = be32_to_cpu(vxlan_vni(vh->vx_vni));
	sd = sclp_dev_lookup(rx->sn, rx->vni, rx->carrier);
	if (!sd)
		return NULL;
	*why = SCLP_DROP_RX_NO_REMOTE;
	return READ_ONCE(sd->conf.flags) & SCLP_F_OPEN || sclp_dev_has_remote(sd, &rx->saddr)
		       ? sd
		       : NULL;
}

/* @flags: of the VXLAN header. */
static int set_debts(struct sk_buff *skb, const struct sclp_dev *sd, u32 flags)
{
	if (flags & SCLP_META_VXLAN_FLAG << 24)
		return sclp_meta_give(skb, flags & 0xffffff);
	return sclp_meta_derive(skb, READ_ONCE(sd->dev->mtu));
}

void sclp_rcv_frame(struct sk_buff *skb, struct sclp_rx *rx)
{
	struct sclp_dev *sd;
	enum sclp_drop why;
	u32 flags;
	int err;

	if (!pskb_may_pull(skb, sizeof(struct vxlanhdr) + ETH_HLEN)) {
		sclp_drop(rx->sn->stats, skb, SCLP_DROP_RX_VXLAN_BAD);
		return;
	}
	sd = find_device(skb, rx, &why);
	if (!sd) {
		sclp_drop(rx->sn->stats, skb, why);
		return;
	}
	flags = be32_to_cpu(((const struct vxlanhdr *)skb->data)->vx_flags);
	__skb_pull(skb, sizeof(struct vxlanhdr));
	err = sclp_join_settle(&skb) ?: set_debts(skb, sd, flags);
	if (err)
		sclp_drop(sd->stats, skb,
			err == -ENOMEM ? SCLP_DROP_RX_NO_MEMORY : SCLP_DROP_RX_META_BAD);
	else
		sclp_dev_rcv(sd, skb, rx);
}
