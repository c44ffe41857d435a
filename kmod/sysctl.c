// SPDX-License-Identifier: GPL-2.0
#include "net.h"

int sclp_sysctl_open(struct sclp_net *sn)
{
	return 0;
}

void sclp_sysctl_close(struct sclp_net *sn)
{
}
