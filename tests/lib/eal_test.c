/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal_test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "pkt/pkt.h"

#define TEST_MEMORY_MB 64

int eal_test_start_eal(void)
{
	static bool started;
	char prefix[32], lcores[32];
	char *argv[] = { "test", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
		"--file-prefix", prefix, "-m", "128", "--lcores", lcores, NULL };

	if (started)
		return 0;
	snprintf(prefix, sizeof(prefix), "cvsw-test-%d", (int)getpid());
	/* one lcore that may run anywhere: EAL would pin it to one core */
	snprintf(lcores, sizeof(lcores), "0@(0-%ld)", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	rte_log_set_global_level(RTE_LOG_ERR);
	if (rte_eal_init(RTE_DIM(argv) - 1, argv) < 0)
		return -rte_errno;
	rmdir(rte_eal_get_runtime_dir()); /* as sw_eal_init() does */
	started = true;
	return 0;
}

int eal_test_start(unsigned int memory_mb)
{
	const int err = eal_test_start_eal();

	return err ? err : pkt_pools_init(memory_mb);
}

void eal_test_stop(void)
{
	pkt_pools_free();
}

int eal_test_setup(void **state)
{
	(void)state;
	return eal_test_start(TEST_MEMORY_MB);
}

int eal_test_teardown(void **state)
{
	(void)state;
	eal_test_stop();
	return 0;
}

bool eal_test_pools_full(void)
{
	struct pkt_pool_use u;

	pkt_pools_use(&u);
	if (u.small_free == u.small_total && u.big_free == u.big_total && u.hdr_free == u.hdr_total)
		return true;
	fprintf(stderr, "buffers missing: %u small, %u big, %u header\n",
		u.small_total - u.small_free, u.big_total - u.big_free, u.hdr_total - u.hdr_free);
	return false;
}
