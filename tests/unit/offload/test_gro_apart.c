/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Merge conditions: two packets that would merge, but for one field of the second (or first).  They
 * must leave apart, in order, and byte for byte as they came.
 */
#include "offload_test.h"

#include "offload/gro.h"
#include "pkt/parse.h"

#define TCP 1u
#define UDP 2u
#define V4  4u
#define V6  8u
#define ANY (TCP | UDP | V4 | V6)

/* What a row changes. */
struct pair {
	struct gen a, b;
	uint32_t what;
	void (*touch_a)(struct rte_mbuf *m); /* after the packet was built */
	void (*touch_b)(struct rte_mbuf *m);
};

struct cond {
	const char *name;
	unsigned int in; /* TCP, UDP, V4, V6 it applies to */
	void (*edit)(struct pair *p);
};

static uint8_t *at(struct rte_mbuf *m, uint32_t off)
{
	return rte_pktmbuf_mtod_offset(m, uint8_t *, off);
}

static uint8_t *l3(struct rte_mbuf *m)
{
	return at(m, pkt_meta(m)->inner.l3_off);
}

static uint8_t *l4(struct rte_mbuf *m)
{
	return at(m, pkt_meta(m)->inner.l4_off);
}

static void flip_csum(struct rte_mbuf *m)
{
	l4(m)[pkt_meta(m)->inner.l4 == PKT_L4_TCP ? 16 : 6] ^= 0x10;
}

static void flip_ipv4_csum(struct rte_mbuf *m)
{
	l3(m)[10] ^= 1;
}

/* 0 and 0xffff are the same number to the sum; we would write 0. Changes the identification so that
 * it is one of them. */
static void ipv4_csum_ffff(struct rte_mbuf *m)
{
	uint8_t *const ip = l3(m);
	const uint32_t id = (uint32_t)ip[4] << 8 | ip[5], csum = (uint32_t)ip[10] << 8 | ip[11];

	ip[4] = (uint8_t)((id + csum) % 0xffff >> 8);
	ip[5] = (uint8_t)((id + csum) % 0xffff);
	ip[10] = ip[11] = 0xff;
}

static void set_obj(struct rte_mbuf *m)
{
	pkt_meta(m)->obj = 9;
}

static void set_outer_tos(struct rte_mbuf *m)
{
	pkt_meta(m)->tos = 3;
}

static void set_gso(struct rte_mbuf *m)
{
	struct pkt_layer *l = &pkt_meta(m)->inner;

	l->gso_type = l->l4 == PKT_L4_UDP    ? PKT_GSO_UDP
		      : l->l3 == PKT_L3_IPV4 ? PKT_GSO_TCP4
					     : PKT_GSO_TCP6;
	l->gso_size = 500;
	l->csum = PKT_CSUM_OWED;
}

static void owe_wrong(struct rte_mbuf *m)
{
	pkt_meta(m)->inner.csum = PKT_CSUM_OWED; /* but the field holds a full checksum */
}

/* A routing header with a segment left: the checksum's destination is another. */
static void routing_left(struct rte_mbuf *m)
{
	l3(m)[40 + 3] = 1;
	pkt_meta(m)->inner.csum = PKT_CSUM_VERIFIED;
}

static void udp_len_short(struct rte_mbuf *m)
{
	l4(m)[5]--;
	pkt_meta(m)->inner.csum = PKT_CSUM_VERIFIED;
}

static void tcp_csum_ffff(struct rte_mbuf *m)
{
	l4(m)[16] = l4(m)[17] = 0xff;
	pkt_meta(m)->inner.csum = PKT_CSUM_VERIFIED;
}

#define EDIT(name, ...)                                                                            \
	static void name(struct pair *p)                                                           \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}
