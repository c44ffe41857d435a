/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may send what into a tunnel, what becomes of DSCP and ECN, and tunnels that change. */
#include "pair.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkt/parse.h"
#include "uapi/sclp.h"

static uint8_t pkt[GEN_MAX];

/* A VXLAN packet with a small frame from @src to @dst; returns its length. */
static uint32_t make_vxlan(uint8_t *p, uint32_t vni, uint64_t dst, uint64_t src, uint8_t tos)
{
	struct gen g = gen_default;
	uint32_t n;

	memset(p, 0, PEER_HLEN);
	p[0] = 0x08;
	p[4] = (uint8_t)(vni >> 16);
	p[5] = (uint8_t)(vni >> 8);
	p[6] = (uint8_t)vni;
	g.l4 = PKT_L4_UDP;
	g.plen = 64;
	g.tos = tos;
	g.tun_hlen = 0;
	n = gen_bytes(&g, p + PEER_HLEN);
	for (unsigned int i = 0; i < 6; i++) {
		p[PEER_HLEN + i] = (uint8_t)(dst >> (40 - 8 * i));
		p[PEER_HLEN + 6 + i] = (uint8_t)(src >> (40 - 8 * i));
	}
	return PEER_HLEN + n;
}

static void test_admission(void **state)
{
	static const struct row {
		const char *name;
		uint32_t vni;
		uint8_t flags;
		int cut; /* bytes of the packet, -1: all */
		int why; /* -1: it gets in */
		bool of_remote;
	} rows[] = {
		{ "good", VNI, 0x08, -1, -1, true },
		{ "other_flags_do_not_matter", VNI, 0xff, -1, -1, true },
		{ "wrong_vni", VNI + 1, 0x08, -1, DROP_TUNNEL_KEY, true },
		{ "vni_zero", 0, 0x08, -1, DROP_TUNNEL_KEY, true },
		{ "largest_vni", 0xffffff, 0x08, -1, DROP_TUNNEL_KEY, true },
		{ "no_vni_flag", VNI, 0xf7, -1, DROP_TUNNEL_HEADER, true },
		{ "one_byte", VNI, 0x08, 1, DROP_TUNNEL_HEADER, true },
		{ "seven_bytes", VNI, 0x08, 7, DROP_TUNNEL_HEADER, true },
		{ "no_frame_at_all", VNI, 0x08, 8, DROP_PORT_RX_SHORT, true },
		{ "frame_of_13_bytes", VNI, 0x08, 21, DROP_PORT_RX_SHORT, true },
		{ "empty", VNI, 0x08, 0, DROP_TUNNEL_SHORT, false },
	};
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, PAIR_SOCKET);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		const struct row *t = &rows[i];
		uint32_t n = make_vxlan(pkt, t->vni, MAC(2), MAC(3), 0);
		struct sw_obj_row before, now;

		print_message("  %s\n", t->name);
		pkt[0] = t->flags;
		before = bed_row(&p.b, t->of_remote ? "t" : "-", t->of_remote ? ADDR_C : NULL);
		pair_send(&p, pkt, t->cut < 0 ? n : (size_t)t->cut, 0);
		p.b.n_extra++;
		now = bed_row(&p.b, t->of_remote ? "t" : "-", t->of_remote ? ADDR_C : NULL);
		assert_int_equal(bed_drain(&p.b, "g"), t->why < 0);
		assert_int_equal(now.stats.drops - before.stats.drops, t->why >= 0);
		if (t->why >= 0)
			assert_int_equal(
				now.stats.by_reason[t->why] - before.stats.by_reason[t->why], 1);
	}
	pair_close(&p);
}

