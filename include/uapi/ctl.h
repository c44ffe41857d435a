/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */
/*
 * How programs talk to cvswd: JSON-RPC 2.0 on a unix stream socket, one message a line.  Requests
 * may be batched; params are always an object whose members have the names of the configuration
 * file (see cvswd.yaml(5)).
 */
#ifndef CVSW_UAPI_CTL_H
#define CVSW_UAPI_CTL_H

#define CTL_SOCKET_PATH "/run/cvsw/cvswd.sock"

/* Limits: a longer message, deeper nesting or a longer batch is refused; who reads too slowly is
 * disconnected. */
#define CTL_MESSAGE_MAX	 (1024 * 1024)
#define CTL_REPLY_MAX	 (16 * 1024 * 1024)
#define CTL_DEPTH_MAX	 16
#define CTL_BATCH_MAX	 256
#define CTL_CLIENTS_MAX	 64
#define CTL_FDB_ROWS_MAX 50000 /* rows of one fdb.show */

/* Error codes of JSON-RPC 2.0. */
#define CTL_ERR_PARSE	 (-32700) /* not JSON */
#define CTL_ERR_REQUEST	 (-32600) /* not a request */
#define CTL_ERR_METHOD	 (-32601) /* no such method */
#define CTL_ERR_PARAMS	 (-32602) /* a member is unknown, missing or has the wrong type */
#define CTL_ERR_INTERNAL (-32603)
/* The switch or the kernel refused; error.data has `errno` ("EEXIST") and `path` (which setting).
 */
#define CTL_ERR_REFUSED (-32000)

/* Methods.  KIND is bridge, port or tunnel. */
#define CTL_ADD		  ".add"  /* KIND.add: settings; name is required */
#define CTL_SET		  ".set"  /* KIND.set: name, and what changes; null: back to the default */
#define CTL_DEL		  ".del"  /* KIND.del: name */
#define CTL_SHOW_SUFFIX	  ".show" /* KIND.show: [name] */
#define CTL_SHOW	  "show"  /* all of it: info, bridges, ports, tunnels, stats */
#define CTL_FDB_SHOW	  "fdb.show"	/* [bridge] [limit] */
#define CTL_FDB_ADD	  "fdb.add"	/* bridge, mac, port, [remote] */
#define CTL_FDB_DEL	  "fdb.del"	/* bridge, mac */
#define CTL_FDB_FLUSH	  "fdb.flush"	/* [bridge] [port] */
#define CTL_STATS_SHOW	  "stats.show"	/* [name] */
#define CTL_DROPS_HELP	  "drops.help"	/* every drop reason in a sentence */
#define CTL_CONFIG_SHOW	  "config.show" /* the running configuration as YAML text */
#define CTL_CONFIG_SAVE	  "config.save" /* write it to the file that the daemon was started with */
#define CTL_CONFIG_RELOAD "config.reload" /* read that file again, as SIGHUP does */
#define CTL_VERSION	  "version"

#endif
