/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as lines to the control socket: a reply that is JSON, or none, and the switch stays
 * consistent. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/rpc.h"
#include "lib/fake_switch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_message(struct rpc *r, const char *msg, size_t n_bytes)
{
	size_t n_reply;
	char *reply = rpc_handle(r, msg, n_bytes, &n_reply);
	json_t *json;

	if (!reply)
		return;
	assert(n_reply == strlen(reply) && !strchr(reply, '\n'));
	json = json_loadb(reply, n_reply, 0, NULL);
	assert(json);
	json_decref(json);
	free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc r = { .sw = fake_sw_new() };
	const char *at = (const char *)data, *end = at + size;
	struct conf_err err;
	struct conf c;

	log_set_level(LOG_LVL_ERR);
	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t n_bytes = (size_t)((nl ? nl : end) - at);

		one_message(&r, at, n_bytes);
		at += n_bytes + 1;
	}
	/* nothing got in that the file would not be allowed to say */
	sw_conf_get(r.sw, &c);
	assert(!conf_check(&c, &err));
	conf_clear(&c);
	sw_destroy(r.sw);
	return 0;
}
