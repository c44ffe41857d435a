/* SPDX-License-Identifier: BSD-3-Clause */
/* Level 2: segments of a frame in any order, twice, overlapping, contradicting; time-out and
 * overtaking. */
#include "sclp_test.h"

#include <string.h>

#include "../../lib/eal_test.h"

static struct tst t;
static uint8_t frame[TST_LEN_MAX];

#define F .is_first = true
#define N .not_first = true

struct row {
	const char *name;
	struct tst_seg arrivals[8];
	uint32_t delivered; /* bytes of frame; 0: nothing */
	uint32_t n_dup, n_invalid, n_late, n_timeout;
};

/* Bytes [at, at + n) of a frame of len bytes; each row is one frame, one train a segment. */
static const struct row rows[] = {
	{ "one_segment", { { .len = 9, .n = 9 } }, 9 },
	{ "in_order",
		{ { .len = 300, .n = 100 }, { .len = 300, .at = 100, .n = 100 },
			{ .len = 300, .at = 200, .n = 100 } },
		300 },
	{ "worked_example_backwards",
		{ { .len = 3000, .at = 2936, .n = 64 }, { .len = 3000, .at = 1468, .n = 1468 },
			{ .len = 3000, .n = 1468 } },
		3000 },
	{ "unequal_segments",
		{ { .len = 300, .at = 10, .n = 1 }, { .len = 300, .n = 10 },
			{ .len = 300, .at = 11, .n = 289 } },
		300 },
	{ "largest_frame",
		{ { .len = 65535 + 2000, .at = 2000, .n = 60000 },
			{ .len = 65535 + 2000, .at = 62000, .n = 5535 },
			{ .len = 65535 + 2000, .n = 2000 } },
		65535 + 2000 },
	{ "missing_first", { { .len = 300, .at = 100, .n = 200 } }, 0, .n_timeout = 1 },
	{ "missing_middle", { { .len = 300, .n = 100 }, { .len = 300, .at = 200, .n = 100 } }, 0,
		.n_timeout = 1 },
	{ "missing_last", { { .len = 300, .n = 100 }, { .len = 300, .at = 100, .n = 100 } }, 0,
		.n_timeout = 1 },
	{ "duplicate_first",
		{ { .len = 200, .n = 100 }, { .len = 200, .n = 100 },
			{ .len = 200, .at = 100, .n = 100 } },
		200, .n_dup = 1 },
	{ "duplicate_last",
		{ { .len = 200, .at = 100, .n = 100 }, { .len = 200, .at = 100, .n = 100 },
			{ .len = 200, .n = 100 } },
		200, .n_dup = 1 },
	{ "duplicate_of_each",
		{ { .len = 200, .at = 100, .n = 100 }, { .len = 200, .at = 100, .n = 100 },
			{ .len = 200, .n = 100 }, { .len = 200, .n = 100 },
			{ .len = 200, .at = 100, .n = 100 } },
		200, .n_dup = 3 },
	{ "overlap_at_the_front",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 50, .n = 100 },
			{ .len = 300, .n = 100 } },
		0, .n_invalid = 1, .n_late = 1 },
	{ "overlap_at_the_back",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 150, .n = 100 },
			{ .len = 300, .n = 100 } },
		0, .n_invalid = 1, .n_late = 1 },
	{ "overlap_inside",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 120, .n = 10 } }, 0,
		.n_invalid = 1 },
	{ "overlap_inside_same_start",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 100, .n = 10 } }, 0,
		.n_invalid = 1 },
	{ "overlap_inside_same_end",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 190, .n = 10 } }, 0,
		.n_invalid = 1 },
	{ "overlap_around",
		{ { .len = 300, .at = 100, .n = 100 }, { .len = 300, .at = 50, .n = 200 } }, 0,
		.n_invalid = 1 },
	{ "overlap_bridges_two",
		{ { .len = 300, .n = 100 }, { .len = 300, .at = 200, .n = 100 },
			{ .len = 300, .at = 90, .n = 120 } },
		0, .n_invalid = 1 },
	{ "overlap_by_one_byte", { { .len = 300, .n = 100 }, { .len = 300, .at = 99, .n = 100 } },
		0, .n_invalid = 1 },
	{ "two_firsts_of_different_length", { { .len = 300, .n = 100 }, { .len = 400, .n = 100 } },
		0, .n_invalid = 1 },
	{ "two_firsts_in_one_frame",
		{ { .len = 300, .n = 100 }, { .len = 300, .at = 100, .n = 100, F } }, 0,
		.n_invalid = 1 },
	{ "first_again_without_its_mark", { { .len = 300, .n = 100 }, { .len = 300, .n = 100, N } },
		0, .n_invalid = 1 },
	{ "segment_before_the_first",
		{ { .len = 300, .at = 100, .n = 100, F }, { .len = 300, .n = 100, N } }, 0,
		.n_invalid = 1 },
	{ "first_behind_what_is_held",
		{ { .len = 300, .n = 100, N }, { .len = 300, .at = 100, .n = 100, F } }, 0,
		.n_invalid = 1 },
	{ "longer_than_the_first_said",
		{ { .len = 300, .n = 100 }, { .len = 500, .at = 50, .n = 100 } }, 0,
		.n_invalid = 1 },
	{ "longer_than_a_frame_can_be", { { .len = 65536 + 100, .at = 100, .n = 2000 } }, 0,
		.n_invalid = 1 },
};

