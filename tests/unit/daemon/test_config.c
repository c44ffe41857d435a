/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration file: what is refused with which words on which line, and that saving and
 * loading are opposites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "daemon/config.h"
#include "dp/conf_fields.h"

struct wrong {
	const char *name, *yaml;
	unsigned int line;
	const char *words[3];
};

#define T "tunnels:\n- name: t\n  vni: 1\n  remotes: [10.0.0.1]\n" /* four good lines */

static const struct wrong wrongs[] = {
	{ "unknown_top_key", "bridges: []\nfoo: 1\n", 2,
		{ "unknown key 'foo'", "allowed are daemon, bridges" } },
	{ "unknown_port_key", "ports:\n- name: a\n  mtux: 1\n", 3,
		{ "'mtux'", "allowed are name, type", "mtu" } },
	{ "unknown_daemon_key", "daemon:\n  workes: 1\n", 2, { "'workes'", "workers" } },
	{ "unknown_type", "ports:\n- name: a\n  type: tun\n", 3,
		{ "'tun'", "tap, af_packet, dummy" } },
	{ "unknown_poll", "daemon:\n  poll: lazy\n", 2, { "'lazy'", "adaptive, busy" } },
	{ "unknown_transport", T "  transport: tcp\n", 5, { "'tcp'", "sclp, udp" } },
	{ "mtu_too_small", "ports:\n- name: a\n  mtu: 67\n", 3, { "mtu 67", "68 to 65521" } },
	{ "mtu_too_large", "ports:\n- name: a\n  mtu: 65522\n", 3, { "mtu 65522", "68 to 65521" } },
	{ "mtu_zero", "ports:\n- name: a\n  mtu: 0\n", 3, { "'0'", "68 to 65521" } },
	{ "mtu_negative", "ports:\n- name: a\n  mtu: -1\n", 3, { "'-1'", "68 to 65521" } },
	{ "mtu_no_number", "ports:\n- name: a\n  mtu: big\n", 3, { "'big'", "68 to 65521" } },
	{ "mtu_with_unit", "ports:\n- name: a\n  mtu: 1500b\n", 3, { "'1500b'", "68 to 65521" } },
	{ "mtu_octal", "ports:\n- name: a\n  mtu: 01500\n", 3, { "'01500'" } },
	{ "mtu_empty", "ports:\n- name: a\n  mtu:\n", 3, { "''", "68 to 65521" } },
	{ "mtu_beyond_32_bits", "ports:\n- name: a\n  mtu: 4294968796\n", 3, { "4294968796" } },
	{ "neither_on_nor_off", "ports:\n- name: a\n  csum: perhaps\n", 3,
		{ "'perhaps'", "on or off" } },
	{ "no_name", "ports:\n- type: tap\n", 2, { "ports[0]", "'name' is missing" } },
	{ "no_name_second", "ports:\n- name: a\n- mtu: 1500\n", 3,
		{ "ports[1]", "'name' is missing" } },
	{ "name_too_long", "bridges:\n- name: sixteen-letters-\n", 2, { "1 to 15" } },
	{ "name_with_blank", "bridges:\n- name: a b\n", 2, { "'a b'", "without blanks" } },
	{ "name_with_slash", "ports:\n- name: a/b\n", 2, { "'a/b'" } },
	{ "name_is_a_list", "ports:\n- name: [a]\n", 2, { "ports[0].name", "1-15" } },
	{ "name_with_percent", "ports:\n- name: tap%d\n", 2, { "'tap%d'" } },
	{ "name_twice_in_ports", "ports:\n- name: a\n- name: a\n", 3,
		{ "already", "different names" } },
	{ "name_of_port_and_tunnel", "ports:\n- name: t\n" T, 4, { "'t'", "already", "port 't'" } },
	{ "bridge_twice", "bridges:\n- name: b\n- name: b\n", 3, { "already", "different names" } },
	{ "key_twice", "ports:\n- name: a\n  name: b\n", 3, { "given before" } },
	{ "section_twice", "ports: []\nports: []\n", 2, { "given before" } },
	{ "no_such_bridge", "ports:\n- name: a\n  bridge: br9\n", 3, { "no bridge 'br9'" } },
	{ "no_such_bridge_tunnel", T "  bridge: br9\n", 5, { "no bridge 'br9'" } },
	{ "ageing_too_short", "bridges:\n- name: b\n  ageing: 9\n", 3,
		{ "ageing 9", "10 to 1000000" } },
	{ "fdb_too_large", "bridges:\n- name: b\n  fdb-max: 1048577\n", 3, { "16 to 1048576" } },
	{ "mac_group", "ports:\n- name: a\n  mac: 33:33:00:00:00:01\n", 3, { "group address" } },
	{ "mac_short", "ports:\n- name: a\n  mac: 52:54:00\n", 3, { "not an address" } },
	{ "netns_of_dummy", "ports:\n- name: a\n  type: dummy\n  netns: x\n", 4,
		{ "netns", "type tap only" } },
	{ "netns_path", "ports:\n- name: a\n  netns: ../x\n", 3, { "'../x'" } },
	{ "same_interface", "ports:\n- name: a\n- name: b\n  ifname: a\n", 4,
		{ "already", "one port" } },
	{ "tso_without_csum", "ports:\n- name: a\n  tso: on\n  csum: off\n", 3,
		{ "tso", "turn csum on" } },
	{ "vni_missing", "tunnels:\n- name: t\n  remote: 10.0.0.1\n", 2, { "'vni' is missing" } },
	{ "vni_too_large", "tunnels:\n- name: t\n  vni: 16777216\n  remote: 10.0.0.1\n", 3,
		{ "0 to 16777215" } },
	{ "vni_taken", T "- name: u\n  vni: 1\n  remotes: [10.0.0.1]\n", 6,
		{ "already", "tunnel 't'" } },
	{ "no_remotes", "tunnels:\n- name: t\n  vni: 1\n", 2, { "0 remotes", "1 to 256" } },
	{ "empty_remotes", "tunnels:\n- name: t\n  vni: 1\n  remotes: []\n", 4, { "1 to 256" } },
	{ "remote_no_address",
		"tunnels:\n- name: t\n  vni: 1\n  remotes:\n  - 10.0.0.1\n  - hostname\n", 6,
		{ "'hostname'" } },
	{ "remote_multicast", "tunnels:\n- name: t\n  vni: 1\n  remote: 239.1.1.1\n", 2,
		{ "multicast" } },
	{ "remote_broadcast", "tunnels:\n- name: t\n  vni: 1\n  remotes: [255.255.255.255]\n", 4,
		{ "broadcast" } },
	{ "remote_unspecified", "tunnels:\n- name: t\n  vni: 1\n  remotes: ['::']\n", 4,
		{ "unspecified" } },
	{ "remote_twice", "tunnels:\n- name: t\n  vni: 1\n  remotes: [fd00::1, 'fd00:0::1']\n", 4,
		{ "twice" } },
	{ "remote_and_remotes", T "  remote: 10.0.0.2\n", 5, { "both remote and remotes" } },
	{ "families_mixed", "tunnels:\n- name: t\n  vni: 1\n  remotes: [10.0.0.1, fd00::1]\n", 4,
		{ "IPv4 or all IPv6" } },
	{ "local_other_family", T "  local: fd00::1\n", 4, { "not of the family of local" } },
	{ "local_is_remote", T "  local: 10.0.0.1\n", 4, { "also the local address" } },
	{ "carrier_of_udp", T "  transport: udp\n  carrier: ip\n", 6,
		{ "carrier", "transport sclp" } },
	{ "dstport_of_carrier_ip", T "  carrier: ip\n  dstport: 4234\n", 6, { "no UDP port" } },
	{ "port_clash",
		T "- name: u\n  vni: 2\n  remotes: [10.0.0.1]\n  transport: udp\n  dstport: 4234\n",
		9, { "4234", "'t'" } },
	{ "dscp_too_large", T "  dscp: 64\n", 5, { "'64'", "0 to 63" } },
	{ "ttl_too_large", T "  ttl: 256\n", 5, { "ttl 256", "1 to 255" } },
	{ "csum_off_sclp_udp", T "  csum: off\n", 5, { "csum cannot be off" } },
	{ "control_relative", "daemon:\n  control: run/x\n", 2, { "'run/x'", "absolute path" } },
	{ "protocol_of_tcp", "daemon:\n  sclp-protocol: 6\n", 2, { "6 belongs to another" } },
	{ "reassembly_share",
		"daemon:\n  reassembly-frames: 16\n  reassembly-frames-per-remote: 17\n", 3,
		{ "17 is more than" } },
	{ "memory_too_small", "daemon: {memory: 31}\n", 1, { "memory 31", "32 to 16384" } },
	{ "ports_no_list", "ports: 3\n", 1, { "'3'", "a list of ports" } },
	{ "ports_a_mapping", "ports:\n  name: a\n", 1, { "a list of ports" } },
	{ "port_no_mapping", "ports:\n- a\n", 2, { "ports[0]", "a mapping" } },
	{ "daemon_empty", "daemon:\n", 1, { "daemon", "a mapping" } },
	{ "top_is_a_list", "- a\n", 1, { "a mapping" } },
	{ "top_is_text", "\n\nhello\n", 3, { "'hello'", "a mapping" } },
	{ "key_is_a_list", "[a]: b\n", 1, { "a key is plain text" } },
	{ "tab", "ports:\n\t- name: a\n", 2, { "not valid YAML" } },
	{ "open_bracket", "ports: [\n\n", 1, { "not valid YAML" } },
	{ "open_quote", "ports:\n- name: \"a\n", 2, { "not valid YAML" } },
	{ "no_utf8", "ports:\n- name: \xff\xfe\n", 2, { "not valid YAML", "UTF-8" } },
	{ "nul_in_name", "ports:\n- name: \"a\\0b\"\n", 2, { "control character" } },
	{ "alias", "ports:\n- &p {name: a}\n- *p\n", 3, { "aliases", "write the value itself" } },
	{ "second_document", "ports: []\n---\nports: []\n", 2, { "second document" } },
	{ "too_deep", "ports: [[[[[[[[[1]]]]]]]]]\n", 1, { "nested too deeply" } },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *w = &wrongs[i];
		struct conf_err err;
		char where[32];
		struct conf c;

		if (!config_load_text("f.yaml", w->yaml, strlen(w->yaml), &c, &err))
			fail_msg("%s: was accepted", w->name);
		assert_true(conf_count(&conf_kinds[CONF_PORT], &c) == 0);
		snprintf(where, sizeof(where), "f.yaml:%u: ", w->line);
		if (strncmp(err.text, where, strlen(where)))
			fail_msg("%s: not on line %u: %s", w->name, w->line, err.text);
		for (int k = 0; k < 3 && w->words[k]; k++)
			if (!strstr(err.text, w->words[k]))
				fail_msg("%s: no \"%s\" in: %s", w->name, w->words[k], err.text);
	}
}

