/* SPDX-License-Identifier: BSD-3-Clause */
/* Copy, clear and compare configuration objects, all by the tables of conf_fields.c. */
#include "dp/conf_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void conf_field_clear(const struct conf_field *f, void *obj)
{
	switch (f->type) {
	case CONF_F_STR:
		free(CONF_STR(f, obj));
		CONF_STR(f, obj) = NULL;
		break;
	case CONF_F_LIST:
		for (unsigned int i = 0; i < CONF_LIST_N(f, obj); i++)
			free(CONF_LIST(f, obj)[i]);
		free(CONF_LIST(f, obj));
		CONF_LIST(f, obj) = NULL;
		CONF_LIST_N(f, obj) = 0;
		break;
	case CONF_F_NUM:
		CONF_NUM(f, obj) = 0;
		break;
	default:
		conf_field_put_word(f, obj, 0);
		break;
	}
}

void conf_obj_clear(const struct conf_kind *k, void *obj)
{
	for (const struct conf_field *f = k->fields; f->key; f++)
		conf_field_clear(f, obj);
	memset(obj, 0, k->size);
}

static void list_copy(const struct conf_field *f, void *dst, const void *src)
{
	unsigned int n = CONF_LIST_N(f, src);

	CONF_LIST(f, dst) = NULL;
	if (!n)
		return;
	CONF_LIST(f, dst) = xcalloc(n, sizeof(char *));
	for (unsigned int i = 0; i < n; i++)
		CONF_LIST(f, dst)[i] = xstrdup_null(CONF_LIST(f, src)[i]);
}

void conf_obj_copy(const struct conf_kind *k, void *dst, const void *src)
{
	memcpy(dst, src, k->size);
	for (const struct conf_field *f = k->fields; f->key; f++) {
		if (f->type == CONF_F_STR)
			CONF_STR(f, dst) = xstrdup_null(CONF_STR(f, src));
		else if (f->type == CONF_F_LIST)
			list_copy(f, dst, src);
	}
}

bool conf_field_is_default(const struct conf_field *f, const void *obj)
{
	if (f->flags & CONF_F_REQUIRED)
		return false;
	switch (f->type) {
	case CONF_F_STR:
		return !CONF_STR(f, obj) || (f->def_str && !strcmp(CONF_STR(f, obj), f->def_str));
	case CONF_F_LIST:
		return CONF_LIST_N(f, obj) == 0;
	case CONF_F_NUM:
		return CONF_NUM(f, obj) == 0 || CONF_NUM(f, obj) == f->def;
	case CONF_F_TRI:
		return conf_field_get_word(f, obj) == CONF_DEFAULT ||
		       conf_field_get_word(f, obj) == (int64_t)f->def;
	default:
		return conf_field_get_word(f, obj) == 0;
	}
}

static bool str_equal(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool list_equal(const struct conf_field *f, const void *a, const void *b)
{
	if (CONF_LIST_N(f, a) != CONF_LIST_N(f, b))
		return false;
	for (unsigned int i = 0; i < CONF_LIST_N(f, a); i++)
		if (!str_equal(CONF_LIST(f, a)[i], CONF_LIST(f, b)[i]))
			return false;
	return true;
}

bool conf_field_equal(const struct conf_field *f, const void *a, const void *b)
{
	bool a_def = conf_field_is_default(f, a), b_def = conf_field_is_default(f, b);

	if (a_def || b_def)
		return a_def == b_def;
	switch (f->type) {
	case CONF_F_STR:
		return str_equal(CONF_STR(f, a), CONF_STR(f, b));
	case CONF_F_LIST:
		return list_equal(f, a, b);
	case CONF_F_NUM:
		return CONF_NUM(f, a) == CONF_NUM(f, b);
	default:
		return conf_field_get_word(f, a) == conf_field_get_word(f, b);
	}
}

bool conf_obj_equal(const struct conf_kind *k, const void *a, const void *b)
{
	for (const struct conf_field *f = k->fields; f->key; f++)
		if (!conf_field_equal(f, a, b))
			return false;
	return true;
}

void *conf_list(const struct conf_kind *k, const struct conf *c)
{
	char *at = (char *)(uintptr_t)c + k->list_off;

	return k == &conf_kinds[CONF_DAEMON] ? (void *)at : *(void **)at;
}

unsigned int conf_count(const struct conf_kind *k, const struct conf *c)
{
	return k == &conf_kinds[CONF_DAEMON] ? 1
					     : *(const unsigned int *)((const char *)c + k->n_off);
}

void *conf_at(const struct conf_kind *k, const struct conf *c, unsigned int i)
{
	return (char *)conf_list(k, c) + i * k->size;
}

const char *conf_obj_name(const void *obj)
{
	return *(char *const *)obj;
}

void *conf_find(const struct conf_kind *k, const struct conf *c, const char *name)
{
	for (unsigned int i = 0; i < conf_count(k, c); i++) {
		void *obj = conf_at(k, c, i);

		if (conf_obj_name(obj) && !strcmp(conf_obj_name(obj), name))
			return obj;
	}
	return NULL;
}

void conf_append(const struct conf_kind *k, struct conf *c, const void *obj)
{
	void **list = (void **)((char *)c + k->list_off);
	unsigned int *n = (unsigned int *)((char *)c + k->n_off);

	*list = xreallocarray(*list, *n + 1, k->size);
	conf_obj_copy(k, (char *)*list + *n * k->size, obj);
	(*n)++;
}

void conf_bridge_clear(struct conf_bridge *b)
{
	conf_obj_clear(&conf_kinds[CONF_BRIDGE], b);
}

void conf_port_clear(struct conf_port *p)
{
	conf_obj_clear(&conf_kinds[CONF_PORT], p);
}

void conf_tunnel_clear(struct conf_tunnel *t)
{
	conf_obj_clear(&conf_kinds[CONF_TUNNEL], t);
}

void conf_clear(struct conf *c)
{
	for (int id = CONF_DAEMON; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];

		for (unsigned int i = 0; i < conf_count(k, c); i++)
			conf_obj_clear(k, conf_at(k, c, i));
		if (id != CONF_DAEMON)
			free(conf_list(k, c));
	}
	memset(c, 0, sizeof(*c));
}

void conf_bridge_copy(struct conf_bridge *dst, const struct conf_bridge *src)
{
	conf_obj_copy(&conf_kinds[CONF_BRIDGE], dst, src);
}

void conf_port_copy(struct conf_port *dst, const struct conf_port *src)
{
	conf_obj_copy(&conf_kinds[CONF_PORT], dst, src);
}

void conf_tunnel_copy(struct conf_tunnel *dst, const struct conf_tunnel *src)
{
	conf_obj_copy(&conf_kinds[CONF_TUNNEL], dst, src);
}

void conf_daemon_copy(struct conf_daemon *dst, const struct conf_daemon *src)
{
	conf_obj_copy(&conf_kinds[CONF_DAEMON], dst, src);
}
