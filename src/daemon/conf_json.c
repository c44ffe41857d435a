/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/conf_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"

static int wrong(const struct conf_field *f, const json_t *v, struct conf_err *err)
{
	char allowed[200], got[64];

	conf_field_allowed(f, allowed, sizeof(allowed));
	if (json_is_string(v))
		snprintf(got, sizeof(got), "\"%.40s\"", json_string_value(v));
	else if (json_is_integer(v))
		snprintf(got, sizeof(got), "%lld", (long long)json_integer_value(v));
	else
		snprintf(got, sizeof(got), "%s",
			json_is_object(v)    ? "an object"
			: json_is_array(v)   ? "this array"
			: json_is_real(v)    ? "a fraction"
			: json_is_boolean(v) ? "a boolean"
					     : "null");
	return conf_refuse(
		err, -EINVAL, f->key, "%s: %s is not valid; %s is allowed", f->key, got, allowed);
}

static int put_str(const struct conf_field *f, void *obj, const json_t *v, struct conf_err *err)
{
	char *s;

	if (json_is_string(v))
		s = xstrdup(json_string_value(v));
	else if (json_is_integer(v) && (f->flags & CONF_F_NUMERIC))
		s = xasprintf("%lld", (long long)json_integer_value(v));
	else
		return wrong(f, v, err);
	conf_field_clear(f, obj);
	CONF_STR(f, obj) = s;
	return 0;
}

static int put_num(const struct conf_field *f, void *obj, const json_t *v, struct conf_err *err)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < f->min || n > f->max)
		return wrong(f, v, err);
	CONF_NUM(f, obj) = (uint32_t)n;
	return 0;
}

static int put_word(const struct conf_field *f, void *obj, const json_t *v, struct conf_err *err)
{
	const char *word = json_is_string(v) ? json_string_value(v) : NULL;
	int64_t val;

	if (json_is_boolean(v) && f->type != CONF_F_WORD)
		word = json_is_true(v) ? "on" : "off";
	if (!word || !conf_field_word(f, word, &val))
		return wrong(f, v, err);
	conf_field_put_word(f, obj, val);
	return 0;
}

static int put_list(const struct conf_field *f, void *obj, const json_t *v, struct conf_err *err)
{
	size_t n = json_array_size(v);
	char **list;

	if (!json_is_array(v) || n < f->min || n > f->max)
		return wrong(f, v, err);
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(v, i)))
			return wrong(f, json_array_get(v, i), err);
	list = xcalloc(n, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = xstrdup(json_string_value(json_array_get(v, i)));
	conf_field_clear(f, obj);
	CONF_LIST(f, obj) = list;
	CONF_LIST_N(f, obj) = (unsigned int)n;
	return 0;
}

static int put(const struct conf_field *f, void *obj, const json_t *v, struct conf_err *err)
{
	if (json_is_null(v)) {
		if (f->flags & CONF_F_REQUIRED)
			return wrong(f, v, err);
		conf_field_clear(f, obj);
		return 0;
	}
	switch (f->type) {
	case CONF_F_STR:
		return put_str(f, obj, v, err);
	case CONF_F_NUM:
		return put_num(f, obj, v, err);
	case CONF_F_LIST:
		return put_list(f, obj, v, err);
	default:
		return put_word(f, obj, v, err);
	}
}

/* `remote: A` is short for `remotes: [A]`. */
static int put_remote(const struct conf_kind *k, void *obj, const json_t *json, const json_t *v,
	struct conf_err *err)
{
	json_t *list;
	int ret;

	if (json_object_get(json, "remotes"))
		return conf_refuse(err, -EINVAL, "remote",
			"both remote and remotes are given; one of them is allowed");
	if (!json_is_string(v))
		return conf_refuse(err, -EINVAL, "remote", "remote: an address as text is allowed");
	list = json_pack("[s]", json_string_value(v));
	ret = put_list(conf_field_find(k, "remotes"), obj, list, err);
	json_decref(list);
	return ret;
}

int conf_json_merge(const struct conf_kind *k, void *obj, const json_t *json, struct conf_err *err)
{
	const char *key;
	json_t *v;

	/* jansson iterates over const objects through a non-const pointer; nothing is changed */
	json_object_foreach((json_t *)(uintptr_t)json, key, v) {
		const struct conf_field *f = conf_field_find(k, key);
		char keys[256];
		int ret;

		if (f) {
			ret = put(f, obj, v, err);
		} else if (k == &conf_kinds[CONF_TUNNEL] && !strcmp(key, "remote")) {
			ret = put_remote(k, obj, json, v, err);
		} else {
			conf_kind_keys(k, keys, sizeof(keys));
			ret = conf_refuse(err, -EINVAL, key,
				"unknown member '%.40s'; allowed are %s", key, keys);
		}
		if (ret)
			return ret;
	}
	return 0;
}

static json_t *get_list(const struct conf_field *f, const void *obj)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < CONF_LIST_N(f, obj); i++)
		json_array_append_new(list, json_string(CONF_LIST(f, obj)[i]));
	return list;
}

static json_t *get_num(const struct conf_field *f, const void *obj)
{
	uint32_t v = CONF_NUM(f, obj);

	if (!v && !(f->flags & CONF_F_REQUIRED))
		v = f->def;
	return v || (f->flags & CONF_F_REQUIRED) ? json_integer(v) : json_null();
}

static json_t *get_tri(const struct conf_field *f, const void *obj)
{
	int64_t v = conf_field_get_word(f, obj);

	if (v == CONF_DEFAULT)
		v = f->def;
	return v == CONF_DEFAULT ? json_null() : json_boolean(v == CONF_ON);
}

static json_t *get(const struct conf_field *f, const void *obj)
{
	const char *s;

	switch (f->type) {
	case CONF_F_STR:
		s = CONF_STR(f, obj) ? CONF_STR(f, obj) : f->def_str;
		return s ? json_string(s) : json_null();
	case CONF_F_NUM:
		return get_num(f, obj);
	case CONF_F_LIST:
		return get_list(f, obj);
	case CONF_F_TRI:
		return get_tri(f, obj);
	case CONF_F_BOOL:
		return json_boolean(conf_field_get_word(f, obj));
	default:
		return json_string(conf_field_word_of(f, conf_field_get_word(f, obj)));
	}
}

json_t *conf_json_object(const struct conf_kind *k, const void *obj)
{
	json_t *json = json_object();

	for (const struct conf_field *f = k->fields; f->key; f++)
		json_object_set_new(json, f->key, get(f, obj));
	return json;
}
