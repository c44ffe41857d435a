/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GRO with packets of a few flows, edited here and there, and raw ones.  What went in must leave:
 * every packet once, in the order of its flow, and after segmentation byte for byte.
 *
 * Input: { size of the table, how the packets are given } and records:
 *   0      define flow @slot (frame_define)
 *   1 .. 3 send the next packets of flow @slot, with what was edited
 *   4      the same over and over with one header byte changed in turn (flow_sweep)
 *   5      send a super-frame of flow @slot
 *   6      a frame as it is in the input
 *   7      flush, let time pass, ask for other kinds, be another object...
 */
#include <stdlib.h>
#include <string.h>

#include "lib/book.h"
#include "lib/frames.h"
#include "lib/hostages.h"
#include "lib/judge.h"
#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"
#include "pkt/parse_wire.h"

#define N_FLOWS	  4
#define N_BURST	  32
#define N_STARVED 4
#define N_SEGS	  256

struct state {
	struct gro *gro;
	struct pkt_list out;
	struct rnd rnd;
	struct frame flows[N_FLOWS];
	struct rte_mbuf *burst[N_BURST];
	uint32_t n_burst;
	bool in_bursts, few_hashes, starve;
	unsigned int n_starved, n_supers;
	uint32_t what;
	uint64_t now_ns;
	uint16_t obj;
	uint8_t tos;
};

/* How a packet is given. */
struct how {
	uint8_t shape;
	uint8_t claim; /* bit 0: its checksums may be known to be good, 1: owed, 2: the outer owed
			*/
	bool plain;    /* looked at without tunnels */
	bool no_outer_csum, no_csum;
	uint32_t first; /* bytes in the first segment */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

/* ---- what leaves ---- */

static void layers_equal(const struct pkt_layer *a, const struct pkt_layer *b)
{
	must(a->l3 == b->l3 && a->l4 == b->l4 && a->end_off == b->end_off &&
		a->l2_off == b->l2_off && a->n_vlan == b->n_vlan);
	must(a->l3 == PKT_L3_NONE || a->l3_off == b->l3_off);
	must(a->l4 == PKT_L4_NONE || (a->l4_off == b->l4_off && a->pay_off == b->pay_off));
	must(!((a->flags ^ b->flags) & ~PKT_LF_FIXID));
}

/* The metadata says what the bytes say. */
static void judge(struct rte_mbuf *m)
{
	const struct pkt_meta md = *pkt_meta(m);
	struct pkt_meta again = md;
	const char *wrong;

	chain_judge(m);
	if (md.outer.l3 != PKT_L3_NONE || md.inner.l4 >= PKT_L4_SCLP)
		pkt_parse_wire(m, &pkt_wire_default, &again);
	else
		pkt_parse(m, md.tun_hlen, &again.inner);
	must(again.tun_hlen == md.tun_hlen && (!md.tun_hlen || again.tun_off == md.tun_off));
	layers_equal(&md.inner, &again.inner);
	if (md.outer.l3 != PKT_L3_NONE)
		layers_equal(&md.outer, &again.outer);
	wrong = oracle_check(m);
	if (wrong)
		must_(false, wrong, __FILE__, __LINE__);
}

static void drain(struct state *s)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(&s->out))) {
		struct pkt_list plain;

		judge(m);
		/* what ports can hand on in one piece; super-frames are not of our making */
		must(!pkt_meta(m)->inner.gso_type || m->nb_segs <= N_SEGS || s->n_supers);
		pkt_list_init(&plain);
		must(!tx_prepare(m, CAP_GSO, &plain));
		while ((m = pkt_list_pop(&plain))) {
			judge(m);
			must(!pkt_meta(m)->inner.gso_type);
			must(pkt_meta(m)->inner.csum != PKT_CSUM_OWED);
			must(pkt_meta(m)->outer.csum != PKT_CSUM_OWED);
			book_leave(m);
			pkt_done(m);
		}
	}
}

/* ---- what arrives ---- */

