/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksum that TCP, UDP and their like share. */
#include "offload/offload_ops.h"
#include "pkt/l4_csum.h"

bool offload_l4_verify(const struct rte_mbuf *m, struct pkt_meta *md)
{
	struct pkt_layer *l = &md->inner;

	switch (l->csum) {
	case PKT_CSUM_VERIFIED:
		return true;
	case PKT_CSUM_OWED:
		/* is it what we would write ourselves?  Otherwise a merge would repair what was
		 * wrong all along */
		return l4_csum_owed_right(m, l);
	default:
		if (!l4_csum_good(m, l))
			return false;
		l->csum = PKT_CSUM_VERIFIED;
		return true;
	}
}
