/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

int loop_open(struct loop *l)
{
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	return l->epfd < 0 ? -errno : 0;
}

void loop_close(struct loop *l)
{
	close(l->epfd);
	l->epfd = -1;
}

static int control(struct loop *l, int op, struct loop_fd *lf, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = lf };

	return epoll_ctl(l->epfd, op, lf->fd, &e) ? -errno : 0;
}

int loop_add(struct loop *l, struct loop_fd *lf, uint32_t events)
{
	return control(l, EPOLL_CTL_ADD, lf, events);
}

int loop_change(struct loop *l, struct loop_fd *lf, uint32_t events)
{
	return control(l, EPOLL_CTL_MOD, lf, events);
}

void loop_remove(struct loop *l, struct loop_fd *lf)
{
	control(l, EPOLL_CTL_DEL, lf, 0);
}

int loop_run(struct loop *l, int timeout_ms)
{
	struct epoll_event events[16];
	int n = epoll_wait(l->epfd, events, 16, timeout_ms);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		struct loop_fd *lf = events[i].data.ptr;

		lf->ready(lf, events[i].events);
	}
	return n;
}
