/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/fake_switch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "dp/conf_fields.h"

#define FDB_MAX 64

struct fdb_entry {
	struct ether_addr mac;
	char bridge[16], port[16], remote[48];
	bool is_static;
};

struct sw {
	struct conf conf;
	unsigned int fail_at;
	char *calls;
	struct fdb_entry fdb[FDB_MAX];
	unsigned int n_fdb;
	uint64_t reads; /* makes the counters grow, so that rates can be seen */
};

struct sw *fake_sw_new(void)
{
	struct sw *sw = xcalloc(1, sizeof(*sw));

	sw->calls = xstrdup("");
	return sw;
}

void fake_sw_fail_at(struct sw *sw, unsigned int n)
{
	sw->fail_at = n;
}

const char *fake_sw_calls(const struct sw *sw)
{
	return sw->calls;
}

void fake_sw_calls_reset(struct sw *sw)
{
	sw->calls[0] = '\0';
}

int sw_eal_init(uint32_t memory_mb, struct conf_err *err)
{
	(void)memory_mb;
	(void)err;
	return 0;
}

struct sw *sw_create(const struct conf_daemon *d, unsigned int flags, struct conf_err *err)
{
	struct sw *sw = fake_sw_new();

	(void)flags;
	(void)err;
	conf_daemon_copy(&sw->conf.daemon, d);
	return sw;
}

void sw_destroy(struct sw *sw)
{
	conf_clear(&sw->conf);
	free(sw->calls);
	free(sw);
}

/* Note the call; -EIO if it is the one that is to fail. */
static int note(struct sw *sw, int kind, char what, const char *name, struct conf_err *err)
{
	char *longer = xasprintf("%s%s%c%s ", sw->calls, conf_kinds[kind].name, what, name);

	if (sw->fail_at && --sw->fail_at == 0) {
		free(longer);
		return conf_refuse(
			err, -EIO, "", "%s '%s': made to fail", conf_kinds[kind].name, name);
	}
	free(sw->calls);
	sw->calls = longer;
	return 0;
}

static const char *bridge_of(int kind, const void *obj)
{
	if (kind == CONF_PORT)
		return ((const struct conf_port *)obj)->bridge;
	return kind == CONF_TUNNEL ? ((const struct conf_tunnel *)obj)->bridge : NULL;
}

static int check_bridge(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	const char *bridge = bridge_of(kind, obj);

	if (bridge && !conf_find(&conf_kinds[CONF_BRIDGE], &sw->conf, bridge))
		return conf_refuse(err, -ENOENT, "bridge", "there is no bridge '%s'", bridge);
	return 0;
}

/* As the real one: no two tunnels share a VNI and the first remote. */
static int check_key(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	const struct conf_tunnel *t = obj;

	for (unsigned int i = 0; kind == CONF_TUNNEL && i < sw->conf.n_tunnels; i++) {
		const struct conf_tunnel *o = &sw->conf.tunnels[i];

		if (strcmp(o->name, t->name) && o->vni == t->vni &&
			!strcmp(o->remotes[0], t->remotes[0]))
			return conf_refuse(err, -EEXIST, "vni", "vni %u is taken", t->vni);
	}
	return 0;
}

static int fake_add(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	const struct conf_kind *k = &conf_kinds[kind];
	const char *name = conf_obj_name(obj);
	int ret;

	if (conf_find(k, &sw->conf, name))
		return conf_refuse(err, -EEXIST, "name", "%s '%s' exists", k->name, name);
	ret = check_bridge(sw, kind, obj, err);
	if (!ret)
		ret = check_key(sw, kind, obj, err);
	if (!ret)
		ret = note(sw, kind, '+', name, err);
	if (!ret)
		conf_append(k, &sw->conf, obj);
	return ret;
}

static int fake_set(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	const struct conf_kind *k = &conf_kinds[kind];
	void *old = conf_find(k, &sw->conf, conf_obj_name(obj));
	int ret;

	if (!old)
		return conf_refuse(
			err, -ENOENT, "name", "there is no %s '%s'", k->name, conf_obj_name(obj));
	for (const struct conf_field *f = k->fields; f->key; f++)
		if ((f->flags & CONF_F_FIXED) && !conf_field_equal(f, old, obj))
			return conf_refuse(err, -EINVAL, f->key, "%s cannot change", f->key);
	ret = check_bridge(sw, kind, obj, err);
	if (!ret)
		ret = check_key(sw, kind, obj, err);
	if (!ret)
		ret = note(sw, kind, '=', conf_obj_name(obj), err);
	if (!ret) {
		conf_obj_clear(k, old);
		conf_obj_copy(k, old, obj);
	}
	return ret;
}

