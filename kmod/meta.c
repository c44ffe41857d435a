// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

int sclp_meta_take(struct sk_buff *skb, u32 *meta)
{
	return -EINVAL;
}

int sclp_meta_give(struct sk_buff *skb, u32 meta)
{
	return -EINVAL;
}
