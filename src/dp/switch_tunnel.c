/* SPDX-License-Identifier: BSD-3-Clause */
/* Tunnels: add, set, del.  A tunnel is a set of remotes with one key; each remote is an object of
 * the datapath. */
#include "dp/switch_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "dp/endpoint.h"

#define DEFAULT_TTL 64

static const struct tunnel_ops *const ops_of[] = { [CONF_TUNNEL_VXLAN] = &tunnel_vxlan_ops };

static bool is_raw(const struct conf_tunnel *c)
{
	return c->transport == CONF_TRANSPORT_SCLP && c->carrier == CONF_CARRIER_IP;
}

static uint16_t port_of(const struct sw *sw, const struct conf_tunnel *c)
{
	if (is_raw(c))
		return (uint16_t)sw->conf.sclp_proto;
	if (c->dstport)
		return (uint16_t)c->dstport;
	return c->transport == CONF_TRANSPORT_SCLP ? (uint16_t)sw->conf.sclp_port
						   : ops_of[c->type]->udp_port;
}

static enum ul_class class_of(const struct conf_tunnel *c, int family)
{
	if (is_raw(c))
		return family == AF_INET ? UL_RAW4 : UL_RAW6;
	if (family == AF_INET6)
		return UL_UDP6;
	return c->transport == CONF_TRANSPORT_UDP && !SW_ON(c->csum) ? UL_UDP4_NOCSUM : UL_UDP4;
}

static int local_of(const struct conf_tunnel *c, struct ul_addr *local, struct conf_err *err)
{
	memset(local, 0, sizeof(*local));
	if (c->local && ul_addr_parse(c->local, local))
		return conf_refuse(err, -EINVAL, "local", "'%s' is no IP address", c->local);
	return 0;
}

/* One remote of @t, not yet published. */
static int add_remote(struct sw *sw, struct sw_tunnel *t, const char *text, struct conf_err *err)
{
	const struct conf_tunnel *c = &t->conf;
	struct ul_addr addr, local;
	struct dp_obj *o;
	int rc = local_of(c, &local, err);

	if (rc)
		return rc;
	if (ul_addr_parse(text, &addr))
		return conf_refuse(err, -EINVAL, "remotes", "'%s' is no IP address", text);
	rc = class_open(sw, class_of(c, ul_addr_family(&addr)), err);
	if (rc)
		return rc;
	o = sw_obj_new(sw, DP_REMOTE, c->name, err);
	if (!o)
		return -ENOSPC;
	/* raw sockets take no port: Linux wants 0 for IPv6 */
	rc = ul_remote_open(&o->ul, &addr, &local, is_raw(c) ? 0 : port_of(sw, c),
		c->ttl ? (uint8_t)c->ttl : DEFAULT_TTL, o->id);
	if (rc) {
		sw_obj_free(sw, o);
		return conf_refuse(err, rc, "local", "cannot use %s as own address: %s%s",
			c->local ? c->local : "it", strerror(-rc),
			rc == -EADDRNOTAVAIL ? " (no interface has it)" : "");
	}
	if (ul_remote_is_own(&o->ul)) {
		ul_remote_close(&o->ul);
		sw_obj_free(sw, o);
		return conf_refuse(err, -EINVAL, "remotes",
			"%s is this host's own address; a remote is another host", text);
	}
	o->ops = ops_of[c->type];
	o->cls = class_of(c, ul_addr_family(&addr));
	o->sclp = c->transport == CONF_TRANSPORT_SCLP;
	o->mss_clamp = SW_ON(c->mss_clamp);
	o->key = c->vni;
	o->dscp = !c->dscp || !strcmp(c->dscp, "inherit") ? -1 : (int16_t)atoi(c->dscp);
	o->peer = peer_get(sw, &addr, is_raw(c) ? UL_RX_RAW : UL_RX_UDP, o->sclp, o->id);
	t->remotes = xreallocarray(t->remotes, t->n_remotes + 1u, sizeof(struct dp_obj *));
	t->remotes[t->n_remotes++] = o;
	return 0;
}

