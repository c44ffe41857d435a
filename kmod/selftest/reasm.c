// SPDX-License-Identifier: GPL-2.0
/* Level 2: what becomes of segments that arrive in this or that way, and who pays at the bounds. */
#include <linux/random.h>
#include <net/inet_ecn.h>
#include <sclp.h>
#include "lib.h"

#define FRAME 3000 /* bytes of the rows' frame, in segments of 1000 */

/* Bytes [off, off + n) arrive. */
struct arrival {
	u16 off, n;
	u16 plen; /* of a run: its segments' */
	u8 flags;
};

#define LONGER BIT(0) /* claims a frame of 100 bytes more */
#define NOT_F  BIT(1) /* lies about F */
#define CE     BIT(2)
#define LATER  BIT(3) /* a time-out later */

struct row {
	const char *name;
	struct arrival a[8];
	u8 n_whole;  /* times that the frame is delivered */
	u8 n_passed; /* of these: as it came, in one run */
	u8 n_invalid, n_duplicate, n_late, n_timeout;
};

static const struct row rows[] __initconst = {
	{ "in_order", { { 0, 1000 }, { 1000, 1000 }, { 2000, 1000 } }, 1 },
	{ "reverse", { { 2000, 1000 }, { 1000, 1000 }, { 0, 1000 } }, 1 },
	{ "first_last", { { 1000, 1000 }, { 2000, 1000 }, { 0, 1000 } }, 1 },
	{ "middle_last", { { 2000, 1000 }, { 0, 1000 }, { 1000, 1000 } }, 1 },
	{ "unequal_segments", { { 0, 1 }, { 2999, 1 }, { 1, 2998 } }, 1 },
	{ "runs", { { 1000, 2000, 1000 }, { 0, 1000 } }, 1 },
	{ "duplicate_ignored", { { 0, 1000 }, { 0, 1000 }, { 1000, 1000 }, { 2000, 1000 } },
		.n_whole = 1, .n_duplicate = 1 },
	{ "duplicate_of_last", { { 2000, 1000 }, { 2000, 1000 }, { 0, 1000 }, { 1000, 1000 } },
		.n_whole = 1, .n_duplicate = 1 },
	{ "duplicate_of_done", { { 0, 1000 }, { 1000, 2000 }, { 1000, 2000 } }, .n_whole = 1,
		.n_duplicate = 1 },
	{ "duplicate_of_done_is_new_after_a_timeout",
		{ { 0, 1000 }, { 1000, 2000 }, { 0, 1000, 0, LATER }, { 1000, 2000 } },
		.n_whole = 2 },
	{ "duplicate_inside_a_run", { { 1000, 2000, 1000 }, { 2000, 1000 }, { 0, 1000 } },
		.n_whole = 1, .n_duplicate = 1 },
	{ "run_over_a_held_segment", { { 1000, 1000 }, { 0, 2000, 1000 }, { 2000, 1000 } },
		.n_whole = 1, .n_duplicate = 1 },
	{ "whole_over_a_held_segment", { { 1000, 1000 }, { 0, 3000, 1000 } }, .n_whole = 1,
		.n_passed = 1, .n_duplicate = 1 },
	{ "segment_of_one_that_came_whole_after_all",
		{ { 1000, 1000 }, { 0, 3000, 1000 }, { 2000, 1000 }, { 0, 1000 } }, .n_whole = 1,
		.n_passed = 1, .n_duplicate = 3 },
	{ "run_twice", { { 0, 2000, 1000 }, { 0, 2000, 1000 }, { 2000, 1000 } }, .n_whole = 1,
		.n_duplicate = 2 },
	{ "run_cut_elsewhere_kills", { { 0, 1000 }, { 500, 1000, 500 }, { 1000, 1000 } },
		.n_invalid = 1, .n_late = 2 },
	{ "overlap_in_front_kills", { { 1000, 1000 }, { 0, 1001 }, { 2000, 1000 } }, .n_invalid = 1,
		.n_late = 1 },
	{ "overlap_behind_kills", { { 0, 1000 }, { 999, 1001 }, { 2000, 1000 } }, .n_invalid = 1,
		.n_late = 1 },
	{ "inside_a_segment_kills", { { 0, 1000 }, { 100, 100 }, { 1000, 2000 } }, .n_invalid = 1,
		.n_late = 1 },
	{ "around_a_segment_kills", { { 1000, 1000 }, { 500, 2000 } }, .n_invalid = 1 },
	{ "same_start_longer_kills", { { 1000, 1000 }, { 1000, 2000 } }, .n_invalid = 1 },
	{ "same_place_without_F_kills", { { 0, 1000 }, { 0, 1000, 0, NOT_F } }, .n_invalid = 1 },
	{ "two_lengths_kill", { { 0, 1000 }, { 0, 1000, 0, LONGER } }, .n_invalid = 1 },
	{ "first_behind_a_held_one_kills", { { 1000, 1000 }, { 2000, 1000, 0, NOT_F } },
		.n_invalid = 1 },
	{ "before_the_first_kills",
		{ { 0, 1000 }, { 1000, 1000, 0, LONGER }, { 0, 1000, 0, LONGER | NOT_F } },
		.n_invalid = 1, .n_late = 1 },
	{ "lost_segment_times_out", { { 0, 1000 }, { 2000, 1000 }, { 1000, 1000, 0, LATER } },
		.n_timeout = 1, .n_late = 1 },
	{ "lost_first_times_out", { { 1000, 2000 }, { 0, 1000, 0, LATER } }, .n_timeout = 1,
		.n_late = 1 },
	{ "ce_of_any_segment", { { 0, 1000 }, { 1000, 1000, 0, CE }, { 2000, 1000 } }, 1 },
};

