/* SPDX-License-Identifier: BSD-3-Clause */
/* Forwarding data bases, by name. */
#include "dp/switch_priv.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "wire/eth.h"

static uint32_t now_s(void)
{
	return (uint32_t)(clock_now_ns() / 1000000000);
}

struct show {
	struct sw *sw;
	const struct sw_bridge *bridge;
	sw_fdb_cb *cb;
	void *arg;
	uint32_t now_s;
};

static void show_entry(void *argp, const struct fdb_entry *e)
{
	const struct show *s = argp;
	const struct dp_obj *o = s->sw->objs[e->obj];
	char remote[UL_ADDR_TEXT];
	struct sw_fdb_row row = { .bridge = s->bridge->conf.name, .is_static = e->is_static };

	if (!o)
		return;
	for (unsigned int i = 0; i < 6; i++)
		row.mac.ether_addr_octet[i] = (uint8_t)(e->mac >> (40 - 8 * i));
	row.port = o->name;
	if (o->kind == DP_REMOTE)
		row.remote = ul_addr_format(&o->ul.addr, remote);
	row.age_s = s->now_s > e->seen_s ? s->now_s - e->seen_s : 0;
	s->cb(s->arg, &row);
}

static int check_bridge(struct sw *sw, const char *bridge, struct conf_err *err)
{
	return sw_check_bridge(sw, bridge, err);
}

int sw_fdb_show(struct sw *sw, const char *bridge, sw_fdb_cb *cb, void *arg, struct conf_err *err)
{
	struct show s = { .sw = sw, .cb = cb, .arg = arg, .now_s = now_s() };
	int rc = check_bridge(sw, bridge, err);

	for (unsigned int i = 0; !rc && i < sw->n_bridges; i++) {
		s.bridge = sw->bridges[i];
		if (!bridge || !strcmp(bridge, s.bridge->conf.name))
			fdb_walk(s.bridge->fdb, show_entry, &s);
	}
	return rc;
}

static bool in_bridge(const char *conf_bridge, const char *bridge)
{
	return conf_bridge && !strcmp(conf_bridge, bridge);
}

/* Object of a port, or of a tunnel's remote: its number, or -errno with *err when there is none in
 * that bridge. */
static int find_obj(struct sw *sw, const char *bridge, const char *name, const char *remote,
	struct conf_err *err)
{
	const struct sw_port *p = sw_find_port(sw, name);
	const struct sw_tunnel *t = sw_find_tunnel(sw, name);
	struct ul_addr addr;

	if (p && in_bridge(p->conf.bridge, bridge))
		return p->obj->id;
	if (!t || !in_bridge(t->conf.bridge, bridge))
		return conf_refuse(err, -ENOENT, "port", "bridge '%s' has no port or tunnel '%s'",
			bridge, name);
	if (!remote && t->n_remotes == 1)
		return t->remotes[0]->id;
	if (!remote || ul_addr_parse(remote, &addr))
		return conf_refuse(err, -EINVAL, "remote",
			"tunnel '%s' has %u remotes; name the address of one", name, t->n_remotes);
	for (unsigned int i = 0; i < t->n_remotes; i++)
		if (ul_addr_eq(&t->remotes[i]->ul.addr, &addr))
			return t->remotes[i]->id;
	return conf_refuse(err, -ENOENT, "remote", "tunnel '%s' has no remote %s", name, remote);
}

int sw_fdb_add(struct sw *sw, const char *bridge, const struct ether_addr *mac, const char *port,
	const char *remote, struct conf_err *err)
{
	struct sw_bridge *b = sw_find_bridge(sw, bridge);
	int obj;

	if (!b)
		return conf_refuse(err, -ENOENT, "bridge", "there is no bridge '%s'", bridge);
	if (eth_is_group(mac->ether_addr_octet))
		return conf_refuse(err, -EINVAL, "mac",
			"a group address is flooded; only unicast addresses have an entry");
	obj = find_obj(sw, bridge, port, remote, err);
	if (obj < 0)
		return obj;
	if (fdb_set_static(b->fdb, eth_mac_u64(mac->ether_addr_octet), (uint16_t)obj, now_s()))
		return conf_refuse(
			err, -ENOSPC, "mac", "the table of bridge '%s' is full (fdb-max)", bridge);
	return 0;
}

int sw_fdb_del(
	struct sw *sw, const char *bridge, const struct ether_addr *mac, struct conf_err *err)
{
	struct sw_bridge *b = sw_find_bridge(sw, bridge);

	if (!b)
		return conf_refuse(err, -ENOENT, "bridge", "there is no bridge '%s'", bridge);
	if (fdb_remove(b->fdb, eth_mac_u64(mac->ether_addr_octet)))
		return conf_refuse(
			err, -ENOENT, "mac", "bridge '%s' does not know that address", bridge);
	return 0;
}

static uint32_t flush_obj(struct sw *sw, const char *bridge, uint16_t obj)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < sw->n_bridges; i++)
		if (!bridge || !strcmp(bridge, sw->bridges[i]->conf.name))
			n += fdb_flush(sw->bridges[i]->fdb, obj, 0);
	return n;
}

int sw_fdb_flush(struct sw *sw, const char *bridge, const char *port, struct conf_err *err)
{
	const struct sw_port *p = port ? sw_find_port(sw, port) : NULL;
	const struct sw_tunnel *t = port ? sw_find_tunnel(sw, port) : NULL;
	uint32_t n = 0;
	int rc = check_bridge(sw, bridge, err);

	if (rc)
		return rc;
	if (!port)
		return (int)flush_obj(sw, bridge, 0);
	if (!p && !t)
		return conf_refuse(err, -ENOENT, "port", "there is no port or tunnel '%s'", port);
	if (p)
		n = flush_obj(sw, bridge, p->obj->id);
	for (unsigned int i = 0; t && i < t->n_remotes; i++)
		n += flush_obj(sw, bridge, t->remotes[i]->id);
	return (int)n;
}
