// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/*
 * `ip link add NAME type sclp ..`, `ip link set NAME type sclp ..` and `ip -d link show`: a plugin
 * that `ip` loads (ip_abi.h).  It turns words into attributes and attributes into words; whether
 * they fit together is for the kernel to say, whose answer `ip` prints.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "ip_abi.h"
#include "sclp_link.h"

#define ROOM 1024 /* of the request as `ip` allocates it */

/* One command line being read. */
struct line {
	int argc; /* words that are left */
	char **argv;
	const char *word; /* the option being read */
	struct nlmsghdr *n;
	bool seen[IFLA_SCLP_MAX + 1];
};

static void print_usage(FILE *f)
{
	fprintf(f,
		"Usage: ... sclp id VNI [ remote ADDR ] [ local ADDR ] [ dev NAME ]\n"
		"                [ carrier { ip | udp } ] [ udpport PORT ] [ dstport PORT ]\n"
		"                [ srcport MIN MAX ] [ ttl { TTL | auto | inherit } ]\n"
		"                [ tos { TOS | inherit } ] [ df { set | unset | inherit } ]\n"
		"                [ flowlabel LABEL ] [ ageing SECONDS | noageing ] [ [no]learning "
		"]\n"
		"                [ maxaddress { NUMBER | unlimited } ] [ [no]csum ] [ [no]meta ]\n"
		"       ... sclp external [ OPTION ]...\n"
		"\n"
		"Where: VNI   := 0-16777215\n"
		"       ADDR  := IPv4 or IPv6 unicast address\n"
		"       TTL   := 1-255, or auto: that of the route (default)\n"
		"       TOS   := multiple of 4, or inherit: DSCP of the inner packet (default)\n"
		"       LABEL := 0-0xfffff\n"
		"More remotes: bridge fdb append 00:00:00:00:00:00 dev NAME dst ADDR\n"
		"See ip-link-sclp(8).\n");
}

static int refuse(const struct line *l, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "sclp: %s: ", l->word);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return -1;
}

static const char *next_word(struct line *l)
{
	if (!l->argc)
		return NULL;
	l->argc--;
	return *l->argv++;
}

/* The value of the option; NULL after saying that there is none. */
static const char *value_of(struct line *l, const char *wanted)
{
	const char *v = next_word(l);

	if (!v)
		refuse(l, "what follows is missing: %s", wanted);
	return v;
}

static int put(struct line *l, int attr, const void *data, int size)
{
	if (l->seen[attr])
		return refuse(l, "given twice, or with its opposite");
	l->seen[attr] = true;
	return addattr_l(l->n, ROOM, attr, data, size) ? refuse(l, "the request is too long") : 0;
}

static int put_u8(struct line *l, int attr, uint8_t v)
{
	return put(l, attr, &v, sizeof(v));
}

static int put_u32(struct line *l, int attr, uint32_t v)
{
	return put(l, attr, &v, sizeof(v));
}

static int number(const struct line *l, const char *v, unsigned long min, unsigned long max,
	unsigned long *to)
{
	char *end;

	errno = 0;
	*to = strtoul(v, &end, 0);
	if (errno || end == v || *end || *v == '-' || *to < min || *to > max)
		return refuse(l, "\"%s\" is not a number from %lu to %lu", v, min, max);
	return 0;
}

static int read_u32(struct line *l, int attr, unsigned long max, const char *wanted)
{
	const char *v = value_of(l, wanted);
	unsigned long n;

	if (!v || number(l, v, 0, max, &n))
		return -1;
	return put_u32(l, attr, n);
}

static int read_port(struct line *l, int attr)
{
	const char *v = value_of(l, "a port, 1 to 65535");
	unsigned long n;
	uint16_t port;

	if (!v || number(l, v, 1, 65535, &n))
		return -1;
	port = htons(n);
	return put(l, attr, &port, sizeof(port));
}

static int read_range(struct line *l)
{
	const char *low = value_of(l, "two ports, the lower one first");
	const char *high = low ? value_of(l, "the second port, the higher one") : NULL;
	struct sclp_port_range range;
	unsigned long min, max;

	if (!high || number(l, low, 1, 65535, &min) || number(l, high, 1, 65535, &max))
		return -1;
	if (min > max)
		return refuse(l, "%lu %lu: the lower port comes first", min, max);
	range.low = htons(min);
	range.high = htons(max);
	return put(l, IFLA_SCLP_PORT_RANGE, &range, sizeof(range));
}

