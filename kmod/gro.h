/* SPDX-License-Identifier: GPL-2.0 */
/* GRO hooks for the UDP carrier's sockets: gro.c.  skb's GRO offset is the SCLP header. */
#ifndef _SCLP_GRO_H
#define _SCLP_GRO_H

#include <linux/skbuff.h>

struct sock;

struct sk_buff *sclp_gro_receive_udp(struct sock *sk, struct list_head *head, struct sk_buff *skb);
int sclp_gro_complete_udp(struct sock *sk, struct sk_buff *skb, int nhoff);

#endif
