/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cvswd-fake SOCKET [FILE]: the daemon's control side on a switch without packets; needs no rights.
 * Prints "ready", ends on SIGTERM or when standard input is closed (so that it does not outlive the
 * test that started it).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/apply.h"
#include "daemon/config.h"
#include "daemon/server.h"
#include "lib/fake_switch.h"

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void on_stdin(struct loop_fd *lf, uint32_t events)
{
	char byte;

	(void)events;
	if (read(lf->fd, &byte, 1) <= 0)
		stop = 1;
}

static int load(struct rpc *rpc, struct conf *c, struct conf_err *err)
{
	struct apply_count n;
	struct conf old;
	int ret;

	if (!rpc->file)
		return 0;
	if (config_load_file(rpc->file, c, err))
		return -1;
	rpc->daemon = &c->daemon;
	rpc_conf_get(rpc, &old);
	ret = apply_conf(rpc->sw, &old, c, &n, err);
	conf_clear(&old);
	return ret;
}

int main(int argc, char **argv)
{
	struct rpc rpc = { .can_netns = true, .file = argc > 2 ? argv[2] : NULL };
	struct loop_fd in = { .fd = 0, .ready = on_stdin };
	struct sigaction sa = { .sa_handler = on_term };
	struct conf_err err = { 0 };
	struct server *server;
	struct loop loop;
	struct conf c = { 0 };
	int ret = 0;

	if (argc < 2 || loop_open(&loop))
		return 2;
	sigaction(SIGTERM, &sa, NULL);
	rpc.sw = fake_sw_new();
	server = server_open(argv[1], &loop, &rpc, &err);
	if (!server || load(&rpc, &c, &err)) {
		fprintf(stderr, "%s\n", err.text);
		ret = 1;
	} else {
		loop_add(&loop, &in, EPOLLIN);
		puts("ready");
		fflush(stdout);
	}
	while (!ret && !stop && loop_run(&loop, -1) >= 0)
		;
	server_close(server);
	sw_destroy(rpc.sw);
	loop_close(&loop);
	conf_clear(&c);
	return ret;
}
