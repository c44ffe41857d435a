/* SPDX-License-Identifier: BSD-3-Clause */
/* GRE (RFC 2784, RFC 2890) and NVGRE, which is GRE with a key and Ethernet inside (RFC 7637). */
#ifndef CVSW_WIRE_GRE_H
#define CVSW_WIRE_GRE_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdint.h>

#define GRE_F_CSUM    0x8000 /* a checksum and 16 reserved bits follow */
#define GRE_F_ROUTING 0x4000 /* RFC 1701 only */
#define GRE_F_KEY     0x2000
#define GRE_F_SEQ     0x1000
#define GRE_F_KNOWN   (GRE_F_CSUM | GRE_F_KEY | GRE_F_SEQ)

struct gre_hdr {
	rte_be16_t flags; /* GRE_F_*, version in the low 3 bits */
	rte_be16_t type;  /* EtherType of what follows */
} __attribute__((packed));
static_assert(sizeof(struct gre_hdr) == 4, "GRE header");

#define GRE_CSUM_OFF 4 /* of the checksum, when there is one */

static inline unsigned int gre_hlen(uint16_t flags)
{
	return 4u + (flags & GRE_F_CSUM ? 4 : 0) + (flags & GRE_F_KEY ? 4 : 0) +
	       (flags & GRE_F_SEQ ? 4 : 0);
}

#endif
