/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto.h"

#include <string.h>

#define V4   .l3 = PKT_L3_IPV4
#define V6   .l3 = PKT_L3_IPV6
#define TCP  .l4 = PKT_L4_TCP
#define UDP  .l4 = PKT_L4_UDP
#define SCTP .l4 = PKT_L4_SCTP
#define STT  .l4 = PKT_L4_STT
#define SCLP .l4 = PKT_L4_SCLP
/* in an outer IPv4 or IPv6 packet */
#define IN4(w) .wrap = WRAP_##w, .outer_l3 = PKT_L3_IPV4
#define IN6(w) .wrap = WRAP_##w, .outer_l3 = PKT_L3_IPV6
#define SUMMED .outer_csum = true

static const struct proto protos[] = {
	{ "tcp4", V4, TCP, .rte = true },
	{ "tcp6", V6, TCP },
	{ "udp4", V4, UDP },
	{ "udp6", V6, UDP },
	{ "qinq-tcp4", V4, TCP, .n_vlan = 2 },
	{ "vxlan-tcp4", V4, TCP, IN4(VXLAN), SUMMED, .rte = true },
	{ "vxlan0-tcp4", V4, TCP, IN4(VXLAN), .rte = true },
	{ "vxlan-tcp6", V6, TCP, IN4(VXLAN), SUMMED },
	{ "vxlan6-tcp4", V4, TCP, IN6(VXLAN), SUMMED },
	{ "geneve-tcp4", V4, TCP, IN4(GENEVE), SUMMED },
	{ "nvgre-tcp4", V4, TCP, IN4(NVGRE) },
	{ "gre-tcp4", V4, TCP, IN4(GRE) },
	{ "sctp4", V4, SCTP },
	{ "stt", V4, STT },
	{ "sclp", V4, SCLP }, /* over UDP */
	{ "ufo4", V4, UDP, .ufo = true, .rte = true },
	{ "ufo6", V6, UDP, .ufo = true },
};

const struct proto *proto_find(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(protos); i++)
		if (!strcmp(protos[i].name, name))
			return &protos[i];
	return NULL;
}
