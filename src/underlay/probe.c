/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What this kernel's UDP really does: tried on the loopback, not read from a version number.  A
 * kernel may know an option and a patched or emulated one may still do nothing with it.
 */
#include "underlay/underlay.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#define SEG	1000
#define WAIT_MS 100

static int open_loopback(struct sockaddr_in *sin)
{
	socklen_t len = sizeof(*sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*sin = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	if (fd >= 0 && !bind(fd, (struct sockaddr *)sin, len) &&
		!getsockname(fd, (struct sockaddr *)sin, &len))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Receive one message: its bytes, and in *seg what UDP_GRO says; -1: none came. */
static ssize_t receive(int fd, int *seg)
{
	char buf[4 * SEG], control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n = poll(&pfd, 1, WAIT_MS) == 1 ? recvmsg(fd, &msg, 0) : -1;
	const struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	*seg = c && c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO
		       ? *(const int *)CMSG_DATA(c)
		       : 0;
	return n;
}

/* Send two datagrams in one call to a socket that takes trains; without a loopback the options'
 * word counts. */
static void try_both(int tx, int rx, const struct sockaddr_in *to, struct ul_caps *caps)
{
	static const char payload[2 * SEG];
	int seg;
	ssize_t n;

	if (sendto(tx, payload, SEG, 0, (const struct sockaddr *)to, sizeof(*to)) != SEG ||
		receive(rx, &seg) != SEG)
		return;
	if (sendto(tx, payload, sizeof(payload), 0, (const struct sockaddr *)to, sizeof(*to)) !=
		sizeof(payload)) {
		caps->udp_gso = false;
		return;
	}
	n = receive(rx, &seg);
	caps->udp_gro = caps->udp_gro && n == sizeof(payload) && seg == SEG;
	caps->udp_gso = caps->udp_gso && (n == SEG || (n == sizeof(payload) && seg == SEG));
}

void ul_probe(struct ul_caps *caps)
{
	const int seg = SEG, on = 1;
	struct sockaddr_in from, to;
	int tx = open_loopback(&from), rx = open_loopback(&to);

	caps->udp_gso = tx >= 0 && !setsockopt(tx, IPPROTO_UDP, UDP_SEGMENT, &seg, sizeof(seg));
	caps->udp_gro = rx >= 0 && !setsockopt(rx, IPPROTO_UDP, UDP_GRO, &on, sizeof(on));
	if (caps->udp_gso && caps->udp_gro)
		try_both(tx, rx, &to, caps);
	if (tx >= 0)
		close(tx);
	if (rx >= 0)
		close(rx);
}
