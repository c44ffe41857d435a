/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON-RPC: every wrong message has its error, and the right ones do what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/rpc.h"
#include "lib/fake_switch.h"
#include "uapi/ctl.h"

struct message {
	const char *name, *text;
	int code; /* of the error; 0: a result; 1: no reply */
	const char *words[2];
};

#define REQ(method, params)                                                                        \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":" params "}"

/* On a switch with bridge br0, port p0 in it and tunnel t0. */
static const struct message messages[] = {
	{ "good", REQ("version", "{}"), 0, { "cvswd" } },
	{ "no_params", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\"}", 0, { "cvswd" } },
	{ "text_id", "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"version\"}", 0,
		{ "\"id\":\"x\"" } },
	{ "null_id", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"version\"}", 0,
		{ "\"id\":null" } },
	{ "notification", "{\"jsonrpc\":\"2.0\",\"method\":\"version\"}", 1, { NULL } },
	{ "wrong_notification", "{\"jsonrpc\":\"2.0\",\"method\":\"nope\"}", 1, { NULL } },
	{ "empty_object", "{}", CTL_ERR_REQUEST, { "2.0" } },
	{ "number", "7", CTL_ERR_REQUEST, { "an object" } },
	{ "text", "\"version\"", CTL_ERR_REQUEST, { "an object" } },
	{ "garbage", "hello", CTL_ERR_PARSE, { "not JSON" } },
	{ "truncated", "{\"jsonrpc\":\"2.0\",\"id\":1,\"meth", CTL_ERR_PARSE, { "not JSON" } },
	{ "binary", "\x01\x02\xff\xfe", CTL_ERR_PARSE, { "not JSON" } },
	{ "bad_utf8", REQ("port.show", "{\"name\":\"\xc3\x28\"}"), CTL_ERR_PARSE, { "not JSON" } },
	{ "nul_in_text", REQ("port.show", "{\"name\":\"a\\u0000b\"}"), CTL_ERR_PARSE,
		{ "not JSON" } },
	{ "two_messages", "{} {}", CTL_ERR_PARSE, { "not JSON" } },
	{ "duplicate", "{\"id\":1,\"id\":2}", CTL_ERR_PARSE, { "duplicate" } },
	{ "duplicate_param", REQ("port.show", "{\"name\":\"a\",\"name\":\"b\"}"), CTL_ERR_PARSE,
		{ "duplicate" } },
	{ "deep", "[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]", CTL_ERR_REQUEST, { "nested" } },
	{ "no_version", "{\"id\":1,\"method\":\"version\"}", CTL_ERR_REQUEST, { "2.0" } },
	{ "old_version", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"version\"}", CTL_ERR_REQUEST,
		{ "2.0" } },
	{ "version_number", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"version\"}", CTL_ERR_REQUEST,
		{ "2.0" } },
	{ "no_method", "{\"jsonrpc\":\"2.0\",\"id\":1}", CTL_ERR_REQUEST, { "method" } },
	{ "method_number", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}", CTL_ERR_REQUEST,
		{ "method" } },
	{ "id_object", "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"version\"}", CTL_ERR_REQUEST,
		{ "id" } },
	{ "id_boolean", "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"version\"}", CTL_ERR_REQUEST,
		{ "id" } },
	{ "unknown_method", REQ("port.ad", "{}"), CTL_ERR_METHOD, { "'port.ad'", "stats.show" } },
	{ "empty_method", REQ("", "{}"), CTL_ERR_METHOD, { "''" } },
	{ "params_array", REQ("port.show", "[]"), CTL_ERR_PARAMS, { "an object" } },
	{ "params_null", REQ("port.show", "null"), CTL_ERR_PARAMS, { "an object" } },
	{ "batch_empty", "[]", CTL_ERR_REQUEST, { "at least one" } },
	{ "batch_of_numbers", "[1,2]", CTL_ERR_REQUEST, { "},{" } },
	{ "batch_of_notifications", "[{\"jsonrpc\":\"2.0\",\"method\":\"version\"}]", 1, { NULL } },
	{ "version_takes_none", REQ("version", "{\"a\":1}"), CTL_ERR_PARAMS,
		{ "'a'", "takes none" } },
	{ "port_no_name", REQ("port.add", "{}"), CTL_ERR_PARAMS, { "name" } },
	{ "port_unknown_member", REQ("port.add", "{\"name\":\"a\",\"mtux\":1}"), CTL_ERR_PARAMS,
		{ "'mtux'", "mtu" } },
	{ "port_mtu_text", REQ("port.add", "{\"name\":\"a\",\"mtu\":\"9000\"}"), CTL_ERR_PARAMS,
		{ "68 to 65521" } },
	{ "port_mtu_fraction", REQ("port.add", "{\"name\":\"a\",\"mtu\":1500.5}"), CTL_ERR_PARAMS,
		{ "a fraction" } },
	{ "port_mtu_zero", REQ("port.add", "{\"name\":\"a\",\"mtu\":0}"), CTL_ERR_PARAMS,
		{ "68 to 65521" } },
	{ "port_mtu_wraps", REQ("port.add", "{\"name\":\"a\",\"mtu\":4294968796}"), CTL_ERR_PARAMS,
		{ "4294968796" } },
	{ "port_type", REQ("port.add", "{\"name\":\"a\",\"type\":\"tun\"}"), CTL_ERR_PARAMS,
		{ "tap, af_packet" } },
	{ "port_csum", REQ("port.add", "{\"name\":\"a\",\"csum\":1}"), CTL_ERR_PARAMS,
		{ "on or off" } },
	{ "port_name_number", REQ("port.add", "{\"name\":5}"), CTL_ERR_PARAMS, { "name: 5" } },
	{ "port_name_bad", REQ("port.add", "{\"name\":\"a b\"}"), CTL_ERR_PARAMS, { "'a b'" } },
	{ "port_name_cut_in_character",
		REQ("port.add", "{\"name\":\"aäääääääääääääääääääääääää\"}"), CTL_ERR_PARAMS,
		{ "1 to 15" } },
	{ "port_exists", REQ("port.add", "{\"name\":\"p0\"}"), CTL_ERR_REFUSED, { "EEXIST" } },
	{ "port_no_bridge", REQ("port.add", "{\"name\":\"a\",\"bridge\":\"b9\"}"), CTL_ERR_REFUSED,
		{ "ENOENT", "\"path\":\"bridge\"" } },
	{ "port_netns_not_allowed", REQ("port.add", "{\"name\":\"a\",\"netns\":\"n\"}"),
		CTL_ERR_REFUSED, { "EPERM", "daemon.netns" } },
	{ "tunnel_no_vni", REQ("tunnel.add", "{\"name\":\"a\",\"remote\":\"10.0.0.1\"}"),
		CTL_ERR_PARAMS, { "'vni'" } },
	{ "tunnel_vni_null", REQ("tunnel.set", "{\"name\":\"t0\",\"vni\":null}"), CTL_ERR_PARAMS,
		{ "null" } },
	{ "tunnel_remotes_text",
		REQ("tunnel.add", "{\"name\":\"a\",\"vni\":1,\"remotes\":\"10.0.0.1\"}"),
		CTL_ERR_PARAMS, { "a list" } },
	{ "tunnel_remotes_numbers", REQ("tunnel.add", "{\"name\":\"a\",\"vni\":1,\"remotes\":[1]}"),
		CTL_ERR_PARAMS, { "remotes" } },
	{ "tunnel_remotes_empty", REQ("tunnel.set", "{\"name\":\"t0\",\"remotes\":[]}"),
		CTL_ERR_PARAMS, { "1 to 256" } },
	{ "tunnel_key_taken",
		REQ("tunnel.add", "{\"name\":\"a\",\"vni\":1,\"remote\":\"10.0.0.1\"}"),
		CTL_ERR_REFUSED, { "EEXIST", "vni" } },
	{ "set_unknown", REQ("port.set", "{\"name\":\"p9\",\"mtu\":1500}"), CTL_ERR_REFUSED,
		{ "ENOENT", "'p9'" } },
	{ "set_fixed", REQ("port.set", "{\"name\":\"p0\",\"type\":\"tap\"}"), CTL_ERR_REFUSED,
		{ "type cannot change" } },
	{ "del_unknown", REQ("bridge.del", "{\"name\":\"b9\"}"), CTL_ERR_REFUSED, { "ENOENT" } },
	{ "del_busy", REQ("bridge.del", "{\"name\":\"br0\"}"), CTL_ERR_REFUSED, { "EBUSY" } },
	{ "del_more", REQ("bridge.del", "{\"name\":\"br0\",\"force\":true}"), CTL_ERR_PARAMS,
		{ "'force'" } },
	{ "show_unknown", REQ("port.show", "{\"name\":\"p9\"}"), CTL_ERR_REFUSED, { "ENOENT" } },
	{ "stats_unknown", REQ("stats.show", "{\"name\":\"p9\"}"), CTL_ERR_REFUSED, { "ENOENT" } },
	{ "fdb_bad_mac", REQ("fdb.add", "{\"bridge\":\"br0\",\"port\":\"p0\",\"mac\":\"1:2\"}"),
		CTL_ERR_PARAMS, { "mac" } },
	{ "fdb_group_mac",
		REQ("fdb.add",
			"{\"bridge\":\"br0\",\"port\":\"p0\",\"mac\":\"01:00:00:00:00:00\"}"),
		CTL_ERR_PARAMS, { "unicast" } },
	{ "fdb_no_mac", REQ("fdb.add", "{\"bridge\":\"br0\",\"port\":\"p0\"}"), CTL_ERR_PARAMS,
		{ "'mac' is missing" } },
	{ "fdb_limit", REQ("fdb.show", "{\"limit\":0}"), CTL_ERR_PARAMS, { "limit" } },
	{ "fdb_no_bridge", REQ("fdb.show", "{\"bridge\":\"b9\"}"), CTL_ERR_REFUSED, { "ENOENT" } },
	{ "save_without_file", REQ("config.save", "{}"), CTL_ERR_REFUSED,
		{ "without a configuration file" } },
	{ "save_to_path", REQ("config.save", "{\"file\":\"/etc/passwd\"}"), CTL_ERR_PARAMS,
		{ "'file'" } },
	{ "reload_without_file", REQ("config.reload", "{}"), CTL_ERR_REFUSED,
		{ "without a configuration file" } },
	{ "set_good", REQ("port.set", "{\"name\":\"p0\",\"mtu\":9000,\"bridge\":null}"), 0,
		{ "{}" } },
	{ "show_good", REQ("show", "{}"), 0, { "\"uptime\"", "\"tunnels\"" } },
	{ "drops_help", REQ("drops.help", "{}"), 0, { "tunnel_remote" } },
};