static bool bridge_busy(const struct sw *sw, const char *bridge)
{
	for (int kind = CONF_PORT; kind < CONF_N_KINDS; kind++) {
		for (unsigned int i = 0; i < conf_count(&conf_kinds[kind], &sw->conf); i++) {
			const char *of = bridge_of(kind, conf_at(&conf_kinds[kind], &sw->conf, i));

			if (of && !strcmp(of, bridge))
				return true;
		}
	}
	return false;
}

static int fake_del(struct sw *sw, int kind, const char *name, struct conf_err *err)
{
	const struct conf_kind *k = &conf_kinds[kind];
	char *obj = conf_find(k, &sw->conf, name), *end;
	unsigned int *n = (unsigned int *)((char *)&sw->conf + k->n_off);
	int ret;

	if (!obj)
		return conf_refuse(err, -ENOENT, "name", "there is no %s '%s'", k->name, name);
	if (kind == CONF_BRIDGE && bridge_busy(sw, name))
		return conf_refuse(err, -EBUSY, "name", "bridge '%s' has members", name);
	ret = note(sw, kind, '-', name, err);
	if (ret)
		return ret;
	end = conf_at(k, &sw->conf, *n);
	conf_obj_clear(k, obj);
	memmove(obj, obj + k->size, (size_t)(end - obj) - k->size);
	(*n)--;
	return 0;
}

int sw_bridge_add(struct sw *sw, const struct conf_bridge *c, struct conf_err *err)
{
	return fake_add(sw, CONF_BRIDGE, c, err);
}

int sw_bridge_set(struct sw *sw, const struct conf_bridge *c, struct conf_err *err)
{
	return fake_set(sw, CONF_BRIDGE, c, err);
}

int sw_bridge_del(struct sw *sw, const char *name, struct conf_err *err)
{
	return fake_del(sw, CONF_BRIDGE, name, err);
}

int sw_port_add(struct sw *sw, const struct conf_port *c, struct conf_err *err)
{
	return fake_add(sw, CONF_PORT, c, err);
}

int sw_port_set(struct sw *sw, const struct conf_port *c, struct conf_err *err)
{
	return fake_set(sw, CONF_PORT, c, err);
}

int sw_port_del(struct sw *sw, const char *name, struct conf_err *err)
{
	return fake_del(sw, CONF_PORT, name, err);
}

int sw_tunnel_add(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err)
{
	return fake_add(sw, CONF_TUNNEL, c, err);
}

int sw_tunnel_set(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err)
{
	return fake_set(sw, CONF_TUNNEL, c, err);
}

int sw_tunnel_del(struct sw *sw, const char *name, struct conf_err *err)
{
	return fake_del(sw, CONF_TUNNEL, name, err);
}

void sw_conf_get(struct sw *sw, struct conf *c)
{
	memset(c, 0, sizeof(*c));
	conf_daemon_copy(&c->daemon, &sw->conf.daemon);
	for (int kind = CONF_BRIDGE; kind < CONF_N_KINDS; kind++)
		for (unsigned int i = 0; i < conf_count(&conf_kinds[kind], &sw->conf); i++)
			conf_append(&conf_kinds[kind], c, conf_at(&conf_kinds[kind], &sw->conf, i));
}

static int find_bridge(struct sw *sw, const char *bridge, struct conf_err *err)
{
	if (!bridge || conf_find(&conf_kinds[CONF_BRIDGE], &sw->conf, bridge))
		return 0;
	return conf_refuse(err, -ENOENT, "bridge", "there is no bridge '%.40s'", bridge);
}

static struct fdb_entry *fdb_find(struct sw *sw, const char *bridge, const struct ether_addr *mac)
{
	for (unsigned int i = 0; i < sw->n_fdb; i++)
		if (!strcmp(sw->fdb[i].bridge, bridge) &&
			!memcmp(&sw->fdb[i].mac, mac, sizeof(*mac)))
			return &sw->fdb[i];
	return NULL;
}

int sw_fdb_show(struct sw *sw, const char *bridge, sw_fdb_cb *cb, void *arg, struct conf_err *err)
{
	int ret = find_bridge(sw, bridge, err);

	for (unsigned int i = 0; i < sw->n_fdb && !ret; i++) {
		const struct fdb_entry *e = &sw->fdb[i];
		const struct sw_fdb_row row = {
			.mac = e->mac,
			.bridge = e->bridge,
			.port = e->port,
			.remote = e->remote[0] ? e->remote : NULL,
			.is_static = e->is_static,
			.age_s = i,
		};

		if (!bridge || !strcmp(bridge, e->bridge))
			cb(arg, &row);
	}
	return ret;
}

