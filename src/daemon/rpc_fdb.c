/* SPDX-License-Identifier: BSD-3-Clause */
/* Methods on the forwarding data bases: fdb.show, fdb.add, fdb.del, fdb.flush. */
#include <errno.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>

#include "daemon/rpc.h"
#include "uapi/ctl.h"

struct rows {
	json_t *list;
	json_int_t n, max;
};

static void add_row(void *arg, const struct sw_fdb_row *row)
{
	struct rows *r = arg;
	char mac[18];

	if (r->n++ >= r->max)
		return;
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", row->mac.ether_addr_octet[0],
		row->mac.ether_addr_octet[1], row->mac.ether_addr_octet[2],
		row->mac.ether_addr_octet[3], row->mac.ether_addr_octet[4],
		row->mac.ether_addr_octet[5]);
	json_array_append_new(
		r->list, json_pack("{s:s, s:s, s:s?, s:s?, s:b, s:I}", "mac", mac, "bridge",
				 row->bridge, "port", row->port, "remote", row->remote, "static",
				 row->is_static, "age", (json_int_t)row->age_s));
}

static void fdb_show(struct rpc_call *c)
{
	const json_t *limit = json_object_get(c->params, "limit");
	struct rows r = { .max = CTL_FDB_ROWS_MAX };
	const char *bridge;
	int ret;

	if (!rpc_params_are(c, "bridge, limit"))
		return;
	bridge = rpc_param(c, "bridge", false);
	if (limit)
		r.max = json_integer_value(limit);
	if (!c->code && (r.max < 1 || r.max > CTL_FDB_ROWS_MAX))
		rpc_refuse(c, CTL_ERR_PARAMS, "limit: a number from 1 to %d is allowed",
			CTL_FDB_ROWS_MAX);
	if (c->code)
		return;
	r.list = json_array();
	ret = sw_fdb_show(c->rpc->sw, bridge, add_row, &r, &c->err);
	if (ret)
		rpc_refused(c, ret);
	c->result = json_pack("{s:o, s:I}", "fdb", r.list, "total", r.n);
}

/* "mac" of params as bytes; false: refused. */
static bool param_mac(struct rpc_call *c, struct ether_addr *mac)
{
	const char *text = rpc_param(c, "mac", true);
	unsigned int b[6];
	int n = 0;

	if (!text)
		return false;
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		    &n) != 6 ||
		n != 17 || text[n] || strspn(text, "0123456789abcdefABCDEF:") != 17 || (b[0] & 1)) {
		rpc_refuse(c, CTL_ERR_PARAMS,
			"mac: '%.40s' is not a unicast address; 52:54:00:12:34:56 would be one",
			text);
		return false;
	}
	for (int i = 0; i < 6; i++)
		mac->ether_addr_octet[i] = (uint8_t)b[i];
	return true;
}

static void fdb_add(struct rpc_call *c)
{
	const char *bridge, *port, *remote;
	struct ether_addr mac;
	int ret;

	if (!rpc_params_are(c, "bridge, mac, port, remote"))
		return;
	bridge = rpc_param(c, "bridge", true);
	port = bridge ? rpc_param(c, "port", true) : NULL;
	remote = rpc_param(c, "remote", false);
	if (c->code || !param_mac(c, &mac))
		return;
	ret = sw_fdb_add(c->rpc->sw, bridge, &mac, port, remote, &c->err);
	if (ret)
		rpc_refused(c, ret);
}

static void fdb_del(struct rpc_call *c)
{
	struct ether_addr mac;
	const char *bridge;
	int ret;

	if (!rpc_params_are(c, "bridge, mac"))
		return;
	bridge = rpc_param(c, "bridge", true);
	if (!bridge || !param_mac(c, &mac))
		return;
	ret = sw_fdb_del(c->rpc->sw, bridge, &mac, &c->err);
	if (ret)
		rpc_refused(c, ret);
}

static void fdb_flush(struct rpc_call *c)
{
	const char *bridge, *port;
	int ret;

	if (!rpc_params_are(c, "bridge, port"))
		return;
	bridge = rpc_param(c, "bridge", false);
	port = rpc_param(c, "port", false);
	if (c->code)
		return;
	ret = sw_fdb_flush(c->rpc->sw, bridge, port, &c->err);
	if (ret < 0)
		rpc_refused(c, ret);
	else
		c->result = json_pack("{s:i}", "flushed", ret);
}

bool rpc_fdb_method(struct rpc_call *c, const char *method)
{
	if (!strcmp(method, CTL_FDB_SHOW))
		fdb_show(c);
	else if (!strcmp(method, CTL_FDB_ADD))
		fdb_add(c);
	else if (!strcmp(method, CTL_FDB_DEL))
		fdb_del(c);
	else if (!strcmp(method, CTL_FDB_FLUSH))
		fdb_flush(c);
	else
		return false;
	return true;
}
