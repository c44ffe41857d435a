/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser of packets from the wire: which tunnels and opaque frames it sees, and which it must
 * not; that it only reads, and believes nothing that is not in the first segment. */
#include "unit/offload/wire_test.h"

/* What must be found. */
enum found {
	F_TUNNEL,
	F_PLAIN, /* no outer layer: what pkt_parse() sees */
	F_SCLP,
	F_CARRIED,
	F_STT,
};

struct wire_row {
	const char *name;
	struct frame f;
	/* one byte changed after the frame was built: XOR @bits at @off behind a place of the frame
	 */
	size_t base;
	uint8_t off, bits;
	enum found want;
};

#define AT(field) offsetof(struct frame_map, field)
#define AS_IS	  0, 0, 0
#define ON(tun_, ...)                                                                              \
	{                                                                                          \
		.tun = FRAME_##tun_, __VA_ARGS__                                                   \
	}
#define V6 .ip.v6 = true
#define O6 .outer.v6 = true

static const struct wire_row rows[] = {
	{ "plain_tcp", ON(PLAIN), AS_IS, F_PLAIN },
	{ "vxlan_ipv4", ON(VXLAN), AS_IS, F_TUNNEL },
	{ "vxlan_ipv6", ON(VXLAN, O6, V6), AS_IS, F_TUNNEL },
	{ "vxlan_vlans", ON(VXLAN, .n_vlan = 2, .n_outer_vlan = 2), AS_IS, F_TUNNEL },
	{ "vxlan_outer_options", ON(VXLAN, .outer.opts = 3), AS_IS, F_TUNNEL },
	{ "vxlan_outer_extension_headers", ON(VXLAN, O6, .outer.opts = 3), AS_IS, F_TUNNEL },
	{ "vxlan_outer_checksum", ON(VXLAN, .outer_csum = true), AS_IS, F_TUNNEL },
	{ "vxlan_other_bits_are_no_matter", ON(VXLAN), AT(tun), 0, 0x40, F_TUNNEL },
	{ "vxlan_without_vni_flag", ON(VXLAN), AT(tun), 0, 0x08, F_PLAIN },
	{ "vxlan_other_port", ON(VXLAN), AT(outer_l4), 3, 1, F_PLAIN },
	{ "vxlan_from_that_port_only", ON(VXLAN, .outer_sport = 4789), AT(outer_l4), 3, 1,
		F_PLAIN },
	{ "vxlan_udp_length_too_small", ON(VXLAN), AT(outer_l4), 5, 1, F_PLAIN },
	{ "vxlan_udp_length_too_large", ON(VXLAN), AT(outer_l4), 4, 0x40, F_PLAIN },
	{ "vxlan_first_fragment", ON(VXLAN), AT(outer_ip), 6, 0x20, F_PLAIN },
	{ "vxlan_later_fragment", ON(VXLAN), AT(outer_ip), 7, 1, F_PLAIN },
	{ "vxlan_inner_ip_beyond_the_packet", ON(VXLAN, .pad = 4), AT(ip), 2, 0x40, F_TUNNEL },
	{ "geneve", ON(GENEVE), AS_IS, F_TUNNEL },
	{ "geneve_options", ON(GENEVE, .tun_opts = 15), AS_IS, F_TUNNEL },
	{ "geneve_critical", ON(GENEVE, .tun_opts = 1), AT(tun), 1, 0x40, F_TUNNEL },
	{ "geneve_control", ON(GENEVE), AT(tun), 1, 0x80, F_PLAIN },
	{ "geneve_version_1", ON(GENEVE), AT(tun), 0, 0x40, F_PLAIN },
	{ "geneve_options_beyond_the_packet", ON(GENEVE, .plen = 1), AT(tun), 0, 0x3f, F_PLAIN },
	{ "geneve_ipv4_without_ethernet", ON(GENEVE_IP), AS_IS, F_TUNNEL },
	{ "geneve_ipv6_without_ethernet", ON(GENEVE_IP, V6), AS_IS, F_TUNNEL },
	{ "geneve_of_unknown_type", ON(GENEVE_IP), AT(tun), 3, 0x77, F_TUNNEL },
	{ "gre_ethernet", ON(GRE), AS_IS, F_TUNNEL },
	{ "gre_over_ipv6", ON(GRE, O6), AS_IS, F_TUNNEL },
	{ "gre_checksum_key_sequence",
		ON(GRE, .outer_csum = true, .gre_key = true, .gre_seq = true), AS_IS, F_TUNNEL },
	{ "gre_key", ON(GRE, .gre_key = true), AS_IS, F_TUNNEL },
	{ "gre_sequence", ON(GRE, .gre_seq = true), AS_IS, F_TUNNEL },
	{ "gre_ipv4", ON(GRE_IP), AS_IS, F_TUNNEL },
	{ "gre_ipv6", ON(GRE_IP, V6), AS_IS, F_TUNNEL },
	{ "gre_routing", ON(GRE), AT(tun), 0, 0x40, F_PLAIN },
	{ "gre_version_1", ON(GRE), AT(tun), 1, 1, F_PLAIN },
	{ "gre_recursion_bits", ON(GRE), AT(tun), 0, 1, F_PLAIN },
	{ "gre_first_fragment", ON(GRE), AT(outer_ip), 6, 0x20, F_PLAIN },
	{ "sclp_ipv4", ON(PLAIN, .l4 = FRAME_SCLP), AS_IS, F_SCLP },
	{ "sclp_ipv6", ON(PLAIN, .l4 = FRAME_SCLP, V6, .ip.opts = 3), AS_IS, F_SCLP },
	{ "sclp_fragment", ON(PLAIN, .l4 = FRAME_SCLP), AT(ip), 6, 0x20, F_PLAIN },
	{ "sclp_udp", ON(PLAIN, .l4 = FRAME_SCLP_UDP), AS_IS, F_CARRIED },
	{ "sclp_udp6", ON(PLAIN, .l4 = FRAME_SCLP_UDP, V6), AS_IS, F_CARRIED },
	{ "sclp_udp_other_port", ON(PLAIN, .l4 = FRAME_SCLP_UDP), AT(l4), 3, 1, F_PLAIN },
	{ "sclp_udp_length", ON(PLAIN, .l4 = FRAME_SCLP_UDP), AT(l4), 5, 1, F_PLAIN },
	{ "sclp_in_a_tunnel_is_the_guests", ON(VXLAN, .l4 = FRAME_SCLP_UDP), AS_IS, F_TUNNEL },
	{ "stt", ON(PLAIN, .l4 = FRAME_STT), AS_IS, F_STT },
	{ "stt6", ON(PLAIN, .l4 = FRAME_STT, V6), AS_IS, F_STT },
	{ "stt_other_port", ON(PLAIN, .l4 = FRAME_STT), AT(l4), 3, 1, F_PLAIN },
	{ "stt_with_tcp_options", ON(PLAIN, .l4 = FRAME_STT), AT(l4), 12, 0x10, F_PLAIN },
	{ "stt_in_a_tunnel_is_the_guests", ON(GRE, .l4 = FRAME_STT), AS_IS, F_TUNNEL },
};

