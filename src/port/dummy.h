/* SPDX-License-Identifier: BSD-3-Clause */
/* Dummy port, for tests: frames are put in and taken out by the program that holds the switch. */
#ifndef CVSW_PORT_DUMMY_H
#define CVSW_PORT_DUMMY_H

#include "port/port.h"

#define DUMMY_QUEUE_MAX 4096 /* frames that wait to be taken */

/* Have the port receive @m (parsed; debts set as wanted); the port owns it. */
void dummy_inject(struct port *p, struct rte_mbuf *m);
/* The next frame that was sent through the port, the caller's; NULL: none. */
struct rte_mbuf *dummy_take(struct port *p);

#endif
