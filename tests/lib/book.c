/* SPDX-License-Identifier: BSD-3-Clause */
#include "book.h"

#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "oracle.h"
#include "pktgen.h"

/* What was sent and must leave. */
struct sent {
	const uint8_t *b;
	uint32_t n;
	const uint8_t *bare; /* the same without padding */
	uint32_t n_bare;
	uint64_t flow;
	bool is_fragment; /* could be of any flow */
	bool left;
};

#define N_SENT	400
#define N_BYTES (200 * 1024)

static struct {
	uint8_t bytes[N_BYTES + 4 * GEN_MAX]; /* with what one super-frame becomes */
	uint32_t n_bytes;
	struct sent sent[N_SENT + 64];
	uint32_t n_sent, first; /* all in front of it have left */
} book;

static const uint8_t *book_keep(const uint8_t *b, uint32_t n)
{
	uint8_t *const p = book.bytes + book.n_bytes;

	memcpy(p, b, n);
	book.n_bytes += n;
	return p;
}

static uint64_t mix(uint64_t h, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

static uint64_t mix_layer(uint64_t h, const uint8_t *b, const struct pkt_layer *l)
{
	const uint8_t kinds[] = { l->l3, l->l4, l->flags & PKT_LF_CARRIER };

	h = mix(h, kinds, sizeof(kinds));
	if (l->l3 == PKT_L3_NONE)
		return h;
	h = mix(h, b + l->l2_off, l->l3_off - l->l2_off);
	h = l->l3 == PKT_L3_IPV4 ? mix(h, b + l->l3_off + 12, 8) : mix(h, b + l->l3_off + 8, 32);
	if (l->flags & PKT_LF_CARRIER)
		h = mix(h, b + l->l4_off - 8, 4);
	if (l->l4 != PKT_L4_NONE)
		h = mix(h, b + l->l4_off, l->l4 == PKT_L4_SCTP ? 8 : 4);
	return h;
}

/* The name of the flow: order must be kept among packets with the same one. */
static uint64_t flow_name(const uint8_t *b, const struct pkt_meta *md)
{
	uint64_t h = mix_layer(0xcbf29ce484222325u + md->obj, b, &md->inner);
	const uint8_t *const tun = b + md->tun_off;

	if (!md->tun_hlen)
		return h;
	h = mix_layer(h, b, &md->outer);
	if (md->tun == PKT_TUN_GRE && tun[0] & 0x80)
		return mix(mix(h, tun, 4), tun + 6, md->tun_hlen - 6u);
	return mix(h, tun, md->tun_hlen);
}

static void add16(uint8_t *p, uint32_t v)
{
	v += (uint32_t)p[0] << 8 | p[1];
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* What GRE carries was padded in front of the outer packet's end: the frame as it is without. */
static void cut_inner_padding(uint8_t *b, const struct pkt_meta *md)
{
	const uint32_t pad = md->outer.end_off - md->inner.end_off;
	struct pkt_meta bare = *md;
	uint8_t *const ip = b + md->outer.l3_off;
	uint32_t value, at;

	bare.outer.end_off = md->inner.end_off;
	add16(ip + (md->outer.l3 == PKT_L3_IPV4 ? 2 : 4), 0u - pad);
	if (md->outer.l3 == PKT_L3_IPV4) {
		ip[10] = ip[11] = 0;
		add16(ip + 10, (uint16_t)~oracle_sum(ip, ip[0] % 16 * 4u, 0));
	}
	if (frame_outer_csum(b, &bare, &value, &at)) {
		b[at] = b[at + 1] = 0;
		add16(b + at, value);
	}
}

void book_open(void)
{
	book.n_bytes = book.n_sent = book.first = 0;
}

bool book_has_room(void)
{
	return book.n_sent < N_SENT && book.n_bytes < N_BYTES;
}

void book_close(void)
{
	must(book.first == book.n_sent);
}

void book_add(const uint8_t *b, uint32_t n, const struct pkt_meta *md)
{
	struct sent *t = &book.sent[book.n_sent++];
	const bool in_tunnel = md->outer.l3 != PKT_L3_NONE;

	*t = (struct sent){
		.n = n,
		.n_bare = md->inner.l3 != PKT_L3_NONE ? md->inner.end_off : n,
		.flow = flow_name(b, md),
		.is_fragment = md->inner.flags & PKT_LF_FRAG,
	};
	t->bare = t->b = book_keep(b, n);
	if (in_tunnel && md->inner.l4 != PKT_L4_NONE && md->inner.end_off < md->outer.end_off) {
		static uint8_t bare[GEN_MAX];

		memcpy(bare, b, n);
		cut_inner_padding(bare, md);
		t->bare = book_keep(bare, t->n_bare);
	}
}

static bool is_it(const struct sent *t, uint64_t flow, const uint8_t *b, uint32_t n)
{
	if (t->left || t->flow != flow)
		return false;
	return (n == t->n && !memcmp(b, t->b, n)) || (n == t->n_bare && !memcmp(b, t->bare, n));
}

static uint32_t n_other_bytes(const struct sent *t, const uint8_t *b, uint32_t n)
{
	uint32_t n_other = n > t->n_bare ? n - t->n_bare : t->n_bare - n;

	for (uint32_t i = 0; i < RTE_MIN(n, t->n_bare); i++)
		n_other += b[i] != t->bare[i];
	return n_other;
}

/* For whoever looks into a finding: what left, beside what is most like it. */
static void tell(const uint8_t *b, uint32_t n)
{
	const struct sent *best = book.sent;

	for (const struct sent *t = book.sent; t < book.sent + book.n_sent; t++)
		if (n_other_bytes(t, b, n) < n_other_bytes(best, b, n))
			best = t;
	fprintf(stderr, "what left is most like number %u of %u%s\n", (uint32_t)(best - book.sent),
		book.n_sent, best->left ? ", which left before" : "");
	bytes_tell(b, n, best->bare, best->n_bare);
}

void book_leave(const struct rte_mbuf *m)
{
	static uint8_t b[GEN_MAX];
	const uint32_t n = chain_bytes(m, b);
	const uint64_t flow = flow_name(b, pkt_meta_const(m));
	struct sent *t = NULL;

	for (uint32_t i = book.first; !t && i < book.n_sent; i++)
		if (is_it(&book.sent[i], flow, b, n))
			t = &book.sent[i];
	if (!t)
		tell(b, n);
	must(t);
	for (struct sent *older = &book.sent[book.first]; older < t; older++)
		must(older->left || (older->flow != t->flow && !t->is_fragment));
	t->left = true;
	while (book.first < book.n_sent && book.sent[book.first].left)
		book.first++;
}
