/* SPDX-License-Identifier: BSD-3-Clause */
/* Level 1: what one train holds; checksums, ports and lengths of segments; where headers lie. */
#include "sclp_test.h"

#include <string.h>

#include "../../lib/eal_test.h"

static struct tst t;
static uint8_t frame[TST_LEN_MAX], other[TST_LEN_MAX];

/* Segments of @plen bytes of the first @len bytes of @bytes into the train. */
static void add_frame(const uint8_t *bytes, uint32_t len, uint32_t plen, uint32_t id)
{
	for (uint32_t at = 0; at < len; at += plen)
		tst_add(&t, &(struct tst_seg){ .frame = bytes,
				    .len = len,
				    .at = at,
				    .n = RTE_MIN(plen, len - at),
				    .id = id });
}

static void whole_frame_in_one_train(void **state)
{
	static const uint32_t lens[] = { 1, 1460, 1461, 2920, 3000, 64000 };

	(void)state;
	tst_open(&t, NULL);
	for (unsigned int i = 0; i < RTE_DIM(lens); i++) {
		t.from.tos = 0x2a;
		add_frame(frame, lens[i], 1460, i);
		tst_recv(&t);
		assert_int_equal(pkt_meta(t.out.head)->tos, 0x2a);
		tst_expect(&t, frame, lens[i]);
	}
	assert_int_equal(t.remote[0].n_done, RTE_DIM(lens));
	assert_int_equal(sclp_rx_deadline(t.rx), UINT64_MAX);
	tst_no_drops(&t);
	tst_close(&t);
}

/* A short retransmission as sclp.ko sends it: all segments but the last, the frame, the last. */
static void frame_sent_twice(void **state)
{
	struct tst_seg s = { .frame = frame, .len = 2500, .n = 1000, .id = 9, .sport = 50001 };

	(void)state;
	tst_open(&t, NULL);
	for (uint32_t i = 0; i < 2; i++) {
		s.at = i * 1000;
		tst_add(&t, &s);
	}
	for (uint32_t i = 0; i < 3; i++) {
		s.at = i * 1000;
		s.n = i < 2 ? 1000 : 500;
		tst_add(&t, &s);
	}
	tst_recv(&t);
	tst_expect(&t, frame, 2500);
	tst_seg(&t, &s);
	assert_int_equal(t.remote[0].n_frames, 0);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 3);
	tst_close(&t);
}

/* A whole frame's segment once more, behind it or in a train of its own; not that of another. */
static void segment_sent_twice(void **state)
{
	struct tst_seg again = { .frame = frame, .len = 3000, .n = 1000, .id = 7, .sport = 50001 };

	(void)state;
	tst_open(&t, NULL);
	for (uint32_t at = 0; at < 3000; at += 1000) {
		struct tst_seg s = again;

		s.at = at;
		tst_add(&t, &s);
	}
	tst_add(&t, &again);
	tst_recv(&t);
	tst_expect(&t, frame, 3000);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 1);
	tst_seg(&t, &again);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 1);
	again.at = 2000;
	tst_seg(&t, &again);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 1);
	assert_int_equal(t.remote[0].n_frames, 0);
	again.at = 0;
	again.id = 8;
	tst_seg(&t, &again);
	assert_int_equal(t.remote[0].n_frames, 1);
	again.id = 7;
	again.sport = 50002;
	tst_seg(&t, &again);
	tst_from(&t, 1);
	again.sport = 50001;
	tst_seg(&t, &again);
	assert_int_equal(t.remote[0].n_frames, 2);
	assert_int_equal(t.remote[1].n_frames, 1);
	tst_no_drops(&t);
	tst_close(&t);
}

/* The border between the two mbufs of a train at every byte of the first three segments. */
static void header_across_the_border(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (uint32_t split = 1; split < 3 * 112 + 20; split++) {
		t.split = split;
		t.from.csum_done = split & 1;
		t.from.csum_optional = true;
		add_frame(frame, 950, 100, split);
		tst_recv(&t);
		tst_expect(&t, frame, 950);
	}
	tst_no_drops(&t);
	tst_close(&t);
}

/* Frames of equal size, one segment each: how small packets travel.  Odd sizes put headers at odd
 * addresses. */
