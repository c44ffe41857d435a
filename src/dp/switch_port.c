/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports: add, set, del. */
#include "dp/switch_priv.h"

#include <errno.h>
#include <netinet/ether.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/xalloc.h"

#define DEFAULT_MTU 1500
/*
 * Largest super-frame a TAP's guest side should make, so that with SCLP's headers it is one train
 * of 44 segments on a path of 1,500 bytes (UDP_SEGMENT takes 65,507 bytes, the receiver's GRO
 * 65,535): a frame of 45 would cost a second system call on either side for its last hundred bytes.
 */
#define GSO_MAX 64400

static const char *const type_names[] = {
	[CONF_PORT_TAP] = "tap", [CONF_PORT_AF_PACKET] = "af_packet", [CONF_PORT_DUMMY] = "dummy"
};

static uint32_t features_of(const struct conf_port *c)
{
	return (SW_ON(c->csum) ? CAP_CSUM : 0) | (SW_ON(c->tso) ? CAP_TSO4 | CAP_TSO6 : 0) |
	       (SW_ON(c->uso) ? CAP_USO : 0) | (SW_ON(c->gso) ? CAP_GSO : 0);
}

static void apply_features(struct dp_obj *o, const struct conf_port *c)
{
	o->features = features_of(c) & CAP_GSO;
	o->gro = SW_ON(c->gro) ? GRO_TCP | GRO_UDP : 0;
}

static uint32_t default_mtu(const struct conf_port *c)
{
	/* an interface that exists has one already */
	return c->mtu || c->type == CONF_PORT_AF_PACKET ? c->mtu : DEFAULT_MTU;
}

static int open_port(struct sw *sw, struct sw_port *p, struct conf_err *err)
{
	const struct conf_port *c = &p->conf;
	struct port_param param = {
		.ifname = c->ifname ? c->ifname : c->name,
		.netns = c->netns,
		.mtu = default_mtu(c),
		.features = features_of(c),
		.gso_max = GSO_MAX,
		.n_queues = sw->n_workers,
		.persistent = c->persistent,
		.up = SW_ON(c->up),
	};
	struct ether_addr mac;
	char text[256];

	if (c->mac) {
		if (!ether_aton_r(c->mac, &mac))
			return conf_refuse(err, -EINVAL, "mac", "'%s' is no MAC address", c->mac);
		param.mac = mac.ether_addr_octet;
	}
	p->obj->port = port_open(
		port_find_ops(type_names[c->type]), p->obj->id, &param, text, sizeof(text));
	return p->obj->port ? 0 : conf_refuse(err, -errno, "", "%s", text);
}

static void watch(struct sw *sw, struct sw_port *p)
{
	for (unsigned int i = 0; i < sw->n_workers; i++)
		if (p->sources[i].fd >= 0)
			dp_worker_watch(&sw->workers[i], &p->sources[i], EPOLLIN);
}

static void free_port(struct sw_port *p)
{
	conf_port_clear(&p->conf);
	free(p->sources);
	free(p);
}

