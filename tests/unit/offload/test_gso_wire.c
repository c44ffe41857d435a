/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segmentation behind outer headers, and of opaque frames (SCLP, STT): every segment against one
 * built from scratch, with all its checksums.  And outer checksums computed from the inner one.
 */
#include "wire_test.h"

#include <errno.h>

#include "lib/hostages.h"
#include "offload/gso.h"

struct wire_case {
	const char *name;
	struct frame f; /* what differs from base() */
	uint16_t gso_size;
	uint32_t n_segs;
};

#define V6 .ip.v6 = true
#define O6 .outer.v6 = true
/* tunnel, transport, payload, and what else */
#define ROW(name, tun_, l4_, plen_, size, n, ...)                                                  \
	{                                                                                          \
		name, { .tun = FRAME_##tun_, .l4 = FRAME_##l4_, .plen = plen_, __VA_ARGS__ },      \
			size, n                                                                    \
	}

static const struct wire_case cases[] = {
	ROW("vxlan_tcp4_over_ipv4", VXLAN, TCP, 3001, 1000, 4),
	ROW("vxlan_tcp4_over_ipv4_outer_checksum", VXLAN, TCP, 3001, 1000, 4, .outer_csum = true),
	ROW("vxlan_tcp4_over_ipv6", VXLAN, TCP, 3001, 1000, 4, O6),
	ROW("vxlan_tcp4_over_ipv6_outer_checksum", VXLAN, TCP, 3001, 1000, 4, O6,
		.outer_csum = true),
	ROW("vxlan_tcp6_over_ipv4", VXLAN, TCP, 3001, 1000, 4, V6),
	ROW("vxlan_tcp6_over_ipv6_outer_checksum", VXLAN, TCP, 3001, 1000, 4, V6, O6,
		.outer_csum = true),
	ROW("vxlan_exact_count", VXLAN, TCP, 3000, 1000, 3, .outer_csum = true),
	ROW("vxlan_two_of_one_byte", VXLAN, TCP, 2, 1, 2, .outer_csum = true),
	ROW("vxlan_64k", VXLAN, TCP, 65000, 1398, 47, .outer_csum = true),
	ROW("vxlan_large_segments", VXLAN, TCP, 40000, 8948, 5, .outer_csum = true),
	ROW("vxlan_psh_on_last_only", VXLAN, TCP, 3001, 1000, 4, .flags = 0x18),
	ROW("vxlan_cwr_on_first_only", VXLAN, TCP, 3001, 1000, 4, .flags = 0x90),
	ROW("vxlan_vlans_inside_and_outside", VXLAN, TCP, 3001, 1000, 4, .n_vlan = 2,
		.n_outer_vlan = 2, .outer_csum = true),
	ROW("vxlan_ids_wrap", VXLAN, TCP, 3001, 1000, 4, .ip.id = 0xfffe, .outer.id = 0xffff),
	ROW("vxlan_outer_id_constant", VXLAN, TCP, 3001, 1000, 4, .outer.df = true,
		.outer.id_fixed = true),
	ROW("vxlan_inner_id_constant", VXLAN, TCP, 3001, 1000, 4, .ip.df = true,
		.ip.id_fixed = true),
	ROW("vxlan_both_ids_constant", VXLAN, TCP, 3001, 1000, 4, .ip.df = true,
		.ip.id_fixed = true, .outer.df = true, .outer.id_fixed = true),
	ROW("vxlan_outer_ipv4_options", VXLAN, TCP, 3001, 1000, 4, .outer.opts = 3,
		.outer_csum = true),
	ROW("vxlan_outer_ipv6_extension_headers", VXLAN, TCP, 3001, 1000, 4, O6, .outer.opts = 3,
		.outer_csum = true),
	ROW("vxlan_inner_options", VXLAN, TCP, 3001, 1000, 4, .ip.opts = 2, .opts = 10),
	ROW("vxlan_udp4", VXLAN, UDP, 3001, 1000, 4, .outer_csum = true),
	ROW("vxlan_udp6", VXLAN, UDP, 3001, 1000, 4, V6, O6, .outer_csum = true),
	ROW("vxlan_sctp4", VXLAN, SCTP, 3200, 1000, 4, .outer_csum = true),
	ROW("vxlan_sctp6", VXLAN, SCTP, 3200, 1000, 4, V6),
	ROW("geneve_options", GENEVE, TCP, 3001, 1000, 4, .tun_opts = 15, .outer_csum = true),
	ROW("geneve_over_ipv6", GENEVE, TCP, 3001, 1000, 4, O6, .tun_opts = 1, .outer_csum = true),
	ROW("geneve_udp6", GENEVE, UDP, 3001, 1000, 4, V6, .tun_opts = 3),
	ROW("geneve_ipv4_without_ethernet", GENEVE_IP, TCP, 3001, 1000, 4, .outer_csum = true),
	ROW("geneve_ipv6_without_ethernet", GENEVE_IP, TCP, 3001, 1000, 4, V6, O6, .tun_opts = 2),
	ROW("gre_ethernet", GRE, TCP, 3001, 1000, 4),
	ROW("gre_ethernet_checksum", GRE, TCP, 3001, 1000, 4, .outer_csum = true),
	ROW("nvgre", GRE, TCP, 3001, 1000, 4, .gre_key = true),
	ROW("nvgre_over_ipv6", GRE, TCP, 3001, 1000, 4, .gre_key = true, O6, V6),
	ROW("gre_key_and_checksum", GRE, TCP, 3001, 1000, 4, .gre_key = true, .outer_csum = true),
	ROW("gre_ipv4", GRE_IP, TCP, 3001, 1000, 4),
	ROW("gre_ipv4_checksum", GRE_IP, TCP, 3001, 1000, 4, .outer_csum = true),
	ROW("gre_ipv6_over_ipv6_checksum", GRE_IP, TCP, 3001, 1000, 4, V6, O6, .outer_csum = true),
	ROW("gre_udp_checksum", GRE, UDP, 3001, 1000, 4, .outer_csum = true),
	ROW("gre_sctp_checksum", GRE, SCTP, 3200, 1000, 4, .outer_csum = true),
	ROW("sctp4", PLAIN, SCTP, 3200, 1000, 4),
	ROW("sctp6_qinq", PLAIN, SCTP, 3200, 1000, 4, V6, .n_vlan = 2),

	/* opaque frames of 60,000 bytes */
	ROW("sclp_ipv4_from_the_start", PLAIN, SCLP, 3001, 1000, 4),
	ROW("sclp_ipv4_from_the_middle", PLAIN, SCLP, 3001, 1000, 4, .at = 5000),
	ROW("sclp_ipv4_to_the_end", PLAIN, SCLP, 3001, 1000, 4, .at = 60000 - 3001),
	ROW("sclp_ipv4_whole", PLAIN, SCLP, 60000, 1448, 42),
	ROW("sclp_ipv4_largest_of_65535", PLAIN, SCLP, 65503, 1448, 46, .frame_len = 65503),
	ROW("sclp_ipv6", PLAIN, SCLP, 3001, 1000, 4, V6, .n_vlan = 1),
	ROW("sclp_id_of_31_bits", PLAIN, SCLP, 3001, 1000, 4, .seq = 0x7fffffff),
	ROW("sclp_udp4_from_the_start", PLAIN, SCLP_UDP, 3001, 1000, 4),
	ROW("sclp_udp4_from_the_middle", PLAIN, SCLP_UDP, 3001, 1000, 4, .at = 5000),
	ROW("sclp_udp4_to_the_end", PLAIN, SCLP_UDP, 3001, 1000, 4, .at = 60000 - 3001),
	ROW("sclp_udp6", PLAIN, SCLP_UDP, 3001, 1000, 4, V6),
	ROW("stt4_from_the_start", PLAIN, STT, 3001, 1000, 4),
	ROW("stt4_from_the_middle", PLAIN, STT, 3001, 1000, 4, .at = 5000),
	ROW("stt4_to_the_end", PLAIN, STT, 3001, 1000, 4, .at = 60000 - 3001),
	ROW("stt4_whole", PLAIN, STT, 60000, 1448, 42),
	ROW("stt4_psh_on_last_only", PLAIN, STT, 3001, 1000, 4, .flags = 0x18),
	ROW("stt6", PLAIN, STT, 3001, 1000, 4, V6, .n_vlan = 2),
};

static struct frame full(const struct frame *row)
{
	struct frame f = *row;

	f.ip.ttl = f.outer.ttl = 64;
	f.ip.addr = f.outer.addr = 1;
	f.ip.id = f.ip.id ? f.ip.id : 1000;
	f.outer.id = f.outer.id ? f.outer.id : 2000;
	f.sport = 1000;
	f.outer_sport = 50000;
	f.seq = f.seq ? f.seq : 0xfffffa00;
	f.flags = f.flags ? f.flags : 0x10;
	f.key = 77;
	f.chunk = 84; /* 100 bytes each */
	f.frame_len = f.frame_len ? f.frame_len : 60000;
	return f;
}

static struct rte_mbuf *super_of(
	const struct frame *row, uint16_t gso_size, enum chain_shape shape, struct rnd *r)
{
	static uint8_t b[GEN_MAX];
	struct frame f = *row;
	struct frame_map at;
	struct rte_mbuf *m = wire_pkt(&f, b, &at, shape, r);

	assert_int_equal(f.plen, row->plen);
	wire_make_super(m, &f, gso_size);
	pkt_meta(m)->obj = 5;
	pkt_meta(m)->hash = 6;
	return m;
}

/* Each packet of @segs, all paid, is the one that the description gives. */
static void check_segments(
	const struct frame *f, uint16_t gso_size, uint32_t n_segs, struct pkt_list *segs)
{
	static struct flat want;
	struct frame_map at;
	struct frame seg;
	struct rte_mbuf *m;

	assert_int_equal(segs->n_pkts, n_segs);
	for (uint32_t i = 0; (m = pkt_list_pop(segs)); i++) {
		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.csum, PKT_CSUM_VERIFIED);
		assert_int_not_equal(pkt_meta(m)->outer.csum, PKT_CSUM_OWED);
		assert_int_equal(pkt_meta(m)->inner.gso_type, PKT_GSO_NONE);
		assert_int_equal(pkt_meta(m)->obj, 5);
		assert_int_equal(pkt_meta(m)->hash, 6);
		assert_true(frame_segment(f, gso_size, i, &seg));
		frame_build(&seg, want.b, &at);
		want.n = at.n;
		assert_bytes(m, &want);
		pkt_done(m);
	}
}

