/* SPDX-License-Identifier: BSD-3-Clause */
/* Offload settings of ports, changed while they run: what leaves is right, whatever came. */
#include "bed.h"

#include <errno.h>
#include <string.h>

#define GSO_SIZE 1000
#define PLEN	 3500 /* four segments */
#define N_SEGS	 4

static struct gen gen_of(uint8_t l3, uint8_t l4, uint32_t plen)
{
	struct gen g = gen_default;

	g.l3 = l3;
	g.l4 = l4;
	g.plen = plen;
	return g;
}

static struct conf_port port_conf(const char *name)
{
	return (struct conf_port){
		.name = (char *)name, .type = CONF_PORT_DUMMY, .bridge = (char *)"br1", .mtu = 1500
	};
}

static void bed_of_two(struct bed *b)
{
	bed_open(b, NULL);
	bed_bridge(b, "br1");
	bed_port(b, "in", "br1");
	bed_port(b, "out", "br1");
}

/* Payload bytes of all packets at the port, in order, compared with the stream that went in. */
static void take_stream(struct bed *b, const struct gen *g, unsigned int n_want)
{
	static uint8_t got[GEN_MAX], want[GEN_MAX];
	const uint32_t n_total = gen_bytes(g, want) - gen_hlen(g);
	uint32_t n = 0;
	struct rte_mbuf *m;
	unsigned int n_pkts = 0;

	for (; (m = bed_take(b, "out")); n_pkts++) {
		const struct pkt_layer *l = &pkt_meta(m)->inner;

		assert_true(n + l->end_off - l->pay_off <= n_total);
		pkt_copy_out(m, l->pay_off, l->end_off - l->pay_off, got + n);
		n += l->end_off - l->pay_off;
		pkt_done(m);
	}
	assert_int_equal(n_pkts, n_want);
	if (n_want) {
		assert_int_equal(n, n_total);
		assert_memory_equal(got, want + gen_hlen(g), n);
	}
}

/* What a packet still owes when it leaves: at most what the port may be given. */
static void assert_owes(struct bed *b, const struct conf_port *c)
{
	const struct port *p = sw_port_handle(b->sw, "out");
	const uint32_t tso = CAP_TSO4 | CAP_TSO6;

	assert_int_equal(!!(p->caps & CAP_CSUM), c->csum != CONF_OFF);
	assert_int_equal(p->caps & tso, c->tso != CONF_OFF ? tso : 0);
	assert_int_equal(!!(p->caps & CAP_USO), c->uso != CONF_OFF);
}

static const struct kind {
	const char *name;
	uint8_t l3, l4;
} kinds[] = {
	{ "tcp4", PKT_L3_IPV4, PKT_L4_TCP },
	{ "tcp6", PKT_L3_IPV6, PKT_L4_TCP },
	{ "udp4", PKT_L3_IPV4, PKT_L4_UDP },
	{ "udp6", PKT_L3_IPV6, PKT_L4_UDP },
};

/* Bits of the matrix. */
#define M_CSUM 1u
#define M_TSO  2u
#define M_USO  4u
#define M_GSO  8u

static enum conf_tri tri(unsigned int bits, unsigned int bit)
{
	return bits & bit ? CONF_DEFAULT : CONF_OFF;
}

static bool judge_debt(void *arg, const struct rte_mbuf *m)
{
	const struct conf_port *c = arg;
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;

	if (l->gso_type == PKT_GSO_UDP)
		return c->uso != CONF_OFF;
	if (l->gso_type)
		return c->tso != CONF_OFF;
	return l->csum != PKT_CSUM_OWED || c->csum != CONF_OFF;
}