static void test_stranger_is_counted(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, 0);
	inet_pton(AF_INET, "127.0.0.9", &sin.sin_addr);
	assert_return_code(bind(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	inet_pton(AF_INET, ADDR_B, &sin.sin_addr);
	sin.sin_port = htons(p.port);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(sendto(fd, pkt, make_vxlan(pkt, VNI, MAC(2), MAC(3), 0), 0,
				    (const struct sockaddr *)&sin, sizeof(sin)) > 0);
	pair_settle(&p);
	p.b.n_extra = 3;
	assert_int_equal(bed_row(&p.b, "-", NULL).stats.by_reason[DROP_TUNNEL_REMOTE], 3);
	close(fd);
	pair_close(&p);
}

/* ---- DSCP and ECN ---- */

#define NOT 0
#define E1  1
#define E0  2
#define CE  3

/* RFC 6040, figure 4; -1: dropped. */
static const int ecn_table[4][4] = {
	/* outer:    Not  ECT1 ECT0 CE */
	[NOT] = { NOT, NOT, NOT, -1 },
	[E1] = { E1, E1, E1, CE },
	[E0] = { E0, E1, E0, CE },
	[CE] = { CE, CE, CE, CE },
};

static void test_ecn_inwards(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, PAIR_SOCKET);
	for (int inner = 0; inner < 4; inner++) {
		for (int outer = 0; outer < 4; outer++) {
			const int now = ecn_table[inner][outer];
			const uint32_t n = make_vxlan(
				pkt, VNI, MAC(2), MAC(3), (uint8_t)(10 << 2 | inner));
			struct rte_mbuf *m;

			pair_send(&p, pkt, n, 46 << 2 | outer);
			p.b.n_extra++;
			m = bed_take(&p.b, "g"); /* the oracle checks the IP header as well */
			assert_int_equal(!!m, now >= 0);
			if (!m)
				continue;
			/* uniform: the network's DSCP is the guest's */
			assert_int_equal(pkt_layer_tos(m, &pkt_meta(m)->inner), 46 << 2 | now);
			pkt_done(m);
		}
	}
	assert_drops(&p.b, TUNNEL_ECN, 1);
	pair_close(&p);
}

static void test_fixed_dscp(void **state)
{
	char *remotes[] = { (char *)ADDR_A, (char *)ADDR_C };
	struct conf_tunnel t;
	struct rte_mbuf *m;
	struct pair p;
	int tos = -1;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, PAIR_SOCKET);
	t = pair_tunnel(&p, (char *)ADDR_B, remotes, 2);
	t.dscp = (char *)"8";
	assert_done(sw_tunnel_set(p.b.sw, &t, err));
	pair_send(&p, pkt, make_vxlan(pkt, VNI, MAC(2), MAC(3), 10 << 2 | E0), 46 << 2 | CE);
	p.b.n_extra++;
	m = bed_take(&p.b, "g");
	assert_non_null(m);
	assert_int_equal(pkt_layer_tos(m, &pkt_meta(m)->inner), 10 << 2 | CE);
	pkt_done(m);
	m = bed_frame(MAC(3), MAC(2));
	bed_inject(&p.b, "g", m);
	p.b.n_extra--; /* it leaves towards the socket */
	assert_true(pair_recv(&p, pkt, sizeof(pkt), &tos) > 0);
	assert_int_equal(tos, 8 << 2);
	pair_close(&p);
}

static void test_tos_outwards(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, PAIR_SOCKET);
	pair_send(&p, pkt, make_vxlan(pkt, VNI, MAC(2), MAC(3), 0), 0);
	for (unsigned int inner = 0; inner < 256; inner += 5) {
		struct gen g = gen_default;
		struct rte_mbuf *m;
		int tos = -1;

		g.tos = (uint8_t)inner;
		m = gen_pkt(&g, CHAIN_FLAT, NULL);
		bed_address(m, MAC(3), MAC(2));
		bed_inject(&p.b, "g", m);
		p.b.n_extra--;
		assert_int_equal(
			pair_recv(&p, pkt, sizeof(pkt), &tos), PEER_HLEN + gen_hlen(&g) + g.plen);
		assert_int_equal(tos, inner);
	}
	p.b.n_extra++;
	pair_close(&p);
}

