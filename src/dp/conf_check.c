/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Refuse wrong objects: one by one here, references between them in conf_check_all.c.  Each message
 * says what is wrong, where, and what would be right; callers add the line of the file.
 */
#include "dp/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp/conf_addr.h"
#include "base/cpulist.h"
#include "dp/conf_fields.h"

int conf_refuse(struct conf_err *err, int code, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	snprintf(err->path, sizeof(err->path), "%s", path ? path : "");
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}

/* What is being checked, for the wording of refusals. */
struct check {
	const struct conf_kind *kind;
	const void *obj;
	const char *path;
	struct conf_err *err;
};

__attribute__((format(printf, 3, 4))) static int bad(
	const struct check *c, const char *key, const char *fmt, ...)
{
	char path[96], why[400], who[64] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s%s%s", c->path, c->path[0] && key[0] ? "." : "", key);
	if (c->kind != &conf_kinds[CONF_DAEMON] && conf_obj_name(c->obj) && strcmp(key, "name"))
		snprintf(who, sizeof(who), " '%.20s'", conf_obj_name(c->obj));
	return conf_refuse(c->err, -EINVAL, path, "%s%s: %s", c->kind->name, who, why);
}

/* A name that Linux takes for an interface, and that needs no quoting anywhere. */
static bool name_valid(const char *name, size_t max)
{
	size_t n = strlen(name);

	if (n < 1 || n > max || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] > '~' || strchr("/:%,", name[i]))
			return false;
	return true;
}

static int check_name(const struct check *c, const char *key, const char *name, size_t max)
{
	if (name && !name_valid(name, max))
		return bad(c, key,
			"%s '%.40s' is not valid; 1 to %zu printable characters without blanks and "
			"/ : %% , are",
			key, name, max);
	return 0;
}

static int check_num(const struct check *c, const struct conf_field *f)
{
	uint32_t v = CONF_NUM(f, c->obj);
	char allowed[128];

	if ((v == 0 && !(f->flags & CONF_F_REQUIRED)) || (v >= f->min && v <= f->max))
		return 0;
	conf_field_allowed(f, allowed, sizeof(allowed));
	return bad(c, f->key, "%s %u is out of range; %s is allowed", f->key, v, allowed);
}

/* What the table knows: ranges, words, required members. */
static int check_fields(const struct check *c)
{
	char allowed[128];

	for (const struct conf_field *f = c->kind->fields; f->key; f++) {
		if (f->type == CONF_F_NUM && check_num(c, f))
			return -EINVAL;
		if (f->type == CONF_F_STR && (f->flags & CONF_F_REQUIRED) && !CONF_STR(f, c->obj))
			return bad(c, "", "no %s is given; it needs one (%s)", f->key, f->help);
		if (f->type == CONF_F_WORD &&
			!conf_field_word_of(f, conf_field_get_word(f, c->obj))) {
			conf_field_allowed(f, allowed, sizeof(allowed));
			return bad(c, f->key, "%s is not %s", f->key, allowed);
		}
	}
	return 0;
}

int conf_check_daemon(const struct conf_daemon *d, const char *path, struct conf_err *err)
{
	const struct check c = { &conf_kinds[CONF_DAEMON], d, path, err };
	uint32_t total = d->reass_frames ? d->reass_frames : 1024;
	/* ICMP, IGMP, TCP, UDP, IPv6 in IPv4, GRE, ESP, AH, ICMPv6, OSPF, VRRP, SCTP */
	static const uint8_t taken[] = { 1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 89, 112, 132 };

	if (check_fields(&c))
		return -EINVAL;
	if (d->control && (d->control[0] != '/' || strlen(d->control) > 107))
		return bad(&c, "control",
			"control '%.60s' is not valid; an absolute path of at most 107 bytes is "
			"(default "
			"/run/cvsw/cvswd.sock)",
			d->control);
	if (d->cpus && cpulist_nth(d->cpus, 0) < 0)
		return bad(&c, "cpus",
			"cpus '%.60s' is not valid; CPU numbers below %d and ranges are, as "
			"\"0,2-5\"",
			d->cpus, CPULIST_MAX);
	for (size_t i = 0; i < sizeof(taken); i++)
		if (d->sclp_proto == taken[i])
			return bad(&c, "sclp-protocol",
				"sclp-protocol %u belongs to another protocol; take one that "
				"nobody uses (default 234)",
				d->sclp_proto);
	if (d->reass_remote > total)
		return bad(&c, "reassembly-frames-per-remote",
			"reassembly-frames-per-remote %u is more than reassembly-frames (%u); at "
			"most that is allowed",
			d->reass_remote, total);
	return 0;
}

