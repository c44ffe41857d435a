/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the next packet of a train will look like.  Two packets of a flow say all that the rows have
 * to say about the third: its headers are the second one's, but for counters that go on as they did
 * and checksums that nobody can know.  So a packet that is as forecast need not be shown to any
 * row: one masked comparison of all its headers at once, and the counters.  (Van Jacobson's header
 * prediction, for any stack of headers.)
 *
 * What a forecast does not meet is not wrong, just to be looked at in full.
 */
#ifndef CVSW_OFFLOAD_FORECAST_H
#define CVSW_OFFLOAD_FORECAST_H

#include <string.h>

#include "pkt/pkt.h"

#define FORECAST_HLEN_MAX 192 /* bytes of headers; longer ones are not forecast */
#define FORECAST_COUNTERS 6
#define FORECAST_PAIRS	  2
#define FORECAST_SUMS	  3

/* A big-endian field that grows by the same amount from packet to packet: 16 bits (shift 16) or 32
 * (0). */
struct forecast_counter {
	uint32_t want, step;
	uint16_t off;
	uint16_t shift;
};

/* Two fields whose one's complement sum never changes: a checksum and what it covers. */
struct forecast_pair {
	uint16_t a, b;
	uint16_t sum;
};

/* Payload bytes that its frame has behind a packet in which the counter is @value, of @plen bytes
 * itself; 0: none, or that makes no sense. */
typedef uint32_t forecast_left_fn(uint32_t value, uint32_t plen);

struct forecast {
	uint16_t hlen;	/* 0: nothing is forecast */
	uint16_t n_vec; /* vectors of 16 bytes */
	uint16_t plen;
	uint8_t n_counters, n_pairs, n_sums;
	bool verify_outer;	     /* the outer checksum is one of the sums */
	uint8_t row, fixed;	     /* the row at hand while it is made; gro_item.fixed */
	uint16_t sum[FORECAST_SUMS]; /* where checksums are that the rows verify */
	uint64_t about;		     /* obj, tunnel and tos of the metadata */
	struct pkt_layer layer;
	struct forecast_pair pairs[FORECAST_PAIRS];
	struct forecast_counter counters[FORECAST_COUNTERS];
	struct {
		uint8_t image[16], mask[16];
	} vec[FORECAST_HLEN_MAX / 16] __attribute__((aligned(16)));
	forecast_left_fn *left; /* NULL: trains end by other signs than counters */
	uint8_t left_counter;
};

/* ---- for rows ---- */

/* @n bytes at @off may have any value. */
static inline void forecast_any(struct forecast *f, uint16_t off, uint16_t n)
{
	for (; n; n--, off++)
		f->vec[off / 16].mask[off % 16] = 0;
}

/* The field at @off is a checksum that gro_verify judges.  0 and 0xffff are left to the rows, which
 * see more in them. */
static inline void forecast_sum(struct forecast *f, uint16_t off)
{
	forecast_any(f, off, 2);
	f->sum[f->n_sums++] = off;
}

/* The 4 or (@shift 16) 2 bytes at @off, now @value, grow by @step.  They do not end the headers. */
static inline void forecast_counter(
	struct forecast *f, uint16_t off, uint16_t shift, uint32_t value, uint32_t step)
{
	forecast_any(f, off, shift ? 2 : 4);
	f->counters[f->n_counters++] = (struct forecast_counter){
		.want = (value + step) & UINT32_MAX >> shift,
		.step = step,
		.off = off,
		.shift = shift,
	};
}

/* The counter added last says how much is left of a frame: what has nothing behind it is left to
 * the rows, and so is what comes then. */
static inline void forecast_ends(struct forecast *f, forecast_left_fn *left)
{
	f->left = left;
	f->left_counter = (uint8_t)(f->n_counters - 1);
}

static inline uint16_t forecast_pair_sum(uint16_t a, uint16_t b)
{
	const uint32_t sum = (uint32_t)a + b;

	return (uint16_t)(sum + (sum >> 16));
}

/* What the 16-bit field at @b has more, the checksum at @a has less.  A checksum of 0xffff is left
 * to the row. */
static inline void forecast_pair(
	struct forecast *f, uint16_t a, uint16_t b, uint16_t a_value, uint16_t b_value)
{
	forecast_any(f, a, 2);
	forecast_any(f, b, 2);
	f->pairs[f->n_pairs++] = (struct forecast_pair){ a, b,
		forecast_pair_sum(a_value, b_value) };
}

/* ---- for gro.c ---- */

struct gro_ctx;

/* Forecast what follows the packet of @c, which continues a train; its headers are still there. */
void forecast_make(struct forecast *f, const struct gro_ctx *c);

/*
 * forecast_fits: is the packet one of this flow, in all that does not change, with as much payload?
 * It may start a train then, if forecast_starts says so, too. forecast_next: is it the very next
 * one (fits, too)?  All of these read only and leave checksums to the rows. forecast_start,
 * forecast_advance: it was and belongs to a train now; expect the one behind.  forecast_run: of how
 * many packets from the expected one on the rows need not be asked.
 */
static inline bool forecast_fits(
	const struct forecast *f, const struct rte_mbuf *m, const struct pkt_meta *md);
