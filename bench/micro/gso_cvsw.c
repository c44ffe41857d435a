/* SPDX-License-Identifier: BSD-3-Clause */
#include "gso.h"

#include "offload/gso.h"
#include "offload/tx_prepare.h"

static void lay(void *job)
{
	supers_lay(&((struct gso_job *)job)->s);
}

static void drop(void *job)
{
	supers_drop(&((struct gso_job *)job)->s);
}

/* As a port has it done that can do nothing itself. */
static int cut_best(struct rte_mbuf *m, struct pkt_list *out)
{
	return tx_prepare(m, CAP_GSO, out);
}

static int cut_shared(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_paid_copying(m, 0, out);
}

static int cut_copied(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_paid_copying(m, UINT32_MAX, out);
}

static int cut_owed_shared(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_copying(m, 0, out);
}

static int cut_owed_copied(struct rte_mbuf *m, struct pkt_list *out)
{
	return gso_segment_copying(m, UINT32_MAX, out);
}

static int (*cut_of(uint32_t flags))(struct rte_mbuf *m, struct pkt_list *out)
{
	switch (flags & (ROW_OWED | ROW_SHARED | ROW_COPIED)) {
	case ROW_SHARED:
		return cut_shared;
	case ROW_COPIED:
		return cut_copied;
	case ROW_OWED | ROW_SHARED:
		return cut_owed_shared;
	case ROW_OWED | ROW_COPIED:
		return cut_owed_copied;
	default:
		return cut_best;
	}
}

static void run(void *job)
{
	struct gso_job *j = job;

	for (uint32_t i = 0; i < j->s.n; i++) {
		struct pkt_list out;
		struct rte_mbuf *m;

		pkt_list_init(&out);
		if (j->cut(j->s.v[i], &out))
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
	struct pkt_list out, paid;
	struct rte_mbuf *m;

	*n_out = 0;
	pkt_list_init(&out);
	if (j->cut(j->s.v[0], &out))
		return "refused to segment";
	j->s.v[0] = NULL;
	while ((m = pkt_list_pop(&out))) {
		pkt_list_init(&paid);
		if (tx_prepare(m, 0, &paid)) { /* what is still owed */
			why = "a segment came out that cannot be sent";
			pkt_done(m);
			continue;
		}
		m = pkt_list_pop(&paid);
		if (!why)
			why = supers_seg_check(&j->s, m, *n_out);
		++*n_out;
		pkt_done(m);
	}
	return !why && *n_out != j->s.n_segs ? "segments are missing" : why;
}

void gso_cvsw_open(struct gso_job *j, struct contest *c)
{
	j->cut = cut_of(j->s.pt.flags);
	contest_add(
		c, &(struct impl){
			   .name = "cvsw", .lay = lay, .run = run, .drop = drop, .check = check });
}