static void run_row(const struct row *r, const unsigned int *order, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct tst_seg s = r->arrivals[order ? order[i] : i];

		s.frame = frame;
		s.id = 77;
		tst_seg(&t, &s);
	}
	t.now_ns += TST_TIMEOUT - 1;
	sclp_rx_expire(t.rx, t.now_ns, &t.out);
	assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 0);
	t.now_ns++;
	sclp_rx_expire(t.rx, t.now_ns, &t.out);
}

static unsigned int n_arrivals(const struct row *r)
{
	unsigned int n = 0;

	while (n < RTE_DIM(r->arrivals) && r->arrivals[n].n)
		n++;
	return n;
}

static void frames_of_one_row_each(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		const struct row *r = &rows[i];

		print_message("   %s\n", r->name);
		tst_open(&t, NULL);
		run_row(r, NULL, n_arrivals(r));
		if (r->delivered)
			tst_expect(&t, frame, r->delivered);
		assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), r->n_dup);
		assert_int_equal(tst_drops(&t, DROP_SCLP_INVALID), r->n_invalid);
		assert_int_equal(tst_drops(&t, DROP_SCLP_LATE), r->n_late);
		assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), r->n_timeout);
		assert_int_equal(t.remote[0].n_timeout, r->n_timeout);
		assert_int_equal(t.remote[0].n_done, r->delivered ? 1 : 0);
		assert_int_equal(t.remote[0].n_frames, 0);
		tst_no_drops(&t);
		tst_close(&t);
	}
}

/* Heap's algorithm: the next order of @n, false after the last. */
static bool permute(unsigned int *a, unsigned int *c, unsigned int n)
{
	for (unsigned int i = 1; i < n;) {
		if (c[i] < i) {
			const unsigned int k = i & 1 ? c[i] : 0, tmp = a[k];

			a[k] = a[i];
			a[i] = tmp;
			c[i]++;
			return true;
		}
		c[i++] = 0;
	}
	return false;
}

/* All frames of 1 to 5 segments, the last one short, in all orders: 153 arrivals, each segment a
 * train. */
static void every_order_of_arrival(void **state)
{
	unsigned int n_orders = 0;

	(void)state;
	for (unsigned int n = 1; n <= 5; n++) {
		unsigned int a[5] = { 0, 1, 2, 3, 4 }, c[5] = { 0 };
		struct row r = { "order" };

		for (unsigned int i = 0; i < n; i++)
			r.arrivals[i] = (struct tst_seg){
				.len = n * 100 - 63, .at = i * 100, .n = i + 1 < n ? 100 : 37
			};
		do {
			tst_open(&t, NULL);
			run_row(&r, a, n);
			tst_expect(&t, frame, n * 100 - 63);
			tst_no_drops(&t);
			tst_close(&t);
			n_orders++;
		} while (permute(a, c, n));
	}
	assert_int_equal(n_orders, 1 + 2 + 6 + 24 + 120);
}

/* Merging is associative: six segments cut into trains at every choice of borders, trains in both
 * orders. */