int sw_fdb_add(struct sw *sw, const char *bridge, const struct ether_addr *mac, const char *port,
	const char *remote, struct conf_err *err)
{
	struct fdb_entry *e;
	int ret = find_bridge(sw, bridge, err);

	if (ret)
		return ret;
	if (!conf_find(&conf_kinds[CONF_PORT], &sw->conf, port) &&
		!conf_find(&conf_kinds[CONF_TUNNEL], &sw->conf, port))
		return conf_refuse(
			err, -ENOENT, "port", "there is no port or tunnel '%.40s'", port);
	e = fdb_find(sw, bridge, mac);
	if (!e && sw->n_fdb == FDB_MAX)
		return conf_refuse(err, -ENOSPC, "", "the forwarding data base is full");
	if (!e)
		e = &sw->fdb[sw->n_fdb++];
	e->mac = *mac;
	e->is_static = true;
	snprintf(e->bridge, sizeof(e->bridge), "%s", bridge);
	snprintf(e->port, sizeof(e->port), "%s", port);
	snprintf(e->remote, sizeof(e->remote), "%s", remote ? remote : "");
	return 0;
}

int sw_fdb_del(
	struct sw *sw, const char *bridge, const struct ether_addr *mac, struct conf_err *err)
{
	struct fdb_entry *e;
	int ret = find_bridge(sw, bridge, err);

	if (ret)
		return ret;
	e = fdb_find(sw, bridge, mac);
	if (!e)
		return conf_refuse(
			err, -ENOENT, "mac", "bridge '%s' does not know this address", bridge);
	*e = sw->fdb[--sw->n_fdb];
	return 0;
}

int sw_fdb_flush(struct sw *sw, const char *bridge, const char *port, struct conf_err *err)
{
	(void)port;
	return find_bridge(sw, bridge, err);
}

static void show_one(struct sw *sw, struct sw_obj_row *row, sw_obj_cb *cb, void *arg)
{
	uint64_t n = sw->reads;

	row->stats = (struct sw_stats){
		.rx_packets = n * 10, .rx_bytes = n * 10000, .tx_packets = n, .tx_bytes = n * 64
	};
	if (row->kind == SW_OTHER) {
		row->stats.drops = n;
		row->stats.by_reason[DROP_TUNNEL_REMOTE] = n;
	}
	cb(arg, row);
}

void sw_stats_show(struct sw *sw, sw_obj_cb *cb, void *arg)
{
	struct sw_obj_row other = { .kind = SW_OTHER, .name = "-" };

	sw->reads++;
	for (unsigned int i = 0; i < sw->conf.n_ports; i++) {
		const struct conf_port *p = &sw->conf.ports[i];
		struct sw_obj_row row = {
			.kind = SW_PORT, .name = p->name, .bridge = p->bridge, .up = true
		};

		row.mtu = p->mtu ? p->mtu : 1500;
		show_one(sw, &row, cb, arg);
	}
	for (unsigned int i = 0; i < sw->conf.n_tunnels; i++) {
		const struct conf_tunnel *t = &sw->conf.tunnels[i];
		struct sw_obj_row row = { .kind = SW_TUNNEL, .name = t->name, .bridge = t->bridge };

		show_one(sw, &row, cb, arg);
		row.kind = SW_REMOTE;
		row.mtu = 1500;
		for (unsigned int r = 0; r < t->n_remotes; r++) {
			row.remote = t->remotes[r];
			show_one(sw, &row, cb, arg);
		}
	}
	show_one(sw, &other, cb, arg);
}

void sw_drops_show(struct sw *sw, uint64_t by_reason[DROP_N_REASONS])
{
	memset(by_reason, 0, DROP_N_REASONS * sizeof(by_reason[0]));
	by_reason[DROP_TUNNEL_REMOTE] = sw->reads;
}

void sw_info_get(struct sw *sw, struct sw_info *info)
{
	(void)sw;
	*info = (struct sw_info){
		.n_workers = 1, .uptime_s = 1, .buf_total = 100, .buf_free = 100, .udp_gso = true
	};
}

int sw_housekeep(struct sw *sw, uint64_t now_ns)
{
	(void)sw;
	(void)now_ns;
	return -1;
}
