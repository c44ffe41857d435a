/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration file: YAML in and out. Called by the main thread and by `cvswd --check`. */
#ifndef CVSW_DAEMON_CONFIG_H
#define CVSW_DAEMON_CONFIG_H

#include <stddef.h>

#include "dp/conf.h"

#define CONFIG_FILE_MAX (1024 * 1024)

/*
 * Read and check a configuration.  0 with @c filled (conf_clear() by the caller), or -errno with @c
 * empty and err->text being "FILE:LINE: what is wrong; what is allowed".
 */
int config_load_file(const char *path, struct conf *c, struct conf_err *err);
/* The same from memory; @path is for messages. */
int config_load_text(
	const char *path, const char *text, size_t n_bytes, struct conf *c, struct conf_err *err);

/* The switch refused an object: put the line of err->path ("ports[3]") in @path in front of
 * err->text. */
void config_locate(const char *path, struct conf_err *err);

/* @c as YAML that loads again to the same, without what is the default; heap memory. */
char *config_to_yaml(const struct conf *c);
/* Write @c to @path, wholly or not at all. */
int config_save_file(const char *path, const struct conf *c, struct conf_err *err);

#endif
