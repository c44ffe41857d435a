/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswctl fdb, show, config, drops. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "uapi/ctl.h"

/* Print @result as JSON if asked, else nothing; always takes it. */
static void done(const struct ctl *c, json_t *result)
{
	if (result && c->json)
		ctl_print_json(result);
	else
		json_decref(result);
}

/* key=value or key value, all text, keys out of @allowed ("bridge mac"). */
static int text_args(json_t *params, const char *allowed, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		size_t n = strcspn(argv[i], "=");
		const char *at = NULL, *value;
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)(n < 31 ? n : 31), argv[i]);
		for (const char *p = allowed; p && *p && !at;
			p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL)
			if (!strncmp(p, key, strlen(key)) &&
				(p[strlen(key)] == ' ' || !p[strlen(key)]))
				at = p;
		if (!n || !at)
			return ctl_usage(
				"fdb: unknown argument '%s'; allowed are %s", key, allowed);
		if (!argv[i][n] && i + 1 == argc)
			return ctl_usage("fdb: '%s' has no value; write %s=VALUE", key, key);
		value = argv[i][n] ? argv[i] + n + 1 : argv[++i];
		json_object_set_new(params, key, json_string(value));
	}
	return 0;
}

static void print_fdb(const json_t *result)
{
	const json_t *list = json_object_get(result, "fdb");
	json_int_t total = json_integer_value(json_object_get(result, "total"));
	struct table t = { 0 };

	table_col(&t, "bridge");
	table_col(&t, "mac");
	table_col(&t, "port");
	table_col(&t, "remote");
	table_col_right(&t, "age");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		const char *remote = json_string_value(json_object_get(row, "remote"));

		table_cell(&t, "%s", json_string_value(json_object_get(row, "bridge")));
		table_cell(&t, "%s", json_string_value(json_object_get(row, "mac")));
		table_cell(&t, "%s", json_string_value(json_object_get(row, "port")));
		table_cell(&t, "%s", remote ? remote : "-");
		if (json_is_true(json_object_get(row, "static")))
			table_cell(&t, "static");
		else
			table_cell(&t, "%llds",
				(long long)json_integer_value(json_object_get(row, "age")));
	}
	table_print(&t);
	if (total > (json_int_t)json_array_size(list))
		printf("%lld more are not shown; name one bridge\n",
			(long long)total - (long long)json_array_size(list));
}

int ctl_cmd_fdb(struct ctl *c, int argc, char **argv)
{
	static const struct {
		const char *verb, *method, *allowed;
	} verbs[] = {
		{ "show", CTL_FDB_SHOW, "bridge" },
		{ "add", CTL_FDB_ADD, "bridge mac port remote" },
		{ "del", CTL_FDB_DEL, "bridge mac" },
		{ "flush", CTL_FDB_FLUSH, "bridge port" },
	};
	const char *verb = argc ? argv[0] : "show";
	json_t *params, *result;
	size_t v = 0;
	int ret;

	while (v < 4 && strcmp(verbs[v].verb, verb))
		v++;
	if (v == 4)
		return ctl_usage(
			"fdb: unknown command '%s'; allowed are show, add, del, flush", verb);
	params = json_object();
	ret = text_args(params, verbs[v].allowed, argc ? argc - 1 : 0, argv + 1);
	if (ret) {
		json_decref(params);
		return ret;
	}
	result = ctl_call(c, verbs[v].method, params, &ret);
	if (result && !c->json && v == 0)
		print_fdb(result);
	else if (result && !c->json && v == 3)
		printf("%lld addresses forgotten\n",
			(long long)json_integer_value(json_object_get(result, "flushed")));
	done(c, result);
	return ret;
}

static void print_info(const json_t *info)
{
	const json_t *b = json_object_get(info, "buffers");
	json_int_t up = json_integer_value(json_object_get(info, "uptime"));

	printf("cvswd %s, up %lld:%02lld:%02lld, %lld worker(s)\n",
		json_string_value(json_object_get(info, "version")), (long long)up / 3600,
		(long long)up / 60 % 60, (long long)up % 60,
		(long long)json_integer_value(json_object_get(info, "workers")));
	printf("buffers: %lld of %lld free, %lld of %lld large ones\n",
		(long long)json_integer_value(json_object_get(b, "free")),
		(long long)json_integer_value(json_object_get(b, "total")),
		(long long)json_integer_value(json_object_get(b, "big_free")),
		(long long)json_integer_value(json_object_get(b, "big_total")));
	printf("kernel: udp-gso %s, udp-gro %s, tap-uso %s; waited %lld times for its send queue\n",
		json_is_true(json_object_get(info, "udp-gso")) ? "on" : "off",
		json_is_true(json_object_get(info, "udp-gro")) ? "on" : "off",
		json_is_true(json_object_get(info, "tap-uso")) ? "on" : "off",
		(long long)json_integer_value(json_object_get(info, "tx-waits")));
}