/* A super-frame of kind @k towards a port with the settings @bits. */
static void send_super(struct bed *b, const struct kind *k, unsigned int bits)
{
	struct conf_port c = port_conf("out");
	const struct gen g = gen_of(k->l3, k->l4, PLEN);
	const unsigned int bit = k->l4 == PKT_L4_UDP ? M_USO : M_TSO;
	/* a port that takes no unfinished checksums is given no super-frames either */
	const bool whole = bits & bit && bits & M_CSUM;
	unsigned int n = whole ? 1 : bits & M_GSO ? N_SEGS : 0;
	const uint64_t off = bed_drops(b, DROP_GSO_OFF);
	struct port *p = sw_port_handle(b->sw, "out");
	struct rte_mbuf *m;

	c.csum = tri(bits, M_CSUM);
	c.tso = tri(bits, M_TSO & (bits & M_CSUM ? ~0u : 0));
	c.uso = tri(bits, M_USO & (bits & M_CSUM ? ~0u : 0));
	c.gso = tri(bits, M_GSO);
	if (!(bits & M_CSUM))
		c.tso = c.uso = CONF_OFF;
	assert_done(sw_port_set(b->sw, &c, err));
	assert_owes(b, &c);
	bed_inject(b, "in", gen_super(&g, GSO_SIZE, CHAIN_FLAT, NULL));
	bed_run(b);
	/* look before the oracle does */
	m = dummy_take(p);
	assert_int_equal(!!m, n > 0);
	if (m) {
		assert_true(judge_debt(&c, m));
		assert_null(oracle_check(m));
		assert_int_equal(pkt_meta(m)->inner.gso_size, whole ? GSO_SIZE : 0);
		b->n_taken++;
		b->n_extra += n - 1;
		pkt_done(m);
		assert_int_equal(bed_drain(b, "out"), n - 1);
	}
	assert_int_equal(bed_drops(b, DROP_GSO_OFF) - off, !n);
}

static void test_matrix_of_settings(void **state)
{
	struct bed b;

	(void)state;
	bed_of_two(&b);
	for (unsigned int bits = 0; bits < 16; bits++)
		for (size_t k = 0; k < RTE_DIM(kinds); k++)
			send_super(&b, &kinds[k], bits);
	bed_close(&b);
}

static void test_segments_carry_the_stream(void **state)
{
	struct conf_port c = port_conf("out");
	struct bed b;

	(void)state;
	bed_of_two(&b);
	c.csum = c.tso = c.uso = CONF_OFF;
	assert_done(sw_port_set(b.sw, &c, err));
	for (size_t k = 0; k < RTE_DIM(kinds); k++) {
		const struct gen g = gen_of(kinds[k].l3, kinds[k].l4, PLEN);

		bed_inject(&b, "in", gen_super(&g, GSO_SIZE, CHAIN_FLAT, NULL));
		bed_run(&b);
		b.n_extra += N_SEGS - 1;
		take_stream(&b, &g, N_SEGS);
	}
	bed_close(&b);
}

static void test_owed_checksum_is_paid_for_a_port_without(void **state)
{
	struct conf_port c = port_conf("out");
	struct bed b;

	(void)state;
	bed_of_two(&b);
	for (int on = 1; on >= 0; on--) {
		c.csum = on ? CONF_DEFAULT : CONF_OFF;
		c.tso = c.uso = c.csum;
		assert_done(sw_port_set(b.sw, &c, err));
		for (size_t k = 0; k < RTE_DIM(kinds); k++) {
			const struct gen g = gen_of(kinds[k].l3, kinds[k].l4, 600);
			struct rte_mbuf *m = gen_super(&g, 600, CHAIN_FLAT, NULL);

			pkt_meta(m)->inner.gso_type = 0;
			pkt_meta(m)->inner.gso_size = 0;
			bed_inject(&b, "in", m);
			bed_run(&b);
			m = bed_take(&b, "out");
			assert_non_null(m);
			assert_int_equal(
				pkt_meta(m)->inner.csum, on ? PKT_CSUM_OWED : PKT_CSUM_VERIFIED);
			pkt_done(m);
		}
	}
	bed_close(&b);
}

/* Two ports with different settings get the same flooded super-frame, each as it likes. */
static void test_flood_to_ports_with_different_settings(void **state)
{
	struct conf_port c = port_conf("out");
	const struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_TCP, PLEN);
	struct rte_mbuf *m;
	struct bed b;

	(void)state;
	bed_of_two(&b);
	bed_port(&b, "other", "br1");
	c.csum = c.tso = c.uso = CONF_OFF;
	assert_done(sw_port_set(b.sw, &c, err));
	m = gen_super(&g, GSO_SIZE, CHAIN_FLAT, NULL);
	bed_address(m, MAC_ALL, MAC(1));
	bed_inject(&b, "in", m);
	bed_run(&b);
	b.n_extra = N_SEGS;
	take_stream(&b, &g, N_SEGS);
	m = bed_take(&b, "other");
	assert_non_null(m);
	assert_int_equal(pkt_meta(m)->inner.gso_size, GSO_SIZE);
	pkt_done(m);
	bed_close(&b);
}

/* ---- coalescing ---- */

