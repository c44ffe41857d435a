/* SPDX-License-Identifier: GPL-2.0 */
/* Cutting frames: gso.c. */
#ifndef _SCLP_GSO_H
#define _SCLP_GSO_H

#include <linux/netdevice.h>

/*
 * How a frame that is to be cut is marked.  SKB_GSO_SCTP: the stack takes 12 bytes for the
 * transport header. SKB_GSO_TCP_ECN: gone with "tso off".  See the head of gso.c.
 */
#define SCLP_GSO_TYPE (SKB_GSO_SCTP | SKB_GSO_TCP_ECN)

/*
 * Cuts @skb, whose data is the MAC and the SCLP header, into parts of @size bytes of payload, to be
 * given to a carrier one by one.  Returns the list, its last one in ->prev of the first; @skb is
 * still there. ERR_PTR: nothing changed.
 */
struct sk_buff *sclp_gso_cut(struct sk_buff *skb, unsigned int size);

/* One such part: @n bytes of payload from @off on.  NULL: no memory. */
struct sk_buff *sclp_gso_part(struct sk_buff *skb, unsigned int off, unsigned int n);

/* callbacks.gso_segment of protocol 234. */
struct sk_buff *sclp_gso_segment(struct sk_buff *skb, netdev_features_t features);

#endif
