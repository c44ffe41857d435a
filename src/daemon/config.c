/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loading has four steps, each of which may refuse: the bytes (size, file), the document
 * (yaml_doc.c: depth, aliases), the schema (libcyaml: keys, types, words), the meaning
 * (conf_check).
 */
#include "daemon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "daemon/config_schema.h"
#include "daemon/yaml_doc.h"
#include "dp/conf_fields.h"

/* Put "FILE:LINE: " in front of what @err says. */
static int at_line(struct conf_err *err, int code, const char *path, size_t line)
{
	char text[sizeof(err->text)];

	memcpy(text, err->text, sizeof(text));
	snprintf(err->text, sizeof(err->text), "%.150s:%zu: %.*s", path, line,
		(int)sizeof(text) - 200, text);
	return code;
}

static void *mem(void *ctx, void *ptr, size_t size)
{
	(void)ctx;
	if (size)
		return xcheck(realloc(ptr, size));
	free(ptr);
	return NULL;
}

struct numbers {
	struct conf_err *err;
	size_t line; /* of the first wrong one, 0: none */
};

/* libcyaml takes "15x" for 15 and "010" for 8, and a 0 would silently mean "the default". */
static int check_number(void *arg, const char *key, const char *value, size_t line)
{
	struct numbers *n = arg;
	const struct conf_field *f = NULL;
	size_t n_digits = strspn(value, "0123456789");
	char allowed[128];

	for (int id = 0; id < CONF_N_KINDS && !f; id++)
		f = conf_field_find(&conf_kinds[id], key);
	if (!f || f->type != CONF_F_NUM)
		return 0;
	if (!value[n_digits] && (value[0] != '0' || (n_digits == 1 && f->min == 0)))
		return 0;
	conf_field_allowed(f, allowed, sizeof(allowed));
	conf_refuse(n->err, 0, "", "%s: '%.40s' is not valid; %s is allowed", key, value, allowed);
	n->line = line;
	return 1;
}

/* Move one tunnel out of its form in the file. */
static int take_tunnel(
	struct config_tunnel *from, unsigned int idx, struct conf_tunnel *to, struct conf_err *err)
{
	char path[32];

	*to = from->t;
	memset(&from->t, 0, sizeof(from->t));
	if (!from->remote)
		return 0;
	if (to->n_remotes) {
		snprintf(path, sizeof(path), "tunnels[%u].remote", idx);
		free(from->remote);
		from->remote = NULL;
		return conf_refuse(err, -EINVAL, path,
			"%s: both remote and remotes are given; one of them is allowed", path);
	}
	to->remotes = xcalloc(1, sizeof(char *));
	to->remotes[0] = from->remote;
	to->n_remotes = 1;
	from->remote = NULL;
	return 0;
}

/* Move everything from @f, which is freed, to @c. */
static int take_file(struct config_file *f, struct conf *c, struct conf_err *err)
{
	int ret = 0;

	c->daemon = f->daemon;
	c->bridges = f->bridges;
	c->n_bridges = f->n_bridges;
	c->ports = f->ports;
	c->n_ports = f->n_ports;
	c->n_tunnels = f->n_tunnels;
	c->tunnels = xcalloc(f->n_tunnels, sizeof(*c->tunnels));
	for (unsigned int i = 0; i < f->n_tunnels; i++) {
		int one = take_tunnel(&f->tunnels[i], i, &c->tunnels[i], ret ? NULL : err);

		ret = ret ? ret : one;
	}
	free(f->tunnels);
	free(f);
	return ret;
}

static int load_schema(const char *text, size_t n_bytes, const struct yaml_doc *doc, struct conf *c,
	struct conf_err *err)
{
	struct config_trace trace = { 0 };
	const cyaml_config_t cfg = {
		.log_fn = config_trace_log,
		.log_ctx = &trace,
		.mem_fn = mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	struct config_file *file = NULL;
	cyaml_err_t code;

	code = cyaml_load_data(
		(const uint8_t *)text, n_bytes, &cfg, config_schema(), (void **)&file, NULL);
	if (code != CYAML_OK) {
		config_trace_explain(&trace, code, doc, err);
		return -EINVAL;
	}
	return file ? take_file(file, c, err) : 0;
}

int config_load_text(
	const char *path, const char *text, size_t n_bytes, struct conf *c, struct conf_err *err)
{
	struct numbers numbers = { .err = err };
	struct yaml_doc *doc;
	size_t line = 1;
	int ret;

	memset(c, 0, sizeof(*c));
	memset(err, 0, sizeof(*err));
	if (n_bytes > CONFIG_FILE_MAX) {
		conf_refuse(err, 0, "", "the file has more than %d bytes; smaller ones are allowed",
			CONFIG_FILE_MAX);
		return at_line(err, -EFBIG, path, line);
	}
	doc = yaml_doc_parse(text, n_bytes, &line, err->text, sizeof(err->text));
	if (!doc)
		return at_line(err, -EINVAL, path, line);
	ret = load_schema(text, n_bytes, doc, c, err);
	if (!ret) {
		yaml_doc_scalars(doc, check_number, &numbers);
		ret = numbers.line ? -EINVAL : conf_check(c, err);
	}
	if (ret) {
		at_line(err, ret, path,
			numbers.line ? numbers.line : yaml_doc_line(doc, err->path));
		conf_clear(c);
	}
	yaml_doc_free(doc);
	return ret;
}

static int read_all(int fd, char *buf, size_t max, size_t *n_bytes)
{
	ssize_t n;

	*n_bytes = 0;
	do {
		n = read(fd, buf + *n_bytes, max - *n_bytes);
		if (n < 0 && errno != EINTR)
			return -errno;
		*n_bytes += n > 0 ? (size_t)n : 0;
	} while (n != 0 && *n_bytes < max);
	return 0;
}

/* The bytes of @path, at most one more than is allowed; NULL with *ret and @err set. */
static char *read_file(const char *path, size_t *n_bytes, int *ret, struct conf_err *err)
{
	/* a pipe or device could block the main thread for ever */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text;

	if (fd < 0) {
		*ret = conf_refuse(
			err, -errno, "", "%s: cannot be opened: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || S_ISDIR(st.st_mode)) {
		close(fd);
		*ret = conf_refuse(
			err, -EISDIR, "", "%s: is a directory; a YAML file is needed", path);
		return NULL;
	}
	text = xmalloc(CONFIG_FILE_MAX + 1);
	*ret = read_all(fd, text, CONFIG_FILE_MAX + 1, n_bytes);
	close(fd);
	if (!*ret)
		return text;
	conf_refuse(err, *ret, "", "%s: cannot be read: %s", path, strerror(-*ret));
	free(text);
	return NULL;
}

int config_load_file(const char *path, struct conf *c, struct conf_err *err)
{
	size_t n_bytes;
	char *text;
	int ret;

	memset(c, 0, sizeof(*c));
	text = read_file(path, &n_bytes, &ret, err);
	if (text)
		ret = config_load_text(path, text, n_bytes, c, err);
	free(text);
	return ret;
}

void config_locate(const char *path, struct conf_err *err)
{
	size_t n_bytes, line;
	struct yaml_doc *doc;
	char *text, why[8];
	int ret;

	if (!err->path[0])
		return;
	text = read_file(path, &n_bytes, &ret, NULL);
	doc = text ? yaml_doc_parse(text, n_bytes, &line, why, sizeof(why)) : NULL;
	if (doc)
		at_line(err, 0, path, yaml_doc_line(doc, err->path));
	yaml_doc_free(doc);
	free(text);
}