static void test_bounds(void **state)
{
	char *text = xmalloc(CONFIG_FILE_MAX + 1);
	struct conf_err err;
	struct conf c;

	(void)state;
	memset(text, '#', CONFIG_FILE_MAX + 1);
	assert_int_equal(config_load_text("f", text, CONFIG_FILE_MAX + 1, &c, &err), -EFBIG);
	/* a million brackets; half a million keys */
	memset(text, '[', CONFIG_FILE_MAX);
	assert_int_equal(config_load_text("f", text, CONFIG_FILE_MAX, &c, &err), -EINVAL);
	memset(text, '\n', CONFIG_FILE_MAX);
	assert_int_equal(config_load_text("f", text, CONFIG_FILE_MAX, &c, &err), 0);
	conf_clear(&c);
	free(text);
	assert_true(config_load_file("/nonexistent/f", &c, &err) == -ENOENT &&
		    strstr(err.text, "/nonexistent/f"));
	assert_int_equal(config_load_file("/", &c, &err), -EISDIR);
}

static void test_too_many_ports(void **state)
{
	char *text = xmalloc(200000), *p = text;
	struct conf_err err;
	struct conf c;

	(void)state;
	p += sprintf(p, "ports:\n");
	for (int i = 0; i < 4097; i++)
		p += sprintf(p, "- {name: p%d}\n", i);
	assert_int_equal(config_load_text("f", text, (size_t)(p - text), &c, &err), -EINVAL);
	assert_non_null(strstr(err.text, "at most 4096 ports"));
	free(text);
}

