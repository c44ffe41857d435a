/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * Options of the rtnetlink kind "sclp": what stands in IFLA_INFO_DATA.  Shared by the kernel module
 * and the program that creates devices.
 */
#ifndef _UAPI_SCLP_LINK_H
#define _UAPI_SCLP_LINK_H

#include <linux/types.h>

#define SCLP_MTU_MAX	 65000 /* of the device, whatever the lower device has */
#define SCLP_VNI_MAX	 0xffffff
#define SCLP_ADDRMAX	 65536	 /* default bound of the forwarding data base */
#define SCLP_AGEING	 300	 /* default, seconds */
#define SCLP_AGEING_MAX	 1000000 /* seconds */
#define SCLP_TOS_INHERIT 1	 /* IFLA_SCLP_TOS: follow the inner packet */

enum {
	IFLA_SCLP_UNSPEC,
	IFLA_SCLP_ID,	       /* u32, 24 bits: VNI */
	IFLA_SCLP_CARRIER,     /* u8, enum sclp_link_carrier */
	IFLA_SCLP_DSTPORT,     /* be16, what the frame holds: 4789 */
	IFLA_SCLP_UDP_PORT,    /* be16, of the UDP carrier: 4234 */
	IFLA_SCLP_PORT_RANGE,  /* struct sclp_port_range: source ports that carry flow entropy */
	IFLA_SCLP_LOCAL,       /* be32 */
	IFLA_SCLP_LOCAL6,      /* 16 bytes */
	IFLA_SCLP_REMOTE,      /* be32 */
	IFLA_SCLP_REMOTE6,     /* 16 bytes */
	IFLA_SCLP_LINK,	       /* u32, ifindex of the lower device; 0: any */
	IFLA_SCLP_TTL,	       /* u8; 0: that of the route */
	IFLA_SCLP_TTL_INHERIT, /* u8 */
	IFLA_SCLP_TOS,	       /* u8; SCLP_TOS_INHERIT is the default */
	IFLA_SCLP_DF,	       /* u8, enum sclp_link_df */
	IFLA_SCLP_LABEL,       /* be32, 20 bits: IPv6 flow label */
	IFLA_SCLP_AGEING,      /* u32, seconds; 0: never */
	IFLA_SCLP_LEARNING,    /* u8 */
	IFLA_SCLP_LIMIT,       /* u32: entries of the forwarding data base at most; 0: no bound */
	IFLA_SCLP_EXTERNAL,    /* flag: metadata mode */
	IFLA_SCLP_CSUM,	       /* u8: IP carrier sends SCLP checksums */
	IFLA_SCLP_META,	       /* u8: send frame metadata */
	__IFLA_SCLP_MAX
};

#define IFLA_SCLP_MAX (__IFLA_SCLP_MAX - 1)

enum sclp_link_carrier {
	SCLP_LINK_CARRIER_IP = 0,
	SCLP_LINK_CARRIER_UDP = 1,
};

enum sclp_link_df {
	SCLP_LINK_DF_SET = 0, /* the default */
	SCLP_LINK_DF_UNSET = 1,
	SCLP_LINK_DF_INHERIT = 2,
};

struct sclp_port_range {
	__be16 low;
	__be16 high;
};

#endif
