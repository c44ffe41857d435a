/* SPDX-License-Identifier: BSD-3-Clause */
/* Geneve (RFC 8926, section 3.4). */
#ifndef CVSW_WIRE_GENEVE_H
#define CVSW_WIRE_GENEVE_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdint.h>

#define GENEVE_UDP_PORT 6081
#define GENEVE_F_OAM	0x80 /* of flags: a control packet */
#define GENEVE_F_CRIT	0x40 /* options that a receiver must understand are present */

struct geneve_hdr {
	uint8_t ver_opt; /* version in the high 2 bits, length of the options in words */
	uint8_t flags;	 /* GENEVE_F_* */
	rte_be16_t type; /* EtherType of what follows; ETH_TYPE_TEB: an Ethernet frame */
	rte_be32_t vni_res;
} __attribute__((packed));
static_assert(sizeof(struct geneve_hdr) == 8, "Geneve header");

static inline unsigned int geneve_hlen(const struct geneve_hdr *gh)
{
	return (unsigned int)sizeof(*gh) + (gh->ver_opt & 0x3f) * 4u;
}

#endif
