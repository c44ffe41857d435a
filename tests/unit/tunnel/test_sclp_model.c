/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sender, a network that loses, doubles and reorders, a level 1 that merges as UDP_GRO does, and
 * the receiver, all at random.  Law: every packet delivered is byte for byte a frame that was sent
 * or a valid TCP part of one, and every frame of which anything arrived is delivered or counted.
 */
#include "sclp_test.h"

#include <stdlib.h>
#include <string.h>

#include "../../lib/eal_test.h"
#include "sclp_tcp.h"
#include "uapi/sclp.h"
#include "wire/l4.h"

#define N_FRAMES  2000 /* of each network */
#define N_WINDOW  64   /* frames in the air: what may be reordered */
#define N_PACKETS (N_WINDOW * SCLP_SEGS_MAX)
#define MARK_AT	  8 /* the destination address of the frame holds its number */

struct sent {
	uint8_t *bytes;
	uint32_t len;
	bool tcp, arrived, delivered;
	struct tcp_spec sp;
};

/* A segment in the network. */
struct packet {
	uint8_t *bytes;
	uint32_t n, frame;
	uint16_t sport;
	uint64_t order; /* when it arrives */
};

static const struct network {
	const char *name;
	unsigned int loss, dup; /* of 10,000 */
	unsigned int reach;	/* reordering: positions, 0 none */
	bool small_bounds;
} networks[] = {
	{ "clean", 0, 0, 0 },
	{ "loss_0.1_percent", 10, 0, 0 },
	{ "loss_1_percent", 100, 0, 0 },
	{ "loss_10_percent", 1000, 0, 0 },
	{ "reordering_near", 0, 0, 5 },
	{ "reordering_far", 0, 0, 2000 },
	{ "loss_and_reordering", 100, 0, 50 },
	{ "duplicates", 0, 500, 0 },
	{ "everything", 200, 200, 100 },
	{ "everything_and_little_memory", 200, 200, 300, true },
};

static struct tst t;
static struct sent sent[N_FRAMES];
static struct packet packets[2 * N_PACKETS];
static unsigned int n_packets;
static struct sclp_slices sl;
static uint64_t rnd;
static uint64_t n_whole, n_parts, n_again;

static uint32_t below(uint32_t n)
{
	return tst_rand(&rnd) % n;
}

static void make_tcp(struct sent *s, uint32_t len, uint32_t i)
{
	struct tcp_spec *sp = &s->sp;

	*sp = (struct tcp_spec){ .v6 = below(2),
		.n_vlan = (uint8_t)below(3),
		.flags = (uint8_t)(TCP_F_ACK | (below(2) ? TCP_F_PSH : 0) |
				   (below(4) ? 0 : TCP_F_CWR | TCP_F_ECE) |
				   (below(8) ? 0 : TCP_F_FIN)),
		.csum = 2 };
	sp->plen = len > tcp_hlen_of(sp) ? len - tcp_hlen_of(sp) : 1;
	sp->plen = RTE_MIN(sp->plen, 65535u - 32 - 20);
	if (sp->plen > 1448) {
		sp->gso = (uint8_t)(SCLP_META_GSO_TCPV4 + sp->v6);
		sp->gso_size = 1448;
		sp->ecn = sp->flags & TCP_F_CWR;
	}
	s->len = tcp_frame(s->bytes, sp, i);
}

static void make_frame(uint32_t i)
{
	static const uint32_t usual[] = { 60, 74, 1522, 65000, 65549 };
	struct sent *s = &sent[i];
	const uint32_t len = below(3) ? 60 + below(65490) : usual[below(RTE_DIM(usual))];

	*s = (struct sent){ .bytes = malloc(70000), .len = len, .tcp = below(3) };
	assert_non_null(s->bytes);
	if (s->tcp)
		make_tcp(s, len, i);
	else
		tst_pattern(s->bytes, len, i);
	memcpy(s->bytes + MARK_AT, &i, sizeof(i));
}

