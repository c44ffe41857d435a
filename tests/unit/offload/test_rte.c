/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rte_gro and rte_gso of DPDK 22.11 as judges: the same packets through both engines, and what
 * comes out compared byte for byte.  They do TCP over IPv4, plain and in VXLAN over IPv4.
 *
 * They write no checksum: every one of a packet that they made is computed by frame_sum() before it
 * is compared.  Where they are wrong otherwise a row says why, and what comes out is not compared
 * there; that they still do it is checked, so that no row outlives its reason.
 */
#include <rte_ethdev.h> /* first: it uses what pkt.h forbids */

#include <rte_gro.h>
#include <rte_gso.h>

#include "offload/gso.h"
#include "wire_test.h"

#define N_MAX	   48 /* packets of a row */
#define N_SEGS	   128
#define N_EDIT	   7
#define PTYPE_TCP4 (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP)
#define PTYPE_VXLAN                                                                                \
	(RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN |      \
		RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_TCP)

enum {
	FIN = 0x01,
	PSH = 0x08,
	ACK = 0x10,
	ECE = 0x40,
	CWR = 0x80,
};

/* The nestings, as bits; a row names those where it applies. */
enum kind {
	PLAIN = 1,
	SUM = 2, /* in VXLAN, with a checksum in front */
	ZERO = 4,
	TUN = SUM | ZERO,
	ALL = PLAIN | TUN,
};

static struct frame frame_of(enum kind kind)
{
	struct frame f = { .tun = kind == PLAIN ? FRAME_PLAIN : FRAME_VXLAN,
		.outer_csum = kind == SUM,
		.l4 = FRAME_TCP,
		.flags = ACK,
		.plen = 1000,
		.seq = 0xfffffa00,
		.sport = 1000,
		.outer_sport = 50000,
		.key = 77 };

	f.ip.ttl = f.outer.ttl = 64;
	f.ip.addr = f.outer.addr = 1;
	f.ip.id = 1000;
	f.outer.id = 2000;
	f.ip.df = f.outer.df = true;
	return f;
}

/* What rte is told of a packet. */
static void tell_rte(struct rte_mbuf *m, const struct frame *f, const struct frame_map *at)
{
	m->packet_type = f->tun == FRAME_PLAIN ? PTYPE_TCP4 : PTYPE_VXLAN;
	m->l2_len = at->ip;
	if (f->tun != FRAME_PLAIN) {
		m->outer_l2_len = at->outer_ip;
		m->outer_l3_len = (at->outer_l4 - at->outer_ip) & 0x1ff;
		m->l2_len = (at->ip - at->outer_l4) & 0x7f; /* the tunnel's headers count here */
	}
	m->l3_len = (at->l4 - at->ip) & 0x1ff;
	m->l4_len = (uint8_t)(at->pay - at->l4);
}

/* The bytes of what rte made of @f, with the checksums that it leaves to others. */
static void flat_of_rte(const struct rte_mbuf *m, const struct frame *f, const struct frame_map *at,
	struct flat *out)
{
	struct frame_map whole = *at;

	flat_of(m, out);
	whole.end = out->n;
	frame_sum(f, out->b, &whole);
}

static bool flat_equal(const struct flat *a, const struct flat *b)
{
	return a->n == b->n && !memcmp(a->b, b->b, a->n);
}

static void assert_flat_equal(const struct flat *got, const struct flat *want)
{
	assert_int_equal(got->n, want->n);
	if (!flat_equal(got, want))
		assert_memory_equal(got->b, want->b, want->n); /* says where */
}

/* ---- fields that differ ---- */

struct edit {
	uint64_t which; /* packets, as bits */
	size_t off, size;
	uint32_t value;
};
#define SET(packets, field, v)                                                                     \
	{                                                                                          \
		.which = (packets), .off = offsetof(struct frame, field),                          \
		.size = sizeof(((struct frame *)0)->field), .value = (v)                           \
	}
#define FIRST  1u
#define SECOND 2u
#define THIRD  4u
#define FOURTH 8u
#define SIXTH  32u
#define EACH   (~0ull)

