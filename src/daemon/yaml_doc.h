/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A first look at a YAML file: is it one document of bounded depth without aliases, and on which
 * line is what? config.c runs it before libcyaml sees the bytes; it finds lines for refusals
 * afterwards.
 */
#ifndef CVSW_DAEMON_YAML_DOC_H
#define CVSW_DAEMON_YAML_DOC_H

#include <stddef.h>

#define YAML_DOC_MAX_DEPTH 8

struct yaml_doc;

/* Parse @n_bytes of @text.  NULL if that is not acceptable YAML: @line and @why (of @why_size) say
 * why. */
struct yaml_doc *yaml_doc_parse(
	const char *text, size_t n_bytes, size_t *line, char *why, size_t why_size);
void yaml_doc_free(struct yaml_doc *d);

/* Line of "ports[2].mtu", or of what comes nearest: its parent, at last the document.  The last of
 * equal keys. */
size_t yaml_doc_line(const struct yaml_doc *d, const char *path);
/* The scalar at exactly @path, or NULL. */
const char *yaml_doc_value(const struct yaml_doc *d, const char *path);
/* Each `key: scalar` in the order of the file, until @cb returns other than 0. */
typedef int yaml_doc_cb(void *arg, const char *key, const char *value, size_t line);
void yaml_doc_scalars(const struct yaml_doc *d, yaml_doc_cb *cb, void *arg);

#endif
