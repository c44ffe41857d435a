/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The offload engine as a filter, so that a test can put it beside the kernel's.
 *
 *     offload_cli gso [--wire] [--shape SHAPE] [--seed N]
 *     offload_cli gro [--wire] [--shape SHAPE] [--seed N] [--kinds tcp,udp,sctp,sclp,stt]
 *
 * stdin and stdout are records: u32 length (host order) of what follows, struct virtio_net_hdr,
 * frame. Length 0 is a mark.  gso answers each record with the packets it becomes, all checksums
 * paid, and a mark; a record that is refused is answered by the mark alone.  gro writes what leaves
 * as it leaves; a mark in its input flushes and is answered by one.  SHAPE is how a frame lies in
 * mbufs: flat, cut, shared, exact (enum chain_shape), or any: another one for each frame.  --wire:
 * frames are parsed as a network card delivers them, with what is inside tunnels.  A header that
 * points into the inner packet of a tunnel speaks of that one, and a checksum in front of it that
 * is there is owed, too.  What virtio has no gso_type for has one here: OWN_GSO + enum pkt_gso.
 *
 * Exit code: 0; 1 when the input is no sequence of records or a packet buffer is missing at the
 * end; 2 for a wrong command line.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/eal_test.h"
#include "lib/pktgen.h"
#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/l4_csum.h"
#include "pkt/parse.h"
#include "pkt/parse_wire.h"
#include "port/vnet_hdr.h"
#include "wire/eth.h"

#define MEMORY_MB   64
#define GRO_N_FLOWS 1024
#define OWN_GSO	    0x10 /* gso_type: SCTP, SCLP and STT by their numbers in enum pkt_gso */

static const char *const shape_names[] = {
	[CHAIN_FLAT] = "flat",
	[CHAIN_CUT] = "cut",
	[CHAIN_SHARED] = "shared",
	[CHAIN_EXACT] = "exact",
	[CHAIN_N_SHAPES] = "any",
};

/* By the bits GRO_* */
static const char *const kind_names[] = { "tcp", "udp", "sctp", "sclp", "stt" };
static_assert(GRO_ALL == (1u << RTE_DIM(kind_names)) - 1, "all have names");

struct options {
	int shape; /* enum chain_shape, CHAIN_N_SHAPES: any */
	uint32_t kinds;
	bool wire; /* look into tunnels */
	struct rnd rnd;
};

struct record {
	struct virtio_net_hdr vh;
	uint8_t frame[GEN_MAX];
	uint32_t frame_len;
	bool is_mark;
};

static int fail(const char *why)
{
	fprintf(stderr, "offload_cli: %s\n", why);
	return 1;
}

/* ---- records ---- */

/* 1: @rec is filled; 0: the end; -1: no record. */
static int record_read(struct record *rec)
{
	uint32_t n;
	const size_t got = fread(&n, 1, sizeof(n), stdin);

	if (got != sizeof(n))
		return got ? -1 : 0;
	rec->is_mark = !n;
	if (!n)
		return 1;
	if (n <= sizeof(rec->vh) || n - sizeof(rec->vh) > sizeof(rec->frame))
		return -1;
	rec->frame_len = n - (uint32_t)sizeof(rec->vh);
	if (fread(&rec->vh, sizeof(rec->vh), 1, stdin) != 1 ||
		fread(rec->frame, rec->frame_len, 1, stdin) != 1)
		return -1;
	return 1;
}

static void mark_write(void)
{
	const uint32_t n = 0;

	fwrite(&n, sizeof(n), 1, stdout);
}

static void pkt_write(const struct rte_mbuf *m)
{
	static uint8_t frame[GEN_MAX];
	struct virtio_net_hdr vh;
	const uint32_t frame_len = m->pkt_len, n = frame_len + (uint32_t)sizeof(vh);

	if (frame_len > sizeof(frame)) {
		fail("a frame longer than any can be");
		abort();
	}
	vnet_hdr_encode(m, &vh);
	if (pkt_meta_const(m)->inner.gso_type >= PKT_GSO_SCTP)
		vh.gso_type = OWN_GSO + pkt_meta_const(m)->inner.gso_type;
	chain_bytes(m, frame);
	fwrite(&n, sizeof(n), 1, stdout);
	fwrite(&vh, sizeof(vh), 1, stdout);
	fwrite(frame, frame_len, 1, stdout);
}

