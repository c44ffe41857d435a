/* SPDX-License-Identifier: BSD-3-Clause */
/* Life of the switch: environment, workers, the table they see, housekeeping. */
#include "dp/switch_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/cpulist.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "dp/switch_test.h"

#define AGE_PERIOD_NS	  (5ull * 1000000000)
#define REORDER_SEGS	  16 /* how far a packet may be late on its way */
#define EAL_MEMORY_MB	  16
#define DEFAULT_MEMORY_MB 96
#define REFRESH_PERIOD_NS (2ull * 1000000000)

/* A descriptor for each remote, and for each port and worker: 1,024 would soon be too few. */
static void raise_fd_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) || rl.rlim_cur == rl.rlim_max)
		return;
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl))
		log_warn("the limit of open files stays low: %s", strerror(errno));
}

int sw_eal_init(uint32_t memory_mb, struct conf_err *err)
{
	char mem[16], lcores[32], prefix[32];
	char *argv[] = { "cvswd", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
		"--log-level", "error", "-m", mem, "--lcores", lcores, "--file-prefix", prefix,
		NULL };

	raise_fd_limit();
	if (!memory_mb)
		memory_mb = DEFAULT_MEMORY_MB;
	/* for its rings and tables; packets live in memory of ours (pkt/pool.c) */
	snprintf(mem, sizeof(mem), "%u", EAL_MEMORY_MB);
	/* EAL pins its first thread to one core unless told that it may use all */
	snprintf(lcores, sizeof(lcores), "0@(0-%ld)", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	snprintf(prefix, sizeof(prefix), "cvsw%d", (int)getpid());
	if (rte_eal_init((int)RTE_DIM(argv) - 1, argv) < 0)
		return conf_refuse(err, -ENOMEM, "", "cannot start DPDK's environment: %s",
			rte_strerror(rte_errno));
	/* EAL made it for files that --no-shconf leaves out; now, so that not even SIGKILL leaves
	 * it */
	rmdir(rte_eal_get_runtime_dir());
	if (pkt_pools_init(memory_mb))
		return conf_refuse(err, -ENOMEM, "daemon.memory",
			"%u MiB are not enough for the packet buffers", memory_mb);
	return 0;
}

/* ---- the table ---- */

/* Number the members of all bridges, ports first: in one pass, since there may be thousands of
 * either. */
static void list_members(struct sw *sw, uint16_t *members)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < sw->n_bridges; i++)
		sw->bridges[i]->n_members = 0;
	for (unsigned int i = 0; i < sw->n_ports; i++)
		if (sw->ports[i]->bridge)
			sw->ports[i]->bridge->n_members++;
	for (unsigned int i = 0; i < sw->n_tunnels; i++)
		if (sw->tunnels[i]->bridge)
			sw->tunnels[i]->bridge->n_members += sw->tunnels[i]->n_remotes;
	for (unsigned int i = 0; i < sw->n_bridges; i++) {
		sw->bridges[i]->members = members + n;
		n += sw->bridges[i]->n_members;
		sw->bridges[i]->n_members = 0;
	}
	for (unsigned int i = 0; i < sw->n_ports; i++) {
		struct sw_bridge *b = sw->ports[i]->bridge;

		if (b)
			b->members[b->n_members++] = sw->ports[i]->obj->id;
	}
	for (unsigned int i = 0; i < sw->n_tunnels; i++) {
		const struct sw_tunnel *t = sw->tunnels[i];

		for (unsigned int r = 0; t->bridge && r < t->n_remotes; r++)
			t->bridge->members[t->bridge->n_members++] = t->remotes[r]->id;
	}
}

static void no_op(struct dp_worker *w, void *arg)
{
	(void)w;
	(void)arg;
}

void sw_publish(struct sw *sw)
{
	struct dp_table *old = sw->table, *t = dp_table_build(sw->objs, sw->peers, sw->n_peers);
	uint16_t *members = xcalloc(DP_OBJS_MAX, sizeof(*members));

	list_members(sw, members);
	for (unsigned int i = 0; i < sw->n_bridges; i++)
		dp_table_add_bridge(
			t, sw->bridges[i]->fdb, sw->bridges[i]->members, sw->bridges[i]->n_members);
	free(members);
	__atomic_store_n(&sw->table, t, __ATOMIC_RELEASE);
	/* a worker picks the pointer up when it is called, between two bursts: when all were,
	 * nobody has the old one */
	for (unsigned int i = 0; i < sw->n_workers; i++)
		dp_worker_call(&sw->workers[i], no_op, NULL);
	if (old)
		dp_table_free(old);
}

