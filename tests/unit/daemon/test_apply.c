/* SPDX-License-Identifier: BSD-3-Clause */
/* Reload: exactly what differs is called, in an order that works, and a failure in the middle
 * leaves the old state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/apply.h"
#include "daemon/config.h"
#include "dp/conf_fields.h"
#include "lib/fake_switch.h"

struct change {
	const char *name, *old, *new;
	const char *calls; /* of the switch, in order */
};

#define B0 "bridges: [{name: b0}]\n"
#define T0 "{name: t0, vni: 1, remote: 10.0.0.1}"

static const struct change changes[] = {
	{ "nothing", B0, B0, "" },
	{ "default_written_out", B0, "bridges: [{name: b0, ageing: 300}]\n", "" },
	{ "start", "", B0 "ports: [{name: p, bridge: b0}]\ntunnels: [" T0 "]\n",
		"bridge+b0 port+p tunnel+t0 " },
	{ "stop", B0 "ports: [{name: p, bridge: b0}]\ntunnels: [" T0 "]\n", "",
		"tunnel-t0 port-p bridge-b0 " },
	{ "mtu", "ports: [{name: p}, {name: q}]\n", "ports: [{name: p, mtu: 9000}, {name: q}]\n",
		"port=p " },
	{ "type", "ports: [{name: p}]\n", "ports: [{name: p, type: dummy}]\n", "port-p port+p " },
	{ "move_to_new_bridge", B0 "ports: [{name: p, bridge: b0}]\n",
		"bridges: [{name: b1}]\nports: [{name: p, bridge: b1}]\n",
		"bridge+b1 port=p bridge-b0 " },
	{ "remote", "tunnels: [" T0 "]\n", "tunnels: [{name: t0, vni: 1, remote: 10.0.0.2}]\n",
		"tunnel=t0 " },
	{ "transport", "tunnels: [" T0 "]\n",
		"tunnels: [{name: t0, vni: 1, remote: 10.0.0.1, transport: udp}]\n",
		"tunnel-t0 tunnel+t0 " },
	{ "swap_vnis", "tunnels: [" T0 ", {name: t1, vni: 2, remote: 10.0.0.1}]\n",
		"tunnels: [{name: t0, vni: 2, remote: 10.0.0.1}, {name: t1, vni: 1, remote: "
		"10.0.0.1}]\n",
		"tunnel-t0 tunnel-t1 tunnel+t0 tunnel+t1 " },
	{ "port_becomes_tunnel", "ports: [{name: t0}]\n", "tunnels: [" T0 "]\n",
		"port-t0 tunnel+t0 " },
	{ "take_over_interface", "ports: [{name: p, ifname: x}]\n",
		"ports: [{name: q, ifname: x}]\n", "port-p port+q " },
};

static void load(const char *yaml, struct conf *c)
{
	struct conf_err err;

	if (config_load_text("f", yaml, strlen(yaml), c, &err))
		fail_msg("%s", err.text);
}

/* A switch that runs @c. */
static struct sw *running(const struct conf *c)
{
	struct conf empty = { .daemon = c->daemon };
	struct sw *sw = fake_sw_new();
	struct apply_count n;
	struct conf_err err = { 0 };

	if (apply_conf(sw, &empty, c, &n, &err))
		fail_msg("%s", err.text);
	fake_sw_calls_reset(sw);
	return sw;
}

/* In any order: what was deleted and added again stands at the end. */
static void assert_runs(struct sw *sw, const struct conf *want, const char *name)
{
	struct conf now;

	sw_conf_get(sw, &now);
	for (int id = CONF_BRIDGE; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];

		if (conf_count(k, &now) != conf_count(k, want))
			fail_msg("%s: %u %s run", name, conf_count(k, &now), k->section);
		for (unsigned int i = 0; i < conf_count(k, want); i++) {
			const void *w = conf_at(k, want, i),
				   *o = conf_find(k, &now, conf_obj_name(w));

			if (!o || !conf_obj_equal(k, w, o))
				fail_msg("%s: %s '%s' does not run as wanted", name, k->name,
					conf_obj_name(w));
		}
	}
	conf_clear(&now);
}

static void test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];
		struct conf_err err = { 0 };
		struct apply_count n;
		struct conf old, new;
		struct sw *sw;

		load(c->old, &old);
		load(c->new, &new);
		sw = running(&old);
		if (apply_conf(sw, &old, &new, &n, &err))
			fail_msg("%s: %s", c->name, err.text);
		if (strcmp(fake_sw_calls(sw), c->calls))
			fail_msg("%s: called %s", c->name, fake_sw_calls(sw));
		assert_runs(sw, &new, c->name);
		sw_destroy(sw);
		conf_clear(&old);
		conf_clear(&new);
	}
}

/* Each call of each change fails once. */
static void test_roll_back(void **state)
{
	(void)state;
	log_set_level(LOG_LVL_ERR);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct conf old, new;
		int ret = -1;

		load(changes[i].old, &old);
		load(changes[i].new, &new);
		for (unsigned int nth = 1; ret; nth++) {
			struct sw *sw = running(&old);
			struct conf_err err = { 0 };
			struct apply_count n;

			fake_sw_fail_at(sw, nth);
			ret = apply_conf(sw, &old, &new, &n, &err);
			if (ret) {
				assert_int_equal(ret, -EIO);
				assert_non_null(strstr(err.text, "made to fail"));
				assert_int_equal(n.n_added + n.n_changed + n.n_removed, 0);
			}
			assert_runs(sw, ret ? &old : &new, changes[i].name);
			sw_destroy(sw);
			assert_true(nth < 10);
		}
		conf_clear(&old);
		conf_clear(&new);
	}
}

static void test_restart_needed(void **state)
{
	struct conf_err err = { 0 };
	struct apply_count n;
	struct conf old, new;
	struct sw *sw;

	(void)state;
	load("daemon: {workers: 1}\n", &old);
	load("daemon: {workers: 2}\nports: [{name: p}]\n", &new);
	sw = running(&old);
	assert_int_equal(apply_conf(sw, &old, &new, &n, &err), -EINVAL);
	assert_non_null(strstr(err.text, "daemon.workers"));
	assert_non_null(strstr(err.text, "restart"));
	assert_string_equal(fake_sw_calls(sw), "");
	sw_destroy(sw);
	conf_clear(&old);
	conf_clear(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_roll_back),
		cmocka_unit_test(test_restart_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