/* Segments that still owe, paid one by one. */
static void pay_each(struct pkt_list *segs)
{
	struct pkt_list paid;
	struct rte_mbuf *m;

	pkt_list_init(&paid);
	while ((m = pkt_list_pop(segs))) {
		assert_pkt_good(m);
		assert_int_equal(pkt_meta(m)->inner.csum, PKT_CSUM_OWED);
		assert_int_equal(tx_prepare(m, 0, &paid), 0);
	}
	pkt_list_splice(segs, &paid);
}

static void run(const struct wire_case *c, enum chain_shape shape, bool at_once, struct rnd *r)
{
	static struct flat before;
	const struct frame f = full(&c->f);
	struct rte_mbuf *m = super_of(&f, c->gso_size, shape, r), *witness = pkt_clone(m);
	struct pkt_list segs;

	assert_pkt_good(m);
	flat_of(m, &before);
	pkt_list_init(&segs);
	assert_int_equal(at_once ? gso_segment_paid(m, &segs) : gso_segment(m, &segs), 0);
	if (!at_once)
		pay_each(&segs);
	check_segments(&f, c->gso_size, c->n_segs, &segs);
	assert_bytes(witness, &before); /* shared bytes were not written */
	pkt_done(witness);
	assert_true(eal_test_pools_full());
}

