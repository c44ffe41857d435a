/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"

/* A handle above every descriptor: nothing was entered. */
#define STAYED INT_MAX

int netns_enter(const char *name)
{
	char path[128];
	int own, there, err;

	if (!name)
		return STAYED;
	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0)
		return -errno;
	own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0) {
		err = errno;
		close(there);
		return -err;
	}
	err = setns(there, CLONE_NEWNET) ? errno : 0;
	close(there);
	if (!err)
		return own;
	close(own);
	return -err;
}

void netns_leave(int handle)
{
	if (handle == STAYED)
		return;
	if (setns(handle, CLONE_NEWNET))
		abort();
	close(handle);
}
