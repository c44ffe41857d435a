/* SPDX-License-Identifier: BSD-3-Clause */
/* What DPDK's engines want to be told of a frame: packet type and header lengths in the mbuf. */
#ifndef CVSW_BENCH_RTE_FIELDS_H
#define CVSW_BENCH_RTE_FIELDS_H

#include "frame.h"

/* 0 for what those engines do not do. */
uint32_t rte_fields_ptype(const struct proto *p);
/* The mbuf's tx_offload. */
uint64_t rte_fields_lens(const struct frame *f);

/* Find both out by rte_net_get_ptype(), for frames without a tunnel. */
void rte_fields_parse(struct rte_mbuf *m);

#endif