EDIT(mac, p->b.mac ^= 0x40)
EDIT(vlan_added, p->b.n_vlan++)
EDIT(vlan_id, (p->a.n_vlan = p->b.n_vlan = 1, p->b.vid[0] ^= 1))
EDIT(vlan_prio, (p->a.n_vlan = p->b.n_vlan = 1, p->b.vid[0] ^= 0x2000))
EDIT(qinq_outer, (p->a.n_vlan = p->b.n_vlan = 2, p->b.vid[0] ^= 1))
EDIT(qinq_inner, (p->a.n_vlan = p->b.n_vlan = 2, p->b.vid[1] ^= 1))
EDIT(tunnel_byte, (p->a.tun_hlen = p->b.tun_hlen = 8, p->b.tun_fill ^= 1))
EDIT(tunnel_one_only, p->b.tun_hlen = 8)
EDIT(obj, p->touch_b = set_obj)
EDIT(outer_tos, p->touch_b = set_outer_tos)
EDIT(addr, p->b.addr ^= 1)
EDIT(dscp, p->b.tos ^= 4)
EDIT(ecn_ce, p->b.tos ^= 3)
EDIT(ttl, p->b.ttl--)
EDIT(df_second, (p->a.frag_off = 0, p->b.frag_off = 0x4000))
EDIT(df_first, (p->a.frag_off = 0x4000, p->b.frag_off = 0))
EDIT(evil_bit, (p->a.frag_off = p->b.frag_off = 0xc000))
EDIT(id_gap, p->b.id++)
EDIT(id_back, p->b.id = (uint16_t)(p->a.id - 1))
EDIT(id_fixed_without_df, (p->a.frag_off = p->b.frag_off = 0, p->b.id = p->a.id))
EDIT(ipv4_options, p->b.opt_words = 1)
EDIT(ipv4_options_equal, p->a.opt_words = p->b.opt_words = 1)
EDIT(ipv4_csum_second, p->touch_b = flip_ipv4_csum)
EDIT(ipv4_csum_not_canonical, p->touch_a = ipv4_csum_ffff; p->touch_b = ipv4_csum_ffff)
EDIT(ipv4_csum_first, p->touch_a = flip_ipv4_csum)
EDIT(flow_label, p->b.flow_label ^= 1)
EDIT(ext_added, p->b.ext = GEN_EXT_HOP)
EDIT(ext_bytes, (p->a.ext = p->b.ext = GEN_EXT_DST, p->b.opt_fill ^= 2))
EDIT(ext_kind, (p->a.ext = GEN_EXT_HOP, p->b.ext = GEN_EXT_DST))
EDIT(ext_routing_left,
	(p->a.ext = p->b.ext = GEN_EXT_ROUTE, p->touch_a = routing_left, p->touch_b = routing_left))
EDIT(sport, p->b.sport ^= 1)
EDIT(dport, p->b.dport ^= 1)
EDIT(csum_second, p->touch_b = flip_csum)
EDIT(csum_first, p->touch_a = flip_csum)
EDIT(csum_owed_wrong_second, p->touch_b = owe_wrong)
EDIT(csum_owed_wrong_first, p->touch_a = owe_wrong)
EDIT(super_frame_second, p->touch_b = set_gso)
EDIT(super_frame_first, p->touch_a = set_gso)
EDIT(larger, p->b.plen++)
EDIT(no_payload, p->b.plen = 0)
EDIT(no_payload_60_byte_frame, (p->b.plen = 0, p->b.pad = 60 - gen_hlen(&p->b)))
EDIT(not_asked_for, p->what = p->a.l4 == PKT_L4_TCP ? GRO_UDP : GRO_TCP)
EDIT(seq_gap, p->b.seq++)
EDIT(seq_overlap, p->b.seq--)
EDIT(seq_again, p->b.seq = p->a.seq)
EDIT(ack, p->b.ack++)
EDIT(window, p->b.win++)
EDIT(flag_ece, p->b.flags ^= 0x40)
EDIT(flag_cwr_second, p->b.flags ^= 0x80)
EDIT(flag_cwr_first, p->a.flags ^= 0x80)
EDIT(flag_cwr_both, (p->a.flags ^= 0x80, p->b.flags ^= 0x80))
EDIT(flag_urg, p->b.flags ^= 0x20)
EDIT(flag_urg_both, (p->a.flags ^= 0x20, p->b.flags ^= 0x20))
EDIT(flag_syn, p->b.flags ^= 0x02)
EDIT(flag_syn_both, (p->a.flags ^= 0x02, p->b.flags ^= 0x02))
EDIT(flag_rst, p->b.flags ^= 0x04)
EDIT(flag_ack, p->b.flags ^= 0x10)
EDIT(flag_psh_first, p->a.flags ^= 0x08)
EDIT(flag_fin_first, p->a.flags ^= 0x01)
EDIT(reserved_bits, p->b.res ^= 1)
EDIT(urgent_pointer, p->b.urg ^= 1)
EDIT(timestamp, (p->a.topt_words = p->b.topt_words = 3, p->b.tstamp++))
EDIT(options_longer, p->b.topt_words++)
EDIT(tcp_csum_not_canonical, p->touch_b = tcp_csum_ffff)
EDIT(udp_no_csum_second, p->b.no_csum = true)
EDIT(udp_no_csum_first, p->a.no_csum = true)
EDIT(udp_no_csum_both, p->a.no_csum = p->b.no_csum = true)
EDIT(udp_len_second, p->touch_b = udp_len_short)
EDIT(udp_len_first, p->touch_a = udp_len_short)

