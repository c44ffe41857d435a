/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: at most one train is held for each flow.  A packet that continues it loses
 * its headers and is linked behind; one of the same flow that cannot makes the train leave first,
 * so the order inside a flow never changes. What may be merged the rows of offload_ops.h say; this
 * file knows only "other flow", "same flow" and "may merge".
 *
 * The first packet stays byte for byte as it came until a second one joins it; only then is its
 * checksum verified, its padding cut and its header made private.  From there on its headers are
 * still those of the first packet, until gro_release() has the rows correct them from the innermost
 * outwards: hooks compare against what arrived.
 *
 * Flows are found by meta->hash in a table of buckets with short chains (CHAIN_MAX, so that flows
 * chosen to collide cost little), and stand in a list by age: the oldest leaves first, when the
 * table is full and when it is flushed.
 *
 * Most packets go a shorter way.  The second packet of a train forecasts the third (forecast.h);
 * one that is as forecast is compared in one go, joins, and no row is asked.  When the train
 * leaves, its item stays in its bucket with the forecast until it is needed for another flow, so
 * that the next train of the flow starts as quickly.  Which item that is, is guessed before a hash
 * is known: each one remembers which one came after it, be it itself, and flows take turns in the
 * same order for a while.  Where they do not, and guesses go wrong, nobody guesses until the flow
 * that the hash finds is again the one that would have been guessed.  Everything else takes the
 * long way, which decides alone what may merge: a forecast only says again what it said.  There is
 * never more than one item of a flow: the long way forgets what is remembered of a hash before it
 * holds a packet of it.
 *
 * One worker owns it all: no locks.  Memory is allocated at creation only.
 */
#include "offload/gro.h"

#include <stdlib.h>
#include <rte_prefetch.h>

#include "offload/offload_ops.h"
#include "pkt/parse.h"

#define CHAIN_MAX   8
#define LEN_MAX	    65535 /* of the outermost IP packet; Linux has the same limit */
#define SEGS_MAX    256	  /* mbuf segments of a train: what ports can hand on in one piece */
#define N_FLOWS_MAX (1u << 20)

/* The first items are the heads of two lists: older = youngest of all, younger = oldest of all. */
#define HELD	   0
#define FREE	   1
#define FIRST_ITEM 2

struct gro {
	struct gro_item *items;
	uint32_t *buckets; /* first item or 0 */
	uint32_t mask;
	uint32_t n_held;
	struct gro_item *hot, *guess; /* that last got a packet; that may get the next one */
	uint32_t doubt;		      /* how often guesses were wrong of late */
};

/* ---- lists ---- */

static void list_add(struct gro *g, uint32_t head, uint32_t i)
{
	struct gro_item *const it = &g->items[i], *const h = &g->items[head];

	it->older = h->older;
	it->younger = head;
	g->items[it->older].younger = i;
	h->older = i;
}

static void list_del(struct gro *g, uint32_t i)
{
	const struct gro_item *it = &g->items[i];

	g->items[it->older].younger = it->younger;
	g->items[it->younger].older = it->older;
}

static bool list_empty(const struct gro *g, uint32_t head)
{
	return g->items[head].younger == head;
}

static void bucket_add(struct gro *g, struct gro_item *it, uint32_t hash)
{
	uint32_t *bucket = &g->buckets[hash & g->mask];

	it->hash = hash;
	it->next = *bucket;
	*bucket = (uint32_t)(it - g->items);
}

static void bucket_del(struct gro *g, struct gro_item *it)
{
	const uint32_t i = (uint32_t)(it - g->items);
	uint32_t *p = &g->buckets[it->hash & g->mask];

	while (*p != i)
		p = &g->items[*p].next;
	*p = it->next;
	it->hash = 0;
}

/* A free item forgets its flow. */
static void forget(struct gro *g, struct gro_item *it)
{
	it->forecast.hlen = 0;
	if (it->hash)
		bucket_del(g, it);
}