int sw_port_add(struct sw *sw, const struct conf_port *c, struct conf_err *err)
{
	struct sw_port *p;
	int rc = conf_check_port(c, "", err);

	if (rc || (rc = sw_check_name(sw, c->name, err)) ||
		(rc = sw_check_bridge(sw, c->bridge, err)))
		return rc;
	p = xcalloc(1, sizeof(*p));
	p->sources = xcalloc(sw->n_workers, sizeof(*p->sources));
	conf_port_copy(&p->conf, c);
	p->bridge = sw_find_bridge(sw, c->bridge);
	p->obj = sw_obj_new(sw, DP_PORT, c->name, err);
	rc = p->obj ? open_port(sw, p, err) : -ENOSPC;
	if (rc) {
		if (p->obj)
			sw_obj_free(sw, p->obj);
		free_port(p);
		return rc;
	}
	apply_features(p->obj, c);
	for (unsigned int i = 0; i < sw->n_workers; i++)
		p->sources[i] = (struct dp_source){ .kind = DP_SRC_PORT,
			.fd = p->obj->port->queues[i].fd,
			.queue = &p->obj->port->queues[i] };
	SW_PUSH(sw->ports, sw->n_ports, p);
	sw_publish(sw);
	watch(sw, p);
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static int check_set(const struct conf_port *old, const struct conf_port *c, struct conf_err *err)
{
	static const char fmt[] =
		"port '%s': %s cannot change while the port is there; delete and add it";

	if (old->type != c->type)
		return conf_refuse(err, -EINVAL, "type", fmt, c->name, "type");
	if (!same_text(old->ifname, c->ifname))
		return conf_refuse(err, -EINVAL, "ifname", fmt, c->name, "ifname");
	if (!same_text(old->netns, c->netns))
		return conf_refuse(err, -EINVAL, "netns", fmt, c->name, "netns");
	if (!same_text(old->mac, c->mac))
		return conf_refuse(err, -EINVAL, "mac", fmt, c->name, "mac");
	if (old->persistent != c->persistent)
		return conf_refuse(err, -EINVAL, "persistent", fmt, c->name, "persistent");
	return 0;
}

/* Bring the interface from @old to @c; on an error what was changed is changed back. */
static int apply_to_port(struct port *port, const struct conf_port *old, const struct conf_port *c)
{
	int rc = 0;

	if (features_of(old) != features_of(c))
		rc = port->ops->set_features(port, features_of(c));
	if (rc)
		return rc;
	if (default_mtu(old) != default_mtu(c))
		rc = port->ops->set_mtu(port, default_mtu(c));
	if (!rc && SW_ON(old->up) != SW_ON(c->up)) {
		rc = port->ops->set_up(port, SW_ON(c->up));
		if (rc)
			(void)port->ops->set_mtu(port, default_mtu(old));
	}
	if (rc)
		(void)port->ops->set_features(port, features_of(old));
	return rc;
}

int sw_port_set(struct sw *sw, const struct conf_port *c, struct conf_err *err)
{
	struct sw_port *p;
	int rc = conf_check_port(c, "", err);
	bool moves;

	if (rc)
		return rc;
	p = sw_find_port(sw, c->name);
	if (!p)
		return conf_refuse(err, -ENOENT, "name", "there is no port '%s'", c->name);
	if ((rc = check_set(&p->conf, c, err)) || (rc = sw_check_bridge(sw, c->bridge, err)))
		return rc;
	rc = apply_to_port(p->obj->port, &p->conf, c);
	if (rc)
		return conf_refuse(err, rc, "", "%s", p->obj->port->err);
	apply_features(p->obj, c);
	moves = !same_text(p->conf.bridge, c->bridge);
	conf_port_clear(&p->conf);
	conf_port_copy(&p->conf, c);
	p->bridge = sw_find_bridge(sw, c->bridge);
	sw_publish(sw);
	/* not before: it would be learned again where it was */
	for (unsigned int i = 0; moves && i < sw->n_bridges; i++)
		fdb_flush(sw->bridges[i]->fdb, p->obj->id, FDB_STATICS_TOO);
	return 0;
}

int sw_port_del(struct sw *sw, const char *name, struct conf_err *err)
{
	struct sw_port *p = sw_find_port(sw, name);
	struct port *port;

	if (!p)
		return conf_refuse(err, -ENOENT, "name", "there is no port '%s'", name);
	port = p->obj->port;
	for (unsigned int i = 0; i < sw->n_workers; i++)
		if (p->sources[i].fd >= 0)
			dp_worker_unwatch(&sw->workers[i], &p->sources[i]);
	SW_TAKE(sw->ports, sw->n_ports, p);
	sw->objs[p->obj->id] = NULL;
	sw_publish(sw);
	/* the kernel's own count ends with the port */
	sw->gone_missed += port->ops->rx_missed(port);
	port_close(port);
	sw_obj_free(sw, p->obj);
	free_port(p);
	return 0;
}

/* A container that restarts takes its veth with it and brings another one of the same name. */
static void revive(struct sw *sw, const char *name)
{
	struct conf_err err = { 0 };
	struct conf_port c;

	conf_port_copy(&c, &sw_find_port(sw, name)->conf);
	log_warn("port %s: its interface was deleted; opening it anew", c.name);
	sw_port_del(sw, c.name, NULL);
	if (sw_port_add(sw, &c, &err))
		log_err("port %s is lost, add it again: %s", c.name, err.text);
	conf_port_clear(&c);
}

void sw_ports_revive(struct sw *sw)
{
	unsigned int i = sw->n_ports;

	/* from the end: one that comes back takes the last place */
	while (i--)
		if (sw->ports[i]->obj->port->ops->is_stale(sw->ports[i]->obj->port))
			revive(sw, sw->ports[i]->conf.name);
}
