/* SPDX-License-Identifier: BSD-3-Clause */
#include "pktgen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "pkt/l4_csum.h"
#include "pkt/parse.h"

const struct gen gen_default = {
	.vid = { 100, 200 },
	.mac = 1,
	.l3 = PKT_L3_IPV4,
	.opt_fill = 1,
	.ttl = 64,
	.frag_off = 0x4000,
	.id = 1000,
	.flow_label = 0x12345,
	.addr = 1,
	.l4 = PKT_L4_TCP,
	.sport = 1000,
	.dport = 80,
	.seq = 0xfffffc00,
	.ack = 77,
	.flags = 0x10,
	.win = 500,
	.plen = 1000,
};

struct put {
	uint8_t *p;
};

static void put8(struct put *w, uint32_t v)
{
	*w->p++ = (uint8_t)v;
}

static void put16(struct put *w, uint32_t v)
{
	put8(w, v >> 8);
	put8(w, v);
}

static void put32(struct put *w, uint32_t v)
{
	put16(w, v >> 16);
	put16(w, v);
}

static void fill(struct put *w, uint8_t v, uint32_t n)
{
	memset(w->p, v, n);
	w->p += n;
}

static uint32_t n_ext(const struct gen *g)
{
	return g->l3 == PKT_L3_IPV6 ? (uint32_t)__builtin_popcount(g->ext) : 0;
}

static uint32_t l3_hlen(const struct gen *g)
{
	return g->l3 == PKT_L3_IPV4 ? 20 + 4u * g->opt_words : 40 + 16 * n_ext(g);
}

static uint32_t l4_hlen(const struct gen *g)
{
	return g->l4 == PKT_L4_TCP ? 20 + 4u * g->topt_words : 8;
}

uint32_t gen_hlen(const struct gen *g)
{
	return g->tun_hlen + 14 + 4u * g->n_vlan + l3_hlen(g) + l4_hlen(g);
}

static void put_ether(const struct gen *g, struct put *w)
{
	fill(w, g->tun_fill, g->tun_hlen);
	fill(w, 0x02, 5);
	put8(w, g->mac);
	fill(w, 0x06, 5);
	put8(w, g->mac + 1u);
	for (unsigned int i = 0; i < g->n_vlan; i++) {
		put16(w, i + 1u == g->n_vlan ? 0x8100 : 0x88a8);
		put16(w, g->vid[i]);
	}
	put16(w, g->l3 == PKT_L3_IPV4 ? 0x0800 : 0x86dd);
}

