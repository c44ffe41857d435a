/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation: a client is served one line at a time, and the next line is not looked at
 * before the reply to the last one is wholly written.  So a client that does not read costs at most
 * one reply (CTL_REPLY_MAX) and one message of memory, and stops being read itself.  All replies
 * together are bounded too: over that bound, and when a newcomer needs the place, a client that
 * does not read is disconnected.
 */
#include "daemon/server.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "uapi/ctl.h"

#define OUT_TOTAL_MAX (4ul * CTL_REPLY_MAX)
#define READ_CHUNK    16384
#define TURN_MAX      32 /* messages of one client before the others have their turn */
#define STALLED_S     10

struct client {
	struct loop_fd lf; /* first, so that the handler finds the client */
	struct server *server;
	struct client *next;
	char *in; /* bytes in_off .. in_n are not handled yet, up to in_seen there is no newline */
	size_t in_off, in_seen, in_n, in_max;
	char *out;
	size_t out_off, out_n;
	time_t out_since; /* when the pending reply last moved */
	bool eof;	  /* nothing more will be read */
	bool skip;	  /* inside a line that was too long */
};

struct server {
	struct loop_fd lf;
	struct loop *loop;
	struct rpc *rpc;
	struct client *clients;
	unsigned int n_clients;
	size_t out_total;
	char *path;
	ino_t ino; /* of the socket file: somebody may have put another one there */
};

static time_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void client_free(struct client *c)
{
	struct server *s = c->server;
	struct client **at = &s->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	s->n_clients--;
	s->out_total -= c->out_n;
	loop_remove(s->loop, &c->lf);
	close(c->lf.fd);
	free(c->in);
	free(c->out);
	free(c);
}

