/* SPDX-License-Identifier: BSD-3-Clause */
/* One contest of GRO, and the implementations that take part: gro.c, gro_cvsw.c, gro_rte.c. */
#ifndef CVSW_BENCH_GRO_H
#define CVSW_BENCH_GRO_H

#include "packets.h"

struct gro_job {
	struct packets pk;
	/* cvsw */
	struct gro *gro;
	struct pkt_list out;
	/* rte: @lot is the array that its functions work on, the rest is what came out of it */
	void *ctx;
	uint64_t gro_type;
	struct rte_mbuf **lot;
	struct rte_mbuf **rte_out;
	uint32_t n_rte_out;
	/* memcpy */
	uint8_t *copy;
};

/* Make their engines for j->pk; free them. */
void gro_cvsw_open(struct gro_job *j, struct contest *c);
void gro_cvsw_close(struct gro_job *j);
void gro_rte_open(struct gro_job *j, struct contest *c);
void gro_rte_close(struct gro_job *j);

#endif