static void edit_all(struct frame *f, const struct edit *edits, unsigned int i)
{
	for (unsigned int k = 0; k < N_EDIT; k++) {
		const struct edit *e = &edits[k];

		if (e->which >> i & 1)
			memcpy((uint8_t *)f + e->off, &e->value, e->size); /* little endian */
	}
}

/* ---- GRO ---- */

struct gro_row {
	const char *name;
	uint8_t kinds;
	uint8_t n; /* packets; 0: 2 */
	struct edit edits[N_EDIT];
	const char *order; /* of arrival, where it is not that of sending */
	/* Packets by number in the order in which they leave, merged ones in one word. */
	const char *ours, *rte;
	const char *why; /* rte does something else */
};

#define SAME(text)			   .ours = (text), .rte = (text)
#define DIFFER(our_text, rte_text, reason) .ours = (our_text), .rte = (rte_text), .why = (reason)

static const char no_look[] = "rte does not look at it";

static const struct gro_row gro_rows[] = {
	{ "in_order", ALL, 3, SAME("012") },
	{ "smaller_last", ALL, 3, { SET(THIRD, plen, 1) }, SAME("012") },
	{ "odd_sizes", ALL, 3, { SET(EACH, plen, 777), SET(THIRD, plen, 333) }, SAME("012") },
	{ "one_byte_each", ALL, 3, { SET(EACH, plen, 1) }, SAME("012") },
	{ "timestamps_equal", ALL, 3, { SET(EACH, opts, 3) }, SAME("012") },
	{ "id_counts_without_df", ALL, 3, { SET(EACH, ip.df, 0), SET(EACH, outer.df, 0) },
		SAME("012") },
	{ "id_fixed_with_df", ALL, 2, { SET(SECOND, ip.id, 1000) }, SAME("01") },
	{ "outer_id_fixed_with_df", TUN, 2, { SET(SECOND, outer.id, 2000) }, SAME("01") },
	{ "vlan", ALL, 2, { SET(EACH, n_vlan, 1) }, SAME("01") },
	{ "gap", ALL, 2, { SET(SECOND, seq, 5000) }, SAME("0 1") },
	{ "source_port", ALL, 2, { SET(SECOND, sport, 1001) }, SAME("0 1") },
	{ "address", ALL, 2, { SET(SECOND, ip.addr, 2) }, SAME("0 1") },
	{ "options_second", ALL, 2, { SET(SECOND, opts, 3) }, SAME("0 1") },
	{ "df_second", ALL, 2, { SET(FIRST, ip.df, 0) }, SAME("0 1") },
	{ "id_gap_without_df", ALL, 2, { SET(EACH, ip.df, 0), SET(SECOND, ip.id, 1002) },
		SAME("0 1") },
	{ "id_fixed_without_df", ALL, 2, { SET(EACH, ip.df, 0), SET(SECOND, ip.id, 1000) },
		SAME("0 1") },
	{ "outer_id_gap_without_df", TUN, 2,
		{ SET(EACH, outer.df, 0), SET(SECOND, outer.id, 2002) }, SAME("0 1") },
	{ "outer_source_port", TUN, 2, { SET(SECOND, outer_sport, 50001) }, SAME("0 1") },
	{ "outer_address", TUN, 2, { SET(SECOND, outer.addr, 2) }, SAME("0 1") },
	{ "vni", TUN, 2, { SET(SECOND, key, 78) }, SAME("0 1") },
	{ "40_packets", ALL, 40, SAME("0123456789abcdefghijklmnopqrstuvwxyzABCD") },
	{ "two_flows_interleaved", ALL, 4,
		{ SET(EACH, plen, 10), SET(EACH, ip.id, 1000), SET(EACH, outer.id, 2000),
			SET(SECOND | FOURTH, sport, 1001), SET(SECOND, seq, 5000),
			SET(THIRD, seq, 0xfffffa0a), SET(FOURTH, seq, 5010) },
		SAME("02 13") },
	{ "full_64k", PLAIN, 6, { SET(EACH, plen, 13000), SET(SIXTH, plen, 495) }, SAME("012345") },
	{ "full_64k_vxlan", TUN, 6, { SET(EACH, plen, 13000), SET(SIXTH, plen, 445) },
		SAME("012345") },
	{ "one_more_than_64k", PLAIN, 6, { SET(EACH, plen, 13000), SET(SIXTH, plen, 496) },
		SAME("01234 5") },
	{ "one_more_than_64k_vxlan", TUN, 6, { SET(EACH, plen, 13000), SET(SIXTH, plen, 446) },
		SAME("01234 5") },
	{ "padding_last", PLAIN, 2, { SET(SECOND, plen, 1), SET(SECOND, pad, 5) }, SAME("01") },

	{ "psh_last", ALL, 3, { SET(THIRD, flags, ACK | PSH) },
		DIFFER("012", "01 2", "rte passes on what has any other flag than ACK") },
	{ "ece_on_both", ALL, 2, { SET(EACH, flags, ACK | ECE) },
		DIFFER("01", "0 1", "rte passes on what has any other flag than ACK") },
	{ "smaller_between", ALL, 3, { SET(SECOND, plen, 500) },
		DIFFER("01 2", "012", "segmentation could not give back what rte joins") },
	{ "swapped", ALL, 2, .order = "10",
		DIFFER("1 0", "01", "rte changes the order: a sender would miss its reordering") },
	{ "id_gap_with_df", ALL, 2, { SET(SECOND, ip.id, 1002) }, DIFFER("0 1", "01", no_look) },
	{ "outer_id_gap_with_df", TUN, 2, { SET(SECOND, outer.id, 2002) },
		DIFFER("0 1", "01", no_look) },
	{ "ttl", ALL, 2, { SET(SECOND, ip.ttl, 63) }, DIFFER("0 1", "01", no_look) },
	{ "ecn_ce", ALL, 2, { SET(SECOND, ip.tos, 3) }, DIFFER("0 1", "01", no_look) },
	{ "outer_ttl", TUN, 2, { SET(SECOND, outer.ttl, 63) }, DIFFER("0 1", "01", no_look) },
	{ "outer_ecn_ce", TUN, 2, { SET(SECOND, outer.tos, 3) }, DIFFER("0 1", "01", no_look) },
	{ "outer_checksum_on_first_only", SUM, 2, { SET(SECOND, outer_csum, 0) },
		DIFFER("0 1", "01", no_look) },
	{ "payload_spoilt", ALL, 2, { SET(SECOND, spoil_at, 200), SET(SECOND, spoil, 1) },
		DIFFER("0 1", "01", no_look) },
	{ "padding_last_inside", TUN, 2, { SET(SECOND, plen, 1), SET(SECOND, pad, 5) },
		DIFFER("0 1", "01", "rte takes it for payload") },
};

