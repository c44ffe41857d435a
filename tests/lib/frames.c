/* SPDX-License-Identifier: BSD-3-Clause */
#include "frames.h"

#include <string.h>

#include "judge.h"
#include "oracle.h"
#include "pktgen.h"

#define PORT_VXLAN  4789
#define PORT_GENEVE 6081
#define PORT_SCLP   4234
#define PORT_STT    7471
#define PROTO_GRE   47
#define PROTO_SCTP  132
#define PROTO_SCLP  234

/* ---- numbers ---- */

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

struct put {
	uint8_t *b;
	uint32_t n;
};

static void put8(struct put *w, uint32_t v)
{
	w->b[w->n++] = (uint8_t)v;
}

static void put16(struct put *w, uint32_t v)
{
	set16(w->b + w->n, v);
	w->n += 2;
}

static void put32(struct put *w, uint32_t v)
{
	set32(w->b + w->n, v);
	w->n += 4;
}

static void fill(struct put *w, uint8_t v, uint32_t n)
{
	memset(w->b + w->n, v, n);
	w->n += n;
}

/* ---- sizes ---- */

static bool is_tunnel(const struct frame *f)
{
	return f->tun > FRAME_BARE;
}

static bool is_udp_tunnel(const struct frame *f)
{
	return f->tun >= FRAME_VXLAN && f->tun <= FRAME_GENEVE_IP;
}

static bool has_inner_ether(const struct frame *f)
{
	return f->tun != FRAME_GENEVE_IP && f->tun != FRAME_GRE_IP;
}

static uint32_t tun_hlen(const struct frame *f)
{
	switch (f->tun) {
	case FRAME_BARE:
	case FRAME_VXLAN:
		return 8;
	case FRAME_GENEVE:
	case FRAME_GENEVE_IP:
		return 8 + 4u * f->tun_opts;
	case FRAME_GRE:
	case FRAME_GRE_IP:
		return 4 + (f->outer_csum ? 4 : 0) + (f->gre_key ? 4 : 0) + (f->gre_seq ? 4 : 0);
	default:
		return 0;
	}
}

static uint32_t ip_hlen(const struct frame_ip *ip)
{
	return ip->v6 ? 40 + 8u * (uint32_t)__builtin_popcount(ip->opts & 3) : 20 + 4u * ip->opts;
}

static uint32_t l4_hlen(const struct frame *f)
{
	static const uint8_t hlen[FRAME_N_L4] = { 20, 8, 12, 12, 20, 20 };

	return hlen[f->l4] + (f->l4 == FRAME_TCP ? 4u * f->opts : 0);
}

static uint32_t chunk_room(const struct frame *f)
{
	return (16u + f->chunk + 3) & ~3u;
}

uint32_t frame_unit(const struct frame *f)
{
	return f->l4 == FRAME_SCTP ? chunk_room(f) : 1;
}

uint32_t frame_fit(const struct frame *f)
{
	const uint32_t headers = ip_hlen(&f->ip) + l4_hlen(f) +
				 (is_tunnel(f) ? 14u + 4u * f->n_vlan + tun_hlen(f) + 8 +
							 ip_hlen(&f->outer) + f->pad
					       : 0);
	uint32_t plen = RTE_MIN(f->plen, 65535 - headers);

	if (f->l4 == FRAME_SCTP)
		return RTE_MAX(plen / chunk_room(f), 1u) * chunk_room(f);
	if (f->l4 >= FRAME_SCLP)
		plen = RTE_MIN(plen, f->frame_len - f->at);
	return plen;
}

/* ---- writing ---- */

static void put_ether(struct put *w, uint32_t n_vlan, bool v6)
{
	fill(w, 0x02, 6);
	fill(w, 0x06, 6);
	for (uint32_t i = 0; i < n_vlan; i++) {
		put16(w, i + 1 == n_vlan ? 0x8100 : 0x88a8);
		put16(w, 100 + i);
	}
	put16(w, v6 ? 0x86dd : 0x0800);
}

