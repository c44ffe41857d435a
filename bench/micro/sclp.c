/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCLP: a frame (VXLAN header and super-frame) is cut into segments, and reassembled from the
 * trains in which they arrive.  What is between, the copy that sendmsg() and recvmsg() make, is not
 * timed; nor is freeing the reassembled frame, as in GRO.
 */
#include "contest.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "frame.h"
#include "tunnel/sclp.h"
#include "tunnel/sclp_rx.h"

#define N_FRAMES    6
#define TRAIN_SEGS  64u /* limits of UDP_SEGMENT, which trains are made by */
#define TRAIN_BYTES 65507u
#define TRAINS_MAX  4
#define FRAME_NS    50000 /* between two frames on the receiver's clock: 10 Gb/s */
#define TIMEOUT_NS  100000000

struct sclp_train_laid {
	struct rte_mbuf *m;
	uint32_t stride;
};

struct sclp_job {
	struct frame f;
	uint32_t n_frames;
	const uint8_t *bytes; /* of the frame, in f */
	uint32_t len;
	struct sclp_tx tx;
	struct sclp_rx *rx;
	struct sclp_rx_remote remote;
	struct sclp_rx_from from;
	uint64_t now_ns;
	struct sclp_slices slices; /* of the frame being cut */
	struct rte_mbuf *frame[N_FRAMES];
	struct sclp_train_laid train[N_FRAMES][TRAINS_MAX];
	struct pkt_list out;
	uint8_t *copy;
};

/* The slices [first, end) of iov gathered into a buffer like a reader's. */
static struct rte_mbuf *gather(const struct sclp_slices *s, unsigned int first, unsigned int end)
{
	static uint8_t wire[TRAIN_BYTES];
	uint32_t n = 0;

	for (unsigned int i = first; i < end; i++) {
		assert(n + s->iov[i].iov_len <= sizeof(wire));
		memcpy(wire + n, s->iov[i].iov_base, s->iov[i].iov_len);
		n += (uint32_t)s->iov[i].iov_len;
	}
	return pkt_from_bytes(wire, n);
}

static void lay_trains(struct sclp_job *j, uint32_t i)
{
	const uint32_t stride = j->tx.seg_plen + (uint32_t)SCLP_HLEN;
	const uint32_t per_train = RTE_MIN(TRAIN_SEGS, TRAIN_BYTES / stride);
	struct sclp_slices *s = &j->slices;
	uint32_t n = 0;

	if (sclp_slice(j->frame[i], &j->tx, s))
		assert(!"a frame of 64 KB can be cut");
	for (uint32_t seg = 0; seg < s->n_segs; seg += per_train) {
		const uint32_t end = RTE_MIN(seg + per_train, s->n_segs);

		assert(n < TRAINS_MAX);
		j->train[i][n++] =
			(struct sclp_train_laid){ gather(s, s->first[seg], s->first[end]), stride };
	}
	j->tx.id = (j->tx.id + 1) & 0x7fffffff; /* the receiver remembers the earlier ones */
}

static void lay(void *job)
{
	struct sclp_job *j = job;

	pkt_list_init(&j->out);
	memset(j->train, 0, sizeof(j->train));
	for (uint32_t i = 0; i < j->n_frames; i++) {
		j->frame[i] = pkt_from_bytes(j->bytes, j->len);
		assert(j->frame[i]);
		lay_trains(j, i);
	}
}

static void run(void *job)
{
	struct sclp_job *j = job;

	for (uint32_t i = 0; i < j->n_frames; i++) {
		if (sclp_slice(j->frame[i], &j->tx, &j->slices))
			return; /* lay() has seen that it does not happen */
		for (uint32_t t = 0; t < TRAINS_MAX && j->train[i][t].m; t++) {
			struct rte_mbuf *m = j->train[i][t].m;

			j->train[i][t].m = NULL;
			sclp_rx_train(
				j->rx, &j->from, m, j->train[i][t].stride, j->now_ns, &j->out);
		}
		j->now_ns += FRAME_NS;
	}
}

static void copy_run(void *job)
{
	struct sclp_job *j = job;

	for (uint32_t i = 0; i < j->n_frames; i++) {
		pkt_copy_out(j->frame[i], 0, j->len, j->copy);
		__asm__ volatile("" ::"r"(j->copy) : "memory");
	}
}

static void drop(void *job)
{
	struct sclp_job *j = job;
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(&j->out)))
		pkt_done(m);
	for (uint32_t i = 0; i < j->n_frames; i++) {
		for (uint32_t t = 0; t < TRAINS_MAX; t++)
			if (j->train[i][t].m)
				pkt_done(j->train[i][t].m);
		pkt_done(j->frame[i]);
	}
}

static const char *check(void *job, uint32_t *n_out)
{
	static uint8_t b[FRAME_OUTER_MAX + GEN_MAX];
	struct sclp_job *j = job;
	struct rte_mbuf *m;

	run(j);
	*n_out = j->out.n_pkts;
	pkt_list_for_each(m, &j->out)
		if (m->pkt_len != j->len || chain_bytes(m, b) != j->len ||
			memcmp(b, j->bytes, j->len))
			return "a frame came out changed";
	return *n_out == j->n_frames ? NULL : "frames are missing";
}

static void sclp_close(void *job)
{
	struct sclp_job *j = job;

	sclp_rx_destroy(j->rx);
	free(j->copy);
	free(j);
}

static void make_ends(struct sclp_job *j, const struct point *pt)
{
	const bool csum = pt->flags & ROW_CSUM;
	const struct sclp_rx_conf conf = { .n_frames = 256,
		.n_frames_remote = 64,
		.n_bytes = 16 << 20,
		.timeout_ns = TIMEOUT_NS,
		.reorder = 16,
		.recovery = true };

	j->tx = (struct sclp_tx){ .sport = RTE_BE16(50000),
		.dport = RTE_BE16(SCLP_PORT_VXLAN),
		.seg_plen = (uint16_t)pt->seg,
		.csum = csum };
	j->rx = sclp_rx_create(&conf);
	assert(j->rx);
	j->from = (struct sclp_rx_from){ .remote = &j->remote, .csum_done = !csum };
	j->now_ns = 1000000000;
}

/* The payload is that of chain_open() with segments as long as the same MTU allows there. */
void sclp_open(const struct point *pt, struct contest *c)
{
	struct sclp_job *j = xcalloc(1, sizeof(*j));
	const uint32_t plen = frame_plen_max(pt->proto);

	frame_build(&j->f, pt->proto, &(struct frame_at){ .plen = plen });
	j->n_frames = N_FRAMES;
	j->bytes = j->f.b + j->f.tun;
	j->len = j->f.len - j->f.tun;
	j->copy = xcalloc(1, j->len);
	make_ends(j, pt);
	*c = (struct contest){ .n_units = j->n_frames,
		.unit_bytes = plen,
		.working_set = 2ull * j->n_frames * j->len,
		.job = j,
		.close = sclp_close };
	contest_add(
		c, &(struct impl){
			   .name = "cvsw", .lay = lay, .run = run, .drop = drop, .check = check });
	contest_add(
		c, &(struct impl){ .name = "memcpy", .lay = lay, .run = copy_run, .drop = drop });
}
