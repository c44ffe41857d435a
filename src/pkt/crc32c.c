/* SPDX-License-Identifier: BSD-3-Clause */
/* CRC32c: the portable way (eight tables, 8 bytes a step), and the choice between it and
 * crc32c_x86.c. */
#include "pkt/crc32c.h"

#include <errno.h>
#include <string.h>
#include <rte_byteorder.h>
#include <rte_mbuf.h>

#include "pkt/crc32c_impl.h"

/* table[k][b]: the register after byte b and k bytes of 0, from 0.  Written before main() only. */
static uint32_t table[8][256];

static void make_table(void)
{
	for (unsigned int b = 0; b < 256; b++) {
		uint32_t reg = b;

		for (unsigned int i = 0; i < 8; i++)
			reg = reg >> 1 ^ (reg & 1 ? CRC32C_POLY : 0);
		table[0][b] = reg;
	}
	for (unsigned int k = 1; k < 8; k++)
		for (unsigned int b = 0; b < 256; b++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
}

static uint32_t four(const uint8_t *p, unsigned int k)
{
	return table[k + 3][p[0]] ^ table[k + 2][p[1]] ^ table[k + 1][p[2]] ^ table[k][p[3]];
}

static uint32_t crc_portable(uint32_t reg, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (; n >= 8; n -= 8, b += 8) {
		uint32_t lo;

		memcpy(&lo, b, sizeof(lo));
		lo ^= rte_cpu_to_le_32(reg);
		reg = four((const uint8_t *)&lo, 4) ^ four(b + 4, 0);
	}
	for (; n; n--, b++)
		reg = reg >> 8 ^ table[0][(reg ^ *b) & 0xff];
	return reg;
}

static uint32_t copy_portable(uint32_t reg, void *dst, const void *src, size_t n)
{
	if (n)
		memcpy(dst, src, n);
	return crc_portable(reg, src, n);
}

static struct crc32c_impl impls[] = {
	{ "portable", true, crc_portable, copy_portable },
#if defined(__x86_64__)
	{ "sse42", false, crc32c_sse42, crc32c_copy_sse42 },
	{ "vpclmul", false, crc32c_vpclmul, crc32c_copy_vpclmul },
#endif
};

/* Written before main() and by crc32c_use(). */
static const struct crc32c_impl *used = &impls[0];

__attribute__((constructor)) static void choose(void)
{
	make_table();
#if defined(__x86_64__)
	impls[1].supported = crc32c_init_sse42();
	impls[2].supported = crc32c_init_vpclmul();
#endif
	for (size_t i = 0; i < RTE_DIM(impls); i++)
		if (impls[i].supported)
			used = &impls[i];
}

const struct crc32c_impl *crc32c_impls(unsigned int *n)
{
	*n = RTE_DIM(impls);
	return impls;
}

int crc32c_use(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(impls); i++) {
		if (strcmp(impls[i].name, name))
			continue;
		if (!impls[i].supported)
			return -ENOTSUP;
		used = &impls[i];
		return 0;
	}
	return -ENOENT;
}

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	return ~used->crc(~crc, p, n);
}

uint32_t crc32c_copy(void *dst, const void *src, size_t n, uint32_t crc)
{
	return ~used->copy(~crc, dst, src, n);
}

uint32_t crc32c_chain(const struct rte_mbuf *m, uint32_t off, uint32_t n, uint32_t crc)
{
	for (; off >= m->data_len && m->next; m = m->next)
		off -= m->data_len;
	while (n) {
		const uint32_t k = RTE_MIN(n, m->data_len - off);

		crc = crc32c(crc, rte_pktmbuf_mtod_offset(m, const char *, off), k);
		n -= k;
		off = 0;
		m = m->next;
	}
	return crc;
}
