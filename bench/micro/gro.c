/* SPDX-License-Identifier: BSD-3-Clause */
/* GRO: packets in, a flush at the end of each window.  Making and freeing packets is not timed. */
#include "gro.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define COPY_ROOM 65536 /* where memcpy puts the bytes, again and again */

static void lay(void *job)
{
	packets_lay(&((struct gro_job *)job)->pk);
}

static void copy_run(void *job)
{
	struct gro_job *j = job;
	uint32_t pos = 0;

	for (uint32_t i = 0; i < j->pk.n; i++) {
		const struct rte_mbuf *m = j->pk.v[i];

		if (pos + m->data_len > COPY_ROOM)
			pos = 0;
		memcpy(j->copy + pos, rte_pktmbuf_mtod(m, const void *), m->data_len);
		pos += m->data_len;
	}
	__asm__ volatile("" ::"r"(j->copy) : "memory");
}

static void gro_close(void *job)
{
	struct gro_job *j = job;

	gro_cvsw_close(j);
	gro_rte_close(j);
	packets_free(&j->pk);
	free(j->copy);
	free(j);
}

void gro_open(const struct point *pt, struct contest *c)
{
	struct gro_job *j = xcalloc(1, sizeof(*j));

	packets_create(&j->pk, pt);
	j->copy = xcalloc(1, COPY_ROOM);
	*c = (struct contest){ .n_units = j->pk.n,
		.unit_bytes = pt->seg,
		.working_set = packets_working_set(&j->pk),
		.job = j,
		.close = gro_close };
	gro_cvsw_open(j, c);
	if (pt->proto->rte)
		gro_rte_open(j, c);
	contest_add(c, &(struct impl){ .name = "memcpy", .lay = lay, .run = copy_run });
}
