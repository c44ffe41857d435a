/* SPDX-License-Identifier: BSD-3-Clause */
/* One contest of GSO, and the implementations that take part: gso.c, gso_cvsw.c, gso_rte.c. */
#ifndef CVSW_BENCH_GSO_H
#define CVSW_BENCH_GSO_H

#include <rte_gso.h>

#include "supers.h"

struct gso_job {
	struct supers s;
	/* cvsw: one of its ways to segment */
	int (*cut)(struct rte_mbuf *m, struct pkt_list *out);
	/* rte */
	struct rte_gso_ctx ctx;
	struct rte_mbuf **segs;
	/* memcpy */
	uint8_t *copy;
};

/* @m with checksums done in @segs (its array), which returns how many; 0: refused, @m as it was. */
uint32_t gso_rte_segment(struct gso_job *j, struct rte_mbuf *m);

void gso_cvsw_open(struct gso_job *j, struct contest *c);
void gso_rte_open(struct gso_job *j, struct contest *c);
void gso_rte_close(struct gso_job *j);

#endif
