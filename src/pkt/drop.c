/* SPDX-License-Identifier: BSD-3-Clause */
/* Names and help of the drop reasons, lower case as users see them. */
#include "pkt/drop.h"

#include <ctype.h>
#include <pthread.h>
#include <stddef.h>

static const struct {
	const char *name, *help;
} reasons[DROP_N_REASONS] = {
#define DROP(name, help) { #name, help },
#include "pkt/drop.def"
#undef DROP
};

static char names[DROP_N_REASONS][40];
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static void make_names(void)
{
	for (unsigned int r = 0; r < DROP_N_REASONS; r++)
		for (size_t i = 0; reasons[r].name[i] && i < sizeof(names[r]) - 1; i++)
			names[r][i] = (char)tolower((unsigned char)reasons[r].name[i]);
}

const char *drop_reason_name(enum drop_reason r)
{
	pthread_once(&names_once, make_names);
	return r < DROP_N_REASONS ? names[r] : "unknown";
}

const char *drop_reason_help(enum drop_reason r)
{
	return r < DROP_N_REASONS ? reasons[r].help : "";
}
