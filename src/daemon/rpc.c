/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocol: messages, batches, notifications, errors.  Methods are in rpc_config.c, rpc_fdb.c,
 * rpc_stats.c. */
#include "daemon/rpc.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "uapi/ctl.h"

static json_t *error_reply(const json_t *id, int code, const char *text, const json_t *data)
{
	char clean[sizeof(((struct conf_err *)0)->text)];
	json_t *e = json_object(), *reply = json_object();
	json_t *message;

	/* what was cut in the middle of a character, or is none, cannot go into JSON */
	snprintf(clean, sizeof(clean), "%s", text);
	message = json_string(clean);
	for (char *p = clean; !message && *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	json_object_set_new(reply, "jsonrpc", json_string("2.0"));
	json_object_set_new(e, "code", json_integer(code));
	json_object_set_new(e, "message", message ? message : json_string(clean));
	if (data)
		json_object_set(e, "data", (json_t *)(uintptr_t)data);
	json_object_set_new(reply, "error", e);
	json_object_set_new(reply, "id", id ? json_deep_copy(id) : json_null());
	return reply;
}

static json_t *result_reply(const json_t *id, json_t *result)
{
	json_t *reply = json_object();

	json_object_set_new(reply, "jsonrpc", json_string("2.0"));
	json_object_set_new(reply, "result", result ? result : json_object());
	json_object_set_new(reply, "id", json_deep_copy(id));
	return reply;
}

void rpc_refuse(struct rpc_call *c, int code, const char *fmt, ...)
{
	va_list ap;

	c->code = code;
	va_start(ap, fmt);
	vsnprintf(c->err.text, sizeof(c->err.text), fmt, ap);
	va_end(ap);
}

void rpc_refused(struct rpc_call *c, int ret)
{
	const char *dot = strchr(c->err.path, '.');
	char setting[sizeof(c->err.path)];

	c->code = CTL_ERR_REFUSED;
	c->err_no = -ret;
	if (!c->err.text[0])
		snprintf(c->err.text, sizeof(c->err.text), "%s", strerror(-ret));
	/* "ports[3].mtu": the number is that of an internal list, the client knows "mtu" */
	if (!strchr(c->err.path, '['))
		return;
	snprintf(setting, sizeof(setting), "%s", dot ? dot + 1 : "");
	memcpy(c->err.path, setting, sizeof(setting));
}

static bool word_in(const char *word, const char *list)
{
	size_t n = strlen(word);

	while (*list) {
		size_t w = strcspn(list, ",");

		if (w == n && !memcmp(list, word, n))
			return true;
		list += w;
		list += strspn(list, ", ");
	}
	return false;
}

bool rpc_params_are(struct rpc_call *c, const char *allowed)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)c->params, key, v) {
		if (word_in(key, allowed))
			continue;
		if (*allowed)
			rpc_refuse(c, CTL_ERR_PARAMS, "unknown member '%.40s'; allowed are %s", key,
				allowed);
		else
			rpc_refuse(c, CTL_ERR_PARAMS,
				"unknown member '%.40s'; this method takes none", key);
		return false;
	}
	return true;
}

const char *rpc_param(struct rpc_call *c, const char *key, bool required)
{
	const json_t *v = json_object_get(c->params, key);

	if (json_is_string(v))
		return json_string_value(v);
	if (c->code)
		return NULL;
	if (v && !json_is_null(v))
		rpc_refuse(c, CTL_ERR_PARAMS, "%s: text is allowed", key);
	else if (required)
		rpc_refuse(c, CTL_ERR_PARAMS, "'%s' is missing; it is required", key);
	return NULL;
}

static void method_version(struct rpc_call *c)
{
	if (rpc_params_are(c, ""))
		c->result = json_pack("{s:s, s:s}", "program", "cvswd", "version", CVSW_VERSION);
}

void rpc_dispatch(struct rpc_call *c, const char *method)
{
	if (!strcmp(method, CTL_VERSION))
		method_version(c);
	else if (!rpc_config_method(c, method) && !rpc_fdb_method(c, method) &&
		 !rpc_stats_method(c, method))
		rpc_refuse(c, CTL_ERR_METHOD,
			"unknown method '%.40s'; known are "
			"{bridge,port,tunnel}.{add,set,del,show}, "
			"fdb.{show,add,del,flush}, stats.show, show, config.{show,save,reload}, "
			"drops.help, version",
			method);
}

static json_t *refusal(const json_t *id, const struct rpc_call *c)
{
	const char *name = c->err_no ? strerrorname_np(c->err_no) : NULL;
	json_t *data = NULL, *reply;

	if (name)
		data = json_pack("{s:s, s:s}", "errno", name, "path", c->err.path);
	reply = error_reply(id, c->code, c->err.text, data);
	json_decref(data);
	return reply;
}

static json_t *invalid(const json_t *id, const char *why)
{
	return error_reply(id, CTL_ERR_REQUEST, why, NULL);
}