/* ---- objects ---- */

struct dp_obj *sw_obj_new(struct sw *sw, enum dp_kind kind, const char *name, struct conf_err *err)
{
	for (uint16_t id = 1; id < DP_OBJS_MAX; id++) {
		struct dp_obj *o;

		if (sw->objs[id])
			continue;
		o = xcalloc(1, sizeof(*o));
		o->id = id;
		o->kind = kind;
		snprintf(o->name, sizeof(o->name), "%s", name);
		sw->objs[id] = o;
		return o;
	}
	conf_refuse(err, -ENOSPC, "", "there are %u ports and remotes already, which is the limit",
		DP_OBJS_MAX - 1);
	return NULL;
}

struct move_arg {
	uint16_t id;
	uint16_t heir;
};

/* In the worker: its counters of an object that is gone go to the heir; 0 inherits what nobody
 * does. */
static void move_counters(struct dp_worker *w, void *argp)
{
	struct move_arg *arg = argp;
	uint64_t *from = (uint64_t *)&w->stats[arg->id], *to = (uint64_t *)&w->stats[arg->heir];

	static_assert(sizeof(struct dp_ostats) % sizeof(uint64_t) == 0, "all counters");
	for (size_t i = 0; i < sizeof(struct dp_ostats) / sizeof(uint64_t); i++) {
		to[i] += from[i];
		from[i] = 0;
	}
	for (unsigned int r = 0; r < DROP_N_REASONS; r++) {
		w->drops[arg->heir][r] += w->drops[arg->id][r];
		w->drops[arg->id][r] = 0;
	}
	w->tx_wire[arg->heir] += w->tx_wire[arg->id];
	w->tx_wire[arg->id] = 0;
}

static void end_obj(struct sw *sw, struct dp_obj *o, uint16_t heir)
{
	struct move_arg arg = { o->id, heir };

	for (unsigned int i = 0; i < sw->n_workers; i++)
		dp_worker_call(&sw->workers[i], move_counters, &arg);
	sw->objs[o->id] = NULL;
	free(o);
}

void sw_obj_free(struct sw *sw, struct dp_obj *o)
{
	for (unsigned int i = 0; i < sw->n_bridges; i++)
		fdb_flush(sw->bridges[i]->fdb, o->id, FDB_STATICS_TOO);
	end_obj(sw, o, 0);
}

void sw_obj_replace(struct sw *sw, struct dp_obj *o, const struct dp_obj *heir)
{
	for (unsigned int i = 0; i < sw->n_bridges; i++)
		fdb_move(sw->bridges[i]->fdb, o->id, heir->id);
	end_obj(sw, o, heir->id);
}

/* ---- names ---- */

struct sw_bridge *sw_find_bridge(struct sw *sw, const char *name)
{
	for (unsigned int i = 0; name && i < sw->n_bridges; i++)
		if (!strcmp(sw->bridges[i]->conf.name, name))
			return sw->bridges[i];
	return NULL;
}

struct sw_port *sw_find_port(struct sw *sw, const char *name)
{
	for (unsigned int i = 0; i < sw->n_ports; i++)
		if (!strcmp(sw->ports[i]->conf.name, name))
			return sw->ports[i];
	return NULL;
}

struct sw_tunnel *sw_find_tunnel(struct sw *sw, const char *name)
{
	for (unsigned int i = 0; i < sw->n_tunnels; i++)
		if (!strcmp(sw->tunnels[i]->conf.name, name))
			return sw->tunnels[i];
	return NULL;
}

int sw_check_name(struct sw *sw, const char *name, struct conf_err *err)
{
	if (sw_find_port(sw, name) || sw_find_tunnel(sw, name))
		return conf_refuse(
			err, -EEXIST, "name", "there is a port or tunnel '%s' already", name);
	return 0;
}

int sw_check_bridge(struct sw *sw, const char *bridge, struct conf_err *err)
{
	if (bridge && !sw_find_bridge(sw, bridge))
		return conf_refuse(
			err, -ENOENT, "bridge", "there is no bridge '%s'; add it first", bridge);
	return 0;
}

/* ---- life ---- */

static struct sclp_rx *make_sclp_rx(const struct conf_daemon *d, unsigned int n_workers)
{
	const struct sclp_rx_conf c = {
		.n_frames = RTE_MAX(d->reass_frames / n_workers, 16u),
		.n_frames_remote = RTE_MAX(
			(d->reass_remote ? d->reass_remote : d->reass_frames / 4) / n_workers, 4u),
		.n_bytes = (uint64_t)d->reass_kb * 1024 / n_workers,
		.timeout_ns = d->reass_ms * 1000000ull,
		.reorder = REORDER_SEGS,
		.recovery = SW_ON(d->recovery),
	};