/* Take all remotes out of what gets published; the workers know them until then. */
static struct dp_obj **detach_remotes(struct sw *sw, struct sw_tunnel *t, unsigned int *n)
{
	struct dp_obj **remotes = t->remotes;

	*n = t->n_remotes;
	for (unsigned int i = 0; i < *n; i++) {
		sw->objs[remotes[i]->id] = NULL;
		peer_leave(sw, remotes[i]->peer, remotes[i]->id);
	}
	t->remotes = NULL;
	t->n_remotes = 0;
	return remotes;
}

/* Whoever of @t (may be NULL) has the address of @o now. */
static const struct dp_obj *find_heir(const struct sw_tunnel *t, const struct dp_obj *o)
{
	for (unsigned int i = 0; t && i < t->n_remotes; i++)
		if (ul_addr_eq(&t->remotes[i]->ul.addr, &o->ul.addr))
			return t->remotes[i];
	return NULL;
}

/* No worker knows them any more; what is known about them goes to those of @next at the same
 * address. */
static void free_remotes(
	struct sw *sw, struct dp_obj **remotes, unsigned int n, const struct sw_tunnel *next)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct dp_obj *heir = find_heir(next, remotes[i]);

		peer_release(sw, remotes[i]->peer);
		ul_remote_close(&remotes[i]->ul);
		if (heir)
			sw_obj_replace(sw, remotes[i], heir);
		else
			sw_obj_free(sw, remotes[i]);
	}
	free(remotes);
}

static void discard_remotes(struct sw *sw, struct sw_tunnel *t)
{
	unsigned int n;
	struct dp_obj **remotes = detach_remotes(sw, t, &n);

	free_remotes(sw, remotes, n, NULL);
}

static int add_remotes(struct sw *sw, struct sw_tunnel *t, struct conf_err *err)
{
	for (unsigned int i = 0; i < t->conf.n_remotes; i++) {
		int rc = add_remote(sw, t, t->conf.remotes[i], err);

		if (rc) {
			discard_remotes(sw, t);
			return rc;
		}
	}
	return 0;
}

static struct sw_endpoint *open_endpoint(
	struct sw *sw, const struct conf_tunnel *c, struct conf_err *err)
{
	struct sw_endpoint want = {
		.kind = is_raw(c) ? UL_RX_RAW : UL_RX_UDP,
		.sclp = c->transport == CONF_TRANSPORT_SCLP,
		.port = port_of(sw, c),
		.ops = ops_of[c->type],
	};
	struct ul_addr remote;

	errno = EINVAL;
	if (local_of(c, &want.local, err) || ul_addr_parse(c->remotes[0], &remote))
		return NULL;
	want.family = ul_addr_family(&remote);
	/* every raw socket gets a copy of each packet: there may be but one */
	if (is_raw(c))
		memset(&want.local, 0, sizeof(want.local));
	return endpoint_get(sw, &want, err);
}

static bool has_remote(const struct sw_tunnel *t, const char *text)
{
	struct ul_addr a;

	if (ul_addr_parse(text, &a))
		return false;
	for (unsigned int i = 0; i < t->n_remotes; i++)
		if (ul_addr_eq(&t->remotes[i]->ul.addr, &a))
			return true;
	return false;
}

/* Two tunnels may not claim the same packets. */
static int check_claims(struct sw *sw, const struct conf_tunnel *c, const struct sw_tunnel *self,
	struct conf_err *err)
{
	for (unsigned int i = 0; i < sw->n_tunnels; i++) {
		const struct conf_tunnel *o = &sw->tunnels[i]->conf;

		if (sw->tunnels[i] == self || o->vni != c->vni || o->transport != c->transport ||
			is_raw(o) != is_raw(c))
			continue;
		for (unsigned int r = 0; r < c->n_remotes; r++)
			if (has_remote(sw->tunnels[i], c->remotes[r]))
				return conf_refuse(err, -EEXIST, "vni",
					"tunnel '%s' has VNI %u to %s already", o->name, c->vni,
					c->remotes[r]);
	}
	return 0;
}

static void free_tunnel(struct sw_tunnel *t)
{
	conf_tunnel_clear(&t->conf);
	free(t);
}

