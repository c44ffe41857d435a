/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Level 2 of reassembly: from segments, or runs of them that level 1 merged, to frames.  Theory of
 * operation in reasm.c.  Between rcv.c, reasm.c, recover.c and the self-tests.
 */
#ifndef _SCLP_REASM_H
#define _SCLP_REASM_H

#include <linux/hrtimer.h>
#include <linux/siphash.h>
#include <linux/timer.h>
#include "hdr.h"
#include "rx.h"

/* What rcv.c read from the header of a segment or run.  Positions count from the end of
 * the frame.
 */
struct sclp_seg {
	__be16 source, dest;
	u32 id;
	u32 start, end; /* first byte, one behind the last: start > end */
	u32 plen;	/* of each of its segments but the last */
	u16 n_segs;
	bool first;
	bool parts; /* the first one says: any part of its frame can be delivered (recover.c) */
};

static inline bool sclp_seg_is_whole(const struct sclp_seg *seg)
{
	return seg->first && !seg->end;
}

/* The first segment, by itself. */
static inline bool sclp_seg_is_first(const struct sclp_seg *seg)
{
	return seg->first && seg->n_segs == 1;
}

/* The place of a held skb in its frame, in skb->cb.  The skb has payload only. */
struct sclp_piece {
	u32 start, end, plen;
	bool first;
};

static inline struct sclp_piece *sclp_piece(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct sclp_piece) > sizeof(skb->cb));
	return (struct sclp_piece *)skb->cb;
}

/* What all frames of one sender and one outer flow have in common; IPv4 addresses are mapped. */
struct sclp_flow_key {
	struct in6_addr saddr, daddr;
	__be16 source, dest;
	u32 carrier;
};

struct sclp_remote;

/* Place in the order of those who hold most, see struct sclp_share. */
struct sclp_share_link {
	struct list_head link;
	struct sclp_remote *remote;
	unsigned int level; /* 0: in no list */
};

enum sclp_share_kind {
	SCLP_SHARE_FRAMES,
	SCLP_SHARE_BYTES,
	SCLP_N_SHARES
};

/* Who pays when a bound is reached: a configured remote, or a group of strangers.  Lives while it
 * has frames.
 */
struct sclp_remote {
	struct hlist_node node; /* of a configured one */
	struct in6_addr addr;
	bool stranger; /* one of sclp_reasm.strangers */
	u32 n_frames;
	u64 n_bytes;
	struct list_head frames; /* oldest first */
	struct sclp_share_link share[SCLP_N_SHARES];
};

/* Remotes by how much they hold: lists by level, 63 levels up to the bound, and a bit for each list
 * that has any.  Constant time for any number of remotes; "most" is exact to a 62nd of the bound.
 */
struct sclp_share {
	u64 used; /* bit i: levels[i] is not empty; bit 0 is never set */
	struct list_head levels[64];
};

enum sclp_frame_end {
	SCLP_FRAME_DONE,
	SCLP_FRAME_GIVEN_UP,
	SCLP_FRAME_INVALID,
	SCLP_FRAME_REPLACED, /* it came whole after all */
	SCLP_FRAME_FORGET
};

struct sclp_frame {
	struct hlist_node hash_node;
	struct list_head age_link; /* sclp_reasm.live, then the list of ended frames */
	struct list_head remote_link, flow_link;
	struct list_head hold_link; /* if parts: sclp_reasm.fresh, then .stale; else empty */
	struct sk_buff_head pieces; /* from its start to its end; its lock is not used */
	struct sclp_flow_key key;
	u32 id;
	u64 sig;
	unsigned long since; /* jiffies of its first segment */
	struct sclp_remote *remote;
	u32 len;    /* 0: the first segment is missing */
	u32 n_have; /* bytes */
	u32 n_segs;
	u32 n_overtaken;	 /* segments of later frames of the flow that were completed */
	u32 n_truesize;		 /* as it was counted */
	bool parts;		 /* see struct sclp_seg */
	enum sclp_frame_end how; /* once it ended */
	enum sclp_drop why;	 /* of one that was given up */
	struct sclp_rx rx;
};

/* An ended frame, so that segments which are late do not begin it again.  Found by the frame's
 * hash; a later one takes its place.
 */
struct sclp_past {
	u64 sig; /* all but the lowest bit; that: it was delivered */
	unsigned long since;
	struct sclp_recipe *recipe; /* how to deliver what is late; may be NULL; a reference */
};

