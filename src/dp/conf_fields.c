/* SPDX-License-Identifier: BSD-3-Clause */
#include "dp/conf_fields.h"

#include <stdio.h>
#include <string.h>

static const struct conf_word on_off[] = {
	{ "on", CONF_ON },
	{ "off", CONF_OFF },
	{ "true", CONF_ON },
	{ "false", CONF_OFF },
	{ "yes", CONF_ON },
	{ "no", CONF_OFF },
	{ NULL, 0 },
};
static const struct conf_word bools[] = {
	{ "on", 1 },
	{ "off", 0 },
	{ "true", 1 },
	{ "false", 0 },
	{ "yes", 1 },
	{ "no", 0 },
	{ NULL, 0 },
};
static const struct conf_word polls[] = {
	{ "adaptive", CONF_POLL_ADAPTIVE },
	{ "busy", CONF_POLL_BUSY },
	{ NULL, 0 },
};
static const struct conf_word port_types[] = {
	{ "tap", CONF_PORT_TAP },
	{ "af_packet", CONF_PORT_AF_PACKET },
	{ "dummy", CONF_PORT_DUMMY },
	{ NULL, 0 },
};
static const struct conf_word tunnel_types[] = { { "vxlan", CONF_TUNNEL_VXLAN }, { NULL, 0 } };
static const struct conf_word transports[] = {
	{ "sclp", CONF_TRANSPORT_SCLP },
	{ "udp", CONF_TRANSPORT_UDP },
	{ NULL, 0 },
};
static const struct conf_word carriers[] = {
	{ "udp", CONF_CARRIER_UDP },
	{ "ip", CONF_CARRIER_IP },
	{ NULL, 0 },
};

#define STR(st, k, m, fl, dflt, h)                                                                 \
	{                                                                                          \
		.key = k, .type = CONF_F_STR, .flags = fl, .off = offsetof(st, m),                 \
		.def_str = dflt, .help = h                                                         \
	}
#define NUM(st, k, m, fl, lo, hi, dflt, h)                                                         \
	{                                                                                          \
		.key = k, .type = CONF_F_NUM, .flags = fl, .off = offsetof(st, m), .min = lo,      \
		.max = hi, .def = dflt, .help = h                                                  \
	}
#define WORD(st, k, m, fl, w, h)                                                                   \
	{                                                                                          \
		.key = k, .type = CONF_F_WORD, .flags = fl, .off = offsetof(st, m), .words = w,    \
		.help = h                                                                          \
	}
#define TRI(st, k, m, fl, dflt, h)                                                                 \
	{                                                                                          \
		.key = k, .type = CONF_F_TRI, .flags = fl, .off = offsetof(st, m),                 \
		.words = on_off, .def = dflt, .help = h                                            \
	}
#define BOOL(st, k, m, fl, h)                                                                      \
	{                                                                                          \
		.key = k, .type = CONF_F_BOOL, .flags = fl, .off = offsetof(st, m),                \
		.words = bools, .help = h                                                          \
	}
#define LIST(st, k, m, n, fl, lo, hi, h)                                                           \
	{                                                                                          \
		.key = k, .type = CONF_F_LIST, .flags = fl, .off = offsetof(st, m),                \
		.n_off = offsetof(st, n), .min = lo, .max = hi, .help = h                          \
	}

#define D struct conf_daemon
static const struct conf_field daemon_fields[] = {
	NUM(D, "workers", n_workers, CONF_F_RESTART, 1, 64, 1, "threads that carry packets"),
	STR(D, "cpus", cpus, CONF_F_RESTART, NULL,
		"CPUs that the workers are pinned to, one each, as 0,2-5"),
	WORD(D, "poll", poll, CONF_F_RESTART, polls,
		"adaptive: poll while there is work, then sleep; busy: never sleep"),
	STR(D, "control", control, CONF_F_RESTART, "/run/cvsw/cvswd.sock",
		"path of the control socket"),
	NUM(D, "entropy-ports", n_entropy, CONF_F_RESTART, 1, 64, 8,
		"UDP source ports that a worker spreads its flows over"),
	NUM(D, "memory", memory_mb, CONF_F_RESTART, 32, 16384, 96, "packet buffers, MiB"),
	TRI(D, "netns", netns, CONF_F_RESTART, CONF_OFF,
		"keep the right to make ports in network namespaces at run time"),
	TRI(D, "udp-gso", udp_gso, CONF_F_RESTART, 0,
		"segmentation by the kernel (UDP_SEGMENT) on the underlay"),
	TRI(D, "udp-gro", udp_gro, CONF_F_RESTART, 0,
		"coalescing by the kernel (UDP_GRO) on the underlay"),
	NUM(D, "gro-flush-timeout", gro_flush_us, CONF_F_RESTART, 0, 10000, 0,
		"how long software GRO holds packets for more of their flow, us; 0: to the end of "
		"the burst"),
	NUM(D, "sclp-port", sclp_port, CONF_F_RESTART, 1, 65535, 4234, "UDP port of SCLP over UDP"),
	NUM(D, "sclp-protocol", sclp_proto, CONF_F_RESTART, 1, 254, 234,
		"IP protocol of SCLP over IP"),
	NUM(D, "reassembly-timeout", reass_ms, CONF_F_RESTART, 1, 10000, 100,
		"SCLP reassembly time-out, ms"),
	NUM(D, "reassembly-frames", reass_frames, CONF_F_RESTART, 16, 65536, 1024,
		"frames under SCLP reassembly, in total"),
	NUM(D, "reassembly-frames-per-remote", reass_remote, CONF_F_RESTART, 1, 65536, 0,
		"the same for one remote; default: a quarter of the total"),
	NUM(D, "reassembly-memory", reass_kb, CONF_F_RESTART, 256, 4194304, 16384,
		"bytes held for SCLP reassembly, in total, KiB"),
	TRI(D, "loss-recovery", recovery, CONF_F_RESTART, CONF_ON,
		"deliver what arrived of an incomplete TCP super-frame"),
	{ NULL },
};
#undef D