static struct frame full(const struct wire_row *row)
{
	struct frame f = row->f;

	f.ip.ttl = f.outer.ttl = 64;
	f.ip.addr = f.outer.addr = 1;
	f.sport = 1000;
	f.outer_sport = f.outer_sport ? f.outer_sport : 50000;
	f.flags = 0x10;
	f.frame_len = 60000;
	f.chunk = 84;
	f.plen = f.plen ? f.plen : 100;
	return f;
}

static void build(
	const struct wire_row *row, struct frame *f, struct flat *flat, struct frame_map *at)
{
	*f = full(row);
	frame_build(f, flat->b, at);
	if (row->bits)
		flat->b[*(const uint32_t *)((const char *)at + row->base) + row->off] ^= row->bits;
	flat->n = at->n;
}

/* Whatever is claimed is so, and nothing else has changed. */
static void check_parsed(struct rte_mbuf *m, const struct flat *want)
{
	struct pkt_meta *md = pkt_meta(m);

	md->hash = 6;
	md->obj = 5;
	md->tos = 4;
	pkt_parse_wire(m, &pkt_wire_default, md);
	assert_pkt_good(m);
	assert_bytes(m, want);
	assert_int_equal(md->hash, 6);
	assert_int_equal(md->obj, 5);
	assert_int_equal(md->tos, 4);
	assert_int_equal(md->inner.csum, PKT_CSUM_UNKNOWN);
	assert_int_equal(md->outer.csum, PKT_CSUM_UNKNOWN);
	assert_int_equal(md->inner.gso_type, PKT_GSO_NONE);
}

static void check_tunnel(
	const struct pkt_meta *md, const struct frame *f, const struct frame_map *at)
{
	const bool is_gre = f->tun >= FRAME_GRE;

	assert_int_equal(md->outer.l3_off, at->outer_ip);
	assert_int_equal(md->outer.l3, f->outer.v6 ? PKT_L3_IPV6 : PKT_L3_IPV4);
	assert_int_equal(md->outer.l4, is_gre ? PKT_L4_NONE : PKT_L4_UDP);
	assert_int_equal(md->outer.end_off, at->n);
	assert_int_equal(md->tun, is_gre ? PKT_TUN_GRE : PKT_TUN_OPAQUE);
	assert_int_equal(md->tun_off, at->tun);
	assert_true(md->tun_off + md->tun_hlen <= at->ip);
	assert_true(md->inner.l4 < PKT_L4_SCLP);
	assert_int_equal(
		md->inner.l2_off == at->ip, f->tun == FRAME_GENEVE_IP || f->tun == FRAME_GRE_IP);
}

