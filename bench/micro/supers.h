/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Super-frames for GSO, as many whole segments as 64 KB hold: the bytes are made once; before each
 * round they are copied into new mbufs, as a port does that reads them from a guest, because
 * segmentation uses them up.
 */
#ifndef CVSW_BENCH_SUPERS_H
#define CVSW_BENCH_SUPERS_H

#include "contest.h"
#include "frags.h"
#include "frame.h"

#define SUPERS_MAX 16

struct supers {
	struct point pt;
	struct frame f;
	uint32_t n, n_segs; /* frames of a round, segments of each */
	struct pkt_meta meta;
	struct frags frags;
	struct rte_mbuf *v[SUPERS_MAX]; /* NULL: used up */
};

void supers_create(struct supers *s, const struct point *pt);

void supers_lay(struct supers *s);
/* Those that nobody used up end. */
void supers_drop(struct supers *s);

/* Is @m, byte for byte, segment @idx of the super-frame?  What is wrong, or NULL. */
const char *supers_seg_check(struct supers *s, const struct rte_mbuf *m, uint32_t idx);

#endif
