/* SPDX-License-Identifier: BSD-3-Clause */
/* EAL and the packet pools for tests: no root, no huge pages, nothing left behind. */
#ifndef CVSW_TESTS_EAL_TEST_H
#define CVSW_TESTS_EAL_TEST_H

#include <stdbool.h>

/* Start EAL (once a process) and make the pools of about @memory_mb MiB.  Returns 0 or -errno. */
int eal_test_start(unsigned int memory_mb);
/* EAL alone.  Returns 0 or -errno. */
int eal_test_start_eal(void);
/* Free the pools; EAL ends with the process. */
void eal_test_stop(void);

/* The same as set-up and teardown of a cmocka group. */
int eal_test_setup(void **state);
int eal_test_teardown(void **state);

/* Every packet buffer is back: what each test ends with.  Says on stderr which are missing. */
bool eal_test_pools_full(void);

#endif