#define ROW(name, in)                                                                              \
	{                                                                                          \
#name, in, name                                                                    \
	}
static const struct cond conds[] = {
	ROW(mac, ANY),
	ROW(vlan_added, ANY),
	ROW(vlan_id, ANY),
	ROW(vlan_prio, ANY),
	ROW(qinq_outer, ANY),
	ROW(qinq_inner, ANY),
	ROW(tunnel_byte, ANY),
	ROW(tunnel_one_only, ANY),
	ROW(obj, ANY),
	ROW(outer_tos, ANY),
	ROW(addr, ANY),
	ROW(dscp, ANY),
	ROW(ecn_ce, ANY),
	ROW(ttl, ANY),
	ROW(sport, ANY),
	ROW(dport, ANY),
	ROW(csum_second, ANY),
	ROW(csum_first, ANY),
	ROW(csum_owed_wrong_second, ANY),
	ROW(csum_owed_wrong_first, ANY),
	ROW(super_frame_second, ANY),
	ROW(super_frame_first, ANY),
	ROW(larger, ANY),
	ROW(no_payload, ANY),
	ROW(no_payload_60_byte_frame, V4 | TCP | UDP),
	ROW(not_asked_for, ANY),
	ROW(df_second, V4 | TCP | UDP),
	ROW(df_first, V4 | TCP | UDP),
	ROW(evil_bit, V4 | TCP | UDP),
	ROW(id_gap, V4 | TCP | UDP),
	ROW(id_back, V4 | TCP | UDP),
	ROW(id_fixed_without_df, V4 | TCP | UDP),
	ROW(ipv4_options, V4 | TCP | UDP),
	ROW(ipv4_options_equal, V4 | TCP | UDP),
	ROW(ipv4_csum_second, V4 | TCP | UDP),
	ROW(ipv4_csum_first, V4 | TCP | UDP),
	ROW(ipv4_csum_not_canonical, V4 | TCP | UDP),
	ROW(flow_label, V6 | TCP | UDP),
	ROW(ext_added, V6 | TCP | UDP),
	ROW(ext_bytes, V6 | TCP | UDP),
	ROW(ext_kind, V6 | TCP | UDP),
	ROW(ext_routing_left, V6 | TCP | UDP),
	ROW(seq_gap, V4 | V6 | TCP),
	ROW(seq_overlap, V4 | V6 | TCP),
	ROW(seq_again, V4 | V6 | TCP),
	ROW(ack, V4 | V6 | TCP),
	ROW(window, V4 | V6 | TCP),
	ROW(flag_ece, V4 | V6 | TCP),
	ROW(flag_cwr_second, V4 | V6 | TCP),
	ROW(flag_cwr_first, V4 | V6 | TCP),
	ROW(flag_cwr_both, V4 | V6 | TCP),
	ROW(flag_urg, V4 | V6 | TCP),
	ROW(flag_urg_both, V4 | V6 | TCP),
	ROW(flag_syn, V4 | V6 | TCP),
	ROW(flag_syn_both, V4 | V6 | TCP),
	ROW(flag_rst, V4 | V6 | TCP),
	ROW(flag_ack, V4 | V6 | TCP),
	ROW(flag_psh_first, V4 | V6 | TCP),
	ROW(flag_fin_first, V4 | V6 | TCP),
	ROW(reserved_bits, V4 | V6 | TCP),
	ROW(urgent_pointer, V4 | V6 | TCP),
	ROW(timestamp, V4 | V6 | TCP),
	ROW(options_longer, V4 | V6 | TCP),
	ROW(tcp_csum_not_canonical, V4 | V6 | TCP),
	ROW(udp_no_csum_second, V4 | V6 | UDP),
	ROW(udp_no_csum_first, V4 | V6 | UDP),
	ROW(udp_no_csum_both, V4 | V6 | UDP),
	ROW(udp_len_second, V4 | V6 | UDP),
	ROW(udp_len_first, V4 | V6 | UDP),
};

