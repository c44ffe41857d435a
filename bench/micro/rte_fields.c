/* SPDX-License-Identifier: BSD-3-Clause */
#include "rte_fields.h"

#include <rte_mbuf_ptype.h>
#include <rte_net.h>

#define PTYPE_TCP4 (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_TCP)
#define PTYPE_VXLAN                                                                                \
	(RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN)
#define PTYPE_INNER_TCP4                                                                           \
	(RTE_PTYPE_INNER_L2_ETHER | RTE_PTYPE_INNER_L3_IPV4 | RTE_PTYPE_INNER_L4_TCP)

uint32_t rte_fields_ptype(const struct proto *p)
{
	if (!p->rte)
		return 0;
	return p->wrap ? PTYPE_VXLAN | PTYPE_INNER_TCP4 : PTYPE_TCP4;
}

uint64_t rte_fields_lens(const struct frame *f)
{
	struct rte_mbuf m = { .tx_offload = 0 };

	if (!f->p->rte)
		return 0;
	m.l2_len = f->l3;
	if (f->p->wrap) {
		m.outer_l2_len = f->outer_l3;
		m.outer_l3_len = (uint64_t)(f->outer_l4 - f->outer_l3);
		m.l2_len = (uint64_t)(f->l3 - f->outer_l4); /* the tunnel's headers count here */
	}
	m.l3_len = (uint64_t)(f->l4 - f->l3);
	m.l4_len = f->hlen - f->l4;
	return m.tx_offload;
}

void rte_fields_parse(struct rte_mbuf *m)
{
	struct rte_net_hdr_lens lens;

	m->packet_type = rte_net_get_ptype(
		m, &lens, RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK);
	m->l2_len = lens.l2_len;
	m->l3_len = lens.l3_len;
	m->l4_len = lens.l4_len;
}
