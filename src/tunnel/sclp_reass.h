/* SPDX-License-Identifier: BSD-3-Clause */
/* Level 2: runs of different trains into frames.  Theory of operation in sclp_reass.c. */
#ifndef CVSW_TUNNEL_SCLP_REASS_H
#define CVSW_TUNNEL_SCLP_REASS_H

#include "tunnel/sclp_run.h"
#include "tunnel/sclp_table.h"

/* Take in a run of @t: what is complete now, or given up because of it, goes to @out. */
void sclp_reass_run(struct sclp_rx *r, struct sclp_train *t, const struct sclp_run *run,
	uint64_t now_ns, struct pkt_list *out);

/* A whole frame's bytes, metadata filled in, to the end of @out. */
void sclp_deliver(struct rte_mbuf *m, uint16_t obj, uint8_t tos, struct pkt_list *out);

#endif
