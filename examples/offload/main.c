/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libcvsw-offload on a capture file: the whole life of a packet, without a network card, huge pages
 * or root.
 *
 *     offload-example coalesce IN.pcap OUT.pcap         packets become trains
 *     offload-example segment IN.pcap OUT.pcap [SIZE]   packets with more payload than SIZE are cut
 *     offload-example both IN.pcap OUT.pcap             one after the other: the same packets again
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include <cvsw/offload.h>

#define BURST	  64
#define FRAME_MAX 65550
#define SEG_SIZE  1448
#define ALL_KINDS (CVSW_GRO_TCP | CVSW_GRO_UDP | CVSW_GRO_SCTP | CVSW_GRO_SCLP | CVSW_GRO_STT)

static struct {
	enum {
		COALESCE,
		SEGMENT,
		BOTH
	} mode;
	uint16_t seg_size;
	FILE *in, *out;
	struct rte_mempool *pool;
	struct cvsw_gro *gro;
	uint64_t pkts_in, bytes_in, trains, refused, pkts_out, bytes_out;
	uint64_t gro_cycles, gso_cycles;
} ex;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "offload-example: %s: %s\n", what, why);
	exit(1);
}

/* ---- capture files: the classic format, of this machine's byte order ---- */

struct pcap_file {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

struct pcap_pkt {
	uint32_t sec, frac, caplen, len;
};

static void pcap_open(const char *in, const char *out)
{
	struct pcap_file h;

	ex.in = fopen(in, "rb");
	if (!ex.in || fread(&h, sizeof(h), 1, ex.in) != 1)
		fail(in, "cannot be read");
	if ((h.magic != 0xa1b2c3d4 && h.magic != 0xa1b23c4d) || h.linktype != 1)
		fail(in, "no classic pcap file of Ethernet frames in this machine's byte order");
	h.snaplen = 262144;
	ex.out = fopen(out, "wb");
	if (!ex.out || fwrite(&h, sizeof(h), 1, ex.out) != 1)
		fail(out, "cannot be written");
}

/* The next packet, in as many mbufs as it takes; NULL: the file is over. */
static struct rte_mbuf *pcap_read(void)
{
	static uint8_t frame[FRAME_MAX];
	struct rte_mbuf *m = rte_pktmbuf_alloc(ex.pool), *seg = m;
	struct pcap_pkt h;
	uint32_t done = 0;

