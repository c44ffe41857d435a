/* SPDX-License-Identifier: BSD-3-Clause */
/* Bridges: add, set, del. */
#include "dp/switch_priv.h"

#include <errno.h>
#include <string.h>

#include "base/xalloc.h"

#define FDB_MAX 8192

static uint32_t fdb_max(const struct conf_bridge *c)
{
	return c->fdb_max ? c->fdb_max : FDB_MAX;
}

int sw_bridge_add(struct sw *sw, const struct conf_bridge *c, struct conf_err *err)
{
	struct sw_bridge *b;
	int rc = conf_check_bridge(c, "", err);

	if (rc)
		return rc;
	if (sw_find_bridge(sw, c->name))
		return conf_refuse(err, -EEXIST, "name", "there is a bridge '%s' already", c->name);
	b = xcalloc(1, sizeof(*b));
	conf_bridge_copy(&b->conf, c);
	b->fdb = fdb_create(fdb_max(c));
	SW_PUSH(sw->bridges, sw->n_bridges, b);
	sw_publish(sw);
	return 0;
}

struct copy_arg {
	struct fdb *to;
	bool full;
};

static void copy_static(void *argp, const struct fdb_entry *e)
{
	struct copy_arg *arg = argp;

	if (e->is_static && fdb_set_static(arg->to, e->mac, e->obj, e->seen_s))
		arg->full = true;
}

int sw_bridge_set(struct sw *sw, const struct conf_bridge *c, struct conf_err *err)
{
	struct sw_bridge *b;
	int rc = conf_check_bridge(c, "", err);
	struct fdb *old = NULL;

	if (rc)
		return rc;
	b = sw_find_bridge(sw, c->name);
	if (!b)
		return conf_refuse(err, -ENOENT, "name", "there is no bridge '%s'", c->name);
	if (fdb_max(&b->conf) != fdb_max(c)) {
		/* what was learned is learned again in a moment, what was set is not */
		struct copy_arg arg = { .to = fdb_create(fdb_max(c)) };

		fdb_walk(b->fdb, copy_static, &arg);
		if (arg.full) {
			fdb_destroy(arg.to);
			return conf_refuse(err, -ENOSPC, "fdb-max",
				"bridge '%s' has more static entries than %u", c->name, c->fdb_max);
		}
		old = b->fdb;
		b->fdb = arg.to;
	}
	conf_bridge_clear(&b->conf);
	conf_bridge_copy(&b->conf, c);
	sw_publish(sw);
	if (old)
		fdb_destroy(old);
	return 0;
}

static bool has_members(const struct sw *sw, const char *name)
{
	for (unsigned int i = 0; i < sw->n_ports; i++)
		if (sw->ports[i]->conf.bridge && !strcmp(sw->ports[i]->conf.bridge, name))
			return true;
	for (unsigned int i = 0; i < sw->n_tunnels; i++)
		if (sw->tunnels[i]->conf.bridge && !strcmp(sw->tunnels[i]->conf.bridge, name))
			return true;
	return false;
}

int sw_bridge_del(struct sw *sw, const char *name, struct conf_err *err)
{
	struct sw_bridge *b = sw_find_bridge(sw, name);

	if (!b)
		return conf_refuse(err, -ENOENT, "name", "there is no bridge '%s'", name);
	if (has_members(sw, name))
		return conf_refuse(err, -EBUSY, "name",
			"bridge '%s' has ports or tunnels; take them out first", name);
	SW_TAKE(sw->bridges, sw->n_bridges, b);
	sw_publish(sw);
	fdb_destroy(b->fdb);
	conf_bridge_clear(&b->conf);
	free(b);
	return 0;
}
