/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets of the underlay that tunnels share: receiving end points, sending classes, peers.  Main
 * thread. */
#ifndef CVSW_DP_ENDPOINT_H
#define CVSW_DP_ENDPOINT_H

#include "dp/switch_priv.h"

/*
 * The end point (@kind, @sclp, @family, @local, @port), made if it is not there; NULL with errno
 * and *err.  Each get needs a put; the last one closes the sockets.
 */
struct sw_endpoint *endpoint_get(
	struct sw *sw, const struct sw_endpoint *want, struct conf_err *err);
void endpoint_put(struct sw *sw, struct sw_endpoint *e);

/* Open the sending sockets of @cls in every worker, if they are not; 0 or -errno. They stay. */
int class_open(struct sw *sw, enum ul_class cls, struct conf_err *err);

/* The peer at @addr, made if need be; @obj counts for it while it is its first remote. */
struct dp_peer *peer_get(
	struct sw *sw, const struct ul_addr *addr, enum ul_rx_kind kind, bool sclp, uint16_t obj);
/*
 * Remote @obj leaves: if it counted for the peer, another remote takes over.  When it has been
 * published away, peer_release() gives up the frames under reassembly, which may bear its number,
 * and frees the peer that has no remote left.
 */
void peer_leave(struct sw *sw, struct dp_peer *p, uint16_t obj);
void peer_release(struct sw *sw, struct dp_peer *p);

#endif
