/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: libyaml's events become a flat array of nodes in the order of the file, each
 * with its parent, so children stand behind parents.  Nothing recurses; depth, aliases and
 * documents are bounded as the events come in.
 */
#include "daemon/yaml_doc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/xalloc.h"

struct node {
	uint32_t parent; /* index; the root is its own */
	uint32_t idx;	 /* in a sequence */
	uint32_t line;
	bool is_map;
	uint32_t n_children;
	char *key;   /* in a mapping */
	char *value; /* scalar */
};

struct yaml_doc {
	struct node *nodes;
	uint32_t n, max;
};

/* Where the parser stands. */
struct walk {
	struct yaml_doc *d;
	uint32_t stack[YAML_DOC_MAX_DEPTH];
	unsigned int depth;
	char *key; /* of the value that comes next */
	size_t key_line;
	unsigned int n_docs;
	char *why;
	size_t why_size;
};

static int refuse(struct walk *w, const char *why)
{
	snprintf(w->why, w->why_size, "%s", why);
	return -1;
}

static uint32_t node_add(struct walk *w, size_t line)
{
	struct yaml_doc *d = w->d;
	struct node *n;

	if (d->n == d->max) {
		d->max = d->max ? d->max * 2 : 64;
		d->nodes = xreallocarray(d->nodes, d->max, sizeof(*d->nodes));
	}
	n = &d->nodes[d->n];
	memset(n, 0, sizeof(*n));
	n->line = (uint32_t)line;
	if (w->depth) {
		n->parent = w->stack[w->depth - 1];
		n->idx = d->nodes[n->parent].n_children++;
		n->key = w->key;
		if (n->key)
			n->line = (uint32_t)w->key_line;
		w->key = NULL;
	}
	return d->n++;
}

/* In a mapping a key is due first. */
static bool wants_key(const struct walk *w)
{
	return w->depth && !w->key && w->d->nodes[w->stack[w->depth - 1]].is_map;
}

static int on_scalar(struct walk *w, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t n = e->data.scalar.length;

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return refuse(
				w, "a value holds a control character; plain text is allowed");
	if (wants_key(w)) {
		w->key = xstrdup(s);
		w->key_line = e->start_mark.line + 1;
		return 0;
	}
	uint32_t at = node_add(w, e->start_mark.line + 1);

	w->d->nodes[at].value = xstrdup(s);
	return 0;
}

static int on_open(struct walk *w, const yaml_event_t *e)
{
	uint32_t at;

	if (wants_key(w))
		return refuse(
			w, "a list or mapping stands where a key should; a key is plain text");
	if (w->depth == YAML_DOC_MAX_DEPTH)
		return refuse(
			w, "values are nested too deeply; no setting is more than 4 levels deep");
	at = node_add(w, e->start_mark.line + 1);
	w->d->nodes[at].is_map = e->type == YAML_MAPPING_START_EVENT;
	w->stack[w->depth++] = at;
	return 0;
}

static int on_event(struct walk *w, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return w->n_docs++ ? refuse(w, "a second document starts here; one is allowed") : 0;
	case YAML_ALIAS_EVENT:
		return refuse(w, "aliases (*name) are not allowed; write the value itself");
	case YAML_SCALAR_EVENT:
		return on_scalar(w, e);
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return on_open(w, e);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		w->depth--;
		return 0;
	default:
		return 0;
	}
}

/*
 * libyaml tells either a line or, for bytes that are no text, an offset.  What is missing at the
 * end of the file, such as a bracket, is better looked for where it was opened.
 */
static size_t problem_line(
	const struct walk *w, const yaml_parser_t *p, const char *text, size_t n_bytes)
{
	size_t n_scan = p->error == YAML_READER_ERROR ? p->problem_offset : n_bytes, line = 1;

	for (size_t i = 0; i < n_scan && i < n_bytes; i++)
		line += text[i] == '\n';
	if (p->error == YAML_READER_ERROR)
		return line;
	if (p->problem_mark.line + 1 < line)
		return p->problem_mark.line + 1;
	if (p->context && p->context_mark.line < p->problem_mark.line)
		return p->context_mark.line + 1;
	if (w->depth)
		return w->d->nodes[w->stack[w->depth - 1]].line;
	return p->problem_mark.line + 1;
}