static void test_empty_is_good(void **state)
{
	static const char *const good[] = { "", "\n", "# nothing\n", "{}\n", "ports:\n",
		"ports: []\nbridges:\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct conf_err err;
		struct conf c;

		if (config_load_text("f", good[i], strlen(good[i]), &c, &err))
			fail_msg("'%s': %s", good[i], err.text);
		assert_int_equal(c.n_ports, 0);
		conf_clear(&c);
	}
}

static const char full[] =
	"daemon:\n  workers: 2\n  poll: busy\n  control: /tmp/x y.sock\n  entropy-ports: 16\n  "
	"memory: 128\n"
	"  netns: yes\n  udp-gso: off\n  udp-gro: true\n  gro-flush-timeout: 250\n  sclp-port: "
	"4235\n  sclp-protocol: 253\n"
	"  reassembly-timeout: 50\n  reassembly-frames: 100\n  reassembly-frames-per-remote: 10\n"
	"  reassembly-memory: 1024\n  loss-recovery: no\n"
	"bridges:\n- name: br0\n  ageing: 60\n  fdb-max: 100\n- name: \"on\"\n"
	"ports:\n- name: tap0\n  bridge: br0\n  ifname: x0\n  netns: ns1\n  mac: "
	"52:54:00:00:00:01\n  mtu: 9000\n"
	"  persistent: on\n  up: off\n  csum: off\n  tso: off\n  uso: off\n  gso: off\n  gro: off\n"
	"- name: 0x1F\n  type: af_packet\n  bridge: 'on'\n- name: d\n  type: dummy\n  mtu: 1500\n  "
	"csum: on\n"
	"tunnels:\n- name: t0\n  type: vxlan\n  transport: udp\n  bridge: br0\n  vni: 0\n  local: "
	"10.0.0.9\n"
	"  remotes: [10.0.0.1, 10.0.0.2]\n  dstport: 4790\n  ttl: 1\n  dscp: 46\n  csum: off\n"
	"- name: t1\n  carrier: ip\n  vni: 16777215\n  remote: fd00::1\n  dscp: inherit\n";

