/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports: where frames enter and leave the switch.  A new kind of port is a new file and one row in
 * port_find_ops().
 *
 * virtio and ethdev flags exist only below this line: a received packet carries its debts in struct
 * pkt_meta, and a packet to be sent has been through tx_prepare() against port->caps.
 */
#ifndef CVSW_PORT_PORT_H
#define CVSW_PORT_PORT_H

#include <stdbool.h>

#include "offload/caps.h"
#include "pkt/pkt.h"

struct port;

/* What port_open() is asked for; plain values, nothing is kept. */
struct port_param {
	const char *ifname;
	const char *netns;  /* NULL: this namespace */
	const uint8_t *mac; /* 6 bytes or NULL */
	uint32_t mtu;	    /* L3 bytes */
	uint32_t features;  /* CAP_* to use with the peer, CAP_GSO */
	uint32_t gso_max;   /* largest super-frame the peer should make, bytes of IP packet; 0: no
			       matter */
	unsigned int n_queues; /* one a worker */
	bool persistent, up;
};

/* Written by the worker that owns the queue, read by any. */
struct port_qstats {
	uint64_t rx_wire, tx_wire; /* frames as they cross the interface */
	uint64_t rx_calls, tx_calls;
};

struct port_queue {
	struct port *port;
	int fd;		    /* readable when there is something to receive; -1: none (poll it) */
	unsigned int index; /* of the worker */
	struct port_qstats stats;
	bool gone; /* the interface was deleted underneath: nothing will ever come (set by rx) */
	struct rte_mbuf *spare_small, *spare_big; /* receive buffers kept between calls */
};

/*
 * Contract of a kind of port.  open, close, set_*: main thread, may block.  rx, tx: the worker that
 * owns the queue, never block.
 */
struct port_ops {
	const char *name;
	/* Make p->queues usable, set p->caps and p->ifindex.  0 or -errno with p->err telling why.
	 */
	int (*open)(struct port *p, const struct port_param *param);
	void (*close)(struct port *p);
	/*
	 * Append received frames to @out (parsed, hash not computed, meta obj set): at most
	 * @max_pkts and about
	 * @max_bytes.  Returns true if there may be more at once.  What cannot be received is
	 * counted.
	 */
	bool (*rx)(struct port_queue *q, struct pkt_list *out, unsigned int max_pkts,
		unsigned int max_bytes);
	/* Send all of @pkts, which is empty afterwards; what the interface refuses is dropped and
	 * counted. */
	void (*tx)(struct port_queue *q, struct pkt_list *pkts);
	int (*set_mtu)(struct port *p, uint32_t mtu);
	int (*set_features)(struct port *p, uint32_t features);
	int (*set_up)(struct port *p, bool up);
	/* Is the interface up and running? */
	bool (*is_up)(struct port *p);
	/* Did the interface go away for good, or does another one have its name now?  Opening anew
	 * would help. */
	bool (*is_stale)(struct port *p);
	/* Frames that the interface or kernel lost before we could read them, since open. */
	uint64_t (*rx_missed)(struct port *p);
};

struct port {
	const struct port_ops *ops;
	uint16_t obj;  /* of the switch: owner of drop counters */
	uint32_t caps; /* CAP_*: what may be sent; written by main, read by workers (relaxed) */
	uint32_t mtu;  /* likewise */
	unsigned int n_queues;
	struct port_queue *queues;
	unsigned int ifindex;
	char ifname[16];
	char *netns;
	char err[256]; /* why the last call failed */
	void *priv;
};

/* The kind called @name ("tap", "af_packet", "dummy"), or NULL. */
const struct port_ops *port_find_ops(const char *name);

/* Make and open; NULL with *err (a malloc-free text of at most @err_len bytes) and errno set.
 * port_close frees. */
struct port *port_open(const struct port_ops *ops, uint16_t obj, const struct port_param *param,
	char *err, size_t err_len);
void port_close(struct port *p);

/* For implementations: say why in p->err, return -@errnum. */
int port_fail(struct port *p, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

extern const struct port_ops port_tap_ops, port_af_packet_ops, port_dummy_ops;

#endif
