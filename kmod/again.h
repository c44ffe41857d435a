/* SPDX-License-Identifier: GPL-2.0 */
/* Retransmissions of TCP inside: between xmit.c and again.c. */
#ifndef _SCLP_AGAIN_H
#define _SCLP_AGAIN_H

#include <linux/types.h>

struct sclp_inner;
struct sclp_net;
struct sk_buff;

/* Has TCP sent bytes of this frame before, @way, a number for whereto?  @skb: the frame, its hash
 * is set; @in: its headers.  Any context.
 */
bool sclp_is_again(
	struct sclp_net *sn, const struct sk_buff *skb, const struct sclp_inner *in, u32 way);

#endif
