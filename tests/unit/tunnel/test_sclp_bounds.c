/* SPDX-License-Identifier: BSD-3-Clause */
/* Bounds of reassembly, who pays when they are reached, and floods. */
#include "sclp_test.h"

#include <string.h>

#include "../../lib/eal_test.h"

static struct tst t;
static uint8_t frame[TST_LEN_MAX];

#define TRUE_1 2500 /* a piece of some hundred bytes pins less */

/* First segment, @n bytes of a frame of 1,000. */
static void first(unsigned int remote, uint32_t id, uint32_t n)
{
	tst_from(&t, remote);
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = 1000, .n = n, .id = id });
}

static void rest(unsigned int remote, uint32_t id, uint32_t n)
{
	tst_from(&t, remote);
	tst_seg(&t,
		&(struct tst_seg){ .frame = frame, .len = 1000, .at = n, .n = 1000 - n, .id = id });
}

static void a_remote_gives_up_its_own_oldest(void **state)
{
	const struct sclp_rx_conf conf = { 100, 4, 1 << 20, TST_TIMEOUT, 0, true };

	(void)state;
	tst_open(&t, &conf);
	first(1, 1, 500);
	for (uint32_t id = 1; id <= 6; id++)
		first(0, id, 500);
	assert_int_equal(t.remote[0].n_frames, 4);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LIMIT_REMOTE), 2);
	rest(0, 2, 500);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LATE), 1);
	for (uint32_t id = 3; id <= 6; id++) {
		rest(0, id, 500);
		tst_expect(&t, frame, 1000);
	}
	rest(1, 1, 500);
	tst_expect(&t, frame, 1000);
	tst_no_drops(&t);
	tst_close(&t);
}

static void the_greediest_pays_for_the_total(void **state)
{
	const struct sclp_rx_conf conf = { 16, 12, 1 << 20, TST_TIMEOUT, 0, true };

	(void)state;
	tst_open(&t, &conf);
	for (uint32_t id = 0; id < 3; id++)
		first(0, id, 500);
	for (uint32_t id = 0; id < 11; id++)
		first(1, id, 500);
	for (uint32_t id = 3; id < 6; id++) /* 16 are held when the last comes */
		first(0, id, 500);
	assert_int_equal(t.remote[0].n_frames, 6);
	assert_int_equal(t.remote[1].n_frames, 10);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LIMIT_TOTAL), 1);
	for (uint32_t id = 0; id < 6; id++) {
		rest(0, id, 500);
		tst_expect(&t, frame, 1000);
	}
	rest(1, 0, 500);
	assert_int_equal(tst_drops(&t, DROP_SCLP_LATE), 1);
	sclp_rx_forget(t.rx, &t.remote[1]);
	assert_int_equal(tst_drops(&t, DROP_SHUTDOWN), 10);
	tst_no_drops(&t);
	tst_close(&t);
}

static void the_largest_pays_for_the_bytes(void **state)
{
	const struct sclp_rx_conf conf = { 1000, 1000, 40 * TRUE_1, TST_TIMEOUT, 0, true };

	(void)state;
	tst_open(&t, &conf);
	for (uint32_t id = 0; id < 3; id++)
		first(0, id, 900);
	for (uint32_t id = 0; id < 500; id++) {
		first(1, id, 900);
		assert_true(t.remote[0].n_bytes + t.remote[1].n_bytes <= conf.n_bytes);
	}
	assert_int_equal(t.remote[0].n_frames, 3);
	for (uint32_t id = 0; id < 3; id++) {
		rest(0, id, 900);
		tst_expect(&t, frame, 1000);
	}
	assert_int_equal(tst_drops(&t, DROP_SCLP_LIMIT_BYTES), 500 - t.remote[1].n_frames);
	assert_true(t.remote[1].n_frames >= 35);
	sclp_rx_forget(t.rx, &t.remote[1]);
	tst_drops(&t, DROP_SHUTDOWN);
	tst_no_drops(&t);
	tst_close(&t);
}

/* More remotes than any honest one holds: three flood, the fourth loses nothing. */
static void honest_remote_under_three_floods(void **state)
{
	const struct sclp_rx_conf conf = { 64, 32, 64 * TRUE_1, TST_TIMEOUT, 3, true };

	(void)state;
	tst_open(&t, &conf);
	for (uint32_t k = 0; k < 3000; k++) {
		for (unsigned int a = 1; a < 4; a++)
			first(a, k, 1 + k % 999);
		t.now_ns += 1000;
		first(0, k, 700);
		for (unsigned int a = 1; a < 4; a++)
			first(a, k + 1000000, 500);
		rest(0, k, 700);
		tst_expect(&t, frame, 1000);
	}
	assert_int_equal(t.remote[0].n_done, 3000);
	assert_int_equal(t.remote[0].n_timeout, 0);
	tst_close(&t);
}

