/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses of tunnel end points as the configuration writes them. */
#ifndef CVSW_DP_CONF_ADDR_H
#define CVSW_DP_CONF_ADDR_H

#include <stdint.h>

struct conf_addr {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
};

/* Parse a unicast address.  NULL, or why not: "is not an address". */
const char *conf_addr_parse(const char *text, struct conf_addr *a);

#endif
