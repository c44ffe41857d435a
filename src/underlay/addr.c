/* SPDX-License-Identifier: BSD-3-Clause */
#include "underlay/addr.h"

#include <arpa/inet.h>
#include <errno.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

void ul_addr_from_v4(struct in_addr v4, struct ul_addr *a)
{
	memcpy(a->b, mapped, sizeof(mapped));
	memcpy(a->b + sizeof(mapped), &v4, sizeof(v4));
}

int ul_addr_parse(const char *text, struct ul_addr *a)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		ul_addr_from_v4(v4, a);
		return 0;
	}
	return inet_pton(AF_INET6, text, a->b) == 1 ? 0 : -EINVAL;
}

int ul_addr_family(const struct ul_addr *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) ? AF_INET6 : AF_INET;
}

const char *ul_addr_format(const struct ul_addr *a, char text[UL_ADDR_TEXT])
{
	const bool v4 = ul_addr_family(a) == AF_INET;

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a->b + sizeof(mapped) : a->b, text, UL_ADDR_TEXT);
	return text;
}

socklen_t ul_addr_to_sa(const struct ul_addr *a, uint16_t port, struct sockaddr_storage *sa)
{
	memset(sa, 0, sizeof(*sa));
	if (ul_addr_family(a) == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)sa;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, a->b + sizeof(mapped), 4);
		return sizeof(*sin);
	}
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)sa;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	memcpy(&sin6->sin6_addr, a->b, sizeof(a->b));
	return sizeof(*sin6);
}

void ul_addr_from_sa(const struct sockaddr_storage *sa, struct ul_addr *a)
{
	if (sa->ss_family == AF_INET)
		ul_addr_from_v4(((const struct sockaddr_in *)sa)->sin_addr, a);
	else
		memcpy(a->b, &((const struct sockaddr_in6 *)sa)->sin6_addr, sizeof(a->b));
}
