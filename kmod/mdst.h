/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metadata mode (`external`): each frame brings along where it goes, and is told where it came
 * from.
 */
#ifndef _SCLP_MDST_H
#define _SCLP_MDST_H

#include "rx.h"

/* RCU.  Takes skb. */
void sclp_mdst_xmit(struct sclp_dev *sd, struct sk_buff *skb);

/* RCU: hangs @rx on the frame, for tc and Open vSwitch.  -ENOMEM: nothing changed. */
int sclp_mdst_rcv(struct sk_buff *skb, const struct sclp_rx *rx);

/* ndo: completes the source address of the frame's tunnel key. */
int sclp_mdst_fill(struct net_device *dev, struct sk_buff *skb);

#endif