/* One request, not a batch.  NULL: a notification. */
static json_t *handle_one(struct rpc *r, const json_t *req)
{
	const json_t *id = json_object_get(req, "id"), *params = json_object_get(req, "params");
	const char *version = json_string_value(json_object_get(req, "jsonrpc"));
	const char *method = json_string_value(json_object_get(req, "method"));
	struct rpc_call c = { .rpc = r, .params = params };
	json_t *none, *reply;

	if (!json_is_object(req))
		return invalid(NULL, "a request is an object");
	if (id && !json_is_string(id) && !json_is_number(id) && !json_is_null(id))
		return invalid(NULL, "id: text, a number or null is allowed");
	if (!version || strcmp(version, "2.0"))
		return invalid(id, "jsonrpc: \"2.0\" is required");
	if (!method)
		return invalid(id, "method: text is required");
	none = json_object();
	if (!params)
		c.params = none;
	if (json_is_object(c.params))
		rpc_dispatch(&c, method);
	else
		rpc_refuse(&c, CTL_ERR_PARAMS, "params: an object with named members is allowed");
	json_decref(none);
	if (id && !c.code)
		return result_reply(id, c.result);
	reply = id ? refusal(id, &c) : NULL;
	json_decref(c.result);
	return reply;
}

/* Text of a reply; one that is too large becomes an error. Takes the reference. */
static char *dump(json_t *reply, size_t *n_reply)
{
	char *text = xcheck(json_dumps(reply, JSON_COMPACT));
	json_t *small;

	*n_reply = strlen(text);
	if (*n_reply > CTL_REPLY_MAX) {
		free(text);
		small = error_reply(json_object_get(reply, "id"), CTL_ERR_INTERNAL,
			"the reply would be too large; ask for less at once", NULL);
		text = xcheck(json_dumps(small, JSON_COMPACT));
		*n_reply = strlen(text);
		json_decref(small);
	}
	json_decref(reply);
	return text;
}

/* Replies of a batch as they come, bounded in all. */
struct batch {
	char *text;
	size_t n;
};

static bool batch_add(struct batch *b, json_t *reply)
{
	size_t n;
	char *one;

	if (!reply)
		return true;
	one = dump(reply, &n);
	if (b->n + n + 3 > CTL_REPLY_MAX) {
		free(one);
		return false;
	}
	b->text = xreallocarray(b->text, b->n + n + 3, 1);
	b->text[b->n] = b->n ? ',' : '[';
	b->n++;
	memcpy(b->text + b->n, one, n);
	b->n += n;
	free(one);
	return true;
}

static char *handle_batch(struct rpc *r, const json_t *batch, size_t *n_reply)
{
	struct batch b = { 0 };

	if (json_array_size(batch) == 0)
		return dump(invalid(NULL, "a batch needs at least one request"), n_reply);
	if (json_array_size(batch) > CTL_BATCH_MAX)
		return dump(
			invalid(NULL, "the batch is too long; at most 256 requests are allowed"),
			n_reply);
	for (size_t i = 0; i < json_array_size(batch); i++) {
		if (batch_add(&b, handle_one(r, json_array_get(batch, i))))
			continue;
		free(b.text);
		return dump(error_reply(NULL, CTL_ERR_INTERNAL,
				    "the replies to the batch would be too large; the rest of it "
				    "was not run",
				    NULL),
			n_reply);
	}
	*n_reply = b.n;
	if (!b.n)
		return NULL;
	b.text[b.n++] = ']';
	b.text[b.n] = '\0';
	*n_reply = b.n;
	return b.text;
}

/* Nesting of brackets outside of strings: jansson would recurse as deep as 2048. */
static bool too_deep(const char *msg, size_t n_bytes)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < n_bytes; i++) {
		if (in_string && msg[i] == '\\')
			i++;
		else if (msg[i] == '"')
			in_string = !in_string;
		else if (!in_string && (msg[i] == '{' || msg[i] == '['))
			depth++;
		else if (!in_string && (msg[i] == '}' || msg[i] == ']'))
			depth--;
		if (depth > CTL_DEPTH_MAX)
			return true;
	}
	return false;
}

char *rpc_too_long(size_t *n_reply)
{
	return dump(invalid(NULL, "the message is longer than 1 MiB"), n_reply);
}

char *rpc_handle(struct rpc *r, const char *msg, size_t n_bytes, size_t *n_reply)
{
	char why[JSON_ERROR_TEXT_LENGTH + 64], *reply;
	json_error_t e;
	json_t *json, *one;

	*n_reply = 0;
	if (n_bytes > CTL_MESSAGE_MAX)
		return rpc_too_long(n_reply);
	if (too_deep(msg, n_bytes))
		return dump(invalid(NULL, "the message is nested deeper than 16 levels"), n_reply);
	json = json_loadb(msg, n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!json) {
		snprintf(why, sizeof(why), "not JSON: %s at byte %d", e.text, e.position);
		return dump(error_reply(NULL, CTL_ERR_PARSE, why, NULL), n_reply);
	}
	if (json_is_array(json)) {
		reply = handle_batch(r, json, n_reply);
	} else {
		one = handle_one(r, json);
		reply = one ? dump(one, n_reply) : NULL;
	}
	json_decref(json);
	return reply;
}