/* ---- mesh ---- */

static void test_split_horizon_and_head_end_replication(void **state)
{
	struct pkt_list list;
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, PAIR_SOCKET);
	/* a broadcast from one remote reaches the port and not the other remote */
	bed_inject(&p.a, "g", bed_frame(MAC_ALL, MAC(1)));
	pair_run(&p, &p.b, 1, &list);
	assert_int_equal(list.n_pkts, 1);
	pkt_done(pkt_list_pop(&list));
	assert_int_equal(pair_recv(&p, pkt, sizeof(pkt), NULL), -1);
	/* one from the port reaches both */
	bed_inject(&p.b, "g", bed_frame(MAC_ALL, MAC(2)));
	pair_run(&p, &p.a, 1, &list);
	assert_int_equal(list.n_pkts, 1);
	pkt_done(pkt_list_pop(&list));
	assert_true(pair_recv(&p, pkt, sizeof(pkt), NULL) > 0);
	/* a station behind one remote is not reached from the other */
	pair_send(&p, pkt, make_vxlan(pkt, VNI, MAC(1), MAC(3), 0), 0);
	p.b.n_extra++;
	assert_drops(&p.b, BRIDGE_FILTERED, 1);
	pair_close(&p);
}

/* ---- change ---- */

static void test_set_keeps_what_is_known(void **state)
{
	char *more[] = { (char *)ADDR_A, (char *)ADDR_C, (char *)"127.0.0.4" };
	const struct ether_addr mac = { { 2, 0, 0, 0, 0, 9 } };
	struct conf_tunnel t;
	struct pkt_list list;
	struct pair p;
	uint64_t n_rx;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, 0);
	bed_inject(&p.a, "g", bed_frame(MAC(2), MAC(1)));
	pair_run(&p, &p.b, 1, &list);
	pkt_done(pkt_list_pop(&list));
	assert_done(sw_fdb_add(p.b.sw, "br1", &mac, "t", NULL, err));
	n_rx = bed_row(&p.b, "t", ADDR_A).stats.rx_packets;
	t = pair_tunnel(&p, (char *)ADDR_B, more, 3);
	t.ttl = 9;
	sw_count_here(p.b.sw);
	assert_done(sw_tunnel_set(p.b.sw, &t, err));
	assert_int_equal(bed_row(&p.b, "t", ADDR_A).stats.rx_packets, n_rx);
	/* unicast to a learned and to a static address: to the one remote, not flooded to three */
	for (unsigned int i = 0; i < 2; i++) {
		bed_inject(&p.b, "g", bed_frame(i ? MAC(9) : MAC(1), MAC(2)));
		pair_run(&p, &p.a, 1, &list);
		assert_int_equal(list.n_pkts, 1);
		pkt_done(pkt_list_pop(&list));
	}
	assert_int_equal(bed_row(&p.b, "t", NULL).stats.tx_packets, 2);
	/* and out with the one that knows the station */
	t = pair_tunnel(&p, (char *)ADDR_B, more + 1, 1);
	assert_done(sw_tunnel_set(p.b.sw, &t, err));
	bed_inject(&p.a, "g", bed_frame(MAC(2), MAC(1)));
	pair_settle(&p);
	assert_drops(&p.b, TUNNEL_REMOTE, 1);
	pair_close(&p);
}