static void merging_is_associative(void **state)
{
	(void)state;
	for (unsigned int borders = 0; borders < 32; borders++)
		for (unsigned int back = 0; back < 2; back++) {
			unsigned int from[7], n_trains = 0;

			for (unsigned int i = 0; i < 6; i++)
				if (!i || borders & 1 << (i - 1))
					from[n_trains++] = i;
			from[n_trains] = 6;
			tst_open(&t, NULL);
			for (unsigned int k = 0; k < n_trains; k++) {
				const unsigned int tr = back ? n_trains - 1 - k : k;

				for (unsigned int i = from[tr]; i < from[tr + 1]; i++)
					tst_add(&t, &(struct tst_seg){ .frame = frame,
							    .len = 583,
							    .at = i * 100,
							    .n = i < 5 ? 100 : 83,
							    .id = 3 });
				tst_recv(&t);
			}
			tst_expect(&t, frame, 583);
			tst_no_drops(&t);
			tst_close(&t);
		}
}

static void add_segs(unsigned int from, unsigned int to, uint32_t id)
{
	for (unsigned int i = from; i < to; i++)
		tst_add(&t,
			&(struct tst_seg){
				.frame = frame, .len = 1000, .at = i * 100, .n = 100, .id = id });
	tst_recv(&t);
}

/* Trains that share some segments: each segment counts for itself, however it was merged. */
static void duplicates_inside_merged_runs(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_segs(2, 6, 1);
	add_segs(0, 4, 1);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 2);
	add_segs(5, 8, 1);
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 1);
	add_segs(0, 10, 1); /* the whole frame, of which 8 are held */
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 8);
	tst_expect(&t, frame, 1000);
	add_segs(3, 5, 1); /* after the end */
	assert_int_equal(tst_drops(&t, DROP_SCLP_DUPLICATE), 2);
	assert_int_equal(t.remote[0].n_frames, 0);
	tst_no_drops(&t);
	tst_close(&t);
}

/* An ended frame is remembered for one time-out, then its identification is free again. */
static void memory_of_ended_frames_ends(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_segs(0, 3, 1);
	t.now_ns += TST_TIMEOUT;
	sclp_rx_expire(t.rx, t.now_ns, &t.out);
	assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 1);
	add_segs(3, 10, 1);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LATE), 7);
	t.now_ns += TST_TIMEOUT;
	add_segs(0, 3, 1);
	add_segs(3, 10, 1);
	tst_expect(&t, frame, 1000);
	tst_no_drops(&t);
	tst_close(&t);
}

static void deadline_is_that_of_the_oldest(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	assert_int_equal(sclp_rx_deadline(t.rx), UINT64_MAX);
	add_segs(0, 3, 1);
	t.now_ns += 1000;
	add_segs(0, 3, 2);
	assert_int_equal(sclp_rx_deadline(t.rx), t.now_ns - 1000 + TST_TIMEOUT);
	sclp_rx_expire(t.rx, t.now_ns - 1000 + TST_TIMEOUT, &t.out);
	assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 1);
	assert_int_equal(sclp_rx_deadline(t.rx), t.now_ns + TST_TIMEOUT);
	add_segs(3, 10, 2);
	tst_expect(&t, frame, 1000);
	assert_int_equal(sclp_rx_deadline(t.rx), UINT64_MAX);
	tst_no_drops(&t);
	tst_close(&t);
}

/* Frames of different addresses, ports or identifications have nothing to do with each other. */
static void keys_keep_frames_apart(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (unsigned int half = 0; half < 2; half++)
		for (unsigned int k = 0; k < 8; k++) {
			struct tst_seg s = { .frame = frame + k,
				.len = 200,
				.at = half * 100,
				.n = 100,
				.id = 5 + (k & 1),
				.sport = (uint16_t)(50000 + (k >> 1 & 1)) };

			tst_from(&t, k >> 2);
			tst_seg(&t, &s);
			if (half)
				tst_expect(&t, frame + k, 200);
		}
	tst_no_drops(&t);
	tst_close(&t);
}

static void pass(uint32_t id)
{
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = 500, .n = 500, .id = id });
	tst_expect(&t, frame, 500);
}

/* Three later frames of the same flow complete: the incomplete one will not. */
static void overtaken_by_later_frames_of_its_flow(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_segs(0, 5, 0x7fffffff); /* identifications wrap */
	pass(0);
	pass(1);
	pass(0x7ffffffe); /* an earlier one does not count */
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = 9, .n = 9, .id = 2, .sport = 50001 });
	tst_expect(&t, frame, 9); /* nor does another flow */
	tst_from(&t, 1);
	pass(2);
	pass(3);
	pass(4); /* nor another remote */
	tst_from(&t, 0);
	assert_int_equal(tst_drops(&t, DROP_SCLP_OVERTAKEN), 0);
	add_segs(0, 3, 2); /* completed by level 2: counts like any */
	add_segs(3, 10, 2);
	assert_int_equal(tst_drops(&t, DROP_SCLP_OVERTAKEN), 1);
	tst_expect(&t, frame, 1000);
	add_segs(5, 10, 0x7fffffff);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LATE), 5);
	assert_int_equal(t.remote[0].n_timeout, 1);
	tst_no_drops(&t);
	tst_close(&t);
}

