/* SPDX-License-Identifier: BSD-3-Clause */
/* Refuse a configuration whose objects do not go together: names, bridges, interfaces, tunnel keys,
 * UDP ports. */
#include "dp/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "dp/conf_addr.h"
#include "dp/conf_fields.h"

/* One use of something that may be used only once. */
struct use {
	const char *section, *what; /* "ports", "name" */
	unsigned int idx;	    /* of the object */
	const char *name;	    /* of the object */
	char key[64];
};

struct uses {
	struct use *v;
	unsigned int n, max;
};

static struct use *uses_add(struct uses *u, const char *section, const char *what, unsigned int idx)
{
	struct use *one;

	if (u->n == u->max) {
		u->max = u->max ? u->max * 2 : 64;
		u->v = xreallocarray(u->v, u->max, sizeof(*u->v));
	}
	one = &u->v[u->n++];
	memset(one, 0, sizeof(*one));
	one->section = section;
	one->what = what;
	one->idx = idx;
	return one;
}

/* By key; among equals in the order of the file, so that the later one is refused. */
static int use_cmp(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int d = memcmp(x->key, y->key, sizeof(x->key));

	if (d)
		return d;
	d = strcmp(x->section, y->section);
	return d ? d : (x->idx > y->idx) - (x->idx < y->idx);
}

/* Refuse the first key that occurs twice; frees @u. */
static int uses_distinct(struct uses *u, const char *hint, struct conf_err *err)
{
	int ret = 0;

	if (u->n)
		qsort(u->v, u->n, sizeof(*u->v), use_cmp);
	for (unsigned int i = 1; i < u->n && !ret; i++) {
		const struct use *a = &u->v[i - 1], *b = &u->v[i];
		char path[96];

		if (memcmp(a->key, b->key, sizeof(a->key)))
			continue;
		snprintf(path, sizeof(path), "%s[%u].%s", b->section, b->idx, b->what);
		ret = conf_refuse(err, -EEXIST, path,
			"%.*s '%s': its %s is already that of %.*s '%s'; %s",
			(int)strlen(b->section) - 1, b->section, b->name, b->what,
			(int)strlen(a->section) - 1, a->section, a->name, hint);
	}
	free(u->v);
	return ret;
}

/* Names of bridges, and of ports and tunnels together. */
static int check_names(const struct conf *c, struct conf_err *err)
{
	struct uses bridges = { 0 }, members = { 0 };
	int ret;

	for (int id = CONF_BRIDGE; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];
		struct uses *u = id == CONF_BRIDGE ? &bridges : &members;

		for (unsigned int i = 0; i < conf_count(k, c); i++) {
			struct use *one = uses_add(u, k->section, "name", i);

			one->name = conf_obj_name(conf_at(k, c, i));
			snprintf(one->key, sizeof(one->key), "%s", one->name);
		}
	}
	ret = uses_distinct(&bridges, "bridges need different names", err);
	if (ret) {
		free(members.v);
		return ret;
	}
	return uses_distinct(&members, "ports and tunnels need different names", err);
}

static int check_bridge_of(const struct conf *c, const char *kind, const char *name,
	const char *bridge, unsigned int idx, struct conf_err *err)
{
	char path[96];

	if (!bridge || conf_find(&conf_kinds[CONF_BRIDGE], c, bridge))
		return 0;
	snprintf(path, sizeof(path), "%ss[%u].bridge", kind, idx);
	return conf_refuse(err, -ENOENT, path,
		"%s '%s': there is no bridge '%s'; add it under bridges, or name one of those",
		kind, name, bridge);
}

static int check_bridges(const struct conf *c, struct conf_err *err)
{
	int ret = 0;

	for (unsigned int i = 0; i < c->n_ports && !ret; i++)
		ret = check_bridge_of(c, "port", c->ports[i].name, c->ports[i].bridge, i, err);
	for (unsigned int i = 0; i < c->n_tunnels && !ret; i++)
		ret = check_bridge_of(
			c, "tunnel", c->tunnels[i].name, c->tunnels[i].bridge, i, err);
	return ret;
}

