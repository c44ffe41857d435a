/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The switch as the control plane sees it: bridges, ports and tunnels by name.
 *
 * Thread: everything here is called by the main thread only.  A call blocks until all workers have
 * left the old state behind (microseconds; at most one burst).  Returns 0, or -errno with @err
 * filled and nothing changed: -EINVAL (bad value), -EEXIST, -ENOENT, -EBUSY, -EPERM, or what the
 * kernel said.  Configuration structs stay the caller's; the switch copies what it keeps.
 */
#ifndef CVSW_DP_SWITCH_H
#define CVSW_DP_SWITCH_H

#include <stdbool.h>
#include <stdint.h>
#include <net/ethernet.h>

#include "dp/conf.h"
#include "pkt/drop.h"

struct sw;

/*
 * Make the switch: packet pools, workers (not yet started), kernel probes.  EAL must be up
 * (sw_eal_init).
 * @flags: SW_NO_THREADS leaves the workers to the caller (tests: sw_run_once).
 */
#define SW_NO_THREADS 1u
struct sw *sw_create(const struct conf_daemon *d, unsigned int flags, struct conf_err *err);
/* Remove everything, workers first.  Interfaces that we made are gone afterwards (unless
 * persistent). */
void sw_destroy(struct sw *sw);
/* Start DPDK's environment without huge pages, NICs or files left behind.  Once a process. */
int sw_eal_init(uint32_t memory_mb, struct conf_err *err);

int sw_bridge_add(struct sw *sw, const struct conf_bridge *c, struct conf_err *err);
int sw_bridge_set(struct sw *sw, const struct conf_bridge *c, struct conf_err *err);
int sw_bridge_del(
	struct sw *sw, const char *name, struct conf_err *err); /* -EBUSY while it has members */

int sw_port_add(struct sw *sw, const struct conf_port *c, struct conf_err *err);
/* Change what can change at run time: bridge, mtu, offloads, up; other differences are refused
 * (-EINVAL). */
int sw_port_set(struct sw *sw, const struct conf_port *c, struct conf_err *err);
int sw_port_del(struct sw *sw, const char *name, struct conf_err *err);

int sw_tunnel_add(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err);
/* Change bridge, vni, remotes, dscp, ttl; other differences are refused. */
int sw_tunnel_set(struct sw *sw, const struct conf_tunnel *c, struct conf_err *err);
int sw_tunnel_del(struct sw *sw, const char *name, struct conf_err *err);

/* What runs now, as configuration, deep-copied into @c (conf_clear() by the caller). */
void sw_conf_get(struct sw *sw, struct conf *c);

/* ---- forwarding data base ---- */
struct sw_fdb_row {
	struct ether_addr mac;
	const char *bridge;
	const char *port;   /* port or tunnel name; valid until the next change */
	const char *remote; /* tunnel: address of the remote, else NULL */
	bool is_static;
	uint32_t age_s; /* since last seen as a source */
};
typedef void sw_fdb_cb(void *arg, const struct sw_fdb_row *row);
int sw_fdb_show(struct sw *sw, const char *bridge /* NULL: all */, sw_fdb_cb *cb, void *arg,
	struct conf_err *err);
/* Static entry. @port: port or tunnel name; @remote: which remote of a tunnel with several, else
 * NULL. */
int sw_fdb_add(struct sw *sw, const char *bridge, const struct ether_addr *mac, const char *port,
	const char *remote, struct conf_err *err);
int sw_fdb_del(
	struct sw *sw, const char *bridge, const struct ether_addr *mac, struct conf_err *err);
/* Forget learned addresses (static ones stay); returns how many went, or -errno. @port NULL: of all
 * ports. */
int sw_fdb_flush(
	struct sw *sw, const char *bridge /* NULL: all */, const char *port, struct conf_err *err);

/* ---- statistics: sums over the workers, counters since start ---- */
struct sw_stats {
	uint64_t rx_packets,
		rx_bytes; /* from guest or network: frames after coalescing, bytes of Ethernet */
	uint64_t tx_packets, tx_bytes; /* towards it: frames before segmentation */
	uint64_t rx_wire, tx_wire; /* packets or segments as they cross the port or the underlay */
	uint64_t rx_calls, tx_calls;	    /* system calls made for them */
	uint64_t drops;			    /* sum of by_reason */
	uint64_t by_reason[DROP_N_REASONS]; /* frames not delivered, by enum drop_reason */
};

enum sw_obj_kind {
	SW_PORT,
	SW_TUNNEL, /* sum of its remotes */
	SW_REMOTE, /* one remote of a tunnel */
	SW_OTHER,  /* what belongs to no port or tunnel: packets from strangers, say */
};

struct sw_obj_row {
	enum sw_obj_kind kind;
	const char *name;   /* port or tunnel name; SW_OTHER: "-" */
	const char *remote; /* SW_REMOTE: its address */
	const char *bridge; /* or NULL */
	bool up;	    /* SW_PORT: carrier and administrative state */
	uint32_t mtu;	    /* SW_PORT: L3 bytes; SW_REMOTE: path MTU of the underlay */
	struct sw_stats stats;
	/* SW_REMOTE over SCLP: reassembly */
	uint64_t reass_frames; /* under reassembly now */
	uint64_t reass_bytes;
	uint64_t reass_done, reass_recovered, reass_timeout; /* frames */
};
typedef void sw_obj_cb(void *arg, const struct sw_obj_row *row);
/* Every object, in configuration order, a tunnel before its remotes, SW_OTHER last. */
void sw_stats_show(struct sw *sw, sw_obj_cb *cb, void *arg);
/* Frames dropped since start, by reason, over all objects. */
void sw_drops_show(struct sw *sw, uint64_t by_reason[DROP_N_REASONS]);

struct sw_info {
	uint32_t n_workers;
	uint64_t uptime_s;
	uint32_t buf_total, buf_free; /* packet buffers: small ones */
	uint32_t big_total, big_free; /* 64 KB ones */
	uint64_t tx_waits; /* times that the underlay's send queue was full and a worker waited */
	bool udp_gso, udp_gro, tap_uso; /* what this kernel does (after the off switches) */
};
void sw_info_get(struct sw *sw, struct sw_info *info);

/* Work the main thread does for the switch now and then: ageing, path MTU. Returns ms until wanted
 * again, or -1. */
int sw_housekeep(struct sw *sw, uint64_t now_ns);

#endif