/* Packets [first, end) of a train. */
static void inject_part(struct bed *b, const struct gen *g, unsigned int first, unsigned int end)
{
	for (unsigned int i = first; i < end; i++) {
		struct gen s = *g;

		s.seq += i * g->plen;
		s.pay_pos += i * g->plen;
		s.id = (uint16_t)(s.id + i);
		bed_inject(b, "in", gen_pkt(&s, CHAIN_FLAT, NULL));
	}
}

static void inject_train(struct bed *b, const struct gen *g, unsigned int n)
{
	inject_part(b, g, 0, n);
}

static void test_gro_setting(void **state)
{
	struct conf_port c = port_conf("in");
	struct bed b;

	(void)state;
	bed_of_two(&b);
	for (int on = 0; on <= 1; on++) {
		c.gro = on ? CONF_ON : CONF_OFF;
		assert_done(sw_port_set(b.sw, &c, err));
		for (size_t k = 0; k < RTE_DIM(kinds); k++) {
			struct gen g = gen_of(kinds[k].l3, kinds[k].l4, 500);

			inject_train(&b, &g, 8);
			bed_run(&b);
			g.plen *= 8;
			take_stream(&b, &g, on ? 1 : 8);
			b.n_extra -= on ? 7 : 0;
		}
	}
	bed_close(&b);
}

/* Coalesced on the way in, segmented on the way out: byte for byte as it came. */
static void test_gro_and_gso_are_each_others_inverse(void **state)
{
	static uint8_t got[GEN_MAX], want[GEN_MAX];
	struct conf_port c = port_conf("out");
	struct bed b;

	(void)state;
	bed_of_two(&b);
	c.csum = c.tso = c.uso = CONF_OFF;
	assert_done(sw_port_set(b.sw, &c, err));
	for (size_t k = 0; k < RTE_DIM(kinds); k++) {
		const struct gen g = gen_of(kinds[k].l3, kinds[k].l4, 1400);

		inject_train(&b, &g, 10);
		bed_run(&b);
		for (unsigned int i = 0; i < 10; i++) {
			struct rte_mbuf *m = bed_take(&b, "out");
			struct gen s = g;

			assert_non_null(m);
			s.seq += i * g.plen;
			s.pay_pos += i * g.plen;
			s.id = (uint16_t)(s.id + i);
			assert_int_equal(chain_bytes(m, got), gen_bytes(&s, want));
			assert_memory_equal(got, want, m->pkt_len);
			pkt_done(m);
		}
	}
	bed_close(&b);
}

static void bed_of_patience(struct bed *b)
{
	const struct conf_daemon d = { .gro_flush_us = 100 };

	bed_open(b, &d);
	bed_bridge(b, "br1");
	bed_port(b, "in", "br1");
	bed_port(b, "out", "br1");
}

/* daemon.gro-flush-timeout: bursts join until the first packet is that old. */
static void test_gro_waits_for_later_bursts(void **state)
{
	struct bed b;

	(void)state;
	bed_of_patience(&b);
	for (size_t k = 0; k < RTE_DIM(kinds); k++) {
		struct gen g = gen_of(kinds[k].l3, kinds[k].l4, 500);

		for (unsigned int i = 0; i < 8; i++) {
			inject_part(&b, &g, i, i + 1);
			bed_run(&b);
			b.now_ns += 12500;
		}
		assert_int_equal(bed_drain(&b, "out"), 0);
		bed_run(&b);
		assert_int_equal(bed_drain(&b, "out"), 0);
		b.now_ns++;
		bed_run(&b);
		g.plen *= 8;
		take_stream(&b, &g, 1);
		b.n_extra -= 7;
	}
	bed_close(&b);
}

/* A change of ports finds nothing held that the workers' next table may not know. */
static void test_gro_lets_go_before_a_change(void **state)
{
	struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_TCP, 500);
	struct bed b;

	(void)state;
	bed_of_patience(&b);
	inject_part(&b, &g, 0, 3);
	bed_run(&b);
	assert_int_equal(bed_drain(&b, "out"), 0);
	assert_done(sw_port_del(b.sw, "in", err));
	g.plen *= 3;
	take_stream(&b, &g, 1);
	b.n_extra -= 2;
	bed_close(&b);
}

/* ---- MTU ---- */

