/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending and receiving over loopback sockets: which datagrams share a train, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/eal_test.h"
#include "underlay/underlay.h"

#define PROTO	 253 /* for experiments (RFC 3692) */
#define WAIT_MS	 1000
#define MSGS_MAX 64

struct bench {
	struct ul_tx *tx;
	struct ul_rx *rx[2]; /* two addresses: two remotes */
	struct ul_remote remote[2];
	enum ul_class cls;
	uint32_t n_sent;
};

static uint16_t next_port(void)
{
	static uint16_t n;

	return (uint16_t)(10000 + (uint32_t)getpid() * 16 % 20000 + n++ % 16);
}

/* Returns false where the kernel does not let us (raw sockets want root). */
static bool bench_open(struct bench *b, enum ul_class cls, bool trains)
{
	static const char *const addrs[] = { "127.0.0.1", "127.0.0.2" };
	static uint64_t wire_of[16];
	struct ul_tx_param txp = { .n_entropy = 8, .raw_proto = PROTO, .wire_of = wire_of };
	const uint16_t port = cls == UL_RAW4 ? 0 : next_port();
	struct ul_addr any = { 0 }, a;

	memset(b, 0, sizeof(*b));
	b->cls = cls;
	ul_probe(&txp.caps);
	txp.caps.udp_gso &= trains;
	b->tx = ul_tx_create(&txp);
	if (ul_tx_open_class(b->tx, cls)) {
		ul_tx_destroy(b->tx);
		return false;
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct ul_rx_param rxp = { .kind = cls == UL_RAW4 ? UL_RX_RAW : UL_RX_UDP,
			.family = AF_INET,
			.port = cls == UL_RAW4 ? PROTO : port,
			.gro = txp.caps.udp_gro,
			.n_workers = 1 };

		assert_int_equal(ul_addr_parse(addrs[i], &a), 0);
		rxp.local = a;
		b->rx[i] = ul_rx_open(&rxp);
		assert_non_null(b->rx[i]);
		assert_int_equal(ul_remote_open(&b->remote[i], &a, &any, port, 64, 1), 0);
	}
	return true;
}

static void bench_close(struct bench *b)
{
	ul_tx_destroy(b->tx);
	for (unsigned int i = 0; i < 2; i++) {
		ul_rx_close(b->rx[i]);
		ul_remote_close(&b->remote[i]);
	}
	assert_true(eal_test_pools_full());
}

/* A datagram of @n bytes, numbered. */
static struct rte_mbuf *datagram(struct bench *b, uint32_t n)
{
	static uint8_t bytes[65536];

	memset(bytes, (int)b->n_sent, n);
	memcpy(bytes, &b->n_sent, sizeof(b->n_sent));
	b->n_sent++;
	return pkt_from_bytes(bytes, n);
}

#define OTHER_TOS    1u
#define OTHER_HASH   2u
#define OTHER_REMOTE 4u
#define FLUSH	     8u /* behind it */

static void queue(struct bench *b, uint32_t n, unsigned int flags)
{
	const struct ul_flow f = { .remote = &b->remote[!!(flags & OTHER_REMOTE)],
		.cls = b->cls,
		.tos = flags & OTHER_TOS ? 0x28 : 0,
		.hash = flags & OTHER_HASH ? 0xffffffff : 0 };

	ul_tx_datagram(b->tx, &f, datagram(b, n));
	if (flags & FLUSH)
		ul_tx_flush(b->tx);
}

struct train {
	uint32_t n_segs, seg_len, n_bytes;
};

/* Everything that arrives at @rx until @n datagrams were seen: numbers in order, trains to @out. */
static unsigned int receive(struct ul_rx *rx, uint32_t n, struct train *out, uint32_t *number)
{
	unsigned int n_trains = 0;
	uint64_t missed = 0;

	while (n) {
		struct pollfd pfd = { .fd = ul_rx_fd(rx), .events = POLLIN };
		struct ul_rx_msg msgs[UL_RX_BURST];
		unsigned int k;

		assert_int_equal(poll(&pfd, 1, WAIT_MS), 1);
		k = ul_rx_burst(rx, msgs, &missed);
		for (unsigned int i = 0; i < k; i++) {
			const uint32_t total = msgs[i].m->pkt_len, len = msgs[i].seg_len;
			struct train *t = &out[n_trains++];

			assert_true(n_trains <= MSGS_MAX);
			*t = (struct train){ 0, len, total };
			for (uint32_t off = 0; off < total; off += len, t->n_segs++, n--) {
				uint32_t v;

				pkt_copy_out(msgs[i].m, off, sizeof(v), &v);
				if (number)
					assert_int_equal(v, (*number)++);
			}
			pkt_done(msgs[i].m);
		}
	}
	assert_int_equal(missed, 0);
	return n_trains;
}