/* IP with @n bytes behind its headers. */
static void put_ip(struct put *w, const struct frame_ip *ip, uint8_t proto, uint32_t n)
{
	uint32_t next;

	if (!ip->v6) {
		put8(w, 0x45u + ip->opts);
		put8(w, ip->tos);
		put16(w, ip_hlen(ip) + n);
		put16(w, ip->id);
		put16(w, ip->df ? 0x4000 : 0);
		put8(w, ip->ttl);
		put8(w, proto);
		put16(w, 0);
		put32(w, 0x0a000000u + ip->addr);
		put32(w, 0x0a0000feu);
		fill(w, 1, 4u * ip->opts);
		return;
	}
	put32(w, 0x60000000u | (uint32_t)ip->tos << 20 | 0x12345);
	put16(w, ip_hlen(ip) - 40 + n);
	next = w->n;
	put8(w, 0);
	put8(w, ip->ttl);
	fill(w, 0xfd, 15);
	put8(w, ip->addr);
	fill(w, 0xfd, 15);
	put8(w, 0xfe);
	for (unsigned int i = 0; i < 2; i++) {
		if (!(ip->opts & 1u << i))
			continue;
		w->b[next] = i ? 60 : 0;
		next = w->n;
		put16(w, 0);
		put16(w, 0x0104); /* PadN */
		fill(w, 0, 4);
	}
	w->b[next] = proto;
}

static void put_outer(struct put *w, const struct frame *f, uint32_t n_inner, struct frame_map *at)
{
	const uint32_t n = tun_hlen(f) + n_inner;

	if (is_tunnel(f)) {
		put_ether(w, f->n_outer_vlan, f->outer.v6);
		at->outer_ip = w->n;
		put_ip(w, &f->outer, is_udp_tunnel(f) ? 17 : PROTO_GRE,
			n + (is_udp_tunnel(f) ? 8 : 0));
	}
	if (is_udp_tunnel(f)) {
		at->outer_l4 = w->n;
		put16(w, f->outer_sport);
		put16(w, f->tun == FRAME_VXLAN ? PORT_VXLAN : PORT_GENEVE);
		put16(w, 8 + n);
		put16(w, 0);
	}
	at->tun = w->n;
}

static void put_tunnel(struct put *w, const struct frame *f)
{
	const uint32_t type = has_inner_ether(f) ? 0x6558 : f->ip.v6 ? 0x86dd : 0x0800;

	switch (f->tun) {
	case FRAME_BARE:
	case FRAME_VXLAN:
		put32(w, 0x08000000);
		put32(w, f->key << 8);
		break;
	case FRAME_GENEVE:
	case FRAME_GENEVE_IP:
		put8(w, f->tun_opts);
		put8(w, 0);
		put16(w, type);
		put32(w, f->key << 8);
		for (unsigned int i = 0; i < f->tun_opts; i++)
			put32(w, i ? i : 0x01020000u + f->tun_opts - 1u);
		break;
	case FRAME_GRE:
	case FRAME_GRE_IP:
		put16(w, (f->outer_csum ? 0x8000u : 0) | (f->gre_key ? 0x2000u : 0) |
				 (f->gre_seq ? 0x1000u : 0));
		put16(w, type);
		if (f->outer_csum)
			put32(w, 0);
		if (f->gre_key)
			put32(w, f->key);
		if (f->gre_seq)
			put32(w, ~f->key);
		break;
	default:
		break;
	}
}

static uint8_t ip_proto(const struct frame *f)
{
	static const uint8_t proto[FRAME_N_L4] = { 6, 17, PROTO_SCTP, PROTO_SCLP, 17, 6 };

	return proto[f->l4];
}

static void put_tcp(struct put *w, const struct frame *f, uint32_t seq, uint32_t ack)
{
	put32(w, seq);
	put32(w, ack);
	put8(w, l4_hlen(f) / 4 << 4);
	put8(w, f->flags);
	put16(w, 500);
	put32(w, 0);
	for (unsigned int i = 0; f->l4 == FRAME_TCP && i < f->opts; i++)
		put32(w, i ? 7 : 0x0101080a);
}

static void put_sclp(struct put *w, const struct frame *f)
{
	put16(w, f->sport);
	put16(w, PORT_VXLAN);
	put32(w, f->seq << 1 | !f->at);
	put16(w, f->frame_len - f->at - f->plen);
	put16(w, 0);
}

static void put_l4(struct put *w, const struct frame *f)
{
	static const uint16_t dport[FRAME_N_L4] = { 80, 5001, 5000, 0, PORT_SCLP, PORT_STT };

	if (f->l4 == FRAME_SCLP) {
		put_sclp(w, f);
		return;
	}
	put16(w, f->sport);
	put16(w, dport[f->l4]);
	switch (f->l4) {
	case FRAME_TCP:
		put_tcp(w, f, f->seq, 77);
		break;
	case FRAME_STT:
		put_tcp(w, f, f->frame_len << 16 | f->at, f->seq);
		break;
	case FRAME_SCTP:
		put32(w, 0xabcd0000u + f->sport);
		put32(w, 0);
		break;
	default:
		put16(w, l4_hlen(f) + f->plen);
		put16(w, 0);
		if (f->l4 == FRAME_SCLP_UDP)
			put_sclp(w, f);
		break;
	}
}