static const struct st_from home __initconst = {
	.saddr = cpu_to_be32(0xc0000202),
	.sport = cpu_to_be16(50000),
	.source = SCLP_SOURCE_CONFIGURED,
	.tos = INET_ECN_ECT_0,
};

static void __init arrive(
	struct st_reasm *t, const struct arrival *a, const u8 *frame, enum st_kind kind)
{
	struct st_from from = home;
	struct sclp_seg seg;

	if (a->flags & LATER)
		st_expire(t);
	if (a->flags & CE)
		from.tos |= INET_ECN_CE;
	st_seg(&seg, 1, a->off, a->n, FRAME, a->plen);
	if (a->flags & LONGER) {
		seg.start += 100;
		seg.end += 100;
	}
	if (a->flags & NOT_F)
		seg.first = !seg.first;
	st_add(t, &from, &seg, st_skb(frame + a->off, a->n, kind));
}

static void __init run_row(const struct row *row, const u8 *frame, enum st_kind kind)
{
	struct st_reasm *t = st_reasm_open();
	const struct arrival *a;
	struct sk_buff *skb;
	bool ce = false;

	if (!t)
		return;
	st_row = row->name;
	t->sn.limits.recover = 0;
	for (a = row->a; a->n; a++) {
		ce |= a->flags & CE;
		arrive(t, a, frame, kind);
	}
	ST_CHECK(skb_queue_len(&t->out) == row->n_whole);
	while ((skb = __skb_dequeue(&t->out))) {
		ST_CHECK(st_same(skb, frame, FRAME));
		ST_CHECK(!!INET_ECN_is_ce(t->tos) == ce);
		kfree_skb(skb);
	}
	ST_CHECK(st_count(t, SCLP_DROP_REASM_INVALID) == row->n_invalid);
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_RX_REPEATED) == row->n_duplicate);
	ST_CHECK(st_count(t, SCLP_DROP_REASM_LATE) == row->n_late);
	ST_CHECK(st_count(t, SCLP_DROP_REASM_TIMEOUT) == row->n_timeout);
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_REASM_DONE) == row->n_whole - row->n_passed);
	ST_CHECK(!t->r->n_live);
	st_reasm_close(t);
}

static void __init shuffle(u32 *order, u32 n, struct rnd_state *rnd)
{
	u32 i, other;

	for (i = n - 1; i; i--) {
		other = prandom_u32_state(rnd) % (i + 1);
		swap(order[i], order[other]);
	}
}

