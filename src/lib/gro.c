/* SPDX-License-Identifier: BSD-3-Clause */
/* The engine gro.c for arrays of a driver's packets. */
#include "offload/gro.h"

#include <errno.h>
#include <stdlib.h>
#include <rte_prefetch.h>

#include "lib/lib.h"
#include "lib/place.h"

#define BURST 64
#define AHEAD 4 /* packets whose headers are fetched while the one before is parsed */

static_assert(CVSW_GRO_TCP == GRO_TCP && CVSW_GRO_UDP == GRO_UDP && CVSW_GRO_SCTP == GRO_SCTP &&
		      CVSW_GRO_SCLP == GRO_SCLP && CVSW_GRO_STT == GRO_STT &&
		      !(CVSW_GRO_PARSED & GRO_ALL),
	"the same numbers");

struct cvsw_gro {
	struct gro *engine;
	struct pkt_wire_ports ports;
	struct places places;
};

struct cvsw_gro *cvsw_gro_create(uint32_t n_flows, const struct cvsw_ports *ports)
{
	struct cvsw_gro *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->engine = gro_create(n_flows);
	if (!g->engine) {
		free(g);
		return NULL;
	}
	g->ports = lib_ports(ports);
	return g;
}

void cvsw_gro_destroy(struct cvsw_gro *g)
{
	struct pkt_list held;
	struct rte_mbuf *m;

	if (!g)
		return;
	pkt_list_init(&held);
	gro_flush(g->engine, &held);
	while ((m = pkt_list_pop(&held)))
		pkt_done(m);
	gro_destroy(g->engine);
	free(g);
}

/* Trains look like a driver's, too.  What is to be sent as fragments is none. */
static void hand_out(struct pkt_list *done, struct cvsw_queue *out)
{
	struct rte_mbuf *m;

	pkt_list_for_each(m, done) {
		const struct pkt_layer *l = &pkt_meta(m)->inner;

		if (l->gso_type == PKT_GSO_NONE || l->gso_type == PKT_GSO_UFO)
			continue;
		m->ol_flags &= ~RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK;
		m->ol_flags |= RTE_MBUF_F_RX_LRO | RTE_MBUF_F_RX_L4_CKSUM_NONE;
		m->tso_segsz = l->gso_size;
	}
	pkt_list_splice(lib_list(out), done);
}

/* Packets on their way to the engine. */
struct feed {
	struct cvsw_gro *g;
	uint32_t what;
	uint64_t now_ns;
	struct pkt_list done;
	unsigned int n;
	struct rte_mbuf *pkts[BURST];
};

static void feed_push(struct feed *f)
{
	gro_receive_burst(f->g->engine, f->pkts, f->n, f->what & GRO_ALL, f->now_ns, &f->done);
	f->n = 0;
}

static void feed_flush(struct feed *f)
{
	feed_push(f);
	gro_flush(f->g->engine, &f->done);
}

static uint16_t feed_place(struct feed *f, const struct rte_mbuf *m)
{
	uint16_t place = place_of(&f->g->places, m);

	if (unlikely(!place)) {
		feed_flush(f); /* no held packet has an old number then */
		places_clear(&f->g->places);
		place = place_of(&f->g->places, m);
	}
	return place;
}

/* false: it has no metadata. */
static bool feed_add(struct feed *f, struct rte_mbuf *m)
{
	int err = 0;

	if (!(f->what & CVSW_GRO_PARSED))
		err = lib_parse_rx(&m, &f->g->ports);
	else if (!lib_has_priv(m))
		err = -EINVAL;
	if (err == -EINVAL)
		return false;
	if (unlikely(err)) { /* not understood for want of a buffer: it may be of any flow */
		feed_flush(f);
		pkt_list_add(&f->done, m);
		return true;
	}
	pkt_meta(m)->obj = feed_place(f, m);
	f->pkts[f->n++] = m;
	if (f->n == BURST)
		feed_push(f);
	return true;
}

unsigned int cvsw_gro_receive(struct cvsw_gro *g, struct rte_mbuf **pkts, unsigned int n,
	uint32_t what, uint64_t now_ns, struct cvsw_queue *out)
{
	struct feed f = { .g = g, .what = what, .now_ns = now_ns };
	unsigned int i;

	pkt_list_init(&f.done);
	for (i = 0; i < n; i++) {
		if (i + AHEAD < n) {
			rte_prefetch0(pkt_meta_const(pkts[i + AHEAD]));
			rte_prefetch0(rte_pktmbuf_mtod(pkts[i + AHEAD], const char *));
		}
		if (!feed_add(&f, pkts[i]))
			break;
	}
	feed_push(&f);
	hand_out(&f.done, out);
	return i;
}

void cvsw_gro_flush(struct cvsw_gro *g, struct cvsw_queue *out)
{
	struct pkt_list done;

	pkt_list_init(&done);
	gro_flush(g->engine, &done);
	hand_out(&done, out);
}

void cvsw_gro_flush_aged(
	struct cvsw_gro *g, uint64_t now_ns, uint64_t age_ns, struct cvsw_queue *out)
{
	struct pkt_list done;

	pkt_list_init(&done);
	gro_flush_aged(g->engine, now_ns, age_ns, &done);
	hand_out(&done, out);
}