#define SCLP_FRAME_BITS	 8
#define SCLP_PAST_BITS	 10
#define SCLP_REMOTE_BITS 6
#define SCLP_N_STRANGERS 16

struct sclp_reasm {
	struct sclp_net *sn;
	struct rcu_head rcu;
	spinlock_t lock; /* of everything below; no frame is delivered under it */
	bool dead;
	u32 n_live;
	u64 n_bytes;
	unsigned long now;	  /* jiffies, as whoever took the lock wants them */
	struct list_head ended;	  /* frames, until he lets go, in the order of delivery */
	struct sclp_recipe *late; /* after SCLP_PART, until he lets go: his reference */
	struct timer_list timer;  /* pending while anything is live */
	struct list_head live;	  /* oldest first */
	/* Frames of which parts can be delivered: those that grew since the last tick,
	 * and others.
	 */
	struct list_head fresh, stale;
	struct hrtimer tick; /* while there are any */
	bool ticking;
	struct sclp_share shares[SCLP_N_SHARES];
	siphash_key_t seed;
	struct hlist_head frames[1 << SCLP_FRAME_BITS];
	struct list_head flows[1 << SCLP_FRAME_BITS]; /* live frames by flow, oldest first */
	/* When a segment of the flow was late, not lost; 0: never. */
	unsigned long reordered[1 << SCLP_FRAME_BITS];
	struct hlist_head remotes[1 << SCLP_REMOTE_BITS];
	struct sclp_remote strangers[SCLP_N_STRANGERS];
	struct sclp_past past[1 << SCLP_PAST_BITS];
};

/* What became of a segment. */
enum sclp_kept {
	SCLP_KEPT,  /* its frame holds it */
	SCLP_SPENT, /* its segments were taken one by one: the caller's to free */
	SCLP_PART,  /* its frame was given up: the caller's to deliver by itself, as r->late says */
	SCLP_PASS,  /* it is a whole frame of which nothing is held: the caller's to deliver */
	SCLP_REPEATED, /* it is there already: the caller's to free */
	SCLP_REFUSED,  /* the caller's to drop, for the reason given */
	SCLP_ASK,      /* it begins a frame: the caller has to say whose */
};

enum sclp_source {
	SCLP_SOURCE_UNASKED,
	SCLP_SOURCE_REFUSED,  /* no device takes anything from there */
	SCLP_SOURCE_STRANGER, /* one that takes from anybody does */
	SCLP_SOURCE_CONFIGURED,
};

/*
 * Under r->lock, r->now set: no clock is read and no frame delivered; those that end are on
 * r->ended, for sclp_reasm_finish().
 */
enum sclp_kept sclp_reasm_run(struct sclp_reasm *r, struct sk_buff *skb, const struct sclp_seg *seg,
	const struct sclp_rx *rx, enum sclp_source source, enum sclp_drop *why);
void sclp_reasm_expire(struct sclp_reasm *r, unsigned int max); /* at most so many */
void sclp_reasm_tick(struct sclp_reasm *r, unsigned int max);

/* Without the lock: counts an ended frame and frees it; what can be delivered of it is put
 * on @out.
 */
void sclp_reasm_finish(struct sclp_reasm *r, struct sclp_frame *f, struct sk_buff_head *out);

struct sclp_reasm *sclp_reasm_create(struct sclp_net *sn);
/* All frames are given up; what still comes is refused.  @r is the caller's to free, after a grace
 * period if segments can come.
 */
void sclp_reasm_stop(struct sclp_reasm *r);

/* Softirq, RCU: one checked segment, SCLP header pulled.  Takes skb. */
void sclp_reasm_add(struct sk_buff *skb, struct sclp_seg *seg, struct sclp_rx *rx);

/* RCU.  Has a whole frame to go by sclp_reasm_add(), because others are incomplete? */
bool sclp_reasm_busy(const struct sclp_net *sn);

/* frames.c: the table.  All under r->lock. */
void sclp_frames_init(struct sclp_reasm *r); /* zeroed memory */

/* What is known of the frame a segment belongs to. */
struct sclp_frame_name {
	struct sclp_flow_key key;
	u32 id;
	u64 flow_hash;
	u64 sig; /* hash of all of it */
};

void sclp_frame_name(const struct sclp_reasm *r, const struct sclp_seg *seg,
	const struct sclp_rx *rx, struct sclp_frame_name *name);
