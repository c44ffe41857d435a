/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MTU-sized packets for GRO: made once, laid anew before each round, because merging consumes them.
 * The same mbufs serve every implementation.
 *
 * They arrive in windows; an engine is flushed at the end of each.  In a window every flow has
 * `per` packets, one flow after the other in turns or (ROW_MIXED) in a random order, another one in
 * each window; each flow's stream goes on in the next window.
 */
#ifndef CVSW_BENCH_PACKETS_H
#define CVSW_BENCH_PACKETS_H

#include "contest.h"
#include "frame.h"

struct packets {
	struct point pt;
	uint32_t per, n_window, n_windows, n; /* n = n_window * n_windows */
	uint32_t hlen, len;		      /* of each packet */
	struct rte_mempool *pool;
	struct rte_mbuf **v; /* in order of arrival */
	struct arrival {
		uint32_t flow, idx;
	} * order;	  /* which packet v[i] is: the idx-th of its flow */
	uint8_t *headers; /* hlen bytes for each */
	uint8_t *payload; /* the same for all, but for what is stamped */
	struct pkt_meta meta;
	uint32_t packet_type;
	uint64_t tx_offload; /* DPDK's header lengths */
	uint32_t *next_idx;  /* of each flow, while the outcome is checked */
	uint16_t l3, outer_l3;
};

void packets_create(struct packets *pk, const struct point *pt);
void packets_free(struct packets *pk);

/* As they came from the wire, in both metadata of the engines. */
void packets_lay(struct packets *pk);

/* Bytes a round looks at: mbufs, metadata, headers. */
uint64_t packets_working_set(const struct packets *pk);

/*
 * What came out, in any order of flows: begin, each packet, end.  Every packet must hold the next
 * bytes of its flow's stream; at the end, all must have come, in no more packets than trains of
 * @train packets make.  They return what is wrong, or NULL.
 */
void packets_out_begin(struct packets *pk);
const char *packets_out(struct packets *pk, const struct rte_mbuf *m);
const char *packets_out_end(const struct packets *pk, uint32_t train, uint32_t n_out);

/* Packets of this size that fit one IP packet of 64 KB. */
uint32_t packets_train_max(const struct packets *pk);

#endif