static char digit(unsigned int i)
{
	return "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[i];
}

/* The packets of a row and what became of them. */
struct sent {
	struct frame f[N_MAX];
	struct frame_map at[N_MAX];
	unsigned int n;
};

struct outcome {
	struct rte_mbuf *m[N_MAX];
	unsigned int n;
	char text[2 * N_MAX];
	uint8_t first[N_MAX], n_pkts[N_MAX]; /* of each that left */
};

static void send_row(const struct gro_row *row, enum kind kind, enum chain_shape shape,
	struct sent *s, struct rte_mbuf **m, struct rnd *r)
{
	static uint8_t b[GEN_MAX];
	struct rte_mbuf *in_order[N_MAX];
	struct frame f = frame_of(kind);

	s->n = row->n;
	for (unsigned int i = 0; i < s->n; i++) {
		struct frame *g = &s->f[i];

		*g = f;
		edit_all(g, row->edits, i);
		in_order[i] = wire_pkt(g, b, &s->at[i], shape, r);
		tell_rte(in_order[i], g, &s->at[i]);
		f.plen = g->plen;
		frame_next(&f);
	}
	for (unsigned int i = 0; i < s->n; i++)
		m[i] = in_order[row->order ? (unsigned int)(row->order[i] - '0') : i];
}