static void put_packet(uint32_t i, uint16_t sport, unsigned int seg, uint64_t order)
{
	struct packet *p = &packets[n_packets++];

	assert_true(n_packets <= RTE_DIM(packets));
	*p = (struct packet){ .bytes = malloc(9000), .frame = i, .sport = sport, .order = order };
	for (unsigned int k = sl.first[seg]; k < sl.first[seg + 1]; k++) {
		memcpy(p->bytes + p->n, sl.iov[k].iov_base, sl.iov[k].iov_len);
		p->n += (uint32_t)sl.iov[k].iov_len;
	}
	sent[i].arrived = true;
}

/* Frame @i goes into the network. */
static void send_frame(uint32_t i, const struct network *net)
{
	static const uint16_t plens[] = { 480, 1452, 1460, 8948 };
	static uint64_t clock;
	struct sclp_tx tx = { .dport = TST_PORT_RAW, .id = 0x7fffff00 + i, .csum = true };
	struct rte_mbuf *m = pkt_from_bytes(sent[i].bytes, sent[i].len);
	const uint16_t sport = (uint16_t)(50000 + below(3));

	assert_non_null(m);
	tx.id &= 0x7fffffff;
	tx.sport = rte_cpu_to_be_16(sport);
	tx.seg_plen = plens[below(RTE_DIM(plens))];
	assert_int_equal(sclp_slice(m, &tx, &sl), 0);
	for (unsigned int k = 0; k < sl.n_segs; k++) {
		clock++;
		if (below(10000) >= net->loss)
			put_packet(i, sport, k,
				(clock + (net->reach ? below(net->reach) : 0)) << 20 | k);
		if (below(10000) < net->dup)
			put_packet(i, sport, k,
				(clock + (net->reach ? below(net->reach) : 0)) << 20 | k);
	}
	pkt_done(m);
}

static int by_order(const void *a, const void *b)
{
	const struct packet *pa = a, *pb = b;

	return pa->order < pb->order ? -1 : pa->order > pb->order;
}

/* Is @got the part of @s that it claims to be? */
static bool is_part(const struct sent *s, const uint8_t *got, uint32_t n)
{
	static uint8_t want[TST_LEN_MAX];
	const uint32_t hlen = s->tcp ? tcp_hlen_of(&s->sp) : 0;
	uint32_t off;
	uint16_t ids;

	if (!s->tcp || n <= hlen)
		return false;
	off = tcp_seq_off(got, s->bytes, &s->sp);
	if (off >= s->sp.plen || off + n - hlen > s->sp.plen)
		return false;
	ids = (uint16_t)(tcp_ip_id(got, &s->sp) - tcp_ip_id(s->bytes, &s->sp));
	assert_true(ids <= s->sp.plen / 1448 + 60);
	assert_int_equal(
		tcp_part(want, s->bytes, &s->sp, off, n - hlen, tcp_ip_id(got, &s->sp)), n);
	return !memcmp(got, want, n);
}

static void check_delivered(void)
{
	static uint8_t got[TST_LEN_MAX];
	uint32_t n, i;

	while (!pkt_list_empty(&t.out)) {
		n = tst_pop(&t, got, NULL);
		assert_true(n >= 60);
		memcpy(&i, got + MARK_AT, sizeof(i));
		assert_true(i < N_FRAMES);
		if (n == sent[i].len && !memcmp(got, sent[i].bytes, n)) {
			n_whole++;
			n_again += sent[i].delivered;
			sent[i].delivered = true;
		} else if (is_part(&sent[i], got, n)) {
			n_parts++;
		} else {
			fail_msg("frame %u: %u bytes that nobody sent", i, n);
		}
	}
}

