/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of libcvsw-offload share: a program of somebody else, with a pool of its own. */
#ifndef CVSW_TESTS_LIB_TEST_H
#define CVSW_TESTS_LIB_TEST_H

#include "cvsw/offload.h"
#include "unit/offload/offload_test.h"

#define APP_PRIV  16 /* private bytes that the program wants itself */
#define VXLAN_LEN 50 /* outer Ethernet, IPv4, UDP, VXLAN */

extern const struct cvsw_offload_config lib_config;
extern struct rte_mempool *app_pool;  /* with private areas */
extern struct rte_mempool *bare_pool; /* without */

/* Start EAL, the library and the pools; group set-up and teardown. */
int lib_setup(void **state);
int lib_teardown(void **state);

/* The @n bytes in mbufs of @mp, cut after @first bytes (0: not). */
struct rte_mbuf *app_pkt_of(
	struct rte_mempool *mp, const uint8_t *bytes, uint32_t n, uint32_t first);
/* The frame of @g as a driver delivers it. */
struct rte_mbuf *app_pkt(const struct gen *g);
/* The same inside VXLAN; the outer UDP checksum is 0 or (@outer_sum) right. */
struct rte_mbuf *app_vxlan(const struct gen *g, bool outer_sum);

/* Packets @from.. of the super-frame @super cut at @size; *pkts filled, returns how many. */
unsigned int app_train(const struct gen *super, uint16_t size, struct rte_mbuf **pkts);

/* One packet off @q, which has one. */
struct rte_mbuf *take(struct cvsw_queue *q);
/* The queue has just the packets of @super cut at @size, checksums and all; frees them. */
void assert_cut(struct cvsw_queue *q, const struct gen *super, uint16_t size);
/* Free what is in @q. */
void drain(struct cvsw_queue *q);
/* Every buffer is back where it belongs. */
void assert_all_back(void);

#endif
