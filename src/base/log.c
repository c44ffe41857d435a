/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static enum log_level max_level = LOG_LVL_INFO;

void log_set_level(enum log_level max)
{
	max_level = max;
}

void log_printf(enum log_level level, const char *fmt, ...)
{
	static const char *const words[] = {
		[LOG_LVL_ERR] = "error: ", [LOG_LVL_WARN] = "warning: "
	};
	char line[1024];
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* one call, so that lines of several threads do not mix */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "cvswd: %s%s\n", level <= LOG_LVL_WARN ? words[level] : "", line);
}
