// SPDX-License-Identifier: GPL-2.0
#include "dev.h"

struct sclp_dev *sclp_dev_lookup(struct sclp_net *sn, u32 vni, enum sclp_carrier carrier)
{
	return NULL;
}

void sclp_dev_rcv(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_rx *rx)
{
	sclp_drop(sd->stats, skb, SCLP_DROP_RX_DOWN);
}

int sclp_dev_register(void)
{
	return 0;
}

void sclp_dev_unregister(void)
{
}

void sclp_dev_net_exit(struct sclp_net *sn, struct list_head *kill)
{
}
