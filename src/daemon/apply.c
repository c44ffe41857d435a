/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: the difference becomes a list of steps, each with an exact opposite (add and
 * delete, set and set back).  Order: first leave (delete ports and tunnels), then bridges appear
 * and change, then members change and appear, at last bridges go.  When step n fails, steps n-1 ..
 * 0 are undone by their opposites.
 */
#include "daemon/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "dp/conf_addr.h"
#include "dp/conf_fields.h"

struct step {
	int kind;
	const void *old, *new; /* NULL old: add; NULL new: delete; both: set */
};

struct plan {
	struct step *steps;
	unsigned int n;
};

int apply_add(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	switch (kind) {
	case CONF_BRIDGE:
		return sw_bridge_add(sw, obj, err);
	case CONF_PORT:
		return sw_port_add(sw, obj, err);
	case CONF_TUNNEL:
		return sw_tunnel_add(sw, obj, err);
	default:
		return -EINVAL;
	}
}

int apply_set(struct sw *sw, int kind, const void *obj, struct conf_err *err)
{
	switch (kind) {
	case CONF_BRIDGE:
		return sw_bridge_set(sw, obj, err);
	case CONF_PORT:
		return sw_port_set(sw, obj, err);
	case CONF_TUNNEL:
		return sw_tunnel_set(sw, obj, err);
	default:
		return -EINVAL;
	}
}

int apply_del(struct sw *sw, int kind, const char *name, struct conf_err *err)
{
	switch (kind) {
	case CONF_BRIDGE:
		return sw_bridge_del(sw, name, err);
	case CONF_PORT:
		return sw_port_del(sw, name, err);
	case CONF_TUNNEL:
		return sw_tunnel_del(sw, name, err);
	default:
		return -EINVAL;
	}
}

const char *apply_needs_restart(const struct conf_daemon *old, const struct conf_daemon *new)
{
	for (const struct conf_field *f = conf_kinds[CONF_DAEMON].fields; f->key; f++)
		if (!conf_field_equal(f, old, new))
			return f->key;
	return NULL;
}

static void plan_add(struct plan *p, int kind, const void *old, const void *new)
{
	p->steps = xreallocarray(p->steps, p->n + 1, sizeof(*p->steps));
	p->steps[p->n++] = (struct step){ .kind = kind, .old = old, .new = new };
}

/* A setting that cannot change at run time differs: delete and add. */
static bool differs_fixed(const struct conf_kind *k, const void *old, const void *new)
{
	for (const struct conf_field *f = k->fields; f->key; f++)
		if ((f->flags & CONF_F_FIXED) && !conf_field_equal(f, old, new))
			return true;
	return false;
}

static bool has_remote(const struct conf_tunnel *t, const char *remote)
{
	struct conf_addr a, b;

	conf_addr_parse(remote, &a);
	for (unsigned int i = 0; i < t->n_remotes; i++) {
		conf_addr_parse(t->remotes[i], &b);
		if (!memcmp(&a, &b, sizeof(a)))
			return true;
	}
	return false;
}

/* Does @new want a key (remote, VNI) that another tunnel has until it changes too, as when two swap
 * their VNIs? */
static bool takes_key(const struct conf *old, const struct conf_tunnel *new)
{
	for (unsigned int i = 0; i < old->n_tunnels; i++) {
		const struct conf_tunnel *o = &old->tunnels[i];

		if (o->vni != new->vni || o->transport != new->transport ||
			o->carrier != new->carrier || !strcmp(o->name, new->name))
			continue;
		for (unsigned int r = 0; r < new->n_remotes; r++)
			if (has_remote(o, new->remotes[r]))
				return true;
	}
	return false;
}

enum fate {
	FATE_SAME,
	FATE_GONE,
	FATE_NEW,
	FATE_SET,
	FATE_REPLACE
};

static enum fate fate_of(int kind, const struct conf *old_conf, const void *old, const void *new)
{
	const struct conf_kind *k = &conf_kinds[kind];

	if (!old)
		return FATE_NEW;
	if (!new)
		return FATE_GONE;
	if (conf_obj_equal(k, old, new))
		return FATE_SAME;
	if (differs_fixed(k, old, new))
		return FATE_REPLACE;
	if (kind == CONF_TUNNEL && takes_key(old_conf, new))
		return FATE_REPLACE;
	return FATE_SET;
}

