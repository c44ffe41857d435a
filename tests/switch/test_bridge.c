/* SPDX-License-Identifier: BSD-3-Clause */
/* The learning bridge, told as stories of frames: who sends to whom, and where it comes out. */
#include "bed.h"

#include <errno.h>
#include <string.h>

enum act {
	END,
	SEND,  /* frame from @port, @src to @dst: comes out at @out, or is dropped for @why */
	LATER, /* @n seconds pass, housekeeping included */
	SET,   /* static entry: @dst is behind @port */
	DEL,   /* forget @dst */
	FLUSH,
	MOVE, /* @port goes into bridge "br@n" (0: into none) */
	DOWN, /* @port */
};

struct step {
	enum act act;
	unsigned int port; /* p1 .. p4 */
	uint64_t src, dst;
	unsigned int out; /* OUT() of the ports where the frame comes out */
	enum drop_reason why;
	unsigned int n;
};

#define OUT(p)	   (1u << (p))
#define ALL_BUT(p) (0x1eu & ~OUT(p))
#define IN(p, s, d, ...)                                                                           \
	{                                                                                          \
		.act = SEND, .port = (p), .src = (s), .dst = (d), __VA_ARGS__                      \
	}
#define LOST(reason) .why = DROP_##reason

#define A MAC(1)
#define B MAC(2)
#define C MAC(3)

struct story {
	const char *name;
	struct step steps[12];
};

/* Ports p1 .. p4 in br1, br2 without members, ageing after 300 s. */
static const struct story stories[] = {
	{ "unknown_unicast_floods", { IN(1, A, B, .out = ALL_BUT(1)) } },
	{ "broadcast_floods", { IN(2, A, MAC_ALL, .out = ALL_BUT(2)) } },
	{ "multicast_floods_though_source_is_known",
		{ IN(2, A, MAC_ALL, .out = ALL_BUT(2)),
			IN(1, B, 0x01005e000001, .out = ALL_BUT(1)) } },
	{ "answer_is_learned", { IN(1, A, B, .out = ALL_BUT(1)), IN(3, B, A, .out = OUT(1)),
				       IN(1, A, B, .out = OUT(3)) } },
	{ "station_moves", { IN(1, A, B, .out = ALL_BUT(1)), IN(2, B, A, .out = OUT(1)),
				   IN(4, A, B, .out = OUT(2)), IN(2, B, A, .out = OUT(4)) } },
	{ "hairpin_is_filtered",
		{ IN(1, A, MAC_ALL, .out = ALL_BUT(1)), IN(1, B, A, LOST(BRIDGE_FILTERED)) } },
	{ "own_address_is_filtered", { IN(1, A, A, LOST(BRIDGE_FILTERED)) } },
	{ "group_source_is_dropped", { IN(1, 0x030000000001, A, LOST(BRIDGE_SOURCE_MAC)) } },
	{ "broadcast_source_is_dropped", { IN(1, MAC_ALL, A, LOST(BRIDGE_SOURCE_MAC)) } },
	{ "zero_source_is_dropped", { IN(1, 0, A, LOST(BRIDGE_SOURCE_MAC)) } },
	{ "first_reserved_address", { IN(1, A, 0x0180c2000000, LOST(BRIDGE_RESERVED)) } },
	{ "lldp", { IN(1, A, 0x0180c200000e, LOST(BRIDGE_RESERVED)) } },
	{ "last_reserved_address", { IN(1, A, 0x0180c200000f, LOST(BRIDGE_RESERVED)) } },
	{ "behind_the_reserved_addresses", { IN(1, A, 0x0180c2000010, .out = ALL_BUT(1)) } },
	{ "reserved_frames_teach_nothing", { IN(1, A, 0x0180c2000000, LOST(BRIDGE_RESERVED)),
						   IN(2, B, A, .out = ALL_BUT(2)) } },
	{ "seen_within_the_time_stays",
		{ IN(1, A, B, .out = ALL_BUT(1)), { .act = LATER, .n = 300 },
			IN(2, B, A, .out = OUT(1)) } },
	{ "not_seen_is_forgotten", { IN(1, A, B, .out = ALL_BUT(1)), { .act = LATER, .n = 301 },
					   IN(2, B, A, .out = ALL_BUT(2)) } },
	{ "each_frame_makes_young",
		{ IN(1, A, B, .out = ALL_BUT(1)), { .act = LATER, .n = 200 },
			IN(1, A, B, .out = ALL_BUT(1)), { .act = LATER, .n = 200 },
			IN(2, B, A, .out = OUT(1)) } },
	{ "static_entry_is_used",
		{ { .act = SET, .port = 3, .dst = B }, IN(1, A, B, .out = OUT(3)) } },
	{ "static_entry_does_not_move",
		{ { .act = SET, .port = 3, .dst = B }, IN(2, B, MAC_ALL, .out = ALL_BUT(2)),
			IN(1, A, B, .out = OUT(3)) } },
	{ "static_entry_does_not_age",
		{ { .act = SET, .port = 3, .dst = B }, { .act = LATER, .n = 100000 },
			IN(1, A, B, .out = OUT(3)) } },
	{ "static_entry_outlives_a_flush", { { .act = SET, .port = 3, .dst = B }, { .act = FLUSH },
						   IN(1, A, B, .out = OUT(3)) } },
	{ "static_entry_replaces_a_learned_one",
		{ IN(2, B, MAC_ALL, .out = ALL_BUT(2)), { .act = SET, .port = 3, .dst = B },
			IN(1, A, B, .out = OUT(3)) } },
	{ "static_entry_deleted_is_learned_again",
		{ { .act = SET, .port = 3, .dst = B }, { .act = DEL, .dst = B },
			IN(2, B, MAC_ALL, .out = ALL_BUT(2)), IN(1, A, B, .out = OUT(2)) } },
	{ "flush_forgets", { IN(2, B, MAC_ALL, .out = ALL_BUT(2)), { .act = FLUSH },
				   IN(1, A, B, .out = ALL_BUT(1)) } },
	{ "in_no_bridge", { { .act = MOVE, .port = 1, .n = 0 }, IN(1, A, B, LOST(PORT_NO_BRIDGE)),
				  IN(2, B, A, .out = OUT(3) | OUT(4)) } },
	{ "alone_in_its_bridge",
		{ { .act = MOVE, .port = 1, .n = 2 }, IN(1, A, B, LOST(BRIDGE_NO_MEMBER)) } },
	{ "what_was_learned_does_not_follow_into_another_bridge",
		{ IN(1, A, MAC_ALL, .out = ALL_BUT(1)), { .act = MOVE, .port = 1, .n = 2 },
			IN(2, B, A, .out = OUT(3) | OUT(4)), { .act = MOVE, .port = 2, .n = 2 },
			IN(2, B, A, .out = OUT(1)), IN(1, A, B, .out = OUT(2)) } },
	{ "bridges_are_apart",
		{ { .act = MOVE, .port = 1, .n = 2 }, { .act = MOVE, .port = 2, .n = 2 },
			IN(1, A, MAC_ALL, .out = OUT(2)), IN(3, A, MAC_ALL, .out = OUT(4)),
			IN(2, B, A, .out = OUT(1)), IN(4, B, A, .out = OUT(3)) } },
	{ "towards_a_port_that_is_down",
		{ IN(2, B, MAC_ALL, .out = ALL_BUT(2)), { .act = DOWN, .port = 2 },
			IN(1, A, B, LOST(PORT_DOWN)) } },
};

