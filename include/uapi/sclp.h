/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * SCLP on the wire: see docs/protocol.md.  Shared by cvswd and the kernel module; all fields in
 * network byte order.
 */
#ifndef _UAPI_SCLP_H
#define _UAPI_SCLP_H

#include <linux/types.h>

#define SCLP_IP_PROTO	 234  /* default IP protocol / next header of the IP carrier */
#define SCLP_UDP_PORT	 4234 /* default UDP port of the UDP carrier */
#define SCLP_PORT_VXLAN	 4789 /* destination port: the frame is a VXLAN packet */
#define SCLP_PORT_GENEVE 6081
#define SCLP_SPORT_MIN	 49152 /* source ports carry flow entropy */
#define SCLP_SPORT_MAX	 65535

/*
 * One segment.  @id_first: identification (31 bits) in the high bits, F (first segment) in the
 * lowest.
 * @remaining: bytes of the frame behind this segment.  @check: RFC 1071 sum over header and
 * payload, no pseudo-header; 0 means "not computed".
 */
struct sclp_hdr {
	__be16 source;
	__be16 dest;
	__be32 id_first;
	__be16 remaining;
	__sum16 check;
} __attribute__((packed));

#define SCLP_HLEN  12
#define SCLP_FIRST 1u /* of id_first in host byte order */

/*
 * Frame metadata: 24 bits behind the flags of the VXLAN header when flag 0x40 is set, or in the
 * Geneve option. From the high end: checksum state (2), segmentation type (3), ECN (1), zero (2),
 * gso_size (16).
 */
#define SCLP_META_VXLAN_FLAG   0x40
#define SCLP_META_CSUM_SHIFT   22
#define SCLP_META_GSO_SHIFT    19
#define SCLP_META_ECN	       (1u << 18)
#define SCLP_META_ZERO	       (3u << 16)
#define SCLP_META_SIZE_MASK    0xffffu
#define SCLP_META_GENEVE_CLASS 0xff53
#define SCLP_META_GENEVE_TYPE  0x01

enum sclp_meta_csum {
	SCLP_META_CSUM_UNSTATED = 0,
	SCLP_META_CSUM_VERIFIED = 1,
	SCLP_META_CSUM_OWED = 2,
};

enum sclp_meta_gso {
	SCLP_META_GSO_NONE = 0,
	SCLP_META_GSO_TCPV4 = 1,
	SCLP_META_GSO_TCPV6 = 2,
	SCLP_META_GSO_UDP_L4 = 3,
};

#endif
