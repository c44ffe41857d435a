/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A wire with faults: forwards Ethernet frames between two interfaces and loses, doubles and
 * reorders some of them by given chances.  netem is not in every kernel; this is in every checkout.
 * GRO must be off on both interfaces, and so must TSO and GSO at the senders: a frame that a wire
 * of 1,500 bytes cannot carry is dropped and counted. On SIGTERM or SIGINT it prints what it did,
 * as JSON (--stats), and ends with 0.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <netinet/in.h>

#include "fate.h"

#define NS_PER_S 1000000000u
#define BURST	 256

struct direction {
	const char *name;
	struct link *from, *to;
	struct fate_conf conf;
	struct fate fate;
};

static volatile sig_atomic_t stop;

static const char usage[] =
	"usage: relay [OPTION].. LEFT RIGHT\n"
	"Forward frames between two interfaces; a is LEFT, b is RIGHT.\n"
	"  --loss P, --loss-ab P, --loss-ba P  chance that a frame is lost (0-1); one direction\n"
	"  --dup P                 chance that a frame comes twice\n"
	"  --reorder P             chance that a frame is held back..\n"
	"  --reorder-gap N         ..until N others have passed (default 3)\n"
	"  --hold-ms N             ..or for N ms at most (default 10)\n"
	"  --match udp[:PORT]|ip:PROTO  faults only for these; may be repeated (default: all)\n"
	"  --seed N                of the random choices (default 1)\n"
	"  --stats                 print counters as JSON at the end\n";

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void bad(const char *what, const char *arg)
{
	fprintf(stderr, "relay: %s: \"%s\"\n%s", what, arg, usage);
	exit(2);
}

static double to_chance(const char *arg)
{
	char *end;
	double p = strtod(arg, &end);

	if (end == arg || *end || !(p >= 0 && p <= 1))
		bad("not a chance from 0 to 1", arg);
	return p;
}

static unsigned long to_number(const char *arg, unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 0);
	if (end == arg || *end || errno || n > max || *arg == '-')
		bad("not a number that is allowed here", arg);
	return n;
}

static void add_match(struct fate_conf *c, const char *arg)
{
	struct fate_match m = { .proto = IPPROTO_UDP };

	if (c->n_matches == FATE_MATCH_MAX)
		bad("too many matches", arg);
	if (!strncmp(arg, "udp:", 4))
		m.dport = (uint16_t)to_number(arg + 4, 65535);
	else if (!strncmp(arg, "ip:", 3))
		m.proto = (uint8_t)to_number(arg + 3, 255);
	else if (strcmp(arg, "udp") != 0)
		bad("not udp, udp:PORT or ip:PROTO", arg);
	c->matches[c->n_matches++] = m;
}

/* Options that fill one number of both directions. */
static bool set_both(struct direction dir[2], int opt, const char *arg)
{
	for (int i = 0; i < 2; i++) {
		struct fate_conf *c = &dir[i].conf;

		switch (opt) {
		case 'l':
			c->loss = to_chance(arg);
			break;
		case 'd':
			c->dup = to_chance(arg);
			break;
		case 'r':
			c->reorder = to_chance(arg);
			break;
		case 'g':
			c->gap = (unsigned int)to_number(arg, 10000);
			break;
		case 'h':
			c->hold_ns = to_number(arg, 10000) * 1000000u;
			break;
		case 'm':
			add_match(c, arg);
			break;
		default:
			return false;
		}
	}
	return true;
}