int ctl_cmd_show(struct ctl *c, int argc, char **argv)
{
	static const char *const kinds[][2] = { { "bridge", "bridges" }, { "port", "ports" },
		{ "tunnel", "tunnels" } };
	json_t *all, *help;
	int ret;

	if (argc)
		return ctl_usage("show takes no argument, not '%s'", argv[0]);
	all = ctl_call(c, CTL_SHOW, NULL, &ret);
	if (!all || c->json) {
		done(c, all);
		return ret;
	}
	print_info(json_object_get(all, "info"));
	for (int k = 0; k < 3; k++) {
		putchar('\n');
		ctl_print_objects(kinds[k][0], json_object_get(all, kinds[k][1]));
	}
	putchar('\n');
	help = ctl_call(c, CTL_DROPS_HELP, NULL, &ret);
	ctl_print_stats(json_object_get(all, "stats"), help);
	json_decref(help);
	json_decref(all);
	return ret;
}

/* The file is written by us, with the rights of who called us; "-" is standard output. */
static int save_to(struct ctl *c, const char *path)
{
	json_t *result;
	const char *yaml;
	FILE *f;
	int ret;

	result = ctl_call(c, CTL_CONFIG_SHOW, NULL, &ret);
	yaml = json_string_value(json_object_get(result, "yaml"));
	if (!yaml)
		return ret ? ret : CTL_EXIT_REFUSED;
	f = strcmp(path, "-") ? fopen(path, "we") : stdout;
	ret = !f || fputs(yaml, f) == EOF || fflush(f);
	if (f && f != stdout)
		ret |= fclose(f);
	if (ret)
		fprintf(stderr, "cvswctl: %s: %s\n", path, strerror(errno));
	json_decref(result);
	return ret ? CTL_EXIT_REFUSED : CTL_EXIT_OK;
}

static int reload(struct ctl *c)
{
	json_t *result;
	int ret;

	result = ctl_call(c, CTL_CONFIG_RELOAD, NULL, &ret);
	if (result && !c->json)
		printf("%lld added, %lld changed, %lld removed\n",
			(long long)json_integer_value(json_object_get(result, "added")),
			(long long)json_integer_value(json_object_get(result, "changed")),
			(long long)json_integer_value(json_object_get(result, "removed")));
	done(c, result);
	return ret;
}

int ctl_cmd_config(struct ctl *c, int argc, char **argv)
{
	json_t *result;
	int ret;

	if (argc == 1 && !strcmp(argv[0], "reload"))
		return reload(c);
	if (argc == 1 && !strcmp(argv[0], "show"))
		return save_to(c, "-");
	if (argc == 2 && !strcmp(argv[0], "save"))
		return save_to(c, argv[1]);
	if (argc != 1 || strcmp(argv[0], "save"))
		return ctl_usage("config: allowed are save [FILE], show, reload");
	result = ctl_call(c, CTL_CONFIG_SAVE, NULL, &ret);
	if (result && !c->json)
		printf("saved to %s\n", json_string_value(json_object_get(result, "file")));
	done(c, result);
	return ret;
}

int ctl_cmd_drops(struct ctl *c, int argc, char **argv)
{
	struct table t = { 0 };
	const char *reason;
	json_t *help, *text;
	int ret;

	if (argc)
		return ctl_usage("drops takes no argument, not '%s'", argv[0]);
	help = ctl_call(c, CTL_DROPS_HELP, NULL, &ret);
	if (help && !c->json) {
		table_col(&t, "drop reason");
		table_col(&t, "meaning");
		json_object_foreach(help, reason, text) {
			table_cell(&t, "%s", reason);
			table_cell(&t, "%s", json_string_value(text));
		}
		table_print(&t);
	}
	done(c, help);
	return ret;
}
