/* SPDX-License-Identifier: BSD-3-Clause */
/* Two switches joined by tunnels: every kind of frame arrives as it was sent. */
#include "pair.h"

#include <errno.h>
#include <string.h>

static uint8_t want[GEN_MAX], got[GEN_MAX];

static struct gen gen_of(uint8_t l3, uint8_t l4, uint32_t plen)
{
	struct gen g = gen_default;

	g.l3 = l3;
	g.l4 = l4;
	g.plen = plen;
	return g;
}

/* The one frame that came is @n bytes of `want`, owing what @l owed. */
static void assert_arrived(struct pkt_list *list, uint32_t n, const struct pkt_layer *l)
{
	struct rte_mbuf *m = pkt_list_pop(list);
	const struct pkt_layer *now;

	assert_non_null(m);
	now = &pkt_meta(m)->inner;
	assert_int_equal(chain_bytes(m, got), n);
	assert_memory_equal(got, want, n);
	assert_int_equal(now->csum, l->csum);
	assert_int_equal(now->gso_type, l->gso_type);
	assert_int_equal(now->gso_size, l->gso_size);
	assert_int_equal(now->gso_ecn, l->gso_ecn);
	pkt_done(m);
	assert_true(pkt_list_empty(list));
}

static void carry_whole(struct pair *p, struct rte_mbuf *m)
{
	const struct pkt_layer l = pkt_meta(m)->inner;
	struct pkt_list list;
	uint32_t n;

	bed_address(m, MAC(2), MAC(1));
	n = chain_bytes(m, want);
	bed_inject(&p->a, "g", m);
	pair_run(p, &p->b, 1, &list);
	assert_arrived(&list, n, &l);
}

static void assert_wire_conserved(struct pair *p)
{
	assert_int_equal(
		bed_row(&p->a, "t", NULL).stats.tx_wire, bed_row(&p->b, "t", ADDR_A).stats.rx_wire);
}

static void test_sclp_carries_every_size(void **state)
{
	static const uint32_t paths[] = { 576, 1500, 9000, 65535 };
	static const uint32_t sizes[] = { 60, 61, 64, 500, 511, 512, 513, 1423, 1424, 1438, 1439,
		1440, 1441, 1442, 1499, 1500, 1501, 2048, 2049, 2886, 4096, 8999, 9000, 9001, 30001,
		64511, 64512, 65487, 65488, 65507, 65534, 65535 };
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, 0);
	for (size_t i = 0; i < RTE_DIM(paths); i++) {
		sw_set_path_mtu(p.a.sw, "t", paths[i]);
		for (size_t k = 0; k < RTE_DIM(sizes); k++) {
			const struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_UDP, sizes[k] - 42);

			carry_whole(&p, gen_pkt(&g, CHAIN_FLAT, NULL));
		}
	}
	assert_wire_conserved(&p);
	pair_close(&p);
}

static void test_sclp_carries_debts(void **state)
{
	static const uint16_t gso_sizes[] = { 536, 1448, 1460, 8948 };
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, 0);
	for (unsigned int l3 = PKT_L3_IPV4; l3 <= PKT_L3_IPV6; l3++) {
		for (unsigned int l4 = PKT_L4_TCP; l4 <= PKT_L4_UDP; l4++) {
			for (size_t i = 0; i < RTE_DIM(gso_sizes); i++) {
				struct gen g = gen_of((uint8_t)l3, (uint8_t)l4, 60000);

				g.flags |= l4 == PKT_L4_TCP && i & 1 ? 0x80 : 0;
				carry_whole(&p, gen_super(&g, gso_sizes[i], CHAIN_FLAT, NULL));
			}
		}
	}
	assert_int_equal(bed_row(&p.b, "t", ADDR_A).reass_done, 16);
	assert_wire_conserved(&p);
	pair_close(&p);
}

