/* SPDX-License-Identifier: BSD-3-Clause */
#include "underlay/tx_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/random.h>

#define SNDBUF_BYTES (8 << 20)
#define PORT_TRIES   64
#define DEFAULT_TTL  64

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* We only send from these ports: whatever comes in is not for us and must not pile up. */
static int refuse_all(int fd)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* Bind to a free port of the range that carries entropy. */
static int bind_random(int fd, int family, rte_be16_t *sport)
{
	for (unsigned int i = 0; i < PORT_TRIES; i++) {
		struct sockaddr_storage sa = { .ss_family = (sa_family_t)family };
		uint16_t r = 0;
		socklen_t len;

		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			return -errno;
		*sport = htons(
			(uint16_t)(SCLP_SPORT_MIN + r % (SCLP_SPORT_MAX - SCLP_SPORT_MIN + 1)));
		if (family == AF_INET) {
			((struct sockaddr_in *)&sa)->sin_port = *sport;
			len = sizeof(struct sockaddr_in);
		} else {
			((struct sockaddr_in6 *)&sa)->sin6_port = *sport;
			len = sizeof(struct sockaddr_in6);
		}
		if (!bind(fd, (struct sockaddr *)&sa, len))
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EADDRINUSE;
}

static int set_options(int fd, enum ul_class cls)
{
	const bool v4 = cls != UL_UDP6 && cls != UL_RAW6;
	const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;

	if (set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, SNDBUF_BYTES))
		(void)set_int(fd, SOL_SOCKET, SO_SNDBUF, SNDBUF_BYTES);
	if (!v4 && cls == UL_UDP6 && set_int(fd, level, IPV6_V6ONLY, 1))
		return -errno;
	if (set_int(fd, level, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
		    v4 ? IP_PMTUDISC_DO : IPV6_PMTUDISC_DO) ||
		set_int(fd, level, v4 ? IP_RECVERR : IPV6_RECVERR, 1) ||
		set_int(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, DEFAULT_TTL))
		return -errno;
	if (cls == UL_UDP4_NOCSUM && set_int(fd, SOL_SOCKET, SO_NO_CHECK, 1))
		return -errno;
	return refuse_all(fd) ? -errno : 0;
}

static int open_one(struct tx_socks *s, unsigned int i, enum ul_class cls, uint8_t raw_proto)
{
	const int family = cls == UL_UDP6 || cls == UL_RAW6 ? AF_INET6 : AF_INET;
	const bool raw = cls == UL_RAW4 || cls == UL_RAW6;
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	int rc, fd = raw ? socket(family, SOCK_RAW | flags, raw_proto)
			 : socket(family, SOCK_DGRAM | flags, 0);

	if (fd < 0)
		return -errno;
	rc = set_options(fd, cls);
	if (!rc && !raw)
		rc = bind_random(fd, family, &s->sport[i]);
	if (rc) {
		close(fd);
		return rc;
	}
	s->fd[i] = fd;
	s->n = i + 1;
	return 0;
}

int tx_socks_open(struct tx_socks *s, enum ul_class cls, unsigned int n, uint8_t raw_proto)
{
	if (cls == UL_RAW4 || cls == UL_RAW6)
		n = 1; /* the source port is in the SCLP header */
	for (unsigned int i = 0; i < n; i++) {
		int rc = open_one(s, i, cls, raw_proto);

		if (rc) {
			tx_socks_close(s);
			return rc;
		}
	}
	return 0;
}

void tx_socks_close(struct tx_socks *s)
{
	while (s->n)
		close(s->fd[--s->n]);
}
