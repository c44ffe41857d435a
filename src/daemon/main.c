/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswd: options, start, main loop, reload, end. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/apply.h"
#include "daemon/caps.h"
#include "daemon/config.h"
#include "daemon/loop.h"
#include "daemon/rpc.h"
#include "daemon/server.h"
#include "uapi/ctl.h"

struct options {
	const char *file;    /* -c */
	const char *control; /* --control */
	bool check;	     /* -n */
};

struct daemon {
	struct loop loop;
	struct loop_fd signals, housekeep, watchdog;
	struct rpc rpc;
	struct server *server;
	bool stop;
};

static const char usage[] =
	"Usage: cvswd [-c FILE] [OPTION]...\n"
	"The cvsw software switch: carries frames between ports, bridges and tunnels.\n\n"
	"  -c, --config FILE   configuration, see cvswd.yaml(5); without it, start empty\n"
	"  -n, --check         only check the configuration; exit code 0: good, 1: wrong\n"
	"      --control PATH  control socket (default " CTL_SOCKET_PATH ")\n"
	"  -v, --verbose       say more\n"
	"      --version       show the version\n"
	"  -h, --help          show this help\n\n"
	"SIGHUP reads the configuration again, SIGTERM and SIGINT end the daemon.\n";

/* -1: go on; else the exit code. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "control", required_argument, NULL, 'S' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:nvh", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			o->file = optarg;
			break;
		case 'n':
			o->check = true;
			break;
		case 'S':
			o->control = optarg;
			break;
		case 'v':
			log_set_level(LOG_LVL_DEBUG);
			break;
		case 'V':
			puts("cvswd " CVSW_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs("Try `cvswd --help`.\n", stderr);
			return 2;
		}
	}
	if (optind == argc && (!o->check || o->file))
		return -1;
	if (optind < argc)
		fprintf(stderr,
			"cvswd: unexpected argument '%s'; the configuration is given with -c\n",
			argv[optind]);
	else
		fputs("cvswd: --check needs -c FILE\n", stderr);
	return 2;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Run the switch's own work and set the timer for the next time, or stop it. */
static void run_housekeep(struct daemon *d)
{
	int ms = sw_housekeep(d->rpc.sw, now_ns());
	struct itimerspec when = { 0 };

	if (ms >= 0) {
		when.it_value.tv_sec = ms / 1000;
		when.it_value.tv_nsec = ms % 1000 * 1000000L;
		if (ms == 0)
			when.it_value.tv_nsec = 1;
	}
	timerfd_settime(d->housekeep.fd, 0, &when, NULL);
}

static void drain(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		log_warn("timer: %s", strerror(errno));
}

/* The loop calls run_housekeep() after each turn. */
static void housekeep_ready(struct loop_fd *lf, uint32_t events)
{
	(void)events;
	drain(lf->fd);
}

static void watchdog_ready(struct loop_fd *lf, uint32_t events)
{
	(void)events;
	drain(lf->fd);
	sd_notify(0, "WATCHDOG=1");
}

static void reload(struct daemon *d)
{
	struct apply_count n = { 0 };
	struct conf_err err = { 0 };

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)(now_ns() / 1000));
	if (rpc_reload(&d->rpc, &n, &err))
		log_err("not reloaded, the old configuration goes on: %s", err.text);
	else
		log_info("reloaded: %u added, %u changed, %u removed", n.n_added, n.n_changed,
			n.n_removed);
	sd_notify(0, "READY=1");
}

static void signals_ready(struct loop_fd *lf, uint32_t events)
{
	struct daemon *d = (struct daemon *)((char *)lf - offsetof(struct daemon, signals));
	struct signalfd_siginfo si;

	(void)events;
	while (read(lf->fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGHUP)
			reload(d);
		else
			d->stop = true;
	}
}

/* Block the signals that the loop reads; every thread made later inherits that. */
static int block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	return sigprocmask(SIG_BLOCK, set, NULL) ? -errno : 0;
}

static int add_fd(
	struct daemon *d, struct loop_fd *lf, int fd, void (*ready)(struct loop_fd *, uint32_t))
{
	if (fd < 0)
		return -errno;
	lf->fd = fd;
	lf->ready = ready;
	return loop_add(&d->loop, lf, EPOLLIN);
}

