/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of bench-micro. */
#ifndef CVSW_BENCH_OPTIONS_H
#define CVSW_BENCH_OPTIONS_H

#include <stdbool.h>

#include "measure.h"

struct options {
	struct measure_opts measure;
	uint32_t burst, per_flow;
	const char *only; /* fnmatch pattern of bench/case/flows/seg */
	const char *json;
	int cpu; /* -1: any */
	bool quick, list, progress;
};

/* Exits on --help and on what is wrong. */
void options_parse(struct options *o, int argc, char **argv);

#endif
