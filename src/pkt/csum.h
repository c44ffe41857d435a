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

#include "pkt/csum_sum.h" /* csum_bytes(), csum_copy() */
#include "pkt/meta.h"
#include "wire/l4.h"

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

/* Pseudo-header sum of layer @l (l3 and l4 not NONE) for an L4 length of @l4_len bytes. */
uint64_t csum_pseudo(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t l4_len);

/* IPv4 header checksum of @hlen bytes with the checksum field as it is: 0xffff folded means good.
 */
static inline uint16_t csum_ipv4(const void *ip, unsigned int hlen)
{
	return csum_fold(csum_bytes(ip, hlen, 0));
}

/* Where the L4 checksum field of the layer is (l4 not NONE), from the packet's first byte. */
static inline uint32_t csum_l4_at(const struct pkt_layer *l)
{
	return l->l4_off + (l->l4 == PKT_L4_TCP ? TCP_CSUM_OFF : UDP_CSUM_OFF);
}

/* Headers may stand at odd addresses: trains of odd-sized datagrams share one buffer. */
typedef uint16_t csum_field_t __attribute__((aligned(1)));

/* Pointer to the L4 checksum field of the layer (l4 not NONE), in the first segment. */
csum_field_t *csum_l4_field(struct rte_mbuf *m, const struct pkt_layer *l);

/*
 * Is the L4 checksum right?  UDP over IPv4 with 0 counts as right.  l4 must not be NONE.  A UDP
 * datagram may end before the IP packet does; the checksum covers what UDP's own length says.
 */
bool csum_l4_good(const struct rte_mbuf *m, const struct pkt_layer *l);

/* Pay the owed L4 checksum: field = full checksum, csum = VERIFIED.  The header must be private
 * (pkt_unshare). */
void csum_l4_pay(struct rte_mbuf *m, struct pkt_layer *l);

#endif