int conf_check_bridge(const struct conf_bridge *b, const char *path, struct conf_err *err)
{
	const struct check c = { &conf_kinds[CONF_BRIDGE], b, path, err };

	if (check_fields(&c))
		return -EINVAL;
	return check_name(&c, "name", b->name, CONF_NAME_MAX);
}

static int check_mac(const struct check *c, const char *mac)
{
	unsigned int b[6];
	int n = 0;

	if (!mac)
		return 0;
	if (strlen(mac) != 17 || strspn(mac, "0123456789abcdefABCDEF:") != 17 ||
		sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
			&n) != 6 ||
		n != 17)
		return bad(c, "mac",
			"mac '%.40s' is not an address; 52:54:00:12:34:56 would be one", mac);
	if (b[0] & 1)
		return bad(
			c, "mac", "mac '%s' is a group address; the first byte must be even", mac);
	if (!(b[0] | b[1] | b[2] | b[3] | b[4] | b[5]))
		return bad(c, "mac", "mac '%s' is all zero; 52:54:00:12:34:56 would be an address",
			mac);
	return 0;
}

/* Settings of an interface that we make ourselves. */
static int check_port_tap_only(const struct check *c, const struct conf_port *p)
{
	const struct {
		const char *key;
		bool given;
	} only[] = {
		{ "netns", p->netns },
		{ "mac", p->mac },
		{ "persistent", p->persistent },
		{ "up", p->up },
	};

	for (size_t i = 0; i < sizeof(only) / sizeof(only[0]); i++)
		if (only[i].given && p->type != CONF_PORT_TAP)
			return bad(c, only[i].key,
				"%s goes with type tap only; leave it out or set type: tap",
				only[i].key);
	if (p->ifname && p->type == CONF_PORT_DUMMY)
		return bad(c, "ifname",
			"ifname goes with type tap or af_packet; leave it out for a dummy");
	return 0;
}

int conf_check_port(const struct conf_port *p, const char *path, struct conf_err *err)
{
	const struct check c = { &conf_kinds[CONF_PORT], p, path, err };

	if (check_fields(&c) || check_name(&c, "name", p->name, CONF_NAME_MAX) ||
		check_name(&c, "bridge", p->bridge, CONF_NAME_MAX) ||
		check_name(&c, "ifname", p->ifname, CONF_NAME_MAX) ||
		check_name(&c, "netns", p->netns, 200) || check_port_tap_only(&c, p) ||
		check_mac(&c, p->mac))
		return -EINVAL;
	if (p->csum == CONF_OFF && (p->tso == CONF_ON || p->uso == CONF_ON))
		return bad(&c, p->tso == CONF_ON ? "tso" : "uso",
			"%s is on but csum is off; super-frames carry unfinished checksums, so "
			"turn csum on or %s off",
			p->tso == CONF_ON ? "tso" : "uso", p->tso == CONF_ON ? "tso" : "uso");
	return 0;
}

static int check_addr(const struct check *c, const char *key, const char *text, struct conf_addr *a)
{
	const char *why = conf_addr_parse(text, a);

	if (why)
		return bad(c, key,
			"'%.60s' %s; a unicast IPv4 or IPv6 address such as 192.0.2.1 is allowed",
			text ? text : "", why);
	return 0;
}

