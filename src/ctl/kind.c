/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswctl {bridge,port,tunnel} {add,set,del,show}: arguments by the field tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "ctl/table.h"
#include "dp/conf_fields.h"
#include "uapi/ctl.h"

static const struct conf_kind *kind_named(const char *name)
{
	for (int id = CONF_BRIDGE; id < CONF_N_KINDS; id++)
		if (!strcmp(conf_kinds[id].name, name))
			return &conf_kinds[id];
	return NULL;
}

static json_t *list_value(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		if (n)
			json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == ',');
	}
	return list;
}

/* NULL: @text is no value of @f. */
static json_t *field_value(const struct conf_field *f, const char *text)
{
	int64_t val;

	if (!*text)
		return json_null();
	switch (f->type) {
	case CONF_F_NUM:
		if (text[strspn(text, "0123456789")] || strlen(text) > 15)
			return NULL;
		return json_integer(atoll(text));
	case CONF_F_LIST:
		return list_value(text);
	case CONF_F_TRI:
	case CONF_F_BOOL:
		if (!conf_field_word(f, text, &val))
			return NULL;
		return json_boolean(f->type == CONF_F_TRI ? val == CONF_ON : val != 0);
	case CONF_F_WORD:
		return conf_field_word(f, text, &val) ? json_string(text) : NULL;
	default:
		return json_string(text);
	}
}

/* 0, or an exit code. */
static int put_arg(const struct conf_kind *k, json_t *params, const char *key, const char *text)
{
	const struct conf_field *f = conf_field_find(k, key);
	char allowed[256];
	json_t *v;

	if (!f && k == &conf_kinds[CONF_TUNNEL] && !strcmp(key, "remote"))
		f = conf_field_find(k, "remotes");
	if (!f) {
		conf_kind_keys(k, allowed, sizeof(allowed));
		return ctl_usage("%s: unknown setting '%s'; allowed are %s", k->name, key, allowed);
	}
	v = field_value(f, text);
	if (!v) {
		conf_field_allowed(f, allowed, sizeof(allowed));
		return ctl_usage("%s: '%s' is not valid; %s is allowed", key, text, allowed);
	}
	if (json_object_get(params, f->key)) {
		json_decref(v);
		return ctl_usage("%s: '%s' is given twice", k->name, f->key);
	}
	json_object_set_new(params, f->key, v);
	return 0;
}

/* NAME, then key=value or key value. */
static int parse_args(const struct conf_kind *k, json_t *params, int argc, char **argv)
{
	int ret;

	if (argc < 1 || strchr(argv[0], '='))
		return ctl_usage(
			"%s: the name is missing (cvswctl %s add NAME ...)", k->name, k->name);
	json_object_set_new(params, "name", json_string(argv[0]));
	for (int i = 1; i < argc; i++) {
		char *eq = strchr(argv[i], '=');
		char *key = eq ? xstrndup(argv[i], (size_t)(eq - argv[i])) : xstrdup(argv[i]);

		if (!eq && i + 1 == argc)
			ret = ctl_usage("%s: '%s' has no value; write %s=VALUE", k->name, key, key);
		else
			ret = put_arg(k, params, key, eq ? eq + 1 : argv[++i]);
		free(key);
		if (ret)
			return ret;
	}
	return 0;
}

static int change(struct ctl *c, const struct conf_kind *k, const char *verb, int argc, char **argv)
{
	json_t *params = json_object(), *result;
	char method[32];
	int ret = parse_args(k, params, argc, argv);

	if (!ret && !strcmp(verb, "set") && json_object_size(params) < 2)
		ret = ctl_usage(
			"%s set: nothing to change is given (cvswctl %s set NAME key=value)",
			k->name, k->name);
	if (ret) {
		json_decref(params);
		return ret;
	}
	snprintf(method, sizeof(method), "%s.%s", k->name, verb);
	result = ctl_call(c, method, params, &ret);
	if (result && c->json)
		ctl_print_json(result);
	else
		json_decref(result);
	return ret;
}

static int del(struct ctl *c, const struct conf_kind *k, int argc, char **argv)
{
	char method[32];
	int ret = CTL_EXIT_OK;

	if (argc < 1)
		return ctl_usage("%s del: the name is missing", k->name);
	snprintf(method, sizeof(method), "%s%s", k->name, CTL_DEL);
	for (int i = 0; i < argc && ret == CTL_EXIT_OK; i++) {
		json_t *result = ctl_call(c, method, json_pack("{s:s}", "name", argv[i]), &ret);

		if (result && c->json)
			ctl_print_json(result);
		else
			json_decref(result);
	}
	return ret;
}

static int show(struct ctl *c, const struct conf_kind *k, int argc, char **argv)
{
	json_t *params = json_object(), *result;
	char method[32];
	int ret;

	if (argc > 1) {
		json_decref(params);
		return ctl_usage("%s show takes one name at most", k->name);
	}
	if (argc)
		json_object_set_new(params, "name", json_string(argv[0]));
	snprintf(method, sizeof(method), "%s%s", k->name, CTL_SHOW_SUFFIX);
	result = ctl_call(c, method, params, &ret);
	if (!result)
		return ret;
	if (c->json) {
		ctl_print_json(result);
		return ret;
	}
	if (argc)
		ctl_print_object(k->name, json_array_get(json_object_get(result, k->section), 0));
	else
		ctl_print_objects(k->name, json_object_get(result, k->section));
	json_decref(result);
	return ret;
}

int ctl_cmd_config_kind(struct ctl *c, const char *kind, int argc, char **argv)
{
	const struct conf_kind *k = kind_named(kind);
	const char *verb = argc ? argv[0] : "show";

	if (argc) {
		argc--;
		argv++;
	}
	if (!strcmp(verb, "add") || !strcmp(verb, "set"))
		return change(c, k, verb, argc, argv);
	if (!strcmp(verb, "del"))
		return del(c, k, argc, argv);
	if (!strcmp(verb, "show"))
		return show(c, k, argc, argv);
	return ctl_usage("%s: unknown command '%s'; allowed are add, set, del, show", kind, verb);
}

void ctl_help_kind(const char *kind, const char *verb)
{
	const struct conf_kind *k = kind_named(kind);
	bool set = verb && !strcmp(verb, "set");
	char allowed[256];

	printf("Usage: cvswctl %s add NAME [key=value]...\n"
	       "       cvswctl %s set NAME key=value...     (key= puts it back to the default)\n"
	       "       cvswctl %s del NAME...\n"
	       "       cvswctl %s show [NAME]\n\n",
		kind, kind, kind, kind);
	printf(set ? "Settings that can change while it runs:\n" : "Settings:\n");
	for (const struct conf_field *f = k->fields; f->key; f++) {
		if (!strcmp(f->key, "name") || (set && (f->flags & CONF_F_FIXED)))
			continue;
		conf_field_allowed(f, allowed, sizeof(allowed));
		printf("  %-11s %s%s\n", f->key, f->help,
			f->flags & CONF_F_REQUIRED ? " (required)" : "");
		if (f->type != CONF_F_STR)
			printf("  %-11s   %s\n", "", allowed);
	}
}
