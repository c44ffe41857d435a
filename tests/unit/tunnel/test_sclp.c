/* SPDX-License-Identifier: BSD-3-Clause */
/* The sender: what sclp_slice() makes of a frame, byte by byte. */
#include "sclp_test.h"

#include <errno.h>
#include <string.h>

#include "../../lib/eal_test.h"

static struct sclp_slices sl;
static uint8_t frame[TST_LEN_MAX];
static struct tst t;

static const struct sclp_tx tx_default = {
	.sport = RTE_BE16(50000), .dport = TST_PORT_RAW, .id = 0x12345678, .seg_plen = 1468
};

static uint32_t seg_bytes(unsigned int i, uint8_t *dst)
{
	uint32_t n = 0;

	for (unsigned int k = sl.first[i]; k < sl.first[i + 1]; k++) {
		memcpy(dst + n, sl.iov[k].iov_base, sl.iov[k].iov_len);
		n += (uint32_t)sl.iov[k].iov_len;
	}
	return n;
}

/* The frame in mbufs of @piece bytes each (0: as it comes). */
static struct rte_mbuf *frame_mbuf(uint32_t n, uint32_t piece)
{
	struct rte_mbuf *m = NULL;

	if (!piece)
		return pkt_from_bytes(frame, n);
	for (uint32_t off = 0; off < n; off += piece) {
		struct rte_mbuf *part = pkt_from_bytes(frame + off, RTE_MIN(piece, n - off));

		assert_non_null(part);
		if (m)
			pkt_append(m, part);
		else
			m = part;
	}
	return m;
}

struct row {
	const char *name;
	uint32_t len;
	uint16_t plen;
	int err;
	unsigned int n_segs;
	uint32_t last_plen, first_remaining;
};

static const struct row rows[] = {
	{ "worked_example_of_the_protocol", 3000, 1468, 0, 3, 64, 1532 },
	{ "one_byte", 1, 1468, 0, 1, 1, 0 },
	{ "fits_exactly", 1468, 1468, 0, 1, 1468, 0 },
	{ "one_byte_more_than_fits", 1469, 1468, 0, 2, 1, 1 },
	{ "super_frame", 65557, 1460, 0, 45, 1317, 64097 },
	{ "largest_frame", 65535 + 1468, 1468, 0, 46, 943, 65535 },
	{ "larger_than_remaining_can_say", 65535 + 1469, 1468, -EMSGSIZE, 0, 0, 0 },
	{ "empty_frame", 0, 1468, -EMSGSIZE, 0, 0, 0 },
	{ "as_many_segments_as_may_be", 480 * SCLP_SEGS_MAX - 12000, 480, 0, 135, 480, 64320 },
	{ "jumbo_underlay", 65557, 8948, 0, 8, 2921, 56609 },
};

static void check_seg(const struct row *r, const struct sclp_tx *tx, unsigned int i)
{
	static uint8_t got[70000];
	const uint32_t at = i * r->plen, plen = RTE_MIN((uint32_t)r->plen, r->len - at);
	struct sclp_hdr sh;

	assert_int_equal(seg_bytes(i, got), SCLP_HLEN + plen);
	memcpy(&sh, got, sizeof(sh));
	assert_ptr_equal(sl.iov[sl.first[i]].iov_base, &sl.hdr[i]);
	assert_int_equal(sh.source, tx->sport);
	assert_int_equal(sh.dest, tx->dport);
	assert_int_equal(rte_be_to_cpu_32(sh.id_first), tx->id << 1 | (i == 0));
	assert_int_equal(rte_be_to_cpu_16(sh.remaining), r->len - at - plen);
	assert_memory_equal(got + SCLP_HLEN, frame + at, plen);
	if (tx->csum) {
		assert_int_not_equal(sh.check, 0);
		assert_int_equal(tst_sum(got, SCLP_HLEN + plen, 0), 0xffff);
	} else {
		assert_int_equal(sh.check, 0);
	}
}