static void many_small_frames_in_one_train(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (uint32_t len = 60; len < 300; len += 13) {
		for (uint32_t i = 0; i < 50; i++)
			add_frame(frame + i, len, 1460, i);
		tst_recv(&t);
		assert_int_equal(t.out.n_pkts, 50);
		for (uint32_t i = 0; i < 50; i++) {
			assert_int_equal((uintptr_t)rte_pktmbuf_mtod(t.out.head, char *) & 1, 0);
			tst_expect(&t, frame + i, len);
		}
	}
	tst_no_drops(&t);
	tst_close(&t);
}

static void a_small_frame_keeps_its_buffer(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_frame(frame, 100, 1460, 1);
	tst_recv(&t);
	assert_true(pkt_seg_private(t.out.head));
	assert_int_equal(t.out.head->nb_segs, 1);
	tst_expect(&t, frame, 100);
	tst_close(&t);
}

/* The second half of one frame, a whole one, and the first half of a third; then what is missing.
 */
static void end_whole_and_start_in_one_train(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = 2000, .n = 1000, .id = 1 });
	tst_add(&t,
		&(struct tst_seg){ .frame = frame, .len = 2000, .at = 1000, .n = 1000, .id = 1 });
	add_frame(other, 3000, 1000, 2);
	tst_add(&t, &(struct tst_seg){ .frame = frame, .len = 2500, .n = 1000, .id = 3 });
	tst_recv(&t);
	tst_expect(&t, frame, 2000);
	tst_expect(&t, other, 3000);
	assert_true(pkt_list_empty(&t.out));
	add_frame(frame, 2500, 1000, 3);
	t.train_len -= 500 + SCLP_HLEN;
	memmove(t.train, t.train + 1012, t.train_len -= 1012);
	tst_recv(&t);
	tst_seg(&t,
		&(struct tst_seg){ .frame = frame, .len = 2500, .at = 2000, .n = 500, .id = 3 });
	tst_expect(&t, frame, 2500);
	assert_int_equal(t.remote[0].n_done, 3);
	tst_no_drops(&t);
	tst_close(&t);
}

/* Neighbours in the train that are none in a frame. */
static void does_not_glue_strangers(void **state)
{
	static const struct {
		const char *name;
		struct tst_seg second;
	} rows[] = {
		{ "other_identification", { .at = 100, .id = 2 } },
		{ "other_source_port", { .at = 100, .id = 1, .sport = 50001 } },
		{ "gap", { .at = 200, .id = 1 } },
	};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		struct tst_seg s = rows[i].second;

		print_message("   %s\n", rows[i].name);
		tst_open(&t, NULL);
		s.frame = frame;
		s.len = s.at + 100;
		s.n = 100;
		tst_add(&t, &(struct tst_seg){ .frame = frame, .len = 200, .n = 100, .id = 1 });
		tst_add(&t, &s);
		if (s.at == 200) { /* length agrees, the middle is missing */
			t.train[8] = 0;
			t.train[9] = 200;
		}
		tst_recv(&t);
		assert_true(pkt_list_empty(&t.out));
		assert_int_equal(t.remote[0].n_frames, s.at == 200 ? 1 : 2);
		sclp_rx_forget(t.rx, &t.remote[0]);
		assert_int_equal(tst_drops(&t, DROP_SHUTDOWN), s.at == 200 ? 1 : 2);
		tst_close(&t);
	}
}

static const struct {
	const char *name;
	bool done, optional, csum, broken;
	enum drop_reason why;
	bool ok;
} csum_rows[] = {
	{ "none_but_udp_covers", true, false, false, false, 0, true },
	{ "none_and_nothing_covers", false, false, false, false, DROP_SCLP_CSUM, false },
	{ "none_but_operator_allows", false, true, false, false, 0, true },
	{ "right", false, false, true, false, 0, true },
	{ "right_though_optional", false, true, true, false, 0, true },
	{ "wrong", false, false, true, true, DROP_SCLP_CSUM, false },
	{ "wrong_though_optional", false, true, true, true, DROP_SCLP_CSUM, false },
	{ "not_looked_at_if_udp_covers", true, false, true, true, 0, true },
};

