/* SPDX-License-Identifier: BSD-3-Clause */
/* Methods that change or show the configuration: {bridge,port,tunnel}.{add,set,del,show} and
 * config.*. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/conf_json.h"
#include "daemon/config.h"
#include "daemon/rpc.h"
#include "uapi/ctl.h"

void rpc_conf_get(const struct rpc *r, struct conf *c)
{
	static const struct conf_daemon nothing;

	sw_conf_get(r->sw, c);
	conf_obj_clear(&conf_kinds[CONF_DAEMON], &c->daemon);
	conf_daemon_copy(&c->daemon, r->daemon ? r->daemon : &nothing);
}

int rpc_check_netns(const struct rpc *r, const struct conf *c, struct conf_err *err)
{
	char path[32];

	for (unsigned int i = 0; i < c->n_ports && !r->can_netns; i++) {
		if (!c->ports[i].netns)
			continue;
		snprintf(path, sizeof(path), "ports[%u].netns", i);
		return conf_refuse(err, -EPERM, path,
			"port '%s': the daemon gave up the right to enter network namespaces "
			"(CAP_SYS_ADMIN); start it with "
			"daemon.netns: on",
			c->ports[i].name);
	}
	return 0;
}

int rpc_reload(struct rpc *r, struct apply_count *count, struct conf_err *err)
{
	struct conf old, new;
	int ret;

	if (!r->file)
		return conf_refuse(err, -ENOENT, "",
			"the daemon was started without a configuration file; start it with -c");
	ret = config_load_file(r->file, &new, err);
	if (ret)
		return ret;
	rpc_conf_get(r, &old);
	ret = rpc_check_netns(r, &new, err);
	if (!ret)
		ret = apply_conf(r->sw, &old, &new, count, err);
	if (ret)
		config_locate(r->file, err);
	conf_clear(&old);
	conf_clear(&new);
	return ret;
}

/* Wrong values are the caller's mistake, the rest is refused by what there is already. */
static void refuse_checked(struct rpc_call *c, int ret)
{
	rpc_refused(c, ret);
	if (ret == -EINVAL)
		c->code = CTL_ERR_PARAMS;
}

static int check_with(struct rpc_call *c, const struct conf *conf)
{
	int ret = conf_check(conf, &c->err);

	if (!ret)
		ret = rpc_check_netns(c->rpc, conf, &c->err);
	if (ret)
		refuse_checked(c, ret);
	return ret;
}

/* Merge params over @obj; false: refused. */
static bool merge(struct rpc_call *c, const struct conf_kind *k, void *obj)
{
	int ret = conf_json_merge(k, obj, c->params, &c->err);

	if (ret)
		refuse_checked(c, ret);
	return !ret;
}

static void obj_add(struct rpc_call *c, int kind)
{
	const struct conf_kind *k = &conf_kinds[kind];
	void *obj = xcalloc(1, k->size);
	struct conf conf;
	int ret;

	rpc_conf_get(c->rpc, &conf);
	if (kind == CONF_TUNNEL && !json_object_get(c->params, "vni"))
		rpc_refuse(c, CTL_ERR_PARAMS, "'vni' is missing; it is required");
	if (!c->code && merge(c, k, obj)) {
		conf_append(k, &conf, obj);
		if (!check_with(c, &conf)) {
			ret = apply_add(c->rpc->sw, kind, obj, &c->err);
			if (ret)
				rpc_refused(c, ret);
		}
	}
	conf_clear(&conf);
	conf_obj_clear(k, obj);
	free(obj);
}

/* The running object that params.name means, in @conf; NULL: refused. */
static void *named(struct rpc_call *c, const struct conf_kind *k, const struct conf *conf)
{
	const char *name = rpc_param(c, "name", true);
	void *obj = name ? conf_find(k, conf, name) : NULL;

	if (name && !obj) {
		rpc_refuse(c, CTL_ERR_REFUSED, "there is no %s '%.40s'", k->name, name);
		c->err_no = ENOENT;
	}
	return obj;
}

/* Refuse what only a new object can have. */
static bool set_allowed(
	struct rpc_call *c, const struct conf_kind *k, const void *old, const void *new)
{
	for (const struct conf_field *f = k->fields; f->key; f++) {
		if (!(f->flags & CONF_F_FIXED) || conf_field_equal(f, old, new))
			continue;
		rpc_refuse(c, CTL_ERR_REFUSED,
			"%s '%s': %s cannot change while it runs; delete the %s and add it again",
			k->name, conf_obj_name(old), f->key, k->name);
		c->err_no = EINVAL;
		snprintf(c->err.path, sizeof(c->err.path), "%s", f->key);
		return false;
	}
	return true;
}

