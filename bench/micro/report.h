/* SPDX-License-Identifier: BSD-3-Clause */
/* The results as JSON; the format is documented in bench/micro/run --help. */
#ifndef CVSW_BENCH_REPORT_H
#define CVSW_BENCH_REPORT_H

#include <stdbool.h>

#include "cases.h"
#include "measure.h"

struct report;

struct report *report_new(void);
/* What was the same for all rows: how it was measured. */
void report_about(struct report *r, const struct measure_opts *o, const struct point *pt, int cpu);
/* One row for each implementation, @stats in ticks a unit. */
void report_contest(struct report *r, const struct bench_case *bc, const struct point *pt,
	const struct contest *c, const struct stats *stats);
/* A row that is not there, and why. */
void report_refused(struct report *r, const struct bench_case *bc, const struct point *pt,
	const char *impl, const char *why);
/* To a file, or to standard output ("-"); false: it cannot be written.  Frees @r. */
bool report_end(struct report *r, const char *path);

#endif