static void list_write(struct pkt_list *l)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(l))) {
		pkt_write(m);
		pkt_done(m);
	}
}

static void parse(const struct rte_mbuf *m, const struct options *opt, struct pkt_meta *md)
{
	if (opt->wire)
		pkt_parse_wire(m, &pkt_wire_default, md);
	else
		pkt_parse(m, 0, &md->inner);
}

/* Bytes of the headers, which must lie in the first segment. */
static uint32_t headers_len(const struct record *rec, const struct options *opt)
{
	const uint32_t n = RTE_MIN(rec->frame_len, (uint32_t)PKT_SMALL_ROOM);
	struct rte_mbuf *m = pkt_from_bytes(rec->frame, rec->frame_len);
	struct pkt_meta *md = pkt_meta(m);
	uint32_t hlen;

	parse(m, opt, md);
	hlen = md->inner.l4 != PKT_L4_NONE ? md->inner.pay_off : n;
	pkt_done(m);
	return hlen;
}

static struct rte_mbuf *record_pkt(const struct record *rec, struct options *opt)
{
	const uint32_t shape = opt->shape == CHAIN_N_SHAPES ? rnd_below(&opt->rnd, CHAIN_N_SHAPES)
							    : (uint32_t)opt->shape;

	return chain_make(rec->frame, rec->frame_len, shape, headers_len(rec, opt), &opt->rnd);
}

/* ---- the two engines ---- */

/* What @vh says of the inner packet of a tunnel, by its decoder for frames that have no tunnel; one
 * that has no Ethernet header is given one. */
static int inner_decode(
	const struct record *rec, const struct virtio_net_hdr *vh, struct pkt_meta *md)
{
	struct pkt_layer *l = &md->inner;
	const uint16_t eth_hlen = l->l2_off == l->l3_off ? sizeof(struct eth_hdr) : 0;
	struct virtio_net_hdr inner_vh = *vh;
	static uint8_t frame[GEN_MAX];
	const struct pkt_layer *got;
	struct rte_mbuf *m;
	int err;

	if (eth_hlen) {
		const struct eth_hdr eth = { .type = l->l3 == PKT_L3_IPV4
							     ? RTE_BE16(ETH_TYPE_IPV4)
							     : RTE_BE16(ETH_TYPE_IPV6) };

		memcpy(frame, &eth, sizeof(eth));
	}
	memcpy(frame + eth_hlen, rec->frame + l->l2_off, rec->frame_len - l->l2_off);
	inner_vh.csum_start = rte_cpu_to_le_16(
		(uint16_t)(rte_le_to_cpu_16(vh->csum_start) + eth_hlen));
	m = pkt_from_bytes(frame, eth_hlen + rec->frame_len - l->l2_off);
	got = &pkt_meta(m)->inner;
	err = vnet_hdr_decode(m, &inner_vh);
	l->csum = got->csum;
	l->gso_type = got->gso_type;
	l->gso_size = got->gso_size;
	l->gso_ecn = got->gso_ecn;
	pkt_done(m);
	return err;
}

/* What virtio has no word for: the layer is taken as parsed. */
static int own_decode(const struct virtio_net_hdr *vh, struct pkt_layer *l)
{
	const uint8_t type = vh->gso_type - OWN_GSO;

	if (l->l4 == PKT_L4_NONE || type < PKT_GSO_SCTP || type >= PKT_GSO_N)
		return -EINVAL;
	pkt_owe_csum(l);
	l->gso_type = type;
	l->gso_size = rte_le_to_cpu_16(vh->gso_size);
	return 0;
}

/* GRE's checksum, owed, is 0. */
static bool has_outer_csum(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	const uint32_t at = outer_csum_at(m, md);

	return at && (md->tun == PKT_TUN_GRE || *PKT_HDR(m, at, csum_field_t));
}

static int decode(const struct record *rec, const struct options *opt, struct rte_mbuf *m)
{
	struct pkt_meta *md = pkt_meta(m);
	struct virtio_net_hdr vh = rec->vh;
	const uint16_t start = rte_le_to_cpu_16(vh.csum_start);
	const bool own = vh.gso_type >= OWN_GSO && !(vh.gso_type & VIRTIO_NET_HDR_GSO_ECN);
	int err;

	parse(m, opt, md);
	if (!own && (!md->tun_hlen || start < md->inner.l2_off))
		return vnet_hdr_decode(m, &vh);
	vh.csum_start = rte_cpu_to_le_16((uint16_t)(start - md->inner.l2_off));
	err = own ? own_decode(&vh, &md->inner) : inner_decode(rec, &vh, md);
	if (!err && md->tun_hlen && has_outer_csum(m, md))
		pkt_owe_csum(&md->outer);
	return err;
}

