/* SPDX-License-Identifier: BSD-3-Clause */
/* The sockets of a sending worker: some source ports for each class. Private to underlay/. */
#ifndef CVSW_UNDERLAY_TX_SOCK_H
#define CVSW_UNDERLAY_TX_SOCK_H

#include "underlay/underlay.h"

struct tx_socks {
	unsigned int n; /* open; 0: the class is not in use */
	int fd[UL_ENTROPY_MAX];
	rte_be16_t sport[UL_ENTROPY_MAX];
};

/* Open @n sockets of class @cls; 0 or -errno with none open. */
int tx_socks_open(struct tx_socks *s, enum ul_class cls, unsigned int n, uint8_t raw_proto);
void tx_socks_close(struct tx_socks *s);

#endif
