// SPDX-License-Identifier: GPL-2.0
/* Counters of a device or a namespace, one set for each CPU. */
#include "stats.h"

static const char *const names[] = {
#define SCLP_DROP(sym, name) name,
#include "drop.def"
#undef SCLP_DROP
	[SCLP_N_DROP + SCLP_EV_TX_FRAMES] = "tx_frames",
	[SCLP_N_DROP + SCLP_EV_TX_SEGMENTED] = "tx_frames_segmented",
	[SCLP_N_DROP + SCLP_EV_TX_REPEATED] = "tx_repeated",
	[SCLP_N_DROP + SCLP_EV_RX_SEGMENTS] = "rx_segments",
	[SCLP_N_DROP + SCLP_EV_RX_REPEATED] = "rx_repeated",
	[SCLP_N_DROP + SCLP_EV_RX_WHOLE] = "rx_frames_whole",
	[SCLP_N_DROP + SCLP_EV_REASM_DONE] = "reasm_frames",
	[SCLP_N_DROP + SCLP_EV_REASM_RECOVERED] = "reasm_frames_recovered",
	[SCLP_N_DROP + SCLP_EV_REASM_PARTS] = "reasm_parts_recovered",
	[SCLP_N_DROP + SCLP_EV_PMTU] = "pmtu_changes",
	[SCLP_N_DROP + SCLP_EV_PMTU_REFUSED] = "pmtu_refused",
};

static_assert(ARRAY_SIZE(names) == SCLP_N_DROP + SCLP_N_EVENT);

/* Interrupts off, as far as 32-bit machines need it: a reader or a softirq may stand in between. */
static void stats_add(struct sclp_stats __percpu *stats, bool drop, unsigned int i, u32 n)
{
	struct sclp_stats *s = get_cpu_ptr(stats);
	unsigned long flags = u64_stats_update_begin_irqsave(&s->syncp);

	u64_stats_add(drop ? &s->drop[i] : &s->event[i], n);
	u64_stats_update_end_irqrestore(&s->syncp, flags);
	put_cpu_ptr(stats);
}

void sclp_stats_drop(struct sclp_stats __percpu *stats, enum sclp_drop why)
{
	stats_add(stats, true, why, 1);
}

void sclp_stats_event(struct sclp_stats __percpu *stats, enum sclp_event what, u32 n)
{
	stats_add(stats, false, what, n);
}

void sclp_drop(struct sclp_stats __percpu *stats, struct sk_buff *skb, enum sclp_drop why)
{
	sclp_stats_drop(stats, why);
	kfree_skb(skb);
}

void sclp_stats_sum(struct sclp_stats __percpu *stats, u64 *out)
{
	unsigned int start, i;
	int cpu;

	memset(out, 0, (SCLP_N_DROP + SCLP_N_EVENT) * sizeof(*out));
	for_each_possible_cpu(cpu) {
		const struct sclp_stats *s = per_cpu_ptr(stats, cpu);
		u64 one[SCLP_N_DROP + SCLP_N_EVENT];

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			for (i = 0; i < SCLP_N_DROP; i++)
				one[i] = u64_stats_read(&s->drop[i]);
			for (i = 0; i < SCLP_N_EVENT; i++)
				one[SCLP_N_DROP + i] = u64_stats_read(&s->event[i]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		for (i = 0; i < ARRAY_SIZE(one); i++)
			out[i] += one[i];
	}
}

const char *sclp_stats_name(unsigned int i)
{
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}
