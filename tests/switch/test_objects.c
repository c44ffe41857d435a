/* SPDX-License-Identifier: BSD-3-Clause */
/* Bridges, ports and tunnels come, change and go while frames flow; what is refused and how. */
#include "bed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OBJS_MAX 4095

static struct conf_port dummy(const char *name, const char *bridge)
{
	return (struct conf_port){
		.name = (char *)name, .type = CONF_PORT_DUMMY, .bridge = (char *)bridge
	};
}

/* On a UDP port that nobody else has: several builds may be tested at once. */
static struct conf_tunnel tunnel(const char *name, char **remotes, unsigned int n)
{
	return (struct conf_tunnel){ .name = (char *)name,
		.transport = CONF_TRANSPORT_UDP,
		.dstport = 20000 + (uint32_t)getpid() % 10000,
		.local = (char *)"127.0.0.1",
		.remotes = remotes,
		.n_remotes = n,
		.vni = 7 };
}

static void test_bridge_refusals(void **state)
{
	const struct conf_bridge again = { .name = (char *)"br1" },
				 gone = { .name = (char *)"br9" }, bad = { .name = (char *)"a/b" },
				 none = { 0 };
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	bed_port(&b, "p1", "br1");
	assert_refused(sw_bridge_add(b.sw, &again, err), -EEXIST, "a bridge 'br1' already");
	assert_refused(sw_bridge_add(b.sw, &bad, err), -EINVAL, "not valid");
	assert_refused(sw_bridge_add(b.sw, &none, err), -EINVAL, "no name");
	assert_refused(sw_bridge_set(b.sw, &gone, err), -ENOENT, "no bridge 'br9'");
	assert_refused(sw_bridge_set(b.sw, &none, err), -EINVAL, "no name");
	assert_refused(sw_bridge_del(b.sw, "br9", err), -ENOENT, "no bridge 'br9'");
	assert_refused(sw_bridge_del(b.sw, "br1", err), -EBUSY, "take them out first");
	assert_done(sw_port_del(b.sw, "p1", err));
	assert_done(sw_bridge_del(b.sw, "br1", err));
	bed_close(&b);
}

static void test_port_refusals(void **state)
{
	struct conf_port c = dummy("p1", "br1"), set;
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	bed_port(&b, "p1", "br1");
	assert_refused(sw_port_add(b.sw, &c, err), -EEXIST, "'p1' already");
	set = dummy("p2", "br9");
	assert_refused(sw_port_add(b.sw, &set, err), -ENOENT, "no bridge 'br9'");
	set = dummy("p2", NULL);
	set.mtu = 67;
	assert_refused(sw_port_add(b.sw, &set, err), -EINVAL, "out of range");
	set = c;
	set.mtu = 70000;
	assert_refused(sw_port_set(b.sw, &set, err), -EINVAL, "out of range");
	set = c;
	set.type = CONF_PORT_TAP;
	assert_refused(sw_port_set(b.sw, &set, err), -EINVAL, "type cannot change");
	set = c;
	set.bridge = (char *)"br9";
	assert_refused(sw_port_set(b.sw, &set, err), -ENOENT, "no bridge 'br9'");
	set = dummy("p9", NULL);
	assert_refused(sw_port_set(b.sw, &set, err), -ENOENT, "no port 'p9'");
	set.name = NULL;
	assert_refused(sw_port_set(b.sw, &set, err), -EINVAL, "no name");
	assert_refused(sw_port_del(b.sw, "p9", err), -ENOENT, "no port 'p9'");
	/* nothing of all that changed anything */
	assert_int_equal(bed_row(&b, "p1", NULL).mtu, 1500);
	bed_close(&b);
}