static void test_tunnel_leaves_its_bridge(void **state)
{
	char *to_a[] = { (char *)ADDR_A };
	struct conf_tunnel t;
	struct pair p;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_UDP, 0);
	t = pair_tunnel(&p, (char *)ADDR_B, to_a, 1);
	t.bridge = NULL;
	sw_count_here(p.b.sw);
	assert_done(sw_tunnel_set(p.b.sw, &t, err));
	bed_inject(&p.a, "g", bed_frame(MAC(2), MAC(1)));
	bed_inject(&p.b, "g", bed_frame(MAC(1), MAC(2)));
	pair_settle(&p);
	assert_int_equal(bed_row(&p.b, "t", ADDR_A).stats.by_reason[DROP_PORT_NO_BRIDGE], 1);
	assert_drops(&p.b, BRIDGE_NO_MEMBER, 1);
	pair_close(&p);
}

/* ---- reassembly ---- */

/* The first segment of a frame of which @rem bytes are still to come. */
static uint32_t make_segment(uint8_t *p, uint32_t id, bool first, uint16_t rem, uint32_t vni)
{
	const struct sclp_hdr sh = { .source = htons(50000),
		.dest = htons(SCLP_PORT_VXLAN),
		.id_first = htonl(id << 1 | first),
		.remaining = htons(rem) };

	memcpy(p, &sh, sizeof(sh));
	return (uint32_t)sizeof(sh) + make_vxlan(p + sizeof(sh), vni, MAC(2), MAC(3), 0);
}

static void test_reassembly_ends_by_the_clock(void **state)
{
	struct sw_obj_row row;
	struct pair p;
	uint32_t n;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, PAIR_SOCKET);
	n = make_segment(pkt, 5, true, 400, VNI);
	pair_send(&p, pkt, n, 0);
	p.b.n_extra++;
	row = bed_row(&p.b, "t", ADDR_C);
	assert_int_equal(row.reass_frames, 1);
	assert_true(row.reass_bytes > 0);
	p.b.now_ns += 99 * MS_NS;
	bed_run(&p.b);
	assert_int_equal(bed_row(&p.b, "t", ADDR_C).reass_frames, 1);
	p.b.now_ns += 2 * MS_NS;
	bed_run(&p.b);
	row = bed_row(&p.b, "t", ADDR_C);
	assert_int_equal(row.reass_frames, 0);
	assert_int_equal(row.reass_timeout, 1);
	assert_int_equal(row.stats.by_reason[DROP_SCLP_TIMEOUT], 1);
	pair_close(&p);
}

/*
 * Two tunnels share a remote, one goes while a frame that bears its number is under reassembly, and
 * a port takes the number over.
 */
static void test_number_of_a_remote_is_used_again(void **state)
{
	char *to_c[] = { (char *)ADDR_C };
	struct conf_tunnel t;
	struct pair p;
	uint32_t n;

	(void)state;
	pair_open(&p, CONF_TRANSPORT_SCLP, PAIR_SOCKET);
	t = pair_tunnel(&p, (char *)ADDR_B, to_c, 1);
	t.name = (char *)"t2";
	t.vni = VNI + 1;
	assert_done(sw_tunnel_add(p.b.sw, &t, err));
	n = make_segment(pkt, 6, true, 10, VNI);
	pair_send(&p, pkt, n, 0);
	p.b.n_extra++;
	sw_count_here(p.b.sw);
	assert_done(sw_tunnel_del(p.b.sw, "t", err));
	assert_drops(&p.b, SHUTDOWN, 1);
	bed_port(&p.b, "x1", "br1");
	bed_port(&p.b, "x2", "br1");
	p.b.now_ns += 200 * MS_NS;
	bed_run(&p.b);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_admission),
		cmocka_unit_test(test_stranger_is_counted),
		cmocka_unit_test(test_ecn_inwards),
		cmocka_unit_test(test_fixed_dscp),
		cmocka_unit_test(test_tos_outwards),
		cmocka_unit_test(test_split_horizon_and_head_end_replication),
		cmocka_unit_test(test_set_keeps_what_is_known),
		cmocka_unit_test(test_tunnel_leaves_its_bridge),
		cmocka_unit_test(test_reassembly_ends_by_the_clock),
		cmocka_unit_test(test_number_of_a_remote_is_used_again),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
