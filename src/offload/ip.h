/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rows of IP share. */
#ifndef CVSW_OFFLOAD_IP_H
#define CVSW_OFFLOAD_IP_H

#include <stdbool.h>

#include "wire/ip.h"

/* The header's checksum anew. */
void ipv4_set_csum(struct ipv4_hdr *ip);

/*
 * Is the destination in the header the one of the pseudo-header?  A routing header that is not used
 * up names another one: we cannot make such a checksum anew.  @hlen: with the extension headers,
 * which a parser has found whole.
 */
bool ipv6_dst_is_last(const struct ipv6_hdr *ip6, unsigned int hlen);

#endif
