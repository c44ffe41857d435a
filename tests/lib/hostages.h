/* SPDX-License-Identifier: BSD-3-Clause */
/* Too few buffers. */
#ifndef CVSW_TESTS_HOSTAGES_H
#define CVSW_TESTS_HOSTAGES_H

#include "pkt/pkt.h"

/* Take all buffers but @n_left of the pools of small and header segments / give them back. */
struct hostages {
	struct rte_mbuf *head;
};
void hostages_take(struct hostages *h, uint32_t n_left);
void hostages_free(struct hostages *h);

#endif
