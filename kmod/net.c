// SPDX-License-Identifier: GPL-2.0
/* What is made with a network namespace and goes with it. */
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include "dev.h"
#include "rx.h"

unsigned int sclp_net_id __read_mostly;

static struct sclp_stats __percpu *net_stats_alloc(void)
{
	struct sclp_stats __percpu *stats = alloc_percpu(struct sclp_stats);
	int cpu;

	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

static int net_peers_open(struct sclp_net *sn)
{
	int err, i;

	for (i = 0; i < SCLP_N_CARRIERS; i++) {
		err = sclp_peers_init(&sn->peers[i]);
		if (err)
			goto no_memory;
	}
	return 0;

no_memory:
	while (i--)
		sclp_peers_destroy(&sn->peers[i]);
	return err;
}

static void net_peers_close(struct sclp_net *sn)
{
	int i;

	for (i = 0; i < SCLP_N_CARRIERS; i++)
		sclp_peers_destroy(&sn->peers[i]);
}

static int __net_init sclp_net_init(struct net *net)
{
	struct sclp_net *sn = sclp_net(net);
	int err;

	sn->net = net;
	INIT_LIST_HEAD(&sn->devs);
	INIT_LIST_HEAD(&sn->socks);
	hash_init(sn->by_vni);
	hash_init(sn->by_port);
	sn->seed = get_random_u32();
	atomic_set(&sn->ident, get_random_u32());
	sn->stats = net_stats_alloc();
	if (!sn->stats)
		return -ENOMEM;
	err = -ENOMEM;
	sn->tcp_ends = kvcalloc(SCLP_TCP_ENDS, sizeof(*sn->tcp_ends), GFP_KERNEL);
	if (!sn->tcp_ends)
		goto no_ends;
	err = net_peers_open(sn);
	if (err)
		goto no_peers;
	err = sclp_sysctl_open(sn);
	if (err)
		goto no_sysctl;
	err = sclp_reasm_open(sn);
	if (err)
		goto no_reasm;
	err = sclp_proc_open(sn);
	if (err)
		goto no_proc;
	return 0;

no_proc:
	sclp_reasm_close(sn);
no_reasm:
	sclp_sysctl_close(sn);
no_sysctl:
	net_peers_close(sn);
no_peers:
	kvfree(sn->tcp_ends);
no_ends:
	free_percpu(sn->stats);
	return err;
}

/* Devices first, of all namespaces at once; their sockets close as they go down. */
static void __net_exit sclp_net_exit_batch(struct list_head *nets)
{
	struct net *net;
	LIST_HEAD(kill);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		sclp_dev_net_exit(sclp_net(net), &kill);
	unregister_netdevice_many(&kill);
	rtnl_unlock();

	list_for_each_entry(net, nets, exit_list) {
		struct sclp_net *sn = sclp_net(net);

		WARN_ON_ONCE(!list_empty(&sn->devs) || !list_empty(&sn->socks));
		sclp_proc_close(sn);
		sclp_reasm_close(sn);
		sclp_sysctl_close(sn);
		net_peers_close(sn);
		kvfree(sn->tcp_ends);
		free_percpu(sn->stats);
	}
}

static struct pernet_operations sclp_net_ops = {
	.init = sclp_net_init,
	.exit_batch = sclp_net_exit_batch,
	.id = &sclp_net_id,
	.size = sizeof(struct sclp_net),
};

int sclp_net_register(void)
{
	return register_pernet_subsys(&sclp_net_ops);
}

void sclp_net_unregister(void)
{
	unregister_pernet_subsys(&sclp_net_ops);
}