static uint32_t seq_of(const struct flat *p, const struct frame_map *at)
{
	const uint8_t *b = p->b + at->l4 + 4;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Which packets are those bytes made of, by sequence numbers?  One word more for the text. */
static void name_packets(const struct sent *s, struct rte_mbuf *m, struct outcome *o, bool *taken)
{
	static struct flat p;
	uint32_t left = UINT32_MAX,
		 seq; /* of the payload: not known before the first one is found */
	unsigned int n = 0;

	flat_of(m, &p);
	seq = seq_of(&p, &s->at[0]);
	for (unsigned int i = 0; i < s->n && left; i++) {
		const struct frame *f = &s->f[i];

		if (taken[i] || f->seq != seq)
			continue;
		if (!n) {
			left = p.n - s->at[i].pay;
			o->first[o->n] = (uint8_t)i;
		}
		taken[i] = true;
		left -= RTE_MIN(left, f->plen + f->pad);
		seq += f->plen;
		o->text[strlen(o->text)] = digit(i);
		n++;
	}
	assert_int_equal(left, 0);
	o->n_pkts[o->n] = (uint8_t)n;
	o->m[o->n++] = m;
}

static void name_all(const struct sent *s, struct rte_mbuf **m, unsigned int n, struct outcome *o)
{
	bool taken[N_MAX] = { false };

	memset(o, 0, sizeof(*o));
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			strcat(o->text, " ");
		name_packets(s, m[i], o, taken);
	}
}

static void run_rte_gro(const struct sent *s, struct rte_mbuf **m, struct outcome *o)
{
	const struct rte_gro_param param = {
		.gro_types = s->f[0].tun == FRAME_PLAIN ? RTE_GRO_TCP_IPV4
							: RTE_GRO_IPV4_VXLAN_TCP_IPV4,
		.max_flow_num = N_MAX,
		.max_item_per_flow = N_MAX,
	};

	name_all(s, m, rte_gro_reassemble_burst(m, (uint16_t)s->n, &param), o);
}

static void run_our_gro(const struct sent *s, struct rte_mbuf **m, struct outcome *o)
{
	struct gro *g = gro_create(N_MAX);
	struct rte_mbuf *left[N_MAX];
	struct pkt_list out;
	unsigned int n = 0;

	pkt_list_init(&out);
	gro_receive_burst(g, m, s->n, GRO_TCP, 0, &out);
	gro_flush(g, &out);
	while ((left[n] = pkt_list_pop(&out)))
		n++;
	gro_destroy(g);
	name_all(s, left, n, o);
}

/* The train as a packet that owes nothing. */
static struct rte_mbuf *settled(struct rte_mbuf *m)
{
	struct pkt_list out;

	pkt_meta(m)->inner.gso_type = PKT_GSO_NONE;
	pkt_meta(m)->inner.gso_size = 0;
	pkt_list_init(&out);
	assert_int_equal(tx_prepare(m, 0, &out), 0);
	return pkt_list_pop(&out);
}

static void compare_outcomes(const struct sent *s, struct outcome *ours, const struct outcome *rte)
{
	static struct flat a, b;

	for (unsigned int i = 0; i < ours->n; i++) {
		const unsigned int first = ours->first[i];

		if (ours->n_pkts[i] > 1) {
			ours->m[i] = settled(ours->m[i]);
			flat_of_rte(rte->m[i], &s->f[first], &s->at[first], &b);
		} else {
			flat_of(rte->m[i], &b);
		}
		flat_of(ours->m[i], &a);
		assert_flat_equal(&a, &b);
	}
}

static void outcome_drop(struct outcome *o)
{
	for (unsigned int i = 0; i < o->n; i++)
		pkt_done(o->m[i]);
}