/* Steps for the objects of a kind that go away, wholly or to come back changed. */
static void plan_leave(struct plan *p, int kind, const struct conf *old, const struct conf *new)
{
	const struct conf_kind *k = &conf_kinds[kind];

	for (unsigned int i = 0; i < conf_count(k, old); i++) {
		const void *o = conf_at(k, old, i);
		enum fate fate = fate_of(kind, old, o, conf_find(k, new, conf_obj_name(o)));

		if (fate == FATE_GONE || fate == FATE_REPLACE)
			plan_add(p, kind, o, NULL);
	}
}

static void plan_change(struct plan *p, int kind, const struct conf *old, const struct conf *new)
{
	const struct conf_kind *k = &conf_kinds[kind];

	for (unsigned int i = 0; i < conf_count(k, new); i++) {
		const void *n = conf_at(k, new, i), *o = conf_find(k, old, conf_obj_name(n));

		if (fate_of(kind, old, o, n) == FATE_SET)
			plan_add(p, kind, o, n);
	}
}

static void plan_arrive(struct plan *p, int kind, const struct conf *old, const struct conf *new)
{
	const struct conf_kind *k = &conf_kinds[kind];

	for (unsigned int i = 0; i < conf_count(k, new); i++) {
		const void *n = conf_at(k, new, i);
		enum fate fate = fate_of(kind, old, conf_find(k, old, conf_obj_name(n)), n);

		if (fate == FATE_NEW || fate == FATE_REPLACE)
			plan_add(p, kind, NULL, n);
	}
}

static void plan_make(struct plan *p, const struct conf *old, const struct conf *new)
{
	plan_leave(p, CONF_TUNNEL, old, new);
	plan_leave(p, CONF_PORT, old, new);
	plan_change(p, CONF_BRIDGE, old, new);
	plan_arrive(p, CONF_BRIDGE, old, new);
	plan_change(p, CONF_PORT, old, new);
	plan_change(p, CONF_TUNNEL, old, new);
	plan_arrive(p, CONF_PORT, old, new);
	plan_arrive(p, CONF_TUNNEL, old, new);
	plan_leave(p, CONF_BRIDGE, old, new);
}

static int step_do(struct sw *sw, int kind, const void *old, const void *new, struct conf_err *err)
{
	if (!old)
		return apply_add(sw, kind, new, err);
	if (!new)
		return apply_del(sw, kind, conf_obj_name(old), err);
	return apply_set(sw, kind, new, err);
}

static void plan_undo(struct sw *sw, const struct plan *p, unsigned int n_done)
{
	struct conf_err err;

	while (n_done--) {
		const struct step *s = &p->steps[n_done];

		memset(&err, 0, sizeof(err));
		if (step_do(sw, s->kind, s->new, s->old, &err))
			log_err("going back to the old configuration: %s '%s': %s",
				conf_kinds[s->kind].name, conf_obj_name(s->old ? s->old : s->new),
				err.text);
	}
}

/* Which object of the new configuration was refused: the switch knows names, the reader of the file
 * wants its line. */
static void set_path(const struct step *s, const struct conf *new, struct conf_err *err)
{
	const struct conf_kind *k = &conf_kinds[s->kind];

	err->path[0] = '\0';
	if (s->new)
		snprintf(err->path, sizeof(err->path), "%s[%zu]", k->section,
			(size_t)((const char *)s->new - (const char *)conf_list(k, new)) / k->size);
}

static int plan_run(
	struct sw *sw, const struct plan *p, const struct conf *new, struct conf_err *err)
{
	for (unsigned int i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];
		int ret = step_do(sw, s->kind, s->old, s->new, err);

		if (ret) {
			set_path(s, new, err);
			plan_undo(sw, p, i);
			return ret;
		}
	}
	return 0;
}

int apply_conf(struct sw *sw, const struct conf *old, const struct conf *new,
	struct apply_count *count, struct conf_err *err)
{
	const char *restart = apply_needs_restart(&old->daemon, &new->daemon);
	struct plan p = { 0 };
	int ret;

	memset(count, 0, sizeof(*count));
	if (restart)
		return conf_refuse(err, -EINVAL, "daemon",
			"daemon.%s differs from what runs, and is only read at start; restart the "
			"daemon, or leave it as it was",
			restart);
	plan_make(&p, old, new);
	ret = plan_run(sw, &p, new, err);
	for (unsigned int i = 0; i < p.n && !ret; i++) {
		count->n_added += !p.steps[i].old;
		count->n_removed += !p.steps[i].new;
		count->n_changed += p.steps[i].old && p.steps[i].new;
	}
	free(p.steps);
	return ret;
}
