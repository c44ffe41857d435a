// SPDX-License-Identifier: GPL-2.0
#include <net/rtnetlink.h>
#include "dev.h"

struct rtnl_link_ops sclp_link_ops = { .kind = "sclp" };
