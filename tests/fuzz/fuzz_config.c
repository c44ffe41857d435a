/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bytes as a configuration file: refused with a line, or loaded, saved and loaded again to the
 * same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "dp/conf_fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct conf *a)
{
	char *yaml = config_to_yaml(a);
	struct conf_err err;
	struct conf b;

	assert(!config_load_text("saved", yaml, strlen(yaml), &b, &err));
	for (int id = 0; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];

		assert(conf_count(k, a) == conf_count(k, &b));
		for (unsigned int i = 0; i < conf_count(k, a); i++)
			assert(conf_obj_equal(k, conf_at(k, a, i), conf_at(k, &b, i)));
	}
	conf_clear(&b);
	free(yaml);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_err err;
	struct conf c;

	if (config_load_text("f", (const char *)data, size, &c, &err)) {
		assert(!strncmp(err.text, "f:", 2) && strlen(err.text) > 5);
		return 0;
	}
	check_round_trip(&c);
	conf_clear(&c);
	return 0;
}
