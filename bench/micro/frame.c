/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <string.h>
#include <rte_ip.h>

#include "transport.h"
#include "wrap.h"

#define ETHER_HLEN 14
#define SPORT	   1000
#define ID	   100

static struct gen gen_at(const struct proto *p, const struct frame_at *at)
{
	struct gen g = gen_default;

	g.n_vlan = p->n_vlan;
	g.l3 = p->l3;
	g.addr = (uint8_t)(1 + at->flow % 250);
	g.sport = (uint16_t)(SPORT + at->flow);
	g.id = (uint16_t)(ID + at->idx);
	g.pay_pos = at->pos;
	transport_gen(p, at, &g);
	return g;
}

static uint32_t l3_hlen(const struct proto *p)
{
	return p->l3 == PKT_L3_IPV4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
}

/* Where the generator puts its frame: with the Ethernet header under the wrap, if that wants none.
 */
static uint32_t inner_off(const struct proto *p)
{
	return wrap_inner_ether(p) ? wrap_len(p) : wrap_len(p) - ETHER_HLEN;
}

static uint32_t hlen(const struct proto *p)
{
	const struct gen g = gen_at(p, &(struct frame_at){ .plen = 0 });

	return inner_off(p) + gen_hlen(&g) + transport_extra(p);
}

uint32_t frame_plen_max(const struct proto *p)
{
	const uint32_t link_hlen = p->wrap ? ETHER_HLEN : ETHER_HLEN + 4u * p->n_vlan;

	return 65535 - (hlen(p) - link_hlen);
}

/* The headers that differ from packet to packet, innermost first: outer sums cover inner ones. */
static void put_headers(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	uint8_t *l3 = f->b + f->l3;

	if (f->p->l3 == PKT_L3_IPV4) {
		struct rte_ipv4_hdr *ip = (void *)l3;

		ip->packet_id = rte_cpu_to_be_16(g->id);
		ip->src_addr = rte_cpu_to_be_32(0x0a000000u + g->addr);
		transport_ip_proto(f->p, &ip->next_proto_id);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	} else {
		struct rte_ipv6_hdr *ip6 = (void *)l3;

		ip6->src_addr[15] = g->addr;
		transport_ip_proto(f->p, &ip6->proto);
	}
	transport_put(f, at, g);
	if (f->p->wrap)
		wrap_put(f, at);
}

void frame_build(struct frame *f, const struct proto *p, const struct frame_at *at)
{
	const struct gen g = gen_at(p, at);
	const uint32_t off = inner_off(p);

	f->p = p;
	f->len = off + gen_bytes(&g, f->b + off);
	f->l3 = (uint16_t)(off + ETHER_HLEN + 4 * p->n_vlan);
	f->l4 = (uint16_t)(f->l3 + l3_hlen(p));
	f->hlen = hlen(p);
	put_headers(f, at, &g);
}

void frame_stamp(struct frame *f, const struct frame_at *at)
{
	const struct gen g = gen_at(f->p, at);

	frame_stamp_payload(f->p, f->b + f->hlen, at);
	put_headers(f, at, &g);
}

void frame_stamp_payload(const struct proto *p, uint8_t *pay, const struct frame_at *at)
{
	const struct frame_mark mark = { at->flow, at->idx };

	transport_put_payload(p, pay, at);
	memcpy(pay + transport_mark_off(p), &mark, sizeof(mark));
}

struct frame_mark frame_mark_of(const struct proto *p, const uint8_t *pay)
{
	struct frame_mark mark;

	memcpy(&mark, pay + transport_mark_off(p), sizeof(mark));
	return mark;
}