int sw_tunnel_add(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err)
{
	struct sw_tunnel *t;
	int rc = conf_check_tunnel(c, "", err);

	if (rc || (rc = sw_check_name(sw, c->name, err)) ||
		(rc = sw_check_bridge(sw, c->bridge, err)) || (rc = check_claims(sw, c, NULL, err)))
		return rc;
	t = xcalloc(1, sizeof(*t));
	conf_tunnel_copy(&t->conf, c);
	t->bridge = sw_find_bridge(sw, c->bridge);
	t->endpoint = open_endpoint(sw, c, err);
	if (!t->endpoint) {
		rc = -errno;
		free_tunnel(t);
		return rc;
	}
	rc = add_remotes(sw, t, err);
	if (rc) {
		endpoint_put(sw, t->endpoint);
		free_tunnel(t);
		return rc;
	}
	SW_PUSH(sw->tunnels, sw->n_tunnels, t);
	sw_publish(sw);
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static int check_set(
	const struct conf_tunnel *old, const struct conf_tunnel *c, struct conf_err *err)
{
	const char *what = NULL;

	if (old->type != c->type)
		what = "type";
	else if (old->transport != c->transport)
		what = "transport";
	else if (old->carrier != c->carrier)
		what = "carrier";
	else if (!same_text(old->local, c->local))
		what = "local";
	else if (old->dstport != c->dstport)
		what = "dstport";
	else if (SW_ON(old->csum) != SW_ON(c->csum))
		what = "csum";
	if (!what)
		return 0;
	return conf_refuse(err, -EINVAL, what,
		"tunnel '%s': %s cannot change while the tunnel is there; delete and add it",
		c->name, what);
}

static void flush_addresses(struct sw *sw, struct dp_obj *const *remotes, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int b = 0; b < sw->n_bridges; b++)
			fdb_flush(sw->bridges[b]->fdb, remotes[i]->id, FDB_STATICS_TOO);
}

int sw_tunnel_set(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err)
{
	struct sw_tunnel *t, old, fresh = { 0 };
	struct dp_obj **remotes;
	unsigned int n;
	int rc = conf_check_tunnel(c, "", err);

	if (rc)
		return rc;
	t = sw_find_tunnel(sw, c->name);
	if (!t)
		return conf_refuse(err, -ENOENT, "name", "there is no tunnel '%s'", c->name);
	if ((rc = check_set(&t->conf, c, err)) || (rc = sw_check_bridge(sw, c->bridge, err)) ||
		(rc = check_claims(sw, c, t, err)))
		return rc;
	/* another one than before if the remotes are of the other family now */
	fresh.endpoint = open_endpoint(sw, c, err);
	if (!fresh.endpoint)
		return -errno;
	conf_tunnel_copy(&fresh.conf, c);
	fresh.bridge = sw_find_bridge(sw, c->bridge);
	rc = add_remotes(sw, &fresh, err);
	if (rc) {
		endpoint_put(sw, fresh.endpoint);
		conf_tunnel_clear(&fresh.conf);
		return rc;
	}
	remotes = detach_remotes(sw, t, &n);
	old = *t;
	*t = fresh;
	sw_publish(sw);
	if (!same_text(old.conf.bridge, t->conf.bridge))
		flush_addresses(sw, remotes, n);
	free_remotes(sw, remotes, n, t);
	endpoint_put(sw, old.endpoint);
	conf_tunnel_clear(&old.conf);
	return 0;
}

int sw_tunnel_del(struct sw *sw, const char *name, struct conf_err *err)
{
	struct sw_tunnel *t = sw_find_tunnel(sw, name);
	struct dp_obj **remotes;
	unsigned int n;

	if (!t)
		return conf_refuse(err, -ENOENT, "name", "there is no tunnel '%s'", name);
	SW_TAKE(sw->tunnels, sw->n_tunnels, t);
	remotes = detach_remotes(sw, t, &n);
	sw_publish(sw);
	free_remotes(sw, remotes, n, NULL);
	endpoint_put(sw, t->endpoint);
	free_tunnel(t);
	return 0;
}
