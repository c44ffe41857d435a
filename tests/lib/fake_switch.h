/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A switch without packets: keeps the configuration it is given, obeys the contract of dp/switch.h
 * about what exists and what is refused, records the calls, and fails on demand.  For tests of
 * everything above the switch.
 */
#ifndef CVSW_TESTS_FAKE_SWITCH_H
#define CVSW_TESTS_FAKE_SWITCH_H

#include "dp/switch.h"

struct sw *fake_sw_new(void);
/* The @n-th call from now that would change something fails with -EIO; 0: never. */
void fake_sw_fail_at(struct sw *sw, unsigned int n);
/* The calls that changed something, as "bridge+br0 port=tap0 tunnel-t0 "; emptied by
 * fake_sw_calls_reset(). */
const char *fake_sw_calls(const struct sw *sw);
void fake_sw_calls_reset(struct sw *sw);

#endif
