/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory between two pages that end the program when touched: sees what sanitizers do not, such as
 * masked vector instructions. */
#ifndef CVSW_TESTS_FENCE_H
#define CVSW_TESTS_FENCE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

struct fence {
	uint8_t *start, *end; /* the memory, whole pages */
};

static inline void fence_make(struct fence *f, size_t n_pages)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), n = n_pages * page;
	uint8_t *const p = mmap(NULL, n + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert(p != MAP_FAILED);
	f->start = p + page;
	f->end = f->start + n;
	if (mprotect(f->start, n, PROT_READ | PROT_WRITE))
		assert(!"mprotect");
}

static inline void fence_free(struct fence *f)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	munmap(f->start - page, (size_t)(f->end - f->start) + 2 * page);
}

#endif
