/* SPDX-License-Identifier: BSD-3-Clause */
/* VXLAN (RFC 7348, section 5). */
#ifndef CVSW_WIRE_VXLAN_H
#define CVSW_WIRE_VXLAN_H

#include <assert.h>
#include <rte_byteorder.h>

#define VXLAN_UDP_PORT 4789
#define VXLAN_F_VNI    0x08 /* flag I: the VNI is valid; always set */

struct vxlan_hdr {
	rte_be32_t flags;   /* flags in the first byte, 24 reserved bits (SCLP: frame metadata,
			       uapi/sclp.h) */
	rte_be32_t vni_res; /* VNI in the high 24 bits */
} __attribute__((packed));
static_assert(sizeof(struct vxlan_hdr) == 8, "VXLAN header");

#endif
