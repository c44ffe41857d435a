/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In: a carrier hands over what came for protocol 234, headers pulled; rcv.c checks it, reasm.c makes
 * frames whole, rcv.c takes VXLAN off and finds the device.
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
	u8 tos; /* outer DSCP and ECN; CE of any segment is or-ed in by reasm.c */
	bool csum_ok; /* a verified UDP checksum covered it */
};

/* Softirq, RCU.  skb->data is the SCLP header, network header is the outer IP header.  Takes skb. */
void sclp_rcv(struct sk_buff *skb, struct sclp_rx *rx);

/* Level 2.  skb: one checked segment that is not a whole frame, SCLP header still in front.  Returns a
 * whole frame (headers of the first segment, the rest as frags or frag_list; F=1, remaining=0), or NULL
 * when it was kept, dropped or counted.  Takes skb.  Parts of given-up frames go to
 * sclp_rcv_frame() by themselves.
 */
struct sk_buff *sclp_reasm_add(struct sk_buff *skb, struct sclp_rx *rx);

/* rcv.c: a whole frame, SCLP header in front.  Takes skb. */
void sclp_rcv_frame(struct sk_buff *skb, struct sclp_rx *rx);

int sclp_reasm_open(struct sclp_net *sn);
void sclp_reasm_close(struct sclp_net *sn);

/* recover.c: cuts valid TCP parts out of what arrived of a frame (sclp.md, loss recovery): adds VXLAN packets to
 * @out, each with an SCLP header in front (F=1, remaining=0) as sclp_rcv_frame() wants it.  Pure: touches only skbs.
 * Takes @first (the first segment) and the list @rest (in frame order, gaps between).
 */
struct sclp_range {
	struct sk_buff *skb; /* SCLP header pulled */
	u32 from_end; /* offset of its first byte from the frame's end */
	u32 plen;
};
int sclp_recover(const struct sclp_range *ranges, unsigned int n, u32 frame_len,
		 struct sk_buff_head *out);

#endif
