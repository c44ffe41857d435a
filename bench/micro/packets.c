/* SPDX-License-Identifier: BSD-3-Clause */
#include "packets.h"

#include <stdlib.h>
#include <string.h>
#include <rte_byteorder.h>

#include "arena.h"
#include "base/xalloc.h"
#include "pkt/parse_wire.h"
#include "rte_fields.h"
#include "tests/lib/rnd.h"

#define ROUND_MIN   256 /* packets: what a receive ring of a usual size holds */
#define JUMBO_ROOM  9216
#define CACHE_LINE_ 64

static void sizes(struct packets *pk, const struct point *pt)
{
	pk->pt = *pt;
	pk->per = pt->n_flows == 1 ? pt->burst : pt->per_flow;
	pk->n_window = pt->n_flows * pk->per;
	pk->n_windows = pt->n_windows ? pt->n_windows
				      : (ROUND_MIN + pk->n_window - 1) / pk->n_window;
	pk->n = pk->n_window * pk->n_windows;
}

/* Opaque frames begin with a window, or where the one before is as long as can be. */
static void arrival_frame(const struct packets *pk, uint32_t in_window, struct frame_at *at)
{
	const uint32_t train = packets_train_max(pk), n = (pk->per + train - 1) / train;
	const uint32_t nth = in_window / train, first = nth * train;

	at->frame_id = at->idx / pk->per * n + nth;
	at->frame_off = (in_window - first) * pk->pt.seg;
	at->frame_len = RTE_MIN(train, pk->per - first) * pk->pt.seg;
}

/* The @idx-th packet of a flow. */
static struct frame_at arrival_of(const struct packets *pk, uint32_t flow, uint32_t idx)
{
	struct frame_at at = { .flow = flow,
		.idx = idx,
		.pos = idx * pk->pt.seg,
		.plen = pk->pt.seg,
		.chunk = pk->pt.seg };

	arrival_frame(pk, idx % pk->per, &at);
	return at;
}

/* The @i-th of all. */
static struct frame_at arrival(const struct packets *pk, uint32_t i)
{
	return arrival_of(pk, pk->order[i].flow, pk->order[i].idx);
}

static void shuffle(struct arrival *a, uint32_t n, struct rnd *r)
{
	while (n > 1) {
		const uint32_t k = rnd_below(r, n--);
		const struct arrival last = a[n];

		a[n] = a[k];
		a[k] = last;
	}
}

/* Who comes when. */
static void order_make(struct packets *pk)
{
	struct rnd r;

	rnd_seed(&r, 1);
	pk->order = xcalloc(pk->n, sizeof(*pk->order));
	for (uint32_t i = 0; i < pk->n; i++)
		pk->order[i].flow = i % pk->n_window % pk->pt.n_flows;
	if (pk->pt.flags & ROW_MIXED)
		for (uint32_t w = 0; w < pk->n_windows; w++)
			shuffle(pk->order + w * pk->n_window, pk->n_window, &r);
	for (uint32_t i = 0; i < pk->n; i++)
		pk->order[i].idx = pk->next_idx[pk->order[i].flow]++;
}

static void describe(struct packets *pk, const struct frame *f, const struct rte_mbuf *m)
{
	pk->l3 = f->l3;
	pk->outer_l3 = f->outer_l3;
	pk->hlen = f->hlen;
	pk->len = f->len;
	if (!(pk->pt.flags & ROW_PARSE)) {
		pk->packet_type = rte_fields_ptype(f->p);
		pk->tx_offload = rte_fields_lens(f);
		pkt_parse_wire(m, &pkt_wire_default, &pk->meta);
	}
	if (!(pk->pt.flags & ROW_VERIFY))
		pk->meta.inner.csum = pk->meta.outer.csum = PKT_CSUM_VERIFIED;
}

static struct rte_mbuf *copy_frame(struct packets *pk, const struct frame *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pk->pool);

	assert(m);
	memcpy(rte_pktmbuf_mtod(m, void *), f->b, f->len);
	m->data_len = (uint16_t)f->len;
	m->pkt_len = f->len;
	return m;
}

void packets_create(struct packets *pk, const struct point *pt)
{
	static struct frame f;
	struct frame_at at;
	uint32_t room;

	memset(pk, 0, sizeof(*pk));
	sizes(pk, pt);
	pk->next_idx = xcalloc(pt->n_flows, sizeof(*pk->next_idx));
	order_make(pk);
	at = arrival(pk, 0);
	frame_build(&f, pt->proto, &at);
	room = PKT_HEADROOM + (f.len <= PKT_SMALL_ROOM ? PKT_SMALL_ROOM : JUMBO_ROOM);
	assert(f.len <= JUMBO_ROOM);
	pk->pool = arena_create("bench-packets", pk->n, (uint16_t)room, 0);
	pk->v = xcalloc(pk->n, sizeof(*pk->v));
	pk->headers = xcalloc(pk->n, f.hlen);
	pk->payload = xcalloc(1, pt->seg);
	memcpy(pk->payload, f.b + f.hlen, pt->seg);
	for (uint32_t i = 0; i < pk->n; i++) {
		at = arrival(pk, i);
		frame_stamp(&f, &at);
		pk->v[i] = copy_frame(pk, &f);
		memcpy(pk->headers + (size_t)i * f.hlen, f.b, f.hlen);
	}
	describe(pk, &f, pk->v[0]);
}