static void test_rows(void **state)
{
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		print_message("%s\n", cases[i].name);
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			rnd_seed(&r, i * 10 + shape);
			run(&cases[i], shape, false, &r);
			run(&cases[i], shape, true, &r);
		}
	}
}

/* ---- fragments ---- */

#define DATAGRAM(name, tun_, ...)                                                                  \
	{                                                                                          \
		name,                                                                              \
		{                                                                                  \
			.tun = FRAME_##tun_, .l4 = FRAME_UDP, .plen = 3000, __VA_ARGS__            \
		}                                                                                  \
	}

static const struct {
	const char *name;
	struct frame f;
} datagrams[] = {
	DATAGRAM("fragments_in_vxlan", VXLAN, .outer_csum = false),
	DATAGRAM("fragments_in_vxlan_outer_checksum", VXLAN, .outer_csum = true),
	DATAGRAM("fragments_in_geneve_over_ipv6_outer_checksum", GENEVE, O6, .outer_csum = true),
	DATAGRAM("fragments_of_ipv6_in_vxlan_outer_checksum", VXLAN, V6, .outer_csum = true),
	DATAGRAM("fragments_in_gre_checksum", GRE, .outer_csum = true),
	DATAGRAM("fragments_of_ipv6_in_gre_over_ipv6_checksum", GRE, V6, O6, .outer_csum = true),
};

