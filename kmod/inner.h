/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The headers of the Ethernet frame inside: where IP and the transport begin and end.  meta.c
 * compares them with what metadata says, recover.c cuts between them.
 */
#ifndef _SCLP_INNER_H
#define _SCLP_INNER_H

#include <linux/skbuff.h>

/* Offsets count from skb->data. */
struct sclp_inner {
	sa_family_t family; /* AF_INET, AF_INET6; 0: neither, or malformed */
	u8 proto;    /* IPPROTO_TCP, _UDP or _SCTP, its header is inside; 0: other, or a fragment */
	bool routed; /* IPv6 routing header: the pseudo-header has another destination */
	u32 l3_off, l4_off, pay_off;
	u32 end_off; /* of the IP packet; padding may follow */
};

/*
 * The frame begins @off bytes behind skb->data and its last byte is at @len, which may be more than
 * the skb holds (of a frame with a gap).  Only headers wholly there count.  Pulls what it reads
 * into the linear part: pointers into skb->data are void afterwards.
 */
void sclp_inner_parse(struct sk_buff *skb, u32 off, u32 len, struct sclp_inner *in);

#endif
