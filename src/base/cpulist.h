/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of CPUs as taskset(1) takes them: "0,2-5". */
#ifndef CVSW_BASE_CPULIST_H
#define CVSW_BASE_CPULIST_H

#define CPULIST_MAX 1024 /* CPU numbers are below */

/*
 * The @i-th CPU of @list, counted round and round (a list of two gives its first for 0, 2, 4 ..).
 * Returns its number, or -EINVAL: no such list.
 */
int cpulist_nth(const char *list, unsigned int i);

#endif