/* The checksum in front is one of each fragment; the pieces are the datagram, its own is paid. */
static void check_fragments(
	const struct frame *f, const struct flat *whole, uint32_t l4_off, struct pkt_list *out)
{
	static struct flat seg, got;
	struct rte_mbuf *m;

	got.n = 0;
	while ((m = pkt_list_pop(out))) {
		struct pkt_meta *md = pkt_meta(m);
		const uint32_t piece = RTE_MIN(whole->n - l4_off - got.n, 1000u);

		assert_pkt_good(m);
		assert_int_not_equal(md->outer.csum, PKT_CSUM_OWED);
		flat_of(m, &seg);
		pkt_parse_wire(m, &pkt_wire_default, md);
		assert_true(md->inner.flags & PKT_LF_FRAG);
		assert_int_equal(frame_outer_good(seg.b, md), f->outer_csum);
		memcpy(got.b + got.n, seg.b + seg.n - piece, piece);
		got.n += piece;
		pkt_done(m);
	}
	assert_int_equal(got.n, whole->n - l4_off);
	assert_memory_equal(got.b, whole->b + l4_off, got.n);
}

static void test_fragments(void **state)
{
	static struct flat whole;
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(datagrams); i++) {
		struct frame f = full(&datagrams[i].f);
		struct frame_map at;
		struct pkt_list out;
		struct rte_mbuf *m;

		print_message("%s\n", datagrams[i].name);
		rnd_seed(&r, i);
		frame_build(&f, whole.b, &at);
		whole.n = at.n;
		m = super_of(&f, 1000, CHAIN_CUT, &r);
		pkt_meta(m)->inner.gso_type = PKT_GSO_UFO;
		pkt_list_init(&out);
		assert_int_equal(tx_prepare(m, CAP_GSO, &out), 0);
		assert_int_equal(out.n_pkts, 4);
		check_fragments(&f, &whole, at.l4, &out);
		assert_true(eal_test_pools_full());
	}
}

/* ---- refusals ---- */

static void outer_in_full(struct rte_mbuf *m)
{
	pkt_meta(m)->outer.csum = PKT_CSUM_VERIFIED; /* of the super-frame, not of any segment */
}

static void other_opaque_type(struct rte_mbuf *m)
{
	struct pkt_layer *l = &pkt_meta(m)->inner;

	l->gso_type = l->gso_type == PKT_GSO_STT ? PKT_GSO_SCLP : PKT_GSO_STT;
}

static void tcp_type(struct rte_mbuf *m)
{
	pkt_meta(m)->inner.gso_type = PKT_GSO_TCP4;
}

static void sclp_too_much_remains(struct rte_mbuf *m)
{
	memset(pkt_bytes(m, pkt_meta(m)->inner.l4_off + 8u, 2), 0xff, 2);
}

static void stt_beyond_its_frame(struct rte_mbuf *m)
{
	uint8_t *seq = pkt_bytes(m, pkt_meta(m)->inner.l4_off + 4u, 4);

	seq[0] = seq[1] = 1;
}