/* 65,549 bytes: what a guest's largest super-frame has. */
static void test_sclp_carries_the_largest_super_frame(void **state)
{
	const struct gen g4 = gen_of(PKT_L3_IPV4, PKT_L4_TCP, 65535 - 40);
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, 0);
	carry_whole(&p, gen_super(&g4, 1448, CHAIN_FLAT, NULL));
	sw_set_path_mtu(p.a.sw, "t", 65535);
	carry_whole(&p, gen_super(&g4, 1448, CHAIN_FLAT, NULL));
	pair_close(&p);
}

/* Without metadata the far end gets complete packets, glued again by GRO: compare the stream. */
static void carry_stream(struct pair *p, const struct gen *g, struct rte_mbuf *m)
{
	const uint32_t n_total = gen_bytes(g, want) - gen_hlen(g);
	uint32_t n = 0;

	bed_address(m, MAC(2), MAC(1));
	bed_inject(&p->a, "g", m);
	for (unsigned int tries = 0; n < n_total && tries < 100; tries++) {
		struct pkt_list list;

		pair_run(p, &p->b, 1, &list);
		p->b.n_extra += list.n_pkts;
		while ((m = pkt_list_pop(&list))) {
			const struct pkt_layer *l = &pkt_meta(m)->inner;

			pkt_copy_out(m, l->pay_off, l->end_off - l->pay_off, got + n);
			n += l->end_off - l->pay_off;
			pkt_done(m);
		}
	}
	p->b.n_extra--;
	assert_int_equal(n, n_total);
	assert_memory_equal(got, want + gen_hlen(g), n);
}

static void test_vxlan_over_udp(void **state)
{
	static const uint32_t plens[] = { 18, 100, 1400, 1401, 5000, 20000, 60000 };
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, 0);
	for (unsigned int l3 = PKT_L3_IPV4; l3 <= PKT_L3_IPV6; l3++) {
		for (unsigned int l4 = PKT_L4_TCP; l4 <= PKT_L4_UDP; l4++) {
			for (size_t i = 0; i < RTE_DIM(plens); i++) {
				const struct gen g = gen_of((uint8_t)l3, (uint8_t)l4, plens[i]);

				carry_stream(&p, &g, gen_super(&g, 1370, CHAIN_FLAT, NULL));
			}
		}
	}
	assert_wire_conserved(&p);
	pair_close(&p);
}

static void test_vxlan_without_outer_checksum(void **state)
{
	char *to_b[] = { (char *)ADDR_B };
	const struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_TCP, 30000);
	struct conf_tunnel t;
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, 0);
	t = pair_tunnel(&p, (char *)ADDR_A, to_b, 1);
	t.csum = CONF_OFF;
	assert_done(sw_tunnel_del(p.a.sw, "t", err));
	assert_done(sw_tunnel_add(p.a.sw, &t, err));
	sw_set_path_mtu(p.a.sw, "t", 1500);
	carry_stream(&p, &g, gen_super(&g, 1370, CHAIN_FLAT, NULL));
	pair_close(&p);
}

/* Over plain UDP the guests' MTU must leave room for the headers. */
static void test_frame_larger_than_the_path(void **state)
{
	struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_UDP, 1500 - 20 - 8 - 8 - 14 - 28);
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, 0);
	carry_whole(&p, gen_pkt(&g, CHAIN_FLAT, NULL));
	g.plen++;
	bed_inject(&p.a, "g", gen_pkt(&g, CHAIN_FLAT, NULL));
	pair_settle(&p);
	assert_drops(&p.a, TUNNEL_MTU, 1);
	assert_int_equal(bed_row(&p.a, "t", ADDR_B).stats.by_reason[DROP_TUNNEL_MTU], 1);
	pair_close(&p);
}

static void test_path_too_narrow_for_sclp(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, 0);
	sw_set_path_mtu(p.a.sw, "t", 500);
	bed_inject(&p.a, "g", bed_frame(MAC(2), MAC(1)));
	pair_settle(&p);
	assert_drops(&p.a, TUNNEL_MTU, 1);
	pair_close(&p);
}

