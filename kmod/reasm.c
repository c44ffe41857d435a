// SPDX-License-Identifier: GPL-2.0
/*
 * Level 2: frames out of segments that come in any order.
 *
 * Theory of operation
 *
 * A live frame is a list of disjoint pieces from its start to its end, each an skb.  Positions
 * count from the frame's end (remaining + payload), so a piece has its place before the first
 * segment is there.  A piece is one segment, or a run of them that GRO merged; it remembers how
 * long they were, so that what was sent can be told apart: a segment that arrives twice is ignored,
 * one that covers bytes of another in any other way makes the whole frame invalid (RFC 5722:
 * whoever mixes overlapping pieces may be deceived; none of them is trusted).  A run that touches
 * held bytes is taken apart and comes again segment by segment.  A run that is the whole frame is
 * delivered, and none of what was held.
 *
 * The end of a frame is exactly one of
 *   done      all bytes are there: delivered as one skb
 *   replaced  it came whole after all, in one run
 *   invalid   dropped whole, counted once
 *   given up  its time is over, later frames of its flow overtook it, or a bound was reached:
 *             what can be delivered of it is (recover.c), counted once
 * and each is remembered for a time-out, so that late segments do not begin it again.
 *
 * When to give up.  A frame of which only the whole is of use waits for its time-out, or until
 * later frames of its flow, of `reorder` segments together, have been completed: that is how far a
 * packet may be late.  A TCP super-frame, of which every part is of use, does not wait for what is
 * missing once there is a sign that something is: its last segment, or one of a later frame.  The
 * sender inside has not much more in flight than what is held here; what he is not told of he sends
 * again, or stands still for.  If there is no such sign since it was the end that got lost, a tick
 * (4 ms, or a jiffy) gives it up: the second one since its last segment came, so that a machine
 * that stood still does not take what waits in its queues for lost.  And if a missing segment turns
 * out to have been late, frames of its flow are given `reorder` segments, or those ticks, for a
 * while.
 *
 * Bounds: frames of one remote (it gives up its own oldest), frames in all and memory in all (the
 * remote that holds most gives up its oldest), segments of a frame (which bounds the walk to a
 * piece's place), frames looked at when one is completed.  Nothing here depends on how many
 * segments came before: a flood costs a constant time for each segment.
 *
 * Threads: any CPU's softirq adds, the timer expires.  One lock for a namespace, held while lists
 * change; frames that ended are joined, recovered and delivered without it.  Frames that come whole
 * never see it unless others are incomplete.
 */
#include <net/inet_ecn.h>
#include "compat.h"
#include "reasm.h"

#define BUCKET_LOOK    64 /* at frames of a flow, and of others in its bucket */
#define EXPIRE_AT_ONCE 64 /* frames, between which others have a chance at the lock */
#define EXPIRE_ROUNDS  16 /* before others have one at the CPU */
/* TCP's own probes come after two jiffies, and a sender that is a process may lose its processor
 * for one.
 */
#define TICK max_t(u64, 4 * NSEC_PER_MSEC, TICK_NSEC)

static const struct sclp_limits *limits(const struct sclp_reasm *r)
{
	return &r->sn->limits;
}

/* ---- under the lock ---- */

static void give_up(struct sclp_reasm *r, struct sclp_frame *f, enum sclp_drop why)
{
	sclp_frame_end(r, f, SCLP_FRAME_GIVEN_UP, why);
}

static struct sclp_frame *oldest(struct sclp_remote *remote)
{
	return list_first_entry(&remote->frames, struct sclp_frame, remote_link);
}

/* Room for one more frame of @remote, which is gone when its last frame is. */
static void bound_remote(struct sclp_reasm *r, struct sclp_remote *remote)
{
	const u32 max = READ_ONCE(limits(r)->reasm_max_frames_remote);
	u32 n;

	if (remote->n_frames < max)
		return;
	/* more than one if the bound was lowered */
	for (n = remote->n_frames - max + 1; n; n--)
		give_up(r, oldest(remote), SCLP_DROP_REASM_REMOTE_BOUND);
}

static void bound_frames(struct sclp_reasm *r)
{
	const u32 max = READ_ONCE(limits(r)->reasm_max_frames);

	while (r->n_live >= max)
		give_up(r, oldest(sclp_remote_top(r, SCLP_SHARE_FRAMES)), SCLP_DROP_REASM_BOUND);
}

