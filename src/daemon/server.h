/* SPDX-License-Identifier: BSD-3-Clause */
/* The control socket: clients, lines, bounded buffers.  What the lines mean is rpc.c's. */
#ifndef CVSW_DAEMON_SERVER_H
#define CVSW_DAEMON_SERVER_H

#include "daemon/loop.h"
#include "daemon/rpc.h"

struct server;

/*
 * Listen on @path (its directory is made if missing, a socket that a dead daemon left is replaced).
 * NULL with @err filled: a daemon answers there already, or the kernel refused.  @loop and @rpc
 * must outlive the server.
 */
struct server *server_open(
	const char *path, struct loop *loop, struct rpc *rpc, struct conf_err *err);
/* Disconnect all clients and remove the socket. */
void server_close(struct server *s);

#endif
