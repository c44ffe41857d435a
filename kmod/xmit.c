// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

void sclp_xmit(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_tx *tx)
{
	sclp_drop(sd->stats, skb, SCLP_DROP_TX_NO_ROUTE);
}