/* Every row, in one buffer chain and in odd pieces, with checksum and without. */
static void cuts_as_the_protocol_says(void **state)
{
	static const uint32_t pieces[] = { 0, 777, 2001 };

	(void)state;
	for (unsigned int k = 0; k < RTE_DIM(rows) * 6; k++) {
		const struct row *r = &rows[k / 6];
		struct rte_mbuf *m = r->len ? frame_mbuf(r->len, pieces[k % 3]) : pkt_alloc_small();
		struct sclp_tx tx = tx_default;

		tx.seg_plen = r->plen;
		tx.csum = k % 6 >= 3;
		print_message("   %s\n", r->name);
		assert_int_equal(sclp_slice(m, &tx, &sl), r->err);
		for (unsigned int i = 0; !r->err && i < r->n_segs; i++)
			check_seg(r, &tx, i);
		if (!r->err) {
			assert_int_equal(sl.n_segs, r->n_segs);
			assert_int_equal(rte_be_to_cpu_16(sl.hdr[0].remaining), r->first_remaining);
			assert_int_equal(r->len - (r->n_segs - 1) * r->plen, r->last_plen);
		}
		pkt_done(m);
	}
	assert_true(eal_test_pools_full());
}

static void bytes_on_the_wire(void **state)
{
	static const uint8_t want[3][SCLP_HLEN] = {
		{ 0xc3, 0x50, 0x12, 0xb5, 0x24, 0x68, 0xac, 0xf1, 0x05, 0xfc, 0, 0 },
		{ 0xc3, 0x50, 0x12, 0xb5, 0x24, 0x68, 0xac, 0xf0, 0x00, 0x40, 0, 0 },
		{ 0xc3, 0x50, 0x12, 0xb5, 0x24, 0x68, 0xac, 0xf0, 0x00, 0x00, 0, 0 },
	};
	struct rte_mbuf *m = frame_mbuf(3000, 0);

	(void)state;
	assert_int_equal(sclp_slice(m, &tx_default, &sl), 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_memory_equal(&sl.hdr[i], want[i], SCLP_HLEN);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

/* Payload chosen so that the sum is 0xffff and its complement 0. */
static void computed_zero_is_sent_as_ffff(void **state)
{
	struct sclp_tx tx = tx_default;
	uint8_t bytes[2] = { 0, 0 };
	struct rte_mbuf *m = pkt_from_bytes(bytes, 2);
	uint16_t rest;

	(void)state;
	tx.csum = true;
	assert_int_equal(sclp_slice(m, &tx, &sl), 0);
	rest = sl.hdr[0].check; /* with this as payload the sum is 0xffff */
	memcpy(rte_pktmbuf_mtod(m, void *), &rest, 2);
	assert_int_equal(sclp_slice(m, &tx, &sl), 0);
	assert_int_equal(sl.hdr[0].check, 0xffff);
	pkt_done(m);
}

static void too_many_pieces_say_so(void **state)
{
	struct rte_mbuf *m = frame_mbuf(600, 1);

	(void)state;
	assert_int_equal(sclp_slice(m, &tx_default, &sl), -E2BIG);
	pkt_done(m);
	assert_true(eal_test_pools_full());
}

/* What the sender makes, the receiver takes: all sizes around the borders, many segment sizes. */
static void receiver_undoes_sender(void **state)
{
	static const uint16_t plens[] = { 480, 481, 1220, 1448, 1460, 1468, 8948 };
	uint64_t rnd = 1;

	(void)state;
	tst_open(&t, NULL);
	for (unsigned int k = 0; k < 400; k++) {
		struct sclp_tx tx = tx_default;
		uint32_t len, n_sent = 0;
		struct rte_mbuf *m;

		tx.seg_plen = plens[k % RTE_DIM(plens)];
		tx.csum = k & 1;
		tx.id = k;
		len = k < 100 ? tx.seg_plen * (k / 10) + k % 10 + 1 : 60 + tst_rand(&rnd) % 65490;
		len = RTE_MIN(len, 65535u + 14);
		m = frame_mbuf(len, k % 3 ? 0 : 1999);
		assert_int_equal(sclp_slice(m, &tx, &sl), 0);
		for (unsigned int i = 0; i < sl.n_segs; i++) {
			const uint32_t n = seg_bytes(i, t.train + t.train_len);

			if (!t.train_len)
				t.train_stride = n;
			t.train_len += n;
			if (++n_sent % 44 == 0 || i + 1 == sl.n_segs || t.train_len > 65507 - n)
				tst_recv(&t);
		}
		pkt_done(m);
		tst_expect(&t, frame, len);
	}
	tst_no_drops(&t);
	tst_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_as_the_protocol_says),
		cmocka_unit_test(bytes_on_the_wire),
		cmocka_unit_test(computed_zero_is_sent_as_ffff),
		cmocka_unit_test(too_many_pieces_say_so),
		cmocka_unit_test(receiver_undoes_sender),
	};

	tst_pattern(frame, sizeof(frame), 1);
	return cmocka_run_group_tests_name("sclp", tests, eal_test_setup, eal_test_teardown);
}
