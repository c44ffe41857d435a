/* SPDX-License-Identifier: BSD-3-Clause */
#include "gso.h"

#include "offload/tx_prepare.h"

static void lay(void *job)
{
	supers_lay(&((struct gso_job *)job)->s);
}

static void drop(void *job)
{
	supers_drop(&((struct gso_job *)job)->s);
}

static void run(void *job)
{
	struct gso_job *j = job;

	for (uint32_t i = 0; i < j->s.n; i++) {
		struct pkt_list out;
		struct rte_mbuf *m;

		pkt_list_init(&out);
		if (tx_prepare(j->s.v[i], CAP_GSO, &out))
			continue; /* check() has seen that it does not happen */
		j->s.v[i] = NULL;
		while ((m = pkt_list_pop(&out)))
			pkt_done(m);
	}
}

static const char *check(void *job, uint32_t *n_out)
{
	struct gso_job *j = job;
	const char *why = NULL;
	struct pkt_list out;
	struct rte_mbuf *m;

	*n_out = 0;
	pkt_list_init(&out);
	if (tx_prepare(j->s.v[0], CAP_GSO, &out))
		return "refused to segment";
	j->s.v[0] = NULL;
	while ((m = pkt_list_pop(&out))) {
		if (!why)
			why = supers_seg_check(&j->s, m, *n_out);
		++*n_out;
		pkt_done(m);
	}
	return !why && *n_out != j->s.n_segs ? "segments are missing" : why;
}

void gso_cvsw_open(struct gso_job *j, struct contest *c)
{
	(void)j;
	contest_add(
		c, &(struct impl){
			   .name = "cvsw", .lay = lay, .run = run, .drop = drop, .check = check });
}
