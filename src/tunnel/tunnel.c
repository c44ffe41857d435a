/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of tunnels. */
#include "tunnel/tunnel.h"

#include "tunnel/vxlan.h"
#include "uapi/sclp.h"
#include "wire/vxlan.h"

const struct tunnel_ops tunnel_vxlan_ops = {
	.name = "vxlan",
	.udp_port = VXLAN_UDP_PORT,
	.sclp_port = SCLP_PORT_VXLAN,
	.key_max = 0xffffff,
	.hlen = sizeof(struct vxlan_hdr),
	.push = vxlan_push,
	.push_meta = vxlan_push_meta,
	.peek = vxlan_peek,
	.pop = vxlan_pop,
	.pop_meta = vxlan_pop_meta,
};
