/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The underlay over kernel sockets: routes, neighbours, path MTU and firewalls stay the kernel's.
 *
 * Three parts: what this kernel can do and the sockets (underlay.c, sock.c; main thread), sending
 * (tx.c; one struct ul_tx a worker), receiving (rx.c; one struct ul_rx a socket and worker).  A
 * worker sends from a few source ports, each a socket of its own, chosen by the hash of the inner
 * flow: that spreads flows over ECMP paths and receive queues.
 */
#ifndef CVSW_UNDERLAY_UNDERLAY_H
#define CVSW_UNDERLAY_UNDERLAY_H

#include "pkt/pkt.h"
#include "tunnel/sclp.h"
#include "underlay/addr.h"

#define UL_ENTROPY_MAX 64

/* How packets leave: a class of sockets. */
enum ul_class {
	UL_UDP4,
	UL_UDP4_NOCSUM, /* no outer checksum, hence no UDP_SEGMENT */
	UL_UDP6,
	UL_RAW4, /* IP protocol of SCLP's IP carrier */
	UL_RAW6,
	UL_N_CLASSES
};

struct ul_caps {
	bool udp_gso; /* UDP_SEGMENT works */
	bool udp_gro; /* UDP_GRO works */
};

/* Try what this kernel really does. */
void ul_probe(struct ul_caps *caps);

/* ---- remotes ---- */

/*
 * One address that we send to.  Main makes and frees it; workers read; pmtu is refreshed by both.
 */
struct ul_remote {
	struct ul_addr addr, local; /* local: any = the route's choice */
	struct sockaddr_storage sa; /* with the destination port */
	socklen_t sa_len;
	uint16_t obj; /* owner of drop counters */
	uint8_t ttl;
	uint32_t pmtu;	/* bytes of an IP packet on the path; atomic */
	int probe_fd;	/* connected now and then to ask for the path MTU */
	bool no_trains; /* a device on the way refuses UDP_SEGMENT; set by workers */
};

/* 0 or -errno.  Without a route the MTU is taken as 1,500 until
 * housekeeping finds one. */
int ul_remote_open(struct ul_remote *r, const struct ul_addr *addr, const struct ul_addr *local,
	uint16_t port, uint8_t ttl, uint16_t obj);
void ul_remote_close(struct ul_remote *r);
/* Would packets to the remote come from its own address?  Then it is ours, and what we send comes
 * back to us. */
bool ul_remote_is_own(const struct ul_remote *r);
/* Ask the kernel for the path MTU now; returns true if it changed.  Any thread. */
bool ul_remote_refresh(struct ul_remote *r);
/* UDP payload bytes that fit the path in one packet. */
uint32_t ul_remote_room(const struct ul_remote *r, enum ul_class cls);

/* ---- sending ---- */

/* One train (UDP_SEGMENT, and what UDP_GRO gives back): datagrams, and bytes of all of them. */
#define UL_TRAIN_SEGS  64u
#define UL_TRAIN_BYTES 65507u

/* Largest SCLP frame that leaves as one train when a datagram has room for @room bytes. */
static inline uint32_t ul_train_frame(uint32_t room)
{
	return RTE_MIN(UL_TRAIN_SEGS, UL_TRAIN_BYTES / room) * (room - SCLP_HLEN);
}

struct ul_tx_stats { /* written by the worker */
	uint64_t calls, msgs, wire;
	uint64_t retries; /* the send queue was full, or a pending error was in the way */
};

struct ul_tx;

struct ul_tx_param {
	unsigned int n_entropy;
	struct ul_caps caps;
	uint8_t raw_proto; /* of UL_RAW* */
	uint64_t *wire_of; /* by ul_remote.obj: packets sent, counted here; the caller's */
};

/* Opens no socket yet.  NULL: no memory. */
struct ul_tx *ul_tx_create(const struct ul_tx_param *param);
void ul_tx_destroy(struct ul_tx *tx);
/* Main thread, worker not running or class not in use yet: open the sockets of a class, if not
 * open. 0 or -errno. */
int ul_tx_open_class(struct ul_tx *tx, enum ul_class cls);
/* Where a packet goes and how. */
struct ul_flow {
	struct ul_remote *remote;
	enum ul_class cls;
	uint8_t tos;
	uint32_t hash; /* of the inner flow: chooses the source port */
};

/* Source port of the flow, network byte order: of its socket, or (raw) from the hash. */
rte_be16_t ul_tx_sport(const struct ul_tx *tx, const struct ul_flow *f);

/*
 * Queue one datagram payload / one SCLP frame to be cut into segments of @plen bytes.  The packet
 * is used up.  Equal datagrams to the same remote from the same source port leave as one train
 * (UDP_SEGMENT).
 */
void ul_tx_datagram(struct ul_tx *tx, const struct ul_flow *f, struct rte_mbuf *m);
void ul_tx_frame(
	struct ul_tx *tx, const struct ul_flow *f, struct rte_mbuf *m, const struct sclp_tx *sclp);
void ul_tx_flush(struct ul_tx *tx);
const struct ul_tx_stats *ul_tx_get_stats(const struct ul_tx *tx);

/* ---- errors that came back ---- */

struct ul_error {
	int err;	    /* errno: EMSGSIZE, ECONNREFUSED, EHOSTUNREACH .. */
	struct ul_addr dst; /* the packet's destination */
	uint32_t mtu;	    /* EMSGSIZE: what would fit */
};
/* Next entry of the socket's error queue; false: none. */
bool ul_error_read(int fd, struct ul_error *e);

/* ---- receiving ---- */

enum ul_rx_kind {
	UL_RX_UDP,
	UL_RX_RAW
};

struct ul_rx_param {
	enum ul_rx_kind kind;
	struct ul_addr local; /* any, of either family, or an own address */
	int family;
	uint16_t port;	/* UDP port; raw: IP protocol */
	bool gro;	/* UDP_GRO */
	bool need_csum; /* refuse UDP without a checksum (SCLP) */
	unsigned int worker, n_workers;
	bool beside; /* another of our sockets has the port with a different local address */
};

/* What one call of ul_rx_burst() gives: a train of one or more datagrams. */
struct ul_rx_msg {
	struct rte_mbuf *m;
	uint32_t seg_len; /* bytes of each datagram but the last */
	struct ul_addr from, to;
	uint8_t tos;
	bool csum_done; /* a checksum covered the payload and was verified */
};

#define UL_RX_BURST 32

struct ul_rx;

/* Open a socket; NULL with errno set. Main thread. */
struct ul_rx *ul_rx_open(const struct ul_rx_param *param);
void ul_rx_close(struct ul_rx *rx);
int ul_rx_fd(const struct ul_rx *rx);
/*
 * Let a socket with another local address have the same port (ul_rx_param.beside), while that is
 * opened: "any" and an address of ours clash otherwise.  Not for good, or another program could
 * take our packets.
 */
void ul_rx_allow_beside(struct ul_rx *rx, bool allow);
/* Up to UL_RX_BURST trains; returns how many.  Packets that the kernel dropped meanwhile are added
 * to *n_missed. */
unsigned int ul_rx_burst(struct ul_rx *rx, struct ul_rx_msg msgs[UL_RX_BURST], uint64_t *n_missed);

#endif
