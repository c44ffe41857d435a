/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A test bed: one switch on dummy ports, driven by hand with a clock that stands still.
 *
 * Conservation law: what was injected, plus the copies and segments that a test expects, is what
 * was taken out plus what was dropped and counted.  bed_close() asserts it, and that every buffer
 * is back.
 */
#ifndef CVSW_TESTS_BED_H
#define CVSW_TESTS_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dp/switch_test.h"
#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "port/dummy.h"

#define BED_START_NS 1000000000000ull
#define SECOND_NS    1000000000ull
#define MAC(n)	     (0x020000000000ull + (n)) /* a station */
#define MAC_ALL	     0xffffffffffffull

struct bed {
	struct sw *sw;
	uint64_t now_ns;
	uint64_t n_injected, n_taken;
	int64_t n_extra; /* copies and segments made, minus those merged */
};

void bed_open(struct bed *b, const struct conf_daemon *d); /* @d NULL: defaults */
void bed_close(struct bed *b);

/* Take what is still at the ports. */
void bed_drain_all(struct bed *b);

/* Calls on the switch that must succeed. */
void bed_bridge(struct bed *b, const char *name);
void bed_port(struct bed *b, const char *name, const char *bridge);
void bed_run(struct bed *b);

/* A small UDP frame from station @src to @dst. */
struct rte_mbuf *bed_frame(uint64_t dst, uint64_t src);
/* Write addresses into the frame. */
void bed_address(struct rte_mbuf *m, uint64_t dst, uint64_t src);
void bed_inject(struct bed *b, const char *port, struct rte_mbuf *m);
/* The next frame sent out of the port, judged by the oracle; NULL: none. */
struct rte_mbuf *bed_take(struct bed *b, const char *port);
/* Take all of a port; returns how many. */
unsigned int bed_drain(struct bed *b, const char *port);
/* A frame goes in and the switch runs. */
void bed_send(struct bed *b, const char *port, uint64_t dst, uint64_t src);

uint64_t bed_drops(struct bed *b, enum drop_reason why);
uint64_t bed_drops_all(struct bed *b);
/* Statistics of an object; @remote: of that remote of a tunnel. */
struct sw_obj_row bed_row(struct bed *b, const char *name, const char *remote);

#define assert_drops(b, why, n) assert_int_equal(bed_drops((b), DROP_##why), (n))
/* Injected + extra == taken + dropped. */
#define assert_conserved(b)                                                                        \
	assert_int_equal((int64_t)(b)->n_injected + (b)->n_extra,                                  \
		(int64_t)((b)->n_taken + bed_drops_all(b)))
/* @call is refused with @code and a text that has @words in it. */
#define assert_refused(call, code, words)                                                          \
	do {                                                                                       \
		struct conf_err err_ = { 0 }, *const err = &err_;                                  \
		assert_int_equal((call), (code));                                                  \
		if (!strstr(err->text, words))                                                     \
			fail_msg("\"%s\" does not say \"%s\"", err->text, words);                  \
	} while (0)
/* @call works; says why not. */
#define assert_done(call)                                                                          \
	do {                                                                                       \
		struct conf_err err_ = { 0 }, *const err = &err_;                                  \
		if (call)                                                                          \
			fail_msg("%s", err->text);                                                 \
	} while (0)

#endif