struct gro *gro_create(uint32_t n_flows)
{
	const uint32_t n = rte_align32pow2(RTE_MIN(RTE_MAX(n_flows, 8u), N_FLOWS_MAX));
	struct gro *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->items = aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)(n + FIRST_ITEM) * sizeof(*g->items));
	g->buckets = calloc(2 * n, sizeof(*g->buckets));
	if (!g->items || !g->buckets) {
		gro_destroy(g);
		return NULL;
	}
	memset(g->items, 0, (size_t)(n + FIRST_ITEM) * sizeof(*g->items));
	g->mask = 2 * n - 1;
	g->items[HELD].older = g->items[HELD].younger = HELD;
	g->items[FREE].older = g->items[FREE].younger = FREE;
	for (uint32_t i = FIRST_ITEM; i < n + FIRST_ITEM; i++) {
		g->items[i].after = &g->items[i];
		list_add(g, FREE, i);
	}
	g->hot = g->guess = &g->items[FIRST_ITEM];
	return g;
}

void gro_destroy(struct gro *g)
{
	if (!g)
		return;
	assert(!g->n_held);
	free(g->items);
	free(g->buckets);
	free(g);
}

/* ---- what leaves ---- */

static void train_complete(struct gro_item *it)
{
	struct rte_mbuf *m = it->m;
	struct pkt_meta *md = pkt_meta(m);
	struct gro_done d = { .carry = it->carry, .seg_plen = it->seg_plen };

	md->inner.end_off = m->pkt_len;
	md->inner.gso_size = it->seg_plen;
	md->inner.gso_type = offload_innermost(&it->st)->gso_type[md->inner.l3];
	if (md->outer.l3 != PKT_L3_NONE)
		md->outer.end_off = m->pkt_len;
	for (unsigned int i = it->st.n; i-- > 0;) {
		const struct offload_ops *ops = offload_rows[it->st.row[i]];

		d.fixed = it->fixed >> i & 1;
		if (ops->gro_complete)
			ops->gro_complete(
				m, i < it->st.n_outer ? &md->outer : &md->inner, it->st.off[i], &d);
	}
}

/* The short way only links packets; account for them. */
static void train_settle(struct gro_item *it)
{
	const uint32_t n = it->joined, bytes = n * it->forecast.plen;

	it->m->nb_segs = (uint16_t)(it->m->nb_segs + n);
	it->m->pkt_len += bytes;
	it->plen += bytes;
	it->n_pkts = (uint16_t)(it->n_pkts + n);
	it->joined = 0;
}

/* How many packets as forecast the limits, and the end of a frame, allow. */
static void train_credit(struct gro_item *it)
{
	const uint32_t room = (it->max_len - it->m->pkt_len) / it->forecast.plen;
	const uint32_t n = RTE_MIN(room, forecast_run(&it->forecast));

	it->credit = (uint16_t)RTE_MIN(RTE_MIN(n, SEGS_MAX - (uint32_t)it->m->nb_segs),
		(uint32_t)it->max_pkts - it->n_pkts);
}

static void gro_release(struct gro *g, struct gro_item *it, struct pkt_list *out)
{
	struct rte_mbuf *m = it->m;

	train_settle(it);
	if (it->n_pkts > 1)
		train_complete(it);
	it->m = NULL;
	g->n_held--;
	list_del(g, (uint32_t)(it - g->items));
	list_add(g, FREE, (uint32_t)(it - g->items));
	if (!it->forecast.hlen)
		forget(g, it);
	pkt_list_add(out, m);
}

/* ---- what arrives ---- */

/* Are all checksums good?  Outermost last: it may be derived from the inner one. */
static bool verify(const struct rte_mbuf *m, struct pkt_meta *md, const struct offload_stack *st)
{
	for (unsigned int i = st->n; i-- > 0;) {
		const struct offload_ops *ops = offload_rows[st->row[i]];

		if (ops->gro_verify && !ops->gro_verify(m, md))
			return false;
	}
	return true;
}