static void bound_bytes(struct sclp_reasm *r)
{
	const u64 max = (u64)READ_ONCE(limits(r)->reasm_max_kib) << 10;

	while (r->n_bytes > max)
		give_up(r, oldest(sclp_remote_top(r, SCLP_SHARE_BYTES)),
			SCLP_DROP_REASM_MEMORY_BOUND);
}

/* Is @f an earlier frame of the same flow? */
static bool is_before(const struct sclp_frame *f, const struct sclp_frame_name *name)
{
	const u32 ahead = (name->id - f->id) & 0x7fffffff;

	return ahead && ahead < 0x40000000 && sclp_flow_same(&f->key, &name->key);
}

/* A frame of @n_segs segments is complete: those before it in its flow that have waited long enough
 * are given up. Soon, or the sender inside has sent all of a frame again before what arrived of it
 * gets through.
 */
static void overtake(struct sclp_reasm *r, const struct sclp_frame_name *name, u32 n_segs)
{
	const u32 reorder = READ_ONCE(limits(r)->reorder);
	unsigned int n_looked = 0;
	struct sclp_frame *f, *next;

	if (!reorder)
		return;
	list_for_each_entry_safe(f, next, sclp_flow_bucket(r, name->flow_hash), flow_link) {
		if (n_looked++ == BUCKET_LOOK)
			break;
		if (!is_before(f, name))
			continue;
		f->n_overtaken += n_segs;
		if (f->n_overtaken >= reorder)
			give_up(r, f, SCLP_DROP_REASM_OVERTAKEN);
	}
}

/* A frame begins: those before it in its flow of which any part can be delivered wait no longer. */
static void pass_by(struct sclp_reasm *r, const struct sclp_frame_name *name)
{
	struct sclp_frame *f, *next;
	unsigned int n_looked = 0;

	if (sclp_flow_is_reordered(r, name->flow_hash))
		return;
	list_for_each_entry_safe(f, next, sclp_flow_bucket(r, name->flow_hash), flow_link) {
		if (n_looked++ == BUCKET_LOOK)
			break;
		if (f->parts && is_before(f, name))
			give_up(r, f, SCLP_DROP_REASM_OVERTAKEN);
	}
}

enum fit {
	FIT_FREE,     /* no byte of it is held */
	FIT_OVERLAPS, /* *held holds bytes of it */
	FIT_INVALID,  /* contradicts the frame's length */
};

/* Where does @seg belong?  *before: the piece in front of it, NULL at the start of the frame. */
static enum fit find_place(const struct sclp_frame *f, const struct sclp_seg *seg,
	struct sk_buff **before, struct sk_buff **held)
{
	struct sk_buff *head = skb_peek(&f->pieces), *p, *next;

	if (seg->first) {
		if (f->len ? f->len != seg->start : head && sclp_piece(head)->start > seg->start)
			return FIT_INVALID;
	} else if (seg->start > (f->len ? f->len : U16_MAX)) {
		return FIT_INVALID;
	}
	*before = NULL;
	/* from the end: in order, which is usual, the first look finds it */
	skb_queue_reverse_walk(&f->pieces, p) {
		if (sclp_piece(p)->end >= seg->start) {
			*before = p;
			break;
		}
	}
	next = *before ? skb_peek_next(*before, &f->pieces) : head;
	*held = next;
	return next && sclp_piece(next)->start > seg->end ? FIT_OVERLAPS : FIT_FREE;
}

/* Is @seg one of the segments that @p was made of? */
static bool is_duplicate(const struct sclp_piece *p, const struct sclp_seg *seg)
{
	u32 end;

	if (seg->start > p->start || (p->start - seg->start) % p->plen || seg->start <= p->end)
		return false;
	end = seg->start - p->end > p->plen ? seg->start - p->plen : p->end;
	return seg->end == end && seg->first == (p->first && seg->start == p->start);
}

static void invalidate(struct sclp_reasm *r, struct sclp_frame *f, struct sk_buff *skb)
{
	__skb_queue_tail(&f->pieces, skb); /* goes the way of the others */
	sclp_frame_end(r, f, SCLP_FRAME_INVALID, SCLP_DROP_REASM_INVALID);
}

static struct sclp_seg nth_segment(const struct sclp_seg *run, u16 i)
{
	struct sclp_seg seg = *run;

