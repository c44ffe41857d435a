/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GSO: one super-frame after the other is cut, all checksums are filled in, and the segments are
 * freed, as after their transmission.
 */
#include "gso.h"

#include <stdlib.h>

#include "base/xalloc.h"

static void lay(void *job)
{
	supers_lay(&((struct gso_job *)job)->s);
}

static void drop(void *job)
{
	supers_drop(&((struct gso_job *)job)->s);
}

static void copy_run(void *job)
{
	struct gso_job *j = job;

	for (uint32_t i = 0; i < j->s.n; i++) {
		pkt_copy_out(j->s.v[i], 0, j->s.v[i]->pkt_len, j->copy);
		__asm__ volatile("" ::"r"(j->copy) : "memory");
	}
}

static void gso_close(void *job)
{
	struct gso_job *j = job;

	gso_rte_close(j);
	free(j->copy);
	free(j);
}

void gso_open(const struct point *pt, struct contest *c)
{
	struct gso_job *j = xcalloc(1, sizeof(*j));

	supers_create(&j->s, pt);
	j->copy = xcalloc(1, sizeof(j->s.f.b));
	*c = (struct contest){ .n_units = j->s.n * j->s.n_segs,
		.unit_bytes = pt->seg,
		.working_set = (uint64_t)j->s.n * j->s.f.len,
		.job = j,
		.close = gso_close };
	gso_cvsw_open(j, c);
	/* how cvsw does it is no question to rte_gso */
	if (pt->proto->rte && !(pt->flags & (ROW_SHARED | ROW_COPIED)))
		gso_rte_open(j, c);
	contest_add(
		c, &(struct impl){ .name = "memcpy", .lay = lay, .run = copy_run, .drop = drop });
}