/* Fill @c; false: nothing merges with its like. */
static bool gro_parse(struct gro_ctx *c, struct rte_mbuf *m, uint32_t what)
{
	struct pkt_meta *md = pkt_meta(m);
	const struct offload_ops *inner;

	if (!offload_stack_build(md, &c->st))
		return false;
	c->m = m;
	c->hdr = rte_pktmbuf_mtod(m, const uint8_t *);
	c->md = md;
	c->plen = md->inner.end_off - md->inner.pay_off;
	c->carry = 0;
	c->fixed = 0;
	inner = offload_innermost(&c->st);
	if (unlikely(!inner->gro_kind))
		return false;
	/* a super-frame stays what it is */
	c->flags = md->inner.gso_type || !(inner->gro_kind & what) ? GRO_C_SOLO : 0;
	if (c->flags) /* the header checks can only come to the same end */
		return true;
	for (unsigned int i = 0; i < c->st.n; i++) {
		const struct offload_ops *ops = offload_rows[c->st.row[i]];

		if (ops->gro_step)
			ops->gro_step(c, i);
	}
	return true;
}

static enum gro_verdict gro_same(struct gro_ctx *c, const struct gro_item *it)
{
	const struct pkt_meta *a = pkt_meta_const(it->m), *b = pkt_meta_const(c->m);
	enum gro_verdict all = a->tos == b->tos ? GRO_MERGE : GRO_NO_MERGE;

	/* the object stands for the interface or tunnel: equal bytes from elsewhere are another
	 * tenant's */
	if (a->obj != b->obj || it->st.rows != c->st.rows)
		return GRO_OTHER_FLOW;
	c->fixed = 0;
	for (unsigned int i = 0; i < c->st.n; i++) {
		const enum gro_verdict v = offload_rows[c->st.row[i]]->gro_same(c, it, i);

		if (v == GRO_OTHER_FLOW)
			return v;
		if (v == GRO_NO_MERGE)
			all = v;
	}
	return all;
}

/* The held packet of this flow, or NULL. */
static struct gro_item *gro_find(
	struct gro *g, struct gro_ctx *c, uint32_t hash, enum gro_verdict *v)
{
	for (uint32_t i = g->buckets[hash & g->mask]; i; i = g->items[i].next) {
		struct gro_item *it = &g->items[i];

		if (it->hash != hash || !it->m)
			continue;
		train_settle(it);
		*v = gro_same(c, it);
		if (*v != GRO_OTHER_FLOW)
			return it;
	}
	return NULL;
}

/* Cut what is behind the layer's end. */
static void trim_padding(struct rte_mbuf *m, const struct pkt_layer *l)
{
	if (unlikely(m->pkt_len > l->end_off) && pkt_trim_to(m, l->end_off))
		assert(!"end_off <= pkt_len");
}

/* A second packet is there: make the first one fit to have payload linked behind and its headers
 * corrected. */
static bool train_open(struct gro_item *it)
{
	if (!verify(it->m, pkt_meta(it->m), &it->st))
		return false;
	if (pkt_unshare(&it->m, it->st.off[it->st.n]))
		return false;
	/* from here on it cannot fail: outer lengths still count the padding */
	trim_padding(it->m, &pkt_meta(it->m)->inner);
	it->hdr = rte_pktmbuf_mtod(it->m, const uint8_t *);
	it->last = rte_pktmbuf_lastseg(it->m);
	return true;
}

