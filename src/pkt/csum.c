/* SPDX-License-Identifier: BSD-3-Clause */
#include "pkt/csum.h"

#include "pkt/pkt.h"
#include "wire/ip.h"
#include "wire/l4.h"

uint64_t csum_chain(const struct rte_mbuf *m, uint32_t off, uint32_t n, uint64_t sum)
{
	uint32_t done = 0;

	for (; off >= m->data_len && m->next; m = m->next)
		off -= m->data_len;
	while (n) {
		const uint32_t k = RTE_MIN(n, m->data_len - off);
		const uint16_t part = csum_fold(
			csum_bytes(rte_pktmbuf_mtod_offset(m, const char *, off), k, 0));

		sum += done & 1 ? csum_swap(part) : part;
		done += k;
		n -= k;
		off = 0;
		m = m->next;
	}
	return sum;
}
