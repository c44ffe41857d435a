/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens to each frame that crosses the relay in one direction: it is lost, doubled, held
 * back until others have overtaken it, or just forwarded.  Every choice is a Bernoulli trial of its
 * own and comes from a seeded generator: the same frames and the same seed give the same fates.
 */
#ifndef RELAY_FATE_H
#define RELAY_FATE_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"

#define FATE_HELD_MAX  256
#define FATE_MATCH_MAX 16

/* Which frames the chances apply to; none given: all. */
struct fate_match {
	uint8_t proto;	/* IP protocol */
	uint16_t dport; /* UDP destination port, 0: any */
};

struct fate_conf {
	double loss, dup, reorder;
	unsigned int gap; /* a frame held back lets so many others of its kind pass */
	uint64_t hold_ns; /* but is never held longer, for wires that fall silent */
	unsigned int n_matches;
	struct fate_match matches[FATE_MATCH_MAX];
};

struct fate_stats {
	uint64_t forwarded, matched, lost, duplicated, reordered;
};

struct fate_held {
	struct link_frame frame; /* heap memory; NULL: free slot */
	uint64_t after;		 /* leaves when so many frames have passed.. */
	uint64_t until_ns;	 /* ..or at this time */
};

struct fate {
	const struct fate_conf *conf;
	uint64_t rng;
	uint64_t n_passed;
	unsigned int n_held;
	struct fate_held held[FATE_HELD_MAX];
	struct fate_stats stats;
};

void fate_init(struct fate *f, const struct fate_conf *conf, uint64_t seed);
/* Decide on @frame and hand what leaves now to @to. */
void fate_frame(struct fate *f, const struct link_frame *frame, uint64_t now_ns, struct link *to);
/* Let go what was held long enough; return when to call again, UINT64_MAX: nothing is held. */
uint64_t fate_expire(struct fate *f, uint64_t now_ns, struct link *to);
/* Free what is still held. */
void fate_clear(struct fate *f);

#endif
