/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * JSON-RPC 2.0: from the text of a message to the text of its reply.  No socket here (server.c), so
 * that tests and the fuzzer call the same code with bytes.
 */
#ifndef CVSW_DAEMON_RPC_H
#define CVSW_DAEMON_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/apply.h"
#include "dp/switch.h"

/* What the methods work on. */
struct rpc {
	struct sw *sw;
	const char *file;		  /* configuration file; NULL: started without one */
	bool can_netns;			  /* CAP_SYS_ADMIN was kept */
	const struct conf_daemon *daemon; /* settings as they were written; NULL: all default */
};

/* What runs now, the daemon's settings as they were written; conf_clear() by the caller. */
void rpc_conf_get(const struct rpc *r, struct conf *c);

/*
 * Handle one message.  Returns the reply (heap memory, no newline), or NULL if none is due
 * (notifications).  @n_reply is its length.
 */
char *rpc_handle(struct rpc *r, const char *msg, size_t n_bytes, size_t *n_reply);
/* The reply to a message that is longer than CTL_MESSAGE_MAX. */
char *rpc_too_long(size_t *n_reply);

/* Bring the switch to what the file says now; SIGHUP and config.reload. */
int rpc_reload(struct rpc *r, struct apply_count *count, struct conf_err *err);
/* Refuse ports in network namespaces if the right to make them was given up. */
int rpc_check_netns(const struct rpc *r, const struct conf *c, struct conf_err *err);

/* One call of a method: what it gets and what it leaves. */
struct rpc_call {
	struct rpc *rpc;
	const json_t *params; /* an object */
	json_t *result;	      /* new reference; NULL: an empty object */
	int code;	      /* not 0: refused, with err */
	int err_no;	      /* 0 or an errno */
	struct conf_err err;
};

/* Run @method; sets call->code to CTL_ERR_METHOD if there is none. */
void rpc_dispatch(struct rpc_call *c, const char *method);

/* For methods: refuse with a code of JSON-RPC. */
void rpc_refuse(struct rpc_call *c, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The switch returned @ret < 0 and filled c->err. */
void rpc_refused(struct rpc_call *c, int ret);
/* Are all params among @allowed ("bridge, mac")?  Refuses and returns false if not. */
bool rpc_params_are(struct rpc_call *c, const char *allowed);
/* A text parameter; NULL if it is absent, or (call refused) wrong or required. */
const char *rpc_param(struct rpc_call *c, const char *key, bool required);

/* Method groups; each returns false if the method is not its own. */
bool rpc_config_method(struct rpc_call *c, const char *method);
bool rpc_fdb_method(struct rpc_call *c, const char *method);
bool rpc_stats_method(struct rpc_call *c, const char *method);

#endif
