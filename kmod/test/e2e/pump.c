// SPDX-License-Identifier: GPL-2.0
/*
 * Sends pseudo-random bytes from one network namespace to an address in another and compares what
 * arrives.
 *
 *	pump [-u SIZE] [-n BYTES] [-w SECONDS] FROM TO ADDRESS
 *
 * TCP, or with -u datagrams of SIZE bytes, one after the other, of which none may be lost or
 * changed.  One process has both ends (a socket stays in the namespace it was made in), so nobody
 * waits for a program to start.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK 65536

/* The stream: both ends make it, each at its own pace. */
struct stream {
	uint64_t state, off;
};

static void stream_fill(struct stream *s, uint8_t *p, size_t n)
{
	while (n--) {
		if (!(s->off++ & 7)) {
			s->state ^= s->state << 13;
			s->state ^= s->state >> 7;
			s->state ^= s->state << 17;
		}
		*p++ = s->state >> (s->off & 7) * 8;
	}
}

static void stream_check(struct stream *s, const uint8_t *p, size_t n)
{
	static uint8_t want[CHUNK];
	uint64_t start = s->off;

	stream_fill(s, want, n);
	for (size_t i = 0; i < n; i++)
		if (p[i] != want[i])
			errx(1, "byte %llu is 0x%02x, not 0x%02x", (unsigned long long)(start + i),
				p[i], want[i]);
}

static void enter(const char *ns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "%s", path);
	close(fd);
}

static struct sockaddr_storage addr;
static socklen_t addr_len;

static void parse_addr(const char *text)
{
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)&addr;
	struct sockaddr_in *a4 = (struct sockaddr_in *)&addr;

	if (inet_pton(AF_INET, text, &a4->sin_addr) == 1) {
		a4->sin_family = AF_INET;
		addr_len = sizeof(*a4);
	} else if (inet_pton(AF_INET6, text, &a6->sin6_addr) == 1) {
		a6->sin6_family = AF_INET6;
		addr_len = sizeof(*a6);
	} else {
		errx(2, "%s: no address", text);
	}
}

static int new_socket(int type)
{
	int fd = socket(addr.ss_family, type | SOCK_CLOEXEC, 0), size = 4 << 20;

	if (fd < 0)
		err(2, "socket");
	if (type == SOCK_DGRAM) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	}
	return fd;
}

/* A bound socket in @to and a connected one in @from. */
static void open_ends(int type, const char *from, const char *to, int *tx, int *rx)
{
	enter(to);
	*rx = new_socket(type);
	if (bind(*rx, (struct sockaddr *)&addr, addr_len))
		err(2, "bind");
	if (type == SOCK_STREAM && listen(*rx, 1))
		err(2, "listen");
	if (getsockname(*rx, (struct sockaddr *)&addr, &addr_len))
		err(2, "getsockname");
	enter(from);
	*tx = new_socket(type);
	if (connect(*tx, (struct sockaddr *)&addr, addr_len))
		err(1, "connect");
	if (type == SOCK_STREAM) {
		int fd = accept(*rx, NULL, NULL);

		if (fd < 0)
			err(1, "accept");
		close(*rx);
		*rx = fd;
	}
}

static void pump_tcp(int tx, int rx, uint64_t total)
{
	struct stream out = { .state = 88172645463325252u }, in = out;
	static uint8_t buf[CHUNK], got[CHUNK];
	size_t have = 0, at = 0;

	fcntl(tx, F_SETFL, O_NONBLOCK);
	while (in.off < total) {
		struct pollfd p[2] = { { .fd = rx, .events = POLLIN }, { .fd = tx } };
		ssize_t n;

		if (at == have && out.off < total) {
			have = total - out.off < CHUNK ? total - out.off : CHUNK;
			at = 0;
			stream_fill(&out, buf, have);
		}
		p[1].events = at < have ? POLLOUT : 0;
		if (poll(p, 2, -1) < 0)
			err(1, "poll");
		if (p[1].revents & POLLOUT) {
			n = send(tx, buf + at, have - at, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				err(1, "send");
			at += n > 0 ? n : 0;
		}
		if (p[0].revents) {
			n = recv(rx, got, sizeof(got), 0);
			if (n <= 0)
				errx(1, "ended after %llu bytes", (unsigned long long)in.off);
			stream_check(&in, got, n);
		}
	}
}

static void pump_udp(int tx, int rx, uint64_t total, size_t size)
{
	struct stream out = { .state = 88172645463325252u }, in = out;
	static uint8_t buf[CHUNK], got[CHUNK];

	while (in.off < total) {
		struct pollfd p = { .fd = rx, .events = POLLIN };
		ssize_t n;

		stream_fill(&out, buf, size);
		if (send(tx, buf, size, 0) != (ssize_t)size)
			err(1, "send");
		if (poll(&p, 1, 3000) != 1)
			errx(1, "datagram %llu is lost", (unsigned long long)(in.off / size));
		n = recv(rx, got, sizeof(got), MSG_TRUNC);
		if (n != (ssize_t)size)
			errx(1, "datagram of %zd bytes, not %zu", n, size);
		stream_check(&in, got, n);
	}
}

int main(int argc, char **argv)
{
	uint64_t total = 1000000;
	size_t size = 0;
	int opt, tx, rx;

	alarm(60);
	while ((opt = getopt(argc, argv, "u:n:w:")) != -1) {
		switch (opt) {
		case 'u':
			size = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			total = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			alarm(atoi(optarg));
			break;
		default:
			argc = 0;
		}
	}
	if (argc - optind != 3 || size > CHUNK)
		errx(2, "usage: pump [-u SIZE] [-n BYTES] [-w SECONDS] FROM TO ADDRESS");
	parse_addr(argv[optind + 2]);
	open_ends(size ? SOCK_DGRAM : SOCK_STREAM, argv[optind], argv[optind + 1], &tx, &rx);
	if (size)
		pump_udp(tx, rx, total, size);
	else
		pump_tcp(tx, rx, total);
	return 0;
}
