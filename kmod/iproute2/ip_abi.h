/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What `ip` of iproute2 (5.x to 6.x) wants of a link plugin and lends to it.  `ip` declares this
 * nowhere for others; the layout of struct link_util and the names below are those of the program
 * as Debian ships it.
 *
 * `ip link add .. type KIND` looks for a built-in kind, then loads link_KIND.so of its library
 * directory (environment IP_LIB_DIR, else /usr/lib/TRIPLET/ip) and takes the symbol KIND_link_util.
 */
#ifndef IP_ABI_H
#define IP_ABI_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct link_util {
	struct link_util *next; /* ip's */
	const char *id;
	int maxattr;
	/* Words behind `type KIND`, into @n.  Not 0: refused, and said why on stderr. */
	int (*parse_opt)(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n);
	/* `ip -d link show`; @tb has maxattr + 1 entries, or is NULL. */
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xstats);
	/* `ip link help KIND` */
	void (*print_help)(struct link_util *lu, int argc, char **argv, FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4
};
enum color_attr {
	COLOR_INET = 2,
	COLOR_INET6 = 3,
	COLOR_NONE = 6
};

/* @maxlen: room of the whole message. */
int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data, int alen);
unsigned int ll_name_to_index(const char *name);
const char *ll_index_to_name(unsigned int ifindex);
bool is_json_context(void);

/* @fmt: of the plain text, or NULL; @key: of the JSON. */
int print_color_uint(enum output_type t, enum color_attr color, const char *key, const char *fmt,
	unsigned int value);
int print_color_string(enum output_type t, enum color_attr color, const char *key, const char *fmt,
	const char *value);
int print_color_bool(
	enum output_type t, enum color_attr color, const char *key, const char *fmt, bool value);
int print_color_0xhex(enum output_type t, enum color_attr color, const char *key, const char *fmt,
	unsigned long long value);

#endif
