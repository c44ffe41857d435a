/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A slow judge of frames that shares no code with what it judges: every length, flag and checksum,
 * byte by byte on a flat copy.
 */
#ifndef CVSW_TESTS_ORACLE_H
#define CVSW_TESTS_ORACLE_H

#include <rte_mbuf.h>
#include <stdint.h>

/* Sum of big-endian 16-bit words, folded, host byte order. */
uint32_t oracle_sum(const uint8_t *p, uint32_t n, uint32_t sum);
/* Pseudo-header sum for the IP header at @l3. */
uint32_t oracle_pseudo(const uint8_t *l3, uint8_t proto, uint32_t l4_len);

/*
 * What is wrong with the packet, NULL if nothing: the chain (pkt_len, nb_segs, lengths inside
 * buffers), its metadata against the bytes (offsets, protocols, end; outer layer and tunnel
 * header, too), owed or verified checksums and segmentation against the bytes.
 */
const char *oracle_check(const struct rte_mbuf *m);

#endif