static void two_overtakers_are_not_enough(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	add_segs(0, 5, 1);
	pass(2);
	pass(3);
	add_segs(5, 10, 1);
	tst_expect(&t, frame, 1000);
	tst_no_drops(&t);
	tst_close(&t);
}

static void reorder_0_never_gives_up_early(void **state)
{
	struct sclp_rx_conf conf = { 16, 16, 1 << 20, TST_TIMEOUT, 0, true };

	(void)state;
	tst_open(&t, &conf);
	add_segs(0, 5, 1);
	for (uint32_t id = 2; id < 100; id++)
		pass(id);
	add_segs(5, 10, 1);
	tst_expect(&t, frame, 1000);
	tst_no_drops(&t);
	tst_close(&t);
}

static const struct {
	const char *name;
	uint8_t tos[3], want;
} ecn_rows[] = {
	{ "not_ect", { 0, 0, 0 }, 0 },
	{ "ect_stays", { 2, 2, 2 }, 2 },
	{ "ce_on_the_first", { 3, 2, 2 }, 3 },
	{ "ce_on_the_middle", { 2, 3, 2 }, 3 },
	{ "ce_on_the_last", { 2, 2, 3 }, 3 },
	{ "dscp_of_the_first_seen", { 0xb8 | 1, 0xb8 | 1, 0xb8 | 3 }, 0xb8 | 3 },
};

static void ce_on_any_segment_marks_the_frame(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(ecn_rows); i++) {
		print_message("   %s\n", ecn_rows[i].name);
		tst_open(&t, NULL);
		for (unsigned int k = 0; k < 3; k++) {
			t.from.tos = ecn_rows[i].tos[k];
			tst_seg(&t, &(struct tst_seg){ .frame = frame,
					    .len = 300,
					    .at = k * 100,
					    .n = 100,
					    .id = 1 });
		}
		assert_int_equal(pkt_meta(t.out.head)->tos, ecn_rows[i].want);
		tst_expect(&t, frame, 300);
		tst_close(&t);
	}
}

static void too_many_segments_make_a_frame_invalid(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (uint32_t i = 0; i < SCLP_SEGS_MAX; i++)
		tst_seg(&t,
			&(struct tst_seg){
				.frame = frame, .len = SCLP_SEGS_MAX, .at = i, .n = 1, .id = 1 });
	tst_expect(&t, frame, SCLP_SEGS_MAX);
	for (uint32_t i = 0; i <= SCLP_SEGS_MAX; i++)
		tst_seg(&t, &(struct tst_seg){ .frame = frame,
				    .len = SCLP_SEGS_MAX + 1,
				    .at = i,
				    .n = 1,
				    .id = 2 });
	assert_int_equal(tst_drops(&t, DROP_SCLP_INVALID), 1);
	for (uint32_t i = 0; i <= SCLP_SEGS_MAX; i++)
		tst_add(&t, &(struct tst_seg){ .frame = frame,
				    .len = SCLP_SEGS_MAX + 1,
				    .at = i,
				    .n = 1,
				    .id = 3 });
	tst_recv(&t);
	assert_int_equal(tst_drops(&t, DROP_SCLP_INVALID), 1);
	tst_no_drops(&t);
	tst_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_one_row_each),
		cmocka_unit_test(every_order_of_arrival),
		cmocka_unit_test(merging_is_associative),
		cmocka_unit_test(duplicates_inside_merged_runs),
		cmocka_unit_test(memory_of_ended_frames_ends),
		cmocka_unit_test(deadline_is_that_of_the_oldest),
		cmocka_unit_test(keys_keep_frames_apart),
		cmocka_unit_test(overtaken_by_later_frames_of_its_flow),
		cmocka_unit_test(two_overtakers_are_not_enough),
		cmocka_unit_test(reorder_0_never_gives_up_early),
		cmocka_unit_test(ce_on_any_segment_marks_the_frame),
		cmocka_unit_test(too_many_segments_make_a_frame_invalid),
	};

	tst_pattern(frame, sizeof(frame), 1);
	return cmocka_run_group_tests_name("sclp_reass", tests, eal_test_setup, eal_test_teardown);
}
