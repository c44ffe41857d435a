/* SPDX-License-Identifier: BSD-3-Clause */
/* The checksums under their public names. */
#include "lib/lib.h"

#include "pkt/crc32c.h"
#include "pkt/csum.h"

uint64_t cvsw_csum(const void *p, size_t n, uint64_t sum)
{
	return csum_bytes(p, n, sum);
}

uint64_t cvsw_csum_copy(void *dst, const void *src, size_t n, uint64_t sum)
{
	return csum_copy(dst, src, n, sum);
}

uint16_t cvsw_csum_fold(uint64_t sum)
{
	return csum_fold(sum);
}

uint32_t cvsw_crc32c(uint32_t crc, const void *p, size_t n)
{
	return crc32c(crc, p, n);
}

uint32_t cvsw_crc32c_copy(void *dst, const void *src, size_t n, uint32_t crc)
{
	return crc32c_copy(dst, src, n, crc);
}
