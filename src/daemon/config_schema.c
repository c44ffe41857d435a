/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/config_schema.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp/conf_fields.h"

#define MAX_FIELDS 24
#define MAX_WORDS  8

static const cyaml_schema_value_t string_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, 256),
};

static cyaml_schema_field_t fields[CONF_N_KINDS][MAX_FIELDS];
static cyaml_strval_t words[CONF_N_KINDS][MAX_FIELDS][MAX_WORDS];
static cyaml_schema_value_t objects[CONF_N_KINDS];
static cyaml_schema_field_t top_fields[CONF_N_KINDS + 1];
static cyaml_schema_value_t top;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static unsigned int fill_words(const struct conf_word *from, cyaml_strval_t *to)
{
	unsigned int n = 0;

	for (; from[n].word && n < MAX_WORDS; n++)
		to[n] = (cyaml_strval_t){ .str = from[n].word, .val = from[n].val };
	return n;
}

static void fill_value(const struct conf_field *f, cyaml_strval_t *strs, cyaml_schema_field_t *to)
{
	cyaml_schema_value_t *v = &to->value;

	switch (f->type) {
	case CONF_F_STR:
		*v = string_value;
		break;
	case CONF_F_NUM:
		*v = (cyaml_schema_value_t){ CYAML_VALUE_UINT(0, uint32_t) };
		break;
	case CONF_F_LIST:
		to->count_offset = (uint32_t)f->n_off;
		to->count_size = sizeof(unsigned int);
		*v = (cyaml_schema_value_t){
			CYAML_VALUE_SEQUENCE(
				CYAML_FLAG_POINTER, char *, &string_value, f->min, f->max),
		};
		break;
	default:
		*v = (cyaml_schema_value_t){ CYAML_VALUE_ENUM(
			CYAML_FLAG_STRICT, int, strs, fill_words(f->words, strs)) };
		if (f->type == CONF_F_BOOL)
			v->data_size = sizeof(bool);
		break;
	}
	if (!(f->flags & CONF_F_REQUIRED))
		v->flags |= CYAML_FLAG_OPTIONAL;
}

static void fill_kind(enum conf_kind_id id)
{
	const struct conf_kind *k = &conf_kinds[id];
	unsigned int n = 0;

	for (; k->fields[n].key; n++) {
		fields[id][n].key = k->fields[n].key;
		fields[id][n].data_offset = (uint32_t)k->fields[n].off;
		fill_value(&k->fields[n], words[id][n], &fields[id][n]);
	}
	if (id == CONF_TUNNEL)
		fields[id][n] = (cyaml_schema_field_t)CYAML_FIELD_STRING_PTR("remote",
			CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER, struct config_tunnel, remote, 0,
			256);
	objects[id] = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
		0, struct conf_daemon, fields[id]) };
	objects[id].data_size = (uint32_t)(id == CONF_TUNNEL ? sizeof(struct config_tunnel)
							     : k->size);
}

static void build(void)
{
	for (int id = 0; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];
		cyaml_schema_field_t *f = &top_fields[id];

		fill_kind(id);
		f->key = k->section;
		f->data_offset = (uint32_t)k->list_off;
		if (id == CONF_DAEMON) {
			f->value = objects[id];
		} else {
			f->count_offset = (uint32_t)k->n_off;
			f->count_size = sizeof(unsigned int);
			f->value = (cyaml_schema_value_t){
				CYAML_VALUE_SEQUENCE(
					CYAML_FLAG_POINTER_NULL, char, &objects[id], 0, k->max),
			};
			f->value.data_size = objects[id].data_size;
		}
		f->value.flags |= CYAML_FLAG_OPTIONAL;
	}
	top = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(
		CYAML_FLAG_POINTER, struct config_file, top_fields) };
}

const cyaml_schema_value_t *config_schema(void)
{
	pthread_once(&once, build);
	return &top;
}

/*
 * libcyaml logs what is wrong, then a backtrace from the inside out, such as
 *	in mapping field 'mtu' (line: 3, column: 10)
 *	in sequence entry '1' (line: 2, column: 5)
 * Its lines are those of the value before, at times; only the path is used, and yaml_doc has the
 *line.
 */
void config_trace_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
	struct config_trace *t = ctx;
	char line[256];
	const char *quote, *end;

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	if (!t->first[0]) {
		snprintf(t->first, sizeof(t->first), "%s",
			strncmp(line, "Load: ", 6) ? line : line + 6);
		return;
	}
	quote = strchr(line, '\'');
	end = quote ? strchr(quote + 1, '\'') : NULL;
	if (strncmp(line, "  in ", 5) || !end || t->n_path == 10)
		return;
	if (strstr(line, "sequence entry"))
		snprintf(t->path[t->n_path++], sizeof(t->path[0]), "[%lu]",
			strtoul(quote + 1, NULL, 10) - 1);
	else
		snprintf(t->path[t->n_path++], sizeof(t->path[0]), "%.*s", (int)(end - quote - 1),
			quote + 1);
}

/* "tunnels[2].remotes[0]" of all but the innermost @skip parts. */
static void join_path(const struct config_trace *t, unsigned int skip, char *path, size_t path_size)
{
	size_t n = 0;

	path[0] = '\0';
	for (unsigned int i = t->n_path; i > skip && n < path_size; i--)
		n += (size_t)snprintf(path + n, path_size - n, "%s%s",
			n && t->path[i - 1][0] != '[' ? "." : "", t->path[i - 1]);
}