#define B struct conf_bridge
static const struct conf_field bridge_fields[] = {
	STR(B, "name", name, CONF_F_REQUIRED, NULL, "1-15 characters"),
	NUM(B, "ageing", ageing_s, 0, 10, 1000000, 300,
		"seconds until a learned address is forgotten"),
	NUM(B, "fdb-max", fdb_max, 0, 16, 1048576, 8192, "addresses that the bridge remembers"),
	{ NULL },
};
#undef B

#define P struct conf_port
static const struct conf_field port_fields[] = {
	STR(P, "name", name, CONF_F_REQUIRED, NULL, "1-15 characters"),
	WORD(P, "type", type, CONF_F_FIXED, port_types,
		"tap: make an interface; af_packet: attach to an existing one; dummy: for tests"),
	STR(P, "bridge", bridge, 0, NULL, "bridge that the port belongs to"),
	STR(P, "ifname", ifname, CONF_F_FIXED, NULL,
		"interface made or attached to; default: the port's name"),
	STR(P, "netns", netns, CONF_F_FIXED, NULL,
		"tap: make the interface in this named network namespace"),
	STR(P, "mac", mac, CONF_F_FIXED, NULL, "tap: address of the interface, 52:54:00:12:34:56"),
	NUM(P, "mtu", mtu, 0, CONF_MTU_MIN, CONF_MTU_MAX, 1500,
		"bytes of L3; tap: set on the interface"),
	BOOL(P, "persistent", persistent, CONF_F_FIXED,
		"tap: the interface stays when the daemon ends"),
	TRI(P, "up", up, 0, CONF_ON, "tap: set the interface up"),
	TRI(P, "csum", csum, 0, CONF_ON, "checksum offload"),
	TRI(P, "tso", tso, 0, CONF_ON, "TCP super-frames to and from the guest"),
	TRI(P, "uso", uso, 0, CONF_ON, "UDP super-frames to and from the guest"),
	TRI(P, "gso", gso, 0, CONF_ON, "segmentation in software where the port cannot"),
	TRI(P, "gro", gro, 0, CONF_ON, "coalescing in software"),
	{ NULL },
};
#undef P

#define T struct conf_tunnel
static const struct conf_field tunnel_fields[] = {
	STR(T, "name", name, CONF_F_REQUIRED, NULL, "1-15 characters"),
	WORD(T, "type", type, CONF_F_FIXED, tunnel_types, "encapsulation"),
	WORD(T, "transport", transport, CONF_F_FIXED, transports,
		"sclp: super-frames cross in segments; udp: as RFC 7348, for other systems"),
	WORD(T, "carrier", carrier, CONF_F_FIXED, carriers,
		"transport sclp: over UDP or directly over IP"),
	STR(T, "bridge", bridge, 0, NULL, "bridge that the tunnel belongs to"),
	NUM(T, "vni", vni, CONF_F_REQUIRED, 0, 16777215, 0, "VXLAN network identifier"),
	STR(T, "local", local, CONF_F_FIXED, NULL, "own address; default: the route's choice"),
	LIST(T, "remotes", remotes, n_remotes, 0, 1, 256,
		"addresses of the other tunnel end points"),
	NUM(T, "dstport", dstport, CONF_F_FIXED, 1, 65535, 0,
		"UDP port; default: 4789 for transport udp, daemon.sclp-port for sclp"),
	NUM(T, "ttl", ttl, 0, 1, 255, 64, "TTL or hop limit of the outer packets"),
	STR(T, "dscp", dscp, CONF_F_NUMERIC, "inherit",
		"\"inherit\" (from the inner packet) or 0-63"),
	TRI(T, "mss-clamp", mss_clamp, 0, CONF_ON,
		"lower the MSS that TCP connections open with to what the tunnel carries well"),
	TRI(T, "csum", csum, CONF_F_FIXED, CONF_ON,
		"transport udp: outer UDP checksum over IPv4; carrier ip: SCLP checksum"),
	{ NULL },
};
#undef T