	seg.start -= i * run->plen;
	seg.first = run->first && i == 0;
	seg.n_segs = 1;
	if (i + 1 < run->n_segs)
		seg.end = seg.start - run->plen;
	seg.plen = seg.start - seg.end;
	return seg;
}

static void take_one(struct sclp_reasm *r, struct sk_buff *skb, const struct sclp_seg *seg,
	const struct sclp_rx *rx, enum sclp_source source)
{
	enum sclp_drop why = SCLP_DROP_RX_NO_MEMORY;
	enum sclp_kept kept = sclp_reasm_run(r, skb, seg, rx, source, &why);

	if (unlikely(kept == SCLP_ASK)) /* its frame has ended meanwhile */
		kept = sclp_reasm_run(r, skb, seg, rx, sclp_rcv_source(rx), &why);
	switch (kept) {
	case SCLP_KEPT:
		break;
	case SCLP_REPEATED:
		sclp_stats_event(r->sn->stats, SCLP_EV_RX_REPEATED, seg->n_segs);
		consume_skb(skb);
		break;
	default:
		sclp_drop(r->sn->stats, skb, why);
	}
}

/* A run of which some bytes are held: each of its segments finds out for itself. */
static void take_apart(struct sclp_reasm *r, struct sk_buff *skb, const struct sclp_seg *run,
	const struct sclp_rx *rx, enum sclp_source source)
{
	u16 i;

	for (i = 0; i < run->n_segs; i++) {
		const struct sclp_seg seg = nth_segment(run, i);
		struct sk_buff *one;

		one = pskb_extract(skb, run->start - seg.start, seg.plen, GFP_ATOMIC);
		if (!one) {
			sclp_stats_drop(r->sn->stats, SCLP_DROP_RX_NO_MEMORY);
		} else {
			/* not that of the whole run, which it was cloned from */
			one->truesize = SKB_TRUESIZE(skb_end_offset(one)) + one->data_len;
			take_one(r, one, &seg, rx, source);
		}
		sclp_recipe_put(r->late); /* not worth the trouble */
		r->late = NULL;
	}
}

/* @skb has a place of its own. */
static void insert(struct sclp_reasm *r, struct sclp_frame *f, const struct sclp_frame_name *name,
	struct sk_buff *before, struct sk_buff *skb, const struct sclp_seg *seg)
{
	if (f->n_segs + seg->n_segs > SCLP_SEGS_MAX) {
		invalidate(r, f, skb);
		return;
	}
	sclp_frame_hold(r, f, before, skb, seg);
	if (f->len && f->n_have == f->len) {
		overtake(r, name, f->n_segs);
		sclp_frame_end(r, f, SCLP_FRAME_DONE, SCLP_N_DROP);
	} else if (f->parts && !sclp_piece(skb_peek_tail(&f->pieces))->end &&
		   !sclp_flow_is_reordered(r, name->flow_hash)) {
		give_up(r, f, SCLP_DROP_REASM_OVERTAKEN);
	}
	bound_bytes(r);
}

/* What becomes of @seg, whose frame is not live; *f: it has begun. */
static enum sclp_kept begin(struct sclp_reasm *r, const struct sclp_seg *seg,
	const struct sclp_rx *rx, enum sclp_source source, const struct sclp_frame_name *name,
	struct sclp_frame **f, enum sclp_drop *why)
{
	const enum sclp_frame_end past = sclp_past_find(r, name->sig);
	struct sclp_remote *remote;

	if (past == SCLP_FRAME_DONE)
		return SCLP_REPEATED;
	if (past != SCLP_FRAME_FORGET) {
		*why = SCLP_DROP_REASM_LATE;
		r->late = sclp_past_recipe(r, name->sig);
		if (r->late && sclp_recipe_had(r->late, seg)) {
			sclp_recipe_put(r->late);
			r->late = NULL;
			return SCLP_REPEATED;
		}
		/* the ends of a frame are sent again a moment later (tail.c): not late */
		if (past == SCLP_FRAME_GIVEN_UP && !seg->first && (seg->end || seg->n_segs > 1))
			sclp_flow_set_reordered(r, name->flow_hash);
		return r->late ? SCLP_PART : SCLP_REFUSED;
	}
	pass_by(r, name);
	if (sclp_seg_is_whole(seg)) {
		overtake(r, name, seg->n_segs);
		return SCLP_PASS;
	}
	if (source == SCLP_SOURCE_UNASKED)
		return SCLP_ASK;
	*why = SCLP_DROP_RX_NO_REMOTE;
	if (source == SCLP_SOURCE_REFUSED)
		return SCLP_REFUSED;