static void give_burst(struct state *s)
{
	gro_receive_burst(s->gro, s->burst, s->n_burst, s->what, s->now_ns, &s->out);
	s->n_burst = 0;
	drain(s);
}

static void give(struct state *s, struct rte_mbuf *m)
{
	struct hostages h;

	if (s->in_bursts && !s->starve) {
		s->burst[s->n_burst++] = m;
		if (s->n_burst == N_BURST)
			give_burst(s);
		return;
	}
	give_burst(s);
	if (s->starve)
		hostages_take(&h, 0);
	gro_receive(s->gro, m, s->what, s->now_ns, &s->out);
	if (s->starve)
		hostages_free(&h);
	s->starve = false;
	drain(s);
}

static struct rte_mbuf *arrival(
	struct state *s, const uint8_t *b, uint32_t n, const struct how *how, uint8_t tun)
{
	struct rte_mbuf *m = chain_make(b, n, how->shape % CHAIN_N_SHAPES,
		RTE_MIN(RTE_MAX(how->first, 1u), RTE_MIN(n, (uint32_t)PKT_SMALL_ROOM)), &s->rnd);
	struct pkt_meta *md = pkt_meta(m);

	md->obj = s->obj;
	md->tos = s->tos;
	if (tun == FRAME_BARE) {
		md->tun_hlen = n > 8 ? 8 : 0;
		pkt_parse(m, md->tun_hlen, &md->inner);
	} else if (how->plain) {
		pkt_parse(m, 0, &md->inner);
	} else {
		pkt_parse_wire(m, &pkt_wire_default, md);
	}
	if (s->few_hashes)
		md->hash = pkt_flow_hash(m, &md->inner) & 1 ? 1 : 17;
	return m;
}

static void claim(struct rte_mbuf *m, const uint8_t *b, uint8_t claim)
{
	struct pkt_meta *md = pkt_meta(m);

	if (md->inner.l4 == PKT_L4_NONE)
		return;
	if (claim & 1) {
		if (frame_csum_good(b, &md->inner))
			md->inner.csum = PKT_CSUM_VERIFIED;
		if (frame_outer_good(b, md))
			md->outer.csum = PKT_CSUM_VERIFIED;
	}
	/* from the outside inwards: the outer one covers the inner field as it was */
	if (claim & 4)
		frame_owe_outer(m);
	if (claim & 2)
		frame_owe(m);
}

static void send(struct state *s, const uint8_t *b, uint32_t n, const struct how *how, uint8_t tun)
{
	static uint8_t again[GEN_MAX];
	struct rte_mbuf *m = arrival(s, b, n, how, tun);

	must(chain_bytes(m, again) == n && !memcmp(again, b, n));
	book_add(b, n, pkt_meta(m));
	claim(m, b, how->claim);
	give(s, m);
}

/* ---- records ---- */

static void how_read(struct how *how, struct in *in)
{
	const uint8_t v = in_u8(in);

	how->shape = v & 3;
	how->claim = v >> 2 & 7;
	how->plain = v >> 5 == 7;
	how->no_outer_csum = v >> 5 == 1;
	how->no_csum = v >> 5 == 2;
	how->first = 0;
}

#define EDIT_COUNT  0x01
#define EDIT_PLEN   0x02
#define EDIT_PAD    0x04
#define EDIT_POKE   0x08
#define EDIT_SPOIL  0x10
#define EDIT_REPEAT 0x20 /* the flow does not go on */
#define EDIT_FIRST  0x40 /* headers may end in another segment */
#define EDIT_STAYS  0x80 /* later packets are edited, too */

/* Send what @f describes; it becomes the packet behind. @first: 0: all headers in the first
 * segment. */