/* A packet that fits what is remembered of its flow starts a train; false: it may not. */
static __rte_noinline bool gro_start(
	struct gro *g, struct gro_item *it, struct rte_mbuf *m, uint64_t now_ns)
{
	if (unlikely(!forecast_starts(&it->forecast, m)))
		return false;
	forecast_start(&it->forecast, m);
	it->m = m;
	it->hdr = rte_pktmbuf_mtod(m, const uint8_t *);
	it->plen = it->last_plen = it->forecast.plen;
	it->n_pkts = 1;
	it->fixed = 0;
	it->carry = 0;
	it->held_ns = now_ns;
	it->credit = 0;
	list_del(g, (uint32_t)(it - g->items));
	list_add(g, HELD, (uint32_t)(it - g->items));
	g->n_held++;
	return true;
}

/* A train of one packet, to be joined by a second one that is as forecast. */
static __rte_noinline bool train_ready(struct gro_item *it)
{
	if (it->n_pkts > 1 || it->joined || !train_open(it))
		return false;
	it->fixed = it->forecast.fixed;
	train_credit(it);
	return it->credit;
}

/* The short way: the packet is as forecast and started or joined the train of @it; false: nothing
 * happened. */
static inline __attribute__((always_inline)) bool gro_continue(struct gro *g, struct gro_item *it,
	struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out)
{
	struct forecast *f = &it->forecast;
	struct pkt_meta *md = pkt_meta(m);

	if (!forecast_fits(f, m, md) || !(it->kind & what))
		return false;
	if (unlikely(!it->m))
		return gro_start(g, it, m, now_ns);
	if (!forecast_next(f, m))
		return false;
	if (unlikely(md->inner.csum != PKT_CSUM_VERIFIED ||
		     (f->verify_outer && md->outer.csum != PKT_CSUM_VERIFIED)) &&
		!verify(m, md, &it->st))
		return false;
	if (unlikely(!it->credit) && !train_ready(it))
		return false;
	forecast_advance(f);
	m->data_off += f->hlen;
	m->data_len = f->plen;
	m->pkt_len = f->plen;
	it->last->next = m;
	it->last = m;
	it->joined++;
	if (unlikely(!--it->credit) && it->joined + it->n_pkts == it->max_pkts)
		gro_release(g, it, out);
	return true;
}

/* Append the packet to the train it continues; false: it does not fit, nothing changed. */
static bool gro_merge(struct gro_item *it, struct gro_ctx *c)
{
	struct rte_mbuf *m = c->m;
	/* to make the first packet's headers private may take one more */
	const uint32_t n_segs = it->m->nb_segs + (it->n_pkts == 1) + (uint32_t)m->nb_segs;

	if ((c->flags & (GRO_C_SOLO | GRO_C_FIRST)) || c->plen > it->seg_plen ||
		it->m->pkt_len + c->plen > it->max_len || n_segs > SEGS_MAX)
		return false;
	if (!verify(m, c->md, &c->st))
		return false;
	if (it->n_pkts == 1 && !train_open(it))
		return false;
	trim_padding(m, &c->md->inner);
	if (!(c->flags & GRO_C_LAST) && c->plen == it->seg_plen)
		forecast_make(&it->forecast, c);
	if (pkt_trim_front(&m, c->st.off[c->st.n]))
		assert(!"headers are inside the packet");
	it->last = pkt_append_at(it->m, it->last, m);
	it->plen += c->plen;
	it->carry |= c->carry;
	it->next_seq = c->next_seq;
	it->last_plen = c->plen;
	it->fixed = c->fixed;
	it->n_pkts++;
	if (it->forecast.hlen)
		train_credit(it);
	return true;
}

/*
 * A free item for a flow of this hash, and room for it in the bucket: what is remembered of the
 * hash, and otherwise the oldest, leaves.
 */
static struct gro_item *gro_make_room(struct gro *g, uint32_t hash, struct pkt_list *out)
{
	struct gro_item *last = NULL, *it;
	uint32_t depth = 0;