struct sclp_frame *sclp_frame_find(struct sclp_reasm *r, const struct sclp_frame_name *name);
/* Live frames of a flow, and of others that share its bucket, oldest first. */
struct list_head *sclp_flow_bucket(struct sclp_reasm *r, u64 flow_hash);
/* A segment of a frame that was given up came after all.  Has one of that flow lately? */
void sclp_flow_set_reordered(struct sclp_reasm *r, u64 flow_hash);
bool sclp_flow_is_reordered(const struct sclp_reasm *r, u64 flow_hash);
bool sclp_flow_same(const struct sclp_flow_key *a, const struct sclp_flow_key *b);
/* Did it end less than a time-out ago, and how?  SCLP_FRAME_FORGET: not that we know. */
enum sclp_frame_end sclp_past_find(const struct sclp_reasm *r, u64 sig);

/* A frame that was given up: takes the reference.  Gives one, or NULL.  Drops all. */
void sclp_past_set_recipe(struct sclp_reasm *r, u64 sig, struct sclp_recipe *recipe);
struct sclp_recipe *sclp_past_recipe(const struct sclp_reasm *r, u64 sig);
void sclp_past_forget(struct sclp_reasm *r);

/* Who pays for frames from @addr.  find: NULL, if it is a configured remote that has none.  get:
 * NULL: no memory.
 */
struct sclp_remote *sclp_remote_find(
	struct sclp_reasm *r, const struct in6_addr *addr, enum sclp_source source);
struct sclp_remote *sclp_remote_get(
	struct sclp_reasm *r, const struct in6_addr *addr, enum sclp_source source);
void sclp_remote_put(struct sclp_reasm *r, struct sclp_remote *remote); /* freed if it has none */
/* The remote that holds most, while any frame is live. */
struct sclp_remote *sclp_remote_top(const struct sclp_reasm *r, enum sclp_share_kind kind);

/* A new live frame; there must be room.  NULL: no memory. */
struct sclp_frame *sclp_frame_add(struct sclp_reasm *r, const struct sclp_frame_name *name,
	struct sclp_remote *remote, const struct sclp_rx *rx);
/* @skb becomes a piece of it, behind the piece @before or, NULL, in front of all. */
void sclp_frame_hold(struct sclp_reasm *r, struct sclp_frame *f, struct sk_buff *before,
	struct sk_buff *skb, const struct sclp_seg *seg);
/* It leaves the table with its pieces, to the end of r->ended. */
void sclp_frame_end(
	struct sclp_reasm *r, struct sclp_frame *f, enum sclp_frame_end how, enum sclp_drop why);
unsigned long sclp_reasm_timeout(const struct sclp_reasm *r); /* jiffies */

/* rcv.c: may @rx->saddr send to any device of its carrier?  RCU. */
enum sclp_source sclp_rcv_source(const struct sclp_rx *rx);

/*
 * join.c: the bytes of @skb behind those of @head, nothing copied as a rule.  sclp_join_begin()
 * makes *skb a head and *tail the end of its list.  They return -ENOMEM with bytes missing: the
 * head is to be dropped. sclp_join() takes skb.
 */
int sclp_join_begin(struct sk_buff **skb, struct sk_buff **tail);
int sclp_join(struct sk_buff *head, struct sk_buff **tail, struct sk_buff *skb);
/* A skb of any origin becomes one that can be segmented at any size.  -ENOMEM: to be dropped. */
int sclp_join_settle(struct sk_buff **skb);

/*
 * recover.c: cuts valid TCP parts out of the pieces of a given-up frame, each a VXLAN packet.  Pure
 * functions of skbs.  A recipe has what all parts of a frame have in common.
 */
struct sclp_recipe;

struct sclp_recipe *sclp_recipe_get(struct sclp_recipe *recipe);
void sclp_recipe_put(struct sclp_recipe *recipe); /* may be NULL */

/* Had all of @seg arrived before its frame was given up? */
bool sclp_recipe_had(const struct sclp_recipe *recipe, const struct sclp_seg *seg);

/* Can parts of the frame of @frame_len bytes that begins with @skb be delivered? */
bool sclp_recover_can(struct sk_buff *skb, u32 frame_len);
/* Takes all of @pieces, puts parts on @out, returns their number; *recipe: for what is still to
 * come, or NULL.
 */
unsigned int sclp_recover(struct sk_buff_head *pieces, u32 frame_len, struct sk_buff_head *out,
	struct sclp_recipe **recipe);
/* The same for one late segment or run. */
unsigned int sclp_recover_late(const struct sclp_recipe *recipe, struct sk_buff *skb,
	const struct sclp_seg *seg, struct sk_buff_head *out);

#endif
