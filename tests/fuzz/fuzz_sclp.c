/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SCLP receiver fed with anything: a sequence of trains and clock steps from the input.
 *
 * Input: records { op, a, b, c } followed by c * 256 + b bytes (as many as are left) of a train.
 *   op bits 0-1: remote; 2: covered by a UDP checksum; 3: ECN CE; 4: fix the segments up into
 * plausible ones with small identifications; 5: step the clock by b ms instead; 6: forget the
 * remote first; 7: split the first mbuf at a. After each record the bounds hold; at the end every
 * buffer is back.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/eal_test.h"
#include "tunnel/sclp_rx.h"
#include "uapi/sclp.h"

#define N_REMOTES 4

static const struct sclp_rx_conf conf = { .n_frames = 12,
	.n_frames_remote = 5,
	.n_bytes = 40000,
	.timeout_ns = 100000000,
	.reorder = 2,
	.recovery = true };

struct state {
	struct sclp_rx *rx;
	struct sclp_rx_remote remotes[N_REMOTES];
	uint64_t now_ns;
	struct pkt_list out;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct rte_mbuf *make_train(const uint8_t *bytes, uint32_t n, uint32_t split)
{
	struct rte_mbuf *m = pkt_alloc_small();
	uint32_t off = RTE_MIN(n, split);

	must(m);
	memcpy(rte_pktmbuf_mtod(m, void *), bytes, off);
	m->data_len = (uint16_t)off;
	m->pkt_len = off;
	if (off < n) {
		struct rte_mbuf *big = pkt_alloc_big();

		must(big);
		memcpy(rte_pktmbuf_mtod(big, void *), bytes + off, n - off);
		big->data_len = (uint16_t)(n - off);
		big->pkt_len = n - off;
		pkt_append(m, big);
	}
	return m;
}

/* Port, few identifications and positions on a coarse grid: segments that have to do with each
 * other. */
static void make_plausible(uint8_t *p, uint32_t n, uint32_t stride)
{
	for (; n >= SCLP_HLEN; p += stride, n -= RTE_MIN(n, stride)) {
		p[0] = 0xc0;
		p[1] &= 1;
		p[2] = SCLP_PORT_VXLAN >> 8;
		p[3] = SCLP_PORT_VXLAN & 0xff;
		p[4] = p[5] = p[6] = 0;
		p[7] &= 7;
		p[8] = 0;
	}
}

static void check(struct state *s)
{
	uint32_t n_frames = 0;
	uint64_t n_bytes = 0;
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < N_REMOTES; i++) {
		must(s->remotes[i].n_frames <= conf.n_frames_remote);
		n_frames += s->remotes[i].n_frames;
		n_bytes += s->remotes[i].n_bytes;
	}
	must(n_frames <= conf.n_frames && n_bytes <= conf.n_bytes);
	must((sclp_rx_deadline(s->rx) == UINT64_MAX) == (n_frames == 0));
	while ((m = pkt_list_pop(&s->out))) {
		uint32_t n = 0, n_segs = 0;

		for (struct rte_mbuf *seg = m; seg; seg = seg->next, n_segs++)
			n += seg->data_len;
		must(n == m->pkt_len && n_segs == m->nb_segs && n);
		pkt_done(m);
	}
}

/* One record; returns the bytes used. */
static size_t step(struct state *s, const uint8_t *data, size_t n_data)
{
	static uint8_t bytes[65536];
	const uint8_t op = data[0], a = data[1], b = data[2];
	const size_t n = RTE_MIN(n_data - 4, (size_t)data[3] << 8 | b);
	struct sclp_rx_from from = {
		.remote = &s->remotes[op & 3], .obj = 1, .tos = op & 8 ? 3 : 2, .csum_done = op & 4
	};

	if (op & 0x40)
		sclp_rx_forget(s->rx, from.remote);
	if (op & 0x20) {
		s->now_ns += b * 1000000ull;
		sclp_rx_expire(s->rx, s->now_ns, &s->out);
		return 4;
	}
	from.addr[0] = op & 3;
	memcpy(bytes, data + 4, n);
	if (op & 0x10)
		make_plausible(bytes, (uint32_t)n, a ? a : (uint32_t)RTE_MAX(n, 1u));
	sclp_rx_train(s->rx, &from, make_train(bytes, (uint32_t)n, op & 0x80 ? a : PKT_SMALL_ROOM),
		a, s->now_ns, &s->out);
	return 4 + n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct state s = { .now_ns = 1 };

	if (!started && eal_test_start(16))
		abort();
	started = true;
	s.rx = sclp_rx_create(&conf);
	must(s.rx);
	pkt_list_init(&s.out);
	while (n_data > 4) {
		const size_t n = step(&s, data, n_data);

		check(&s);
		data += n;
		n_data -= n;
	}
	sclp_rx_destroy(s.rx);
	must(eal_test_pools_full());
	return 0;
}
