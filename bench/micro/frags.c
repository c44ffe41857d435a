/* SPDX-License-Identifier: BSD-3-Clause */
#include "frags.h"

#include <string.h>
#include <rte_ip.h>

#define FRAG_HLEN 8
#define NEXT_FRAG 44
#define MORE	  1 /* the lowest bit of the offset field of IPv6 */

void frags_expect(struct frags *e, const struct frame *f, uint32_t seg)
{
	e->f = *f;
	e->seg = seg;
}

static void put_ipv4(uint8_t *b, const struct frame *f, uint32_t off, uint32_t len, bool is_last)
{
	struct rte_ipv4_hdr *ip = (void *)(b + f->l3);

	ip->total_length = rte_cpu_to_be_16((uint16_t)(f->l4 - f->l3 + len));
	ip->fragment_offset = rte_cpu_to_be_16(
		(uint16_t)(off / 8 | (is_last ? 0 : RTE_IPV4_HDR_MF_FLAG)));
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
}

static void put_ipv6(uint8_t *b, const struct frags *e, uint32_t off, uint32_t len, bool is_last)
{
	struct rte_ipv6_hdr *ip6 = (void *)(b + e->f.l3);
	const rte_be32_t id = rte_cpu_to_be_32(e->id);
	uint8_t *fh = b + e->f.l4;
	const rte_be16_t off_more = rte_cpu_to_be_16((uint16_t)(off | (is_last ? 0 : MORE)));

	ip6->payload_len = rte_cpu_to_be_16((uint16_t)(FRAG_HLEN + len));
	fh[0] = ip6->proto;
	fh[1] = 0;
	memcpy(fh + 2, &off_more, sizeof(off_more));
	memcpy(fh + 4, &id, sizeof(id));
	ip6->proto = NEXT_FRAG;
}

/* Whoever sends chooses it. */
static uint32_t ipv6_id(const struct frags *e, const uint8_t *b)
{
	rte_be32_t id;

	memcpy(&id, b + e->f.l4 + 4, sizeof(id));
	return rte_be_to_cpu_32(id);
}

const char *frags_check(struct frags *e, const struct rte_mbuf *m, uint32_t idx)
{
	static uint8_t got[FRAME_OUTER_MAX + GEN_MAX], want[FRAME_OUTER_MAX + GEN_MAX];
	const struct frame *f = &e->f;
	const uint32_t off = idx * e->seg, hlen = f->l4 + (f->p->l3 == PKT_L3_IPV6 ? FRAG_HLEN : 0);
	const bool is_last = f->l4 + off + e->seg == f->len;

	if (m->pkt_len != hlen + e->seg || chain_bytes(m, got) != m->pkt_len)
		return "a fragment of a wrong length came out";
	memcpy(want, f->b, f->l4);
	memcpy(want + hlen, f->b + f->l4 + off, e->seg);
	if (f->p->l3 == PKT_L3_IPV4) {
		put_ipv4(want, f, off, e->seg, is_last);
	} else {
		if (!idx)
			e->id = ipv6_id(e, got);
		put_ipv6(want, e, off, e->seg, is_last);
	}
	if (memcmp(got, want, hlen))
		return "a fragment with wrong headers came out";
	if (memcmp(got + hlen, want + hlen, e->seg))
		return "a fragment with wrong payload or checksum came out";
	return NULL;
}
