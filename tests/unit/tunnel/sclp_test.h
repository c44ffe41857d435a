/* SPDX-License-Identifier: BSD-3-Clause */
/* What the SCLP tests share: segments and trains from bytes, a receiver with a stopped clock, exact
 * bookkeeping. */
#ifndef CVSW_TESTS_SCLP_TEST_H
#define CVSW_TESTS_SCLP_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tunnel/sclp.h"
#include "tunnel/sclp_rx.h"

#define TST_TIMEOUT  100000000ull
#define TST_REMOTES  4
#define TST_LEN_MAX  (65535 + 65535)
#define TST_PORT_RAW RTE_BE16(4789)

struct tst {
	struct sclp_rx_conf conf;
	struct sclp_rx *rx;
	struct sclp_rx_remote remote[TST_REMOTES];
	struct sclp_rx_from from; /* of the next train; reset to remote 0 by tst_open */
	uint64_t now_ns;
	struct pkt_list out;
	uint64_t drops[DROP_N_REASONS]; /* counted before */
	/* the train that is being built */
	uint8_t train[80000];
	uint32_t train_len, train_stride;
	uint32_t split; /* bytes of the train in its first mbuf; 0: as a reader does it, 2 KB */
};

/* A receiver with roomy bounds unless t->conf is set; everything else zeroed. */
void tst_open(struct tst *t, const struct sclp_rx_conf *conf);
/* Destroy it; nothing may be left in t->out, and every buffer must be back. */
void tst_close(struct tst *t);
/* Packets of remote @i, from an address of its own. */
void tst_from(struct tst *t, unsigned int i);

/* Drops for @why since tst_open() or the last call for it. */
uint64_t tst_drops(struct tst *t, enum drop_reason why);
/* No other drops were counted. */
void tst_no_drops(struct tst *t);

/* Frame bytes that differ everywhere and from frame to frame. */
void tst_pattern(uint8_t *dst, uint32_t n, uint32_t seed);

/* One segment: bytes [at, at + n) of @frame that is said to have @len bytes. */
struct tst_seg {
	const uint8_t *frame;
	uint32_t len, at, n;
	uint32_t id;
	bool not_first, is_first; /* instead of at == 0 */
	bool csum;
	uint16_t sport;
};

/* Append to the train being built. */
void tst_add(struct tst *t, const struct tst_seg *seg);
/* Receive the train; the next one begins empty. */
void tst_recv(struct tst *t);
/* Both. */
void tst_seg(struct tst *t, const struct tst_seg *seg);

/* The oldest packet of t->out must be these bytes; lengths and counts of its chain are checked. */
void tst_expect(struct tst *t, const uint8_t *bytes, uint32_t n);
/* Copy the oldest packet out and end it; returns its length. */
uint32_t tst_pop(struct tst *t, uint8_t *bytes, struct pkt_meta *md);

/* Internet checksum as RFC 1071 has it, byte by byte: not inverted, host order. */
uint16_t tst_sum(const uint8_t *p, uint32_t n, uint32_t sum);

/* Deterministic randomness. */
uint32_t tst_rand(uint64_t *state);

#endif