static struct pair pair_of(uint8_t l3_kind, uint8_t l4_kind)
{
	struct pair p = { .a = gen_default, .what = GRO_TCP | GRO_UDP };

	p.a.l3 = l3_kind;
	p.a.l4 = l4_kind;
	p.b = p.a;
	p.b.seq += p.a.plen;
	p.b.pay_pos += p.a.plen;
	p.b.id++;
	return p;
}

/* Both through GRO; returns how many packets leave, which are in @out. */
static uint32_t run(const struct pair *p, struct flat in[2], struct pkt_list *out, struct rnd *r)
{
	struct gro *g = gro_create(16);
	struct rte_mbuf *a = gen_pkt(&p->a, CHAIN_CUT, r), *b = gen_pkt(&p->b, CHAIN_CUT, r);

	if (p->touch_a)
		p->touch_a(a);
	if (p->touch_b)
		p->touch_b(b);
	flat_of(a, &in[0]);
	flat_of(b, &in[1]);
	pkt_list_init(out);
	gro_receive(g, a, p->what, 1, out);
	gro_receive(g, b, p->what, 2, out);
	gro_flush(g, out);
	gro_destroy(g);
	return out->n_pkts;
}

static void check_apart(const struct cond *c, uint8_t l3_kind, uint8_t l4_kind)
{
	static struct flat in[2];
	struct pair p = pair_of(l3_kind, l4_kind);
	struct pkt_list out;
	struct rnd r;

	rnd_seed(&r, 7);
	assert_int_equal(run(&p, in, &out, &r), 1); /* as it is they merge */
	assert_pkt_good(out.head);
	drop_all(&out);
	c->edit(&p);
	assert_int_equal(run(&p, in, &out, &r), 2);
	assert_bytes(out.head, &in[0]);
	assert_bytes(out.tail, &in[1]);
	assert_int_equal(pkt_meta(out.head)->inner.gso_type != 0, c->edit == super_frame_first);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

static void test_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(conds); i++) {
		const struct cond *c = &conds[i];

		print_message("%s\n", c->name);
		if ((c->in & (V4 | TCP)) == (V4 | TCP))
			check_apart(c, PKT_L3_IPV4, PKT_L4_TCP);
		if ((c->in & (V6 | TCP)) == (V6 | TCP))
			check_apart(c, PKT_L3_IPV6, PKT_L4_TCP);
		if ((c->in & (V4 | UDP)) == (V4 | UDP))
			check_apart(c, PKT_L3_IPV4, PKT_L4_UDP);
		if ((c->in & (V6 | UDP)) == (V6 | UDP))
			check_apart(c, PKT_L3_IPV6, PKT_L4_UDP);
	}
}

/* ---- what may differ, and does merge ---- */