static void gso_one(const struct record *rec, struct options *opt)
{
	struct rte_mbuf *m = record_pkt(rec, opt);
	struct pkt_list out;
	int err;

	pkt_list_init(&out);
	err = decode(rec, opt, m);
	if (!err)
		err = tx_prepare(m, CAP_GSO, &out);
	if (err) {
		fprintf(stderr, "offload_cli: refused: %s\n", strerror(-err));
		pkt_done(m);
	}
	list_write(&out);
	mark_write();
}

static int gso_run(struct options *opt)
{
	static struct record rec;
	int more;

	while ((more = record_read(&rec)) > 0) {
		if (rec.is_mark)
			return fail("gso takes no marks");
		gso_one(&rec, opt);
	}
	return more ? fail("that was no record") : 0;
}

static int gro_run(struct options *opt)
{
	static struct record rec;
	struct gro *g = gro_create(GRO_N_FLOWS);
	struct pkt_list out;
	uint64_t now_ns = 0;
	int more;

	if (!g)
		return fail("no memory");
	pkt_list_init(&out);
	while ((more = record_read(&rec)) > 0) {
		if (rec.is_mark) {
			gro_flush(g, &out);
		} else {
			struct rte_mbuf *m = record_pkt(&rec, opt);

			parse(m, opt, pkt_meta(m));
			gro_receive(g, m, opt->kinds, now_ns++, &out);
		}
		list_write(&out);
		if (rec.is_mark)
			mark_write();
	}
	gro_flush(g, &out);
	list_write(&out);
	gro_destroy(g);
	return more ? fail("that was no record") : 0;
}

/* ---- the command line ---- */

/* -1: no such shape. */
static int shape_by_name(const char *name)
{
	for (int i = 0; i < (int)RTE_DIM(shape_names); i++) {
		if (!strcmp(name, shape_names[i]))
			return i;
	}
	return -1;
}

/* 0: a word that is no kind. */
static uint32_t kinds_by_names(char *names)
{
	uint32_t kinds = 0;

	for (char *word = strtok(names, ","); word; word = strtok(NULL, ",")) {
		unsigned int i = 0;

		while (i < RTE_DIM(kind_names) && strcmp(word, kind_names[i]))
			i++;
		if (i == RTE_DIM(kind_names))
			return 0;
		kinds |= 1u << i;
	}
	return kinds;
}

/* false: wrong; argv[optind] is the command. */
static bool options_read(int argc, char **argv, struct options *opt)
{
	static const struct option names[] = {
		{ "shape", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'n' },
		{ "kinds", required_argument, NULL, 'k' },
		{ "wire", no_argument, NULL, 'w' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 's')
			opt->shape = shape_by_name(optarg);
		else if (c == 'n')
			rnd_seed(&opt->rnd, strtoull(optarg, NULL, 0));
		else if (c == 'k')
			opt->kinds = kinds_by_names(optarg);
		else if (c == 'w')
			opt->wire = true;
		else
			return false;
	}
	return opt->shape >= 0 && opt->kinds && optind + 1 == argc;
}

int main(int argc, char **argv)
{
	struct options opt = { .shape = CHAIN_FLAT, .kinds = GRO_TCP | GRO_UDP };
	int (*run)(struct options *) = NULL;
	int code;

	rnd_seed(&opt.rnd, 1);
	if (options_read(argc, argv, &opt)) {
		if (!strcmp(argv[optind], "gso"))
			run = gso_run;
		else if (!strcmp(argv[optind], "gro"))
			run = gro_run;
	}
	if (!run) {
		fprintf(stderr,
			"usage: offload_cli gso|gro [--wire] [--shape flat|cut|shared|exact|any] "
			"[--seed N] [--kinds tcp,udp,sctp,sclp,stt]\n");
		return 2;
	}
	if (eal_test_start(MEMORY_MB))
		return fail("EAL does not start");
	code = run(&opt);
	if (!eal_test_pools_full())
		code = 1;
	eal_test_stop();
	if (fflush(stdout))
		code = fail("cannot write");
	return code;
}
