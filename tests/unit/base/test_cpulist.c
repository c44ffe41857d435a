/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of CPUs: places, rounds, and what is no list. */
#include "base/cpulist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct place {
	const char *list;
	unsigned int i;
	int cpu;
};

static const struct place places[] = {
	/* list     place  CPU */
	{ "0", 0, 0 },
	{ "0", 1, 0 },
	{ "0", UINT_MAX, 0 },
	{ "7", 3, 7 },
	{ "0,2-5", 0, 0 },
	{ "0,2-5", 1, 2 },
	{ "0,2-5", 4, 5 },
	{ "0,2-5", 5, 0 }, /* the second round */
	{ "0,2-5", 11, 2 },
	{ "3-3", 2, 3 },
	{ "5,1", 0, 5 }, /* as written, not sorted */
	{ "5,1", 1, 1 },
	{ "1,1,2", 1, 1 }, /* twice means twice */
	{ "1,1,2", 2, 2 },
	{ "1023", 0, 1023 },
	{ "0-1023", 1023, 1023 },
	{ "0-1023", 1024, 0 },
	{ "0-1023", UINT_MAX, 1023 },
	{ "0-1023", UINT_MAX - CPULIST_MAX, 1023 },
	{ "0-1023,0-1023,7", 2047, 1023 },
	{ "0-1023,0-1023,7", 2048, 7 },
	{ "0-1023,0-1023,7", 2049, 0 },
	{ "007", 0, 7 },
};

static const char *const bad[] = { "", ",", "-", "a", "0,", ",0", "0,,1", "0-", "-1", "1-0",
	"0-1-2", "0 ", " 0", "0, 1", "+1", "0x1", "1024", "0-1024", "1024-1025", "0,1024", "0;1",
	"99999999999999999999999", "4294967296", "18446744073709551616", "0-3,x",
	"0-1023,0-1023,9-8" };

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct place *p = &places[i];
		const int cpu = cpulist_nth(p->list, p->i);

		if (cpu != p->cpu)
			fail_msg("\"%s\" at %u: %d, not %d", p->list, p->i, cpu, p->cpu);
	}
}

/* Whatever the place: the whole list must be right. */
static void test_bad_lists(void **state)
{
	static const unsigned int at[] = { 0, 1, 1500, UINT_MAX - CPULIST_MAX, UINT_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (size_t j = 0; j < sizeof(at) / sizeof(at[0]); j++)
			if (cpulist_nth(bad[i], at[j]) != -EINVAL)
				fail_msg("\"%s\" at %u is taken", bad[i], at[j]);
}

/* More places than 32 bits count: nothing wraps, and a fault at the very end is seen. */
static void test_more_places_than_32_bits(void **state)
{
	static const char part[] = "0-1023,";
	const size_t n = (1u << 22) + 1, len = sizeof(part) - 1;
	char *list = malloc(n * len + 2);

	(void)state;
	assert_non_null(list);
	for (size_t i = 0; i < n; i++)
		memcpy(list + i * len, part, len);
	strcpy(list + n * len, "9");
	assert_int_equal(cpulist_nth(list, 0), 0);
	assert_int_equal(cpulist_nth(list, 5000), 5000 % 1024);
	assert_int_equal(cpulist_nth(list, UINT_MAX), 1023);
	assert_int_equal(cpulist_nth(list, UINT_MAX - CPULIST_MAX), 1023);
	strcpy(list + n * len, "x");
	assert_int_equal(cpulist_nth(list, 0), -EINVAL);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_bad_lists),
		cmocka_unit_test(test_more_places_than_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