static void checksum_rules(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(csum_rows) * 2; i++) {
		const bool odd = i & 1; /* lengths, and the border of the mbufs */

		print_message("   %s\n", csum_rows[i / 2].name);
		tst_open(&t, NULL);
		t.from.csum_done = csum_rows[i / 2].done;
		t.from.csum_optional = csum_rows[i / 2].optional;
		t.split = odd ? 33 : 0;
		tst_add(&t, &(struct tst_seg){ .frame = frame,
				    .len = 500 + odd,
				    .n = 500 + odd,
				    .id = 9,
				    .csum = csum_rows[i / 2].csum });
		if (csum_rows[i / 2].broken)
			t.train[11] ^= 1;
		tst_recv(&t);
		if (csum_rows[i / 2].ok)
			tst_expect(&t, frame, 500 + odd);
		else
			assert_int_equal(tst_drops(&t, csum_rows[i / 2].why), 1);
		tst_no_drops(&t);
		tst_close(&t);
	}
}

/* One bad segment in a train costs that segment only. */
static void bad_segments_are_counted_one_by_one(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	t.from.csum_done = false;
	for (uint32_t i = 0; i < 5; i++)
		tst_add(&t,
			&(struct tst_seg){
				.frame = frame + i, .len = 100, .n = 100, .id = i, .csum = true });
	t.train[112 + 50] ^= 4; /* a payload bit of the second */
	t.train[3 * 112 + 3] ^=
		4; /* destination port of the fourth, with the checksum made right */
	t.train[3 * 112 + 11] ^= 4;
	tst_recv(&t);
	assert_int_equal(t.out.n_pkts, 3);
	tst_expect(&t, frame, 100);
	tst_expect(&t, frame + 2, 100);
	tst_expect(&t, frame + 4, 100);
	assert_int_equal(tst_drops(&t, DROP_SCLP_CSUM) + tst_drops(&t, DROP_SCLP_PORT), 2);
	tst_no_drops(&t);
	tst_close(&t);
}

static void port_of_no_known_frame_type(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_frame(frame, 300, 100, 1);
	t.train[2] = 6081 >> 8;
	t.train[3] = (uint8_t)6081;
	t.train_len = 112;
	tst_recv(&t);
	assert_int_equal(tst_drops(&t, DROP_SCLP_PORT), 1);
	tst_no_drops(&t);
	tst_close(&t);
}

static void short_segments(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (uint32_t n = 1; n <= SCLP_HLEN; n++) {
		memset(t.train, 0, n);
		t.train_len = t.train_stride = n;
		tst_recv(&t);
		assert_int_equal(tst_drops(&t, DROP_SCLP_SHORT), 1);
	}
	/* a whole one and a tail that is too short */
	add_frame(frame, 100, 100, 1);
	t.train_len += 5;
	tst_recv(&t);
	tst_expect(&t, frame, 100);
	assert_int_equal(tst_drops(&t, DROP_SCLP_SHORT), 1);
	/* segments that cannot be: counted, not walked */
	t.train_len = 1000;
	t.train_stride = 3;
	tst_recv(&t);
	assert_int_equal(tst_drops(&t, DROP_SCLP_SHORT), 334);
	/* no length known: one segment */
	add_frame(frame, 100, 100, 1);
	t.train_stride = 0;
	tst_recv(&t);
	tst_expect(&t, frame, 100);
	tst_no_drops(&t);
	tst_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_frame_in_one_train),
		cmocka_unit_test(segment_sent_twice),
		cmocka_unit_test(frame_sent_twice),
		cmocka_unit_test(header_across_the_border),
		cmocka_unit_test(many_small_frames_in_one_train),
		cmocka_unit_test(a_small_frame_keeps_its_buffer),
		cmocka_unit_test(end_whole_and_start_in_one_train),
		cmocka_unit_test(does_not_glue_strangers),
		cmocka_unit_test(checksum_rules),
		cmocka_unit_test(bad_segments_are_counted_one_by_one),
		cmocka_unit_test(port_of_no_known_frame_type),
		cmocka_unit_test(short_segments),
	};

	tst_pattern(frame, sizeof(frame), 1);
	tst_pattern(other, sizeof(other), 2);
	return cmocka_run_group_tests_name("sclp_rx", tests, eal_test_setup, eal_test_teardown);
}