static const struct row {
	const char *name;
	struct {
		uint32_t size, times;
		unsigned int flags;
	} in[5];
	struct train out[5];
} rows[] = {
	{ "one_alone", { { 100, 1, 0 } }, { { 1, 100, 100 } } },
	{ "equal_ones_join", { { 100, 3, 0 } }, { { 3, 100, 300 } } },
	{ "a_shorter_one_ends_the_train", { { 100, 2, 0 }, { 40, 1, 0 }, { 100, 1, 0 } },
		{ { 3, 100, 240 }, { 1, 100, 100 } } },
	{ "two_shorter_ones", { { 100, 2, 0 }, { 40, 2, 0 } }, { { 3, 100, 240 }, { 1, 40, 40 } } },
	{ "a_longer_one_starts_anew", { { 100, 2, 0 }, { 200, 1, 0 } },
		{ { 2, 100, 200 }, { 1, 200, 200 } } },
	{ "a_byte_longer", { { 100, 1, 0 }, { 101, 1, 0 } }, { { 1, 100, 100 }, { 1, 101, 101 } } },
	{ "64_at_most", { { 100, 130, 0 } },
		{ { 64, 100, 6400 }, { 64, 100, 6400 }, { 2, 100, 200 } } },
	{ "65507_bytes_at_most", { { 1400, 50, 0 } }, { { 46, 1400, 64400 }, { 4, 1400, 5600 } } },
	/* the loopback itself cuts what is longer with its link header */
	{ "44_of_1488_bytes", { { 1488, 44, 0 } }, { { 44, 1488, 44 * 1488 } } },
	{ "another_mark", { { 100, 2, 0 }, { 100, 2, OTHER_TOS } },
		{ { 2, 100, 200 }, { 2, 100, 200 } } },
	{ "across_a_flush", { { 100, 2, FLUSH }, { 100, 2, 0 } },
		{ { 1, 100, 100 }, { 1, 100, 100 }, { 2, 100, 200 } } },
	{ "largest_of_all", { { 65507, 2, 0 } }, { { 1, 65507, 65507 }, { 1, 65507, 65507 } } },
};

static uint32_t play(struct bench *b, const struct row *t)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < RTE_DIM(t->in) && t->in[i].times; i++)
		for (uint32_t k = 0; k < t->in[i].times; k++, n++)
			queue(b, t->in[i].size, t->in[i].flags);
	ul_tx_flush(b->tx);
	return n;
}

static void test_trains(void **state)
{
	struct train got[MSGS_MAX];
	struct ul_caps caps;

	(void)state;
	ul_probe(&caps);
	if (!caps.udp_gso || !caps.udp_gro)
		skip();
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		uint32_t number = 0, n;
		unsigned int n_trains, n_want = 0;
		struct bench b;

		print_message("  %s\n", rows[i].name);
		assert_true(bench_open(&b, UL_UDP4, true));
		n = play(&b, &rows[i]);
		n_trains = receive(b.rx[0], n, got, &number);
		while (n_want < RTE_DIM(rows[i].out) && rows[i].out[n_want].n_segs)
			n_want++;
		assert_int_equal(n_trains, n_want);
		assert_memory_equal(got, rows[i].out, n_want * sizeof(got[0]));
		assert_int_equal(ul_tx_get_stats(b.tx)->wire, n);
		bench_close(&b);
	}
}

/* Without UDP_SEGMENT, and without an outer checksum, the same arrives one by one. */
static void test_no_trains(void **state)
{
	static const enum ul_class classes[] = { UL_UDP4, UL_UDP4_NOCSUM };
	struct train got[MSGS_MAX];

	(void)state;
	for (size_t c = 0; c < RTE_DIM(classes); c++) {
		uint32_t number = 0;
		struct bench b;

		assert_true(bench_open(&b, classes[c], classes[c] != UL_UDP4));
		for (unsigned int i = 0; i < 40; i++)
			queue(&b, 100, 0);
		ul_tx_flush(b.tx);
		assert_int_equal(receive(b.rx[0], 40, got, &number), 40);
		bench_close(&b);
	}
}

static void test_remotes_and_flows_are_apart(void **state)
{
	struct train got[MSGS_MAX];
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	for (unsigned int i = 0; i < 4; i++) {
		queue(&b, 100, 0);
		queue(&b, 100, OTHER_REMOTE);
	}
	ul_tx_flush(b.tx);
	assert_int_equal(receive(b.rx[0], 4, got, NULL), 4);
	assert_int_equal(receive(b.rx[1], 4, got, NULL), 4);
	/* two source ports: no train across them */
	queue(&b, 100, 0);
	queue(&b, 100, OTHER_HASH);
	ul_tx_flush(b.tx);
	assert_int_equal(receive(b.rx[0], 2, got, NULL), 2);
	bench_close(&b);
}

