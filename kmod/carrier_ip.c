// SPDX-License-Identifier: GPL-2.0
#include "tx.h"

int sclp_carrier_ip_register(u8 proto)
{
	return 0;
}

void sclp_carrier_ip_unregister(u8 proto)
{
}