static int check_interfaces(const struct conf *c, struct conf_err *err)
{
	struct uses u = { 0 };

	for (unsigned int i = 0; i < c->n_ports; i++) {
		const struct conf_port *p = &c->ports[i];
		struct use *one;

		if (p->type == CONF_PORT_DUMMY)
			continue;
		one = uses_add(&u, "ports", p->ifname ? "ifname" : "name", i);
		one->name = p->name;
		/* a long namespace name is cut: then only the beginning must differ, which errs on
		 * the safe side */
		snprintf(one->key, sizeof(one->key), "%-15s@%.40s", p->ifname ? p->ifname : p->name,
			p->netns ? p->netns : "");
	}
	return uses_distinct(&u, "an interface carries one port", err);
}

/* What arrives is told apart by transport, carrier, remote and VNI. */
static int check_keys(const struct conf *c, struct conf_err *err)
{
	struct uses u = { 0 };

	for (unsigned int i = 0; i < c->n_tunnels; i++) {
		const struct conf_tunnel *t = &c->tunnels[i];

		for (unsigned int r = 0; r < t->n_remotes; r++) {
			struct use *one = uses_add(&u, "tunnels", "vni", i);
			struct conf_addr a;

			one->name = t->name;
			conf_addr_parse(t->remotes[r], &a);
			one->key[0] = (char)t->transport;
			one->key[1] = (char)t->carrier;
			memcpy(one->key + 4, &t->vni, sizeof(t->vni));
			memcpy(one->key + 8, &a, sizeof(a));
		}
	}
	return uses_distinct(
		&u, "for one remote and transport every VNI belongs to one tunnel", err);
}

uint32_t conf_tunnel_dstport(const struct conf_daemon *d, const struct conf_tunnel *t)
{
	if (t->transport == CONF_TRANSPORT_SCLP && t->carrier == CONF_CARRIER_IP)
		return 0;
	if (t->dstport)
		return t->dstport;
	if (t->transport == CONF_TRANSPORT_UDP)
		return 4789;
	return d->sclp_port ? d->sclp_port : 4234;
}

/* A UDP port is either plain VXLAN's or SCLP's: the packets themselves do not say. */
static int check_udp_ports(const struct conf *c, struct conf_err *err)
{
	const struct conf_tunnel **user = xcalloc(65536, sizeof(*user));
	int ret = 0;

	for (unsigned int i = 0; i < c->n_tunnels && !ret; i++) {
		const struct conf_tunnel *t = &c->tunnels[i];
		uint32_t port = conf_tunnel_dstport(&c->daemon, t);
		char path[96];

		if (!port)
			continue;
		if (!user[port])
			user[port] = t;
		if (user[port]->transport == t->transport)
			continue;
		snprintf(path, sizeof(path), "tunnels[%u].dstport", i);
		ret = conf_refuse(err, -EINVAL, path,
			"tunnel '%s': UDP port %u is already that of tunnel '%s' with the other "
			"transport; set a "
			"different dstport or daemon.sclp-port",
			t->name, port, user[port]->name);
	}
	free(user);
	return ret;
}

static int check_each(const struct conf_kind *k, const struct conf *c, struct conf_err *err)
{
	char path[32];
	int ret;

	if (conf_count(k, c) > k->max)
		return conf_refuse(err, -EINVAL, k->section,
			"%u %s are too many; at most %u are allowed", conf_count(k, c), k->section,
			k->max);
	for (unsigned int i = 0; i < conf_count(k, c); i++) {
		if (k == &conf_kinds[CONF_DAEMON])
			snprintf(path, sizeof(path), "%s", k->section);
		else
			snprintf(path, sizeof(path), "%s[%u]", k->section, i);
		ret = k->check(conf_at(k, c, i), path, err);
		if (ret)
			return ret;
	}
	return 0;
}

int conf_check(const struct conf *c, struct conf_err *err)
{
	int ret = 0;

	for (int id = CONF_DAEMON; id < CONF_N_KINDS && !ret; id++)
		ret = check_each(&conf_kinds[id], c, err);
	if (!ret)
		ret = check_names(c, err);
	if (!ret)
		ret = check_bridges(c, err);
	if (!ret)
		ret = check_interfaces(c, err);
	if (!ret)
		ret = check_keys(c, err);
	if (!ret)
		ret = check_udp_ports(c, err);
	return ret;
}