/* A million first segments: all counted, held memory bounded at every step. */
static void flood_of_first_segments(void **state)
{
	const struct sclp_rx_conf conf = { 1024, 256, 4 << 20, TST_TIMEOUT, 3, true };
	const uint32_t n = 1000000;
	struct pkt_pool_use before, now;
	uint64_t n_counted;

	(void)state;
	tst_open(&t, &conf);
	pkt_pools_use(&before);
	for (uint32_t id = 0; id < n; id++) {
		first(1, id, 1 + id % 64);
		assert_true(t.remote[1].n_bytes <= 256 * TRUE_1);
		if (id % 1000 == 0) {
			first(0, id, 500);
			rest(0, id, 500);
			tst_expect(&t, frame, 1000);
		}
	}
	pkt_pools_use(&now);
	assert_true(before.small_free - now.small_free <= 256);
	assert_int_equal(before.big_free, now.big_free);
	n_counted = tst_drops(&t, DROP_SCLP_LIMIT_REMOTE);
	assert_int_equal(n_counted, n - 256);
	sclp_rx_expire(t.rx, t.now_ns + TST_TIMEOUT, &t.out);
	assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 256);
	assert_int_equal(t.remote[1].n_timeout, n);
	tst_no_drops(&t);
	tst_close(&t);
}

/* One small segment of a held frame behind 60 KB that are not held: it must not keep the big
 * buffer. */
static void a_small_piece_does_not_pin_a_big_buffer(void **state)
{
	struct pkt_pool_use before, now;

	(void)state;
	tst_open(&t, NULL);
	pkt_pools_use(&before);
	for (uint32_t at = 0; at < 60000; at += 1000)
		tst_add(&t, &(struct tst_seg){
				    .frame = frame, .len = 60000, .at = at, .n = 1000, .id = 1 });
	tst_add(&t, &(struct tst_seg){ .frame = frame, .len = 2000, .n = 1000, .id = 2 });
	tst_recv(&t);
	tst_expect(&t, frame, 60000);
	pkt_pools_use(&now);
	assert_int_equal(now.big_free, before.big_free);
	assert_int_equal(t.remote[0].n_frames, 1);
	assert_true(t.remote[0].n_bytes < 3000);
	tst_seg(&t,
		&(struct tst_seg){ .frame = frame, .len = 2000, .at = 1000, .n = 1000, .id = 2 });
	tst_expect(&t, frame, 2000);
	tst_no_drops(&t);
	tst_close(&t);
}

/* Segments of one byte, each frame as many as may be: accounted with the buffers, not with the
 * bytes. */
static void one_byte_segments_are_accounted_with_their_buffers(void **state)
{
	const struct sclp_rx_conf conf = { 1024, 1024, 1 << 20, TST_TIMEOUT, 0, true };

	(void)state;
	tst_open(&t, &conf);
	for (uint32_t id = 0; id < 100; id++)
		for (uint32_t at = 0; at < 50; at += 2) {
			tst_seg(&t,
				&(struct tst_seg){
					.frame = frame, .len = 100, .at = at, .n = 1, .id = id });
			assert_true(t.remote[0].n_bytes <= conf.n_bytes);
		}
	assert_true(tst_drops(&t, DROP_SCLP_LIMIT_BYTES) > 0);
	tst_close(&t);
}

static void hold_all(struct rte_mbuf *(*alloc)(void), struct pkt_list *l)
{
	struct rte_mbuf *m;

	pkt_list_init(l);
	while ((m = alloc()))
		pkt_list_add(l, m);
}

static void let_go(struct pkt_list *l)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(l)))
		pkt_done(m);
}

/* No buffer left to share with: counted, and nothing half done stays. */
static void without_buffers_frames_are_counted(void **state)
{
	struct pkt_list all;

	(void)state;
	tst_open(&t, NULL);
	hold_all(pkt_alloc_hdr, &all);
	for (uint32_t at = 0; at < 3000; at += 1000)
		tst_add(&t, &(struct tst_seg){
				    .frame = frame, .len = 3000, .at = at, .n = 1000, .id = 1 });
	tst_recv(&t);
	assert_int_equal(tst_drops(&t, DROP_NO_BUFFER), 1);
	for (uint32_t at = 0; at < 2000; at += 1000)
		tst_add(&t, &(struct tst_seg){
				    .frame = frame, .len = 3000, .at = at, .n = 1000, .id = 2 });
	tst_recv(&t);
	assert_int_equal(tst_drops(&t, DROP_NO_BUFFER), 1);
	assert_int_equal(t.remote[0].n_frames, 0);
	first(0, 3, 5); /* would be copied into a header buffer */
	assert_int_equal(tst_drops(&t, DROP_NO_BUFFER), 1);
	assert_int_equal(t.remote[0].n_frames, 0);
	let_go(&all);
	tst_no_drops(&t);
	tst_close(&t);
}

static void destroy_gives_all_buffers_back(void **state)
{
	(void)state;
	tst_open(&t, NULL);
	for (uint32_t id = 0; id < 40; id++)
		first(id % 3, id, 500);
	tst_close(&t);
	assert_int_equal(tst_drops(&t, DROP_SHUTDOWN), 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_remote_gives_up_its_own_oldest),
		cmocka_unit_test(the_greediest_pays_for_the_total),
		cmocka_unit_test(the_largest_pays_for_the_bytes),
		cmocka_unit_test(honest_remote_under_three_floods),
		cmocka_unit_test(flood_of_first_segments),
		cmocka_unit_test(a_small_piece_does_not_pin_a_big_buffer),
		cmocka_unit_test(one_byte_segments_are_accounted_with_their_buffers),
		cmocka_unit_test(without_buffers_frames_are_counted),
		cmocka_unit_test(destroy_gives_all_buffers_back),
	};

	tst_pattern(frame, sizeof(frame), 1);
	return cmocka_run_group_tests_name("sclp_bounds", tests, eal_test_setup, eal_test_teardown);
}
