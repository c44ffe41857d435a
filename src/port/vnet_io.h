/* SPDX-License-Identifier: BSD-3-Clause */
/* Receiving and sending frames with a vnet header through a descriptor: what TAP and AF_PACKET have
 * in common. */
#ifndef CVSW_PORT_VNET_IO_H
#define CVSW_PORT_VNET_IO_H

#include <sys/uio.h>

#include "port/port.h"

/* Receive one frame into @out, or count it; false: nothing is there (or no buffer: the interface's
 * queue keeps it). */
typedef bool vnet_rx_fn(struct port_queue *q, struct pkt_list *out);
/* Send one frame, iov[0] its vnet header (may be changed). Returns 0 or -errno. */
typedef int vnet_tx_fn(struct port_queue *q, struct iovec *iov, unsigned int n_iov);

/* As port_ops.rx and .tx, by @one for each frame. */
bool vnet_rx(struct port_queue *q, struct pkt_list *out, unsigned int max_pkts,
	unsigned int max_bytes, vnet_rx_fn *one);
void vnet_tx(struct port_queue *q, struct pkt_list *pkts, vnet_tx_fn *one);

#endif
