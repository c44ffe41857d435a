// SPDX-License-Identifier: GPL-2.0
#include "rx.h"

void sclp_rcv(struct sk_buff *skb, struct sclp_rx *rx)
{
	kfree_skb(skb);
}

void sclp_rcv_frame(struct sk_buff *skb, struct sclp_rx *rx)
{
	kfree_skb(skb);
}
