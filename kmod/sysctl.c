// SPDX-License-Identifier: GPL-2.0
/* net.sclp.*: a namespace's limits.  Its owner may read them; only who rules the machine changes
 * them.
 */
#include <linux/sysctl.h>
#include <linux/user_namespace.h>
#include "compat.h"
#include "net.h"

static const struct sclp_limits defaults = {
	.reasm_ms = 100,
	.reasm_max_frames = 1024,
	.reasm_max_frames_remote = 256,
	.reasm_max_kib = 16384,
	.reorder = 16,
	.recover = 1,
	.allow_no_csum = 0,
};

static int one = 1, ms_max = 10000, frames_max = 16384, kib_min = 256, kib_max = 1 << 20,
	   reorder_max = 1 << 16;

#define LIMIT(field, low, high)                                                                    \
	{                                                                                          \
		.procname = #field, .data = (void *)offsetof(struct sclp_limits, field),           \
		.maxlen = sizeof(int), .mode = 0644, .proc_handler = proc_dointvec_minmax,         \
		.extra1 = low, .extra2 = high,                                                     \
	}

/* .data is the offset in struct sclp_limits */
static const struct ctl_table limits_table[] = {
	LIMIT(reasm_ms, &one, &ms_max),
	LIMIT(reasm_max_frames, &one, &frames_max),
	LIMIT(reasm_max_frames_remote, &one, &frames_max),
	LIMIT(reasm_max_kib, &kib_min, &kib_max),
	LIMIT(reorder, SYSCTL_ZERO, &reorder_max),
	LIMIT(recover, SYSCTL_ZERO, SYSCTL_ONE),
	LIMIT(allow_no_csum, SYSCTL_ZERO, SYSCTL_ONE),
};

#define N_LIMITS ARRAY_SIZE(limits_table)

void sclp_limits_init(struct sclp_limits *lim)
{
	*lim = defaults;
}

int sclp_sysctl_open(struct sclp_net *sn)
{
	struct ctl_table *table;
	unsigned int i;

	sclp_limits_init(&sn->limits);
	table = kcalloc(N_LIMITS + 1, sizeof(*table), GFP_KERNEL); /* 6.1 wants an empty one last */
	if (!table)
		return -ENOMEM;
	for (i = 0; i < N_LIMITS; i++) {
		table[i] = limits_table[i];
		table[i].data = (char *)&sn->limits + (unsigned long)limits_table[i].data;
		if (sn->net->user_ns != &init_user_ns)
			table[i].mode = 0444;
	}
	sn->sysctl = sclp_compat_register_sysctl(sn->net, "net/sclp", table, N_LIMITS);
	if (sn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

void sclp_sysctl_close(struct sclp_net *sn)
{
	const struct ctl_table *table = sn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(sn->sysctl);
	kfree(table);
}
