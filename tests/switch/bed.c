/* SPDX-License-Identifier: BSD-3-Clause */
#include "bed.h"

#include <string.h>

void bed_open(struct bed *b, const struct conf_daemon *d)
{
	static const struct conf_daemon none;
	struct conf_err err = { 0 };

	memset(b, 0, sizeof(*b));
	b->now_ns = BED_START_NS;
	b->sw = sw_create(d ? d : &none, SW_NO_THREADS, &err);
	if (!b->sw)
		fail_msg("%s", err.text);
}

static void drain_row(void *arg, const struct sw_obj_row *row)
{
	struct bed *b = arg;
	struct rte_mbuf *m;

	while (row->kind == SW_PORT && (m = dummy_take(sw_port_handle(b->sw, row->name)))) {
		b->n_taken++;
		pkt_done(m);
	}
}

void bed_drain_all(struct bed *b)
{
	sw_stats_show(b->sw, drain_row, b);
}

void bed_close(struct bed *b)
{
	bed_drain_all(b);
	assert_conserved(b);
	sw_destroy(b->sw);
	assert_true(eal_test_pools_full());
}

void bed_bridge(struct bed *b, const char *name)
{
	const struct conf_bridge c = { .name = (char *)name };

	assert_done(sw_bridge_add(b->sw, &c, err));
}

void bed_port(struct bed *b, const char *name, const char *bridge)
{
	const struct conf_port c = {
		.name = (char *)name, .type = CONF_PORT_DUMMY, .bridge = (char *)bridge
	};

	assert_done(sw_port_add(b->sw, &c, err));
}

void bed_run(struct bed *b)
{
	sw_run_once(b->sw, b->now_ns);
}

/* ---- frames ---- */

void bed_address(struct rte_mbuf *m, uint64_t dst, uint64_t src)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);

	for (unsigned int i = 0; i < 6; i++) {
		p[i] = (uint8_t)(dst >> (40 - 8 * i));
		p[6 + i] = (uint8_t)(src >> (40 - 8 * i));
	}
}

struct rte_mbuf *bed_frame(uint64_t dst, uint64_t src)
{
	struct gen g = gen_default;
	struct rte_mbuf *m;

	g.l4 = PKT_L4_UDP;
	g.plen = 40;
	m = gen_pkt(&g, CHAIN_FLAT, NULL);
	bed_address(m, dst, src);
	return m;
}

void bed_inject(struct bed *b, const char *port, struct rte_mbuf *m)
{
	struct port *p = sw_port_handle(b->sw, port);

	assert_non_null(p);
	b->n_injected++;
	dummy_inject(p, m);
}

struct rte_mbuf *bed_take(struct bed *b, const char *port)
{
	struct rte_mbuf *m = dummy_take(sw_port_handle(b->sw, port));
	const char *wrong = m ? oracle_check(m) : NULL;

	if (wrong)
		fail_msg("%s: %s", port, wrong);
	b->n_taken += !!m;
	return m;
}

unsigned int bed_drain(struct bed *b, const char *port)
{
	struct rte_mbuf *m;
	unsigned int n = 0;

	for (; (m = bed_take(b, port)); n++)
		pkt_done(m);
	return n;
}

void bed_send(struct bed *b, const char *port, uint64_t dst, uint64_t src)
{
	bed_inject(b, port, bed_frame(dst, src));
	bed_run(b);
}

/* ---- counters ---- */

uint64_t bed_drops(struct bed *b, enum drop_reason why)
{
	uint64_t by_reason[DROP_N_REASONS];

	sw_drops_show(b->sw, by_reason);
	return by_reason[why];
}

uint64_t bed_drops_all(struct bed *b)
{
	uint64_t by_reason[DROP_N_REASONS], sum = 0;

	sw_drops_show(b->sw, by_reason);
	for (unsigned int r = 0; r < DROP_N_REASONS; r++)
		sum += by_reason[r];
	return sum;
}

struct find {
	const char *name, *remote;
	struct sw_obj_row row;
	bool found;
};

static void find_row(void *arg, const struct sw_obj_row *row)
{
	struct find *f = arg;

	if (strcmp(row->name, f->name) || !row->remote != !f->remote ||
		(f->remote && strcmp(row->remote, f->remote)))
		return;
	f->row = *row;
	f->found = true;
}

struct sw_obj_row bed_row(struct bed *b, const char *name, const char *remote)
{
	struct find f = { .name = name, .remote = remote };

	sw_stats_show(b->sw, find_row, &f);
	if (!f.found)
		fail_msg("no object %s", name);
	return f.row;
}