static void test_source_port_follows_the_hash(void **state)
{
	struct ul_flow f = { .cls = UL_UDP4 };
	unsigned int n_ports = 0;
	rte_be16_t last = 0;
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	for (uint64_t h = 0; h <= UINT32_MAX; h += UINT32_MAX / 64) {
		const rte_be16_t port = (f.hash = (uint32_t)h, ul_tx_sport(b.tx, &f));

		assert_true(ntohs(port) >= 49152);
		assert_int_equal(port, ul_tx_sport(b.tx, &f));
		n_ports += port != last;
		last = port;
	}
	assert_int_equal(n_ports, 8);
	bench_close(&b);
}

/* More than the queues of a burst hold: they are flushed in between, the order stays. */
static void test_more_than_a_burst(void **state)
{
	struct train got[MSGS_MAX];
	uint32_t number = 0;
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	for (unsigned int round = 0; round < 40; round++) {
		for (unsigned int i = 0; i < 50; i++)
			queue(&b, 60 + i % 3, i % 5 ? 0 : OTHER_TOS);
		ul_tx_flush(b.tx);
		receive(b.rx[0], 50, got, &number);
	}
	bench_close(&b);
}

/* ---- what cannot be sent ---- */

static void test_larger_than_the_path(void **state)
{
	const uint64_t before = pkt_drops_fallback(DROP_TUNNEL_MTU);
	struct train got[MSGS_MAX];
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	b.remote[0].pmtu = 1500;
	queue(&b, 1473, 0);
	queue(&b, 1472, 0);
	ul_tx_flush(b.tx);
	assert_int_equal(pkt_drops_fallback(DROP_TUNNEL_MTU) - before, 1);
	assert_int_equal(receive(b.rx[0], 1, got, NULL), 1);
	bench_close(&b);
}

/* Port 0 is no destination: every frame of the train is counted. */
static void test_refused_by_the_kernel(void **state)
{
	const uint64_t before = pkt_drops_fallback(DROP_UNDERLAY_UNREACHABLE);
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	((struct sockaddr_in *)&b.remote[0].sa)->sin_port = 0;
	for (unsigned int i = 0; i < 5; i++)
		queue(&b, 100, 0);
	queue(&b, 200, 0);
	ul_tx_flush(b.tx);
	assert_int_equal(pkt_drops_fallback(DROP_UNDERLAY_UNREACHABLE) - before, 6);
	bench_close(&b);
}

/*
 * An ICMP error that is pending fails one send, which is repeated: nothing but the packet that it
 * is about is lost.
 */
static void test_pending_error(void **state)
{
	const uint64_t before = pkt_drops_fallback(DROP_UNDERLAY_UNREACHABLE);
	struct train got[MSGS_MAX];
	struct bench b;

	(void)state;
	assert_true(bench_open(&b, UL_UDP4, true));
	/* nobody listens there */
	((struct sockaddr_in *)&b.remote[1].sa)->sin_port = htons(9);
	for (unsigned int i = 0; i < 5; i++) {
		queue(&b, 100, OTHER_REMOTE | FLUSH);
		queue(&b, 100, FLUSH);
	}
	assert_int_equal(receive(b.rx[0], 5, got, NULL), 5);
	assert_int_equal(pkt_drops_fallback(DROP_UNDERLAY_UNREACHABLE) - before, 5);
	bench_close(&b);
}

/* ---- raw ---- */

static void test_raw_neighbours_are_chained(void **state)
{
	struct train got[MSGS_MAX];
	uint32_t number = 0;
	unsigned int n;
	struct bench b;

	(void)state;
	if (!bench_open(&b, UL_RAW4, true))
		skip(); /* needs CAP_NET_RAW */
	for (unsigned int i = 0; i < 10; i++)
		queue(&b, i == 9 ? 50 : 100, 0);
	queue(&b, 100, 0);
	queue(&b, 100, OTHER_TOS);
	ul_tx_flush(b.tx);
	n = receive(b.rx[0], 12, got, &number);
	assert_int_equal(n, 3);
	assert_int_equal(got[0].n_segs, 10);
	assert_int_equal(got[0].n_bytes, 950);
	assert_int_equal(got[1].n_segs, 1);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trains),
		cmocka_unit_test(test_no_trains),
		cmocka_unit_test(test_remotes_and_flows_are_apart),
		cmocka_unit_test(test_source_port_follows_the_hash),
		cmocka_unit_test(test_more_than_a_burst),
		cmocka_unit_test(test_larger_than_the_path),
		cmocka_unit_test(test_refused_by_the_kernel),
		cmocka_unit_test(test_pending_error),
		cmocka_unit_test(test_raw_neighbours_are_chained),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