static int read_addr(struct line *l, int four, int six)
{
	const char *v = value_of(l, "an IPv4 or IPv6 address");
	uint8_t addr[16];

	if (!v)
		return -1;
	if (inet_pton(AF_INET, v, addr) == 1)
		return l->seen[six] ? refuse(l, "given twice") : put(l, four, addr, 4);
	if (inet_pton(AF_INET6, v, addr) == 1)
		return l->seen[four] ? refuse(l, "given twice") : put(l, six, addr, 16);
	return refuse(l, "\"%s\" is neither an IPv4 nor an IPv6 address", v);
}

static int read_dev(struct line *l)
{
	const char *v = value_of(l, "the name of the lower device");
	unsigned int ifindex;

	if (!v)
		return -1;
	ifindex = ll_name_to_index(v);
	if (!ifindex)
		return refuse(l, "there is no device \"%s\"", v);
	return put_u32(l, IFLA_SCLP_LINK, ifindex);
}

/* @words: one for each value from 0. */
static int read_choice(
	struct line *l, int attr, const char *const *words, int n_words, const char *wanted)
{
	const char *v = value_of(l, wanted);
	int i;

	if (!v)
		return -1;
	for (i = 0; i < n_words; i++)
		if (!strcmp(v, words[i]))
			return put_u8(l, attr, i);
	return refuse(l, "\"%s\" is not one of %s", v, wanted);
}

static const char *const carriers[] = { "ip", "udp" };
static const char *const dfs[] = { "set", "unset", "inherit" };

static int read_ttl(struct line *l)
{
	const char *v = value_of(l, "1 to 255, auto or inherit");
	unsigned long n = 0;

	if (!v)
		return -1;
	if (!strcmp(v, "inherit"))
		return put_u8(l, IFLA_SCLP_TTL_INHERIT, 1);
	if (strcmp(v, "auto") && number(l, v, 1, 255, &n))
		return -1;
	return put_u8(l, IFLA_SCLP_TTL, n) || put_u8(l, IFLA_SCLP_TTL_INHERIT, 0);
}

static int read_tos(struct line *l)
{
	const char *v = value_of(l, "a multiple of 4 up to 252, or inherit");
	unsigned long n;

	if (!v)
		return -1;
	if (!strcmp(v, "inherit"))
		return put_u8(l, IFLA_SCLP_TOS, SCLP_TOS_INHERIT);
	if (number(l, v, 0, 255, &n))
		return -1;
	if (n & 3)
		return refuse(l,
			"\"%s\": the low two bits are ECN, which follows the inner packet: a "
			"multiple of 4 is wanted",
			v);
	return put_u8(l, IFLA_SCLP_TOS, n);
}

static int read_label(struct line *l)
{
	const char *v = value_of(l, "0 to 0xfffff");
	unsigned long n;

	if (!v || number(l, v, 0, 0xfffff, &n))
		return -1;
	return put_u32(l, IFLA_SCLP_LABEL, htonl(n));
}

static int read_limit(struct line *l)
{
	const char *v = value_of(l, "a number of addresses, or unlimited");
	unsigned long n = 0;

	if (!v)
		return -1;
	if (strcmp(v, "unlimited") && number(l, v, 1, UINT32_MAX, &n))
		return -1;
	return put_u32(l, IFLA_SCLP_LIMIT, n);
}

static bool is(const struct line *l, const char *name)
{
	return !strcmp(l->word, name);
}

/* Options that consist of one word. */
static int read_word(struct line *l)
{
	if (is(l, "external"))
		return put(l, IFLA_SCLP_EXTERNAL, NULL, 0);
	if (is(l, "learning") || is(l, "nolearning"))
		return put_u8(l, IFLA_SCLP_LEARNING, is(l, "learning"));
	if (is(l, "csum") || is(l, "nocsum"))
		return put_u8(l, IFLA_SCLP_CSUM, is(l, "csum"));
	if (is(l, "meta") || is(l, "nometa"))
		return put_u8(l, IFLA_SCLP_META, is(l, "meta"));
	if (is(l, "noageing"))
		return put_u32(l, IFLA_SCLP_AGEING, 0);
	if (is(l, "help"))
		print_usage(stdout);
	else
		fprintf(stderr, "sclp: unknown option \"%s\"; `ip link help sclp` lists them\n",
			l->word);
	return -1;
}