static void frame_send(struct state *s, struct frame *f, struct how *how, uint32_t first)
{
	static uint8_t b[GEN_MAX];
	struct frame_map at;
	struct frame sent = *f;

	sent.outer_csum &= !how->no_outer_csum || f->tun >= FRAME_GRE;
	sent.no_csum |= how->no_csum;
	frame_build(&sent, b, &at);
	how->first = first ? first : at.pay;
	send(s, b, at.n, how, sent.tun);
	frame_next(&sent);
	f->seq = sent.seq;
	f->pos = sent.pos;
	f->at = sent.at;
	f->ip.id = sent.ip.id;
	f->outer.id = sent.outer.id;
}

static void flow_send(struct state *s, struct frame *flow, struct in *in)
{
	struct how how;
	uint8_t edits, n_pkts = 1, first = 0;
	struct frame f = *flow;

	how_read(&how, in);
	edits = in_u8(in);
	if (edits & EDIT_COUNT)
		n_pkts = in_u8(in);
	if (edits & EDIT_PLEN)
		f.plen = in_u16(in) % 9000;
	if (edits & EDIT_PAD)
		f.pad = in_u8(in);
	if (edits & EDIT_POKE) {
		f.poke_at = in_u8(in);
		f.poke = in_u8(in);
	}
	if (edits & EDIT_SPOIL) {
		f.spoil_at = in_u16(in);
		f.spoil = in_u8(in);
	}
	if (edits & EDIT_FIRST)
		first = in_u8(in);
	for (; n_pkts && book_has_room(); n_pkts--) {
		const struct frame before = f;

		frame_send(s, &f, &how, first);
		if (edits & EDIT_REPEAT)
			f = before;
	}
	if (!(edits & EDIT_STAYS)) {
		f.plen = flow->plen;
		f.pad = flow->pad;
		f.poke = flow->poke;
		f.poke_at = flow->poke_at;
		f.spoil = flow->spoil;
		f.spoil_at = flow->spoil_at;
	}
	*flow = f;
}

/*
 * { how, what to XOR, from which header byte on, how many of them, packets in front of each }: does
 * it matter that this byte of a packet that starts, follows or continues a train is another one?
 */
static void flow_sweep(struct state *s, struct frame *flow, struct in *in)
{
	struct how how;
	uint8_t poke, at, n_bytes, n_before;

	how_read(&how, in);
	poke = in_u8(in);
	at = in_u8(in);
	n_bytes = in_u8(in);
	n_before = in_u8(in) & 7;
	for (; n_bytes && book_has_room(); n_bytes--, at++) {
		struct frame f = *flow;

		for (unsigned int i = 0; i < n_before && book_has_room(); i++)
			frame_send(s, &f, &how, 0);
		if (!book_has_room())
			return;
		f.poke_at = at;
		f.poke = poke;
		frame_send(s, &f, &how, 0);
		f.poke_at = flow->poke_at;
		f.poke = flow->poke;
		*flow = f;
	}
}

static const uint8_t gso_types[FRAME_N_L4] = { PKT_GSO_TCP4, PKT_GSO_UDP, PKT_GSO_SCTP,
	PKT_GSO_SCLP, PKT_GSO_SCLP, PKT_GSO_STT };