/* Write what is pending; -1: the client is gone. */
static int client_flush(struct client *c)
{
	while (c->out_off < c->out_n) {
		ssize_t n = send(c->lf.fd, c->out + c->out_off, c->out_n - c->out_off,
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		c->out_off += (size_t)n;
		c->out_since = now_s();
	}
	c->server->out_total -= c->out_n;
	free(c->out);
	c->out = NULL;
	c->out_off = c->out_n = 0;
	return 0;
}

/* Queue a reply (taken over); -1: too much is pending. */
static int client_reply(struct client *c, char *reply, size_t n_reply)
{
	if (!reply)
		return 0;
	c->out = reply;
	c->out[n_reply] = '\n'; /* in place of the NUL */
	c->out_n = n_reply + 1;
	c->out_off = 0;
	c->out_since = now_s();
	c->server->out_total += c->out_n;
	if (c->server->out_total <= OUT_TOTAL_MAX)
		return 0;
	log_warn("a control client was disconnected: too many replies wait to be read");
	return -1;
}

static bool is_blank(const char *line, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		if (!strchr(" \t\r", line[i]) || !line[i])
			return false;
	return true;
}

static int client_message(struct client *c, const char *msg, size_t n_bytes)
{
	size_t n_reply;
	char *reply;

	if (is_blank(msg, n_bytes))
		return 0;
	reply = rpc_handle(c->server->rpc, msg, n_bytes, &n_reply);
	return client_reply(c, reply, n_reply);
}

/* After a message that was too long: drop what remains of its line.  0: there is more of it to
 * come. */
static int client_skip(struct client *c, const char *end)
{
	c->in_off = c->in_seen = end ? (size_t)(end - c->in) + 1 : c->in_n;
	c->skip = !end;
	return end ? 1 : 0;
}

/* Handle the next whole line, or at the end of the stream what is left.  1: done, 0: there is none,
 * -1: client gone. */
static int client_line(struct client *c)
{
	char *start = c->in + c->in_off, *end = NULL;
	size_t n_bytes = c->in_n - c->in_off;

	if (n_bytes)
		end = memchr(c->in + c->in_seen, '\n', c->in_n - c->in_seen);
	if (c->skip)
		return client_skip(c, end);
	c->in_seen = c->in_n;
	if (!end && !(c->eof && n_bytes))
		return 0;
	if (end)
		n_bytes = (size_t)(end - start);
	c->in_off += n_bytes + (end ? 1 : 0);
	c->in_seen = c->in_off;
	return client_message(c, start, n_bytes) ? -1 : 1;
}

/* Move what is not handled yet to the front, with room for another read behind it. */
static void make_room(struct client *c)
{
	if (c->in_off) {
		memmove(c->in, c->in + c->in_off, c->in_n - c->in_off);
		c->in_n -= c->in_off;
		c->in_seen -= c->in_off;
		c->in_off = 0;
	}
	if (c->in_max - c->in_n < READ_CHUNK) {
		c->in_max = c->in_n * 2 + READ_CHUNK;
		c->in = xreallocarray(c->in, c->in_max, 1);
	}
}

/* 1: more bytes or the end, 0: none now, -1: client gone. */
static int client_read(struct client *c)
{
	size_t n_reply;
	char *reply;
	ssize_t n;

	make_room(c);
	if (c->in_n > CTL_MESSAGE_MAX) {
		c->in_n = c->in_seen = 0;
		c->skip = true;
		reply = rpc_too_long(&n_reply);
		return client_reply(c, reply, n_reply) ? -1 : 1;
	}
	n = recv(c->lf.fd, c->in + c->in_n, READ_CHUNK, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	c->in_n += (size_t)n;
	c->eof = n == 0;
	return 1;
}

/* -1: the client is gone. @more: its turn is over but not its lines. */
static int client_turn(struct client *c, bool *more)
{
	for (unsigned int n_steps = 0; n_steps < TURN_MAX; n_steps++) {
		int ret;

		if (client_flush(c))
			return -1;
		if (c->out_n)
			return 0;
		ret = client_line(c);
		if (ret == 0 && c->eof)
			return -1; /* all was handled and answered */
		if (ret == 0) {
			ret = client_read(c);
			if (ret == 0)
				return 0;
		}
		if (ret < 0)
			return -1;
	}
	*more = true;
	return 0;
}

static void client_ready(struct loop_fd *lf, uint32_t events)
{
	struct client *c = (struct client *)lf;
	bool more = false;

	(void)events;
	if (client_turn(c, &more)) {
		client_free(c);
		return;
	}
	/* with lines left in the buffer, "can be written" is what calls us again */
	loop_change(c->server->loop, lf, c->out_n ? EPOLLOUT : more ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/*
 * A client that has not read its reply for long makes room for a newcomer.  It is freed by its own
 * handler, which the hang-up calls: its event may be among those that the loop is working on.
 */
static bool drop_stalled(struct server *s)
{
	for (struct client *c = s->clients; c; c = c->next) {
		if (!c->out_n || now_s() - c->out_since < STALLED_S)
			continue;
		log_warn("a control client was disconnected: it does not read");
		c->out_since = now_s();
		shutdown(c->lf.fd, SHUT_RDWR);
		return true;
	}
	return false;
}

static void client_add(struct server *s, int fd)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->lf = (struct loop_fd){ .fd = fd, .ready = client_ready };
	c->server = s;
	if (loop_add(s->loop, &c->lf, EPOLLIN)) {
		close(fd);
		free(c);
		return;
	}
	c->next = s->clients;
	s->clients = c;
	s->n_clients++;
}

static void server_ready(struct loop_fd *lf, uint32_t events)
{
	static const char full[] =
		"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":"
		"\"too many clients are connected; at most 64 are allowed\"},\"id\":null}\n";
	struct server *s = (struct server *)lf;
	int fd = accept4(lf->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	if (s->n_clients >= CTL_CLIENTS_MAX && !drop_stalled(s)) {
		if (send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL) < 0)
			log_debug("a control client could not be told that there are too many");
		close(fd);
		return;
	}
	client_add(s, fd);
}

/* Is what lies at @path in the way?  A socket that nobody answers on is removed. */
static int clear_path(const char *path, const struct sockaddr_un *addr, struct conf_err *err)
{
	struct stat st;
	int fd, ret;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return conf_refuse(err, -EEXIST, "daemon.control",
			"%s exists and is not a socket; remove it or set daemon.control", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return conf_refuse(err, -errno, "", "socket: %s", strerror(errno));
	ret = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ? errno : 0;
	close(fd);
	if (ret != ECONNREFUSED)
		return conf_refuse(err, -EADDRINUSE, "daemon.control",
			"a daemon is already running on %s; stop it, or set another daemon.control "
			"(--control)",
			path);
	log_info("removing %s, which a daemon that died left behind", path);
	return unlink(path)
		       ? conf_refuse(err, -errno, "daemon.control", "%s: %s", path, strerror(errno))
		       : 0;
}

static int make_dir(const char *path, struct conf_err *err)
{
	char *copy = xstrdup(path), *dir = dirname(copy);
	int ret = 0;

	if (mkdir(dir, 0755) && errno != EEXIST)
		ret = conf_refuse(err, -errno, "daemon.control", "%s: cannot be made: %s", dir,
			strerror(errno));
	free(copy);
	return ret;
}

static int listen_on(const char *path, struct conf_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t old;
	int fd, ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return conf_refuse(err, -ENAMETOOLONG, "daemon.control",
			"%s: the path of a socket has at most %zu bytes", path,
			sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	ret = make_dir(path, err);
	if (!ret)
		ret = clear_path(path, &addr, err);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	old = umask(0117);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		listen(fd, CTL_CLIENTS_MAX))
		ret = conf_refuse(err, -errno, "daemon.control", "%s: cannot listen: %s", path,
			strerror(errno));
	umask(old);
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

struct server *server_open(
	const char *path, struct loop *loop, struct rpc *rpc, struct conf_err *err)
{
	struct server *s;
	struct stat st;
	int fd = listen_on(path, err);

	if (fd < 0)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->lf = (struct loop_fd){ .fd = fd, .ready = server_ready };
	s->loop = loop;
	s->rpc = rpc;
	s->path = xstrdup(path);
	s->ino = lstat(path, &st) ? 0 : st.st_ino;
	if (loop_add(loop, &s->lf, EPOLLIN)) {
		conf_refuse(err, -errno, "", "epoll: %s", strerror(errno));
		server_close(s);
		return NULL;
	}
	return s;
}

void server_close(struct server *s)
{
	struct stat st;

	if (!s)
		return;
	while (s->clients) {
		client_flush(s->clients);
		client_free(s->clients);
	}
	loop_remove(s->loop, &s->lf);
	close(s->lf.fd);
	if (!lstat(s->path, &st) && st.st_ino == s->ino)
		unlink(s->path);
	free(s->path);
	free(s);
}