EDIT(id_wraps, (p->a.id = 0xffff, p->b.id = 0))
EDIT(id_fixed_with_df, p->b.id = p->a.id)
EDIT(id_counts_without_df, (p->a.frag_off = p->b.frag_off = 0))
EDIT(seq_wraps, (p->a.seq = 0xfffffff0, p->b.seq = p->a.seq + p->a.plen))
EDIT(smaller_last, p->b.plen = 1)
EDIT(padded_last, (p->b.plen = 1, p->b.pad = 5))
EDIT(padded_first, p->a.pad = 3)
EDIT(padded_60_byte_frame, (p->b.plen = 1, p->b.pad = 59 - gen_hlen(&p->b)))
EDIT(psh_last, p->b.flags ^= 0x08)
EDIT(fin_psh_last, p->b.flags ^= 0x09)
EDIT(equal_ext_headers, p->a.ext = p->b.ext = 7)
EDIT(equal_options, p->a.topt_words = p->b.topt_words = 10)
EDIT(behind_qinq_and_tunnel, (p->a.n_vlan = p->b.n_vlan = 2, p->a.tun_hlen = p->b.tun_hlen = 8))
EDIT(ce_on_both, p->a.tos = p->b.tos = 3)

static const struct cond joins[] = {
	ROW(id_wraps, V4 | TCP | UDP),
	ROW(id_fixed_with_df, V4 | TCP | UDP),
	ROW(id_counts_without_df, V4 | TCP | UDP),
	ROW(seq_wraps, V4 | V6 | TCP),
	ROW(smaller_last, ANY),
	ROW(padded_last, ANY),
	ROW(padded_first, ANY),
	ROW(padded_60_byte_frame, V4 | TCP | UDP),
	ROW(psh_last, V4 | V6 | TCP),
	ROW(fin_psh_last, V4 | V6 | TCP),
	ROW(equal_ext_headers, V6 | TCP | UDP),
	ROW(equal_options, V4 | V6 | TCP),
	ROW(behind_qinq_and_tunnel, ANY),
	ROW(ce_on_both, ANY),
};

/* The merged packet is the frame that holds both payloads, built from scratch, with its checksum
 * owed. */
static void check_joined(const struct cond *c, uint8_t l3_kind, uint8_t l4_kind)
{
	static struct flat in[2], want;
	struct pair p = pair_of(l3_kind, l4_kind);
	struct rte_mbuf *m;
	struct pkt_list out;
	struct rnd r;

	rnd_seed(&r, 7);
	c->edit(&p);
	assert_int_equal(run(&p, in, &out, &r), 1);
	assert_pkt_good(out.head);
	assert_int_equal(pkt_meta(out.head)->inner.gso_size, p.a.plen);
	assert_int_equal(
		pkt_meta(out.head)->inner.gso_ecn, p.a.l4 == PKT_L4_TCP && (p.a.flags & 0x80));
	p.a.flags |= p.b.flags & 9;
	p.a.plen += p.b.plen;
	p.a.pad = 0;
	m = gen_super(&p.a, 1000, CHAIN_FLAT, &r);
	flat_of(m, &want);
	pkt_done(m);
	assert_bytes(out.head, &want);
	drop_all(&out);
	assert_true(eal_test_pools_full());
}

static void test_joined(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(joins); i++) {
		const struct cond *c = &joins[i];

		print_message("%s\n", c->name);
		if ((c->in & (V4 | TCP)) == (V4 | TCP))
			check_joined(c, PKT_L3_IPV4, PKT_L4_TCP);
		if ((c->in & (V6 | TCP)) == (V6 | TCP))
			check_joined(c, PKT_L3_IPV6, PKT_L4_TCP);
		if ((c->in & (V4 | UDP)) == (V4 | UDP))
			check_joined(c, PKT_L3_IPV4, PKT_L4_UDP);
		if ((c->in & (V6 | UDP)) == (V6 | UDP))
			check_joined(c, PKT_L3_IPV6, PKT_L4_UDP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_joined),
	};

	return cmocka_run_group_tests_name(
		"gro conditions", tests, eal_test_setup, eal_test_teardown);
}