	for (uint32_t i = g->buckets[hash & g->mask], next; i; i = next) {
		it = &g->items[i];
		next = it->next;
		if (!it->m && it->hash == hash) {
			forget(g, it);
			continue;
		}
		last = it; /* chains are youngest first */
		depth++;
	}
	if (depth >= CHAIN_MAX) {
		if (last->m)
			gro_release(g, last, out);
		forget(g, last);
	}
	if (list_empty(g, FREE))
		gro_release(g, &g->items[g->items[HELD].younger], out);
	it = &g->items[g->items[FREE].younger];
	forget(g, it);
	list_del(g, (uint32_t)(it - g->items));
	return it;
}

static void gro_hold(struct gro *g, const struct gro_ctx *c, uint32_t hash, uint64_t now_ns,
	struct pkt_list *out)
{
	struct gro_item *it = gro_make_room(g, hash, out);

	it->m = c->m;
	it->hdr = c->hdr;
	it->st = c->st;
	it->hash = hash;
	it->plen = c->plen;
	it->carry = c->carry;
	it->next_seq = c->next_seq;
	it->last_plen = c->plen;
	it->kind = offload_innermost(&c->st)->gro_kind;
	/* counted from the outermost IP header that is there */
	it->max_len = (c->md->outer.l3 != PKT_L3_NONE ? c->md->outer.l3_off : c->md->inner.l3_off) +
		      LEN_MAX;
	it->n_pkts = 1;
	it->max_pkts = c->max_pkts;
	it->seg_plen = (uint16_t)c->plen;
	it->fixed = 0;
	it->joined = it->credit = 0;
	it->held_ns = now_ns;
	bucket_add(g, it, hash);
	list_add(g, HELD, (uint32_t)(it - g->items));
	g->n_held++;
}

/* Fragments carry no ports: what is held of their addresses could be of the same flow.  They are
 * rare. */
static void pass_unknown(struct gro *g, struct rte_mbuf *m, struct pkt_list *out)
{
	if (pkt_meta(m)->inner.flags & PKT_LF_FRAG)
		gro_flush(g, out);
	pkt_list_add(out, m);
}

/* What is to be sent as fragments has other headers than the datagrams of its flow, but their hash.
 */
static void pass_unlike(struct gro *g, struct rte_mbuf *m, uint32_t hash, struct pkt_list *out)
{
	for (uint32_t i = g->buckets[hash & g->mask], next; i; i = next) {
		struct gro_item *it = &g->items[i];

		next = it->next;
		if (it->m && it->hash == hash)
			gro_release(g, it, out);
	}
	pkt_list_add(out, m);
}

/* Is the train over?  A smaller packet is the last one, or segmentation could not tell where it
 * started. */
static bool train_ends(const struct gro_item *it, const struct gro_ctx *c)
{
	return (c->flags & GRO_C_LAST) || it->n_pkts == it->max_pkts ||
	       (c->plen < it->seg_plen && !offload_innermost(&c->st)->uneven);
}

static inline void touch(struct gro *g, struct gro_item *it)
{
	g->hot->after = it;
	g->hot = it;
	g->guess = it->after;
}

/* The long way. */
static void gro_consider(
	struct gro *g, struct gro_ctx *c, uint32_t hash, uint64_t now_ns, struct pkt_list *out)
{
	enum gro_verdict verdict = GRO_OTHER_FLOW;
	struct gro_item *it = gro_find(g, c, hash, &verdict);

	if (it && verdict == GRO_MERGE && gro_merge(it, c)) {
		touch(g, it);
		if (train_ends(it, c))
			gro_release(g, it, out);
		return;
	}
	if (it)
		gro_release(g, it, out);
	if (c->flags & (GRO_C_SOLO | GRO_C_LAST))
		pkt_list_add(out, c->m);
	else
		gro_hold(g, c, hash, now_ns, out);
}

#define DOUBT_MAX   8 /* a wrong guess counts twice, a right one makes good for one */
#define DOUBT_LIMIT 4 /* from here on nobody guesses */

