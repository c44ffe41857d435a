/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss recovery: which parts of a lost frame are delivered, and that each is the packet it should
 * be, byte for byte. */
#include "sclp_test.h"

#include <string.h>

#include "../../lib/eal_test.h"
#include "sclp_tcp.h"
#include "uapi/sclp.h"
#include "wire/l4.h"

static struct tst t;
static uint8_t frame[TST_LEN_MAX], want[TST_LEN_MAX];

#define PLEN   1460
#define N_SEGS 10
#define GSO    1400
#define ACK    TCP_F_ACK
#define ALL    (TCP_F_FIN | TCP_F_PSH | TCP_F_CWR | TCP_F_ACK | TCP_F_ECE)
#define NONE   SCLP_META_GSO_NONE
#define TCP    SCLP_META_GSO_TCPV4 /* or v6: by spec */
#define OWED   SCLP_META_CSUM_OWED
#define GOOD   SCLP_META_CSUM_VERIFIED

/* A frame of 10 segments, of which some are lost; runs of those that arrived, to be delivered. */
static const struct row {
	const char *name;
	uint16_t lost; /* bit i: segment i */
	struct {
		uint8_t from, to;
	} parts[5];
} rows[] = {
	{ "hole_behind_the_first", 1 << 1, { { 0, 1 }, { 2, 10 } } },
	{ "hole_in_the_middle", 1 << 5, { { 0, 5 }, { 6, 10 } } },
	{ "hole_at_the_end", 1 << 9, { { 0, 9 } } },
	{ "two_holes", 1 << 3 | 1 << 6, { { 0, 3 }, { 4, 6 }, { 7, 10 } } },
	{ "wide_hole", 0x7c, { { 0, 2 }, { 7, 10 } } },
	{ "every_second_one", 1 << 1 | 1 << 3 | 1 << 5 | 1 << 7,
		{ { 0, 1 }, { 2, 3 }, { 4, 5 }, { 6, 7 }, { 8, 10 } } },
	{ "only_the_first", 0x3fe, { { 0, 1 } } },
	{ "only_first_and_last", 0x1fe, { { 0, 1 }, { 9, 10 } } },
};

static const struct tcp_spec specs[] = {
	{ .flags = ALL, .csum = OWED, .gso = TCP, .gso_size = GSO, .ecn = true },
	{ .flags = ACK | TCP_F_PSH, .csum = OWED, .gso = TCP, .gso_size = 1 },
	{ .flags = ACK, .csum = OWED, .gso = TCP, .gso_size = 8948, .n_vlan = 1 },
	{ .flags = ALL, .csum = GOOD, .gso = NONE, .n_vlan = 2, .n_opts = 5 },
	{ .flags = ALL, .csum = OWED, .gso = NONE, .pad = 100 },
};

/* Send all segments that are not lost, each a train, in the given order; give the frame up. */
static void lose(uint32_t len, uint16_t lost, bool backwards)
{
	for (uint32_t k = 0; k < N_SEGS; k++) {
		const uint32_t i = backwards ? N_SEGS - 1 - k : k;

		if (!(lost & 1 << i))
			tst_seg(&t, &(struct tst_seg){ .frame = frame,
					    .len = len,
					    .at = i * PLEN,
					    .n = RTE_MIN((uint32_t)PLEN, len - i * PLEN),
					    .id = 1 });
	}
	assert_true(pkt_list_empty(&t.out));
	t.now_ns += TST_TIMEOUT;
	sclp_rx_expire(t.rx, t.now_ns, &t.out);
	assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 1);
	assert_int_equal(t.remote[0].n_timeout, 1);
}

static void expect_parts(const struct row *r, const struct tcp_spec *sp, uint32_t len)
{
	const uint32_t hlen = tcp_hlen_of(sp);
	uint16_t next_id = tcp_ip_id(frame, sp);

	for (unsigned int p = 0; p < RTE_DIM(r->parts) && r->parts[p].to; p++) {
		const uint32_t from = RTE_MAX(r->parts[p].from * (uint32_t)PLEN, hlen) - hlen;
		const uint32_t to = RTE_MIN(r->parts[p].to * (uint32_t)PLEN, len - sp->pad) - hlen;
		uint16_t id = next_id++;

		if (sp->gso) { /* where the guest's own segments would be, or behind those before */
			const uint16_t own = (uint16_t)(tcp_ip_id(frame, sp) + from / sp->gso_size);

			next_id--;
			if ((int16_t)(own - id) > 0)
				id = own;
			next_id = (uint16_t)(id + (to - from + sp->gso_size - 1) / sp->gso_size);
		}
		tst_expect(&t, want, tcp_part(want, frame, sp, from, to - from, id));
	}
	assert_true(pkt_list_empty(&t.out));
}