static void check_row(const struct wire_row *row, struct rte_mbuf *m, const struct frame *f,
	const struct frame_map *at)
{
	static const uint8_t l4[] = {
		[F_SCLP] = PKT_L4_SCLP, [F_CARRIED] = PKT_L4_SCLP, [F_STT] = PKT_L4_STT
	};
	const struct pkt_meta *md = pkt_meta(m);
	struct pkt_layer plain;

	if (row->want == F_TUNNEL) {
		check_tunnel(md, f, at);
		return;
	}
	assert_int_equal(md->tun_hlen, 0);
	assert_int_equal(md->outer.l3, PKT_L3_NONE);
	if (row->want != F_PLAIN) {
		assert_int_equal(md->inner.l4, l4[row->want]);
		assert_int_equal(!!(md->inner.flags & PKT_LF_CARRIER), row->want == F_CARRIED);
		assert_int_equal(md->inner.pay_off, at->pay);
		return;
	}
	memset(&plain, 0, sizeof(plain));
	pkt_parse(m, 0, &plain);
	assert_memory_equal(&md->inner, &plain, sizeof(plain));
}

static void test_rows(void **state)
{
	static struct flat flat;
	struct frame_map at;
	struct frame f;
	struct rnd r;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		print_message("%s\n", rows[i].name);
		build(&rows[i], &f, &flat, &at);
		for (unsigned int shape = 0; shape < CHAIN_N_SHAPES; shape++) {
			struct rte_mbuf *m;

			rnd_seed(&r, i);
			m = chain_make(flat.b, flat.n, shape, at.pay, &r);
			check_parsed(m, &flat);
			check_row(&rows[i], m, &f, &at);
			pkt_done(m);
		}
	}
	assert_true(eal_test_pools_full());
}

/* However the packet is cut off or into segments: no header is claimed that is not whole in the
 * first one, and what is there in the first one is seen as before. */
static void test_cut_anywhere(void **state)
{
	static struct flat flat, cut;
	struct frame_map at;
	struct frame f;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		build(&rows[i], &f, &flat, &at);
		for (uint32_t first = 1; first <= flat.n; first++) {
			const bool whole = rnd_one_in(&r, 2);
			struct rte_mbuf *m;

			cut = flat;
			if (!whole)
				cut.n = first + rnd_below(&r, flat.n - first + 1);
			m = chain_make(cut.b, cut.n, CHAIN_EXACT, first, &r);
			check_parsed(m, &cut);
			if (cut.n == flat.n && m->data_len >= at.pay)
				check_row(&rows[i], m, &f, &at);
			pkt_done(m);
		}
	}
	assert_true(eal_test_pools_full());
}

static void sub16(uint8_t *p, uint32_t n)
{
	const uint32_t v = ((uint32_t)p[0] << 8 | p[1]) - n;

	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The outer packet ends, padding follows, and the inner one claims some of it: no tunnel of ours.
 */
static void test_inner_ends_behind_outer(void **state)
{
	static struct flat flat;
	struct frame_map at;
	struct frame f;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		struct wire_row row = rows[i];
		struct rte_mbuf *m;

		if (row.bits || row.want != F_TUNNEL)
			continue;
		print_message("%s\n", row.name);
		build(&row, &f, &flat, &at);
		sub16(flat.b + at.outer_ip + (f.outer.v6 ? 4 : 2), 1);
		if (f.tun < FRAME_GRE)
			sub16(flat.b + at.outer_l4 + 4, 1);
		m = chain_make(flat.b, flat.n, CHAIN_FLAT, at.pay, &r);
		check_parsed(m, &flat);
		row.want = F_PLAIN;
		check_row(&row, m, &f, &at);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

/* A port of 0, and what was not asked for, is nowhere. */
static void test_nowhere(void **state)
{
	static const struct pkt_wire_ports nowhere;
	static struct flat flat;
	struct frame_map at;
	struct frame f;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 1);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		struct wire_row plain = rows[i];
		struct rte_mbuf *m;

		build(&rows[i], &f, &flat, &at);
		m = chain_make(flat.b, flat.n, CHAIN_FLAT, at.pay, &r);
		pkt_parse_wire(m, &nowhere, pkt_meta(m));
		plain.want = F_PLAIN;
		check_row(&plain, m, &f, &at);
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_inner_ends_behind_outer),
		cmocka_unit_test(test_nowhere),
	};

	return cmocka_run_group_tests_name(
		"parse from the wire", tests, eal_test_setup, eal_test_teardown);
}
