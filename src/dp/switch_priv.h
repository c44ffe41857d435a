/* SPDX-License-Identifier: BSD-3-Clause */
/* The switch as the main thread keeps it; private to switch*.c.  Main thread only. */
#ifndef CVSW_DP_SWITCH_PRIV_H
#define CVSW_DP_SWITCH_PRIV_H

#include "dp/dp.h"
#include "dp/switch.h"

struct sw_bridge {
	struct conf_bridge conf;
	struct fdb *fdb;
	uint16_t *members; /* while a table is built */
	unsigned int n_members;
};

struct sw_port {
	struct conf_port conf;
	struct sw_bridge *bridge; /* conf.bridge; it cannot go before us */
	struct dp_obj *obj;
	struct dp_source *sources; /* one a worker */
};

/* Where packets of the network arrive: sockets shared by all tunnels with the same local end. */
struct sw_endpoint {
	enum ul_rx_kind kind;
	bool sclp;
	int family;
	struct ul_addr local;
	uint16_t port;
	const struct tunnel_ops *ops; /* of the tunnel that opened it: one port, one kind */
	unsigned int n_refs;
	struct dp_source *sources; /* one a worker */
};

struct sw_tunnel {
	struct conf_tunnel conf;
	struct sw_bridge *bridge; /* conf.bridge; it cannot go before us */
	struct sw_endpoint *endpoint;
	unsigned int n_remotes;
	struct dp_obj **remotes;
};

struct sw {
	struct conf_daemon conf;
	unsigned int flags;
	struct ul_caps caps;
	uint64_t start_ns, aged_ns, refreshed_ns;
	unsigned int n_workers;
	struct dp_worker *workers;
	struct dp_table *table; /* what the workers see */
	struct dp_obj *objs[DP_OBJS_MAX];
	unsigned int n_bridges, n_ports, n_tunnels, n_endpoints, n_peers;
	struct sw_bridge **bridges;
	struct sw_port **ports;
	struct sw_tunnel **tunnels;
	struct sw_endpoint **endpoints;
	struct dp_peer **peers;
	bool class_is_open[UL_N_CLASSES]; /* of sending sockets */
	uint64_t gone_missed;		  /* DROP_PORT_RX_MISSED of ports that were removed */
};

#define SW_ON(tri) ((tri) != CONF_OFF)

/* ---- switch_port.c ---- */
/* Open ports anew whose interface was deleted and is there again. */
void sw_ports_revive(struct sw *sw);

/* ---- switch.c ---- */
/* Build a new table and hand it to the workers; on return none uses the old one. */
void sw_publish(struct sw *sw);
/* A new object with a free number, known to nobody yet; NULL when all numbers are taken. */
struct dp_obj *sw_obj_new(struct sw *sw, enum dp_kind kind, const char *name, struct conf_err *err);
/* Forget the object: it must be published away.  Its counters move to object 0, its addresses out
 * of all bridges. */
void sw_obj_free(struct sw *sw, struct dp_obj *o);
/* The same, but counters and addresses go to @heir, which has taken its place. */
void sw_obj_replace(struct sw *sw, struct dp_obj *o, const struct dp_obj *heir);

/* NULL: none; @name may be NULL. */
struct sw_bridge *sw_find_bridge(struct sw *sw, const char *name);
struct sw_port *sw_find_port(struct sw *sw, const char *name);
struct sw_tunnel *sw_find_tunnel(struct sw *sw, const char *name);
/* 0, or -EEXIST / -ENOENT with a text: is the name free / the bridge there (NULL is fine)? */
int sw_check_name(struct sw *sw, const char *name, struct conf_err *err);
int sw_check_bridge(struct sw *sw, const char *bridge, struct conf_err *err);

/* Grow, or take one out of, an array of pointers. */
#define SW_PUSH(array, n, item)                                                                    \
	do {                                                                                       \
		(array) = xreallocarray((array), (n) + 1u, sizeof(*(array)));                      \
		(array)[(n)++] = (item);                                                           \
	} while (0)
#define SW_TAKE(array, n, item)                                                                    \
	do {                                                                                       \
		unsigned int i_ = 0;                                                               \
		while ((array)[i_] != (item))                                                      \
			i_++;                                                                      \
		(n)--;                                                                             \
		memmove(&(array)[i_], &(array)[i_ + 1], ((n)-i_) * sizeof(*(array)));              \
	} while (0)

#endif