static int read_option(struct line *l)
{
	if (is(l, "id") || is(l, "vni"))
		return read_u32(l, IFLA_SCLP_ID, SCLP_VNI_MAX, "the VNI, 0 to 16777215");
	if (is(l, "local"))
		return read_addr(l, IFLA_SCLP_LOCAL, IFLA_SCLP_LOCAL6);
	if (is(l, "remote"))
		return read_addr(l, IFLA_SCLP_REMOTE, IFLA_SCLP_REMOTE6);
	if (is(l, "dev"))
		return read_dev(l);
	if (is(l, "carrier"))
		return read_choice(l, IFLA_SCLP_CARRIER, carriers, 2, "ip, udp");
	if (is(l, "dstport"))
		return read_port(l, IFLA_SCLP_DSTPORT);
	if (is(l, "udpport"))
		return read_port(l, IFLA_SCLP_UDP_PORT);
	if (is(l, "srcport"))
		return read_range(l);
	if (is(l, "ttl") || is(l, "hoplimit"))
		return read_ttl(l);
	if (is(l, "tos") || is(l, "dsfield"))
		return read_tos(l);
	if (is(l, "df"))
		return read_choice(l, IFLA_SCLP_DF, dfs, 3, "set, unset, inherit");
	if (is(l, "flowlabel"))
		return read_label(l);
	if (is(l, "ageing"))
		return read_u32(l, IFLA_SCLP_AGEING, SCLP_AGEING_MAX, "seconds, 0 to 1000000");
	if (is(l, "maxaddress"))
		return read_limit(l);
	return read_word(l);
}

static int sclp_parse(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n)
{
	struct line l = { .argc = argc, .argv = argv, .n = n };

	(void)lu;
	while ((l.word = next_word(&l))) {
		if (read_option(&l))
			return -1;
	}
	return 0;
}

static uint8_t get_u8(const struct rtattr *a)
{
	return *(const uint8_t *)RTA_DATA(a);
}

static uint16_t get_be16(const struct rtattr *a)
{
	uint16_t v;

	memcpy(&v, RTA_DATA(a), sizeof(v));
	return ntohs(v);
}

