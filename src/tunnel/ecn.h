/* SPDX-License-Identifier: BSD-3-Clause */
/* DSCP and ECN across a tunnel: RFC 6040 (ECN), RFC 2983 (DSCP). */
#ifndef CVSW_TUNNEL_ECN_H
#define CVSW_TUNNEL_ECN_H

#include "pkt/pkt.h"

/*
 * Combine the outer DSCP/ECN byte @outer with the inner IP header of *m (parsed) on decapsulation:
 * CE is passed on; with
 * @copy_dscp (uniform model) the outer DSCP replaces the inner.  A frame without IP stays as it is.
 * Returns 0, -EINVAL (CE outside on a packet whose sender cannot take a mark: to be dropped), or
 * -ENOBUFS.  Headers are unshared when written.
 */
int ecn_decap(struct rte_mbuf **m, uint8_t outer, bool copy_dscp) __rte_warn_unused_result;

#endif