/* Frames of many lengths, cut anyhow, all segments in one order, then again in another. */
static void __init any_order(struct st_reasm *t, const u8 *frame, u32 id, struct rnd_state *rnd)
{
	u32 len = 100 + prandom_u32_state(rnd) % 40000, n_cut = 2 + prandom_u32_state(rnd) % 39;
	u32 plen = DIV_ROUND_UP(len, n_cut), n = DIV_ROUND_UP(len, plen), i, order[80];
	struct sclp_seg seg;

	for (i = 0; i < 2 * n; i++)
		order[i] = i % n;
	shuffle(order, n, rnd);
	shuffle(order + n, n, rnd);
	for (i = 0; i < 2 * n; i++) {
		u32 off = order[i] * plen, here = min(plen, len - off);

		st_seg(&seg, id, off, here, len, 0);
		st_add(t, &home, &seg, st_skb(frame + off, here, prandom_u32_state(rnd) % 3));
	}
	ST_CHECK(skb_queue_len(&t->out) == 1 && st_same(skb_peek(&t->out), frame, len));
	__skb_queue_purge(&t->out);
}

static void __init many_orders(const u8 *frame)
{
	struct st_reasm *t = st_reasm_open();
	struct rnd_state rnd;
	u32 id;

	if (!t)
		return;
	st_row = "any_order";
	prandom_seed_state(&rnd, 4234);
	for (id = 0x7fffffe0; id < 0x80000020; id++)
		any_order(t, frame, id & 0x7fffffff, &rnd);
	ST_CHECK(!t->r->n_live && !t->r->n_bytes);
	st_reasm_close(t);
}

static void __init too_many_segments(const u8 *frame)
{
	struct st_reasm *t = st_reasm_open();
	struct sclp_seg seg;
	u32 i;

	if (!t)
		return;
	st_row = "too_many_segments";
	for (i = 0; i <= SCLP_SEGS_MAX; i++) {
		st_seg(&seg, 1, i * 10, 10, 10 * (SCLP_SEGS_MAX + 2), 0);
		st_add(t, &home, &seg, st_skb(frame, 10, ST_LINEAR));
	}
	ST_CHECK(st_count(t, SCLP_DROP_REASM_INVALID) == 1 && !t->r->n_live);
	st_reasm_close(t);
}

void __init st_reasm(void)
{
	u8 *frame = kmalloc(40100, GFP_KERNEL);
	enum st_kind kind;
	unsigned int i;

	if (!ST_CHECK(frame))
		return;
	get_random_bytes(frame, 40100);
	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			run_row(&rows[i], frame, kind);
	many_orders(frame);
	too_many_segments(frame);
	kfree(frame);
}

/* ---- bounds ---- */

static const u8 some_bytes[FRAME] __initconst;

/* The first segment of frame @id. */
static enum sclp_kept __init send_first(struct st_reasm *t, const struct st_from *from, u32 id)
{
	struct sclp_seg seg;

	st_seg(&seg, id, 0, 1000, FRAME, 0);
	return st_add(t, from, &seg, st_skb(some_bytes, 1000, ST_LINEAR));
}

/* A remote with two frames, when others flood; they are there afterwards. */
static void __init flood(const char *row, const struct st_from *enemy, bool invents,
	const struct sclp_limits *lim, enum sclp_drop who_pays)
{
	struct st_reasm *t = st_reasm_open();
	struct st_from from = *enemy;
	struct sclp_seg seg;
	u32 id;

	if (!t)
		return;
	st_row = row;
	t->sn.limits = *lim;
	send_first(t, &home, 1);
	send_first(t, &home, 2);
	for (id = 1000; id < 2000; id++) {
		if (invents)
			from.saddr = htonl(0x0b000000 + id * 7919);
		send_first(t, &from, id);
		ST_CHECK(t->r->n_live <= lim->reasm_max_frames);
		ST_CHECK(t->r->n_bytes <= (u64)lim->reasm_max_kib << 10);
	}
	ST_CHECK(st_count(t, who_pays) > 500);
	ST_CHECK(t->r->n_live > 2);
	__skb_queue_purge(&t->out);
	for (id = 1; id <= 2; id++) {
		st_seg(&seg, id, 1000, 2000, FRAME, 1000);
		st_add(t, &home, &seg, st_skb(some_bytes, 2000, ST_LINEAR));
	}
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_REASM_DONE) == 2);
	st_expire(t);
	ST_CHECK(!t->r->n_live && !t->r->n_bytes);
	st_reasm_close(t);
}