static uint32_t get_u32(const struct rtattr *a)
{
	uint32_t v;

	memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

/* @off: what is printed as text, where the value is 0 (in JSON: the word alone as a string). */
static void show_u8_or(const struct rtattr *a, const char *key, const char *fmt, const char *off)
{
	if (a && get_u8(a))
		print_color_uint(PRINT_ANY, COLOR_NONE, key, fmt, get_u8(a));
	else if (a && is_json_context())
		print_color_string(PRINT_JSON, COLOR_NONE, key, NULL, off);
	else if (a)
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", off);
}

static void show_choice(const struct rtattr *a, const char *key, const char *const *words, int n)
{
	if (!a || get_u8(a) >= n)
		return;
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", key);
	print_color_string(PRINT_ANY, COLOR_NONE, key, "%s ", words[get_u8(a)]);
}

static void show_addr(const struct rtattr *four, const struct rtattr *six, const char *key)
{
	const struct rtattr *a = four ? four : six;
	char text[INET6_ADDRSTRLEN];

	if (!a || !inet_ntop(four ? AF_INET : AF_INET6, RTA_DATA(a), text, sizeof(text)))
		return;
	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", key);
	print_color_string(PRINT_ANY, four ? COLOR_INET : COLOR_INET6, key, "%s ", text);
}

static void show_ends(struct rtattr *tb[])
{
	if (tb[IFLA_SCLP_EXTERNAL])
		print_color_bool(PRINT_ANY, COLOR_NONE, "external", "external ", true);
	if (tb[IFLA_SCLP_ID])
		print_color_uint(PRINT_ANY, COLOR_NONE, "id", "id %u ", get_u32(tb[IFLA_SCLP_ID]));
	show_choice(tb[IFLA_SCLP_CARRIER], "carrier", carriers, 2);
	show_addr(tb[IFLA_SCLP_REMOTE], tb[IFLA_SCLP_REMOTE6], "remote");
	show_addr(tb[IFLA_SCLP_LOCAL], tb[IFLA_SCLP_LOCAL6], "local");
	if (tb[IFLA_SCLP_LINK] && get_u32(tb[IFLA_SCLP_LINK]))
		print_color_string(PRINT_ANY, COLOR_NONE, "link", "dev %s ",
			ll_index_to_name(get_u32(tb[IFLA_SCLP_LINK])));
}

static void show_ports(struct rtattr *tb[])
{
	struct sclp_port_range range;
	bool udp = tb[IFLA_SCLP_CARRIER] && get_u8(tb[IFLA_SCLP_CARRIER]) == SCLP_LINK_CARRIER_UDP;

	if (tb[IFLA_SCLP_PORT_RANGE]) {
		memcpy(&range, RTA_DATA(tb[IFLA_SCLP_PORT_RANGE]), sizeof(range));
		print_color_uint(
			PRINT_ANY, COLOR_NONE, "srcport_min", "srcport %u ", ntohs(range.low));
		print_color_uint(PRINT_ANY, COLOR_NONE, "srcport_max", "%u ", ntohs(range.high));
	}
	if (tb[IFLA_SCLP_DSTPORT])
		print_color_uint(PRINT_ANY, COLOR_NONE, "dstport", "dstport %u ",
			get_be16(tb[IFLA_SCLP_DSTPORT]));
	if (tb[IFLA_SCLP_UDP_PORT] && udp)
		print_color_uint(PRINT_ANY, COLOR_NONE, "udpport", "udpport %u ",
			get_be16(tb[IFLA_SCLP_UDP_PORT]));
}

static void show_header(struct rtattr *tb[])
{
	bool inherit = tb[IFLA_SCLP_TTL_INHERIT] && get_u8(tb[IFLA_SCLP_TTL_INHERIT]);

	print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", "ttl");
	if (inherit)
		print_color_string(PRINT_ANY, COLOR_NONE, "ttl", "%s ", "inherit");
	else
		show_u8_or(tb[IFLA_SCLP_TTL], "ttl", "%u ", "auto");
	if (tb[IFLA_SCLP_TOS] && get_u8(tb[IFLA_SCLP_TOS]) == SCLP_TOS_INHERIT)
		print_color_string(PRINT_ANY, COLOR_NONE, "tos", "tos %s ", "inherit");
	else if (tb[IFLA_SCLP_TOS])
		print_color_0xhex(
			PRINT_ANY, COLOR_NONE, "tos", "tos %#llx ", get_u8(tb[IFLA_SCLP_TOS]));
	show_choice(tb[IFLA_SCLP_DF], "df", dfs, 3);
	if (tb[IFLA_SCLP_LABEL] && get_u32(tb[IFLA_SCLP_LABEL]))
		print_color_0xhex(PRINT_ANY, COLOR_NONE, "flowlabel", "flowlabel %#llx ",
			ntohl(get_u32(tb[IFLA_SCLP_LABEL])));
}

static void show_switch(const struct rtattr *a, const char *key, const char *on, const char *off)
{
	if (a)
		print_color_bool(PRINT_ANY, COLOR_NONE, key, get_u8(a) ? on : off, get_u8(a));
}

static void show_fdb(struct rtattr *tb[])
{
	show_switch(tb[IFLA_SCLP_LEARNING], "learning", "learning ", "nolearning ");
	if (tb[IFLA_SCLP_AGEING])
		print_color_uint(PRINT_ANY, COLOR_NONE, "ageing",
			get_u32(tb[IFLA_SCLP_AGEING]) ? "ageing %u " : "noageing ",
			get_u32(tb[IFLA_SCLP_AGEING]));
	if (tb[IFLA_SCLP_LIMIT])
		print_color_uint(PRINT_ANY, COLOR_NONE, "maxaddress",
			get_u32(tb[IFLA_SCLP_LIMIT]) ? "maxaddress %u " : "maxaddress unlimited ",
			get_u32(tb[IFLA_SCLP_LIMIT]));
	show_switch(tb[IFLA_SCLP_CSUM], "csum", "csum ", "nocsum ");
	show_switch(tb[IFLA_SCLP_META], "meta", "meta ", "nometa ");
}

static void sclp_show(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	(void)lu;
	(void)f;
	if (!tb)
		return;
	show_ends(tb);
	show_ports(tb);
	show_header(tb);
	show_fdb(tb);
}

static void sclp_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	(void)lu;
	(void)argc;
	(void)argv;
	print_usage(f);
}

__attribute__((visibility("default"))) struct link_util sclp_link_util = {
	.id = "sclp",
	.maxattr = IFLA_SCLP_MAX,
	.parse_opt = sclp_parse,
	.print_opt = sclp_show,
	.print_help = sclp_help,
};
