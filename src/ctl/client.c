/* SPDX-License-Identifier: BSD-3-Clause */
/* Talk to the daemon: one request, one line back. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "ctl/ctl.h"
#include "uapi/ctl.h"

#define TIMEOUT_S 30

int ctl_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("cvswctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nTry `cvswctl --help`.\n", stderr);
	return CTL_EXIT_USAGE;
}

void ctl_print_json(json_t *result)
{
	json_dumpf(result, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(result);
}

static int unreachable(const struct ctl *c, const char *what, int err)
{
	const char *hint = "";

	if (err == ENOENT || err == ECONNREFUSED)
		hint = "; is cvswd running, and is this its socket (--socket)?";
	else if (err == EACCES)
		hint = "; only root and the socket's group may control the switch";
	fprintf(stderr, "cvswctl: %s: %s: %s%s\n", c->socket, what, strerror(err), hint);
	return -1;
}

static int reach(struct ctl *c)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = TIMEOUT_S };

	if (c->fd >= 0)
		return 0;
	if (strlen(c->socket) >= sizeof(addr.sun_path))
		return unreachable(c, "cannot connect", ENAMETOOLONG);
	memcpy(addr.sun_path, c->socket, strlen(c->socket));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return unreachable(c, "cannot connect", errno);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return unreachable(c, "cannot connect", errno);
	return 0;
}

void ctl_disconnect(struct ctl *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static int send_all(struct ctl *c, const char *text, size_t n_bytes)
{
	while (n_bytes) {
		ssize_t n = send(c->fd, text, n_bytes, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unreachable(c, "cannot send", errno == EAGAIN ? ETIMEDOUT : errno);
		text += n;
		n_bytes -= (size_t)n;
	}
	return 0;
}

/* One line, without its newline; NULL: the connection broke. */
static char *receive_line(struct ctl *c, size_t *n_bytes)
{
	size_t n = 0, max = 0;
	char *line = NULL, *end = NULL;

	while (!end && n < CTL_REPLY_MAX + 2) {
		ssize_t got;

		if (max - n < 16384) {
			max = n * 2 + 32768;
			line = xreallocarray(line, max, 1);
		}
		got = recv(c->fd, line + n, max - n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			unreachable(c, "no answer",
				got == 0	  ? ECONNRESET
				: errno == EAGAIN ? ETIMEDOUT
						  : errno);
			free(line);
			return NULL;
		}
		end = memchr(line + n, '\n', (size_t)got);
		n += (size_t)got;
	}
	*n_bytes = end ? (size_t)(end - line) : n;
	return line;
}

static json_t *exchange(struct ctl *c, const char *method, json_t *params)
{
	json_t *req = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method,
		"params", params ? params : json_object());
	char *text = json_dumps(req, JSON_COMPACT), *line = NULL;
	json_t *reply = NULL;
	size_t n_bytes;

	json_decref(req);
	xcheck(text);
	if (!reach(c) && !send_all(c, text, strlen(text)) && !send_all(c, "\n", 1))
		line = receive_line(c, &n_bytes);
	free(text);
	if (line) {
		reply = json_loadb(line, n_bytes, 0, NULL);
		if (!reply)
			unreachable(c, "the answer is not JSON", EPROTO);
	}
	free(line);
	return reply;
}

json_t *ctl_call(struct ctl *c, const char *method, json_t *params, int *exit_code)
{
	json_t *reply = exchange(c, method, params), *result;
	const json_t *error = json_object_get(reply, "error");

	*exit_code = reply ? CTL_EXIT_OK : CTL_EXIT_UNREACHABLE;
	if (error) {
		const char *text = json_string_value(json_object_get(error, "message"));

		*exit_code = CTL_EXIT_REFUSED;
		if (c->json)
			json_dumpf(error, stderr, JSON_INDENT(2));
		else
			fprintf(stderr, "cvswctl: %s", text ? text : "refused");
		fputc('\n', stderr);
	}
	result = json_incref(json_object_get(reply, "result"));
	json_decref(reply);
	return result;
}
