/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every setting a user can write, once: name, type, range, default, help.  The YAML schema, JSON in
 * both directions, `set`, range checks, copies, comparison, the command line and its help are all
 * made from these tables, so a new setting is one member in conf.h and one line in conf_fields.c.
 */
#ifndef CVSW_DP_CONF_FIELDS_H
#define CVSW_DP_CONF_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dp/conf.h"

enum conf_ftype {
	CONF_F_STR,  /* char *; NULL: default */
	CONF_F_NUM,  /* uint32_t; 0: default, unless CONF_F_REQUIRED */
	CONF_F_WORD, /* an enum with a list of words */
	CONF_F_TRI,  /* enum conf_tri: on, off */
	CONF_F_BOOL, /* bool: on, off */
	CONF_F_LIST, /* char ** with an unsigned int count */
};

#define CONF_F_REQUIRED 1u /* has no default */
#define CONF_F_NUMERIC	2u /* a string that may also be written as a JSON number */
#define CONF_F_RESTART	4u /* only read when the daemon starts */
#define CONF_F_FIXED	8u /* `set` cannot change it: delete and add instead */

struct conf_word {
	const char *word; /* the first word of a value is the one that is shown */
	int64_t val;
};

struct conf_field {
	const char *key;
	enum conf_ftype type;
	unsigned int flags;
	size_t off;		/* of the member */
	size_t n_off;		/* CONF_F_LIST: of its count */
	uint32_t min, max, def; /* CONF_F_NUM; def also for CONF_F_TRI: what the default means, 0 if
				   it depends */
	const char *def_str;	/* CONF_F_STR: what the default means, or NULL */
	const struct conf_word *words; /* CONF_F_WORD, _TRI, _BOOL; ends with a NULL word */
	const char *help;
};

struct conf_kind {
	const char *name;		 /* "port" */
	const char *section;		 /* "ports": the key in the file */
	const struct conf_field *fields; /* ends with a NULL key */
	size_t size;
	size_t list_off, n_off; /* in struct conf; daemon: where it is, no count */
	unsigned int max;	/* objects */
	int (*check)(const void *obj, const char *path, struct conf_err *err);
};

enum conf_kind_id {
	CONF_DAEMON,
	CONF_BRIDGE,
	CONF_PORT,
	CONF_TUNNEL,
	CONF_N_KINDS
};
extern const struct conf_kind conf_kinds[CONF_N_KINDS];

const struct conf_field *conf_field_find(const struct conf_kind *k, const char *key);
/* Value of @word, or false if the field has no such word. */
bool conf_field_word(const struct conf_field *f, const char *word, int64_t *val);
/* The word of @val, or NULL. */
const char *conf_field_word_of(const struct conf_field *f, int64_t val);
/* The value of a CONF_F_WORD, _TRI or _BOOL member. */
int64_t conf_field_get_word(const struct conf_field *f, const void *obj);
void conf_field_put_word(const struct conf_field *f, void *obj, int64_t val);
/* "a number from 68 to 65521 (default 1500)": what the field takes. */
void conf_field_allowed(const struct conf_field *f, char *text, size_t text_size);
/* "name, type, bridge, ...": for refusals of unknown keys. */
void conf_kind_keys(const struct conf_kind *k, char *text, size_t text_size);

/* Member access by table. */
#define CONF_STR(f, obj)    (*(char **)((char *)(obj) + (f)->off))
#define CONF_NUM(f, obj)    (*(uint32_t *)((char *)(obj) + (f)->off))
#define CONF_LIST(f, obj)   (*(char ***)((char *)(obj) + (f)->off))
#define CONF_LIST_N(f, obj) (*(unsigned int *)((char *)(obj) + (f)->n_off))

/* Whole objects by kind; conf_port_clear() and friends are these. */
void conf_obj_clear(const struct conf_kind *k, void *obj);
void conf_obj_copy(const struct conf_kind *k, void *dst, const void *src);
void conf_field_clear(const struct conf_field *f, void *obj);
/* Is the member at its default, whether left out or written? */
bool conf_field_is_default(const struct conf_field *f, const void *obj);
/* Do both mean the same, defaults filled in? */
bool conf_field_equal(const struct conf_field *f, const void *a, const void *b);
bool conf_obj_equal(const struct conf_kind *k, const void *a, const void *b);

/* The objects of a kind inside a configuration. */
void *conf_list(const struct conf_kind *k, const struct conf *c);
unsigned int conf_count(const struct conf_kind *k, const struct conf *c);
void *conf_at(const struct conf_kind *k, const struct conf *c, unsigned int i);
/* Every named kind starts with `char *name`. */
const char *conf_obj_name(const void *obj);
void *conf_find(const struct conf_kind *k, const struct conf *c, const char *name);
/* The UDP port that a tunnel listens on and sends to, 0 if it uses none. */
uint32_t conf_tunnel_dstport(const struct conf_daemon *d, const struct conf_tunnel *t);
/* Append a copy of @obj. */
void conf_append(const struct conf_kind *k, struct conf *c, const void *obj);

#endif