static void test_many_frames_keep_their_order(void **state)
{
	struct pkt_list list;
	struct rte_mbuf *m;
	struct pair p;

	(void)state;
	for (unsigned int t = CONF_TRANSPORT_SCLP; t <= CONF_TRANSPORT_UDP; t++) {
		const struct conf_port c = { .name = (char *)"g",
			.type = CONF_PORT_DUMMY,
			.bridge = (char *)"br1",
			.mtu = CONF_MTU_MAX,
			.gro = CONF_OFF };
		unsigned int n = 0;

		pair_open(&p, (enum conf_transport)t, 0);
		assert_done(sw_port_set(p.a.sw, &c, err));
		for (unsigned int i = 0; i < 500; i++) {
			/* sizes that join trains, end them and open new ones; ICMP-like: no GRO */
			struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_UDP, i % 7 ? 200 : 90 + i % 3);

			g.no_csum = true;
			g.id = (uint16_t)i;
			m = gen_pkt(&g, CHAIN_FLAT, NULL);
			bed_address(m, MAC(2), MAC(1));
			bed_inject(&p.a, "g", m);
		}
		pair_run(&p, &p.b, 500, &list);
		assert_int_equal(list.n_pkts, 500);
		for (; (m = pkt_list_pop(&list)); n++) {
			assert_int_equal(rte_be_to_cpu_16(*PKT_HDR(m, 18, uint16_t)), n);
			pkt_done(m);
		}
		/* trains: far fewer system calls than frames */
		assert_true(bed_row(&p.a, "-", NULL).stats.tx_calls < 100);
		pair_close(&p);
	}
}

/* ---- IPv6, by a tunnel to ourselves: there is one loopback address ---- */

static void test_ipv6_there_and_back(void **state)
{
	char *self[] = { (char *)"::1" };
	struct pair p = { .transport = CONF_TRANSPORT_SCLP, .port = 31234 };
	const struct gen g = gen_of(PKT_L3_IPV6, PKT_L4_TCP, 60000);
	struct conf_tunnel t = pair_tunnel(&p, NULL, self, 1);
	struct conf_err err = { 0 };
	struct rte_mbuf *m = NULL;
	int rc;

	(void)state;
	bed_open(&p.a, NULL);
	bed_bridge(&p.a, "br1");
	bed_port(&p.a, "g", "br1");
	rc = sw_tunnel_add(p.a.sw, &t, &err);
	if (rc == -EAFNOSUPPORT || rc == -EADDRNOTAVAIL || rc == -EPROTONOSUPPORT) {
		bed_close(&p.a);
		skip();
	}
	assert_int_equal(rc, 0);
	sw_set_path_mtu(p.a.sw, "t", 1500);
	bed_inject(&p.a, "g", gen_super(&g, 1400, CHAIN_FLAT, NULL));
	for (unsigned int i = 0; i < 1000 && !m; i++) {
		bed_run(&p.a);
		m = bed_take(&p.a, "g");
	}
	assert_non_null(m);
	gen_bytes(&g, want);
	assert_int_equal(pkt_meta(m)->inner.gso_size, 1400);
	pkt_done(m);
	bed_close(&p.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sclp_carries_every_size),
		cmocka_unit_test(test_sclp_carries_debts),
		cmocka_unit_test(test_sclp_carries_the_largest_super_frame),
		cmocka_unit_test(test_vxlan_over_udp),
		cmocka_unit_test(test_vxlan_without_outer_checksum),
		cmocka_unit_test(test_frame_larger_than_the_path),
		cmocka_unit_test(test_path_too_narrow_for_sclp),
		cmocka_unit_test(test_many_frames_keep_their_order),
		cmocka_unit_test(test_ipv6_there_and_back),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
