/* SPDX-License-Identifier: BSD-3-Clause */
/* Methods that show what happens: stats.show, show, drops.help. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "daemon/conf_json.h"
#include "daemon/rpc.h"
#include "uapi/ctl.h"

static json_t *drops_json(const uint64_t by_reason[DROP_N_REASONS])
{
	json_t *drops = json_object();

	for (int r = 0; r < DROP_N_REASONS; r++)
		if (by_reason[r])
			json_object_set_new(drops, drop_reason_name((enum drop_reason)r),
				json_integer((json_int_t)by_reason[r]));
	return drops;
}

static void put_count(json_t *row, const char *key, uint64_t v)
{
	json_object_set_new(row, key, json_integer((json_int_t)v));
}

static void put_stats(json_t *row, const struct sw_stats *s)
{
	put_count(row, "rx_packets", s->rx_packets);
	put_count(row, "rx_bytes", s->rx_bytes);
	put_count(row, "tx_packets", s->tx_packets);
	put_count(row, "tx_bytes", s->tx_bytes);
	put_count(row, "rx_wire", s->rx_wire);
	put_count(row, "tx_wire", s->tx_wire);
	put_count(row, "rx_calls", s->rx_calls);
	put_count(row, "tx_calls", s->tx_calls);
	put_count(row, "drops", s->drops);
	json_object_set_new(row, "drops_by_reason", drops_json(s->by_reason));
}

struct rows {
	json_t *list;
	uint64_t by_reason[DROP_N_REASONS]; /* of what is shown */
	const char *name;		    /* only this port or tunnel; NULL: all */
};

static void add_row(void *arg, const struct sw_obj_row *o)
{
	static const char *const kinds[] = {
		[SW_PORT] = "port",
		[SW_TUNNEL] = "tunnel",
		[SW_REMOTE] = "remote",
		[SW_OTHER] = "other",
	};
	struct rows *r = arg;
	json_t *row;

	if (r->name && strcmp(r->name, o->name))
		return;
	/* a tunnel is the sum of its remotes, which come by themselves */
	for (int i = 0; i < DROP_N_REASONS && o->kind != SW_TUNNEL; i++)
		r->by_reason[i] += o->stats.by_reason[i];
	row = json_pack(
		"{s:s, s:s, s:s?}", "kind", kinds[o->kind], "name", o->name, "bridge", o->bridge);
	if (o->kind == SW_REMOTE)
		json_object_set_new(row, "remote", json_string(o->remote));
	if (o->kind == SW_PORT)
		json_object_set_new(row, "up", json_boolean(o->up));
	if (o->kind == SW_PORT || o->kind == SW_REMOTE)
		put_count(row, "mtu", o->mtu);
	put_stats(row, &o->stats);
	if (o->kind == SW_REMOTE) {
		put_count(row, "reassembly_frames", o->reass_frames);
		put_count(row, "reassembly_bytes", o->reass_bytes);
		put_count(row, "reassembled", o->reass_done);
		put_count(row, "recovered", o->reass_recovered);
		put_count(row, "timed_out", o->reass_timeout);
	}
	json_array_append_new(r->list, row);
}

static json_t *stats_json(struct sw *sw, const char *name)
{
	struct rows r = { .list = json_array(), .name = name };
	struct timespec now;

	/* of the moment the counters were read, so that a client computes rates from two replies */
	clock_gettime(CLOCK_MONOTONIC, &now);
	sw_stats_show(sw, add_row, &r);
	return json_pack("{s:o, s:o, s:I}", "objects", r.list, "drops", drops_json(r.by_reason),
		"time_ns", (json_int_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

static void stats_show(struct rpc_call *c)
{
	const char *name;

	if (!rpc_params_are(c, "name"))
		return;
	name = rpc_param(c, "name", false);
	if (c->code)
		return;
	c->result = stats_json(c->rpc->sw, name);
	if (name && !json_array_size(json_object_get(c->result, "objects"))) {
		rpc_refuse(c, CTL_ERR_REFUSED, "there is no port or tunnel '%.40s'", name);
		c->err_no = ENOENT;
	}
}

static json_t *info_json(struct sw *sw)
{
	struct sw_info i = { 0 };

	sw_info_get(sw, &i);
	return json_pack("{s:s, s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:b, s:b, s:b, s:I}", "version",
		CVSW_VERSION, "uptime", (json_int_t)i.uptime_s, "workers", (json_int_t)i.n_workers,
		"buffers", "total", (json_int_t)i.buf_total, "free", (json_int_t)i.buf_free,
		"big_total", (json_int_t)i.big_total, "big_free", (json_int_t)i.big_free, "udp-gso",
		i.udp_gso, "udp-gro", i.udp_gro, "tap-uso", i.tap_uso, "tx-waits",
		(json_int_t)i.tx_waits);
}

static void show(struct rpc_call *c)
{
	struct conf conf;

	if (!rpc_params_are(c, ""))
		return;
	rpc_conf_get(c->rpc, &conf);
	c->result = json_pack(
		"{s:o, s:o}", "info", info_json(c->rpc->sw), "stats", stats_json(c->rpc->sw, NULL));
	json_object_set_new(
		c->result, "daemon", conf_json_object(&conf_kinds[CONF_DAEMON], &conf.daemon));
	for (int kind = CONF_BRIDGE; kind < CONF_N_KINDS; kind++) {
		const struct conf_kind *k = &conf_kinds[kind];
		json_t *list = json_array();

		for (unsigned int i = 0; i < conf_count(k, &conf); i++)
			json_array_append_new(list, conf_json_object(k, conf_at(k, &conf, i)));
		json_object_set_new(c->result, k->section, list);
	}
	conf_clear(&conf);
}

static void drops_help(struct rpc_call *c)
{
	if (!rpc_params_are(c, ""))
		return;
	c->result = json_object();
	for (int r = 0; r < DROP_N_REASONS; r++)
		json_object_set_new(c->result, drop_reason_name((enum drop_reason)r),
			json_string(drop_reason_help((enum drop_reason)r)));
}

bool rpc_stats_method(struct rpc_call *c, const char *method)
{
	if (!strcmp(method, CTL_STATS_SHOW))
		stats_show(c);
	else if (!strcmp(method, CTL_SHOW))
		show(c);
	else if (!strcmp(method, CTL_DROPS_HELP))
		drops_help(c);
	else
		return false;
	return true;
}
