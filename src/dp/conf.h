/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a user may ask for: the one description of daemon, bridges, ports and tunnels, filled by the
 * YAML file (daemon/config) and by JSON-RPC (daemon/rpc), taken by switch.h.
 *
 * Plain data: strings are heap memory owned by the struct that holds them; NULL or 0 means "the
 * default".  Values are checked by conf_check_*() (conf_check.c) before any of them reaches the
 * switch.
 */
#ifndef CVSW_DP_CONF_H
#define CVSW_DP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_NAME_MAX 15 /* bytes without the NUL, as for a Linux interface */
#define CONF_MTU_MIN  68
#define CONF_MTU_MAX  65521

enum conf_port_type {
	CONF_PORT_TAP,
	CONF_PORT_AF_PACKET,
	CONF_PORT_DUMMY,
};

enum conf_tunnel_type {
	CONF_TUNNEL_VXLAN,
};

enum conf_transport {
	CONF_TRANSPORT_SCLP,
	CONF_TRANSPORT_UDP,
};

enum conf_carrier {
	CONF_CARRIER_UDP,
	CONF_CARRIER_IP,
};

enum conf_poll {
	CONF_POLL_ADAPTIVE, /* poll while there is work, then sleep */
	CONF_POLL_BUSY,	    /* never sleep */
};

/* A setting that may be left to the default. */
enum conf_tri {
	CONF_DEFAULT = 0,
	CONF_ON,
	CONF_OFF,
};

struct conf_daemon {
	uint32_t n_workers;  /* threads that carry packets; default 1 */
	char *cpus;	     /* "0,2-5": worker i runs on the i-th of them; NULL: anywhere */
	enum conf_poll poll; /* default adaptive */
	char *control;	     /* path of the control socket; default /run/cvsw/cvswd.sock */
	uint32_t n_entropy;  /* UDP source ports a worker spreads its flows over; default 8, 1-64 */
	uint32_t memory_mb;  /* packet buffers, MiB; default 96, 32-16384 */
	enum conf_tri
		netns; /* keep the right to make ports in namespaces at run time; default off */
	enum conf_tri udp_gso;	/* underlay UDP_SEGMENT; default: on where the kernel has it */
	enum conf_tri udp_gro;	/* underlay UDP_GRO; likewise */
	uint32_t gro_flush_us;	/* how long GRO holds packets beyond their burst; default 0 */
	uint32_t sclp_port;	/* UDP port of SCLP's UDP carrier; default 4234 */
	uint32_t sclp_proto;	/* IP protocol of SCLP's IP carrier; default 234 */
	uint32_t reass_ms;	/* SCLP reassembly time-out, ms; default 100, 1-10000 */
	uint32_t reass_frames;	/* frames under reassembly, in total; default 1024, 16-65536 */
	uint32_t reass_remote;	/* the same for one remote; default a quarter of the total */
	uint32_t reass_kb;	/* bytes held for reassembly, in total, KiB; default 16384 */
	enum conf_tri recovery; /* SCLP loss recovery; default on */
};

struct conf_bridge {
	char *name;
	uint32_t ageing_s; /* seconds until a learned address is forgotten; default 300; 10-1000000
			    */
	uint32_t fdb_max;  /* addresses; default 8192, 16-1048576 */
};

struct conf_port {
	char *name; /* of the port; also of the interface made or attached to unless `ifname` says
		       otherwise */
	enum conf_port_type type;
	char *bridge;	  /* NULL: in none */
	char *ifname;	  /* interface; NULL: as `name` */
	char *netns;	  /* tap: make the interface in this named network namespace; NULL: here */
	char *mac;	  /* tap: "52:54:00:..", of the guest's side; NULL: the kernel's choice */
	uint32_t mtu;	  /* bytes of L3; default 1500, tap: set on the interface; 68-65521 */
	bool persistent;  /* tap: stays when the daemon ends */
	enum conf_tri up; /* tap: set the interface up; default on */
	enum conf_tri csum, tso, uso, gso, gro; /* default on */
};

struct conf_tunnel {
	char *name;
	enum conf_tunnel_type type;
	enum conf_transport transport; /* default sclp */
	enum conf_carrier carrier;     /* transport sclp; default udp */
	char *bridge;		       /* NULL: in none */
	uint32_t vni;		       /* 0-16777215 */
	char *local;		       /* own address; NULL: any, the route's choice */
	char **remotes;		       /* addresses, all of the family of `local` */
	unsigned int n_remotes;	       /* 1-256 */
	uint32_t dstport;	       /* transport udp: default 4789; sclp: `daemon.sclp_port` */
	uint32_t ttl;		       /* default 64; 1-255 */
	char *dscp;		       /* "inherit" (default) or a number 0-63 */
	enum conf_tri mss_clamp; /* TCP connections are opened with an MSS that fits; default on */
	enum conf_tri csum;	 /* transport udp: outer UDP checksum over IPv4; carrier ip: SCLP
				    checksum; default on */
};

struct conf {
	struct conf_daemon daemon;
	struct conf_bridge *bridges;
	unsigned int n_bridges;
	struct conf_port *ports;
	unsigned int n_ports;
	struct conf_tunnel *tunnels;
	unsigned int n_tunnels;
};

/* Why something was refused: one sentence that says what is wrong, where, and what would be right.
 */
struct conf_err {
	char text[512];
	char path[96]; /* "tunnels[2].remotes[0]": where in the configuration, or "" */
};

/* Write a refusal into @err (may be NULL), return @code (a negative errno). */
int conf_refuse(struct conf_err *err, int code, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Check one object by itself: ranges, names, addresses, options that do not go together.  Return 0
 * or -EINVAL with
 * @err filled.  No system call, nothing kept; @path is the prefix for err->path ("ports[3]").
 */
int conf_check_daemon(const struct conf_daemon *d, const char *path, struct conf_err *err);
int conf_check_bridge(const struct conf_bridge *b, const char *path, struct conf_err *err);
int conf_check_port(const struct conf_port *p, const char *path, struct conf_err *err);
int conf_check_tunnel(const struct conf_tunnel *t, const char *path, struct conf_err *err);
/* All of it, with the references between objects: unknown bridges, names or keys used twice. */
int conf_check(const struct conf *c, struct conf_err *err);

/* Free the strings of an object (not the struct itself) and zero it. */
void conf_bridge_clear(struct conf_bridge *b);
void conf_port_clear(struct conf_port *p);
void conf_tunnel_clear(struct conf_tunnel *t);
void conf_clear(struct conf *c);

/* Deep copies; abort on out of memory, as all control-plane allocations do. */
void conf_bridge_copy(struct conf_bridge *dst, const struct conf_bridge *src);
void conf_port_copy(struct conf_port *dst, const struct conf_port *src);
void conf_tunnel_copy(struct conf_tunnel *dst, const struct conf_tunnel *src);
void conf_daemon_copy(struct conf_daemon *dst, const struct conf_daemon *src);

#endif