static inline bool forecast_starts(const struct forecast *f, const struct rte_mbuf *m);
static inline bool forecast_next(const struct forecast *f, const struct rte_mbuf *m);
static inline void forecast_start(struct forecast *f, const struct rte_mbuf *m);
static inline void forecast_advance(struct forecast *f);
static inline uint32_t forecast_run(const struct forecast *f);

typedef uint64_t forecast_vec __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t forecast_u64 __attribute__((aligned(1), may_alias));
typedef uint32_t forecast_u32 __attribute__((aligned(1), may_alias));
typedef uint16_t forecast_u16 __attribute__((aligned(1), may_alias));

static inline bool forecast_bytes(const struct forecast *f, const uint8_t *hdr)
{
	forecast_vec diff = { 0, 0 };

	for (unsigned int i = 0; i < f->n_vec; i++) {
		const forecast_vec got = *(const forecast_vec *)(hdr + 16 * i),
				   want = *(const forecast_vec *)f->vec[i].image,
				   mask = *(const forecast_vec *)f->vec[i].mask;

		diff |= (got ^ want) & mask;
	}
	return !(diff[0] | diff[1]);
}

static inline bool forecast_sums(const struct forecast *f, const uint8_t *hdr)
{
	for (unsigned int i = 0; i < f->n_sums; i++) {
		const uint16_t sum = *(const forecast_u16 *)(hdr + f->sum[i]);

		if ((uint16_t)(sum + 1) < 2)
			return false;
	}
	for (unsigned int i = 0; i < f->n_pairs; i++) {
		const uint16_t a = *(const forecast_u16 *)(hdr + f->pairs[i].a),
			       b = *(const forecast_u16 *)(hdr + f->pairs[i].b);

		if (a == 0xffff || forecast_pair_sum(a, b) != f->pairs[i].sum)
			return false;
	}
	return true;
}

static inline uint32_t forecast_read(const struct forecast_counter *c, const uint8_t *hdr)
{
	return rte_be_to_cpu_32(*(const forecast_u32 *)(hdr + c->off)) >> c->shift;
}

/*
 * What the layer says beyond what its bytes say already (the same bytes from the same place have
 * the same offsets): that it was parsed, and owes no segmentation.  Not csum.
 */
static inline bool forecast_layer(const struct pkt_layer *want, const struct pkt_layer *got)
{
	static_assert(sizeof(*want) == 24 && offsetof(struct pkt_layer, l4) == 16 &&
			      offsetof(struct pkt_layer, csum) == 18,
		"l4, flags, csum, gso_type, gso_size, gso_ecn, proto are the last word");
	const union {
		uint8_t b[8];
		uint64_t w;
	} no_csum = { .b = { 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff, 0xff } };

	return !((*(const forecast_u64 *)&want->l4 ^ *(const forecast_u64 *)&got->l4) & no_csum.w);
}

/* obj, tun_off, tun_hlen, tos, tun. */
static inline uint64_t forecast_about(const struct pkt_meta *md)
{
	static_assert(
		offsetof(struct pkt_meta, tun) == offsetof(struct pkt_meta, obj) + 7, "one word");
	return *(const forecast_u64 *)&md->obj;
}

static inline bool forecast_fits(
	const struct forecast *f, const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const uint8_t *hdr = rte_pktmbuf_mtod(m, const uint8_t *);

	/* whole vectors are read; no padding behind the packet: pkt_len is the layer's end */
	return f->hlen && m->nb_segs == 1 && m->data_len >= 16u * f->n_vec &&
	       m->pkt_len == f->layer.end_off && forecast_about(md) == f->about &&
	       forecast_layer(&f->layer, &md->inner) && forecast_bytes(f, hdr) &&
	       forecast_sums(f, hdr);
}

static inline bool forecast_starts(const struct forecast *f, const struct rte_mbuf *m)
{
	const uint8_t *hdr = rte_pktmbuf_mtod(m, const uint8_t *);

	return !f->left || f->left(forecast_read(&f->counters[f->left_counter], hdr), f->plen);
}

static inline uint32_t forecast_run(const struct forecast *f)
{
	if (!f->left)
		return UINT32_MAX;
	/* each has plen bytes less behind it; the last one that has any is still one of them */
	return (f->left(f->counters[f->left_counter].want, f->plen) + f->plen - 1) / f->plen;
}

static inline bool forecast_next(const struct forecast *f, const struct rte_mbuf *m)
{
	const uint8_t *hdr = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t diff = 0;

	for (unsigned int i = 0; i < f->n_counters; i++)
		diff |= forecast_read(&f->counters[i], hdr) ^ f->counters[i].want;
	return !diff;
}

static inline void forecast_advance(struct forecast *f)
{
	for (unsigned int i = 0; i < f->n_counters; i++) {
		struct forecast_counter *c = &f->counters[i];

		c->want = (c->want + c->step) & UINT32_MAX >> c->shift;
	}
}

static inline void forecast_start(struct forecast *f, const struct rte_mbuf *m)
{
	const uint8_t *hdr = rte_pktmbuf_mtod(m, const uint8_t *);

	for (unsigned int i = 0; i < f->n_counters; i++)
		f->counters[i].want = forecast_read(&f->counters[i], hdr);
	forecast_advance(f);
}

#endif
