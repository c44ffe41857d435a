/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRC32c (Castagnoli), the checksum of SCTP (RFC 9260, appendix A) and iSCSI.  A CRC here is the
 * finished value: bits reflected, started with all ones, inverted at the end.  That of no bytes is
 * 0, and a CRC goes on where it ended: crc32c(crc32c(0, a, n), b, k) is that of a and b.  SCTP puts
 * the value least significant byte first into its header: rte_cpu_to_le_32().
 */
#ifndef CVSW_PKT_CRC32C_H
#define CVSW_PKT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct rte_mbuf;

/* CRC of what @crc covers and the @n bytes at @p.  Any address, any @n. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

/* The same, copying the bytes to @dst on the way.  The two must not overlap; nothing else is
 * written. */
uint32_t crc32c_copy(void *dst, const void *src, size_t n, uint32_t crc);

/* The same for @n bytes of the chain from @off.  The bytes must be there. */
uint32_t crc32c_chain(const struct rte_mbuf *m, uint32_t off, uint32_t n, uint32_t crc);

#endif
