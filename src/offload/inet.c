/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksum that TCP and UDP share. */
#include "offload/offload_ops.h"
#include "pkt/csum.h"

bool offload_inet_verify(const struct rte_mbuf *m, struct pkt_layer *l)
{
	uint64_t sum;
	uint16_t field;

	switch (l->csum) {
	case PKT_CSUM_VERIFIED:
		return true;
	case PKT_CSUM_OWED:
		/* is it what we would write ourselves?  Otherwise a merge would repair what was
		 * wrong all along */
		memcpy(&field, rte_pktmbuf_mtod_offset(m, const char *, csum_l4_at(l)),
			sizeof(field));
		sum = csum_pseudo(m, l, l->end_off - l->l4_off) + (uint16_t)~field;
		return csum_fold(sum) == 0xffff;
	default:
		if (!csum_l4_good(m, l))
			return false;
		l->csum = PKT_CSUM_VERIFIED;
		return true;
	}
}

void offload_inet_owe(struct rte_mbuf *m, struct pkt_layer *l)
{
	*csum_l4_field(m, l) = csum_fold(csum_pseudo(m, l, l->end_off - l->l4_off));
	pkt_owe_csum(l);
}