static void parts_are_valid_tcp(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++)
		for (unsigned int k = 0; k < RTE_DIM(specs) * 4; k++) {
			struct tcp_spec sp = specs[k / 4];
			uint32_t len;

			sp.v6 = k & 1;
			if (sp.gso)
				sp.gso += sp.v6;
			sp.plen = 9 * PLEN + 700 - tcp_hlen_of(&sp) - sp.pad;
			if (!(k & 3))
				print_message("   %s\n", rows[i].name);
			tst_open(&t, NULL);
			t.from.tos = 2;
			len = tcp_frame(frame, &sp, i * 100 + k);
			lose(len, rows[i].lost, k & 2);
			assert_int_equal(pkt_meta(t.out.head)->tos, 2);
			assert_int_equal(t.remote[0].n_recovered, 1);
			expect_parts(&rows[i], &sp, len);
			tst_no_drops(&t);
			tst_close(&t);
		}
}

/* Frames that nobody can vouch for, or that are more than a stretch of a stream. */
static const struct {
	const char *name;
	struct tcp_spec sp;
	uint16_t lost;
	uint8_t break_at; /* byte of the frame to change, 0: none */
} refused[] = {
	{ "first_segment_lost", { .flags = ACK, .csum = OWED, .gso = TCP, .gso_size = GSO }, 1 },
	{ "no_metadata", { .flags = ACK, .no_meta = true }, 2 },
	{ "checksum_not_stated", { .flags = ACK, .csum = 0 }, 2 },
	{ "checksum_state_unknown", { .flags = ACK, .csum = 3 }, 2 },
	{ "type_contradicts_headers", { .flags = ACK, .csum = OWED, .gso = 2, .gso_size = GSO },
		2 },
	{ "type_without_size", { .flags = ACK, .csum = OWED, .gso = TCP }, 2 },
	{ "size_without_type", { .flags = ACK, .csum = OWED, .gso_size = GSO }, 2 },
	{ "reserved_type", { .flags = ACK, .csum = OWED, .gso = 5, .gso_size = GSO }, 2 },
	{ "syn", { .flags = TCP_F_SYN, .csum = OWED }, 2 },
	{ "rst", { .flags = TCP_F_RST | ACK, .csum = OWED }, 2 },
	{ "urgent_pointer", { .flags = TCP_F_URG | ACK, .csum = OWED }, 2 },
	{ "udp", { .udp = true, .csum = OWED, .gso = 3, .gso_size = GSO }, 2 },
	{ "ip_header_checksum_wrong", { .flags = ACK, .csum = OWED }, 2, 8 + 14 + 10 },
	{ "ip_fragment", { .flags = ACK, .csum = OWED }, 2, 8 + 14 + 6 },
	{ "vxlan_without_vni_flag", { .flags = ACK, .csum = OWED }, 2, 0xff },
};

static void what_is_not_recovered(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(refused); i++) {
		struct tcp_spec sp = refused[i].sp;
		uint32_t len;

		print_message("   %s\n", refused[i].name);
		tst_open(&t, NULL);
		sp.plen = 9 * PLEN + 700 - tcp_hlen_of(&sp);
		len = tcp_frame(frame, &sp, i);
		if (refused[i].break_at == 0xff)
			frame[0] = 0x40;
		else if (refused[i].break_at)
			frame[refused[i].break_at] ^= 0x20;
		lose(len, refused[i].lost, false);
		assert_true(pkt_list_empty(&t.out));
		assert_int_equal(t.remote[0].n_recovered, 0);
		tst_no_drops(&t);
		tst_close(&t);
	}
}

static const struct tcp_spec plain = {
	.flags = ALL, .csum = OWED, .gso = TCP, .gso_size = GSO, .plen = 9 * PLEN
};

static void recovery_can_be_off(void **state)
{
	const struct sclp_rx_conf conf = { 16, 16, 1 << 20, TST_TIMEOUT, 3, false };

	(void)state;
	tst_open(&t, &conf);
	lose(tcp_frame(frame, &plain, 1), 2, false);
	tst_no_drops(&t);
	tst_close(&t);
}

static void random_bytes_are_not_taken_for_tcp(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		const uint32_t len = tcp_frame(frame, &plain, seed);

		tst_open(&t, NULL);
		tst_pattern(frame + 8 + 12, 60, seed);
		lose(len, 2, false);
		tst_no_drops(&t);
		tst_close(&t);
	}
}

