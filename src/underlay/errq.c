/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors that came back for what a socket sent. */
#include "underlay/underlay.h"

#include <linux/errqueue.h>

bool ul_error_read(int fd, struct ul_error *e)
{
	char control[256] __attribute__((aligned(8))), data[64];
	struct sockaddr_storage to = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = { .msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	memset(e, 0, sizeof(*e));
	if (msg.msg_namelen)
		ul_addr_from_sa(&to, &e->dst);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		const struct sock_extended_err *ee = (const struct sock_extended_err *)CMSG_DATA(c);

		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
			(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			e->err = (int)ee->ee_errno;
			e->mtu = ee->ee_info;
		}
	}
	return true;
}
