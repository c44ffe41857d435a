/* SPDX-License-Identifier: BSD-3-Clause */
/* SCLP sender: one frame into segments, as slices for the kernel; no payload is copied.  Format:
 * docs/protocol.md. */
#ifndef CVSW_TUNNEL_SCLP_H
#define CVSW_TUNNEL_SCLP_H

#include <sys/uio.h>

#include "pkt/pkt.h"
#include "uapi/sclp.h"

#define SCLP_SEGS_MAX 160 /* of one frame */
#define SCLP_IOVS_MAX 512
#define SCLP_PLEN_MIN 480 /* smallest segment payload we send: IPv4 paths of 552 bytes, say */

struct sclp_tx {
	rte_be16_t sport, dport;
	uint32_t id;	   /* 31 bits */
	uint16_t seg_plen; /* payload bytes of every segment but the last; >= SCLP_PLEN_MIN */
	bool csum;	   /* fill the checksum field (IP carrier) */
};

/* A frame cut up: segment i is iov[first[i]] .. iov[first[i + 1] - 1], of which the first entry is
 * its header. */
struct sclp_slices {
	unsigned int n_segs, n_iov;
	uint16_t first[SCLP_SEGS_MAX + 1];
	struct iovec iov[SCLP_IOVS_MAX];
	struct sclp_hdr hdr[SCLP_SEGS_MAX];
};

/*
 * Cut @m.  The slices point into @m and into @out: both must live until sent.  @m is only read.
 * Returns 0, -EMSGSIZE (the frame is too large for SCLP or for SCLP_SEGS_MAX segments of seg_plen)
 * or -E2BIG (its chain has so many pieces that SCLP_IOVS_MAX is not enough: copy it into fewer and
 * try again).
 */
int sclp_slice(const struct rte_mbuf *m, const struct sclp_tx *tx,
	struct sclp_slices *out) __rte_warn_unused_result;

#endif
