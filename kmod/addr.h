/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of either family: compare, take from netlink and put there.
 */
#ifndef _SCLP_ADDR_H
#define _SCLP_ADDR_H

#include <linux/inet.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include "dev.h"

static inline bool sclp_addr_equal(const struct sclp_addr *a, const struct sclp_addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET6)
		return ipv6_addr_equal(&a->v6, &b->v6);
	return a->family != AF_INET || a->v4 == b->v4;
}

static inline bool sclp_addr_is_unicast(const struct sclp_addr *a)
{
	int type;

	if (a->family == AF_INET)
		return a->v4 && !ipv4_is_multicast(a->v4) && !ipv4_is_lbcast(a->v4);
	type = ipv6_addr_type(&a->v6);
	return type != IPV6_ADDR_ANY && !(type & (IPV6_ADDR_MULTICAST | IPV6_ADDR_MAPPED));
}

static inline bool sclp_addr_is_link_local(const struct sclp_addr *a)
{
	return a->family == AF_INET6 && ipv6_addr_type(&a->v6) & IPV6_ADDR_LINKLOCAL;
}

/* The family that remotes must be of, or AF_UNSPEC: either.  Sockets of the UDP carrier
 * have one.
 */
static inline sa_family_t sclp_conf_family(const struct sclp_conf *conf)
{
	if (conf->local.family || conf->carrier != SCLP_CARRIER_UDP)
		return conf->local.family;
	return conf->remote.family;
}

/* By its length: IPv4 or IPv6. */
static inline int sclp_addr_from_nla(struct sclp_addr *a, const struct nlattr *nla)
{
	switch (nla_len(nla)) {
	case sizeof(__be32):
		a->family = AF_INET;
		a->v4 = nla_get_in_addr(nla);
		return 0;
	case sizeof(struct in6_addr):
		if (!ipv6_mod_enabled()) /* ipv6.disable=1: there is nothing to look a route up in
					  */
			return -EAFNOSUPPORT;
		a->family = AF_INET6;
		a->v6 = nla_get_in6_addr(nla);
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

static inline int sclp_addr_to_nla(
	struct sk_buff *msg, int type4, int type6, const struct sclp_addr *a)
{
	switch (a->family) {
	case AF_INET:
		return nla_put_in_addr(msg, type4, a->v4);
	case AF_INET6:
		return nla_put_in6_addr(msg, type6, &a->v6);
	default:
		return 0;
	}
}

#endif
