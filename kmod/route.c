// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

int sclp_route(struct sclp_dev *sd, const struct sclp_tx *tx, struct sk_buff *skb, __be16 sport,
	       struct sclp_route *rt)
{
	return -ENETUNREACH;
}
