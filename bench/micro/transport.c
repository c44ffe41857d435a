/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport.h"

#include <string.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "uapi/sclp.h"
#include "wire/sctp.h"

#define SEQ	   0xff000000u
#define TSN	   0xfffffff0u
#define STT_PORT   7471
#define SCLP_ID	   77
#define IP_SCTP	   132
#define DATA_HLEN  16 /* of an SCTP DATA chunk */
#define DATA_FLAGS 3  /* a whole user message */

static rte_be16_t sum_l4(const struct frame *f)
{
	const void *l3 = f->b + f->l3, *l4 = f->b + f->l4;

	return f->p->l3 == PKT_L3_IPV4 ? rte_ipv4_udptcp_cksum(l3, l4)
				       : rte_ipv6_udptcp_cksum(l3, l4);
}

static void tcp_put(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	struct rte_tcp_hdr *th = (void *)(f->b + f->l4);

	(void)at;
	th->src_port = rte_cpu_to_be_16(g->sport);
	th->sent_seq = rte_cpu_to_be_32(g->seq);
	th->recv_ack = rte_cpu_to_be_32(g->ack);
	th->cksum = 0;
	th->cksum = sum_l4(f);
}

static void udp_put(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	struct rte_udp_hdr *uh = (void *)(f->b + f->l4);

	(void)at;
	uh->src_port = rte_cpu_to_be_16(g->sport);
	uh->dgram_cksum = 0;
	uh->dgram_cksum = sum_l4(f);
}

static void sclp_put(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	const struct sclp_hdr sh = {
		.source = rte_cpu_to_be_16(g->sport),
		.dest = RTE_BE16(SCLP_PORT_VXLAN),
		.id_first = rte_cpu_to_be_32(
			(SCLP_ID + at->frame_id) << 1 | (at->frame_off ? 0 : SCLP_FIRST)),
		.remaining = rte_cpu_to_be_16((uint16_t)(at->frame_len - at->frame_off - at->plen)),
	};

	memcpy(f->b + f->hlen - SCLP_HLEN, &sh, sizeof(sh));
	udp_put(f, at, g);
}

/* DPDK's reads aligned words. */
static uint32_t crc32c_of(const uint8_t *p, uint32_t n)
{
	static uint64_t words[(GEN_MAX + 7) / 8];

	memcpy(words, p, n);
	return ~rte_hash_crc(words, n, UINT32_MAX);
}

static void sctp_put(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	struct rte_sctp_hdr *sh = (void *)(f->b + f->l4);

	transport_put_payload(f->p, f->b + f->hlen, at);
	sh->src_port = rte_cpu_to_be_16(g->sport);
	sh->dst_port = rte_cpu_to_be_16(g->dport);
	sh->tag = RTE_BE32(0x12345678);
	sh->cksum = 0;
	sh->cksum = rte_cpu_to_le_32(crc32c_of(f->b + f->l4, f->len - f->l4));
}

static void sctp_put_payload(uint8_t *pay, const struct frame_at *at)
{
	for (uint32_t i = 0; i * at->chunk < at->plen; i++) {
		const struct sctp_data d = {
			.chunk = { SCTP_CHUNK_DATA, DATA_FLAGS,
				rte_cpu_to_be_16((uint16_t)at->chunk) },
			.tsn = rte_cpu_to_be_32(TSN + at->idx + i),
			.stream_seq = rte_cpu_to_be_16((uint16_t)(at->idx + i)),
		};

		memcpy(pay + i * at->chunk, &d, sizeof(d));
	}
}

struct transport {
	uint8_t gen_l4; /* what the generator makes */
	uint8_t topt_words;
	uint8_t extra;
	uint8_t ip_proto; /* 0: the generator's */
	uint8_t mark_off;
	void (*put)(struct frame *f, const struct frame_at *at, const struct gen *g);
	void (*put_payload)(uint8_t *pay, const struct frame_at *at);
};

static const struct transport transports[PKT_L4_N] = {
	[PKT_L4_TCP] = { PKT_L4_TCP, .topt_words = 3, .put = tcp_put },
	[PKT_L4_UDP] = { PKT_L4_UDP, .put = udp_put },
	[PKT_L4_STT] = { PKT_L4_TCP, .put = tcp_put },
	[PKT_L4_SCLP] = { PKT_L4_UDP, .extra = SCLP_HLEN, .put = sclp_put },
	[PKT_L4_SCTP] = { PKT_L4_UDP, .extra = 4, .ip_proto = IP_SCTP, .mark_off = DATA_HLEN,
		.put = sctp_put, .put_payload = sctp_put_payload },
};

void transport_gen(const struct proto *p, const struct frame_at *at, struct gen *g)
{
	const struct transport *t = &transports[p->l4];

	g->l4 = t->gen_l4;
	g->topt_words = t->topt_words;
	g->plen = t->extra + at->plen;
	g->seq = SEQ + at->pos;
	if (p->l4 == PKT_L4_STT) {
		g->dport = STT_PORT;
		g->seq = at->frame_len << 16 | at->frame_off;
		g->ack = at->frame_id;
	} else if (p->l4 == PKT_L4_SCLP) {
		g->dport = SCLP_UDP_PORT;
	}
}

uint32_t transport_extra(const struct proto *p)
{
	return transports[p->l4].extra;
}

void transport_ip_proto(const struct proto *p, uint8_t *ip_proto)
{
	if (transports[p->l4].ip_proto)
		*ip_proto = transports[p->l4].ip_proto;
}

void transport_put(struct frame *f, const struct frame_at *at, const struct gen *g)
{
	transports[f->p->l4].put(f, at, g);
}

void transport_put_payload(const struct proto *p, uint8_t *pay, const struct frame_at *at)
{
	if (transports[p->l4].put_payload)
		transports[p->l4].put_payload(pay, at);
}

uint32_t transport_mark_off(const struct proto *p)
{
	return transports[p->l4].mark_off;
}
