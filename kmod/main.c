// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading: who is started in which order.  Each row needs those above it; unloading
 * goes backwards.  Nothing is reachable from the wire before everything it needs exists: namespaces
 * before carriers, carriers before devices.
 */
#include <linux/module.h>
#include <net/rtnetlink.h>
#include <sclp.h>
#include "compat.h"
#include "dev.h"
#include "selftest/selftest.h"
#include "tx.h"

static u8 proto = SCLP_IP_PROTO;
module_param(proto, byte, 0444);
MODULE_PARM_DESC(proto, "IP protocol / next header of the IP carrier (default 234)");

u8 sclp_ip_proto(void)
{
	return proto;
}

static int __init sclp_init(void)
{
	int err = sclp_selftest();

	if (err)
		return err;
	err = sclp_net_register();
	if (err)
		return err;
	err = sclp_offload_register(proto);
	if (err)
		goto no_offload;
	err = sclp_carrier_ip_register(proto);
	if (err)
		goto no_carrier;
	err = sclp_dev_register();
	if (err)
		goto no_dev;
	return 0;

no_dev:
	sclp_carrier_ip_unregister(proto);
no_carrier:
	sclp_offload_unregister(proto);
no_offload:
	sclp_net_unregister();
	return err;
}

static void __exit sclp_exit(void)
{
	sclp_dev_unregister();
	sclp_carrier_ip_unregister(proto);
	sclp_offload_unregister(proto);
	sclp_net_unregister();
	rcu_barrier(); /* what call_rcu() still has to run is code of this module */
}

module_init(sclp_init);
module_exit(sclp_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SCLP: segments of large tunnel frames, over IP and UDP");
MODULE_ALIAS_RTNL_LINK("sclp");
