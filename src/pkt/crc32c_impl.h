/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The implementations behind crc32c() and crc32c_copy(): for tests and benches, which compare them,
 * and for the files that implement them.  The best one for the machine is in use before main().
 */
#ifndef CVSW_PKT_CRC32C_IMPL_H
#define CVSW_PKT_CRC32C_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRC32C_POLY 0x82f63b78u /* x^32 left out, x^31 in bit 0 */

/* Both take and return the bare shift register: no inversion at the start or the end. */
struct crc32c_impl {
	const char *name;
	bool supported; /* by this machine; do not call it otherwise */
	uint32_t (*crc)(uint32_t reg, const void *p, size_t n);
	uint32_t (*copy)(uint32_t reg, void *dst, const void *src, size_t n);
};

/* All of them, *n of them, the best last; static. */
const struct crc32c_impl *crc32c_impls(unsigned int *n);

/* Use that one from now on.  Not while other threads make CRCs.  -ENOENT: no such name, -ENOTSUP:
 * not on this machine; nothing changed then. */
int crc32c_use(const char *name) __attribute__((warn_unused_result));

#if defined(__x86_64__)
/* True if the machine can; makes the constants ready. */
bool crc32c_init_sse42(void);
bool crc32c_init_vpclmul(void);
uint32_t crc32c_sse42(uint32_t reg, const void *p, size_t n);
uint32_t crc32c_copy_sse42(uint32_t reg, void *dst, const void *src, size_t n);
uint32_t crc32c_vpclmul(uint32_t reg, const void *p, size_t n);
uint32_t crc32c_copy_vpclmul(uint32_t reg, void *dst, const void *src, size_t n);
#endif

#endif
