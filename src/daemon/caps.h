/* SPDX-License-Identifier: BSD-3-Clause */
/* Capabilities: have what is needed, give up the rest. Called once, before any thread exists. */
#ifndef CVSW_DAEMON_CAPS_H
#define CVSW_DAEMON_CAPS_H

#include <stdbool.h>

#include "dp/conf.h"

/* Refuse (-EPERM, @err names what is missing) unless CAP_NET_ADMIN, CAP_NET_RAW and, if @c wants
 * it, SYS_ADMIN are there. */
int caps_check(const struct conf *c, struct conf_err *err);
/* Does @c need CAP_SYS_ADMIN, to make interfaces in network namespaces? */
bool caps_wants_netns(const struct conf *c);
/*
 * Keep CAP_NET_ADMIN and CAP_NET_RAW, with @netns CAP_SYS_ADMIN too; nothing else, for good: the
 * bounding set is emptied where that is permitted, and no new privileges can be gained.
 */
int caps_drop(bool netns, struct conf_err *err);

#endif
