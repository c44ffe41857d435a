/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames of anything through both parsers, GRO and tx_prepare; the oracle judges every packet at
 * every step.
 *
 * Input: records { op, aux, len } followed by len * 8 + 7 bytes of a frame (as many as are left).
 *   op bits 0-1: shape of the chain; 2: repair its checksums; 3: owe the L4 checksum; 4: make it a
 * super-frame with gso_size aux; 5: give it to GRO again as the next of its flow; 6: flush; 7: a
 * tunnel header in front.  aux also chooses the abilities of the port.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/judge.h"
#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "offload/gro.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"
#include "pkt/parse_wire.h"
#include "wire/ip.h"

#define TUN_HLEN 8

struct state {
	struct gro *gro;
	struct pkt_list out;
	struct rnd rnd;
	uint64_t now_ns;
	uint32_t caps;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

static void judge(const struct rte_mbuf *m)
{
	const char *wrong = oracle_check(m);

	if (!wrong)
		return;
	fprintf(stderr, "%s\n", wrong);
	abort();
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t l4_len(const uint8_t *b, const struct pkt_layer *l)
{
	const uint32_t avail = l->end_off - l->l4_off;

	return l->l4 == PKT_L4_UDP ? (uint32_t)b[l->l4_off + 4] << 8 | b[l->l4_off + 5] : avail;
}

static void repair_sctp(uint8_t *b, const struct pkt_layer *l, bool owed)
{
	const uint32_t crc = owed ? 0 : crc_bytes(b + l->l4_off, l->end_off - l->l4_off, 8);

	put16(b + l->l4_off + 8, crc >> 16);
	put16(b + l->l4_off + 10, crc);
}

/* Write the checksums that the frame @b should have; @owed: only the pseudo-header's sum. */
static void repair(uint8_t *b, const struct pkt_layer *l, bool owed)
{
	uint8_t *const ip = b + l->l3_off;
	const uint32_t hlen = ip[0] % 16 * 4u;
	uint32_t field, len, sum;

	if (l->l3 == PKT_L3_IPV4) {
		put16(ip + 10, 0);
		put16(ip + 10, ~oracle_sum(ip, hlen, 0));
	}
	if (l->l4 == PKT_L4_NONE)
		return;
	if (l->l4 == PKT_L4_SCTP) {
		repair_sctp(b, l, owed);
		return;
	}
	len = l4_len(b, l);
	if (len > l->end_off - l->l4_off)
		return;
	field = l->l4_off + (l->l4 == PKT_L4_TCP ? 16 : 6);
	sum = oracle_pseudo(ip, l->l4 == PKT_L4_TCP ? 6 : 17, len);
	put16(b + field, 0);
	if (!owed)
		sum = (uint16_t)~oracle_sum(b + l->l4_off, len, sum);
	put16(b + field, !sum && l->l4 == PKT_L4_UDP ? 0xffff : sum);
}

/* The next packet of the same TCP flow or the next IPv4 packet: what GRO could merge. */
static void advance(uint8_t *b, const struct pkt_layer *l)
{
	uint8_t *const id = b + l->l3_off + 4, *const seq = b + l->l4_off + 4;
	const uint32_t plen = l->end_off - l->pay_off;
	uint32_t v;

	if (l->l3 == PKT_L3_IPV4)
		put16(id, ((uint32_t)id[0] << 8 | id[1]) + 1);
	if (l->l4 != PKT_L4_TCP)
		return;
	v = ((uint32_t)seq[0] << 24 | (uint32_t)seq[1] << 16 | (uint32_t)seq[2] << 8 | seq[3]) +
	    plen;
	put16(seq, v >> 16);
	put16(seq + 2, v);
}

static void leave(struct state *s)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(&s->out))) {
		struct pkt_list plain;

		judge(m);
		pkt_list_init(&plain);
		if (tx_prepare(m, s->caps, &plain)) {
			judge(m);
			pkt_done(m);
			continue;
		}
		while ((m = pkt_list_pop(&plain))) {
			judge(m);
			pkt_done(m);
		}
	}
}

static struct rte_mbuf *parsed(
	const uint8_t *b, uint32_t n, uint8_t op, uint32_t tun_hlen, struct rnd *r)
{
	static uint8_t after[GEN_MAX];
	struct rte_mbuf *m = chain_make(b, n, op & 3, 1 + rnd_below(r, n), r);
	struct pkt_meta *md = pkt_meta(m);

	md->tun_hlen = (uint16_t)tun_hlen;
	pkt_parse(m, (uint16_t)tun_hlen, &md->inner);
	judge(m);
	must(chain_bytes(m, after) == n && !memcmp(after, b, n)); /* a parser never writes */
	must(pkt_flow_hash(m, &md->inner) != 0);
	must(!pkt_pull(&m, RTE_MIN(n, 256u)));
	pkt_parse(m, (uint16_t)tun_hlen, &pkt_meta(m)->inner);
	judge(m);
	return m;
}

/* Debts as a guest may claim them: only what a port's checks let pass. */
static void owe(struct rte_mbuf *m, uint8_t op, uint8_t aux)
{
	struct pkt_layer *l = &pkt_meta(m)->inner;

	l->csum = PKT_CSUM_OWED;
	if (!(op & 16) || !aux || l->end_off == l->pay_off)
		return;
	l->gso_size = aux;
	l->gso_type = l->l4 == PKT_L4_UDP    ? PKT_GSO_UDP
		      : l->l4 == PKT_L4_SCTP ? PKT_GSO_SCTP
		      : l->l3 == PKT_L3_IPV4 ? PKT_GSO_TCP4
					     : PKT_GSO_TCP6;
}