	remote = sclp_remote_find(r, &name->key.saddr, source);
	if (remote)
		bound_remote(r, remote);
	bound_frames(r);
	*why = SCLP_DROP_RX_NO_MEMORY;
	remote = sclp_remote_get(r, &name->key.saddr, source);
	if (!remote)
		return SCLP_REFUSED;
	*f = sclp_frame_add(r, name, remote, rx);
	if (*f)
		return SCLP_KEPT;
	sclp_remote_put(r, remote);
	return SCLP_REFUSED;
}

enum sclp_kept sclp_reasm_run(struct sclp_reasm *r, struct sk_buff *skb, const struct sclp_seg *seg,
	const struct sclp_rx *rx, enum sclp_source source, enum sclp_drop *why)
{
	struct sclp_frame_name name;
	struct sk_buff *before, *held;
	struct sclp_frame *f;
	enum sclp_kept kept;

	sclp_frame_name(r, seg, rx, &name);
	f = sclp_frame_find(r, &name);
	if (!f) {
		kept = begin(r, seg, rx, source, &name, &f, why);
		if (kept != SCLP_KEPT)
			return kept;
	}
	if (INET_ECN_is_ce(rx->tos))
		f->rx.tos |= INET_ECN_CE;

	switch (find_place(f, seg, &before, &held)) {
	case FIT_FREE:
		insert(r, f, &name, before, skb, seg);
		return SCLP_KEPT;
	case FIT_OVERLAPS:
		if (sclp_seg_is_whole(seg)) {
			overtake(r, &name, seg->n_segs);
			sclp_frame_end(r, f, SCLP_FRAME_REPLACED, SCLP_N_DROP);
			return SCLP_PASS;
		}
		if (seg->n_segs > SCLP_SEGS_MAX)
			break;
		if (seg->n_segs > 1) {
			take_apart(r, skb, seg, rx, source);
			return SCLP_SPENT;
		}
		if (is_duplicate(sclp_piece(held), seg))
			return SCLP_REPEATED;
		break;
	case FIT_INVALID:
		break;
	}
	invalidate(r, f, skb);
	return SCLP_KEPT;
}

void sclp_reasm_expire(struct sclp_reasm *r, unsigned int max)
{
	const unsigned long timeout = sclp_reasm_timeout(r);

	/* one time-out for all: the oldest is the first to go */
	while (r->n_live && max--) {
		struct sclp_frame *f = list_first_entry(&r->live, struct sclp_frame, age_link);

		if (time_before(r->now, f->since + timeout))
			break;
		give_up(r, f, SCLP_DROP_REASM_TIMEOUT);
	}
}

void sclp_reasm_tick(struct sclp_reasm *r, unsigned int max)
{
	while (!list_empty(&r->stale) && max--)
		give_up(r, list_first_entry(&r->stale, struct sclp_frame, hold_link),
			SCLP_DROP_REASM_TIMEOUT);
	if (list_empty(&r->stale))
		list_splice_init(&r->fresh, &r->stale);
}

/* ---- without the lock ---- */

static struct sk_buff *join_all(struct sk_buff_head *pieces)
{
	struct sk_buff *head = __skb_dequeue(pieces), *tail, *skb;

	if (sclp_join_begin(&head, &tail))
		goto no_memory;
	while ((skb = __skb_dequeue(pieces))) {
		if (sclp_join(head, &tail, skb))
			goto no_memory;
	}
	return head;

no_memory:
	kfree_skb(head);
	return NULL;
}