static void test_tunnel_refusals(void **state)
{
	char *one[] = { (char *)"127.0.0.2" }, *two[] = { (char *)"127.0.0.3", one[0] },
	     *wrong[] = { (char *)"fd00::1" };
	struct conf_tunnel c = tunnel("t1", one, 1), set;
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	bed_port(&b, "p1", "br1");
	assert_done(sw_tunnel_add(b.sw, &c, err));
	assert_refused(sw_tunnel_add(b.sw, &c, err), -EEXIST, "'t1' already");
	set = tunnel("p1", two, 1);
	assert_refused(sw_tunnel_add(b.sw, &set, err), -EEXIST, "'p1' already");
	set = tunnel("t2", two, 2);
	assert_refused(sw_tunnel_add(b.sw, &set, err), -EEXIST, "has VNI 7 to 127.0.0.2");
	set = tunnel("t2", two, 1);
	set.bridge = (char *)"br9";
	assert_refused(sw_tunnel_add(b.sw, &set, err), -ENOENT, "no bridge 'br9'");
	set = tunnel("t2", two, 1);
	set.local = (char *)"192.0.2.77";
	assert_refused(sw_tunnel_add(b.sw, &set, err), -EADDRNOTAVAIL, "no interface has it");
	set = tunnel("t2", wrong, 1);
	assert_refused(sw_tunnel_add(b.sw, &set, err), -EINVAL, "not of the family");
	set = c;
	set.dstport++;
	assert_refused(sw_tunnel_set(b.sw, &set, err), -EINVAL, "dstport cannot change");
	set = c;
	set.transport = CONF_TRANSPORT_SCLP;
	assert_refused(sw_tunnel_set(b.sw, &set, err), -EINVAL, "transport cannot change");
	set = tunnel("t9", one, 1);
	assert_refused(sw_tunnel_set(b.sw, &set, err), -ENOENT, "no tunnel 't9'");
	set.name = NULL;
	assert_refused(sw_tunnel_set(b.sw, &set, err), -EINVAL, "no name");
	assert_refused(sw_tunnel_del(b.sw, "t9", err), -ENOENT, "no tunnel 't9'");
	/* a set that changes nothing does not claim against itself */
	assert_done(sw_tunnel_set(b.sw, &c, err));
	bed_close(&b);
}

/* Frames on either side of each change. */
static void test_ports_come_and_go_in_traffic(void **state)
{
	struct bed b;
	char name[16];

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	bed_port(&b, "a", "br1");
	for (unsigned int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		bed_port(&b, name, "br1");
		bed_send(&b, name, MAC(1), MAC(100 + i)); /* floods: to "a" alone */
		assert_int_equal(bed_drain(&b, "a"), 1);
		bed_send(&b, "a", MAC(100 + i), MAC(2));
		assert_int_equal(bed_drain(&b, name), 1);
		if (i % 3 == 0)
			bed_inject(&b, name, bed_frame(MAC(2), MAC(100 + i)));
		/* what waits in it is lost with it, and what is sent to it then is flooded */
		assert_done(sw_port_del(b.sw, name, err));
		bed_send(&b, "a", MAC(100 + i), MAC(2));
	}
	assert_drops(&b, SHUTDOWN, 17);
	assert_drops(&b, BRIDGE_NO_MEMBER, 50);
	bed_close(&b);
}

static void test_counters_survive_removal(void **state)
{
	struct sw_obj_row other;
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	bed_port(&b, "a", "br1");
	bed_port(&b, "b", "br1");
	bed_send(&b, "a", MAC(1), MAC(1));
	bed_send(&b, "a", MAC(1), MAC(1));
	assert_int_equal(bed_row(&b, "a", NULL).stats.drops, 2);
	assert_done(sw_port_del(b.sw, "a", err));
	other = bed_row(&b, "-", NULL);
	assert_int_equal(other.stats.by_reason[DROP_BRIDGE_FILTERED], 2);
	assert_int_equal(other.stats.rx_packets, 2);
	/* the next one with its number starts at nothing */
	bed_port(&b, "c", "br1");
	assert_int_equal(bed_row(&b, "c", NULL).stats.drops, 0);
	assert_int_equal(bed_row(&b, "c", NULL).stats.rx_packets, 0);
	assert_int_equal(bed_drain(&b, "b"), 0);
	bed_close(&b);
}

