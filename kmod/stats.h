/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters: what was dropped, and why (drop.def), and what else one wants to know (recovered parts,
 * merged segments).  Per CPU; the reader sums.  One struct for a device, one for a namespace.
 */
#ifndef _SCLP_STATS_H
#define _SCLP_STATS_H

#include <linux/u64_stats_sync.h>
#include <linux/skbuff.h>

enum sclp_drop {
#define SCLP_DROP(sym, name) SCLP_DROP_##sym,
#include "drop.def"
#undef SCLP_DROP
	SCLP_N_DROP
};

/* What was not a drop, but tells how the tunnel does. */
enum sclp_event {
	SCLP_EV_TX_FRAMES,
	SCLP_EV_TX_SEGMENTED,	 /* frames that needed more than one segment */
	SCLP_EV_TX_REPEATED,	 /* segments sent once more (again.c, tail.c) */
	SCLP_EV_RX_SEGMENTS,	 /* as they came from level 1 */
	SCLP_EV_RX_REPEATED,	 /* segments that were there already */
	SCLP_EV_RX_WHOLE,	 /* frames that came whole */
	SCLP_EV_REASM_DONE,	 /* frames made whole by level 2 */
	SCLP_EV_REASM_RECOVERED, /* frames of which parts were delivered */
	SCLP_EV_REASM_PARTS,	 /* parts so delivered */
	SCLP_EV_PMTU,		 /* path MTU changes learnt */
	SCLP_EV_PMTU_REFUSED,	 /* ICMP errors about it that were not believed */
	SCLP_N_EVENT
};

struct sclp_stats {
	u64_stats_t drop[SCLP_N_DROP];
	u64_stats_t event[SCLP_N_EVENT];
	struct u64_stats_sync syncp;
};

/* Any context with bottom halves off or on; @stats is a per-cpu pointer. */
void sclp_stats_drop(struct sclp_stats __percpu *stats, enum sclp_drop why);
void sclp_stats_event(struct sclp_stats __percpu *stats, enum sclp_event what, u32 n);

/* Counts and frees @skb. */
void sclp_drop(struct sclp_stats __percpu *stats, struct sk_buff *skb, enum sclp_drop why);

/* Sums over the CPUs: SCLP_N_DROP drops, then SCLP_N_EVENT events. */
void sclp_stats_sum(struct sclp_stats __percpu *stats, u64 *out);
const char *sclp_stats_name(unsigned int i); /* of the i-th sum, as ethtool shows it */

#endif
