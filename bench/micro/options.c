/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: bench-micro [OPTION]...        (bench/micro/run is the command for people)\n"
	"  --only PATTERN  cases whose bench/case/flows/seg matches, as 'gro/vxlan*/1/1448'\n"
	"  --list          print those, and measure nothing\n"
	"  --reps N        repetitions (5)\n"
	"  --seconds S     for each case, all implementations and repetitions (0.3)\n"
	"  --burst N       packets of a burst; with one flow the engine is flushed after each "
	"(32)\n"
	"  --per-flow N    with more flows: packets of each between two flushes (4)\n"
	"  --cpu N         run on this CPU\n"
	"  --json FILE     where the results go (-: standard output)\n"
	"  --progress      a line on standard error before each case\n"
	"  --quick         every row once, at most 100 flows: to see that it works, not how fast\n";

enum {
	O_ONLY = 1,
	O_LIST,
	O_REPS,
	O_SECONDS,
	O_BURST,
	O_PER_FLOW,
	O_CPU,
	O_JSON,
	O_PROGRESS,
	O_QUICK,
	O_HELP
};

static const struct option longs[] = {
	{ "only", required_argument, NULL, O_ONLY },
	{ "list", no_argument, NULL, O_LIST },
	{ "reps", required_argument, NULL, O_REPS },
	{ "seconds", required_argument, NULL, O_SECONDS },
	{ "burst", required_argument, NULL, O_BURST },
	{ "per-flow", required_argument, NULL, O_PER_FLOW },
	{ "cpu", required_argument, NULL, O_CPU },
	{ "json", required_argument, NULL, O_JSON },
	{ "progress", no_argument, NULL, O_PROGRESS },
	{ "quick", no_argument, NULL, O_QUICK },
	{ "help", no_argument, NULL, O_HELP },
	{ 0 },
};

/* A number of [min, max], or the end. */
static double number(const char *name, const char *text, double min, double max)
{
	char *end;
	const double v = strtod(text, &end);

	if (end == text || *end || !(v >= min && v <= max)) {
		fprintf(stderr, "bench-micro: --%s %s: should be a number from %g to %g\n", name,
			text, min, max);
		exit(2);
	}
	return v;
}

static void one(struct options *o, int opt, const char *name)
{
	switch (opt) {
	case O_ONLY:
		o->only = optarg;
		break;
	case O_LIST:
		o->list = true;
		break;
	case O_REPS:
		o->measure.reps = (uint32_t)number(name, optarg, 1, 64);
		break;
	case O_SECONDS:
		o->measure.seconds = number(name, optarg, 0.001, 3600);
		break;
	case O_BURST: /* more than 128 rte_gro cannot take at once */
		o->burst = (uint32_t)number(name, optarg, 1, 128);
		break;
	case O_PER_FLOW:
		o->per_flow = (uint32_t)number(name, optarg, 1, 64);
		break;
	case O_CPU:
		o->cpu = (int)number(name, optarg, 0, 1023);
		break;
	case O_JSON:
		o->json = optarg;
		break;
	case O_PROGRESS:
		o->progress = true;
		break;
	case O_QUICK:
		o->quick = true;
		o->measure.reps = o->measure.rounds = 1;
		break;
	case O_HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int opt, idx = 0;

	*o = (struct options){ .measure = { .reps = 5, .seconds = 0.3 },
		.burst = 32,
		.per_flow = 4,
		.only = "*",
		.json = "-",
		.cpu = -1 };
	while ((opt = getopt_long(argc, argv, "", longs, &idx)) != -1)
		one(o, opt, longs[idx].name);
	if (optind < argc) {
		fprintf(stderr, "bench-micro: %s: no such argument\n%s", argv[optind], usage);
		exit(2);
	}
}