static void assert_same(const struct conf *a, const struct conf *b)
{
	for (int id = 0; id < CONF_N_KINDS; id++) {
		const struct conf_kind *k = &conf_kinds[id];

		assert_int_equal(conf_count(k, a), conf_count(k, b));
		for (unsigned int i = 0; i < conf_count(k, a); i++)
			assert_true(conf_obj_equal(k, conf_at(k, a, i), conf_at(k, b, i)));
	}
}

static void test_round_trip(void **state)
{
	struct conf_err err;
	struct conf a, b;
	char *yaml;

	(void)state;
	if (config_load_text("f", full, strlen(full), &a, &err))
		fail_msg("%s", err.text);
	assert_int_equal(a.daemon.recovery, CONF_OFF);
	assert_int_equal(a.daemon.gro_flush_us, 250);
	assert_int_equal(a.ports[0].mtu, 9000);
	assert_true(a.ports[0].persistent);
	assert_string_equal(a.ports[1].name, "0x1F");
	assert_string_equal(a.tunnels[1].remotes[0], "fd00::1");
	yaml = config_to_yaml(&a);
	if (config_load_text("saved", yaml, strlen(yaml), &b, &err))
		fail_msg("%s\n%s", err.text, yaml);
	assert_same(&a, &b);
	/* defaults are left out */
	assert_null(strstr(yaml, "1500"));
	assert_null(strstr(yaml, "inherit"));
	free(yaml);
	conf_clear(&a);
	conf_clear(&b);
}

static void test_save_file(void **state)
{
	char dir[] = "/tmp/cvsw-test-XXXXXX", path[64];
	struct conf_err err = { 0 };
	struct conf a, b;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/c.yaml", dir);
	assert_int_equal(config_load_text("f", full, strlen(full), &a, &err), 0);
	assert_int_equal(config_save_file(path, &a, &err), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(config_save_file(path, &a, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(config_load_file(path, &b, &err), 0);
	assert_same(&a, &b);
	conf_clear(&b);
	unlink(path);
	/* nothing else was left in the directory */
	assert_int_equal(rmdir(dir), 0);
	assert_true(config_save_file(path, &a, &err) < 0 && strstr(err.text, path));
	conf_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_too_many_ports),
		cmocka_unit_test(test_empty_is_good),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_save_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