static void say_problem(struct walk *w, const yaml_parser_t *p, size_t line)
{
	char where[48] = "";

	if (p->error != YAML_READER_ERROR && p->problem_mark.line + 1 != line)
		snprintf(where, sizeof(where), "; noticed on line %zu", p->problem_mark.line + 1);
	snprintf(w->why, w->why_size, "not valid YAML: %s%s%s%s",
		p->problem ? p->problem : "cannot be read", p->context ? " " : "",
		p->context ? p->context : "", where);
}

static int walk_events(struct walk *w, const char *text, size_t n_bytes, size_t *line)
{
	yaml_event_type_t type = YAML_NO_EVENT;
	yaml_parser_t parser;
	int ret = 0;

	xcheck(yaml_parser_initialize(&parser) ? &parser : NULL);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n_bytes);
	while (!ret && type != YAML_STREAM_END_EVENT) {
		yaml_event_t e;

		if (!yaml_parser_parse(&parser, &e)) {
			*line = problem_line(w, &parser, text, n_bytes);
			say_problem(w, &parser, *line);
			ret = -1;
			break;
		}
		*line = e.start_mark.line + 1;
		ret = on_event(w, &e);
		type = e.type;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	return ret;
}

struct yaml_doc *yaml_doc_parse(
	const char *text, size_t n_bytes, size_t *line, char *why, size_t why_size)
{
	struct walk w = { .d = xcalloc(1, sizeof(*w.d)), .why = why, .why_size = why_size };
	int ret = walk_events(&w, text, n_bytes, line);

	free(w.key);
	if (!ret)
		return w.d;
	yaml_doc_free(w.d);
	return NULL;
}

void yaml_doc_free(struct yaml_doc *d)
{
	for (uint32_t i = 0; d && i < d->n; i++) {
		free(d->nodes[i].key);
		free(d->nodes[i].value);
	}
	if (d)
		free(d->nodes);
	free(d);
}

static const struct node *child(
	const struct yaml_doc *d, uint32_t parent, const char *key, size_t key_len, uint32_t idx)
{
	const struct node *found = NULL;

	for (uint32_t i = parent + 1; i < d->n; i++) {
		const struct node *n = &d->nodes[i];

		if (n->parent != parent)
			continue;
		if (key ? n->key && strlen(n->key) == key_len && !memcmp(n->key, key, key_len)
			: n->idx == idx)
			found = n;
	}
	return found;
}

/* Follow @path as far as it goes; @whole tells whether that was all of it. */
static const struct node *lookup(const struct yaml_doc *d, const char *path, bool *whole)
{
	const struct node *at = d->n ? &d->nodes[0] : NULL, *next;

	while (at && *path) {
		if (*path == '[') {
			next = child(d, (uint32_t)(at - d->nodes), NULL, 0,
				(uint32_t)strtoul(path + 1, NULL, 10));
			path += strcspn(path, "]");
			path += *path == ']';
		} else {
			path += *path == '.';
			next = child(d, (uint32_t)(at - d->nodes), path, strcspn(path, ".["), 0);
			path += strcspn(path, ".[");
		}
		if (!next)
			break;
		at = next;
		if (!*path) {
			*whole = true;
			return at;
		}
	}
	*whole = at && !*path && at == &d->nodes[0];
	return at;
}

size_t yaml_doc_line(const struct yaml_doc *d, const char *path)
{
	bool whole;
	const struct node *n = lookup(d, path, &whole);

	return n ? n->line : 1;
}

void yaml_doc_scalars(const struct yaml_doc *d, yaml_doc_cb *cb, void *arg)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->nodes[i].key && d->nodes[i].value &&
			cb(arg, d->nodes[i].key, d->nodes[i].value, d->nodes[i].line))
			return;
}

const char *yaml_doc_value(const struct yaml_doc *d, const char *path)
{
	bool whole;
	const struct node *n = lookup(d, path, &whole);

	return n && whole ? n->value : NULL;
}
