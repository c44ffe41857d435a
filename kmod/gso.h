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
 * The frame is a retransmission that must not get lost again (again.c): of one of up to
 * SCLP_GSO_SHORT segments all are made twice, of a longer one the first.  The bit stands for a kind
 * of packet that no device beside Fibre Channel adapters takes whole, so there is always a cut.
 */
#define SCLP_GSO_TWICE SKB_GSO_FCOE
#define SCLP_GSO_SHORT 3

/* How many segments are made besides the @n of the frame. */
static inline unsigned int sclp_gso_repeats(unsigned int n)
{
	return n <= SCLP_GSO_SHORT ? n : 1;
}

/*
 * Cuts @skb, whose data is the MAC and the SCLP header, into parts of @size bytes of payload, to be
 * given to a carrier one by one.  Returns the list, its last one in ->prev of the first; @skb is
 * still there. ERR_PTR: nothing changed.
 */
struct sk_buff *sclp_gso_cut(struct sk_buff *skb, unsigned int size);

/* callbacks.gso_segment of protocol 234. */
struct sk_buff *sclp_gso_segment(struct sk_buff *skb, netdev_features_t features);

#endif
