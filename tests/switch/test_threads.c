/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Real workers, for once: objects come, change and go while a remote sends whole frames, parts of
 * frames and nonsense as fast as it can.  Nothing may crash, race or leak; sanitizers look on.
 */
#include "bed.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uapi/sclp.h"

#define ROUNDS 150
#define HERE   "127.0.0.2"
#define THERE  "127.0.0.3"

struct sender {
	uint16_t port;
	int stop;
	uint64_t n_sent;
};

static int open_socket(const struct sender *s)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	inet_pton(AF_INET, THERE, &sin.sin_addr);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	inet_pton(AF_INET, HERE, &sin.sin_addr);
	sin.sin_port = htons(s->port);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

/* A frame of one tunnel or the other, whole or a part that stays one. */
static size_t make_segment(uint8_t *p, struct rnd *r, uint32_t id)
{
	const bool whole = rnd_one_in(r, 2);
	const struct sclp_hdr sh = { .source = htons(50000),
		.dest = htons(SCLP_PORT_VXLAN),
		.id_first = htonl(id << 1 | !rnd_one_in(r, 8)),
		.remaining = htons(whole ? 0 : 500) };
	struct gen g = gen_default;
	size_t n = sizeof(sh);

	memcpy(p, &sh, n);
	memset(p + n, 0, 8);
	p[n] = rnd_one_in(r, 16) ? 0 : 8;
	p[n + 6] = (uint8_t)(1 + rnd_below(r, 3));
	n += 8;
	g.plen = 100;
	return n + gen_bytes(&g, p + n);
}

static void *sender_main(void *arg)
{
	struct sender *s = arg;
	const int fd = open_socket(s);
	uint8_t bytes[512];
	struct rnd r;

	rnd_seed(&r, 11);
	for (uint32_t id = 0; !__atomic_load_n(&s->stop, __ATOMIC_RELAXED); id++) {
		/* nobody may listen just now */
		if (send(fd, bytes, make_segment(bytes, &r, id), 0) > 0)
			s->n_sent++;
	}
	close(fd);
	return NULL;
}

static struct conf_tunnel tunnel(const struct sender *s, unsigned int vni, const char *bridge)
{
	static const char *const names[] = { "t0", "t1", "t2" };
	static char *remotes[] = { (char *)THERE, (char *)"127.0.0.4" };

	return (struct conf_tunnel){ .name = (char *)names[vni],
		.bridge = (char *)bridge,
		.vni = vni,
		.local = (char *)HERE,
		.remotes = remotes,
		.n_remotes = 2,
		.dstport = s->port };
}

static void no_row(void *arg, const struct sw_obj_row *row)
{
	(void)row;
	++*(unsigned int *)arg;
}

static void one_round(struct bed *b, const struct sender *s, struct rnd *r)
{
	const struct ether_addr mac = { { 2, 0, 0, 0, 0, (uint8_t)rnd_u32(r) } };
	struct conf_bridge bridge = { .name = (char *)"br1", .fdb_max = 16 + rnd_below(r, 64) };
	struct conf_tunnel t1 = tunnel(s, 1, "br1"), t2 = tunnel(s, 2, "br2");
	unsigned int n_rows = 0;

	assert_done(sw_tunnel_add(b->sw, &t1, err));
	assert_done(sw_tunnel_add(b->sw, &t2, err));
	bed_port(b, "p1", "br1");
	assert_done(sw_fdb_add(b->sw, "br1", &mac, "t1", THERE, err));
	t1.n_remotes = 1;
	assert_done(sw_tunnel_set(b->sw, &t1, err));
	assert_done(sw_bridge_set(b->sw, &bridge, err));
	sw_stats_show(b->sw, no_row, &n_rows);
	assert_true(n_rows > 4);
	/* in an order that hands numbers and the peer's counting remote around */
	if (rnd_one_in(r, 2))
		assert_done(sw_tunnel_del(b->sw, "t1", err));
	assert_done(sw_port_del(b->sw, "p1", err));
	t2.bridge = (char *)"br1";
	assert_done(sw_tunnel_set(b->sw, &t2, err));
	bed_port(b, "p1", NULL);
	assert_done(sw_tunnel_del(b->sw, "t2", err));
	(void)sw_tunnel_del(b->sw, "t1", NULL);
	assert_done(sw_port_del(b->sw, "p1", err));
	sw_housekeep(b->sw, b->now_ns += 10 * SECOND_NS);
}

static void test_changes_under_load(void **state)
{
	struct sender s = { .port = (uint16_t)(10000 + (uint32_t)getpid() * 16 % 20000) };
	const struct conf_daemon d = { .n_workers = 2, .reass_ms = 5, .reass_frames = 64 };
	struct bed b = { .now_ns = BED_START_NS };
	struct conf_err err = { 0 };
	uint64_t n_dropped;
	pthread_t thread;
	struct rnd r;

	(void)state;
	rnd_seed(&r, 5);
	b.sw = sw_create(&d, 0, &err);
	assert_non_null(b.sw);
	bed_bridge(&b, "br1");
	bed_bridge(&b, "br2");
	assert_int_equal(pthread_create(&thread, NULL, sender_main, &s), 0);
	for (unsigned int i = 0; i < ROUNDS; i++)
		one_round(&b, &s, &r);
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	n_dropped = bed_drops_all(&b);
	print_message("  %llu sent, %llu counted as dropped\n", (unsigned long long)s.n_sent,
		(unsigned long long)n_dropped);
	assert_true(n_dropped > 0);
	sw_destroy(b.sw);
	assert_true(eal_test_pools_full());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_under_load),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
