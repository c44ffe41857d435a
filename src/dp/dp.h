/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The datapath's own structures, private to dp/.
 *
 * Objects are what frames come from and go to: ports, and remotes of tunnels (one object for each
 * remote address, so that an address table entry, a counter and a flood target are all just an
 * object number).  Object 0 is nobody.
 *
 * The main thread makes a struct dp_table, complete and never changed again, and hands it to the
 * workers by pointer. A worker picks the pointer up at the top of its loop; dp_barrier() returns
 * when every worker has done so, and then what only the old table knew may be freed.  Nothing in
 * here is locked.
 */
#ifndef CVSW_DP_DP_H
#define CVSW_DP_DP_H

#include <pthread.h>

#include "dp/conf.h"
#include "dp/fdb.h"
#include "offload/gro.h"
#include "port/port.h"
#include "tunnel/sclp_rx.h"
#include "tunnel/tunnel.h"
#include "underlay/underlay.h"

#define DP_OBJS_MAX    4096
#define DP_WORKERS_MAX 64

enum dp_kind {
	DP_PORT,
	DP_REMOTE
};

/* What a set of remotes at one address shares: SCLP knows addresses, not keys. */
struct dp_peer {
	struct ul_addr addr;
	enum ul_rx_kind kind; /* UDP or raw */
	bool sclp;
	uint16_t obj;	     /* one of its remotes: counts what cannot be laid to a key; atomic */
	unsigned int n_refs; /* remotes */
	struct sclp_rx_remote share[DP_WORKERS_MAX];
};

struct dp_obj {
	uint16_t id;
	enum dp_kind kind;
	char name[CONF_NAME_MAX + 1]; /* of the port or tunnel */
	uint32_t features;	      /* port: CAP_GSO; what cvsw may do for it */
	uint32_t gro;		      /* port: GRO_* for frames that come in */
	struct port *port;
	/* DP_REMOTE */
	const struct tunnel_ops *ops;
	struct ul_remote ul;
	struct dp_peer *peer;
	enum ul_class cls;
	bool sclp;
	bool mss_clamp;
	uint32_t key;
	int16_t dscp; /* fixed, or -1: as the inner packet */
};

/* A bridge as the workers see it. */
struct dp_bridge {
	struct fdb *fdb;
	unsigned int n_members;
	uint16_t members[];
};

/* (peer, key) -> remote; open addressing. */
struct dp_demux {
	const struct dp_peer *peer;
	uint32_t key;
	uint16_t obj; /* 0: free */
};

struct dp_table {
	struct dp_obj *objs[DP_OBJS_MAX];	  /* NULL: no such object */
	struct dp_bridge *bridge_of[DP_OBJS_MAX]; /* NULL: in none */
	unsigned int n_bridges;
	struct dp_bridge **bridges; /* owned */
	uint32_t demux_mask, peer_mask;
	struct dp_demux *demux;
	struct dp_peer **peers; /* by address; NULL: free */
};

/* Written by one worker, read by the main thread. */
struct dp_ostats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, rx_wire, rx_calls;
};

/* Something with a descriptor that a worker serves. */
enum dp_source_kind {
	DP_SRC_WAKE,
	DP_SRC_PORT,
	DP_SRC_UL_RX
};
struct dp_source {
	enum dp_source_kind kind;
	int fd;
	struct port_queue *queue;
	struct ul_rx *rx;
	const struct tunnel_ops *ops; /* UL_RX: of what arrives, unless SCLP says */
	bool sclp;
	enum ul_rx_kind rx_kind;
};

struct dp_worker;
typedef void dp_call_fn(struct dp_worker *w, void *arg);

struct dp_worker {
	unsigned int index;
	int epfd, wake_fd;
	bool running;
	pthread_t thread;
	enum conf_poll poll;
	int cpu;			   /* that the thread is pinned to; -1: none */
	struct dp_table *const *table_now; /* the switch's pointer */
	/* one call at a time, from the main thread */
	pthread_mutex_t call_lock;
	pthread_cond_t call_done;
	dp_call_fn *call_fn;
	void *call_arg;
	bool stop;
	/* the worker's own from here on */
	const struct dp_table *table;
	uint64_t now_ns;
	struct gro *gro;
	uint64_t gro_flush_ns; /* how long it holds packets; 0: to the end of the burst */
	struct sclp_rx *sclp_rx;
	struct ul_tx *ul_tx;
	uint32_t sclp_id; /* counts frames, by two; see next_id() */
	uint32_t sclp_id_base, sclp_id_mask;
	struct dp_source wake;
	struct pkt_list out[DP_OBJS_MAX]; /* towards ports */
	unsigned int n_dirty;
	uint16_t dirty[DP_OBJS_MAX];
	uint64_t *tx_wire;		   /* by object: packets sent to remotes */
	struct dp_ostats *stats;	   /* by object */
	uint64_t (*drops)[DROP_N_REASONS]; /* by object */
};

/* ---- forward.c ---- */
/* Frames that came in through meta->obj: learn, look up, send on. */
void dp_forward(struct dp_worker *w, struct pkt_list *frames);
/* Send @m out of object @obj. */
void dp_output(struct dp_worker *w, uint16_t obj, struct rte_mbuf *m);
/* Everything queued leaves. */
void dp_flush(struct dp_worker *w);

/* GRO's burst is over: what it need not hold any longer joins @frames. */
void dp_coalesce_end(struct dp_worker *w, struct pkt_list *frames);

/* ---- tunnel_io.c ---- */
void dp_tunnel_output(struct dp_worker *w, struct dp_obj *o, struct rte_mbuf *m);
/* One train from the network. */
void dp_tunnel_input(struct dp_worker *w, const struct dp_source *src, struct ul_rx_msg *msg);
/* Frames that SCLP completed. */
void dp_tunnel_frames(struct dp_worker *w, struct pkt_list *frames, struct pkt_list *out);

/* ---- table.c ---- */
/* Build a table from scratch; @objs as the main thread has them. */
struct dp_table *dp_table_build(
	struct dp_obj *const objs[DP_OBJS_MAX], struct dp_peer *const *peers, unsigned int n_peers);
void dp_table_add_bridge(
	struct dp_table *t, struct fdb *fdb, const uint16_t *members, unsigned int n);
void dp_table_free(struct dp_table *t);
struct dp_peer *dp_table_peer(
	const struct dp_table *t, const struct ul_addr *a, enum ul_rx_kind kind, bool sclp);
struct dp_obj *dp_table_demux(const struct dp_table *t, const struct dp_peer *peer, uint32_t key);

/* ---- worker.c ---- */
int dp_worker_init(struct dp_worker *w, unsigned int index, struct dp_table *const *table_now);
void dp_worker_fini(struct dp_worker *w);
int dp_worker_start(struct dp_worker *w);
void dp_worker_stop(struct dp_worker *w);
/* Have the worker run @fn between two bursts; returns when it has. Without a thread: runs it here.
 */
void dp_worker_call(struct dp_worker *w, dp_call_fn *fn, void *arg);
int dp_worker_watch(struct dp_worker *w, struct dp_source *src, uint32_t events);
void dp_worker_unwatch(struct dp_worker *w, const struct dp_source *src);
/* One round; returns how many sources were ready: wait at most @timeout_ms, serve what is ready, at
 * clock @now_ns (0: read the clock).
 */
int dp_worker_round(struct dp_worker *w, int timeout_ms, uint64_t now_ns);
/* Serve a source without a descriptor (dummy ports). */
void dp_worker_serve(struct dp_worker *w, struct dp_source *src);

#endif
