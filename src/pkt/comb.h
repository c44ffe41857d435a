/* SPDX-License-Identifier: BSD-3-Clause */
/* Sharing the bytes of a packet with something left out at equal distances: a train without its
 * headers. */
#ifndef CVSW_PKT_COMB_H
#define CVSW_PKT_COMB_H

#include "pkt/pkt.h"

/*
 * A new packet that shares the @len bytes of @m from @off, but without the first @skip of every
 * @stride bytes; no payload is copied, metadata is zeroed.  The bytes must be there, skip < stride,
 * and something must be left. NULL: no buffer.
 */
struct rte_mbuf *pkt_comb(
	struct rte_mbuf *m, uint32_t off, uint32_t len, uint32_t stride, uint32_t skip);

#endif
