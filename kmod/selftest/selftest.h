/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-tests that run when the module is loaded (parameter selftest) and refuse the load when one
 * fails.
 */
#ifndef _SCLP_SELFTEST_H
#define _SCLP_SELFTEST_H

int sclp_selftest(void); /* process context; 0, or -EBADMSG and the failed rows in the log */

#endif