static void put_ipv4(const struct gen *g, struct put *w)
{
	uint8_t *const ip = w->p;
	uint16_t sum;

	put8(w, 0x40 + l3_hlen(g) / 4);
	put8(w, g->tos);
	put16(w, l3_hlen(g) + l4_hlen(g) + g->plen);
	put16(w, g->id);
	put16(w, g->frag_off);
	put8(w, g->ttl);
	put8(w, g->l4 == PKT_L4_TCP ? 6 : 17);
	put16(w, 0);
	put32(w, 0x0a000000u + g->addr);
	put32(w, 0x0a0000feu);
	fill(w, g->opt_fill, 4u * g->opt_words);
	sum = (uint16_t)~oracle_sum(ip, l3_hlen(g), 0);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

static void put_ipv6(const struct gen *g, struct put *w)
{
	static const struct {
		uint8_t bit, proto;
	} ext[] = { { GEN_EXT_HOP, 0 }, { GEN_EXT_DST1, 60 }, { GEN_EXT_ROUTE, 43 },
		{ GEN_EXT_DST, 60 } };
	const uint8_t upper = g->l4 == PKT_L4_TCP ? 6 : 17;
	uint8_t *next;

	put32(w, 0x60000000u | (uint32_t)g->tos << 20 | g->flow_label);
	put16(w, l3_hlen(g) - 40 + l4_hlen(g) + g->plen);
	next = w->p;
	put8(w, 0);
	put8(w, g->ttl);
	fill(w, 0xfd, 15);
	put8(w, g->addr);
	fill(w, 0xfd, 15);
	put8(w, 0xfe);
	for (size_t i = 0; i < RTE_DIM(ext); i++) {
		const bool route = ext[i].bit == GEN_EXT_ROUTE;

		if (!(g->ext & ext[i].bit))
			continue;
		*next = ext[i].proto;
		next = w->p;
		put16(w, 1); /* 16 bytes */
		put16(w, route ? 0 : 0x010c);
		fill(w, route ? 0 : g->opt_fill, 12);
	}
	*next = upper;
}

static void put_l4(const struct gen *g, struct put *w)
{
	put16(w, g->sport);
	put16(w, g->dport);
	if (g->l4 == PKT_L4_UDP) {
		put16(w, 8 + g->plen);
		put16(w, 0);
		return;
	}
	put32(w, g->seq);
	put32(w, g->ack);
	put8(w, l4_hlen(g) / 4 << 4 | g->res);
	put8(w, g->flags);
	put16(w, g->win);
	put16(w, 0);
	put16(w, g->urg);
	for (unsigned int i = 0; i < g->topt_words; i++)
		put32(w, i == 0 ? 0x0101080a : g->tstamp + i);
}

static uint8_t stream(uint32_t pos)
{
	return (uint8_t)((pos * 2654435761u) >> 23);
}

uint32_t gen_bytes(const struct gen *g, uint8_t *buf)
{
	struct put w = { buf };
	uint8_t *l3, *l4, *field;
	uint32_t l4_len, sum;

	put_ether(g, &w);
	l3 = w.p;
	if (g->l3 == PKT_L3_IPV4)
		put_ipv4(g, &w);
	else
		put_ipv6(g, &w);
	l4 = w.p;
	put_l4(g, &w);
	for (uint32_t i = 0; i < g->plen; i++)
		put8(&w, stream(g->pay_pos + i));
	l4_len = (uint32_t)(w.p - l4);
	field = l4 + (g->l4 == PKT_L4_TCP ? 16 : 6);
	if (!g->no_csum || g->l4 == PKT_L4_TCP) {
		sum = oracle_pseudo(l3, g->l4 == PKT_L4_TCP ? 6 : 17, l4_len);
		sum = (uint16_t)~oracle_sum(l4, l4_len, sum);
		if (!sum && g->l4 == PKT_L4_UDP)
			sum = 0xffff;
		field[0] = (uint8_t)(sum >> 8);
		field[1] = (uint8_t)sum;
	}
	fill(&w, 0xee, g->pad);
	return (uint32_t)(w.p - buf);
}

void gen_random(struct gen *g, struct rnd *r, uint32_t max_plen)
{
	*g = gen_default;
	g->tun_hlen = rnd_one_in(r, 3) ? 8 : 0;
	g->tun_fill = (uint8_t)rnd_u32(r);
	g->n_vlan = (uint8_t)rnd_below(r, 3);
	g->l3 = rnd_one_in(r, 2) ? PKT_L3_IPV4 : PKT_L3_IPV6;
	g->ext = rnd_one_in(r, 4) ? (uint8_t)rnd_below(r, 8) : 0;
	g->tos = (uint8_t)rnd_u32(r);
	g->frag_off = rnd_one_in(r, 2) ? 0x4000 : 0;
	g->id = (uint16_t)rnd_u32(r);
	g->l4 = rnd_one_in(r, 3) ? PKT_L4_UDP : PKT_L4_TCP;
	g->seq = rnd_u32(r);
	g->ack = rnd_u32(r);
	g->win = (uint16_t)rnd_u32(r);
	g->topt_words = (uint8_t)(rnd_one_in(r, 3) ? rnd_below(r, 11) : 3);
	g->tstamp = rnd_u32(r);
	g->sport = (uint16_t)rnd_u32(r);
	g->pay_pos = rnd_u32(r);
	g->plen = 1 + rnd_below(r, max_plen);
}

/* ---- chains ---- */

uint32_t chain_bytes(const struct rte_mbuf *m, uint8_t *buf)
{
	uint32_t n = 0;

	for (; m; m = m->next) {
		memcpy(buf + n, rte_pktmbuf_mtod(m, const char *), m->data_len);
		n += m->data_len;
	}
	return n;
}

static void exact_free(void *addr, void *opaque)
{
	free(addr);
	free(opaque);
}

static struct rte_mbuf *exact_seg(const uint8_t *p, uint16_t n)
{
	struct rte_mbuf *m = pkt_alloc_hdr();
	struct rte_mbuf_ext_shared_info *info = calloc(1, sizeof(*info));
	uint8_t *block = malloc(n ? n : 1);

	assert(m && info && block);
	memcpy(block, p, n);
	info->free_cb = exact_free;
	info->fcb_opaque = info;
	rte_mbuf_ext_refcnt_set(info, 1);
	rte_pktmbuf_attach_extbuf(m, block, RTE_BAD_IOVA, n, info);
	m->data_off = 0;
	m->data_len = n;
	m->pkt_len = n;
	return m;
}

static struct rte_mbuf *copied_seg(const uint8_t *p, uint16_t n)
{
	struct rte_mbuf *m = n <= PKT_HDR_ROOM ? pkt_alloc_hdr() : pkt_alloc_small();

	assert(m);
	memcpy(rte_pktmbuf_mtod(m, char *), p, n);
	m->data_len = n;
	m->pkt_len = n;
	return m;
}

static uint32_t cut_len(uint32_t left, struct rnd *r)
{
	uint32_t n;

	switch (rnd_below(r, 4)) {
	case 0:
		n = 1;
		break;
	case 1:
		n = 1 + rnd_below(r, 64);
		break;
	default:
		n = 1 + rnd_below(r, PKT_SMALL_ROOM);
		break;
	}
	return RTE_MIN(n, left);
}

static struct rte_mbuf *cut(const uint8_t *buf, uint32_t n, uint32_t first, struct rnd *r,
	struct rte_mbuf *(*make)(const uint8_t *, uint16_t))
{
	uint32_t k = RTE_MIN(first + (rnd_one_in(r, 2) ? 0 : rnd_below(r, 200)), n), left;
	struct rte_mbuf *m, *last;

	m = last = make(buf, (uint16_t)k);
	for (left = n - k; left; left -= k) {
		/* long frames in tiny pieces would need more buffers than there are */
		k = m->nb_segs > 100 ? RTE_MIN(left, (uint32_t)PKT_SMALL_ROOM) : cut_len(left, r);
		last = pkt_append_at(m, last, make(buf + n - left, (uint16_t)k));
	}
	return m;
}

static struct rte_mbuf *shared(const uint8_t *buf, uint32_t n, struct rnd *r)
{
	static uint8_t wide[GEN_MAX + 128];
	const uint32_t before = rnd_below(r, 64);
	struct rte_mbuf *whole, *m;

	memset(wide, 0xaa, before);
	memcpy(wide + before, buf, n);
	memset(wide + before + n, 0xbb, 64);
	whole = pkt_from_bytes(wide, before + n + 64);
	assert(whole);
	m = pkt_slice(whole, before, n);
	assert(m);
	pkt_done(whole);
	return m;
}

struct rte_mbuf *chain_make(
	const uint8_t *buf, uint32_t n, enum chain_shape shape, uint32_t first, struct rnd *r)
{
	struct rte_mbuf *m;

	switch (shape) {
	case CHAIN_CUT:
		return cut(buf, n, first, r, copied_seg);
	case CHAIN_EXACT:
		return cut(buf, n, first, r, exact_seg);
	case CHAIN_SHARED:
		m = shared(buf, n, r);
		if (pkt_pull(&m, RTE_MIN(first, n)))
			abort();
		return m;
	default:
		m = pkt_from_bytes(buf, n);
		assert(m);
		return m;
	}
}

struct rte_mbuf *gen_pkt(const struct gen *g, enum chain_shape shape, struct rnd *r)
{
	static uint8_t buf[GEN_MAX];
	struct rte_mbuf *m = chain_make(buf, gen_bytes(g, buf), shape, gen_hlen(g), r);
	struct pkt_meta *md = pkt_meta(m);

	md->tun_hlen = g->tun_hlen;
	pkt_parse(m, g->tun_hlen, &md->inner);
	return m;
}

struct rte_mbuf *gen_super(
	const struct gen *g, uint16_t gso_size, enum chain_shape shape, struct rnd *r)
{
	struct rte_mbuf *m = gen_pkt(g, shape, r);
	struct pkt_layer *l = &pkt_meta(m)->inner;
	uint16_t field;

	assert(l->l4 != PKT_L4_NONE);
	field = csum_fold(l4_csum_pseudo(m, l, l->end_off - l->l4_off));
	/* shared bytes too: they are ours alone until the packet is handed on */
	memcpy(l4_csum_field(m, l), &field, sizeof(field));
	l->csum = PKT_CSUM_OWED;
	l->gso_size = gso_size;
	if (g->l4 == PKT_L4_UDP)
		l->gso_type = PKT_GSO_UDP;
	else
		l->gso_type = g->l3 == PKT_L3_IPV4 ? PKT_GSO_TCP4 : PKT_GSO_TCP6;
	l->gso_ecn = g->l4 == PKT_L4_TCP && (g->flags & 0x80);
	return m;
}
