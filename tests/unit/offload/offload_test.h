/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the offload engines share. */
#ifndef CVSW_TESTS_OFFLOAD_TEST_H
#define CVSW_TESTS_OFFLOAD_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"

/* A frame as flat bytes. */
struct flat {
	uint8_t b[GEN_MAX];
	uint32_t n;
};

#define assert_pkt_good(m)                                                                         \
	do {                                                                                       \
		const char *wrong_ = oracle_check(m);                                              \
		if (wrong_)                                                                        \
			fail_msg("%s", wrong_);                                                    \
	} while (0)

/* The bytes of @m are those of @want with @pad bytes missing at its end. */
static inline void assert_bytes(const struct rte_mbuf *m, const struct flat *want)
{
	static struct flat got;

	got.n = chain_bytes(m, got.b);
	assert_int_equal(got.n, want->n);
	if (memcmp(got.b, want->b, want->n))
		assert_memory_equal(got.b, want->b, want->n); /* says where */
}

static inline void flat_of(const struct rte_mbuf *m, struct flat *f)
{
	f->n = chain_bytes(m, f->b);
}

static inline void drop_all(struct pkt_list *l)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(l)))
		pkt_done(m);
}

/* What segment @idx of the super-frame @g is, by description. */
static inline struct gen segment_of(const struct gen *g, uint32_t gso_size, uint32_t idx)
{
	const uint32_t before = gso_size * idx;
	struct gen s = *g;

	s.plen = RTE_MIN(g->plen - before, gso_size);
	s.pay_pos += before;
	s.seq += before;
	s.id = (uint16_t)(s.id + idx);
	s.pad = 0;
	if (idx)
		s.flags &= (uint8_t)~0x80;
	if (before + s.plen < g->plen)
		s.flags &= (uint8_t)~0x09;
	return s;
}

#endif