	if (fread(&h, sizeof(h), 1, ex.in) != 1) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	if (h.caplen > sizeof(frame) || fread(frame, 1, h.caplen, ex.in) != h.caplen)
		fail("input", "a packet is too long, or cut off");
	while (seg) {
		const uint16_t n = RTE_MIN(h.caplen - done, rte_pktmbuf_tailroom(seg));

		memcpy(rte_pktmbuf_append(seg, n), frame + done, n);
		done += n;
		if (seg != m && rte_pktmbuf_chain(m, seg))
			break;
		if (done == h.caplen)
			return m;
		seg = rte_pktmbuf_alloc(ex.pool);
	}
	fail("input", "out of packet buffers");
	return NULL;
}

static void pcap_write(struct rte_mbuf *m)
{
	const struct pcap_pkt h = { .caplen = m->pkt_len, .len = m->pkt_len };

	if (fwrite(&h, sizeof(h), 1, ex.out) != 1)
		fail("output", "cannot be written");
	for (const struct rte_mbuf *seg = m; seg; seg = seg->next)
		if (fwrite(rte_pktmbuf_mtod(seg, void *), 1, seg->data_len, ex.out) !=
			seg->data_len)
			fail("output", "cannot be written");
	ex.pkts_out++;
	ex.bytes_out += m->pkt_len;
	rte_pktmbuf_free(m);
}

/* ---- the work ---- */

/* What the packet is to become: it asks for it. */
static void request(struct rte_mbuf **m)
{
	struct cvsw_info info;
	int size;

	cvsw_info(*m, &info);
	if (ex.mode == COALESCE && info.gso_type != CVSW_GSO_NONE)
		size = 0; /* one large packet: a file knows no trains */
	else if (ex.mode == SEGMENT && info.l4 != CVSW_L4_NONE &&
		 info.end_off - info.pay_off > ex.seg_size)
		size = ex.seg_size;
	else
		size = -1;
	if (size >= 0 && cvsw_request(m, (uint16_t)size, 0))
		ex.refused++;
	else if (size > 0 || info.gso_type != CVSW_GSO_NONE)
		ex.trains++;
}

/* Pay what the packets owe, and write them. */
static void send_all(struct cvsw_queue *q)
{
	struct cvsw_queue ready;
	struct rte_mbuf *m, *pkts[BURST];
	unsigned int n;

	cvsw_queue_init(&ready);
	while (cvsw_queue_pop(q, &m, 1)) {
		uint64_t start;

		request(&m);
		start = rte_rdtsc();
		if (cvsw_gso(&m, 0, &ready)) { /* still ours: pass it on as it is */
			ex.refused++;
			if (cvsw_queue_add(&ready, m))
				fail("packet", "no private area");
		}
		ex.gso_cycles += rte_rdtsc() - start;
	}
	while ((n = cvsw_queue_pop(&ready, pkts, BURST)))
		for (unsigned int i = 0; i < n; i++)
			pcap_write(pkts[i]);
}

static void burst(struct rte_mbuf **pkts, unsigned int n)
{
	const uint32_t kinds = ex.mode == SEGMENT ? 0 : ALL_KINDS;
	const uint64_t start = rte_rdtsc();
	struct cvsw_queue q;

	cvsw_queue_init(&q);
	if (cvsw_gro_receive(ex.gro, pkts, n, kinds, start, &q) != n)
		fail("packet", "no private area");
	cvsw_gro_flush(ex.gro, &q);
	ex.gro_cycles += rte_rdtsc() - start;
	send_all(&q);
}

static void run(void)
{
	struct rte_mbuf *pkts[BURST];
	unsigned int n = 0;

	while ((pkts[n] = pcap_read())) {
		ex.pkts_in++;
		ex.bytes_in += pkts[n]->pkt_len;
		if (++n == BURST) {
			burst(pkts, n);
			n = 0;
		}
	}
	burst(pkts, n);
}

static void print_rate(const char *what, uint64_t cycles, uint64_t pkts, uint64_t bytes)
{
	const double s = (double)cycles / (double)rte_get_tsc_hz();

	printf("%-4s %8.1f ns a packet, %6.2f Gb/s\n", what, pkts ? s * 1e9 / (double)pkts : 0.0,
		s > 0 ? (double)bytes * 8e-9 / s : 0.0);
}

static void start(void)
{
	char prefix[32], core[16];
	char *argv[] = { "offload-example", "--no-huge", "--no-pci", "--no-telemetry",
		"--no-shconf", "--log-level", "error", "-m", "128", "--file-prefix", prefix, "-l",
		core, NULL };
	int err;

	snprintf(prefix, sizeof(prefix), "offload-example-%d", (int)getpid());
	snprintf(core, sizeof(core), "%d", sched_getcpu());
	if (rte_eal_init(RTE_DIM(argv) - 1, argv) < 0)
		fail("EAL", rte_strerror(rte_errno));
	rmdir(rte_eal_get_runtime_dir()); /* made for files that --no-shconf leaves out */
	err = cvsw_offload_init(NULL);
	if (err)
		fail("cvsw_offload_init", strerror(-err));
	ex.pool = cvsw_pktmbuf_pool_create(
		"packets", 8191, 256, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ex.gro = cvsw_gro_create(1024, NULL);
	if (!ex.pool || !ex.gro)
		fail("start", "no memory");
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { "coalesce", "segment", "both" };
	unsigned int mode = 0;

	while (argc > 3 && mode < RTE_DIM(modes) && strcmp(argv[1], modes[mode]))
		mode++;
	ex.seg_size = (uint16_t)(argc > 4 ? atoi(argv[4]) : SEG_SIZE);
	if (argc < 4 || argc > 5 || mode == RTE_DIM(modes) || !ex.seg_size) {
		fprintf(stderr, "usage: offload-example coalesce|segment|both IN OUT [SIZE]\n");
		return 2;
	}
	ex.mode = mode;
	start();
	pcap_open(argv[2], argv[3]);
	run();
	cvsw_gro_destroy(ex.gro);
	printf("%" PRIu64 " packets in, %" PRIu64 " trains, %" PRIu64 " packets out, %" PRIu64
	       " refused\n",
		ex.pkts_in, ex.trains, ex.pkts_out, ex.refused);
	print_rate("GRO", ex.gro_cycles, ex.pkts_in, ex.bytes_in);
	print_rate("GSO", ex.gso_cycles, ex.pkts_out, ex.bytes_out);
	if (fclose(ex.out))
		fail(argv[3], "cannot be written");
	fclose(ex.in);
	if (cvsw_offload_exit())
		fail("end", "buffers are missing");
	rte_mempool_free(ex.pool);
	return 0;
}
