/* SPDX-License-Identifier: BSD-3-Clause */
/* Visit a named network namespace with the calling thread (main thread only). */
#ifndef CVSW_PORT_NETNS_H
#define CVSW_PORT_NETNS_H

/*
 * Enter the namespace called @name (as `ip netns add` made it); NULL: stay.  Returns a handle >= 0
 * for netns_leave(), or -errno: -ENOENT (no such namespace), -EPERM (CAP_SYS_ADMIN is missing).
 */
int netns_enter(const char *name);
/* Go back; aborts if that is impossible, since the thread would go on in a strange place. */
void netns_leave(int handle);

#endif
