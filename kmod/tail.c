// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of a flow's last frame, once more.
 *
 * A super-frame that loses its first segment is lost whole, and one that loses its last waits at
 * the receiver for what does not come.  What comes behind it tells the sender inside within a round
 * trip; if nothing does, since his window is full or he has no more to send, he stands still for a
 * probe's time-out, tens of milliseconds.  So where packets get lost at all (a retransmission was
 * seen within a second) the first and the last segment of each frame are kept, until the flow's
 * next frame takes their place.  Those that stay for a tick or two, of 2 ms, are sent again.  If
 * none was lost, rcv.c ignores them; if one between them was, the last one has told it.
 *
 * Hardly any is ever sent, so it costs little to keep one: its headers are copied, its payload is
 * referenced, and only a tick makes an skb of it.  Payload that cannot be referenced (in no page,
 * in too many, or a guest's own memory under zero copy) is copied.
 *
 * Bounds: two packets for each slot, and the pages they lie in; a flow that shares its slot with
 * another loses its turn.  Kept is what stands behind the outer headers, with the route it will
 * take: at most two ticks old, and gone when the device goes down.
 */
#include <linux/skbuff.h>
#include "compat.h"
#include "cursor.h"
#include "dev.h"
#include "hdr.h"
#include "tx.h"

#define TICK  (2 * NSEC_PER_MSEC)
#define WATCH HZ

#define TAIL_HEAD  192u /* SCLP, VXLAN and the headers inside fit, without many options */
#define TAIL_FRAGS 4

/* A segment: bytes of our own, then fragments. */
struct tail_seg {
	u16 head_len; /* 0: not kept */
	u8 n_frags;
	skb_frag_t frags[TAIL_FRAGS];
	u8 head[TAIL_HEAD];
};

struct sclp_tail {
	bool used;
	bool stale; /* a tick has seen it */
	bool l4_hash;
	__be16 sport, protocol;
	u32 hash, priority, mark;
	unsigned int room; /* for outer headers */
	struct sclp_route rt;
	struct tail_seg first, last;
};

static void seg_free(struct tail_seg *seg)
{
	unsigned int i;

	for (i = 0; i < seg->n_frags; i++)
		put_page(skb_frag_page(&seg->frags[i]));
	seg->n_frags = 0;
	seg->head_len = 0;
}

static void tail_free(struct sclp_tail *tail)
{
	if (!tail->used)
		return;
	seg_free(&tail->first);
	seg_free(&tail->last);
	dst_release(tail->rt.dst);
	tail->used = false;
}

/* Puts @n bytes of @skb, from @off on, into a page of our own. */
static bool seg_copy(
	struct tail_seg *seg, const struct sk_buff *skb, unsigned int off, unsigned int n)
{
	struct page *page = alloc_pages(GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN, get_order(n));

	if (!page)
		return false;
	skb_copy_bits(skb, off, page_address(page), n); /* it has as many */
	sclp_frag_fill(&seg->frags[0], page, 0, n);
	seg->n_frags = 1;
	return true;
}

/* References the @n bytes of @skb from @at on.  False: cannot be, nothing is held. */
static bool seg_reference(
	struct tail_seg *seg, struct sk_buff *skb, struct sclp_cursor *at, unsigned int n)
{
	u8 shared = 0; /* seg_skb() says so in any case */
	int k;

	if (n && (skb_zcopy(skb) || skb_has_frag_list(skb))) /* or a member's is zero copy */
		return false;
	k = sclp_cursor_take(at, seg->frags, TAIL_FRAGS, n, &shared);
	if (k < 0)
		return false;
	seg->n_frags = k;
	return true;
}

/* Under the lock: @n bytes of the payload of @skb, from @off on, as a segment. */
static void seg_fill(struct tail_seg *seg, struct sk_buff *skb, unsigned int off, unsigned int n)
{
	struct sclp_cursor at = { .skb = skb, .frag = -1, .off = SCLP_HLEN };
	struct sclp_hdr *sh = (struct sclp_hdr *)seg->head;
	unsigned int copied = 0;

	*sh = *(const struct sclp_hdr *)skb->data;
	sh->id_first = sclp_hdr_make_id(sclp_hdr_id(sh), off == 0);
	sh->remaining = cpu_to_be16(skb->len - SCLP_HLEN - off - n);
	sclp_cursor_skip(&at, off);
	if (sclp_cursor_settle(&at)) {
		copied = min3(sclp_cursor_linear(&at), n, TAIL_HEAD - SCLP_HLEN);
		memcpy(sh + 1, at.skb->data + at.off, copied);
		at.off += copied;
	}
	seg->head_len = SCLP_HLEN + copied;
	if (!seg_reference(seg, skb, &at, n - copied) &&
		!seg_copy(seg, skb, SCLP_HLEN + off + copied, n - copied))
		seg->head_len = 0;
}

/* Under the lock: the skb, and what it holds is that one's.  NULL: not kept, or no memory. */
static struct sk_buff *seg_skb(
	const struct sclp_tail *tail, struct tail_seg *seg, struct sclp_dev *sd)
{
	struct sk_buff *skb;
	unsigned int i;

	if (!seg->head_len)
		return NULL;
	skb = alloc_skb(tail->room + seg->head_len, GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, tail->room);
	skb_put_data(skb, seg->head, seg->head_len);
	for (i = 0; i < seg->n_frags; i++) {
		const skb_frag_t *frag = &seg->frags[i];

		skb_add_rx_frag(skb, i, skb_frag_page(frag), skb_frag_off(frag),
			skb_frag_size(frag), skb_frag_size(frag));
	}
	seg->n_frags = 0;
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	__skb_set_sw_hash(skb, tail->hash, tail->l4_hash);
	skb->dev = sd->dev;
	skb->protocol = tail->protocol;
	skb->priority = tail->priority;
	skb->mark = tail->mark;
	return skb;
}

void sclp_tails_watch(struct sclp_tails *tails)
{
	WRITE_ONCE(tails->until, (jiffies + WATCH) | 1);
}

bool sclp_tails_watched(const struct sclp_tails *tails)
{
	const unsigned long until = READ_ONCE(tails->until);

	return until && time_before(jiffies, until);
}

/* Under the lock. */
static struct sclp_tail *slot_of(struct sclp_tails *tails, u32 hash)
{
	struct sclp_tail **slot = &tails->slots[hash % SCLP_TAILS];

	if (!*slot)
		*slot = kzalloc(sizeof(**slot), GFP_ATOMIC);
	return *slot;
}

void sclp_tail_keep(struct sclp_dev *sd, struct sk_buff *skb, unsigned int plen, unsigned int room,
	const struct sclp_route *rt, __be16 sport)
{
	const unsigned int len = skb->len - SCLP_HLEN, last = rounddown(len - 1, plen);
	struct sclp_tails *tails = &sd->tails;
	struct sclp_tail *tail;

	spin_lock(&tails->lock);
	tail = tails->dead ? NULL : slot_of(tails, skb->hash);
	if (!tail)
		goto unlock;
	tail_free(tail);
	seg_fill(&tail->first, skb, 0, plen);
	seg_fill(&tail->last, skb, last, len - last);
	dst_hold(rt->dst);
	tail->used = true;
	tail->stale = false;
	tail->rt = *rt;
	tail->sport = sport;
	tail->room = room;
	tail->hash = skb->hash;
	tail->l4_hash = skb->l4_hash;
	tail->protocol = skb->protocol;
	tail->priority = skb->priority;
	tail->mark = skb->mark;
	if (!tails->ticking) {
		tails->ticking = true;
		hrtimer_start(&tails->tick, ns_to_ktime(TICK), HRTIMER_MODE_REL_SOFT);
	}
unlock:
	spin_unlock(&tails->lock);
}

/* What is to be sent of a slot. */
struct stale {
	struct sk_buff *first, *last; /* may be NULL; each with a reference to the route */
	struct sclp_route rt;
	__be16 sport;
};

/* Under the lock: the segments of slot @i, if a tick has seen it before. */
static void take_stale(struct sclp_dev *sd, unsigned int i, struct stale *out)
{
	struct sclp_tail *tail = sd->tails.slots[i];

	out->first = NULL;
	out->last = NULL;
	if (!tail || !tail->used)
		return;
	if (!tail->stale) {
		tail->stale = true;
		return;
	}
	out->rt = tail->rt;
	out->sport = tail->sport;
	out->first = seg_skb(tail, &tail->first, sd);
	out->last = seg_skb(tail, &tail->last, sd);
	if (out->first)
		dst_hold(out->rt.dst);
	if (out->last)
		dst_hold(out->rt.dst);
	tail_free(tail);
}

/* Under the lock. */
static bool keeps_any(const struct sclp_tails *tails)
{
	unsigned int i;

	for (i = 0; i < SCLP_TAILS; i++) {
		if (tails->slots[i] && tails->slots[i]->used)
			return true;
	}
	return false;
}

static enum hrtimer_restart timer_tick(struct hrtimer *t)
{
	struct sclp_tails *tails = container_of(t, struct sclp_tails, tick);
	struct sclp_dev *sd = container_of(tails, struct sclp_dev, tails);
	struct stale stale;
	unsigned int i;
	bool again;

	rcu_read_lock();
	spin_lock(&tails->lock);
	for (i = 0; i < SCLP_TAILS; i++) {
		take_stale(sd, i, &stale);
		if (!stale.first && !stale.last)
			continue;
		spin_unlock(&tails->lock);
		if (stale.first)
			sclp_xmit_again(sd, stale.first, &stale.rt, stale.sport);
		if (stale.last)
			sclp_xmit_again(sd, stale.last, &stale.rt, stale.sport);
		spin_lock(&tails->lock);
	}
	again = keeps_any(tails);
	tails->ticking = again; /* if not, whoever keeps the next one starts it */
	spin_unlock(&tails->lock);
	rcu_read_unlock();
	if (!again)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, ns_to_ktime(TICK));
	return HRTIMER_RESTART;
}

void sclp_tails_init(struct sclp_dev *sd)
{
	struct sclp_tails *tails = &sd->tails;

	spin_lock_init(&tails->lock);
	tails->dead = true;
	hrtimer_init(&tails->tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	tails->tick.function = timer_tick;
}

void sclp_tails_start(struct sclp_dev *sd)
{
	spin_lock_bh(&sd->tails.lock);
	sd->tails.dead = false;
	spin_unlock_bh(&sd->tails.lock);
}

void sclp_tails_stop(struct sclp_dev *sd)
{
	struct sclp_tails *tails = &sd->tails;
	unsigned int i;

	spin_lock_bh(&tails->lock);
	tails->dead = true;
	for (i = 0; i < SCLP_TAILS; i++) {
		if (tails->slots[i])
			tail_free(tails->slots[i]);
		kfree(tails->slots[i]);
		tails->slots[i] = NULL;
	}
	spin_unlock_bh(&tails->lock);
	hrtimer_cancel(&tails->tick);
	tails->ticking = false;
}