static char *call(struct rpc *r, const char *text)
{
	size_t n;
	char *reply = rpc_handle(r, text, strlen(text), &n);

	if (reply)
		assert_int_equal(n, strlen(reply));
	return reply;
}

static void expect_good(struct rpc *r, const char *text)
{
	char *reply = call(r, text);

	if (!reply || !strstr(reply, "\"result\""))
		fail_msg("%s -> %s", text, reply ? reply : "nothing");
	free(reply);
}

static int setup(void **state)
{
	struct rpc *r = xcalloc(1, sizeof(*r));

	log_set_level(LOG_LVL_ERR);
	r->sw = fake_sw_new();
	expect_good(r, REQ("bridge.add", "{\"name\":\"br0\"}"));
	expect_good(r, REQ("port.add", "{\"name\":\"p0\",\"type\":\"dummy\",\"bridge\":\"br0\"}"));
	expect_good(
		r, REQ("tunnel.add",
			   "{\"name\":\"t0\",\"vni\":1,\"remotes\":[\"10.0.0.1\"],\"dscp\":46}"));
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rpc *r = *state;

	sw_destroy(r->sw);
	free(r);
	return 0;
}

static int code_of(const char *reply)
{
	const char *code = reply ? strstr(reply, "\"code\":") : NULL;

	if (!reply)
		return 1;
	return code ? atoi(code + 7) : 0;
}