	return sclp_rx_create(&c);
}

static int make_worker(struct sw *sw, unsigned int i, struct conf_err *err)
{
	struct dp_worker *w = &sw->workers[i];
	const unsigned int id_bits = rte_log2_u32(sw->conf.n_workers); /* rounded up */
	struct ul_tx_param txp = { .n_entropy = sw->conf.n_entropy,
		.caps = sw->caps,
		.raw_proto = (uint8_t)sw->conf.sclp_proto };

	if (dp_worker_init(w, i, &sw->table))
		return conf_refuse(err, -ENOMEM, "daemon.workers", "cannot set up worker %u: %s", i,
			strerror(errno));
	txp.wire_of = w->tx_wire;
	w->poll = sw->conf.poll;
	w->gro_flush_ns = sw->conf.gro_flush_us * 1000ull;
	w->cpu = sw->conf.cpus ? cpulist_nth(sw->conf.cpus, i) : -1;
	w->sclp_id_mask = (1u << (31 - id_bits)) - 1;
	w->sclp_id_base = i << (31 - id_bits);
	w->sclp_rx = make_sclp_rx(&sw->conf, sw->n_workers);
	w->ul_tx = ul_tx_create(&txp);
	if (!w->sclp_rx || !w->ul_tx ||
		getrandom(&w->sclp_id, sizeof(w->sclp_id), 0) != sizeof(w->sclp_id))
		return conf_refuse(err, -ENOMEM, "daemon.workers",
			"cannot set up worker %u: out of memory", i);
	return 0;
}

static void set_defaults(struct conf_daemon *d)
{
#define DEFAULT(field, value)                                                                      \
	if (!d->field)                                                                             \
	d->field = (value)
	DEFAULT(n_workers, 1);
	DEFAULT(n_entropy, 8);
	DEFAULT(sclp_port, SCLP_UDP_PORT);
	DEFAULT(sclp_proto, SCLP_IP_PROTO);
	DEFAULT(reass_ms, 100);
	DEFAULT(reass_frames, 1024);
	DEFAULT(reass_kb, 16384);
#undef DEFAULT
}

struct sw *sw_create(const struct conf_daemon *d, unsigned int flags, struct conf_err *err)
{
	struct sw *sw = xcalloc(1, sizeof(*sw));

	conf_daemon_copy(&sw->conf, d);
	set_defaults(&sw->conf);
	sw->flags = flags;
	sw->start_ns = clock_now_ns();
	ul_probe(&sw->caps);
	sw->caps.udp_gso = sw->caps.udp_gso && SW_ON(sw->conf.udp_gso);
	sw->caps.udp_gro = sw->caps.udp_gro && SW_ON(sw->conf.udp_gro);
	sw->workers = xcalloc(sw->conf.n_workers, sizeof(*sw->workers));
	for (unsigned int i = 0; i < sw->conf.n_workers; i++) {
		sw->n_workers = i + 1;
		if (make_worker(sw, i, err)) {
			sw_destroy(sw);
			return NULL;
		}
	}
	sw_publish(sw);
	if (flags & SW_NO_THREADS)
		sw_count_here(sw);
	for (unsigned int i = 0; !(flags & SW_NO_THREADS) && i < sw->n_workers; i++) {
		if (dp_worker_start(&sw->workers[i])) {
			conf_refuse(err, -EAGAIN, "daemon.workers", "cannot start worker %u", i);
			sw_destroy(sw);
			return NULL;
		}
	}
	return sw;
}

void sw_destroy(struct sw *sw)
{
	while (sw->n_ports)
		sw_port_del(sw, sw->ports[sw->n_ports - 1]->conf.name, NULL);
	while (sw->n_tunnels)
		sw_tunnel_del(sw, sw->tunnels[sw->n_tunnels - 1]->conf.name, NULL);
	while (sw->n_bridges)
		sw_bridge_del(sw, sw->bridges[sw->n_bridges - 1]->conf.name, NULL);
	for (unsigned int i = 0; i < sw->n_workers; i++)
		dp_worker_stop(&sw->workers[i]);
	if (sw->flags & SW_NO_THREADS)
		pkt_drops_bind(NULL, 0);
	for (unsigned int i = 0; i < sw->n_workers; i++)
		dp_worker_fini(&sw->workers[i]);
	if (sw->table)
		dp_table_free(sw->table);
	free(sw->workers);
	free(sw->bridges);
	free(sw->ports);
	free(sw->tunnels);
	free(sw->endpoints);
	free(sw->peers);
	free(sw->conf.control);
	free(sw->conf.cpus);
	free(sw);
}

