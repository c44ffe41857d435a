/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From one configuration to another, touching only what differs, wholly or not at all.  Startup is
 * the way from nothing to the file, reload from what runs to the file.
 */
#ifndef CVSW_DAEMON_APPLY_H
#define CVSW_DAEMON_APPLY_H

#include "dp/conf.h"
#include "dp/switch.h"

struct apply_count {
	unsigned int n_added, n_changed, n_removed;
};

/*
 * Bring @sw, which runs @old, to @new (both checked).  0 with @count filled, or -errno with @err
 * filled and @old running again; daemon settings that differ are refused, they need a restart.
 */
int apply_conf(struct sw *sw, const struct conf *old, const struct conf *new,
	struct apply_count *count, struct conf_err *err);

/* The first daemon setting that differs, or NULL. */
const char *apply_needs_restart(const struct conf_daemon *old, const struct conf_daemon *new);

/* sw_*_add, _set, _del by kind (CONF_BRIDGE to CONF_TUNNEL). */
int apply_add(struct sw *sw, int kind, const void *obj, struct conf_err *err);
int apply_set(struct sw *sw, int kind, const void *obj, struct conf_err *err);
int apply_del(struct sw *sw, int kind, const char *name, struct conf_err *err);

#endif
