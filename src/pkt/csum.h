/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Internet checksum (RFC 1071).  Sums are 64-bit, unfolded, of 16-bit words in memory order, so
 * that they can be added in any grouping; csum_fold() makes the 16-bit sum in the same byte order
 * as the packet.
 */
#ifndef CVSW_PKT_CSUM_H
#define CVSW_PKT_CSUM_H

#include <stddef.h>
#include <stdint.h>
#include <rte_mbuf.h>

#include "pkt/csum_sum.h" /* csum_bytes(), csum_copy() */

/* Fold to 16 bits, not inverted. */
static inline uint16_t csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The bytes of a part that starts at an odd offset stand in the other half of their words. */
static inline uint16_t csum_swap(uint16_t folded)
{
	return (uint16_t)(folded << 8 | folded >> 8);
}

/* Sum of @n bytes of the chain from @off; segment boundaries may be odd. The bytes must be there.
 */
uint64_t csum_chain(const struct rte_mbuf *m, uint32_t off, uint32_t n, uint64_t sum);

/* IPv4 header checksum of @hlen bytes with the checksum field as it is: 0xffff folded means good.
 */
static inline uint16_t csum_ipv4(const void *ip, unsigned int hlen)
{
	return csum_fold(csum_bytes(ip, hlen, 0));
}

/* Headers may stand at odd addresses: trains of odd-sized datagrams share one buffer. */
typedef uint16_t csum_field_t __attribute__((aligned(1)));

#endif
