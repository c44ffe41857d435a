/* SPDX-License-Identifier: BSD-3-Clause */
#include "measure.h"

#include <rte_common.h>

#include "clock.h"

#define ROUNDS_MAX 512
#define REPS_MAX   64
#define WARM_UP	   2

const char *measure_check(struct impl *im)
{
	const uint64_t t = clock_ticks();
	const char *why;

	if (!im->check)
		return NULL;
	if (im->lay)
		im->lay(im->job);
	why = im->check(im->job, &im->n_out);
	if (im->drop)
		im->drop(im->job);
	im->check_ticks = clock_ticks() - t;
	return why;
}

static uint64_t round_ticks(const struct impl *im)
{
	uint64_t t;

	if (im->lay)
		im->lay(im->job);
	t = clock_ticks();
	im->run(im->job);
	t = clock_ticks() - t;
	if (im->drop)
		im->drop(im->job);
	return t > clock_info.overhead ? t - clock_info.overhead : 0;
}

/* How many rounds of all implementations fit into a repetition. */
static uint32_t rounds_fit(const struct contest *c, const struct measure_opts *o)
{
	const double rep_ticks = o->seconds * 1e9 / o->reps * clock_info.ticks_per_ns;
	uint64_t ticks = 0;

	if (o->rounds)
		return RTE_MIN(o->rounds, (uint32_t)ROUNDS_MAX);
	for (unsigned int i = 0; i < c->n_impls; i++)
		ticks += c->impl[i].check_ticks;
	if ((double)ticks > rep_ticks)
		return 1; /* the check was a round, and warm-up enough */
	for (unsigned int warm = 0; warm < WARM_UP; warm++) {
		const uint64_t t = clock_ticks();

		for (unsigned int i = 0; i < c->n_impls; i++)
			round_ticks(&c->impl[i]);
		ticks = clock_ticks() - t;
	}
	return (uint32_t)RTE_MIN(RTE_MAX(rep_ticks / (double)ticks, 1.0), (double)ROUNDS_MAX);
}

void measure(const struct contest *c, const struct measure_opts *o, struct stats out[CONTEST_IMPLS])
{
	static double round[CONTEST_IMPLS][ROUNDS_MAX], rep[CONTEST_IMPLS][REPS_MAX];
	const uint32_t n_reps = RTE_MIN(o->reps, (uint32_t)REPS_MAX);
	const uint32_t n_rounds = rounds_fit(c, o);

	for (uint32_t r = 0; r < n_reps; r++) {
		for (uint32_t k = 0; k < n_rounds; k++)
			for (unsigned int i = 0; i < c->n_impls; i++)
				round[i][k] = (double)round_ticks(&c->impl[i]) / c->n_units;
		for (unsigned int i = 0; i < c->n_impls; i++)
			rep[i][r] = stats_of(round[i], n_rounds).median;
	}
	for (unsigned int i = 0; i < c->n_impls; i++)
		out[i] = stats_of(rep[i], n_reps);
}