static void run_gro_row(const struct gro_row *row, enum kind kind, enum chain_shape shape)
{
	static struct sent s;
	struct rte_mbuf *a[N_MAX], *b[N_MAX];
	struct outcome ours, rte;
	struct rnd r;

	rnd_seed(&r, 1);
	send_row(row, kind, shape, &s, a, &r);
	send_row(row, kind, shape, &s, b, &r);
	run_our_gro(&s, a, &ours);
	run_rte_gro(&s, b, &rte);
	assert_string_equal(ours.text, row->ours);
	assert_string_equal(rte.text, row->rte);
	if (!row->why)
		compare_outcomes(&s, &ours, &rte);
	outcome_drop(&ours);
	outcome_drop(&rte);
	assert_true(eal_test_pools_full());
}

static void test_gro(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(gro_rows); i++) {
		print_message("%s\n", gro_rows[i].name);
		assert_int_equal(!gro_rows[i].why, !strcmp(gro_rows[i].ours, gro_rows[i].rte));
		for (unsigned int kind = PLAIN; kind <= ZERO; kind <<= 1) {
			if (!(gro_rows[i].kinds & kind))
				continue;
			run_gro_row(&gro_rows[i], kind, CHAIN_FLAT);
			run_gro_row(&gro_rows[i], kind, CHAIN_CUT);
		}
	}
}

/* ---- GSO ---- */

struct gso_row {
	const char *name;
	uint8_t kinds;
	uint32_t plen;
	uint16_t gso_size;
	struct edit edits[N_EDIT];
	/* Correct what rte does wrong in segment @idx, and why. */
	void (*mend)(uint8_t *b, const struct frame *f, const struct frame_map *at, uint32_t idx);
	const char *why;
};

static void mend_cwr(uint8_t *b, const struct frame *f, const struct frame_map *at, uint32_t idx)
{
	(void)f;
	if (idx)
		b[at->l4 + 13] &= (uint8_t)~CWR;
}

static void mend_outer_id(
	uint8_t *b, const struct frame *f, const struct frame_map *at, uint32_t idx)
{
	(void)idx;
	b[at->outer_ip + 4] = (uint8_t)(f->outer.id >> 8);
	b[at->outer_ip + 5] = (uint8_t)f->outer.id;
}

static const struct gso_row gso_rows[] = {
	{ "exact", ALL, 4000, 1000 },
	{ "one_over", ALL, 4001, 1000 },
	{ "one_short", ALL, 3999, 1000 },
	{ "two_bytes", ALL, 2, 1 },
	{ "odd", ALL, 3333, 777 },
	{ "64k", ALL, 64000, 1448 },
	{ "timestamps", ALL, 4001, 1000, { SET(EACH, opts, 3) } },
	{ "options_of_40_bytes", ALL, 4001, 1000, { SET(EACH, opts, 10) } },
	{ "psh_fin", ALL, 4001, 1000, { SET(EACH, flags, ACK | PSH | FIN) } },
	{ "ece", ALL, 4001, 1000, { SET(EACH, flags, ACK | ECE) } },
	{ "ce_ttl", ALL, 4001, 1000,
		{ SET(EACH, ip.tos, 3), SET(EACH, ip.ttl, 1), SET(EACH, outer.tos, 3) } },
	{ "no_df", ALL, 4001, 1000, { SET(EACH, ip.df, 0), SET(EACH, outer.df, 0) } },
	{ "ids_wrap", ALL, 4001, 1000, { SET(EACH, ip.id, 0xfffe), SET(EACH, outer.id, 0xffff) } },
	{ "id_fixed", ALL, 4001, 1000, { SET(EACH, ip.id_fixed, 1) } },
	{ "vlan", ALL, 4001, 1000, { SET(EACH, n_vlan, 1) } },
	{ "cwr", ALL, 4001, 1000, { SET(EACH, flags, ACK | CWR) }, mend_cwr,
		"it belongs on the first segment only (RFC 3168, 6.1.2)" },
	{ "outer_id_fixed", TUN, 4001, 1000, { SET(EACH, outer.id_fixed, 1) }, mend_outer_id,
		"rte always counts" },
};

static struct rte_mempool *direct, *indirect;

