// SPDX-License-Identifier: GPL-2.0
/*
 * The first segment of a flow's last frame, once more.
 *
 * A super-frame that loses its first segment is lost whole.  What comes behind it tells the sender
 * inside within a round trip; if nothing does, since his window is full or he has no more to send,
 * he stands still for a probe's time-out, tens of milliseconds.  So where packets get lost at all
 * (a retransmission was seen within a second) the first segment of each frame is copied, until the
 * flow's next frame takes its place.  One that stays for a tick or two, of 2 ms, is sent
 * again.  If it was not lost, rcv.c ignores it.
 *
 * Bounds: a packet for each slot; a flow that shares its slot with another loses its turn.  Kept
 * are packets without outer headers, with the route they will take: at most two ticks old, and gone
 * when the device goes down.
 */
#include <linux/skbuff.h>
#include "dev.h"
#include "tx.h"

#define TICK  (2 * NSEC_PER_MSEC)
#define WATCH HZ

struct sclp_tail {
	struct sk_buff *skb; /* NULL: the slot is free */
	struct sclp_route rt;
	__be16 sport;
	bool stale; /* a tick has seen it */
};

static void tail_free(struct sclp_tail *tail)
{
	if (!tail->skb)
		return;
	consume_skb(tail->skb);
	dst_release(tail->rt.dst);
	tail->skb = NULL;
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

void sclp_tail_keep(
	struct sclp_dev *sd, struct sk_buff *first, const struct sclp_route *rt, __be16 sport)
{
	struct sclp_tail old = { .skb = first, .rt = *rt }, *tail;
	struct sclp_tails *tails = &sd->tails;

	spin_lock(&tails->lock);
	tail = tails->dead ? NULL : slot_of(tails, first->hash);
	if (tail) {
		old = *tail;
		*tail = (struct sclp_tail){ .skb = first, .rt = *rt, .sport = sport };
		if (!tails->ticking) {
			tails->ticking = true;
			hrtimer_start(&tails->tick, ns_to_ktime(TICK), HRTIMER_MODE_REL_SOFT);
		}
	}
	spin_unlock(&tails->lock);
	tail_free(&old);
}

/* Under the lock: the next of those that a tick has seen before, from slot *i on. */
static bool take_stale(struct sclp_tails *tails, unsigned int *i, struct sclp_tail *out)
{
	for (; *i < SCLP_TAILS; ++*i) {
		struct sclp_tail *tail = tails->slots[*i];

		if (!tail || !tail->skb)
			continue;
		if (tail->stale) {
			*out = *tail;
			tail->skb = NULL;
			return true;
		}
		tail->stale = true;
	}
	return false;
}

/* Under the lock. */
static bool keeps_any(const struct sclp_tails *tails)
{
	unsigned int i;

	for (i = 0; i < SCLP_TAILS; i++) {
		if (tails->slots[i] && tails->slots[i]->skb)
			return true;
	}
	return false;
}

static enum hrtimer_restart timer_tick(struct hrtimer *t)
{
	struct sclp_tails *tails = container_of(t, struct sclp_tails, tick);
	struct sclp_dev *sd = container_of(tails, struct sclp_dev, tails);
	struct sclp_tail tail;
	unsigned int i = 0;
	bool again;

	rcu_read_lock();
	spin_lock(&tails->lock);
	while (take_stale(tails, &i, &tail)) {
		spin_unlock(&tails->lock);
		sclp_xmit_again(sd, tail.skb, &tail.rt, tail.sport);
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