/* All object numbers are used, given back and used again. */
static void test_exhaustion_of_objects(void **state)
{
	struct conf_port c = dummy("one-more", NULL);
	struct bed b;
	char name[16];

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	for (unsigned int i = 0; i < OBJS_MAX; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		bed_port(&b, name, i < 3 ? "br1" : NULL);
	}
	assert_refused(sw_port_add(b.sw, &c, err), -ENOSPC, "which is the limit");
	bed_send(&b, "p0", MAC_ALL, MAC(1));
	b.n_extra += 1;
	assert_int_equal(bed_drain(&b, "p1"), 1);
	assert_done(sw_port_del(b.sw, "p4000", err));
	assert_done(sw_port_add(b.sw, &c, err));
	bed_send(&b, "one-more", MAC_ALL, MAC(1));
	assert_drops(&b, PORT_NO_BRIDGE, 1);
	bed_close(&b);
}

static void test_remotes_use_objects_too(void **state)
{
	char *one[] = { (char *)"127.0.0.2", (char *)"127.0.0.3" };
	const struct conf_tunnel c = tunnel("t1", one, 2);
	struct bed b;
	char name[16];

	(void)state;
	bed_open(&b, NULL);
	for (unsigned int i = 0; i < OBJS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		bed_port(&b, name, NULL);
	}
	/* the first remote finds room, the second does not: nothing stays */
	assert_refused(sw_tunnel_add(b.sw, &c, err), -ENOSPC, "which is the limit");
	assert_done(sw_port_del(b.sw, "p17", err));
	assert_done(sw_tunnel_add(b.sw, &c, err));
	assert_done(sw_tunnel_del(b.sw, "t1", err));
	bed_close(&b);
}

static void test_conf_is_what_was_set(void **state)
{
	char *one[] = { (char *)"127.0.0.2" };
	struct conf_tunnel t = tunnel("t1", one, 1);
	struct conf_port p = dummy("p1", "br1");
	struct conf c;
	struct bed b;

	(void)state;
	bed_open(&b, NULL);
	bed_bridge(&b, "br1");
	p.gro = CONF_OFF;
	p.mtu = 9000;
	assert_done(sw_port_add(b.sw, &p, err));
	t.bridge = (char *)"br1";
	assert_done(sw_tunnel_add(b.sw, &t, err));
	t.ttl = 3;
	assert_done(sw_tunnel_set(b.sw, &t, err));
	sw_conf_get(b.sw, &c);
	assert_int_equal(c.n_bridges + c.n_ports + c.n_tunnels, 3);
	assert_int_equal(c.ports[0].mtu, 9000);
	assert_int_equal(c.ports[0].gro, CONF_OFF);
	assert_int_equal(c.tunnels[0].ttl, 3);
	assert_string_equal(c.tunnels[0].remotes[0], "127.0.0.2");
	conf_clear(&c);
	bed_close(&b);
}

/* Workers beyond the first do what the first does. */
static void test_several_workers(void **state)
{
	const struct conf_daemon d = { .n_workers = 4 };
	struct sw_info info;
	struct bed b;

	(void)state;
	bed_open(&b, &d);
	bed_bridge(&b, "br1");
	bed_port(&b, "a", "br1");
	bed_port(&b, "b", "br1");
	bed_send(&b, "a", MAC(2), MAC(1));
	bed_send(&b, "b", MAC(1), MAC(2));
	assert_int_equal(bed_drain(&b, "a") + bed_drain(&b, "b"), 2);
	sw_info_get(b.sw, &info);
	assert_int_equal(info.n_workers, 4);
	bed_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge_refusals),
		cmocka_unit_test(test_port_refusals),
		cmocka_unit_test(test_tunnel_refusals),
		cmocka_unit_test(test_ports_come_and_go_in_traffic),
		cmocka_unit_test(test_counters_survive_removal),
		cmocka_unit_test(test_exhaustion_of_objects),
		cmocka_unit_test(test_remotes_use_objects_too),
		cmocka_unit_test(test_conf_is_what_was_set),
		cmocka_unit_test(test_several_workers),
	};

	return cmocka_run_group_tests(tests, eal_test_setup, eal_test_teardown);
}
