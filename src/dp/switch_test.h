/* SPDX-License-Identifier: BSD-3-Clause */
/* For tests: drive a switch made with SW_NO_THREADS by hand, with a clock of the test's own. */
#ifndef CVSW_DP_SWITCH_TEST_H
#define CVSW_DP_SWITCH_TEST_H

#include "dp/switch.h"
#include "port/port.h"

/* Every worker serves each of its sources once and what is due at @now_ns; drops are counted as by
 * sw_count_here(). */
void sw_run_once(struct sw *sw, uint64_t now_ns);
/* From now on what this thread drops is counted by @sw: before calls on one of several switches. */
void sw_count_here(struct sw *sw);
/* The port behind a name, for dummy_inject() and dummy_take(); NULL: none. */
struct port *sw_port_handle(struct sw *sw, const char *name);
/* Take the path to all remotes of a tunnel to be @mtu bytes wide, until housekeeping asks again. */
void sw_set_path_mtu(struct sw *sw, const char *tunnel, uint32_t mtu);

#endif