static void test_messages(void **state)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		const struct message *m = &messages[i];
		char *reply = call(*state, m->text);

		if (code_of(reply) != m->code)
			fail_msg("%s: want %d: %s", m->name, m->code, reply ? reply : "no reply");
		for (int k = 0; k < 2 && m->words[k]; k++)
			if (!strstr(reply, m->words[k]))
				fail_msg("%s: no \"%s\" in %s", m->name, m->words[k], reply);
		free(reply);
	}
}

/* Every beginning of a good message is an error or, if it is a whole one, good; none harms. */
static void test_truncated(void **state)
{
	static const char good[] = "[" REQ(
		"tunnel.set", "{\"name\":\"t0\",\"remotes\":[\"10.0.0.2\"]}") "]";
	size_t n;

	for (size_t i = 0; i < sizeof(good); i++) {
		char *copy = xmalloc(i), *reply;

		memcpy(copy, good, i);
		reply = rpc_handle(*state, copy, i, &n);
		assert_non_null(reply);
		assert_int_equal(code_of(reply), i == sizeof(good) - 1 ? 0 : CTL_ERR_PARSE);
		free(reply);
		free(copy);
		if (i == sizeof(good) - 1)
			break;
	}
}

static void test_bounds(void **state)
{
	char *text = xmalloc(CTL_MESSAGE_MAX + 2), *reply, *p = text;
	size_t n;

	memset(text, ' ', CTL_MESSAGE_MAX + 1);
	reply = rpc_handle(*state, text, CTL_MESSAGE_MAX + 1, &n);
	assert_int_equal(code_of(reply), CTL_ERR_REQUEST);
	free(reply);
	memset(text, '[', CTL_MESSAGE_MAX);
	reply = rpc_handle(*state, text, CTL_MESSAGE_MAX, &n);
	assert_int_equal(code_of(reply), CTL_ERR_REQUEST);
	free(reply);
	for (int i = 0; i < CTL_BATCH_MAX + 1; i++)
		p += sprintf(p, "%c" REQ("version", "{}"), i ? ',' : '[');
	*p++ = ']';
	reply = rpc_handle(*state, text, (size_t)(p - text), &n);
	assert_int_equal(code_of(reply), CTL_ERR_REQUEST);
	assert_non_null(strstr(reply, "256"));
	free(reply);
	free(text);
}

