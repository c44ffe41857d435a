/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this module is built for, and nothing else.
 */
#ifndef _SCLP_COMPAT_H
#define _SCLP_COMPAT_H

#include <linux/version.h>

#endif