static int cmp_addr(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct conf_addr));
}

/* @addrs is scratch for n_remotes addresses; left sorted. */
static int check_distinct(
	const struct check *c, const struct conf_tunnel *t, struct conf_addr *addrs)
{
	char text[INET6_ADDRSTRLEN];

	qsort(addrs, t->n_remotes, sizeof(*addrs), cmp_addr);
	for (unsigned int i = 1; i < t->n_remotes; i++) {
		if (cmp_addr(&addrs[i - 1], &addrs[i]))
			continue;
		inet_ntop(addrs[i].family, addrs[i].bytes, text, sizeof(text));
		return bad(c, "remotes", "remote %s is given twice; name each one once", text);
	}
	return 0;
}

static int check_remotes(const struct check *c, const struct conf_tunnel *t)
{
	struct conf_addr addrs[256], local = { 0 };
	char key[24];

	if (t->n_remotes < 1 || t->n_remotes > 256)
		return bad(c, t->n_remotes ? "remotes" : "",
			"%u remotes are given; a tunnel needs 1 to 256 (remotes: [192.0.2.1])",
			t->n_remotes);
	if (t->local && check_addr(c, "local", t->local, &local))
		return -EINVAL;
	for (unsigned int i = 0; i < t->n_remotes; i++) {
		snprintf(key, sizeof(key), "remotes[%u]", i);
		if (check_addr(c, key, t->remotes[i], &addrs[i]))
			return -EINVAL;
		if (t->local && !cmp_addr(&local, &addrs[i]))
			return bad(c, key,
				"remote %s is also the local address; a tunnel leads to another "
				"host",
				t->remotes[i]);
		if (addrs[i].family != (t->local ? local.family : addrs[0].family))
			return bad(c, key,
				"'%.60s' is not of the family of %s; all of a tunnel are IPv4 or "
				"all IPv6",
				t->remotes[i], t->local ? "local" : "the first remote");
	}
	if (t->csum == CONF_OFF && t->transport == CONF_TRANSPORT_UDP &&
		addrs[0].family == AF_INET6)
		return bad(c, "csum",
			"csum is off but UDP over IPv6 needs its checksum; leave csum on");
	return check_distinct(c, t, addrs);
}

static int check_dscp(const struct check *c, const char *dscp)
{
	char *end = NULL;
	unsigned long v;

	if (!dscp || !strcmp(dscp, "inherit"))
		return 0;
	v = strtoul(dscp, &end, 10);
	if (dscp[0] < '0' || dscp[0] > '9' || *end || v > 63)
		return bad(c, "dscp",
			"dscp '%.20s' is not valid; inherit or a number from 0 to 63 is", dscp);
	return 0;
}

int conf_check_tunnel(const struct conf_tunnel *t, const char *path, struct conf_err *err)
{
	const struct check c = { &conf_kinds[CONF_TUNNEL], t, path, err };
	bool over_ip = t->carrier == CONF_CARRIER_IP;

	if (check_fields(&c) || check_name(&c, "name", t->name, CONF_NAME_MAX) ||
		check_name(&c, "bridge", t->bridge, CONF_NAME_MAX) || check_dscp(&c, t->dscp))
		return -EINVAL;
	if (over_ip && t->transport != CONF_TRANSPORT_SCLP)
		return bad(&c, "carrier",
			"carrier goes with transport sclp only; leave it out for transport udp");
	if (over_ip && t->dstport)
		return bad(&c, "dstport",
			"carrier ip has no UDP port; leave dstport out or take carrier udp");
	if (t->csum == CONF_OFF && t->transport == CONF_TRANSPORT_SCLP && !over_ip)
		return bad(&c, "csum",
			"csum cannot be off over SCLP with carrier udp: the UDP checksum covers "
			"the data");
	return check_remotes(&c, t);
}