/* The table that the outermost part of the path names; NULL: the top level. */
static const struct conf_kind *kind_of(const struct config_trace *t)
{
	for (int id = 0; id < CONF_N_KINDS; id++)
		if (t->n_path && !strcmp(t->path[t->n_path - 1], conf_kinds[id].section))
			return &conf_kinds[id];
	return NULL;
}

static void explain_key(const struct config_trace *t, struct conf_err *err)
{
	const struct conf_kind *k = kind_of(t);
	char keys[256] = "daemon, bridges, ports, tunnels", where[64];
	const char *key = strchr(t->first, ':');

	key = key ? key + 2 : "";
	if (k)
		conf_kind_keys(k, keys, sizeof(keys));
	join_path(t, 0, where, sizeof(where));
	snprintf(err->path, sizeof(err->path), "%s%s%.20s", where, where[0] ? "." : "", key);
	snprintf(err->text, sizeof(err->text), "%s%sunknown key '%.40s'; allowed are %s", where,
		where[0] ? ": " : "", key, keys);
}

static void allowed_at(const struct config_trace *t, char *allowed, size_t allowed_size)
{
	const struct conf_kind *k = kind_of(t);
	const struct conf_field *f = NULL;

	for (unsigned int i = 0; k && !f && i < t->n_path; i++)
		f = conf_field_find(k, t->path[i]);
	if (f && t->path[0][0] == '[')
		snprintf(allowed, allowed_size, "an address");
	else if (f)
		conf_field_allowed(f, allowed, allowed_size);
	else if (t->n_path && k && k != &conf_kinds[CONF_DAEMON] && t->path[0][0] != '[')
		snprintf(allowed, allowed_size, "a list of %s, each with its keys behind \"- \"",
			k->section);
	else
		snprintf(allowed, allowed_size, "a mapping (key: value)");
}

static void explain_value(
	const struct config_trace *t, const struct yaml_doc *doc, struct conf_err *err)
{
	char allowed[200];
	const char *value;

	join_path(t, 0, err->path, sizeof(err->path));
	allowed_at(t, allowed, sizeof(allowed));
	value = yaml_doc_value(doc, err->path);
	if (value)
		snprintf(err->text, sizeof(err->text), "%s%s'%.40s' is not valid; %s is allowed",
			err->path, err->path[0] ? ": " : "", value, allowed);
	else
		snprintf(err->text, sizeof(err->text), "%s%sthis is not valid here; %s is allowed",
			err->path, err->path[0] ? ": " : "", allowed);
}

static void explain_missing(const struct config_trace *t, struct conf_err *err)
{
	const char *key = strchr(t->first, ':');
	unsigned int skip = 0;

	/* the innermost part is the field that was read last, if any was */
	while (skip < t->n_path && t->path[skip][0] != '[')
		skip++;
	join_path(t, skip < t->n_path ? skip : 0, err->path, sizeof(err->path));
	snprintf(err->text, sizeof(err->text), "%s: '%.20s' is missing; it is required", err->path,
		key ? key + 2 : "");
}

static void explain_count(const struct config_trace *t, struct conf_err *err)
{
	char allowed[200];
	unsigned int skip = t->n_path && t->path[0][0] == '[' ? 1 : 0;
	struct config_trace list = *t;
	const struct conf_kind *k = kind_of(t);

	join_path(t, skip, err->path, sizeof(err->path));
	memmove(list.path, list.path + skip, sizeof(list.path) - skip * sizeof(list.path[0]));
	list.n_path -= skip;
	if (list.n_path == 1 && k)
		snprintf(allowed, sizeof(allowed), "at most %u %s", k->max, k->section);
	else
		allowed_at(&list, allowed, sizeof(allowed));
	snprintf(err->text, sizeof(err->text),
		"%s: the number of entries is not valid; %s is allowed", err->path, allowed);
}

void config_trace_explain(const struct config_trace *t, cyaml_err_t code,
	const struct yaml_doc *doc, struct conf_err *err)
{
	switch (code) {
	case CYAML_ERR_INVALID_KEY:
		explain_key(t, err);
		return;
	case CYAML_ERR_INVALID_VALUE:
	case CYAML_ERR_STRING_LENGTH_MIN:
	case CYAML_ERR_STRING_LENGTH_MAX:
		explain_value(t, doc, err);
		return;
	case CYAML_ERR_MAPPING_FIELD_MISSING:
		explain_missing(t, err);
		return;
	case CYAML_ERR_SEQUENCE_ENTRIES_MIN:
	case CYAML_ERR_SEQUENCE_ENTRIES_MAX:
		explain_count(t, err);
		return;
	default:
		break;
	}
	join_path(t, 0, err->path, sizeof(err->path));
	if (strstr(t->first, "already seen"))
		snprintf(err->text, sizeof(err->text),
			"%s: this key was given before; once is allowed", err->path);
	else
		snprintf(err->text, sizeof(err->text), "%s%s%s", err->path,
			err->path[0] ? ": " : "", t->first[0] ? t->first : cyaml_strerror(code));
}
