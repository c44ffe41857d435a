/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Allocation for the control plane: out of memory ends the process, so callers need no error path.
 * Never used where packets are handled.
 */
#ifndef CVSW_BASE_XALLOC_H
#define CVSW_BASE_XALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *xcheck(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

static inline void *xmalloc(size_t n_bytes)
{
	return xcheck(malloc(n_bytes ? n_bytes : 1));
}

static inline void *xcalloc(size_t n, size_t size)
{
	return xcheck(calloc(n ? n : 1, size ? size : 1));
}

static inline void *xreallocarray(void *p, size_t n, size_t size)
{
	return xcheck(reallocarray(p, n ? n : 1, size ? size : 1));
}

static inline char *xstrdup(const char *s)
{
	return xcheck(strdup(s));
}

/* NULL stays NULL. */
static inline char *xstrdup_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static inline char *xstrndup(const char *s, size_t n)
{
	return xcheck(strndup(s, n));
}

__attribute__((format(printf, 1, 2))) static inline char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return xcheck(n < 0 ? NULL : s);
}

#endif