static const struct mtu_case {
	const char *name;
	uint32_t mtu, plen;
	uint16_t gso_size; /* 0: an ordinary frame */
	uint8_t n_vlan;
	bool passes;
} mtu_cases[] = {
	/* 20 bytes of IP, 20 of TCP */
	{ "as_large_as_can_be", 1500, 1460, 0, 0, true },
	{ "one_byte_more", 1500, 1461, 0, 0, false },
	{ "super_frame_of_fitting_segments", 1500, 60000, 1460, 0, true },
	{ "super_frame_of_segments_one_byte_too_large", 1500, 60000, 1461, 0, false },
	{ "tags_do_not_count", 1500, 1460, 0, 2, true },
	{ "tags_do_not_count_one_byte_more", 1500, 1461, 0, 2, false },
	{ "small_mtu", 576, 536, 0, 0, true },
	{ "small_mtu_one_byte_more", 576, 537, 0, 0, false },
	{ "jumbo", 65521, 65481, 0, 0, true },
	{ "super_frame_of_jumbo_segments", 9000, 65000, 8960, 0, true },
};

static void test_mtu_looks_at_segments(void **state)
{
	struct bed b;

	(void)state;
	bed_of_two(&b);
	for (size_t i = 0; i < RTE_DIM(mtu_cases); i++) {
		const struct mtu_case *t = &mtu_cases[i];
		struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_TCP, t->plen);
		struct conf_port c = port_conf("out");
		const uint64_t before = bed_drops(&b, DROP_PORT_MTU);

		print_message("  %s\n", t->name);
		g.n_vlan = t->n_vlan;
		c.mtu = t->mtu;
		assert_done(sw_port_set(b.sw, &c, err));
		assert_int_equal(bed_row(&b, "out", NULL).mtu, t->mtu);
		bed_inject(&b, "in",
			t->gso_size ? gen_super(&g, t->gso_size, CHAIN_FLAT, NULL)
				    : gen_pkt(&g, CHAIN_FLAT, NULL));
		bed_run(&b);
		assert_int_equal(bed_drain(&b, "out"), t->passes);
		assert_int_equal(bed_drops(&b, DROP_PORT_MTU) - before, !t->passes);
	}
	bed_close(&b);
}

/* Padding behind the IP packet is not part of it. */
static void test_mtu_ignores_padding(void **state)
{
	struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_UDP, 1472);
	struct bed b;

	(void)state;
	bed_of_two(&b);
	g.pad = 4;
	bed_inject(&b, "in", gen_pkt(&g, CHAIN_FLAT, NULL));
	bed_run(&b);
	assert_int_equal(bed_drain(&b, "out"), 1);
	bed_close(&b);
}

static void test_super_frame_that_cannot_be_cut(void **state)
{
	struct conf_port c = port_conf("out");
	const struct gen g = gen_of(PKT_L3_IPV4, PKT_L4_UDP, PLEN);
	struct rte_mbuf *m = gen_super(&g, GSO_SIZE, CHAIN_FLAT, NULL);
	struct bed b;

	(void)state;
	bed_of_two(&b);
	c.csum = c.tso = c.uso = CONF_OFF;
	assert_done(sw_port_set(b.sw, &c, err));
	pkt_meta(m)->inner.gso_type = PKT_GSO_TCP4;
	bed_inject(&b, "in", m);
	bed_run(&b);
	assert_drops(&b, GSO_UNSUPPORTED, 1);
	bed_close(&b);
}

/* Nobody takes the frames out: the port is full some time, and says so. */
static void test_full_port(void **state)
{
	struct bed b;

	(void)state;
	bed_of_two(&b);
	for (unsigned int i = 0; i < DUMMY_QUEUE_MAX + 10; i++)
		bed_send(&b, "in", MAC(2), MAC(1));
	assert_drops(&b, PORT_TX_FULL, 10);
	assert_int_equal(bed_drain(&b, "out"), DUMMY_QUEUE_MAX);
	bed_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix_of_settings),
		cmocka_unit_test(test_segments_carry_the_stream),
		cmocka_unit_test(test_owed_checksum_is_paid_for_a_port_without),
		cmocka_unit_test(test_flood_to_ports_with_different_settings),
		cmocka_unit_test(test_gro_setting),
		cmocka_unit_test(test_gro_waits_for_later_bursts),
		cmocka_unit_test(test_gro_lets_go_before_a_change),
		cmocka_unit_test(test_gro_and_gso_are_each_others_inverse),
		cmocka_unit_test(test_mtu_looks_at_segments),
		cmocka_unit_test(test_mtu_ignores_padding),
		cmocka_unit_test(test_super_frame_that_cannot_be_cut),
		cmocka_unit_test(test_full_port),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
