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
 * One worker owns it all: no locks.  Memory is allocated at creation only.
 */
#include "offload/gro.h"

#include <stdlib.h>

#include "offload/offload_ops.h"
#include "pkt/parse.h"

#define CHAIN_MAX   8
#define LEN_MAX	    65535 /* of the outermost IP packet; Linux has the same limit */
#define SEGS_MAX    256	  /* mbuf segments of a train: what ports can hand on in one piece */
#define N_FLOWS_MAX (1u << 20)

struct gro {
	struct gro_item
		*items; /* [0] is the list head: older = youngest of all, younger = oldest of all */
	uint32_t *buckets; /* first item or 0 */
	uint32_t mask;
	uint32_t free; /* linked by next */
	uint32_t n_held;
};

struct gro *gro_create(uint32_t n_flows)
{
	const uint32_t n = rte_align32pow2(RTE_MIN(RTE_MAX(n_flows, 8u), N_FLOWS_MAX));
	struct gro *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->items = calloc(n + 1, sizeof(*g->items));
	g->buckets = calloc(2 * n, sizeof(*g->buckets));
	if (!g->items || !g->buckets) {
		gro_destroy(g);
		return NULL;
	}
	g->mask = 2 * n - 1;
	for (uint32_t i = n; i > 0; i--) {
		g->items[i].next = g->free;
		g->free = i;
	}
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

/* ---- lists ---- */

static void item_link(struct gro *g, struct gro_item *it)
{
	struct gro_item *const head = g->items;
	const uint32_t idx = (uint32_t)(it - g->items);
	uint32_t *bucket = &g->buckets[it->hash & g->mask];

	it->next = *bucket;
	*bucket = idx;
	it->older = head->older;
	it->younger = 0;
	g->items[it->older].younger = idx;
	head->older = idx;
	g->n_held++;
}

static void item_unlink(struct gro *g, struct gro_item *it)
{
	const uint32_t idx = (uint32_t)(it - g->items);
	uint32_t *p = &g->buckets[it->hash & g->mask];

	while (*p != idx)
		p = &g->items[*p].next;
	*p = it->next;
	g->items[it->older].younger = it->younger;
	g->items[it->younger].older = it->older;
	it->next = g->free;
	g->free = idx;
	g->n_held--;
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

static void gro_release(struct gro *g, struct gro_item *it, struct pkt_list *out)
{
	struct rte_mbuf *m = it->m;

	if (it->n_pkts > 1)
		train_complete(it);
	item_unlink(g, it);
	pkt_list_add(out, m);
}

/* ---- what arrives ---- */

/* Fill @c; false: not ours. */
static bool gro_parse(struct gro_ctx *c, struct rte_mbuf *m, uint32_t what)
{
	struct pkt_meta *md = pkt_meta(m);
	const struct offload_ops *inner;

	if (!offload_stack_build(md, &c->st))
		return false;
	c->m = m;
	c->hdr = rte_pktmbuf_mtod(m, const uint8_t *);
	c->l = &md->inner;
	c->plen = md->inner.end_off - md->inner.pay_off;
	c->fixed = 0;
	inner = offload_innermost(&c->st);
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

		if (it->hash != hash)
			continue;
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
	struct pkt_layer *l = &pkt_meta(it->m)->inner;

	if (!offload_innermost(&it->st)->gro_verify(it->m, l))
		return false;
	trim_padding(it->m, l);
	if (pkt_unshare(&it->m, it->st.off[it->st.n]))
		return false;
	it->hdr = rte_pktmbuf_mtod(it->m, const uint8_t *);
	it->last = rte_pktmbuf_lastseg(it->m);
	return true;
}

/* Append the packet to the train it continues; false: it does not fit, nothing changed. */
static bool gro_merge(struct gro_item *it, struct gro_ctx *c)
{
	struct rte_mbuf *m = c->m;

	if ((c->flags & (GRO_C_SOLO | GRO_C_FIRST)) || c->plen > it->seg_plen ||
		it->m->pkt_len + c->plen > it->max_len || it->m->nb_segs + m->nb_segs > SEGS_MAX)
		return false;
	if (!offload_innermost(&c->st)->gro_verify(m, c->l))
		return false;
	if (it->n_pkts == 1 && !train_open(it))
		return false;
	trim_padding(m, c->l);
	if (pkt_trim_front(&m, c->st.off[c->st.n]))
		assert(!"headers are inside the packet");
	it->last = pkt_append_at(it->m, it->last, m);
	it->plen += c->plen;
	it->carry |= c->carry;
	it->fixed = c->fixed;
	it->n_pkts++;
	return true;
}

/* Room for one more in the table and in the bucket: the oldest leave. */
static void gro_make_room(struct gro *g, uint32_t hash, struct pkt_list *out)
{
	uint32_t i = g->buckets[hash & g->mask], last = 0, depth = 0;

	for (; i; i = g->items[i].next, depth++)
		last = i; /* chains are youngest first */
	if (depth >= CHAIN_MAX)
		gro_release(g, &g->items[last], out);
	if (!g->free)
		gro_release(g, &g->items[g->items[0].younger], out);
}

static void gro_hold(struct gro *g, const struct gro_ctx *c, uint32_t hash, uint64_t now_ns,
	struct pkt_list *out)
{
	struct gro_item *it;

	gro_make_room(g, hash, out);
	it = &g->items[g->free];
	g->free = it->next;
	it->m = c->m;
	it->hdr = c->hdr;
	it->st = c->st;
	it->hash = hash;
	it->plen = c->plen;
	it->carry = c->carry;
	/* counted from the outermost IP header, which is the one behind the first header */
	it->max_len = c->st.off[1] + LEN_MAX;
	it->n_pkts = 1;
	it->max_pkts = c->max_pkts;
	it->seg_plen = (uint16_t)c->plen;
	it->fixed = 0;
	it->held_ns = now_ns;
	item_link(g, it);
}

/* Fragments carry no ports: what is held of their addresses could be of the same flow.  They are
 * rare. */
static void pass_unknown(struct gro *g, struct rte_mbuf *m, struct pkt_list *out)
{
	if (pkt_meta(m)->inner.flags & PKT_LF_FRAG)
		gro_flush(g, out);
	pkt_list_add(out, m);
}

void gro_receive(
	struct gro *g, struct rte_mbuf *m, uint32_t what, uint64_t now_ns, struct pkt_list *out)
{
	struct pkt_meta *md = pkt_meta(m);
	enum gro_verdict verdict = GRO_OTHER_FLOW;
	struct gro_item *it;
	struct gro_ctx c;

	if (!gro_parse(&c, m, what)) {
		pass_unknown(g, m, out);
		return;
	}
	if (!md->hash)
		md->hash = pkt_flow_hash(m, &md->inner);
	it = gro_find(g, &c, md->hash, &verdict);
	if (it && verdict == GRO_MERGE && gro_merge(it, &c)) {
		/* a smaller packet is the last one, or segmentation could not tell where it started
		 */
		if ((c.flags & GRO_C_LAST) || c.plen < it->seg_plen || it->n_pkts == it->max_pkts)
			gro_release(g, it, out);
		return;
	}
	if (it)
		gro_release(g, it, out);
	if (c.flags & (GRO_C_SOLO | GRO_C_LAST))
		pkt_list_add(out, m);
	else
		gro_hold(g, &c, md->hash, now_ns, out);
}

void gro_flush(struct gro *g, struct pkt_list *out)
{
	while (g->items[0].younger)
		gro_release(g, &g->items[g->items[0].younger], out);
}

void gro_flush_aged(struct gro *g, uint64_t now_ns, uint64_t age_ns, struct pkt_list *out)
{
	while (g->items[0].younger) {
		struct gro_item *it = &g->items[g->items[0].younger];

		if ((int64_t)(now_ns - it->held_ns) <= (int64_t)age_ns)
			return;
		gro_release(g, it, out);
	}
}