static const struct {
	const char *name;
	struct frame f;
	void (*spoil)(struct rte_mbuf *m);
} refusals[] = {
	{ "vxlan_outer_checksum_not_owed", { .tun = FRAME_VXLAN, .outer_csum = true, .plen = 3000 },
		outer_in_full },
	{ "gre_checksum_not_owed", { .tun = FRAME_GRE, .outer_csum = true, .plen = 3000 },
		outer_in_full },
	{ "stt_as_sclp", { .l4 = FRAME_STT, .plen = 3000 }, other_opaque_type },
	{ "sclp_as_stt", { .l4 = FRAME_SCLP, .plen = 3000 }, other_opaque_type },
	{ "carried_sclp_as_stt", { .l4 = FRAME_SCLP_UDP, .plen = 3000 }, other_opaque_type },
	{ "stt_as_tcp", { .l4 = FRAME_STT, .plen = 3000 }, tcp_type },
	{ "sctp_as_tcp", { .l4 = FRAME_SCTP, .plen = 3000 }, tcp_type },
	{ "sclp_offsets_do_not_fit", { .l4 = FRAME_SCLP, .plen = 3000 }, sclp_too_much_remains },
	{ "stt_offsets_do_not_fit", { .l4 = FRAME_STT, .plen = 3000 }, stt_beyond_its_frame },
};

static void test_refusals(void **state)
{
	static struct flat before;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(refusals); i++) {
		const struct frame f = full(&refusals[i].f);
		struct rte_mbuf *m = super_of(&f, 1000, CHAIN_FLAT, &r);
		struct pkt_list out;
		struct pkt_meta md;

		print_message("%s\n", refusals[i].name);
		refusals[i].spoil(m);
		md = *pkt_meta(m);
		flat_of(m, &before);
		pkt_list_init(&out);
		assert_int_equal(gso_segment(m, &out), -EINVAL);
		assert_int_equal(gso_segment_paid(m, &out), -EINVAL);
		assert_true(pkt_list_empty(&out));
		assert_memory_equal(pkt_meta(m), &md, sizeof(md));
		assert_bytes(m, &before);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* ---- debts against abilities ---- */

enum state {
	ST_UNKNOWN,
	ST_VERIFIED,
	ST_OWED,
	ST_SUPER,
	N_STATES
};
#define ALL_CAPS (CAP_ALL | CAP_UFO | CAP_SCTP)

static uint32_t csum_cap(const struct frame *f)
{
	static const uint32_t cap[FRAME_N_L4] = { CAP_CSUM, CAP_CSUM, CAP_SCTP };

	return wire_in_tunnel(f) ? 0 : cap[f->l4];
}

static uint32_t gso_cap(const struct frame *f)
{
	static const uint32_t cap[FRAME_N_L4] = { CAP_TSO4, CAP_USO, CAP_SCTP };

	if (wire_in_tunnel(f))
		return 0;
	return f->l4 == FRAME_TCP && f->ip.v6 ? CAP_TSO6 : cap[f->l4];
}

static struct rte_mbuf *in_state(
	const struct wire_case *c, struct frame *f, enum state st, struct flat *good, struct rnd *r)
{
	struct frame_map at;
	struct rte_mbuf *m;

	if (st == ST_SUPER)
		return super_of(f, c->gso_size, CHAIN_CUT, r);
	m = wire_pkt(f, good->b, &at, CHAIN_CUT, r);
	good->n = at.n;
	if (st == ST_VERIFIED)
		pkt_meta(m)->inner.csum = pkt_meta(m)->outer.csum = PKT_CSUM_VERIFIED;
	if (st == ST_OWED && wire_in_tunnel(f) && f->outer_csum)
		assert_true(frame_owe_outer(m));
	if (st == ST_OWED)
		assert_true(frame_owe(m));
	return m;
}

static void check_whole(const struct frame *f, enum state st, uint32_t caps, struct pkt_list *out,
	const struct flat *good)
{
	const bool owed = st == ST_OWED && (caps & csum_cap(f));

	assert_int_equal(out->n_pkts, 1);
	assert_pkt_good(out->head);
	assert_int_equal(pkt_meta(out->head)->inner.csum == PKT_CSUM_OWED, owed);
	assert_int_not_equal(pkt_meta(out->head)->outer.csum, PKT_CSUM_OWED);
	if (!owed)
		assert_bytes(out->head, good);
	drop_all(out);
}

static void check_super(
	const struct wire_case *c, const struct frame *f, uint32_t caps, struct pkt_list *out)
{
	if (caps & gso_cap(f)) {
		assert_int_equal(out->n_pkts, 1);
		assert_pkt_good(out->head);
		assert_int_equal(pkt_meta(out->head)->inner.gso_size, c->gso_size);
		drop_all(out);
		return;
	}
	assert_int_equal(
		pkt_meta(out->head)->inner.csum == PKT_CSUM_OWED, (caps & csum_cap(f)) != 0);
	if (caps & csum_cap(f))
		pay_each(out);
	check_segments(f, c->gso_size, c->n_segs, out);
}

static void prepare(const struct wire_case *c, enum state st, uint32_t caps, struct rnd *r)
{
	static struct flat good, before;
	struct frame f = full(&c->f);
	struct rte_mbuf *m = in_state(c, &f, st, &good, r), *witness = pkt_clone(m);
	struct pkt_list out;
	int err;

	flat_of(m, &before);
	pkt_list_init(&out);
	err = tx_prepare(m, caps, &out);
	if (st == ST_SUPER && !(caps & (CAP_GSO | gso_cap(&f)))) {
		assert_int_equal(err, -EPERM);
		assert_bytes(m, &before);
		pkt_done(m);
	} else {
		assert_int_equal(err, 0);
		if (st == ST_SUPER)
			check_super(c, &f, caps, &out);
		else
			check_whole(&f, st, caps, &out, &good);
	}
	assert_bytes(witness, &before);
	pkt_done(witness);
	assert_true(eal_test_pools_full());
}

/* All sets of the abilities that mean something to the frame, beside none and all of the others. */
static bool caps_matter(const struct frame *f, uint32_t caps)
{
	const uint32_t others = ALL_CAPS & ~(CAP_GSO | csum_cap(f) | gso_cap(f));

	return !(caps & others) || (caps & others) == others;
}

static void test_state_by_abilities(void **state)
{
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		if (cases[i].n_segs > 4)
			continue;
		for (unsigned int st = 0; st < N_STATES; st++)
			for (uint32_t caps = 0; caps <= ALL_CAPS; caps++)
				if (caps_matter(&cases[i].f, caps))
					prepare(&cases[i], st, caps, &r);
	}
}