static const char *port_name(unsigned int i)
{
	static const char *const names[] = { "p0", "p1", "p2", "p3", "p4" };

	return names[i];
}

static struct ether_addr ether(uint64_t mac)
{
	struct ether_addr a;

	for (unsigned int i = 0; i < 6; i++)
		a.ether_addr_octet[i] = (uint8_t)(mac >> (40 - 8 * i));
	return a;
}

static void send_step(struct bed *b, const struct step *s)
{
	const uint64_t dropped = bed_drops_all(b), counted = bed_drops(b, s->why);
	const unsigned int n_out = (unsigned int)__builtin_popcount(s->out);

	bed_send(b, port_name(s->port), s->dst, s->src);
	for (unsigned int p = 1; p <= 4; p++)
		if (bed_drain(b, port_name(p)) != !!(s->out & OUT(p)))
			fail_msg("port %u: %s", p, s->out & OUT(p) ? "nothing" : "too much");
	assert_int_equal(bed_drops_all(b) - dropped, !n_out);
	if (!n_out)
		assert_int_equal(bed_drops(b, s->why) - counted, 1);
	else
		b->n_extra += n_out - 1;
}

static void wait_step(struct bed *b, unsigned int n_s)
{
	b->now_ns += n_s * SECOND_NS;
	sw_housekeep(b->sw, b->now_ns);
}

static void move_step(struct bed *b, const struct step *s)
{
	char bridge[] = { 'b', 'r', (char)('0' + s->n), 0 };
	const struct conf_port c = { .name = (char *)port_name(s->port),
		.type = CONF_PORT_DUMMY,
		.bridge = s->n ? bridge : NULL };

	assert_done(sw_port_set(b->sw, &c, err));
}

