/* SPDX-License-Identifier: BSD-3-Clause */
/* Write a configuration as YAML, by the field tables.  libcyaml cannot leave out what is the
 * default, libyaml can. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "base/xalloc.h"
#include "daemon/config.h"
#include "dp/conf_fields.h"

struct out {
	yaml_emitter_t emitter;
	char *text;
	size_t n, max;
};

static int write_cb(void *arg, unsigned char *bytes, size_t n)
{
	struct out *o = arg;

	if (o->n + n + 1 > o->max) {
		o->max = (o->n + n + 1) * 2;
		o->text = xreallocarray(o->text, o->max, 1);
	}
	memcpy(o->text + o->n, bytes, n);
	o->n += n;
	o->text[o->n] = '\0';
	return 1;
}

/* The emitter fails only on wrong sequences of events, and on out of memory. */
static void emit(struct out *o, yaml_event_t *e, int made)
{
	xcheck(made && yaml_emitter_emit(&o->emitter, e) ? o : NULL);
}

static void emit_scalar(struct out *o, const char *s)
{
	yaml_event_t e;
	int made = yaml_scalar_event_initialize(&e, NULL, NULL, (const yaml_char_t *)s,
		(int)strlen(s), 1, 1, YAML_PLAIN_SCALAR_STYLE);

	emit(o, &e, made);
}

static void emit_map(struct out *o)
{
	yaml_event_t e;

	emit(o, &e,
		yaml_mapping_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
}

static void emit_map_end(struct out *o)
{
	yaml_event_t e;

	emit(o, &e, yaml_mapping_end_event_initialize(&e));
}

static void emit_list(struct out *o, yaml_sequence_style_t style)
{
	yaml_event_t e;

	emit(o, &e, yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, style));
}

static void emit_list_end(struct out *o)
{
	yaml_event_t e;

	emit(o, &e, yaml_sequence_end_event_initialize(&e));
}

static void emit_field(struct out *o, const struct conf_field *f, const void *obj)
{
	char num[16];

	emit_scalar(o, f->key);
	switch (f->type) {
	case CONF_F_STR:
		emit_scalar(o, CONF_STR(f, obj) ? CONF_STR(f, obj) : "");
		break;
	case CONF_F_NUM:
		snprintf(num, sizeof(num), "%u", CONF_NUM(f, obj));
		emit_scalar(o, num);
		break;
	case CONF_F_LIST:
		emit_list(o, YAML_FLOW_SEQUENCE_STYLE);
		for (unsigned int i = 0; i < CONF_LIST_N(f, obj); i++)
			emit_scalar(o, CONF_LIST(f, obj)[i]);
		emit_list_end(o);
		break;
	default:
		emit_scalar(o, conf_field_word_of(f, conf_field_get_word(f, obj)));
		break;
	}
}

static void emit_obj(struct out *o, const struct conf_kind *k, const void *obj)
{
	emit_map(o);
	for (const struct conf_field *f = k->fields; f->key; f++)
		if (!conf_field_is_default(f, obj))
			emit_field(o, f, obj);
	emit_map_end(o);
}

static void emit_section(struct out *o, const struct conf_kind *k, const struct conf *c)
{
	static const struct conf_daemon nothing;

	if (k == &conf_kinds[CONF_DAEMON]) {
		if (conf_obj_equal(k, &c->daemon, &nothing))
			return;
		emit_scalar(o, k->section);
		emit_obj(o, k, &c->daemon);
		return;
	}
	if (!conf_count(k, c))
		return;
	emit_scalar(o, k->section);
	emit_list(o, YAML_BLOCK_SEQUENCE_STYLE);
	for (unsigned int i = 0; i < conf_count(k, c); i++)
		emit_obj(o, k, conf_at(k, c, i));
	emit_list_end(o);
}

char *config_to_yaml(const struct conf *c)
{
	struct out o = { 0 };
	yaml_event_t e;

	xcheck(yaml_emitter_initialize(&o.emitter) ? &o : NULL);
	yaml_emitter_set_output(&o.emitter, write_cb, &o);
	yaml_emitter_set_width(&o.emitter, -1);
	emit(&o, &e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
	emit(&o, &e, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1));
	emit_map(&o);
	for (int id = 0; id < CONF_N_KINDS; id++)
		emit_section(&o, &conf_kinds[id], c);
	emit_map_end(&o);
	emit(&o, &e, yaml_document_end_event_initialize(&e, 1));
	emit(&o, &e, yaml_stream_end_event_initialize(&e));
	yaml_emitter_delete(&o.emitter);
	return o.text ? o.text : xstrdup("");
}

static int write_all(int fd, const char *text, size_t n_bytes)
{
	while (n_bytes) {
		ssize_t n = write(fd, text, n_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		n_bytes -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

/* The new name is on disk only when the directory is. */
static int sync_dir(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (fd < 0 || fsync(fd))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return ret;
}

/* Write a new file beside @path, with the permissions of the old one. */
static int write_temp(const char *path, char *temp, const char *text)
{
	struct stat st;
	int fd, ret;

	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fchmod(fd, stat(path, &st) ? 0640 : st.st_mode & 0777) ? -errno : 0;
	if (!ret)
		ret = write_all(fd, text, strlen(text));
	if (close(fd) && !ret)
		ret = -errno;
	if (ret)
		unlink(temp);
	return ret;
}

int config_save_file(const char *path, const struct conf *c, struct conf_err *err)
{
	/* what a link points to is replaced, not the link */
	char *real = realpath(path, NULL), *temp, *yaml = config_to_yaml(c);
	char *text = xasprintf("# written by `cvswctl config save`\n%s", yaml);
	int ret;

	if (!real)
		real = xstrdup(path);
	temp = xasprintf("%s.XXXXXX", real);
	ret = write_temp(real, temp, text);
	if (!ret && rename(temp, real)) {
		ret = -errno;
		unlink(temp);
	}
	if (!ret)
		ret = sync_dir(real);
	if (ret)
		conf_refuse(err, ret, "",
			"%s: cannot be written: %s; file and directory must be writable for the "
			"daemon",
			path, strerror(-ret));
	free(real);
	free(temp);
	free(text);
	free(yaml);
	return ret;
}