/* All of the network arrives: trains of equal neighbours of one flow, cut at random. */
static void arrive(void)
{
	qsort(packets, n_packets, sizeof(packets[0]), by_order);
	for (unsigned int i = 0; i < n_packets; i++) {
		const struct packet *p = &packets[i], *next = p + 1;

		if (!t.train_len)
			t.train_stride = p->n;
		memcpy(t.train + t.train_len, p->bytes, p->n);
		t.train_len += p->n;
		if (i + 1 < n_packets && next->sport == p->sport && p->n == t.train_stride &&
			next->n <= p->n && t.train_len + next->n <= 65507 && below(40))
			continue;
		t.from.csum_done = below(2);
		t.split = below(2) ? 0 : 1 + below(PKT_SMALL_ROOM);
		t.now_ns += below(20000); /* a window is over long before the time-out */
		sclp_rx_expire(t.rx, t.now_ns, &t.out);
		tst_recv(&t);
		check_delivered();
		assert_true(t.remote[0].n_bytes <= t.conf.n_bytes);
		assert_true(t.remote[0].n_frames <= t.conf.n_frames_remote);
	}
	for (unsigned int i = 0; i < n_packets; i++)
		free(packets[i].bytes);
	n_packets = 0;
}

static void run_network(const struct network *net)
{
	const struct sclp_rx_conf small = { 20, 10, 300000, TST_TIMEOUT, 3, true };
	uint64_t n_arrived = 0, n_lost = 0, n_dup;

	tst_open(&t, net->small_bounds ? &small : NULL);
	n_whole = n_parts = n_again = 0;
	for (uint32_t i = 0; i < N_FRAMES; i++)
		make_frame(i);
	for (uint32_t i = 0; i < N_FRAMES; i++) {
		send_frame(i, net);
		if (i % N_WINDOW == N_WINDOW - 1 || i + 1 == N_FRAMES)
			arrive();
	}
	t.now_ns += TST_TIMEOUT;
	sclp_rx_expire(t.rx, t.now_ns, &t.out);
	check_delivered();
	for (uint32_t i = 0; i < N_FRAMES; i++) {
		n_arrived += sent[i].arrived;
		free(sent[i].bytes);
	}
	n_lost = tst_drops(&t, DROP_SCLP_TIMEOUT) + tst_drops(&t, DROP_SCLP_OVERTAKEN) +
		 tst_drops(&t, DROP_SCLP_LIMIT_REMOTE) + tst_drops(&t, DROP_SCLP_LIMIT_TOTAL) +
		 tst_drops(&t, DROP_SCLP_LIMIT_BYTES);
	n_dup = tst_drops(&t, DROP_SCLP_DUPLICATE);
	print_message(
		"   %s: %lu whole, %lu given up, %lu recovered as %lu parts, %lu duplicates\n",
		net->name, n_whole, n_lost, t.remote[0].n_recovered, n_parts, n_dup);
	assert_int_equal(t.remote[0].n_done, n_whole);
	assert_int_equal(t.remote[0].n_timeout, n_lost);
	if (!net->dup) { /* each frame ends in exactly one way */
		assert_int_equal(n_whole + n_lost, n_arrived);
		assert_int_equal(n_dup + n_again, 0);
	} else { /* a copy that comes late is a frame of its own */
		assert_true(n_whole - n_again + n_lost >= n_arrived);
		assert_true(n_dup + n_again > 0);
	}
	if (!net->loss && !net->dup && net->reach < 10)
		assert_int_equal(n_whole + tst_drops(&t, DROP_SCLP_LATE), N_FRAMES);
	tst_drops(&t, DROP_SCLP_LATE);
	tst_no_drops(&t);
	tst_close(&t);
}

static void every_packet_delivered_was_sent(void **state)
{
	const char *seed = getenv("CVSW_TEST_SEED");

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(networks); i++) {
		rnd = (seed ? strtoull(seed, NULL, 0) : 1) * 1000 + i;
		run_network(&networks[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_delivered_was_sent),
	};

	return cmocka_run_group_tests_name("sclp_model", tests, eal_test_setup, eal_test_teardown);
}
