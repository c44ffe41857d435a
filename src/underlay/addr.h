/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses of tunnel end points: IPv4 or IPv6 in one fixed form (IPv4 mapped into IPv6, RFC
 * 4291, 2.5.5.2). */
#ifndef CVSW_UNDERLAY_ADDR_H
#define CVSW_UNDERLAY_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct ul_addr {
	uint8_t b[16];
};

#define UL_ADDR_TEXT INET6_ADDRSTRLEN

/* From text, "10.0.0.1" or "fd00::1"; 0 or -EINVAL. */
int ul_addr_parse(const char *text, struct ul_addr *a);
/* To text; returns @text. */
const char *ul_addr_format(const struct ul_addr *a, char text[UL_ADDR_TEXT]);
/* AF_INET or AF_INET6. */
int ul_addr_family(const struct ul_addr *a);
/* As a socket address with @port (host byte order); returns its length. */
socklen_t ul_addr_to_sa(const struct ul_addr *a, uint16_t port, struct sockaddr_storage *sa);
void ul_addr_from_sa(const struct sockaddr_storage *sa, struct ul_addr *a);
void ul_addr_from_v4(struct in_addr v4, struct ul_addr *a);

static inline bool ul_addr_eq(const struct ul_addr *a, const struct ul_addr *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

/* All zero: "any". */
static inline bool ul_addr_is_any(const struct ul_addr *a)
{
	static const struct ul_addr any;

	return ul_addr_eq(a, &any);
}

#endif