static void play(struct bed *b, const struct step *s)
{
	const struct ether_addr mac = ether(s->dst);

	switch (s->act) {
	case SEND:
		send_step(b, s);
		break;
	case LATER:
		wait_step(b, s->n);
		break;
	case SET:
		assert_done(sw_fdb_add(b->sw, "br1", &mac, port_name(s->port), NULL, err));
		break;
	case DEL:
		assert_done(sw_fdb_del(b->sw, "br1", &mac, err));
		break;
	case FLUSH:
		assert_true(sw_fdb_flush(b->sw, NULL, NULL, NULL) >= 0);
		break;
	case MOVE:
		move_step(b, s);
		break;
	case DOWN:
		port_dummy_ops.set_up(sw_port_handle(b->sw, port_name(s->port)), false);
		break;
	default:
		break;
	}
}

static void bed_of_four(struct bed *b)
{
	bed_open(b, NULL);
	bed_bridge(b, "br1");
	bed_bridge(b, "br2");
	for (unsigned int p = 1; p <= 4; p++)
		bed_port(b, port_name(p), "br1");
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(stories); i++) {
		struct bed b;

		print_message("  %s\n", stories[i].name);
		bed_of_four(&b);
		for (const struct step *s = stories[i].steps; s->act != END; s++)
			play(&b, s);
		bed_close(&b);
	}
}

/* ---- tables and their limits ---- */

struct count {
	unsigned int n, n_static;
	uint32_t oldest;
};

static void count_row(void *arg, const struct sw_fdb_row *row)
{
	struct count *c = arg;

	c->n++;
	c->n_static += row->is_static;
	c->oldest = RTE_MAX(c->oldest, row->age_s);
	assert_string_equal(row->bridge, "br1");
	assert_non_null(row->port);
	assert_null(row->remote);
}

static struct count count_fdb(struct bed *b)
{
	struct count c = { 0 };

	assert_done(sw_fdb_show(b->sw, "br1", count_row, &c, err));
	return c;
}

#define SMALL_FDB 32

static void test_full_table_keeps_what_it_knows(void **state)
{
	const struct conf_bridge c = { .name = (char *)"br1", .fdb_max = SMALL_FDB };
	const struct ether_addr mac = ether(MAC(5000));
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	assert_done(sw_bridge_add(b.sw, &c, err));
	bed_port(&b, "p1", "br1");
	bed_port(&b, "p2", "br1");
	bed_send(&b, "p2", MAC(1), MAC(2));
	for (uint64_t i = 0; i < 10 * SMALL_FDB; i++)
		bed_send(&b, "p1", MAC(2), MAC(1000 + i));
	assert_int_equal(count_fdb(&b).n, SMALL_FDB);
	/* the first to come is still known, and those that found no room are flooded to */
	bed_drain(&b, "p1");
	bed_drain(&b, "p2");
	bed_send(&b, "p1", MAC(2), MAC(7000));
	assert_int_equal(bed_drain(&b, "p2"), 1);
	bed_send(&b, "p2", MAC(7000), MAC(2));
	assert_int_equal(bed_drain(&b, "p1"), 1);
	assert_refused(sw_fdb_add(b.sw, "br1", &mac, "p1", NULL, err), -ENOSPC, "is full");
	/* time makes room */
	b.now_ns += 1000 * SECOND_NS;
	sw_housekeep(b.sw, b.now_ns);
	assert_int_equal(count_fdb(&b).n, 0);
	assert_done(sw_fdb_add(b.sw, "br1", &mac, "p1", NULL, err));
	bed_close(&b);
}

static void test_static_entries_survive_another_size(void **state)
{
	struct conf_bridge c = { .name = (char *)"br1", .fdb_max = 1024 };
	struct bed b;

	(void)state;
	bed_of_four(&b);
	for (uint64_t i = 0; i < 20; i++) {
		const struct ether_addr mac = ether(MAC(100 + i));

		assert_done(sw_fdb_add(b.sw, "br1", &mac, "p3", NULL, err));
	}
	bed_send(&b, "p1", MAC(100), MAC(1));
	assert_int_equal(count_fdb(&b).n, 21);
	assert_done(sw_bridge_set(b.sw, &c, err));
	assert_int_equal(count_fdb(&b).n, 20);
	assert_int_equal(count_fdb(&b).n_static, 20);
	bed_send(&b, "p1", MAC(100), MAC(1));
	assert_int_equal(bed_drain(&b, "p3"), 2);
	c.fdb_max = 16;
	assert_refused(sw_bridge_set(b.sw, &c, err), -ENOSPC, "static entries");
	assert_int_equal(count_fdb(&b).n_static, 20);
	bed_close(&b);
}

