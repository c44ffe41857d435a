/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trains and runs.  A train is what one receive call delivered: segments at equal distances, each
 * with its own header.  A run is a stretch of a train whose segments are neighbours in one frame:
 * level 1 of reassembly.
 */
#ifndef CVSW_TUNNEL_SCLP_RUN_H
#define CVSW_TUNNEL_SCLP_RUN_H

#include "tunnel/sclp_rx.h"

struct sclp_train {
	struct rte_mbuf *m; /* NULL once a run has taken it */
	uint32_t total;	    /* its bytes */
	uint32_t stride;    /* from one segment header to the next */
	const struct sclp_rx_from *from;
};

/*
 * Positions count from the end of the frame, so that they are known without its first segment: the
 * run is bytes [end, start) of the frame counted backwards.
 */
struct sclp_run {
	uint32_t ports; /* source and destination, as on the wire */
	uint32_t id;
	uint32_t start, end;
	uint32_t off;	 /* of its first header in the train */
	uint32_t plen;	 /* payload of each segment but the last */
	uint16_t n_segs; /* 0: no run */
	bool first;	 /* starts with the frame's first segment */
};

/* The whole frame. */
static inline bool sclp_run_complete(const struct sclp_run *run)
{
	return run->first && run->end == 0;
}

/* Segment @i of @run, a run of its own. */
struct sclp_run sclp_run_seg(const struct sclp_train *t, const struct sclp_run *run, uint16_t i);

/*
 * The payload of @run as a packet: shares the train's bytes or, for a run of one segment that is
 * the whole train, is the train itself, which then is used up (t->m == NULL).  NULL: no buffer,
 * train as it was.
 */
struct rte_mbuf *sclp_run_take(struct sclp_train *t, const struct sclp_run *run);

/*
 * The same for a run that may have to wait: where the bytes are few in comparison with the buffers
 * that they pin, they are copied into small ones.
 */
struct rte_mbuf *sclp_run_take_lasting(struct sclp_train *t, const struct sclp_run *run);

/*
 * The first SCLP_RX_CONTIGUOUS bytes (or all) of @m in one piece at an even address, so that
 * headers can be read in place.  Returns 0 or -ENOBUFS with *m as it was.
 */
int sclp_headers_settle(struct rte_mbuf **m) __rte_warn_unused_result;

#endif