/* What a layer says lies inside the packet, its headers inside the first segment, in order. */
static void layer_must_fit(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t end)
{
	must(l->flags & PKT_LF_PARSED && l->end_off <= end && l->csum == PKT_CSUM_UNKNOWN);
	must(!l->gso_type && !l->gso_size);
	if (l->l3 == PKT_L3_NONE) {
		must(l->l4 == PKT_L4_NONE);
		return;
	}
	must(l->l2_off <= l->l3_off);
	must(PKT_HDR(m, l->l3_off, struct ipv4_hdr) && l->l3_off + 20u <= l->end_off);
	if (l->proto)
		must(l->l3_off + 20u <= l->l4_off && l->l4_off <= l->end_off);
	if (l->l4 == PKT_L4_NONE)
		return;
	must(l->l4_off + 8u <= l->pay_off && l->pay_off <= l->end_off && l->pay_off <= m->data_len);
	if (l->flags & PKT_LF_CARRIER)
		must(l->l4 == PKT_L4_SCLP && l->l3_off + 28u <= l->l4_off);
}

static void wire_must_fit(const struct rte_mbuf *m)
{
	const struct pkt_meta *md = pkt_meta_const(m);

	layer_must_fit(m, &md->inner, m->pkt_len);
	if (!md->tun_hlen) {
		must(md->outer.l3 == PKT_L3_NONE && md->outer.l4 == PKT_L4_NONE);
		return;
	}
	layer_must_fit(m, &md->outer, m->pkt_len);
	must(md->outer.l3 != PKT_L3_NONE && md->inner.end_off <= md->outer.end_off);
	must(md->inner.l4 < PKT_L4_SCLP && md->tun_hlen >= 4);
	must(md->tun_off + md->tun_hlen == md->inner.l2_off && md->inner.l2_off <= m->data_len);
	must(md->tun_off == (md->outer.l4 == PKT_L4_UDP ? md->outer.pay_off : md->outer.l4_off));
	must(md->tun == PKT_TUN_GRE || md->outer.l4 == PKT_L4_UDP);
}

/* As it comes from the wire: in one piece, in pieces behind its headers, and in any pieces. */
static void parse_wire(const uint8_t *b, uint32_t n, uint8_t op, struct rnd *r)
{
	static const struct pkt_wire_ports nowhere;
	static uint8_t after[GEN_MAX];
	struct rte_mbuf *whole = chain_make(b, n, CHAIN_FLAT, 1, r),
			*m = chain_make(b, n, op & 3, RTE_MIN(n, whole->data_len), r);
	struct pkt_meta plain = *pkt_meta(m);

	pkt_parse_wire(whole, &pkt_wire_default, pkt_meta(whole));
	wire_must_fit(whole);
	pkt_parse_wire(m, &pkt_wire_default, pkt_meta(m));
	must(!memcmp(pkt_meta(m), pkt_meta(whole), sizeof(struct pkt_meta)));
	must(chain_bytes(m, after) == n && !memcmp(after, b, n));
	must(pkt_flow_hash(m, &pkt_meta(m)->inner) != 0);
	/* where no tunnels are, it sees what pkt_parse() does */
	pkt_parse_wire(m, &nowhere, pkt_meta(m));
	pkt_parse(m, 0, &plain.inner);
	must(!memcmp(pkt_meta(m), &plain, sizeof(plain)));
	pkt_done(m);
	m = chain_make(b, n, op & 3, 1 + rnd_below(r, n), r);
	pkt_parse_wire(m, &pkt_wire_default, pkt_meta(m));
	wire_must_fit(m);
	must(chain_bytes(m, after) == n && !memcmp(after, b, n));
	pkt_done(m);
	pkt_done(whole);
}

static void feed(struct state *s, uint8_t *b, uint32_t n, uint8_t op, uint8_t aux)
{
	const uint32_t tun_hlen = op & 128 && n > TUN_HLEN ? TUN_HLEN : 0;
	struct rte_mbuf *m = parsed(b, n, op, tun_hlen, &s->rnd);
	const struct pkt_layer l = pkt_meta(m)->inner;
	const bool owed = (op & 24) && l.l4 != PKT_L4_NONE && l4_len(b, &l) == l.end_off - l.l4_off;

	pkt_done(m);
	parse_wire(b, n, op, &s->rnd);
	for (unsigned int i = 0; i < (op & 32 ? 3 : 1); i++) {
		if (i && l.l4 != PKT_L4_NONE)
			advance(b, &l);
		if ((op & 4 || owed) && l.l3 != PKT_L3_NONE)
			repair(b, &l, owed);
		m = parsed(b, n, op, tun_hlen, &s->rnd);
		if (owed && pkt_meta(m)->inner.l4 != PKT_L4_NONE)
			owe(m, op, aux);
		judge(m);
		gro_receive(s->gro, m, GRO_ALL, s->now_ns++, &s->out);
	}
	if (op & 64)
		gro_flush(s->gro, &s->out);
	leave(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static uint8_t frame[8 * 256];
	static bool started;
	struct state s = { 0 };
	unsigned int n_records = 0;

	if (!started)
		must(!eal_test_start(64));
	started = true;
	s.gro = gro_create(8);
	rnd_seed(&s.rnd, n_data);
	while (n_data > 4 && n_records++ < 64) {
		const uint8_t op = data[0], aux = data[1];
		const uint32_t n = (uint32_t)RTE_MIN(data[2] * 8u + 7, n_data - 3);

		memcpy(frame, data + 3, n);
		data += 3 + n;
		n_data -= 3 + n;
		s.caps = aux & CAP_ALL;
		feed(&s, frame, n, op, aux);
	}
	gro_flush(s.gro, &s.out);
	leave(&s);
	gro_destroy(s.gro);
	must(eal_test_pools_full());
	return 0;
}