static int check_daemon(const void *obj, const char *path, struct conf_err *err)
{
	return conf_check_daemon(obj, path, err);
}

static int check_bridge(const void *obj, const char *path, struct conf_err *err)
{
	return conf_check_bridge(obj, path, err);
}

static int check_port(const void *obj, const char *path, struct conf_err *err)
{
	return conf_check_port(obj, path, err);
}

static int check_tunnel(const void *obj, const char *path, struct conf_err *err)
{
	return conf_check_tunnel(obj, path, err);
}

const struct conf_kind conf_kinds[CONF_N_KINDS] = {
	[CONF_DAEMON] = { "daemon", "daemon", daemon_fields, sizeof(struct conf_daemon),
		offsetof(struct conf, daemon), 0, 1, check_daemon },
	[CONF_BRIDGE] = { "bridge", "bridges", bridge_fields, sizeof(struct conf_bridge),
		offsetof(struct conf, bridges), offsetof(struct conf, n_bridges), 4096,
		check_bridge },
	[CONF_PORT] = { "port", "ports", port_fields, sizeof(struct conf_port),
		offsetof(struct conf, ports), offsetof(struct conf, n_ports), 4096, check_port },
	[CONF_TUNNEL] = { "tunnel", "tunnels", tunnel_fields, sizeof(struct conf_tunnel),
		offsetof(struct conf, tunnels), offsetof(struct conf, n_tunnels), 4096,
		check_tunnel },
};

const struct conf_field *conf_field_find(const struct conf_kind *k, const char *key)
{
	for (const struct conf_field *f = k->fields; f->key; f++)
		if (!strcmp(f->key, key))
			return f;
	return NULL;
}

bool conf_field_word(const struct conf_field *f, const char *word, int64_t *val)
{
	for (const struct conf_word *w = f->words; w && w->word; w++) {
		if (!strcmp(w->word, word)) {
			*val = w->val;
			return true;
		}
	}
	return false;
}

const char *conf_field_word_of(const struct conf_field *f, int64_t val)
{
	for (const struct conf_word *w = f->words; w && w->word; w++)
		if (w->val == val)
			return w->word;
	return NULL;
}

int64_t conf_field_get_word(const struct conf_field *f, const void *obj)
{
	const char *member = (const char *)obj + f->off;

	return f->type == CONF_F_BOOL ? *(const bool *)member : *(const int *)member;
}

void conf_field_put_word(const struct conf_field *f, void *obj, int64_t val)
{
	char *member = (char *)obj + f->off;

	if (f->type == CONF_F_BOOL)
		*(bool *)member = val != 0;
	else
		*(int *)member = (int)val;
}

/* "tap, af_packet, dummy": each value once, the first being the default. */
static void list_words(const struct conf_field *f, char *text, size_t text_size)
{
	size_t n = 0;

	text[0] = '\0';
	for (const struct conf_word *w = f->words; w->word && n < text_size; w++) {
		if (conf_field_word_of(f, w->val) != w->word)
			continue;
		n += (size_t)snprintf(text + n, text_size - n, "%s%s", n ? ", " : "", w->word);
	}
}

void conf_field_allowed(const struct conf_field *f, char *text, size_t text_size)
{
	char words[128];

	switch (f->type) {
	case CONF_F_NUM:
		if (f->def)
			snprintf(text, text_size, "a number from %u to %u (default %u)", f->min,
				f->max, f->def);
		else
			snprintf(text, text_size, "a number from %u to %u", f->min, f->max);
		break;
	case CONF_F_WORD:
		list_words(f, words, sizeof(words));
		snprintf(text, text_size, "%s%s", strchr(words, ',') ? "one of: " : "", words);
		break;
	case CONF_F_TRI:
		snprintf(text, text_size, "on or off%s",
			f->def == CONF_ON    ? " (default on)"
			: f->def == CONF_OFF ? " (default off)"
					     : "");
		break;
	case CONF_F_BOOL:
		snprintf(text, text_size, "on or off (default off)");
		break;
	case CONF_F_LIST:
		snprintf(text, text_size, "a list of %u to %u addresses", f->min, f->max);
		break;
	case CONF_F_STR:
		snprintf(text, text_size, "text: %s", f->help);
		break;
	}
}

void conf_kind_keys(const struct conf_kind *k, char *text, size_t text_size)
{
	size_t n = 0;

	text[0] = '\0';
	for (const struct conf_field *f = k->fields; f->key && n < text_size; f++)
		n += (size_t)snprintf(text + n, text_size - n, "%s%s", n ? ", " : "", f->key);
}