/* Returns whether counters are wanted at the end. */
static bool parse_options(int argc, char **argv, struct direction dir[2], uint64_t *seed)
{
	static const struct option opts[] = {
		{ "loss", 1, NULL, 'l' },
		{ "loss-ab", 1, NULL, 'A' },
		{ "loss-ba", 1, NULL, 'B' },
		{ "dup", 1, NULL, 'd' },
		{ "reorder", 1, NULL, 'r' },
		{ "reorder-gap", 1, NULL, 'g' },
		{ "hold-ms", 1, NULL, 'h' },
		{ "match", 1, NULL, 'm' },
		{ "seed", 1, NULL, 's' },
		{ "stats", 0, NULL, 'S' },
		{ "help", 0, NULL, 'H' },
		{ NULL, 0, NULL, 0 },
	};
	bool stats = false;
	int c;

	while ((c = getopt_long(argc, argv, "", opts, NULL)) != -1) {
		if (set_both(dir, c, optarg))
			continue;
		switch (c) {
		case 'A':
			dir[0].conf.loss = to_chance(optarg);
			break;
		case 'B':
			dir[1].conf.loss = to_chance(optarg);
			break;
		case 's':
			*seed = to_number(optarg, ULONG_MAX);
			break;
		case 'S':
			stats = true;
			break;
		case 'H':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (argc - optind != 2)
		bad("two interfaces are needed", optind < argc ? argv[optind] : "");
	return stats;
}

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* Forward what has arrived in one direction; return how many frames that were. */
static unsigned int carry(struct direction *d, uint64_t now_ns)
{
	struct link_frame f;
	unsigned int n = 0;

	while (n < BURST && link_receive(d->from, &f)) {
		fate_frame(&d->fate, &f, now_ns, d->to);
		n++;
	}
	link_flush(d->to);
	link_release(d->from);
	return n;
}

/* Sleep until a frame arrives, a held one is due, or a signal comes (they are blocked but here). */
static void rest(struct direction dir[2], uint64_t now_ns, uint64_t due_ns, const sigset_t *open)
{
	struct pollfd fds[2] = { { dir[0].from->fd, POLLIN, 0 }, { dir[1].from->fd, POLLIN, 0 } };
	uint64_t wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	struct timespec ts = { (time_t)(wait_ns / NS_PER_S), (long)(wait_ns % NS_PER_S) };

	if (ppoll(fds, 2, due_ns == UINT64_MAX ? NULL : &ts, open) < 0 && errno != EINTR) {
		perror("relay: ppoll");
		exit(1);
	}
}

static void relay(struct direction dir[2], const sigset_t *open)
{
	while (!stop) {
		uint64_t now_ns = clock_ns();
		unsigned int n = carry(&dir[0], now_ns) + carry(&dir[1], now_ns);
		uint64_t due_a = fate_expire(&dir[0].fate, now_ns, dir[0].to);
		uint64_t due_b = fate_expire(&dir[1].fate, now_ns, dir[1].to);

		/* A signal is only taken in rest(): look in now and then under load, without
		 * waiting. */
		rest(dir, now_ns, n ? now_ns : due_a < due_b ? due_a : due_b, open);
	}
}

static void print_stats(struct direction dir[2])
{
	for (int i = 0; i < 2; i++) {
		const struct fate_stats *s = &dir[i].fate.stats;

		printf("%s\"%s\": {\"forwarded\": %" PRIu64 ", \"matched\": %" PRIu64
		       ", \"lost\": %" PRIu64 ", \"duplicated\": %" PRIu64
		       ", \"reordered\": %" PRIu64 ", \"oversize\": %" PRIu64
		       ", \"overflow\": %" PRIu64 ", \"tx_errors\": %" PRIu64 "}",
			i ? ", " : "{", dir[i].name, s->forwarded, s->matched, s->lost,
			s->duplicated, s->reordered, dir[i].from->stats.oversize,
			link_overflow(dir[i].from), dir[i].to->stats.tx_errors);
	}
	printf("}\n");
}

static void catch_signals(sigset_t *open)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t block;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, open);
	sigdelset(open, SIGTERM);
	sigdelset(open, SIGINT);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

int main(int argc, char **argv)
{
	static struct link left, right;
	static struct direction dir[2] = {
		{ "ab", &left, &right, { .gap = 3, .hold_ns = 10000000 }, { 0 } },
		{ "ba", &right, &left, { .gap = 3, .hold_ns = 10000000 }, { 0 } },
	};
	uint64_t seed = 1;
	sigset_t open;
	bool stats = parse_options(argc, argv, dir, &seed);

	catch_signals(&open);
	link_open(&left, argv[optind]);
	link_open(&right, argv[optind + 1]);
	for (uint64_t i = 0; i < 2; i++)
		fate_init(&dir[i].fate, &dir[i].conf, (seed << 1) + i);
	relay(dir, &open);
	if (stats)
		print_stats(dir);
	for (int i = 0; i < 2; i++)
		fate_clear(&dir[i].fate);
	return 0;
}