/* Tell systemd twice in each period that it asked for; no timer if it did not ask. */
static int open_watchdog(struct daemon *d)
{
	struct itimerspec every = { 0 };
	uint64_t usec;
	int fd;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	every.it_interval.tv_sec = (time_t)(usec / 2 / 1000000);
	every.it_interval.tv_nsec = (long)(usec / 2 % 1000000) * 1000;
	every.it_value = every.it_interval;
	timerfd_settime(fd, 0, &every, NULL);
	return add_fd(d, &d->watchdog, fd, watchdog_ready);
}

static int open_loop(struct daemon *d, struct conf_err *err)
{
	sigset_t set;
	int ret = block_signals(&set);

	if (!ret)
		ret = loop_open(&d->loop);
	if (!ret)
		ret = add_fd(d, &d->signals, signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC),
			signals_ready);
	if (!ret)
		ret = add_fd(d, &d->housekeep,
			timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
			housekeep_ready);
	if (!ret)
		ret = open_watchdog(d);
	return ret ? conf_refuse(err, ret, "", "the event loop cannot start: %s", strerror(-ret))
		   : 0;
}

/* The switch with all that @c wants, or nothing. */
static struct sw *make_switch(const struct conf *c, const char *file, struct conf_err *err)
{
	struct conf empty = { .daemon = c->daemon };
	struct apply_count n;
	struct sw *sw;

	if (sw_eal_init(c->daemon.memory_mb, err))
		return NULL;
	sw = sw_create(&c->daemon, 0, err);
	if (!sw)
		return NULL;
	if (!apply_conf(sw, &empty, c, &n, err))
		return sw;
	if (file)
		config_locate(file, err);
	sw_destroy(sw);
	return NULL;
}

static int start(
	struct daemon *d, const struct options *o, const struct conf *c, struct conf_err *err)
{
	const char *control = o->control	  ? o->control
			      : c->daemon.control ? c->daemon.control
						  : CTL_SOCKET_PATH;
	bool netns = caps_wants_netns(c);
	int ret = caps_check(c, err);

	if (!ret)
		ret = open_loop(d, err);
	if (ret)
		return ret;
	d->rpc.file = o->file;
	d->rpc.can_netns = netns;
	d->rpc.daemon = &c->daemon;
	d->server = server_open(control, &d->loop, &d->rpc, err);
	if (!d->server)
		return -1;
	/* capabilities belong to threads: give them up before EAL and the switch make any */
	ret = caps_drop(netns, err);
	if (ret)
		return ret;
	d->rpc.sw = make_switch(c, o->file, err);
	if (!d->rpc.sw)
		return -1;
	log_info("ready: %u bridges, %u ports, %u tunnels; control socket %s", c->n_bridges,
		c->n_ports, c->n_tunnels, control);
	return 0;
}

static void run(struct daemon *d)
{
	sd_notify(0, "READY=1");
	while (!d->stop) {
		int ret;

		run_housekeep(d);
		ret = loop_run(&d->loop, -1);
		if (ret < 0) {
			log_err("event loop: %s", strerror(-ret));
			break;
		}
	}
	sd_notify(0, "STOPPING=1");
	log_info("stopping");
}

static int run_daemon(const struct options *o, const struct conf *c)
{
	struct daemon d = {
		.loop.epfd = -1, .signals.fd = -1, .housekeep.fd = -1, .watchdog.fd = -1
	};
	struct conf_err err = { 0 };
	int ret = start(&d, o, c, &err);

	if (ret)
		log_err("%s", err.text[0] ? err.text : "cannot start");
	else
		run(&d);
	server_close(d.server);
	if (d.rpc.sw)
		sw_destroy(d.rpc.sw);
	for (int i = 0; i < 3; i++) {
		const int fds[] = { d.signals.fd, d.housekeep.fd, d.watchdog.fd };

		if (fds[i] >= 0)
			close(fds[i]);
	}
	if (d.loop.epfd >= 0)
		loop_close(&d.loop);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct conf_err err = { 0 };
	struct conf c = { 0 };
	int ret = parse_options(argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.file && config_load_file(o.file, &c, &err)) {
		/* not through the log: FILE:LINE: at the start of the line is what editors and
		 * people look for */
		fprintf(stderr, "%s%s\n", getenv("JOURNAL_STREAM") ? "<3>" : "", err.text);
		return EXIT_FAILURE;
	}
	if (o.check)
		printf("%s: good: %u bridges, %u ports, %u tunnels\n", o.file, c.n_bridges,
			c.n_ports, c.n_tunnels);
	else
		ret = run_daemon(&o, &c);
	conf_clear(&c);
	return o.check ? EXIT_SUCCESS : ret;
}