static void put_stream(struct put *w, uint32_t pos, uint32_t n)
{
	for (; n; n--, pos++)
		put8(w, (pos * 2654435761u) >> 23);
}

static void put_payload(struct put *w, const struct frame *f)
{
	uint32_t left = f->plen, tsn = f->seq, pos = f->pos;

	if (f->l4 != FRAME_SCTP) {
		put_stream(w, pos, left);
		return;
	}
	for (; left; left -= chunk_room(f)) {
		put16(w, 0x0003);
		put16(w, 16u + f->chunk);
		put32(w, tsn++);
		put16(w, 1);
		put16(w, 2);
		put32(w, 3);
		put_stream(w, pos, f->chunk);
		fill(w, 0, chunk_room(f) - 16 - f->chunk);
		pos += chunk_room(f);
	}
}

static uint32_t zero_as(const struct frame *f, uint32_t sum)
{
	return !sum && f->other_zero ? 0xffff : sum;
}

static void put_ip_csum(const struct frame *f, const struct frame_ip *ip, uint8_t *p)
{
	if (!ip->v6)
		set16(p + 10, zero_as(f, sum_bytes(p, ip_hlen(ip), 10, 0)));
}

/* Layers as the writer meant them, whatever was poked. */
static void put_l4_csum(const struct frame *f, uint8_t *b, const struct frame_map *at)
{
	uint8_t *const l4 = b + at->l4;
	uint32_t n = at->end - at->l4, sum;

	switch (f->l4) {
	case FRAME_SCTP:
		set32(l4 + 8, crc_bytes(l4, n, 8));
		return;
	case FRAME_SCLP:
		sum = sum_bytes(l4, n, 10, 0);
		set16(l4 + 10, f->no_csum ? 0 : sum ? sum : 0xffff);
		return;
	case FRAME_UDP:
	case FRAME_SCLP_UDP:
		/* a datagram may say that it is shorter than its packet */
		if (be16(l4 + 4) >= 8 && be16(l4 + 4) < n)
			n = be16(l4 + 4);
		sum = sum_bytes(l4, n, 6, oracle_pseudo(b + at->ip, 17, n));
		set16(l4 + 6, f->no_csum ? 0 : sum ? sum : 0xffff);
		return;
	default:
		sum = sum_bytes(l4, n, 16, oracle_pseudo(b + at->ip, 6, n));
		set16(l4 + 16, zero_as(f, sum));
		return;
	}
}

static void put_outer_csum(const struct frame *f, uint8_t *b, const struct frame_map *at)
{
	uint32_t sum;

	if (is_udp_tunnel(f)) {
		const uint32_t n = at->end + f->pad - at->outer_l4;

		sum = sum_bytes(b + at->outer_l4, n, 6, oracle_pseudo(b + at->outer_ip, 17, n));
		set16(b + at->outer_l4 + 6, sum ? sum : 0xffff);
	} else {
		sum = sum_bytes(b + at->tun, at->end + f->pad - at->tun, 4, 0);
		set16(b + at->tun + 4, zero_as(f, sum));
	}
}

void frame_sum_outer(const struct frame *f, uint8_t *b, const struct frame_map *at)
{
	if (!is_tunnel(f))
		return;
	if (f->outer_csum)
		put_outer_csum(f, b, at);
	put_ip_csum(f, &f->outer, b + at->outer_ip);
}

void frame_sum(const struct frame *f, uint8_t *b, const struct frame_map *at)
{
	put_l4_csum(f, b, at);
	put_ip_csum(f, &f->ip, b + at->ip);
	frame_sum_outer(f, b, at);
}

void frame_build(struct frame *f, uint8_t *b, struct frame_map *at)
{
	struct put w = { b, 0 };
	uint32_t n_l4, n_inner;

	memset(at, 0, sizeof(*at));
	f->plen = frame_fit(f);
	n_l4 = l4_hlen(f) + f->plen;
	n_inner = (has_inner_ether(f) ? 14u + 4u * f->n_vlan : 0) + ip_hlen(&f->ip) + n_l4;
	put_outer(&w, f, n_inner + f->pad, at);
	put_tunnel(&w, f);
	if (has_inner_ether(f))
		put_ether(&w, f->n_vlan, f->ip.v6);
	at->ip = w.n;
	put_ip(&w, &f->ip, ip_proto(f), n_l4);
	at->l4 = w.n;
	put_l4(&w, f);
	at->pay = w.n;
	put_payload(&w, f);
	at->end = w.n;
	fill(&w, 0xee, f->pad);
	at->n = w.n;
	b[f->poke_at % at->pay] ^= f->poke;
	frame_sum(f, b, at);
	b[f->spoil_at % at->n] ^= f->spoil;
}