static void flow_send_super(struct state *s, struct frame *flow, struct in *in)
{
	static uint8_t b[GEN_MAX];
	struct frame_map at;
	struct how how;
	struct frame f = *flow, seg;
	struct pkt_layer *l;
	struct rte_mbuf *m;
	uint32_t gso_size;

	how_read(&how, in);
	how.plain = false;
	f.plen = in_u16(in);
	f.pad = f.poke = f.spoil = f.other_zero = 0;
	frame_build(&f, b, &at);
	/* at most 32 segments, each at least a chunk */
	gso_size = RTE_MAX(1 + f.plen / 32, in_u8(in) * 8u);
	if (f.l4 == FRAME_SCTP)
		gso_size = RTE_MAX(gso_size, 1100u) + f.plen / 16;
	if (gso_size > UINT16_MAX || !f.plen)
		return;
	how.first = at.pay;
	m = arrival(s, b, at.n, &how, f.tun);
	l = &pkt_meta(m)->inner;
	if (f.outer_csum && f.tun > FRAME_BARE && !frame_owe_outer(m)) {
		pkt_done(m);
		return;
	}
	if (l->l4 == PKT_L4_NONE || !frame_owe(m)) {
		pkt_done(m);
		return;
	}
	l->gso_size = (uint16_t)gso_size;
	l->gso_type = f.l4 == FRAME_TCP && f.ip.v6 ? (uint8_t)PKT_GSO_TCP6 : gso_types[f.l4];
	if (f.ip.id_fixed)
		l->flags |= PKT_LF_FIXID;
	if (f.outer.id_fixed)
		pkt_meta(m)->outer.flags |= PKT_LF_FIXID;
	for (uint32_t i = 0; frame_segment(&f, gso_size, i, &seg); i++) {
		struct rte_mbuf *one;

		frame_build(&seg, b, &at);
		how.first = at.pay;
		how.shape = CHAIN_FLAT;
		one = arrival(s, b, at.n, &how, f.tun);
		book_add(b, at.n, pkt_meta(one));
		pkt_done(one);
	}
	s->n_supers++;
	give(s, m);
	frame_next(&f);
	flow->seq = f.seq;
	flow->pos = f.pos;
	flow->at = f.at;
	flow->ip.id = f.ip.id;
	flow->outer.id = f.outer.id;
}

static void raw_send(struct state *s, struct in *in)
{
	static uint8_t b[GEN_MAX];
	struct how how;
	uint32_t n;

	how_read(&how, in);
	how.first = in_u8(in) * 2u;
	n = RTE_MIN(1u + in_u8(in) * 2u, (uint32_t)(in->end - in->p));
	if (!n || !book_has_room())
		return;
	memcpy(b, in->p, n);
	in->p += n;
	send(s, b, n, &how, how.first & 256 ? FRAME_BARE : FRAME_PLAIN);
}

static void control(struct state *s, struct in *in)
{
	const uint8_t v = in_u8(in), arg = in_u8(in);

	give_burst(s);
	switch (v % 8) {
	case 0:
		gro_flush(s->gro, &s->out);
		break;
	case 1:
		gro_flush_aged(s->gro, s->now_ns, arg, &s->out);
		break;
	case 2:
		s->now_ns += arg;
		break;
	case 3:
		s->what = arg;
		break;
	case 4:
		s->obj = arg & 1;
		break;
	case 5:
		s->tos = arg;
		break;
	case 6:
		s->starve = s->n_starved++ < N_STARVED;
		break;
	default:
		s->in_bursts = arg & 1;
		break;
	}
	drain(s);
}

static void record(struct state *s, struct in *in)
{
	const uint8_t op = in_u8(in);
	struct frame *flow = &s->flows[op >> 3 & (N_FLOWS - 1)];

	switch (op & 7) {
	case 0:
		frame_define(flow, in);
		break;
	case 4:
		flow_sweep(s, flow, in);
		break;
	case 5:
		if (book_has_room())
			flow_send_super(s, flow, in);
		break;
	case 6:
		raw_send(s, in);
		break;
	case 7:
		control(s, in);
		break;
	default:
		flow_send(s, flow, in);
		break;
	}
	s->now_ns++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct in in = { data, data + n_data };
	struct state s = { .what = GRO_ALL };
	uint8_t how;

	if (!started)
		must(!eal_test_start(32));
	started = true;
	book_open();
	rnd_seed(&s.rnd, n_data);
	s.gro = gro_create(in_u8(&in));
	how = in_u8(&in);
	s.in_bursts = how & 1;
	s.few_hashes = how & 2;
	for (unsigned int i = 0; i < N_FLOWS; i++) {
		struct in none = { NULL, NULL };

		frame_define(&s.flows[i], &none);
	}
	while (in.p < in.end)
		record(&s, &in);
	give_burst(&s);
	gro_flush(s.gro, &s.out);
	drain(&s);
	book_close();
	gro_destroy(s.gro);
	must(eal_test_pools_full());
	return 0;
}
