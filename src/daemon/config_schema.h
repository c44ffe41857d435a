/* SPDX-License-Identifier: BSD-3-Clause */
/* The field tables as a libcyaml schema, and libcyaml's refusals as sentences. Used by config.c
 * alone. */
#ifndef CVSW_DAEMON_CONFIG_SCHEMA_H
#define CVSW_DAEMON_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>

#include "daemon/yaml_doc.h"
#include "dp/conf.h"

/* What a tunnel looks like in the file: `remote: A` may stand for `remotes: [A]`. */
struct config_tunnel {
	struct conf_tunnel t;
	char *remote;
};

/* The file: as struct conf, but for the tunnels. */
struct config_file {
	struct conf_daemon daemon;
	struct conf_bridge *bridges;
	unsigned int n_bridges;
	struct conf_port *ports;
	unsigned int n_ports;
	struct config_tunnel *tunnels;
	unsigned int n_tunnels;
};

const cyaml_schema_value_t *config_schema(void);

/* What libcyaml said while it loaded: the log callback's context. */
struct config_trace {
	char first[256];   /* its first line: what is wrong */
	char path[10][32]; /* innermost first: "mtu", "[2]", "ports" */
	unsigned int n_path;
};

void config_trace_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args);
/* Fill @err with text and path. */
void config_trace_explain(const struct config_trace *t, cyaml_err_t code,
	const struct yaml_doc *doc, struct conf_err *err);

#endif