void sclp_reasm_finish(struct sclp_reasm *r, struct sclp_frame *f, struct sk_buff_head *out)
{
	struct sclp_stats __percpu *stats = r->sn->stats;
	struct sclp_recipe *recipe;
	struct sk_buff *skb;
	unsigned int n;

	switch (f->how) {
	case SCLP_FRAME_DONE:
		skb = join_all(&f->pieces);
		if (skb) {
			sclp_stats_event(stats, SCLP_EV_REASM_DONE, 1);
			__skb_queue_tail(out, skb);
		} else {
			sclp_stats_drop(stats, SCLP_DROP_RX_NO_MEMORY);
		}
		break;
	case SCLP_FRAME_GIVEN_UP:
		sclp_stats_drop(stats, f->why);
		if (!READ_ONCE(limits(r)->recover))
			break;
		n = sclp_recover(&f->pieces, f->len, out, &recipe);
		if (recipe) {
			spin_lock_bh(&r->lock);
			sclp_past_set_recipe(r, f->sig, recipe);
			spin_unlock_bh(&r->lock);
		}
		if (n) {
			sclp_stats_event(stats, SCLP_EV_REASM_RECOVERED, 1);
			sclp_stats_event(stats, SCLP_EV_REASM_PARTS, n);
		}
		break;
	case SCLP_FRAME_REPLACED:
		sclp_stats_event(stats, SCLP_EV_RX_REPEATED, f->n_segs);
		break;
	default:
		sclp_stats_drop(stats, f->why);
		break;
	}
	__skb_queue_purge(&f->pieces);
	kfree(f);
}

static void deliver(struct sclp_reasm *r, struct list_head *ended)
{
	struct sclp_frame *f, *next;
	struct sk_buff_head out;
	struct sk_buff *skb;

	__skb_queue_head_init(&out);
	list_for_each_entry_safe(f, next, ended, age_link) {
		struct sclp_rx rx = f->rx; /* f is gone before the frame is delivered */

		sclp_reasm_finish(r, f, &out);
		while ((skb = __skb_dequeue(&out)))
			sclp_rcv_frame(skb, &rx);
	}
}

/* What an skb may not take along when it waits, since it would hold it, or outlive it. */
static void shed(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
}

static bool must_tick(const struct sclp_reasm *r)
{
	return !r->dead && !(list_empty(&r->fresh) && list_empty(&r->stale));
}

/* Before the lock is let go: what has ended is the caller's, and the timers run if anything is
 * live.
 */
static void settle(struct sclp_reasm *r, struct list_head *ended)
{
	const struct sclp_frame *f;

	list_splice_init(&r->ended, ended);
	if (!r->n_live || r->dead)
		return;
	if (!r->ticking && must_tick(r)) {
		r->ticking = true;
		hrtimer_start(&r->tick, ns_to_ktime(TICK), HRTIMER_MODE_REL_SOFT);
	}
	if (timer_pending(&r->timer))
		return;
	f = list_first_entry(&r->live, struct sclp_frame, age_link);
	mod_timer(&r->timer, f->since + sclp_reasm_timeout(r));
}

/* A segment of a frame of which parts were delivered. */
static void deliver_part(const struct sclp_recipe *recipe, struct sk_buff *skb,
	const struct sclp_seg *seg, struct sclp_rx *rx)
{
	struct sk_buff_head out;

	__skb_queue_head_init(&out);
	if (!sclp_recover_late(recipe, skb, seg, &out)) {
		sclp_stats_drop(rx->sn->stats, SCLP_DROP_REASM_LATE);
		return;
	}
	sclp_stats_event(rx->sn->stats, SCLP_EV_REASM_PARTS, 1);
	sclp_rcv_frame(__skb_dequeue(&out), rx);
}

/* Under the lock and without, until it is known what becomes of the segment. */
static enum sclp_kept add(struct sclp_reasm *r, struct sk_buff *skb, const struct sclp_seg *seg,
	const struct sclp_rx *rx, struct list_head *ended, struct sclp_recipe **late,
	enum sclp_drop *why)
{
	enum sclp_source source = SCLP_SOURCE_UNASKED;
	enum sclp_kept kept;

	for (;;) {
		spin_lock_bh(&r->lock);
		r->now = jiffies;
		r->late = NULL;
		kept = r->dead ? SCLP_REFUSED : sclp_reasm_run(r, skb, seg, rx, source, why);
		*late = r->late;
		settle(r, ended);
		spin_unlock_bh(&r->lock);
		if (kept != SCLP_ASK)
			return kept;
		source = sclp_rcv_source(rx);
	}
}

