/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration objects for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "dp/conf_fields.h"

static const struct conf_kind *kind_named(const char *name)
{
	for (int id = 0; id < CONF_N_KINDS; id++)
		if (!strcmp(conf_kinds[id].name, name))
			return &conf_kinds[id];
	return NULL;
}

static void value_text(const json_t *v, char *text, size_t text_size)
{
	size_t n = 0;

	snprintf(text, text_size, "-");
	if (json_is_string(v))
		snprintf(text, text_size, "%s", json_string_value(v));
	else if (json_is_integer(v))
		snprintf(text, text_size, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		snprintf(text, text_size, "%s", json_is_true(v) ? "on" : "off");
	for (size_t i = 0; i < json_array_size(v) && n < text_size; i++)
		n += (size_t)snprintf(text + n, text_size - n, "%s%s", i ? "," : "",
			json_string_value(json_array_get(v, i)));
}

/* Does the value differ from what everybody has anyway? */
static bool worth_showing(const struct conf_field *f, const json_t *v)
{
	switch (f->type) {
	case CONF_F_NUM:
		return json_integer_value(v) != (json_int_t)f->def;
	case CONF_F_STR:
		return json_is_string(v) &&
		       (!f->def_str || strcmp(json_string_value(v), f->def_str));
	case CONF_F_TRI:
		return !json_is_null(v) && json_is_true(v) != (f->def == CONF_ON);
	case CONF_F_BOOL:
		return json_is_true(v);
	case CONF_F_WORD:
		return conf_field_word_of(f, 0) &&
		       strcmp(json_string_value(v), conf_field_word_of(f, 0));
	default:
		return true;
	}
}

static bool column_wanted(const struct conf_field *f, const json_t *list)
{
	static const char *const always[] = {
		"name",
		"type",
		"bridge",
		"transport",
		"vni",
		"mtu",
		"remotes",
		"ageing",
		"fdb-max",
	};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!strcmp(f->key, always[i]))
			return true;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (worth_showing(f, json_object_get(json_array_get(list, i), f->key)))
			return true;
	return false;
}

void ctl_print_objects(const char *kind, const json_t *list)
{
	const struct conf_kind *k = kind_named(kind);
	const struct conf_field *cols[TABLE_COLS];
	struct table t = { 0 };
	char text[4096];

	if (!json_array_size(list)) {
		printf("no %s\n", k->section);
		return;
	}
	for (const struct conf_field *f = k->fields; f->key && t.n_cols < TABLE_COLS; f++) {
		if (!column_wanted(f, list))
			continue;
		cols[t.n_cols] = f;
		if (f->type == CONF_F_NUM)
			table_col_right(&t, f->key);
		else
			table_col(&t, f->key);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		for (unsigned int col = 0; col < t.n_cols; col++) {
			value_text(json_object_get(json_array_get(list, i), cols[col]->key), text,
				sizeof(text));
			table_cell(&t, "%s", text);
		}
	}
	table_print(&t);
}

void ctl_print_object(const char *kind, const json_t *obj)
{
	const struct conf_kind *k = kind_named(kind);
	char text[16384];

	for (const struct conf_field *f = k->fields; f->key; f++) {
		value_text(json_object_get(obj, f->key), text, sizeof(text));
		printf("%-11s %s\n", f->key, text);
	}
}
