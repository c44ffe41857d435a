/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In: a carrier hands over what came for protocol 234, headers pulled; rcv.c checks it, reasm.c
 * makes frames whole, rcv.c takes VXLAN off and finds the device.
 */
#ifndef _SCLP_RX_H
#define _SCLP_RX_H

#include "dev.h"

/* How a segment came.  On the stack of whoever handles it; reasm.c keeps a copy for a frame. */
struct sclp_rx {
	struct sclp_net *sn;
	enum sclp_carrier carrier;
	struct sclp_addr saddr, daddr;
	int iif;
	u8 ttl;
	u8 tos; /* outer DSCP and ECN; CE of any segment is or-ed in by reasm.c */
	__be16 udp_source, udp_dest; /* of the outer UDP header, 0 where there is none */
	u32 vni;		     /* rcv.c: of the frame, once its VXLAN header was read */
	bool csum_ok;		     /* a verified UDP checksum covered it */
};

/* Softirq, RCU.  skb->data is the SCLP header, network header is the outer IP header.  Of a skb
 * that gro.c merged, gso_size is the payload of each segment but the last.  Takes skb.
 */
void sclp_rcv(struct sk_buff *skb, struct sclp_rx *rx);

/* rcv.c: a whole frame, or a part that loss recovery made: skb->data is the VXLAN header.  RCU,
 * bottom halves off.  Takes skb.
 */
void sclp_rcv_frame(struct sk_buff *skb, struct sclp_rx *rx);

/* reasm.c: the namespace's frames under reassembly (reasm.h).  close: nothing is held afterwards,
 * and segments that still come are dropped.
 */
int sclp_reasm_open(struct sclp_net *sn);
void sclp_reasm_close(struct sclp_net *sn);

#endif