/* Later frames of a flow give up an earlier one after `reorder` segments, and no other flow's. */
static void __init overtaking(void)
{
	struct st_from other = home;
	struct st_reasm *t = st_reasm_open();
	struct sclp_seg seg;
	u32 i;

	if (!t)
		return;
	st_row = "overtaken";
	other.sport = htons(50001);
	send_first(t, &home, 0x7fffffff);
	send_first(t, &other, 0x7fffffff);
	send_first(t, &home, 5);  /* not earlier than those that follow */
	for (i = 0; i < 5; i++) { /* segments of 3 */
		st_seg(&seg, i, 0, 1000, 1000, 334);
		ST_CHECK(st_add(t, &home, &seg, st_skb(some_bytes, 1000, ST_LINEAR)) == SCLP_PASS);
	}
	ST_CHECK(!st_count(t, SCLP_DROP_REASM_OVERTAKEN));
	st_seg(&seg, 6, 0, 1000, 1000, 0);
	st_add(t, &home, &seg, st_skb(some_bytes, 1000, ST_LINEAR));
	ST_CHECK(st_count(t, SCLP_DROP_REASM_OVERTAKEN) == 1 && t->r->n_live == 2);
	st_reasm_close(t);
}

static void __init strangers(void)
{
	struct st_from from = home;
	struct st_reasm *t = st_reasm_open();

	if (!t)
		return;
	st_row = "asks_for_the_first_segment_only";
	from.source = SCLP_SOURCE_UNASKED;
	ST_CHECK(send_first(t, &from, 1) == SCLP_ASK);
	from.source = SCLP_SOURCE_REFUSED;
	ST_CHECK(send_first(t, &from, 1) == SCLP_REFUSED);
	ST_CHECK(st_count(t, SCLP_DROP_RX_NO_REMOTE) == 1);
	ST_CHECK(send_first(t, &home, 1) == SCLP_KEPT);
	from.source = SCLP_SOURCE_UNASKED;
	ST_CHECK(send_first(t, &from, 1) == SCLP_REPEATED);
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_RX_REPEATED) == 1);
	st_reasm_close(t);
}

void __init st_bounds(void)
{
	const struct st_from enemy = {
		.saddr = cpu_to_be32(0xc0000203),
		.source = SCLP_SOURCE_CONFIGURED,
	};
	const struct st_from stranger = { .source = SCLP_SOURCE_STRANGER };
	struct sclp_limits lim;

	sclp_limits_init(&lim);
	flood("remote_pays_for_itself", &enemy, false, &lim, SCLP_DROP_REASM_REMOTE_BOUND);
	lim.reasm_max_frames_remote = 2;
	flood("remote_bound_of_two", &enemy, false, &lim, SCLP_DROP_REASM_REMOTE_BOUND);
	lim.reasm_max_frames_remote = 256;
	lim.reasm_max_frames = 64;
	flood("who_holds_most_pays", &enemy, false, &lim, SCLP_DROP_REASM_BOUND);
	flood("invented_addresses_pay", &stranger, true, &lim, SCLP_DROP_REASM_BOUND);
	lim.reasm_max_frames = 1024;
	lim.reasm_max_frames_remote = 1024;
	lim.reasm_max_kib = 256;
	flood("memory", &enemy, false, &lim, SCLP_DROP_REASM_MEMORY_BOUND);
	flood("memory_invented", &stranger, true, &lim, SCLP_DROP_REASM_MEMORY_BOUND);
	overtaking();
	strangers();
}
