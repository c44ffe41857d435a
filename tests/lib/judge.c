/* SPDX-License-Identifier: BSD-3-Clause */
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "pktgen.h"

char must_about[80];

void must_(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	fprintf(stderr, "%s:%d: not so: %s %s\n", file, line, what, must_about);
	abort();
}

void bytes_tell(const uint8_t *got, uint32_t n_got, const uint8_t *want, uint32_t n_want)
{
	fprintf(stderr, "%u bytes, expected %u\n", n_got, n_want);
	for (uint32_t i = 0; i < RTE_MIN(n_got, n_want); i++)
		if (got[i] != want[i])
			fprintf(stderr, "  %u: %02x, expected %02x\n", i, got[i], want[i]);
}

void bytes_must_be(const uint8_t *got, uint32_t n_got, const uint8_t *want, uint32_t n_want)
{
	if (n_got == n_want && !memcmp(got, want, n_got))
		return;
	bytes_tell(got, n_got, want, n_want);
	abort();
}

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void set16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void set32(uint8_t *p, uint32_t v)
{
	set16(p, v >> 16);
	set16(p + 2, v);
}

uint32_t crc_bytes(const uint8_t *p, uint32_t n, uint32_t hole)
{
	uint32_t reg = ~0u;

	for (uint32_t i = 0; i < n; i++) {
		reg ^= i >= hole && i < hole + 4 ? 0 : p[i];
		for (unsigned int k = 0; k < 8; k++)
			reg = reg >> 1 ^ (reg & 1 ? 0x82f63b78u : 0);
	}
	return __builtin_bswap32(~reg);
}

uint32_t sum_bytes(const uint8_t *p, uint32_t n, uint32_t hole, uint32_t sum)
{
	sum = oracle_sum(p, hole, sum); /* holes are at even offsets */
	return (uint16_t)~oracle_sum(p + hole + 2, n - hole - 2, sum);
}

bool frame_csum(const uint8_t *b, const struct pkt_layer *l, uint32_t *value, uint32_t *at,
	uint32_t *n_field)
{
	const bool carried = l->flags & PKT_LF_CARRIER;
	const uint32_t start = l->l4_off - (carried ? 8u : 0);
	uint32_t n = l->end_off - start, sum;

	*n_field = l->l4 == PKT_L4_SCTP ? 4 : 2;
	switch (carried ? (uint8_t)PKT_L4_UDP : l->l4) {
	case PKT_L4_TCP:
	case PKT_L4_STT:
		*at = start + 16;
		*value = sum_bytes(b + start, n, 16, oracle_pseudo(b + l->l3_off, 6, n));
		return true;
	case PKT_L4_UDP:
		if (be16(b + start + 4) > n)
			return false;
		n = be16(b + start + 4);
		*at = start + 6;
		sum = sum_bytes(b + start, n, 6, oracle_pseudo(b + l->l3_off, 17, n));
		*value = sum ? sum : 0xffff;
		return be16(b + *at) != 0;
	case PKT_L4_SCTP:
		*at = start + 8;
		*value = crc_bytes(b + start, n, 8);
		return true;
	case PKT_L4_SCLP:
		*at = start + 10;
		sum = sum_bytes(b + start, n, 10, 0);
		*value = sum ? sum : 0xffff;
		return be16(b + *at) != 0;
	default:
		return false;
	}
}

bool frame_outer_csum(const uint8_t *b, const struct pkt_meta *md, uint32_t *value, uint32_t *at)
{
	const struct pkt_layer *l = &md->outer;
	uint32_t sum;

	if (!md->tun_hlen)
		return false;
	if (l->l4 == PKT_L4_UDP) {
		const uint32_t n = l->end_off - l->l4_off;

		*at = l->l4_off + 6;
		sum = sum_bytes(b + l->l4_off, n, 6, oracle_pseudo(b + l->l3_off, 17, n));
		*value = sum ? sum : 0xffff;
		return be16(b + *at) != 0;
	}
	if (md->tun != PKT_TUN_GRE || !(b[md->tun_off] & 0x80))
		return false;
	*at = md->tun_off + 4u;
	*value = sum_bytes(b + md->tun_off, l->end_off - md->tun_off, 4, 0);
	return true;
}