static struct rte_mempool *pool(const char *name, uint16_t room)
{
	struct rte_mempool *p = rte_pktmbuf_pool_create(name, 511, 0,
		RTE_ALIGN_CEIL(sizeof(struct pkt_meta), RTE_MBUF_PRIV_ALIGN), room, SOCKET_ID_ANY);

	assert_non_null(p);
	return p;
}

static struct rte_mbuf *super_of_row(
	struct frame *f, struct frame_map *at, enum chain_shape shape, struct rnd *r)
{
	static uint8_t b[GEN_MAX];
	struct rte_mbuf *m = wire_pkt(f, b, at, shape, r);

	tell_rte(m, f, at);
	m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_SEG;
	if (f->tun != FRAME_PLAIN)
		m->ol_flags |= RTE_MBUF_F_TX_TUNNEL_VXLAN | RTE_MBUF_F_TX_OUTER_IPV4;
	return m;
}

static unsigned int run_rte_gso(const struct gso_row *row, const struct frame *f,
	const struct frame_map *at, struct rte_mbuf *m, struct rte_mbuf **segs)
{
	const struct rte_gso_ctx ctx = { .direct_pool = direct,
		.indirect_pool = indirect,
		.gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO,
		.gso_size = (uint16_t)(at->pay + row->gso_size),
		.flag = f->ip.id_fixed ? RTE_GSO_FLAG_IPID_FIXED : 0 };
	const int n = rte_gso_segment(m, &ctx, segs, N_SEGS);

	assert_true(n > 0);
	pkt_done(m); /* rte leaves that to its caller */
	return (unsigned int)n;
}

static void run_gso_row(const struct gso_row *row, enum kind kind, enum chain_shape shape)
{
	static struct flat a, b;
	struct frame f = frame_of(kind);
	struct rte_mbuf *segs[N_SEGS], *m;
	bool was_wrong = false;
	struct frame_map at;
	struct pkt_list ours;
	unsigned int n;
	struct rnd r;

	rnd_seed(&r, 2);
	edit_all(&f, row->edits, 0);
	f.plen = row->plen;
	n = run_rte_gso(row, &f, &at, super_of_row(&f, &at, shape, &r), segs);
	m = super_of_row(&f, &at, shape, &r);
	wire_make_super(m, &f, row->gso_size);
	pkt_list_init(&ours);
	assert_int_equal(gso_segment_paid(m, &ours), 0);
	assert_int_equal(ours.n_pkts, n);
	for (unsigned int i = 0; (m = pkt_list_pop(&ours)); i++) {
		flat_of(m, &a);
		flat_of_rte(segs[i], &f, &at, &b);
		if (row->mend) {
			struct frame_map whole = at;

			was_wrong |= !flat_equal(&a, &b);
			row->mend(b.b, &f, &at, i);
			whole.end = b.n;
			frame_sum(&f, b.b, &whole);
		}
		assert_flat_equal(&a, &b);
		pkt_done(m);
		rte_pktmbuf_free(segs[i]);
	}
	assert_int_equal(was_wrong, !!row->mend);
	assert_true(eal_test_pools_full());
}

static void test_gso(void **state)
{
	(void)state;
	direct = pool("test-direct", RTE_PKTMBUF_HEADROOM + 256);
	indirect = pool("test-indirect", 0);
	for (size_t i = 0; i < RTE_DIM(gso_rows); i++) {
		print_message("%s\n", gso_rows[i].name);
		for (unsigned int kind = PLAIN; kind <= ZERO; kind <<= 1) {
			if (!(gso_rows[i].kinds & kind))
				continue;
			run_gso_row(&gso_rows[i], kind, CHAIN_FLAT);
			run_gso_row(&gso_rows[i], kind, CHAIN_CUT);
		}
	}
	assert_int_equal(rte_mempool_avail_count(direct), 511);
	assert_int_equal(rte_mempool_avail_count(indirect), 511);
	rte_mempool_free(direct);
	rte_mempool_free(indirect);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gro),
		cmocka_unit_test(test_gso),
	};

	return cmocka_run_group_tests_name("rte", tests, eal_test_setup, eal_test_teardown);
}
