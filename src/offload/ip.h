/* SPDX-License-Identifier: BSD-3-Clause */
/* What the rows of IP share. */
#ifndef CVSW_OFFLOAD_IP_H
#define CVSW_OFFLOAD_IP_H

#include "wire/ip.h"

/* The header's checksum anew. */
void ipv4_set_csum(struct ipv4_hdr *ip);

#endif