void packets_free(struct packets *pk)
{
	for (uint32_t i = 0; i < pk->n; i++) {
		pk->v[i]->next = NULL;
		pk->v[i]->nb_segs = 1;
		rte_pktmbuf_free(pk->v[i]);
	}
	arena_free(pk->pool);
	free(pk->v);
	free(pk->headers);
	free(pk->next_idx);
	free(pk->order);
	free(pk->payload);
}

static void flush_lines(const void *p, uint32_t n)
{
#ifdef RTE_ARCH_X86
	for (uint32_t off = 0; off < n; off += CACHE_LINE_)
		__builtin_ia32_clflush((const char *)p + off);
#else
	(void)p;
	(void)n;
#endif
}

void packets_lay(struct packets *pk)
{
	for (uint32_t i = 0; i < pk->n; i++) {
		struct rte_mbuf *m = pk->v[i];

		rte_pktmbuf_reset(m);
		m->data_len = (uint16_t)pk->len;
		m->pkt_len = pk->len;
		m->packet_type = pk->packet_type;
		m->tx_offload = pk->tx_offload;
		memcpy(rte_pktmbuf_mtod(m, void *), pk->headers + (size_t)i * pk->hlen, pk->hlen);
		*pkt_meta(m) = pk->meta;
		if (pk->pt.flags & ROW_COLD) {
			flush_lines(m, sizeof(*m) + sizeof(struct pkt_meta));
			flush_lines(rte_pktmbuf_mtod(m, void *), pk->len);
		}
	}
}

uint64_t packets_working_set(const struct packets *pk)
{
	return (uint64_t)pk->n * (sizeof(struct rte_mbuf) + sizeof(struct pkt_meta) + pk->hlen +
					 (pk->pt.flags & ROW_VERIFY ? pk->pt.seg : 0));
}

uint32_t packets_train_max(const struct packets *pk)
{
	return frame_plen_max(pk->pt.proto) / pk->pt.seg;
}

/* ---- what came out ---- */

void packets_out_begin(struct packets *pk)
{
	memset(pk->next_idx, 0, pk->pt.n_flows * sizeof(*pk->next_idx));
}

/* The IP header at @off says that its packet ends where @m does. */
static bool ip_len_fits(const uint8_t *b, uint32_t off, uint8_t l3, uint32_t len)
{
	rte_be16_t field;

	memcpy(&field, b + off + (l3 == PKT_L3_IPV4 ? 2 : 4), sizeof(field));
	return off + rte_be_to_cpu_16(field) + (l3 == PKT_L3_IPV4 ? 0 : 40) == len;
}

static const char *payload_next(struct packets *pk, const uint8_t *p)
{
	const struct frame_mark mark = frame_mark_of(pk->pt.proto, p);
	struct frame_at at;

	if (mark.flow >= pk->pt.n_flows)
		return "payload of no flow came out";
	if (mark.idx != pk->next_idx[mark.flow]++)
		return "a flow came out in another order";
	at = arrival_of(pk, mark.flow, mark.idx);
	frame_stamp_payload(pk->pt.proto, pk->payload, &at);
	if (memcmp(p, pk->payload, pk->pt.seg))
		return "payload came out changed";
	return NULL;
}

const char *packets_out(struct packets *pk, const struct rte_mbuf *m)
{
	static uint8_t b[FRAME_OUTER_MAX + GEN_MAX];
	const struct proto *p = pk->pt.proto;

	if (m->pkt_len > sizeof(b) || m->pkt_len <= pk->hlen ||
		(m->pkt_len - pk->hlen) % pk->pt.seg || chain_bytes(m, b) != m->pkt_len)
		return "a packet of a wrong length came out";
	if (!ip_len_fits(b, pk->l3, p->l3, m->pkt_len) ||
		(p->wrap && !ip_len_fits(b, pk->outer_l3, p->outer_l3, m->pkt_len)))
		return "an IP length that is not the packet's came out";
	for (uint32_t off = pk->hlen; off < m->pkt_len; off += pk->pt.seg) {
		const char *why = payload_next(pk, b + off);

		if (why)
			return why;
	}
	return NULL;
}

const char *packets_out_end(const struct packets *pk, uint32_t train, uint32_t n_out)
{
	const uint32_t trains = (pk->per + train - 1) / train;

	for (uint32_t f = 0; f < pk->pt.n_flows; f++)
		if (pk->next_idx[f] != pk->per * pk->n_windows)
			return "packets are missing";
	if (rte_mempool_avail_count(pk->pool))
		return "packets went back to the pool";
	if (n_out != trains * pk->pt.n_flows * pk->n_windows)
		return "not merged into as few packets as it can";
	return NULL;
}
