/* SPDX-License-Identifier: BSD-3-Clause */
/* Statistics: the workers' counters, summed by the reader. */
#include "dp/switch_priv.h"

#include <string.h>

#include "base/counter.h"

static void add_drops(struct sw_stats *s, enum drop_reason r, uint64_t n)
{
	s->by_reason[r] += n;
	s->drops += n;
}

static void sum_obj(const struct sw *sw, uint16_t id, struct sw_stats *s)
{
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		const struct dp_worker *w = &sw->workers[i];
		const struct dp_ostats *o = &w->stats[id];

		s->rx_packets += counter_read(&o->rx_packets);
		s->rx_bytes += counter_read(&o->rx_bytes);
		s->tx_packets += counter_read(&o->tx_packets);
		s->tx_bytes += counter_read(&o->tx_bytes);
		s->rx_wire += counter_read(&o->rx_wire);
		s->tx_wire += counter_read(&w->tx_wire[id]);
		s->rx_calls += counter_read(&o->rx_calls);
		for (unsigned int r = 0; r < DROP_N_REASONS; r++)
			add_drops(s, r, counter_read(&w->drops[id][r]));
	}
}

static void sum_port(const struct sw *sw, struct dp_obj *o, struct sw_stats *s)
{
	sum_obj(sw, o->id, s);
	for (unsigned int i = 0; i < o->port->n_queues; i++) {
		const struct port_qstats *q = &o->port->queues[i].stats;

		s->rx_wire += counter_read(&q->rx_wire);
		s->tx_wire += counter_read(&q->tx_wire);
		s->rx_calls += counter_read(&q->rx_calls);
		s->tx_calls += counter_read(&q->tx_calls);
	}
	add_drops(s, DROP_PORT_RX_MISSED, o->port->ops->rx_missed(o->port));
}

static void merge(struct sw_stats *sum, const struct sw_stats *s)
{
	const uint64_t *from = (const uint64_t *)s;
	uint64_t *to = (uint64_t *)sum;

	static_assert(sizeof(*s) % sizeof(uint64_t) == 0, "all counters");
	for (size_t i = 0; i < sizeof(*s) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

static void sum_reassembly(const struct sw *sw, const struct dp_peer *p, struct sw_obj_row *row)
{
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		const struct sclp_rx_remote *s = &p->share[i];

		row->reass_frames += counter_read(&s->n_frames);
		row->reass_bytes += counter_read(&s->n_bytes);
		row->reass_done += counter_read(&s->n_done);
		row->reass_recovered += counter_read(&s->n_recovered);
		row->reass_timeout += counter_read(&s->n_timeout);
	}
}

static void show_tunnel(struct sw *sw, const struct sw_tunnel *t, sw_obj_cb *cb, void *arg)
{
	struct sw_obj_row row = {
		.kind = SW_TUNNEL, .name = t->conf.name, .bridge = t->conf.bridge, .up = true
	};
	char remote[UL_ADDR_TEXT];

	for (unsigned int i = 0; i < t->n_remotes; i++)
		sum_obj(sw, t->remotes[i]->id, &row.stats);
	cb(arg, &row);
	for (unsigned int i = 0; i < t->n_remotes; i++) {
		const struct dp_obj *o = t->remotes[i];
		struct sw_obj_row r = { .kind = SW_REMOTE,
			.name = t->conf.name,
			.bridge = t->conf.bridge,
			.up = true };

		r.remote = ul_addr_format(&o->ul.addr, remote);
		r.mtu = __atomic_load_n(&o->ul.pmtu, __ATOMIC_RELAXED);
		sum_obj(sw, o->id, &r.stats);
		if (o->sclp && o->peer->obj == o->id)
			sum_reassembly(sw, o->peer, &r);
		cb(arg, &r);
	}
}

static void show_other(struct sw *sw, sw_obj_cb *cb, void *arg)
{
	struct sw_obj_row row = { .kind = SW_OTHER, .name = "-" };

	sum_obj(sw, 0, &row.stats);
	add_drops(&row.stats, DROP_PORT_RX_MISSED, sw->gone_missed);
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		const struct ul_tx_stats *tx = ul_tx_get_stats(sw->workers[i].ul_tx);

		row.stats.tx_calls += counter_read(&tx->calls);
	}
	cb(arg, &row);
}

void sw_stats_show(struct sw *sw, sw_obj_cb *cb, void *arg)
{
	for (unsigned int i = 0; i < sw->n_ports; i++) {
		const struct sw_port *p = sw->ports[i];
		struct sw_obj_row row = {
			.kind = SW_PORT, .name = p->conf.name, .bridge = p->conf.bridge
		};

		row.mtu = p->obj->port->mtu;
		row.up = p->obj->port->ops->is_up(p->obj->port);
		sum_port(sw, p->obj, &row.stats);
		cb(arg, &row);
	}
	for (unsigned int i = 0; i < sw->n_tunnels; i++)
		show_tunnel(sw, sw->tunnels[i], cb, arg);
	show_other(sw, cb, arg);
}

struct drops_arg {
	struct sw_stats sum;
};

static void add_row(void *arg, const struct sw_obj_row *row)
{
	if (row->kind != SW_TUNNEL) /* its remotes come by themselves */
		merge(&((struct drops_arg *)arg)->sum, &row->stats);
}

void sw_drops_show(struct sw *sw, uint64_t by_reason[DROP_N_REASONS])
{
	struct drops_arg a = { 0 };

	sw_stats_show(sw, add_row, &a);
	memcpy(by_reason, a.sum.by_reason, sizeof(a.sum.by_reason));
}
