/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of nested frames share: packets as pkt_parse_wire() sees them, super-frames. */
#ifndef CVSW_TESTS_WIRE_TEST_H
#define CVSW_TESTS_WIRE_TEST_H

#include "offload_test.h"

#include "lib/book.h"
#include "lib/frames.h"
#include "lib/judge.h"
#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"
#include "pkt/parse_wire.h"

/* The bytes as a packet with its headers in the first segment, parsed as from the wire; FRAME_BARE:
 * as behind a kernel socket. */
static inline struct rte_mbuf *wire_of_bytes(const struct frame *f, const uint8_t *b,
	const struct frame_map *at, enum chain_shape shape, struct rnd *r)
{
	struct rte_mbuf *m = chain_make(b, at->n, shape, at->pay, r);
	struct pkt_meta *md = pkt_meta(m);

	if (f->tun == FRAME_BARE) {
		md->tun_hlen = 8;
		pkt_parse(m, 8, &md->inner);
	} else {
		pkt_parse_wire(m, &pkt_wire_default, md);
	}
	return m;
}

/* The frame as a packet; @b: room for its bytes, which is what it holds afterwards. */
static inline struct rte_mbuf *wire_pkt(
	struct frame *f, uint8_t *b, struct frame_map *at, enum chain_shape shape, struct rnd *r)
{
	frame_build(f, b, at);
	return wire_of_bytes(f, b, at, shape, r);
}

static inline uint8_t wire_gso_type(const struct frame *f)
{
	static const uint8_t types[FRAME_N_L4] = { PKT_GSO_TCP4, PKT_GSO_UDP, PKT_GSO_SCTP,
		PKT_GSO_SCLP, PKT_GSO_SCLP, PKT_GSO_STT };

	return f->l4 == FRAME_TCP && f->ip.v6 ? (uint8_t)PKT_GSO_TCP6 : types[f->l4];
}

static inline bool wire_in_tunnel(const struct frame *f)
{
	return f->tun > FRAME_BARE;
}

/* The packet @m of @f, all its checksums right, becomes a super-frame with all of them owed. */
static inline void wire_make_super(struct rte_mbuf *m, const struct frame *f, uint16_t gso_size)
{
	struct pkt_meta *md = pkt_meta(m);

	/* from the outside inwards: the outer one covers the inner field as it was */
	if (wire_in_tunnel(f) && f->outer_csum)
		assert_true(frame_owe_outer(m));
	assert_true(frame_owe(m));
	md->inner.gso_type = wire_gso_type(f);
	md->inner.gso_size = gso_size;
	if (f->ip.id_fixed && !f->ip.v6)
		md->inner.flags |= PKT_LF_FIXID;
	if (wire_in_tunnel(f) && f->outer.id_fixed && !f->outer.v6)
		md->outer.flags |= PKT_LF_FIXID;
}

/* Debts paid, each packet that came out is judged and must be the next of its flow in the book. */
static inline void wire_leave(struct pkt_list *out)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(out))) {
		struct pkt_list plain;

		assert_pkt_good(m);
		pkt_list_init(&plain);
		assert_int_equal(tx_prepare(m, CAP_GSO, &plain), 0);
		while ((m = pkt_list_pop(&plain))) {
			assert_pkt_good(m);
			assert_int_not_equal(pkt_meta(m)->inner.csum, PKT_CSUM_OWED);
			assert_int_not_equal(pkt_meta(m)->outer.csum, PKT_CSUM_OWED);
			book_leave(m);
			pkt_done(m);
		}
	}
}

#endif