/* A batch is answered in order, notifications not at all; a refused request changes nothing. */
static void test_batch(void **state)
{
	char *reply = call(*state,
		"[" REQ("bridge.add",
			"{\"name\":\"b1\"}") ",{\"jsonrpc\":\"2.0\",\"method\":\"bridge.add\","
					     "\"params\":{\"name\":\"b2\"}}," REQ(
						     "nope", "{}") "]");

	assert_non_null(strstr(reply, "\"result\":{}"));
	assert_non_null(strstr(reply, "-32601"));
	assert_int_equal(reply[0], '[');
	free(reply);
	reply = call(*state, REQ("bridge.show", "{}"));
	assert_non_null(strstr(reply, "\"b1\""));
	assert_non_null(strstr(reply, "\"b2\""));
	free(reply);
}

static void test_objects(void **state)
{
	char *reply = call(*state, REQ("tunnel.show", "{\"name\":\"t0\"}"));

	assert_non_null(strstr(reply, "\"vni\":1,"));
	assert_non_null(strstr(reply, "\"dscp\":\"46\""));
	assert_non_null(strstr(reply, "\"ttl\":64"));
	assert_non_null(strstr(reply, "\"remotes\":[\"10.0.0.1\"]"));
	free(reply);
	expect_good(*state, REQ("port.set", "{\"name\":\"p0\",\"mtu\":9000,\"gro\":false}"));
	reply = call(*state, REQ("config.show", "{}"));
	assert_non_null(strstr(reply, "mtu: 9000\\n  gro: off"));
	assert_non_null(strstr(reply, "bridge: br0"));
	free(reply);
	expect_good(*state, REQ("port.set", "{\"name\":\"p0\",\"mtu\":null,\"bridge\":null}"));
	expect_good(*state, REQ("tunnel.del", "{\"name\":\"t0\"}"));
	expect_good(*state, REQ("bridge.del", "{\"name\":\"br0\"}"));
	reply = call(*state, REQ("config.show", "{}"));
	assert_non_null(strstr(reply, "\"ports:\\n- name: p0\\n  type: dummy\\n  gro: off\\n\""));
	free(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