/* Headers that do not fit the first segment: nothing can be said of any byte. */
static void headers_split_between_segments(void **state)
{
	const uint32_t len = tcp_frame(frame, &plain, 1);

	(void)state;
	for (uint32_t n = 1; n <= tcp_hlen_of(&plain) + 1; n++) {
		tst_open(&t, NULL);
		tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = len, .n = n, .id = 1 });
		tst_seg(&t, &(struct tst_seg){
				    .frame = frame, .len = len, .at = 5000, .n = 1000, .id = 1 });
		t.now_ns += TST_TIMEOUT;
		sclp_rx_expire(t.rx, t.now_ns, &t.out);
		assert_int_equal(tst_drops(&t, DROP_SCLP_TIMEOUT), 1);
		if (n > tcp_hlen_of(&plain)) {
			const uint16_t id = tcp_ip_id(frame, &plain);
			const uint32_t off = 5000 - tcp_hlen_of(&plain);

			tst_expect(&t, want, tcp_part(want, frame, &plain, 0, 1, id));
			tst_expect(&t, want,
				tcp_part(want, frame, &plain, off, 1000,
					(uint16_t)(id + off / GSO)));
		} else if (n ==
			   tcp_hlen_of(&plain)) { /* headers alone say nothing new, but serve */
			tst_pop(&t, want, NULL);
		}
		assert_true(pkt_list_empty(&t.out));
		tst_no_drops(&t);
		tst_close(&t);
	}
}

/* Overtaken: the parts leave before the frame that made the measure full. */
static void parts_leave_before_the_overtaker(void **state)
{
	const uint32_t len = tcp_frame(frame, &plain, 1);

	(void)state;
	tst_open(&t, NULL);
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = len, .n = PLEN, .id = 1 });
	for (uint32_t id = 2; id < 5; id++)
		tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = 500, .n = 500, .id = id });
	tst_expect(&t, frame, 500);
	tst_expect(&t, frame, 500);
	tst_expect(&t, want,
		tcp_part(want, frame, &plain, 0, PLEN - tcp_hlen_of(&plain),
			tcp_ip_id(frame, &plain)));
	tst_expect(&t, frame, 500);
	assert_int_equal(tst_drops(&t, DROP_SCLP_OVERTAKEN), 1);
	tst_no_drops(&t);
	tst_close(&t);
}

static void parts_of_frames_given_up_at_a_bound(void **state)
{
	const struct sclp_rx_conf conf = { 16, 1, 1 << 20, TST_TIMEOUT, 3, true };
	const uint32_t len = tcp_frame(frame, &plain, 1);

	(void)state;
	tst_open(&t, &conf);
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = len, .n = PLEN, .id = 1 });
	tst_seg(&t,
		&(struct tst_seg){ .frame = frame, .len = len, .at = PLEN, .n = PLEN, .id = 2 });
	assert_int_equal(tst_drops(&t, DROP_SCLP_LIMIT_REMOTE), 1);
	tst_expect(&t, want,
		tcp_part(want, frame, &plain, 0, PLEN - tcp_hlen_of(&plain),
			tcp_ip_id(frame, &plain)));
	sclp_rx_forget(t.rx, &t.remote[0]);
	assert_int_equal(tst_drops(&t, DROP_SHUTDOWN), 1);
	tst_no_drops(&t);
	tst_close(&t);
}

static void an_invalid_frame_is_not_recovered(void **state)
{
	const uint32_t len = tcp_frame(frame, &plain, 1);

	(void)state;
	tst_open(&t, NULL);
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = len, .n = PLEN, .id = 1 });
	tst_seg(&t, &(struct tst_seg){ .frame = frame, .len = len, .at = 1, .n = PLEN, .id = 1 });
	assert_int_equal(tst_drops(&t, DROP_SCLP_INVALID), 1);
	assert_int_equal(sclp_rx_deadline(t.rx), UINT64_MAX);
	tst_no_drops(&t);
	tst_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_valid_tcp),
		cmocka_unit_test(what_is_not_recovered),
		cmocka_unit_test(recovery_can_be_off),
		cmocka_unit_test(random_bytes_are_not_taken_for_tcp),
		cmocka_unit_test(headers_split_between_segments),
		cmocka_unit_test(parts_leave_before_the_overtaker),
		cmocka_unit_test(parts_of_frames_given_up_at_a_bound),
		cmocka_unit_test(an_invalid_frame_is_not_recovered),
	};

	return cmocka_run_group_tests_name(
		"sclp_recover", tests, eal_test_setup, eal_test_teardown);
}
