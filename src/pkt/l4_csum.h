/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The checksum of a layer's transport protocol: whatever it is (RFC 1071 with or without
 * pseudo-header, CRC32c), wherever it stands.  And the one of what a tunnel put in front, computed
 * from the headers alone where the inner one is known.
 */
#ifndef CVSW_PKT_L4_CSUM_H
#define CVSW_PKT_L4_CSUM_H

#include "pkt/csum.h"
#include "pkt/meta.h"

/* What a transport protocol's checksum is. */
enum l4_csum_kind {
	L4_CSUM_PSEUDO, /* Internet checksum with pseudo-header: TCP, UDP, STT */
	L4_CSUM_PLAIN,	/* without: SCLP */
	L4_CSUM_CRC32C, /* SCTP */
};

struct l4_csum_proto {
	uint8_t kind;	   /* enum l4_csum_kind */
	uint8_t off;	   /* of the field in the header */
	uint8_t proto;	   /* in the pseudo-header */
	bool zero_is_none; /* 0 means "not computed", and a computed 0 is written as 0xffff */
};

extern const struct l4_csum_proto l4_csum_protos[PKT_L4_N];

/* The checksum of SCLP over UDP is UDP's. */
static inline const struct l4_csum_proto *l4_csum_of(const struct pkt_layer *l)
{
	return &l4_csum_protos[l->flags & PKT_LF_CARRIER ? PKT_L4_UDP : l->l4];
}

/* First byte that the checksum covers (l4 not NONE). */
static inline uint32_t l4_csum_start(const struct pkt_layer *l)
{
	return l->l4_off - (l->flags & PKT_LF_CARRIER ? 8u : 0u);
}

/* Where the field is, from the packet's first byte. */
static inline uint32_t l4_csum_at(const struct pkt_layer *l)
{
	return l4_csum_start(l) + l4_csum_of(l)->off;
}

/* Pointer to the 16-bit field (l4 not NONE, SCTP), in the first segment. */
csum_field_t *l4_csum_field(struct rte_mbuf *m, const struct pkt_layer *l);

/* Pseudo-header sum of layer @l (l3 and l4 not NONE) for an L4 length of @l4_len bytes; 0 where
 * there is none. */
uint64_t l4_csum_pseudo(const struct rte_mbuf *m, const struct pkt_layer *l, uint32_t l4_len);

/*
 * Is the checksum right?  UDP over IPv4 with 0 counts as right, SCLP with 0 as wrong.  l4 must not
 * be NONE.  A UDP datagram may end before the IP packet does; the checksum covers what UDP's own
 * length says.
 */
bool l4_csum_good(const struct rte_mbuf *m, const struct pkt_layer *l);

/* Owed from here on: the field is what enum pkt_csum says for the layer as it is now.  The header
 * must be private. */
void l4_csum_owe(struct rte_mbuf *m, struct pkt_layer *l);

/* Is the field of the layer, which owes its checksum, what l4_csum_owe() would write? */
bool l4_csum_owed_right(const struct rte_mbuf *m, const struct pkt_layer *l);

/* Pay the owed L4 checksum: field = full checksum, csum = VERIFIED.  The header must be private
 * (pkt_unshare). */
void l4_csum_pay(struct rte_mbuf *m, struct pkt_layer *l);

/*
 * The same with the sum of the payload known, the bytes from pay_off to end_off added to @sum in
 * memory order: by csum_bytes() from an even offset, or crc32c() where the protocol has that.
 * Before the first of them @sum is l4_csum_in_front(), headers (but for the field) as they will be.
 */
uint64_t l4_csum_in_front(const struct rte_mbuf *m, const struct pkt_layer *l);
void l4_csum_pay_with(struct rte_mbuf *m, struct pkt_layer *l, uint64_t sum);

/*
 * The checksum in front of the inner frame (tun_hlen > 0): the outer UDP's or GRE's.  Where the
 * inner L4 checksum is verified or owed and both layers end together, only headers are summed
 * ("local checksum offload": from the inner header on everything adds up to what the pseudo-header
 * lacks).  outer_csum_at: where the field is, 0: there is none (GRE without, no UDP).
 */
uint32_t outer_csum_at(const struct rte_mbuf *m, const struct pkt_meta *md);
/* UDP with 0, and packets that have no such field, count as right. */
bool outer_csum_good(const struct rte_mbuf *m, const struct pkt_meta *md);
void outer_csum_owe(struct rte_mbuf *m, struct pkt_meta *md);
void outer_csum_pay(struct rte_mbuf *m, struct pkt_meta *md);

#endif