void sw_conf_get(struct sw *sw, struct conf *c)
{
	memset(c, 0, sizeof(*c));
	conf_daemon_copy(&c->daemon, &sw->conf);
	c->bridges = xcalloc(sw->n_bridges, sizeof(*c->bridges));
	c->ports = xcalloc(sw->n_ports, sizeof(*c->ports));
	c->tunnels = xcalloc(sw->n_tunnels, sizeof(*c->tunnels));
	for (; c->n_bridges < sw->n_bridges; c->n_bridges++)
		conf_bridge_copy(&c->bridges[c->n_bridges], &sw->bridges[c->n_bridges]->conf);
	for (; c->n_ports < sw->n_ports; c->n_ports++)
		conf_port_copy(&c->ports[c->n_ports], &sw->ports[c->n_ports]->conf);
	for (; c->n_tunnels < sw->n_tunnels; c->n_tunnels++)
		conf_tunnel_copy(&c->tunnels[c->n_tunnels], &sw->tunnels[c->n_tunnels]->conf);
}

void sw_info_get(struct sw *sw, struct sw_info *info)
{
	struct pkt_pool_use use;

	pkt_pools_use(&use);
	*info = (struct sw_info){
		.n_workers = sw->n_workers,
		.uptime_s = (clock_now_ns() - sw->start_ns) / 1000000000,
		.buf_total = use.small_total,
		.buf_free = use.small_free,
		.big_total = use.big_total,
		.big_free = use.big_free,
		.udp_gso = sw->caps.udp_gso,
		.udp_gro = sw->caps.udp_gro,
	};
	for (unsigned int i = 0; i < sw->n_workers; i++)
		info->tx_waits += counter_read(&ul_tx_get_stats(sw->workers[i].ul_tx)->retries);
	for (unsigned int i = 0; i < sw->n_ports; i++)
		if (sw->ports[i]->conf.type == CONF_PORT_TAP)
			info->tap_uso |= !!(sw->ports[i]->obj->port->caps & CAP_USO);
}

/* ---- now and then ---- */

static void age(struct sw *sw, uint64_t now_ns)
{
	for (unsigned int i = 0; i < sw->n_bridges; i++) {
		const struct sw_bridge *b = sw->bridges[i];

		if (fdb_count(b->fdb))
			fdb_age(b->fdb, (uint32_t)(now_ns / 1000000000),
				b->conf.ageing_s ? b->conf.ageing_s : 300);
	}
}

int sw_housekeep(struct sw *sw, uint64_t now_ns)
{
	if (now_ns - sw->aged_ns >= AGE_PERIOD_NS) {
		sw->aged_ns = now_ns;
		age(sw, now_ns);
	}
	if (now_ns - sw->refreshed_ns >= REFRESH_PERIOD_NS) {
		sw->refreshed_ns = now_ns;
		sw_ports_revive(sw);
		for (unsigned int id = 1; id < DP_OBJS_MAX; id++)
			if (sw->objs[id] && sw->objs[id]->kind == DP_REMOTE)
				ul_remote_refresh(&sw->objs[id]->ul);
	}
	return sw->n_bridges || sw->n_tunnels ? 2000 : -1;
}

/* ---- for tests ---- */

void sw_run_once(struct sw *sw, uint64_t now_ns)
{
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		struct dp_worker *w = &sw->workers[i];

		pkt_drops_bind(w->drops, DP_OBJS_MAX);
		w->now_ns = now_ns;
		for (unsigned int p = 0; p < sw->n_ports; p++)
			if (sw->ports[p]->sources[i].fd < 0)
				dp_worker_serve(w, &sw->ports[p]->sources[i]);
		dp_worker_round(w, 0, now_ns);
	}
	sw_count_here(sw);
}

void sw_count_here(struct sw *sw)
{
	pkt_drops_bind(sw->workers[0].drops, DP_OBJS_MAX);
}

struct port *sw_port_handle(struct sw *sw, const char *name)
{
	const struct sw_port *p = sw_find_port(sw, name);

	return p ? p->obj->port : NULL;
}

void sw_set_path_mtu(struct sw *sw, const char *tunnel, uint32_t mtu)
{
	const struct sw_tunnel *t = sw_find_tunnel(sw, tunnel);

	for (unsigned int i = 0; t && i < t->n_remotes; i++)
		__atomic_store_n(&t->remotes[i]->ul.pmtu, mtu, __ATOMIC_RELAXED);
}