/* ---- too few buffers ---- */

/* However few there are: all segments or none, and then nothing has changed. */
static void scarce(const struct wire_case *c, bool prepare, uint32_t n_left, struct rnd *r)
{
	static struct flat before;
	const struct frame f = full(&c->f);
	struct rte_mbuf *m = super_of(&f, c->gso_size, CHAIN_SHARED, r);
	const struct pkt_meta md = *pkt_meta(m);
	struct hostages h;
	struct pkt_list out;
	int err;

	flat_of(m, &before);
	pkt_list_init(&out);
	hostages_take(&h, n_left);
	err = prepare ? tx_prepare(m, CAP_GSO, &out) : gso_segment(m, &out);
	hostages_free(&h);
	if (err) {
		assert_int_equal(err, -ENOBUFS);
		assert_true(n_left < 3 * c->n_segs); /* headers, and payload in two pieces */
		assert_true(pkt_list_empty(&out));
		assert_memory_equal(pkt_meta(m), &md, sizeof(md));
		assert_bytes(m, &before);
		pkt_done(m);
	} else {
		assert_true(n_left >= c->n_segs / 2);
		if (!prepare)
			pay_each(&out);
		check_segments(&f, c->gso_size, c->n_segs, &out);
	}
	assert_true(eal_test_pools_full());
}

static void test_no_buffers(void **state)
{
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		if (cases[i].n_segs > 8)
			continue;
		for (uint32_t n_left = 0; n_left < 3 * cases[i].n_segs + 2; n_left++) {
			scarce(&cases[i], false, n_left, &r);
			scarce(&cases[i], true, n_left, &r);
		}
	}
}

/* ---- outer checksums ---- */

