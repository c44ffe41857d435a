/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A live frame is a list of disjoint pieces sorted from its start to its end.  Positions count from
 * the end of the frame (remaining + payload), so a piece has its place before the first segment is
 * there.  A piece is a run of level 1; it remembers the length of its segments, so that what was
 * sent can be told apart: a segment that arrives twice is ignored, one that covers bytes of another
 * in any other way makes the whole frame invalid (RFC 5722: whoever mixes overlapping pieces may be
 * deceived; none of them is trusted).  A run that touches held bytes is taken apart and comes again
 * segment by segment.
 *
 * The end of a frame, exactly one of:
 *   done      all bytes are there: delivered
 *   invalid   dropped whole, counted once
 *   given up  its time is over, later frames of its flow overtook it, or a bound was reached: loss
 * recovery delivers what it can, counted once Each is remembered for a while (sclp_table.h), so
 * that late segments do not begin it again.
 *
 * Bounds: frames of one remote (it gives up its own oldest), frames in all and bytes in all (the
 * remote that holds most gives up its oldest), segments of a frame (SCLP_SEGS_MAX, which also
 * bounds the walk to a piece's place), and frames looked at when one completes (OVERTAKE_LOOK).
 * Nothing here depends on how many segments came before, so a flood costs a constant time per
 * segment.  All memory is allocated at start; one thread.
 */
#include "tunnel/sclp_reass.h"

#include <string.h>

#include "base/counter.h"
#include "tunnel/sclp.h"
#include "tunnel/sclp_recover.h"
#include "wire/ip.h"

#define OVERTAKE_LOOK 16

static void give_up(struct sclp_rx *r, struct sclp_frame *f, enum drop_reason why, uint64_t now_ns,
	struct pkt_list *out)
{
	if (r->conf.recovery && sclp_recover(r, f, out))
		counter_add(&f->remote->n_recovered, 1);
	counter_add(&f->remote->n_timeout, 1);
	pkt_count_drop(f->obj, why, 1);
	sclp_frame_end(r, f, SCLP_FRAME_GIVEN_UP, now_ns);
}

static void invalidate(struct sclp_rx *r, struct sclp_frame *f, uint64_t now_ns)
{
	pkt_count_drop(f->obj, DROP_SCLP_INVALID, 1);
	sclp_frame_end(r, f, SCLP_FRAME_GIVEN_UP, now_ns);
}

/* Room for one more frame of @remote. */
static void bound_frames(
	struct sclp_rx *r, struct sclp_rx_remote *remote, uint64_t now_ns, struct pkt_list *out)
{
	if (remote->n_frames >= r->conf.n_frames_remote)
		give_up(r, TAILQ_FIRST(&remote->frames), DROP_SCLP_LIMIT_REMOTE, now_ns, out);
	else if (r->n_live >= r->conf.n_frames)
		give_up(r, TAILQ_FIRST(&sclp_share_top(&r->by_frames)->frames),
			DROP_SCLP_LIMIT_TOTAL, now_ns, out);
}

static void bound_bytes(struct sclp_rx *r, uint64_t now_ns, struct pkt_list *out)
{
	while (r->n_bytes > r->conf.n_bytes)
		give_up(r, TAILQ_FIRST(&sclp_share_top(&r->by_bytes)->frames),
			DROP_SCLP_LIMIT_BYTES, now_ns, out);
}

/*
 * Frame @id of @fl, of @n_segs segments, is complete: those before it that have waited long enough
 * are given up.  Soon, or the inner sender has sent all of a frame again before what arrived of it
 * gets through.
 */
static void overtake(struct sclp_rx *r, struct sclp_flow *fl, uint32_t id, uint32_t n_segs,
	uint64_t now_ns, struct pkt_list *out)
{
	struct sclp_frame *f, *next;
	unsigned int n = 0;

	if (!r->conf.reorder)
		return;
	for (f = TAILQ_FIRST(&fl->frames); f && n < OVERTAKE_LOOK; f = next, n++) {
		const uint32_t ahead = (id - f->id) & 0x7fffffff;

		next = TAILQ_NEXT(f, flow_link);
		if (!ahead || ahead >= 0x40000000)
			continue;
		f->n_overtaken += n_segs;
		if (f->n_overtaken >= r->conf.reorder)
			give_up(r, f, DROP_SCLP_OVERTAKEN, now_ns, out);
	}
}

void sclp_deliver(struct rte_mbuf *m, uint16_t obj, uint8_t tos, struct pkt_list *out)
{
	if (unlikely(sclp_headers_settle(&m))) {
		pkt_meta(m)->obj = obj;
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	pkt_meta(m)->obj = obj;
	pkt_meta(m)->tos = tos;
	pkt_list_add(out, m);
}

static struct rte_mbuf *join_pieces(struct sclp_rx *r, struct sclp_frame *f)
{
	struct rte_mbuf *m = NULL, *last = NULL;
	struct sclp_piece *p;

	while ((p = TAILQ_FIRST(&f->pieces))) {
		struct rte_mbuf *part = sclp_piece_del(r, f, p);

		if (m) {
			last = pkt_append_at(m, last, part);
		} else {
			m = part;
			last = rte_pktmbuf_lastseg(m);
		}
	}
	return m;
}

static void complete(struct sclp_rx *r, struct sclp_frame *f, uint64_t now_ns, struct pkt_list *out)
{
	struct rte_mbuf *m = join_pieces(r, f);
	const uint16_t obj = f->obj;
	const uint8_t tos = f->tos;

	counter_add(&f->remote->n_done, 1);
	overtake(r, f->flow, f->id, f->n_segs, now_ns, out);
	sclp_frame_end(r, f, SCLP_FRAME_DONE, now_ns);
	sclp_deliver(m, obj, tos, out);
}

enum fit {
	FIT_FREE,     /* no byte of it is held */
	FIT_OVERLAPS, /* *next holds bytes of it */
	FIT_INVALID,  /* contradicts the frame's length */
};

/* Where in the frame does @run belong?  *next: the piece behind it, NULL at the end. */
static enum fit find_place(
	const struct sclp_frame *f, const struct sclp_run *run, struct sclp_piece **next)
{
	struct sclp_piece *p;

	*next = TAILQ_FIRST(&f->pieces);
	if (run->first) {
		if (f->len ? f->len != run->start : *next && (*next)->start > run->start)
			return FIT_INVALID;
	} else if (run->start > (f->len ? f->len : UINT16_MAX)) {
		return FIT_INVALID;
	}
	/* from the end: in order, which is usual, the first look finds it */
	TAILQ_FOREACH_REVERSE(p, &f->pieces, sclp_piece_list, link)
	if (p->end >= run->start) {
		*next = TAILQ_NEXT(p, link);
		break;
	}
	return *next && (*next)->start > run->end ? FIT_OVERLAPS : FIT_FREE;
}

/* Is @seg one of the segments that @p was made of? */
static bool is_duplicate(const struct sclp_piece *p, const struct sclp_run *seg)
{
	if (seg->start > p->start || (p->start - seg->start) % p->plen)
		return false;
	if (seg->end != (seg->start - p->end > p->plen ? seg->start - p->plen : p->end))
		return false;
	return seg->first == (p->first && seg->start == p->start);
}

static void overlap(struct sclp_rx *r, struct sclp_train *t, struct sclp_frame *f,
	const struct sclp_piece *held, const struct sclp_run *run, uint64_t now_ns,
	struct pkt_list *out)
{
	if (run->n_segs > 1) {
		for (uint16_t i = 0; i < run->n_segs; i++) {
			const struct sclp_run seg = sclp_run_seg(t, run, i);

			sclp_reass_run(r, t, &seg, now_ns, out);
		}
	} else if (is_duplicate(held, run)) {
		pkt_count_drop(t->from->obj, DROP_SCLP_DUPLICATE, 1);
	} else {
		invalidate(r, f, now_ns);
	}
}

static void insert(struct sclp_rx *r, struct sclp_train *t, struct sclp_frame *f,
	struct sclp_piece *next, const struct sclp_run *run, uint64_t now_ns, struct pkt_list *out)
{
	struct rte_mbuf *m;
	struct sclp_piece *p;

	if (f->n_segs + run->n_segs > SCLP_SEGS_MAX) {
		invalidate(r, f, now_ns);
		return;
	}
	m = sclp_run_take_lasting(t, run);
	if (!m) {
		pkt_count_drop(t->from->obj, DROP_NO_BUFFER, 1);
		if (!f->n_have)
			sclp_frame_end(r, f, SCLP_FRAME_FREE, now_ns);
		return;
	}
	p = sclp_piece_add(r, f, next, m);
	p->start = run->start;
	p->end = run->end;
	p->plen = run->plen;
	p->first = run->first;
	f->n_have += run->start - run->end;
	f->n_segs += run->n_segs;
	if (run->first)
		f->len = run->start;
	if (f->len && f->n_have == f->len)
		complete(r, f, now_ns, out);
	bound_bytes(r, now_ns, out);
}

/* A whole frame of which nothing is held. */
static void pass_whole(struct sclp_rx *r, struct sclp_train *t, const struct sclp_run *run,
	struct sclp_flow *fl, uint64_t now_ns, struct pkt_list *out)
{
	struct rte_mbuf *m = sclp_run_take(t, run);

	if (!m) {
		pkt_count_drop(t->from->obj, DROP_NO_BUFFER, 1);
		return;
	}
	counter_add(&t->from->remote->n_done, 1);
	if (fl)
		overtake(r, fl, run->id, run->n_segs, now_ns, out);
	sclp_deliver(m, t->from->obj, t->from->tos, out);
}

void sclp_reass_run(struct sclp_rx *r, struct sclp_train *t, const struct sclp_run *run,
	uint64_t now_ns, struct pkt_list *out)
{
	const struct sclp_rx_from *from = t->from;
	struct sclp_flow_key key = { .ports = run->ports };
	uint32_t flow_hash, hash;
	struct sclp_piece *next;
	struct sclp_frame *f;

	memcpy(key.addr, from->addr, sizeof(key.addr));
	flow_hash = sclp_flow_hash(r, &key);
	hash = sclp_frame_hash(r, flow_hash, run->id);
	f = sclp_frame_find(r, &key, run->id, hash, now_ns);
	if (!f && sclp_run_complete(run)) {
		pass_whole(r, t, run, sclp_flow_find(r, &key, flow_hash), now_ns, out);
		return;
	}
	if (!f) {
		bound_frames(r, from->remote, now_ns, out);
		f = sclp_frame_add(r, &key, run->id, flow_hash, hash, from->remote, now_ns);
		f->obj = from->obj;
		f->tos = from->tos;
	} else if (f->state != SCLP_FRAME_LIVE) {
		pkt_count_drop(from->obj,
			f->state == SCLP_FRAME_DONE ? DROP_SCLP_DUPLICATE : DROP_SCLP_LATE,
			run->n_segs);
		return;
	}
	if ((from->tos & IP_ECN_MASK) == IP_ECN_CE)
		f->tos |= IP_ECN_CE;

	switch (find_place(f, run, &next)) {
	case FIT_FREE:
		insert(r, t, f, next, run, now_ns, out);
		break;
	case FIT_OVERLAPS:
		overlap(r, t, f, next, run, now_ns, out);
		break;
	case FIT_INVALID:
		invalidate(r, f, now_ns);
		break;
	}
}

void sclp_rx_expire(struct sclp_rx *r, uint64_t now_ns, struct pkt_list *out)
{
	struct sclp_frame *f;

	/* one time-out for all: the oldest is the first to go */
	while ((f = TAILQ_FIRST(&r->live)) && f->since_ns + r->conf.timeout_ns <= now_ns)
		give_up(r, f, DROP_SCLP_TIMEOUT, now_ns, out);
}

uint64_t sclp_rx_deadline(const struct sclp_rx *r)
{
	const struct sclp_frame *f = TAILQ_FIRST(&r->live);

	return f ? f->since_ns + r->conf.timeout_ns : UINT64_MAX;
}
