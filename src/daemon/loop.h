/* SPDX-License-Identifier: BSD-3-Clause */
/* The main thread's event loop: epoll, with a handler embedded in whoever owns the file descriptor.
 */
#ifndef CVSW_DAEMON_LOOP_H
#define CVSW_DAEMON_LOOP_H

#include <stdint.h>

/* A handler may remove and free itself, but no other. */
struct loop_fd {
	int fd;
	void (*ready)(struct loop_fd *lf, uint32_t events);
};

struct loop {
	int epfd;
};

/* All return 0 or -errno. */
int loop_open(struct loop *l);
void loop_close(struct loop *l);
int loop_add(struct loop *l, struct loop_fd *lf, uint32_t events);
int loop_change(struct loop *l, struct loop_fd *lf, uint32_t events);
void loop_remove(struct loop *l, struct loop_fd *lf);
/* Wait up to @timeout_ms (-1: for ever) and run the handlers of what is ready; returns how many, or
 * -errno. */
int loop_run(struct loop *l, int timeout_ms);

#endif