/* What is known of the inner packet when the outer checksum is to be paid. */
enum inner {
	IN_UNKNOWN,
	IN_VERIFIED,
	IN_OWED,
	IN_NONE,   /* UDP with 0 */
	IN_WRONG,  /* and stays so: the outer one covers the bytes that are there */
	IN_NOT_IP, /* ARP, say */
	IN_FRAGMENT,
	IN_PADDED, /* and verified: the padding counts, too */
	IN_PADDED_OWED,
	IN_UDP_SHORTER, /* UDP ends before IP does; verified */
	N_INNER
};
static const char *const inner_name[] = { "unknown", "verified", "owed", "no_checksum", "wrong",
	"not_ip", "fragment", "padded_verified", "padded_owed", "udp_shorter_than_ip" };

/* The frame's bytes, changed as @in says, outer checksums right. */
static void inner_bytes(struct frame *f, enum inner in, uint8_t *b, struct frame_map *at)
{
	f->no_csum = in == IN_NONE;
	f->pad = in == IN_PADDED || in == IN_PADDED_OWED ? 7 : 0;
	frame_build(f, b, at);
	if (in == IN_WRONG)
		b[at->pay] ^= 0x55;
	if (in == IN_NOT_IP)
		b[at->ip - 1] = 0x06; /* the EtherType, of IPv6 too: no IP any more */
	if (in == IN_FRAGMENT)
		b[at->ip + 6] = 44; /* IPv4: a fragment's flags; IPv6: the next header */
	if (in == IN_UDP_SHORTER) {
		/* a datagram of fewer bytes, whose checksum is right for them */
		struct frame_map shorter = *at;

		b[at->l4 + 5] -= 3;
		shorter.end -= 3;
		frame_sum(f, b, &shorter);
	}
	frame_sum_outer(f, b, at);
}

static bool inner_applies(const struct frame *f, enum inner in)
{
	if (in == IN_NONE || in == IN_UDP_SHORTER)
		return f->l4 == FRAME_UDP;
	if (in == IN_NOT_IP)
		return f->tun != FRAME_GENEVE_IP && f->tun != FRAME_GRE_IP;
	return true;
}

static void outer_paid(const struct frame *row, enum inner in, enum chain_shape shape)
{
	static struct flat want;
	struct frame f = full(row);
	struct pkt_list out;
	struct frame_map at;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, in);
	inner_bytes(&f, in, want.b, &at);
	want.n = at.n;
	m = wire_of_bytes(&f, want.b, &at, shape, &r);
	assert_true(frame_owe_outer(m));
	/* UDP over IPv6 must have a checksum (RFC 8200, 8.1): what has none is not good */
	if (in == IN_VERIFIED || in == IN_PADDED || in == IN_UDP_SHORTER ||
		(in == IN_NONE && !f.ip.v6))
		pkt_meta(m)->inner.csum = PKT_CSUM_VERIFIED;
	if (in == IN_OWED || in == IN_PADDED_OWED)
		assert_true(frame_owe(m));
	assert_pkt_good(m);
	pkt_list_init(&out);
	assert_int_equal(tx_prepare(m, 0, &out), 0);
	assert_int_equal(out.n_pkts, 1);
	assert_pkt_good(out.head);
	assert_int_equal(pkt_meta(out.head)->outer.csum, PKT_CSUM_VERIFIED);
	assert_bytes(out.head, &want);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

static void test_outer_checksum(void **state)
{
	(void)state;
	for (unsigned int in = 0; in < N_INNER; in++) {
		print_message("inner_%s\n", inner_name[in]);
		for (unsigned int i = 0; i < 5 * 3 * 8; i++) {
			const struct frame f = { .tun = (uint8_t)(FRAME_VXLAN + i % 5),
				.l4 = i / 5 % 3,
				.ip.v6 = i / 15 & 1,
				.outer.v6 = i / 15 & 2,
				.gre_key = i / 15 & 4,
				.outer_csum = true,
				.plen = 300 };

			if (!inner_applies(&f, in))
				continue;
			for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++)
				outer_paid(&f, in, shape);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_state_by_abilities),
		cmocka_unit_test(test_no_buffers),
		cmocka_unit_test(test_outer_checksum),
	};

	return cmocka_run_group_tests_name("gso, nested", tests, eal_test_setup, eal_test_teardown);
}