/* ---- describing ---- */

void frame_near_zero(struct frame *f)
{
	static uint8_t b[GEN_MAX];
	struct frame probe = *f;
	struct frame_map at;

	frame_build(&probe, b, &at);
	if (!f->ip.v6)
		f->ip.id = (uint16_t)(f->ip.id + be16(b + at.ip + 10) - 2);
	if (is_tunnel(f) && !f->outer.v6)
		f->outer.id = (uint16_t)(f->outer.id + be16(b + at.outer_ip + 10) - 3);
	if (f->tun >= FRAME_GRE && f->outer_csum && f->gre_key)
		f->key = (f->key & 0xffff0000u) |
			 oracle_sum((const uint8_t[]){ (uint8_t)(f->key >> 8), (uint8_t)f->key }, 2,
				 be16(b + at.tun + 4));
}

static void ip_define(struct frame_ip *ip, uint8_t how, uint8_t opts)
{
	ip->v6 = how & 1;
	ip->df = how & 2;
	ip->id_fixed = ip->df && (how & 4);
	ip->tos = how & 8 ? 0x2e : 0;
	ip->ttl = 64;
	ip->id = how & 16 ? 0xfffe : 1000;
	ip->opts = opts & 3;
	ip->addr = 1;
}

void frame_define(struct frame *f, struct in *in)
{
	const uint8_t kind = in_u8(in), link = in_u8(in), how = in_u8(in), opts = in_u8(in),
		      ip = in_u8(in), outer = in_u8(in), more = in_u8(in);

	memset(f, 0, sizeof(*f));
	f->tun = kind % 8 % FRAME_N_TUN;
	f->l4 = kind / 8 % FRAME_N_L4;
	if (f->tun && f->l4 >= FRAME_SCLP)
		f->l4 %= FRAME_SCLP;
	f->n_vlan = link % 4 % 3;
	f->n_outer_vlan = link / 4 % 4 % 3;
	f->sport = (uint16_t)(1000 + link / 16);
	f->outer_sport = 50000;
	f->outer_csum = how & 1;
	f->gre_key = how & 2;
	f->gre_seq = how & 4;
	f->no_csum = how & 8;
	f->other_zero = how & 16;
	f->seq = how & 32 ? 0xfffffa00 : 1;
	f->opts = opts % 16 % 11;
	f->tun_opts = opts / 16;
	f->flags = more & 3 ? 0x10 : 0x18;
	f->key = 77;
	ip_define(&f->ip, ip, ip >> 6);
	ip_define(&f->outer, outer, outer >> 6);
	f->frame_len = 1 + in_u16(in);
	f->frame_len = RTE_MIN(f->frame_len, 65535u);
	f->chunk = 1 + more / 4 * 8;
	f->plen = in_u16(in) % 1500;
	if (how & 64)
		frame_near_zero(f);
}

void frame_next(struct frame *f)
{
	f->pos += f->plen;
	if (!f->ip.id_fixed)
		f->ip.id++;
	if (!f->outer.id_fixed)
		f->outer.id++;
	switch (f->l4) {
	case FRAME_TCP:
		f->seq += f->plen;
		break;
	case FRAME_SCTP:
		f->seq += f->plen / chunk_room(f);
		break;
	case FRAME_UDP:
		break;
	default:
		f->at += f->plen;
		if (f->at < f->frame_len)
			break;
		f->at = 0;
		f->seq++;
		break;
	}
}

bool frame_segment(const struct frame *f, uint32_t gso_size, uint32_t idx, struct frame *seg)
{
	const uint32_t size = f->l4 == FRAME_SCTP ? gso_size - gso_size % chunk_room(f) : gso_size,
		       before = idx * size;

	if (before >= f->plen)
		return false;
	*seg = *f;
	seg->plen = RTE_MIN(f->plen - before, size);
	seg->pos += before;
	if (!f->ip.id_fixed)
		seg->ip.id = (uint16_t)(f->ip.id + idx);
	if (!f->outer.id_fixed)
		seg->outer.id = (uint16_t)(f->outer.id + idx);
	if (idx)
		seg->flags &= 0x7f;
	if (before + seg->plen < f->plen)
		seg->flags &= 0xf6;
	if (f->l4 == FRAME_TCP)
		seg->seq += before;
	else if (f->l4 == FRAME_SCTP)
		seg->seq += before / chunk_room(f);
	else if (f->l4 >= FRAME_SCLP)
		seg->at += before;
	seg->pad = 0;
	return true;
}