void sclp_reasm_add(struct sk_buff *skb, struct sclp_seg *seg, struct sclp_rx *rx)
{
	struct sclp_reasm *r = rcu_dereference(rx->sn->reasm);
	enum sclp_drop why = SCLP_DROP_REASM_SHUTDOWN;
	enum sclp_kept kept = SCLP_REFUSED;
	struct sclp_recipe *late = NULL;
	LIST_HEAD(ended);

	if (r) {
		shed(skb);
		seg->parts = seg->first && seg->end && READ_ONCE(limits(r)->recover) &&
			     sclp_recover_can(skb, seg->start);
		kept = add(r, skb, seg, rx, &ended, &late, &why);
		deliver(r, &ended);
	}
	switch (kept) {
	case SCLP_PASS:
		sclp_stats_event(rx->sn->stats, SCLP_EV_RX_WHOLE, 1);
		sclp_rcv_frame(skb, rx);
		break;
	case SCLP_PART:
		deliver_part(late, skb, seg, rx);
		break;
	case SCLP_REPEATED:
		sclp_stats_event(rx->sn->stats, SCLP_EV_RX_REPEATED, seg->n_segs);
		fallthrough;
	case SCLP_SPENT:
		consume_skb(skb);
		break;
	case SCLP_KEPT:
		break;
	default:
		sclp_drop(rx->sn->stats, skb, why);
	}
	sclp_recipe_put(late);
}

bool sclp_reasm_busy(const struct sclp_net *sn)
{
	const struct sclp_reasm *r = rcu_dereference(sn->reasm);

	return r && READ_ONCE(r->n_live);
}

static void timer_expire(struct timer_list *t)
{
	struct sclp_reasm *r = from_timer(r, t, timer);
	unsigned int round;

	rcu_read_lock();
	for (round = 0; round < EXPIRE_ROUNDS; round++) {
		LIST_HEAD(ended);

		spin_lock(&r->lock);
		r->now = jiffies;
		sclp_reasm_expire(r, EXPIRE_AT_ONCE);
		settle(r, &ended);
		spin_unlock(&r->lock);
		if (list_empty(&ended))
			break;
		deliver(r, &ended);
	}
	rcu_read_unlock();
}

static enum hrtimer_restart timer_tick(struct hrtimer *t)
{
	struct sclp_reasm *r = container_of(t, struct sclp_reasm, tick);
	LIST_HEAD(ended);
	bool again;

	rcu_read_lock();
	spin_lock(&r->lock);
	r->now = jiffies;
	sclp_reasm_tick(r, EXPIRE_AT_ONCE);
	settle(r, &ended);
	again = must_tick(r);
	r->ticking = again; /* if not, whoever takes the lock next may start it */
	spin_unlock(&r->lock);
	deliver(r, &ended);
	rcu_read_unlock();
	if (!again)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, ns_to_ktime(TICK));
	return HRTIMER_RESTART;
}

/* ---- with the namespace ---- */

struct sclp_reasm *sclp_reasm_create(struct sclp_net *sn)
{
	struct sclp_reasm *r = kvzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	r->sn = sn;
	spin_lock_init(&r->lock);
	timer_setup(&r->timer, timer_expire, 0);
	hrtimer_init(&r->tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	r->tick.function = timer_tick;
	sclp_frames_init(r);
	return r;
}

void sclp_reasm_stop(struct sclp_reasm *r)
{
	struct sclp_frame *f, *next;
	struct sk_buff_head none;
	LIST_HEAD(ended);

	spin_lock_bh(&r->lock);
	r->dead = true;
	list_for_each_entry_safe(f, next, &r->live, age_link)
		sclp_frame_end(r, f, SCLP_FRAME_FORGET, SCLP_DROP_REASM_SHUTDOWN);
	settle(r, &ended);
	spin_unlock_bh(&r->lock);
	del_timer_sync(&r->timer);
	hrtimer_cancel(&r->tick);
	__skb_queue_head_init(&none);
	list_for_each_entry_safe(f, next, &ended, age_link)
		sclp_reasm_finish(r, f, &none);
	sclp_past_forget(r);
}

int sclp_reasm_open(struct sclp_net *sn)
{
	struct sclp_reasm *r = sclp_reasm_create(sn);

	if (!r)
		return -ENOMEM;
	rcu_assign_pointer(sn->reasm, r);
	return 0;
}

void sclp_reasm_close(struct sclp_net *sn)
{
	struct sclp_reasm *r = rcu_dereference_protected(sn->reasm, true);

	RCU_INIT_POINTER(sn->reasm, NULL);
	sclp_reasm_stop(r);
	kvfree_rcu(r, rcu);
}
