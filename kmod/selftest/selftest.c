// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/module.h>
#include "lib.h"
#include "selftest.h"

static bool selftest = true;
module_param(selftest, bool, 0444);
MODULE_PARM_DESC(selftest, "test the module first, load it only if no test fails (default Y)");

static unsigned int n_checks __initdata, n_failed __initdata;
const char *st_row;

bool __init st_check(bool ok, const char *what, const char *file, int line)
{
	n_checks++;
	if (ok)
		return true;
	if (n_failed++ < 20)
		pr_err("sclp: self-test: %s:%d: %s: not so: %s\n", kbasename(file), line, st_row,
			what);
	return false;
}

int __init sclp_selftest(void)
{
	static void (*const tests[])(void) __initconst = {
		st_header,
		st_offload,
		st_metadata,
		st_again,
		st_join,
		st_reasm,
		st_bounds,
		st_recover,
	};
	ktime_t begin = ktime_get();
	unsigned int i;

	if (!selftest)
		return 0;
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tests[i]();
	pr_info("sclp: self-tests: %u checks, %u failed, %lld us\n", n_checks, n_failed,
		ktime_us_delta(ktime_get(), begin));
	return n_failed ? -EBADMSG : 0;
}
