/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the tests of the laws are run: CVSW_TEST_CASES=N random cases, CVSW_TEST_SEED=N other ones;
 * CVSW_TEST_FIRST=N starts with number N; CVSW_TEST_PROGRESS=1 says now and then how far they are.
 */
#ifndef CVSW_TESTS_LAWS_H
#define CVSW_TESTS_LAWS_H

#include <stdio.h>
#include <stdlib.h>

#include "lib/judge.h"
#include "lib/rnd.h"

static inline uint64_t laws_env(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s ? strtoull(s, NULL, 0) : otherwise;
}

/* A case starts; what fails in it says which one it is. */
static inline void laws_case(struct rnd *r, const char *law, uint64_t seed, uint64_t i)
{
	rnd_seed(r, seed);
	snprintf(must_about, sizeof(must_about), "(%s, case %llu)", law, (unsigned long long)i);
}

/* Teardown of a test: which case failed, if one did. */
static inline int laws_say(void **state)
{
	(void)state;
	if (must_about[0])
		fprintf(stderr, "it was %s\n", must_about);
	must_about[0] = 0;
	return 0;
}

/* No case failed. */
static inline void laws_hold(void)
{
	must_about[0] = 0;
}

/* Number @i of @n cases starts: twenty lines in all. */
static inline void laws_progress(const char *law, uint64_t i, uint64_t n)
{
	if (i && i * 20 / n != (i - 1) * 20 / n && laws_env("CVSW_TEST_PROGRESS", 0))
		fprintf(stderr, "%s: %llu %%\n", law, (unsigned long long)(i * 100 / n));
}

#endif
