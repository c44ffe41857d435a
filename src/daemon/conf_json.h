/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration objects as JSON, by the field tables. */
#ifndef CVSW_DAEMON_CONF_JSON_H
#define CVSW_DAEMON_CONF_JSON_H

#include <jansson.h>

#include "dp/conf_fields.h"

/*
 * Put the members of @json over @obj (zeroed for a new object, a copy of the running one for
 * `set`); null puts a member back to its default.  0, or -EINVAL with @err filled: a member is
 * unknown or has the wrong type.
 */
int conf_json_merge(const struct conf_kind *k, void *obj, const json_t *json, struct conf_err *err);

/* All settings of @obj, defaults written out where they are known; new reference. */
json_t *conf_json_object(const struct conf_kind *k, const void *obj);

#endif
