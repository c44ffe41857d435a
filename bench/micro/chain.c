/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What SCLP stands beside: a super-frame of the same payload through GSO at the sender and GRO at
 * the receiver, both timed, a frame being the unit.  Made of the two contests.
 */
#include "contest.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "frame.h"

#define N_FRAMES 6

/* One implementation's two halves. */
struct link {
	const struct impl *half[2];
};

struct chain {
	struct contest half[2]; /* gso, gro */
	struct link link[CONTEST_IMPLS];
};

static void lay(void *job)
{
	const struct link *l = job;

	for (unsigned int i = 0; i < 2; i++)
		if (l->half[i]->lay)
			l->half[i]->lay(l->half[i]->job);
}

static void run(void *job)
{
	const struct link *l = job;

	l->half[0]->run(l->half[0]->job);
	l->half[1]->run(l->half[1]->job);
}

static void drop(void *job)
{
	const struct link *l = job;

	for (unsigned int i = 0; i < 2; i++)
		if (l->half[i]->drop)
			l->half[i]->drop(l->half[i]->job);
}

static const char *check(void *job, uint32_t *n_out)
{
	const struct link *l = job;

	for (unsigned int i = 0; i < 2; i++) {
		const char *why = l->half[i]->check(l->half[i]->job, n_out);

		if (why)
			return why;
	}
	return NULL;
}

static void chain_close(void *job)
{
	struct chain *ch = job;

	ch->half[0].close(ch->half[0].job);
	ch->half[1].close(ch->half[1].job);
	free(ch);
}

static const struct impl *same_name(const struct contest *c, const char *name)
{
	for (unsigned int i = 0; i < c->n_impls; i++)
		if (!strcmp(c->impl[i].name, name))
			return &c->impl[i];
	return NULL;
}

void chain_open(const struct point *pt, struct contest *c)
{
	struct chain *ch = xcalloc(1, sizeof(*ch));
	struct point part = *pt;

	part.n_windows = N_FRAMES;
	part.burst = frame_plen_max(pt->proto) / pt->seg;
	gso_open(&part, &ch->half[0]);
	gro_open(&part, &ch->half[1]);
	*c = (struct contest){ .n_units = N_FRAMES,
		.unit_bytes = (double)part.burst * pt->seg,
		.working_set = ch->half[0].working_set + ch->half[1].working_set,
		.job = ch,
		.close = chain_close };
	for (unsigned int i = 0; i < ch->half[0].n_impls; i++) {
		const struct impl *gso = &ch->half[0].impl[i];
		const struct impl *gro = same_name(&ch->half[1], gso->name);

		if (gso->check && gro) {
			ch->link[i] = (struct link){ { gso, gro } };
			contest_add(c, &(struct impl){ .name = gso->name,
					       .job = &ch->link[i],
					       .lay = lay,
					       .run = run,
					       .drop = drop,
					       .check = check });
		} else {
			contest_add(c, gso); /* one copy of the frame, not one of each half */
		}
	}
}
