/* SPDX-License-Identifier: BSD-3-Clause */
#include "dp/conf_addr.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

static const char *check_v4(const uint8_t *b)
{
	if (b[0] == 0)
		return "is the unspecified network";
	if (b[0] >= 224 && b[0] < 240)
		return "is a multicast address";
	if (b[0] >= 240)
		return "is a reserved or broadcast address";
	return NULL;
}

static const char *check_v6(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_UNSPECIFIED(a))
		return "is the unspecified address";
	if (IN6_IS_ADDR_MULTICAST(a))
		return "is a multicast address";
	if (IN6_IS_ADDR_V4MAPPED(a))
		return "is an IPv4 address in IPv6 clothes";
	if (IN6_IS_ADDR_LINKLOCAL(a))
		return "is link-local, which names no interface";
	return NULL;
}

const char *conf_addr_parse(const char *text, struct conf_addr *a)
{
	struct in6_addr v6;

	memset(a, 0, sizeof(*a));
	if (!text)
		return "is not an address";
	if (inet_pton(AF_INET, text, a->bytes) == 1) {
		a->family = AF_INET;
		return check_v4(a->bytes);
	}
	if (inet_pton(AF_INET6, text, &v6) == 1) {
		a->family = AF_INET6;
		memcpy(a->bytes, &v6, sizeof(v6));
		return check_v6(&v6);
	}
	return "is not an address";
}
