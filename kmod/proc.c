// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/sclp: what the namespace's counters say, and what is under reassembly now: a name and a
 * number on each line.  What is counted for a device is in its `ethtool -S`.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "reasm.h"

static void show_held(struct seq_file *seq, const struct sclp_net *sn)
{
	const struct sclp_reasm *r;
	u64 n_bytes = 0;
	u32 n_live = 0;

	rcu_read_lock();
	r = rcu_dereference(sn->reasm);
	if (r) {
		n_live = READ_ONCE(r->n_live);
		n_bytes = READ_ONCE(r->n_bytes);
	}
	rcu_read_unlock();
	seq_printf(seq, "%-24s %u\n%-24s %llu\n", "reasm_frames_now", n_live, "reasm_bytes_now",
		n_bytes);
}

static int show(struct seq_file *seq, void *unused)
{
	const struct sclp_net *sn = sclp_net(seq_file_single_net(seq));
	u64 *sums = kcalloc(SCLP_N_DROP + SCLP_N_EVENT, sizeof(*sums), GFP_KERNEL);
	unsigned int i;

	if (!sums)
		return -ENOMEM;
	show_held(seq, sn);
	sclp_stats_sum(sn->stats, sums);
	for (i = 0; i < SCLP_N_DROP + SCLP_N_EVENT; i++)
		seq_printf(seq, "%-24s %llu\n", sclp_stats_name(i), sums[i]);
	kfree(sums);
	return 0;
}

int sclp_proc_open(struct sclp_net *sn)
{
	return proc_create_net_single("sclp", 0444, sn->net->proc_net, show, NULL) ? 0 : -ENOMEM;
}

void sclp_proc_close(struct sclp_net *sn)
{
	remove_proc_entry("sclp", sn->net->proc_net);
}
