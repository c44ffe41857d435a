/* SPDX-License-Identifier: BSD-3-Clause */
#include "sclp_tcp.h"

#include <string.h>

#include "sclp_test.h"

#define VXLAN_N	   8
#define TCP_N	   32 /* 12 bytes of options */
#define TCP_AT(sp) (tcp_hlen_of(sp) - TCP_N)

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t ip_at(const struct tcp_spec *sp)
{
	return VXLAN_N + 14 + sp->n_vlan * 4u;
}

static uint32_t ip_n(const struct tcp_spec *sp)
{
	return (sp->v6 ? 40 : 20) + sp->n_opts * 8u;
}

uint32_t tcp_hlen_of(const struct tcp_spec *sp)
{
	return ip_at(sp) + ip_n(sp) + TCP_N;
}

static void put_meta(uint8_t *p, uint32_t csum, uint32_t gso, bool ecn, uint32_t gso_size)
{
	put32(p, 0x48000000 | csum << 22 | gso << 19 | (uint32_t)ecn << 18 | gso_size);
}

/* Lengths, identification and checksums of IP and TCP for @plen bytes of payload. */
static void finish(uint8_t *pkt, const struct tcp_spec *sp, uint32_t plen, uint16_t id)
{
	uint8_t *ip = pkt + ip_at(sp), *tcp = pkt + TCP_AT(sp), ph[40] = { 0 };

	if (sp->v6) {
		put16(ip + 4, ip_n(sp) - 40 + TCP_N + plen);
		memcpy(ph, ip + 8, 32);
	} else {
		put16(ip + 2, ip_n(sp) + TCP_N + plen);
		put16(ip + 4, id);
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~tst_sum(ip, ip_n(sp), 0));
		memcpy(ph, ip + 12, 8);
	}
	put16(ph + 34, TCP_N + plen);
	ph[37] = sp->udp ? 17 : 6;
	put16(tcp + (sp->udp ? 6 : 16), tst_sum(ph, sizeof(ph), 0));
}

uint32_t tcp_frame(uint8_t *dst, const struct tcp_spec *sp, uint32_t seed)
{
	const uint32_t hlen = tcp_hlen_of(sp), len = hlen + sp->plen + sp->pad;
	uint8_t *ip = dst + ip_at(sp), *tcp = dst + TCP_AT(sp), *type = dst + VXLAN_N + 12;

	tst_pattern(dst, len, seed);
	put32(dst, 0x08000000);
	if (!sp->no_meta)
		put_meta(dst, sp->csum, sp->gso, sp->ecn, sp->gso_size);
	for (unsigned int i = 0; i < sp->n_vlan; i++, type += 4)
		put16(type, 0x8100);
	put16(type, sp->v6 ? 0x86dd : 0x0800);
	if (sp->v6) {
		put32(ip, 0x60012345);
		ip[6] = sp->n_opts ? 60 : sp->udp ? 17 : 6;
		ip[40] = sp->udp ? 17 : 6;
		if (sp->n_opts)
			ip[41] = (uint8_t)(sp->n_opts - 1);
	} else {
		ip[0] = (uint8_t)(0x40 | ip_n(sp) / 4);
		put16(ip + 6, 0x4000);
		ip[9] = sp->udp ? 17 : 6;
	}
	if (sp->udp)
		put16(tcp + 4, TCP_N + sp->plen);
	else
		tcp[12] = TCP_N / 4 << 4;
	tcp[13] = sp->flags;
	finish(dst, sp, sp->plen, (uint16_t)(seed * 7919));
	return len;
}

uint32_t tcp_part(uint8_t *dst, const uint8_t *frame, const struct tcp_spec *sp, uint32_t off,
	uint32_t n, uint16_t id)
{
	const uint32_t hlen = tcp_hlen_of(sp);
	const bool super = sp->gso && n > sp->gso_size;
	uint8_t *tcp = dst + TCP_AT(sp);

	memcpy(dst, frame, hlen);
	memcpy(dst + hlen, frame + hlen + off, n);
	put_meta(dst, 2, super ? sp->gso : 0, super && !off && sp->ecn, super ? sp->gso_size : 0);
	put32(tcp + 4, get32(tcp + 4) + off);
	if (off)
		tcp[13] &= 0x7f; /* CWR */
	if (off + n < sp->plen)
		tcp[13] &= 0xf6; /* PSH, FIN */
	finish(dst, sp, n, id);
	return hlen + n;
}

uint16_t tcp_ip_id(const uint8_t *pkt, const struct tcp_spec *sp)
{
	return sp->v6 ? 0 : (uint16_t)get32(pkt + ip_at(sp) + 2);
}

uint32_t tcp_seq_off(const uint8_t *pkt, const uint8_t *frame, const struct tcp_spec *sp)
{
	return get32(pkt + TCP_AT(sp) + 4) - get32(frame + TCP_AT(sp) + 4);
}
