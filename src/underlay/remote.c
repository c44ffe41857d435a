/* SPDX-License-Identifier: BSD-3-Clause */
/* Remotes and the path MTU towards them. */
#include "underlay/underlay.h"

#include <errno.h>
#include <unistd.h>

#define MTU_UNKNOWN 1500

int ul_remote_open(struct ul_remote *r, const struct ul_addr *addr, const struct ul_addr *local,
	uint16_t port, uint8_t ttl, uint16_t obj)
{
	struct sockaddr_storage sa;
	socklen_t sa_len;

	r->addr = *addr;
	r->local = *local;
	r->ttl = ttl;
	r->obj = obj;
	r->pmtu = MTU_UNKNOWN;
	r->sa_len = ul_addr_to_sa(addr, port, &r->sa);
	r->probe_fd = socket(r->sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->probe_fd < 0)
		return -errno;
	if (!ul_addr_is_any(local)) {
		sa_len = ul_addr_to_sa(local, 0, &sa);
		if (bind(r->probe_fd, (const struct sockaddr *)&sa, sa_len)) {
			int err = errno;

			close(r->probe_fd);
			return -err;
		}
	}
	ul_remote_refresh(r);
	return 0;
}

void ul_remote_close(struct ul_remote *r)
{
	close(r->probe_fd);
	r->probe_fd = -1;
}

bool ul_remote_is_own(const struct ul_remote *r)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct ul_addr source;

	/* over the loopback a test may talk to itself */
	if (!memcmp(r->addr.b, &in6addr_loopback, 16) ||
		(r->sa.ss_family == AF_INET && r->addr.b[12] == IN_LOOPBACKNET))
		return false;
	if (getsockname(r->probe_fd, (struct sockaddr *)&sa, &len))
		return false;
	ul_addr_from_sa(&sa, &source);
	return ul_addr_eq(&source, &r->addr);
}

bool ul_remote_refresh(struct ul_remote *r)
{
	const bool v4 = r->sa.ss_family == AF_INET;
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	/* connecting looks the route up anew; the cached one may be older than an ICMP error */
	if (connect(r->probe_fd, (const struct sockaddr *)&r->sa, r->sa_len))
		return false;
	if (getsockopt(r->probe_fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu,
		    &len) ||
		mtu < 68)
		return false;
	return __atomic_exchange_n(&r->pmtu, (uint32_t)mtu, __ATOMIC_RELAXED) != (uint32_t)mtu;
}

uint32_t ul_remote_room(const struct ul_remote *r, enum ul_class cls)
{
	const uint32_t pmtu = __atomic_load_n(&r->pmtu, __ATOMIC_RELAXED);
	uint32_t hdrs = cls == UL_UDP6 || cls == UL_RAW6 ? 40 : 20;

	if (cls != UL_RAW4 && cls != UL_RAW6)
		hdrs += 8;
	return pmtu > hdrs ? RTE_MIN(pmtu - hdrs, 65535u - hdrs) : 0;
}