static void test_fdb_refusals(void **state)
{
	const struct ether_addr mac = ether(A), group = ether(0x01005e000001);
	struct bed b;

	(void)state;
	bed_of_four(&b);
	assert_refused(sw_fdb_add(b.sw, "br9", &mac, "p1", NULL, err), -ENOENT, "no bridge 'br9'");
	assert_refused(
		sw_fdb_add(b.sw, "br1", &mac, "p9", NULL, err), -ENOENT, "no port or tunnel 'p9'");
	assert_refused(sw_fdb_add(b.sw, "br2", &mac, "p1", NULL, err), -ENOENT, "'br2' has no");
	assert_refused(sw_fdb_add(b.sw, "br1", &group, "p1", NULL, err), -EINVAL, "group address");
	assert_refused(sw_fdb_del(b.sw, "br1", &mac, err), -ENOENT, "does not know");
	assert_refused(sw_fdb_del(b.sw, "br9", &mac, err), -ENOENT, "no bridge 'br9'");
	assert_refused(sw_fdb_flush(b.sw, "br9", NULL, err), -ENOENT, "no bridge 'br9'");
	assert_refused(sw_fdb_flush(b.sw, "br1", "p9", err), -ENOENT, "'p9'");
	assert_refused(sw_fdb_show(b.sw, "br9", count_row, NULL, err), -ENOENT, "no bridge 'br9'");
	bed_close(&b);
}

static void test_flush_by_port(void **state)
{
	struct bed b;

	(void)state;
	bed_of_four(&b);
	for (uint64_t i = 0; i < 5; i++) {
		bed_send(&b, "p1", MAC_ALL, MAC(10 + i));
		bed_send(&b, "p2", MAC_ALL, MAC(20 + i));
	}
	b.n_extra += 20;
	assert_int_equal(sw_fdb_flush(b.sw, "br2", "p1", NULL), 0);
	assert_int_equal(sw_fdb_flush(b.sw, "br1", "p1", NULL), 5);
	assert_int_equal(count_fdb(&b).n, 5);
	assert_int_equal(sw_fdb_flush(b.sw, NULL, NULL, NULL), 5);
	bed_close(&b);
}

/* ---- sizes ---- */

static void test_short_frames(void **state)
{
	static const uint8_t bytes[60] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5 };
	struct bed b;

	(void)state;
	bed_of_four(&b);
	for (uint32_t n = 1; n <= sizeof(bytes); n++) {
		struct rte_mbuf *m = pkt_from_bytes(bytes, n);

		pkt_meta(m)->inner.end_off = n;
		bed_inject(&b, "p1", m);
	}
	bed_run(&b);
	assert_drops(&b, PORT_RX_SHORT, 13);
	for (unsigned int p = 2; p <= 4; p++)
		assert_int_equal(bed_drain(&b, port_name(p)), 47);
	b.n_extra = 2 * 47;
	bed_close(&b);
}

static void test_statistics_of_a_port(void **state)
{
	struct sw_obj_row one, two;
	struct bed b;
	uint32_t len;

	(void)state;
	bed_of_four(&b);
	bed_send(&b, "p1", MAC_ALL, A);
	b.n_extra = 2 - 1; /* the two that follow become one */
	bed_inject(&b, "p2", bed_frame(A, B));
	bed_inject(&b, "p2", bed_frame(A, B));
	len = gen_hlen(&gen_default) - 20 + 8 + 40;
	bed_run(&b);
	one = bed_row(&b, "p1", NULL);
	two = bed_row(&b, "p2", NULL);
	assert_int_equal(one.stats.rx_packets, 1);
	assert_int_equal(one.stats.rx_bytes, len);
	assert_int_equal(one.stats.rx_wire, 1);
	assert_int_equal(one.stats.drops, 0);
	assert_true(one.up);
	assert_string_equal(one.bridge, "br1");
	assert_int_equal(one.mtu, 1500);
	assert_int_equal(two.stats.rx_wire, 2);
	assert_int_equal(two.stats.rx_packets, 1);
	assert_int_equal(two.stats.tx_wire, 1);
	bed_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_full_table_keeps_what_it_knows),
		cmocka_unit_test(test_static_entries_survive_another_size),
		cmocka_unit_test(test_fdb_refusals),
		cmocka_unit_test(test_flush_by_port),
		cmocka_unit_test(test_short_frames),
		cmocka_unit_test(test_statistics_of_a_port),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