/* 0 and 0xffff are the same number, where 0 does not mean that there is no checksum. */
static bool same_sum(uint32_t a, uint32_t b)
{
	return a % 0xffff == b % 0xffff;
}

bool frame_csum_good(const uint8_t *b, const struct pkt_layer *l)
{
	uint32_t value, at, n_field;

	if (!frame_csum(b, l, &value, &at, &n_field))
		return false;
	return n_field == 4 ? value == (be16(b + at) << 16 | be16(b + at + 2))
			    : same_sum(value, be16(b + at));
}

bool frame_outer_good(const uint8_t *b, const struct pkt_meta *md)
{
	uint32_t value, at;

	return frame_outer_csum(b, md, &value, &at) && same_sum(value, be16(b + at));
}

bool frame_owe(struct rte_mbuf *m)
{
	static uint8_t b[GEN_MAX];
	struct pkt_layer *l = &pkt_meta(m)->inner;
	uint32_t value, at, n_field, n, sum = 0;
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);

	chain_bytes(m, b);
	if (!frame_csum(b, l, &value, &at, &n_field))
		return false;
	if (n_field == 4) {
		if (value != (be16(b + at) << 16 | be16(b + at + 2)))
			return false;
		set32(p + at, 0);
	} else {
		const bool carried = l->flags & PKT_LF_CARRIER;
		const uint32_t start = l->l4_off - (carried ? 8u : 0);
		const bool is_udp = carried || l->l4 == PKT_L4_UDP;

		n = l->end_off - start;
		if (value != be16(b + at) || (is_udp && be16(b + start + 4) != n))
			return false;
		if (carried || l->l4 != PKT_L4_SCLP)
			sum = oracle_pseudo(b + l->l3_off, is_udp ? 17 : 6, n);
		set16(p + at, sum);
	}
	l->csum = PKT_CSUM_OWED;
	return true;
}

bool frame_owe_outer(struct rte_mbuf *m)
{
	static uint8_t b[GEN_MAX];
	struct pkt_meta *md = pkt_meta(m);
	const struct pkt_layer *l = &md->outer;
	uint32_t value, at, sum = 0;

	chain_bytes(m, b);
	if (!frame_outer_csum(b, md, &value, &at) || value != be16(b + at))
		return false;
	if (l->l4 == PKT_L4_UDP)
		sum = oracle_pseudo(b + l->l3_off, 17, l->end_off - l->l4_off);
	set16(rte_pktmbuf_mtod_offset(m, uint8_t *, at), sum);
	md->outer.csum = PKT_CSUM_OWED;
	return true;
}

void chain_judge(const struct rte_mbuf *m)
{
	uint32_t n = 0, n_segs = 0;

	for (const struct rte_mbuf *seg = m; seg; seg = seg->next, n_segs++) {
		must(seg->data_off + (uint32_t)seg->data_len <= seg->buf_len);
		must(rte_mbuf_refcnt_read(seg) > 0);
		n += seg->data_len;
	}
	must(n == m->pkt_len && n_segs == m->nb_segs);
}

uint32_t frame_frag_start(const uint8_t *b, const struct pkt_layer *l)
{
	uint32_t at = l->l3_off + 40u, after_hop = at, after_route = 0;
	uint8_t kind;

	if (l->l3 == PKT_L3_IPV4)
		return l->l4_off;
	for (kind = b[l->l3_off + 6]; at < l->l4_off; at += 8u * (b[at + 1] + 1u)) {
		const uint32_t end = at + 8u * (b[at + 1] + 1u);

		if (kind == 0)
			after_hop = end;
		if (kind == 43)
			after_route = end;
		kind = b[at];
	}
	return RTE_MAX(after_hop, after_route);
}
