/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A train is walked once, header by header.  Segments that continue the one before (level 1) only
 * make the current run longer: two numbers change, no memory is touched but the header's.  When a
 * run ends it is either a whole frame or goes to level 2 (sclp_reass.c).
 *
 * The usual train is one whole frame.  It never sees the table: its payload becomes one chain of
 * indirect segments that leave the SCLP headers out.  The same holds for the small frame that is a
 * train of its own, where nothing is even shared: the header is cut off the packet.  Only while
 * some frame of the remote is incomplete (n_frames > 0) whole frames take the longer way, because
 * they may be the rest of a frame seen before, or overtake one.
 *
 * A sender may send a frame's first segment once more behind its last (the kernel module does, with
 * what TCP sends again).  Of a frame that came whole nothing is in the table; the last ones of each
 * remote are known by a word.
 *
 * SCLP headers may lie at odd addresses and across the border of two mbufs of the train, so they
 * are read as copies. The headers behind them are parsed in place: a frame whose first bytes are
 * split or odd gets a copy of these in front.
 */
#include "tunnel/sclp_rx.h"

#include <string.h>

#include "base/counter.h"
#include "pkt/csum.h"
#include "tunnel/sclp.h"
#include "tunnel/sclp_reass.h"
#include "tunnel/sclp_run.h"
#include "wire/ip.h"

/* Where in the train the walk is. */
struct walk {
	const struct rte_mbuf *seg;
	uint32_t seg_off; /* in seg */
	uint32_t off;	  /* in the train */
};

static inline void walk_to(struct walk *w, uint32_t off)
{
	w->seg_off += off - w->off;
	w->off = off;
	while (w->seg_off >= w->seg->data_len && w->seg->next) {
		w->seg_off -= w->seg->data_len;
		w->seg = w->seg->next;
	}
}

/* A copy: headers lie at any address, and across the border of two mbufs. */
static inline void walk_hdr(const struct walk *w, struct sclp_hdr *sh)
{
	if (likely(w->seg->data_len - w->seg_off >= sizeof(*sh)))
		memcpy(sh, rte_pktmbuf_mtod_offset(w->seg, const void *, w->seg_off), sizeof(*sh));
	else
		pkt_copy_out(w->seg, w->seg_off, sizeof(*sh), sh);
}

static bool csum_ok(
	const struct sclp_rx_from *from, const struct walk *w, uint16_t check, uint32_t n)
{
	if (from->csum_done)
		return true;
	if (!check)
		return from->csum_optional;
	return csum_fold(csum_chain(w->seg, w->seg_off, n, 0)) == 0xffff;
}

/* The segment of @n bytes at the walk as a run of one; false: bad, and counted. */
static inline bool seg_read(
	const struct sclp_train *t, const struct walk *w, uint32_t n, struct sclp_run *seg)
{
	const struct sclp_rx_from *from = t->from;
	struct sclp_hdr sh;
	uint32_t id_first;

	if (unlikely(n <= SCLP_HLEN)) {
		pkt_count_drop(from->obj, DROP_SCLP_SHORT, 1);
		return false;
	}
	walk_hdr(w, &sh);
	if (unlikely(!csum_ok(from, w, sh.check, n))) {
		pkt_count_drop(from->obj, DROP_SCLP_CSUM, 1);
		return false;
	}
	if (unlikely(sh.dest != RTE_BE16(SCLP_PORT_VXLAN))) {
		pkt_count_drop(from->obj, DROP_SCLP_PORT, 1);
		return false;
	}
	memcpy(&seg->ports, &sh.source, sizeof(seg->ports));
	id_first = rte_be_to_cpu_32(sh.id_first);
	seg->id = id_first >> 1;
	seg->first = id_first & SCLP_FIRST;
	seg->plen = n - SCLP_HLEN;
	seg->end = rte_be_to_cpu_16(sh.remaining);
	seg->start = seg->end + seg->plen;
	seg->off = w->off;
	seg->n_segs = 1;
	return true;
}

/* Level 1: may @seg, the next one in the train, continue @run? */
static inline bool run_continues(const struct sclp_run *run, const struct sclp_run *seg)
{
	return run->n_segs && run->id == seg->id && run->ports == seg->ports && !seg->first &&
	       run->end == seg->start && run->n_segs < SCLP_SEGS_MAX;
}

/* Never 0. */
static inline uint64_t whole_word(const struct sclp_run *run)
{
	return (uint64_t)run->ports << 32 | run->id << 1 | 1;
}

static inline uint64_t *whole_slot(struct sclp_rx_remote *remote, const struct sclp_run *run)
{
	return &remote->whole[run->ports * 0x9e3779b1u >> (32 - SCLP_WHOLE_BITS)];
}

/* Segments of a frame that came whole: where packets get lost, some are sent twice. */
static bool is_repeated(struct sclp_rx_remote *remote, const struct sclp_run *run)
{
	return *whole_slot(remote, run) == whole_word(run);
}

static void run_end(struct sclp_rx *r, struct sclp_train *t, struct sclp_run *run, uint64_t now_ns,
	struct pkt_list *out)
{
	struct rte_mbuf *m;

	if (!run->n_segs)
		return;
	if (sclp_run_complete(run)) {
		if (run->n_segs > 1)
			*whole_slot(t->from->remote, run) = whole_word(run);
	} else if (unlikely(is_repeated(t->from->remote, run))) {
		pkt_count_drop(t->from->obj, DROP_SCLP_DUPLICATE, run->n_segs);
		run->n_segs = 0;
		return;
	}
	if (unlikely(!sclp_run_complete(run) || t->from->remote->n_frames)) {
		sclp_reass_run(r, t, run, now_ns, out);
	} else if (likely((m = sclp_run_take(t, run)))) {
		counter_add(&t->from->remote->n_done, 1);
		sclp_deliver(m, t->from->obj, t->from->tos, out);
	} else {
		pkt_count_drop(t->from->obj, DROP_NO_BUFFER, 1);
	}
	run->n_segs = 0;
}

void sclp_rx_train(struct sclp_rx *r, const struct sclp_rx_from *from, struct rte_mbuf *m,
	uint32_t seg_len, uint64_t now_ns, struct pkt_list *out)
{
	struct sclp_train t = { m, m->pkt_len, seg_len, from };
	struct sclp_run run = { .n_segs = 0 }, seg;
	struct walk w = { m, 0, 0 };

	if (!t.stride || t.stride > t.total)
		t.stride = t.total;
	if (unlikely(t.stride <= SCLP_HLEN)) {
		const uint32_t n = t.stride ? (t.total + t.stride - 1) / t.stride : 1;

		pkt_count_drop(from->obj, DROP_SCLP_SHORT, n);
		pkt_done(m);
		return;
	}
	for (uint32_t off = 0; off < t.total; off += t.stride) {
		walk_to(&w, off);
		if (unlikely(!seg_read(&t, &w, RTE_MIN(t.stride, t.total - off), &seg))) {
			run_end(r, &t, &run, now_ns, out);
		} else if (likely(run_continues(&run, &seg))) {
			run.end = seg.end;
			run.n_segs++;
		} else {
			run_end(r, &t, &run, now_ns, out);
			run = seg;
		}
	}
	run_end(r, &t, &run, now_ns, out);
	if (t.m)
		pkt_done(t.m); /* what was delivered or held shares its bytes */
}
