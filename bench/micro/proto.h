/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocols and nestings that are measured: one line each. */
#ifndef CVSW_BENCH_PROTO_H
#define CVSW_BENCH_PROTO_H

#include "pkt/meta.h"

enum wrap {
	WRAP_NONE,
	WRAP_VXLAN,
	WRAP_GENEVE, /* with an option of 8 bytes */
	WRAP_NVGRE,
	WRAP_GRE, /* of IP, without an inner Ethernet header */
	WRAP_N
};

struct proto {
	const char *name;
	uint8_t l3, l4; /* enum pkt_l3, pkt_l4, of the inner packet */
	uint8_t n_vlan;
	uint8_t wrap;	  /* what is in front of it */
	uint8_t outer_l3; /* enum pkt_l3 */
	bool outer_csum;  /* the outer UDP checksum is there */
	bool rte;	  /* rte_gro and rte_gso do it too */
	bool ufo;	  /* UDP: a super-frame is one datagram, sent as IP fragments */
};

/* NULL: no such name. */
const struct proto *proto_find(const char *name);

#endif