static void obj_set(struct rpc_call *c, int kind)
{
	const struct conf_kind *k = &conf_kinds[kind];
	void *old = xcalloc(1, k->size), *obj;
	struct conf conf;
	int ret;

	rpc_conf_get(c->rpc, &conf);
	obj = named(c, k, &conf);
	if (obj) {
		conf_obj_copy(k, old, obj);
		if (merge(c, k, obj) && set_allowed(c, k, old, obj) && !check_with(c, &conf)) {
			ret = apply_set(c->rpc->sw, kind, obj, &c->err);
			if (ret)
				rpc_refused(c, ret);
		}
	}
	conf_clear(&conf);
	conf_obj_clear(k, old);
	free(old);
}

static void obj_del(struct rpc_call *c, int kind)
{
	const char *name = rpc_params_are(c, "name") ? rpc_param(c, "name", true) : NULL;
	struct conf conf;
	int ret;

	if (!name)
		return;
	rpc_conf_get(c->rpc, &conf);
	if (named(c, &conf_kinds[kind], &conf)) {
		ret = apply_del(c->rpc->sw, kind, name, &c->err);
		if (ret)
			rpc_refused(c, ret);
	}
	conf_clear(&conf);
}

static void obj_show(struct rpc_call *c, int kind)
{
	const struct conf_kind *k = &conf_kinds[kind];
	struct conf conf;
	json_t *rows;
	const char *name;

	if (!rpc_params_are(c, "name"))
		return;
	name = rpc_param(c, "name", false);
	if (c->code)
		return;
	rows = json_array();
	rpc_conf_get(c->rpc, &conf);
	if (!name || named(c, k, &conf))
		for (unsigned int i = 0; i < conf_count(k, &conf); i++)
			if (!name || !strcmp(name, conf_obj_name(conf_at(k, &conf, i))))
				json_array_append_new(
					rows, conf_json_object(k, conf_at(k, &conf, i)));
	conf_clear(&conf);
	c->result = json_pack("{s:o}", k->section, rows);
}

static void config_show(struct rpc_call *c)
{
	struct conf conf;
	char *yaml;

	if (!rpc_params_are(c, ""))
		return;
	rpc_conf_get(c->rpc, &conf);
	yaml = config_to_yaml(&conf);
	c->result = json_pack("{s:s}", "yaml", yaml);
	free(yaml);
	conf_clear(&conf);
}

/* No file name comes from the client: a member of the socket's group must not write files with the
 * daemon's rights. */
static void config_save(struct rpc_call *c)
{
	struct conf conf;
	int ret;

	if (!rpc_params_are(c, ""))
		return;
	if (!c->rpc->file) {
		rpc_refuse(c, CTL_ERR_REFUSED,
			"the daemon was started without a configuration file; `cvswctl config save "
			"FILE` writes one");
		c->err_no = ENOENT;
		return;
	}
	rpc_conf_get(c->rpc, &conf);
	ret = config_save_file(c->rpc->file, &conf, &c->err);
	conf_clear(&conf);
	if (ret)
		rpc_refused(c, ret);
	else
		c->result = json_pack("{s:s}", "file", c->rpc->file);
}

static void config_reload(struct rpc_call *c)
{
	struct apply_count n;
	int ret;

	if (!rpc_params_are(c, ""))
		return;
	ret = rpc_reload(c->rpc, &n, &c->err);
	if (ret) {
		log_warn("configuration not reloaded: %s", c->err.text);
		rpc_refused(c, ret);
		return;
	}
	log_info("configuration reloaded: %u added, %u changed, %u removed", n.n_added, n.n_changed,
		n.n_removed);
	c->result = json_pack("{s:i, s:i, s:i}", "added", (int)n.n_added, "changed",
		(int)n.n_changed, "removed", (int)n.n_removed);
}

bool rpc_config_method(struct rpc_call *c, const char *method)
{
	static const struct {
		const char *suffix;
		void (*run)(struct rpc_call *c, int kind);
	} verbs[] = {
		{ CTL_ADD, obj_add },
		{ CTL_SET, obj_set },
		{ CTL_DEL, obj_del },
		{ CTL_SHOW_SUFFIX, obj_show },
	};

	for (int kind = CONF_BRIDGE; kind < CONF_N_KINDS; kind++) {
		size_t n = strlen(conf_kinds[kind].name);

		for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
			if (strncmp(method, conf_kinds[kind].name, n) ||
				strcmp(method + n, verbs[v].suffix))
				continue;
			verbs[v].run(c, kind);
			return true;
		}
	}
	if (!strcmp(method, CTL_CONFIG_SHOW))
		config_show(c);
	else if (!strcmp(method, CTL_CONFIG_SAVE))
		config_save(c);
	else if (!strcmp(method, CTL_CONFIG_RELOAD))
		config_reload(c);
	else
		return false;
	return true;
}