/* Was the item that the packet is for the guessed one? */
static inline void judge_guess(struct gro *g, bool right)
{
	if (!right)
		g->doubt = RTE_MIN(g->doubt + 2, (uint32_t)DOUBT_MAX);
	else if (g->doubt)
		g->doubt--;
}

/* Not as the guessed item forecast it, or nobody guessed. */
static __rte_noinline void gro_receive_other(
	struct gro *g, struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out)
{
	const struct gro_item *const tried = g->doubt < DOUBT_LIMIT ? g->guess : NULL;
	struct pkt_meta *md = pkt_meta(m);
	struct gro_ctx c;

	if (md->inner.l4 == PKT_L4_NONE) {
		pass_unknown(g, m, out);
		return;
	}
	if (!md->hash)
		md->hash = pkt_flow_hash(m, &md->inner);
	for (uint32_t i = g->buckets[md->hash & g->mask]; i; i = g->items[i].next) {
		struct gro_item *const it = &g->items[i];

		if (it->hash == md->hash && it != tried &&
			gro_continue(g, it, m, what, now_ns, out)) {
			judge_guess(g, it == g->guess);
			touch(g, it);
			return;
		}
	}
	if (gro_parse(&c, m, what))
		gro_consider(g, &c, md->hash, now_ns, out);
	else
		pass_unlike(g, m, md->hash, out);
}

static inline void receive(
	struct gro *g, struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out)
{
	struct gro_item *const it = g->guess;

	if (likely(g->doubt < DOUBT_LIMIT && gro_continue(g, it, m, what, now_ns, out))) {
		g->hot = it;
		g->guess = it->after;
	} else {
		gro_receive_other(g, m, what, now_ns, out);
	}
}

void gro_receive(
	struct gro *g, struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out)
{
	receive(g, m, what, now_ns, out);
}

#define AHEAD 4 /* packets whose first bytes are fetched while the one before is worked on */
#define LINES 6 /* cache lines of an item that the short way looks at */

/* Nobody guesses: find the flow of a packet whose turn comes soon, and fetch its item. */
static inline void look_ahead(const struct gro *g, struct rte_mbuf *m)
{
	struct pkt_meta *md = pkt_meta(m);
	const char *it;

	if (md->inner.l4 == PKT_L4_NONE)
		return;
	if (!md->hash)
		md->hash = pkt_flow_hash(m, &md->inner);
	it = (const char *)&g->items[g->buckets[md->hash & g->mask]];
	for (unsigned int i = 0; i < LINES; i++)
		rte_prefetch0(it + i * RTE_CACHE_LINE_SIZE);
}

void gro_receive_burst(struct gro *g, struct rte_mbuf **pkts, unsigned int n, uint32_t what,
	uint64_t now_ns, struct pkt_list *out)
{
	for (unsigned int i = 0; i < n; i++) {
		if (i + AHEAD < n) {
			rte_prefetch0(pkt_meta_const(pkts[i + AHEAD]));
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + AHEAD], const char *));
		}
		if (g->doubt >= DOUBT_LIMIT && i + AHEAD / 2 < n)
			look_ahead(g, pkts[i + AHEAD / 2]);
		receive(g, pkts[i], what, now_ns, out);
	}
}

void gro_flush(struct gro *g, struct pkt_list *out)
{
	while (!list_empty(g, HELD))
		gro_release(g, &g->items[g->items[HELD].younger], out);
}

bool gro_holds(const struct gro *g)
{
	return !list_empty(g, HELD);
}

void gro_flush_aged(struct gro *g, uint64_t now_ns, uint64_t age_ns, struct pkt_list *out)
{
	while (!list_empty(g, HELD)) {
		struct gro_item *it = &g->items[g->items[HELD].younger];

		if ((int64_t)(now_ns - it->held_ns) <= (int64_t)age_ns)
			return;
		gro_release(g, it, out);
	}
}
