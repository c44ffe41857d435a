/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known about a packet, kept in the mbuf's private area of its first segment.
 *
 * A packet has one or two layers: `inner` is the frame of a guest and always there; `outer` is what
 * a tunnel put in front of it, valid while tun_hlen > 0.  Over a kernel socket the outer layer is
 * just the tunnel header (l3, l4 NONE: the kernel writes those).  A segment of SCLP or STT, whose
 * payload is part of an opaque frame, has no outer layer: SCLP or STT is its l4.  All offsets count
 * from the packet's first byte and are corrected by whoever moves that byte (pkt_layer_shift).
 *
 * Checksums and segmentation are debts of a layer (csum == PKT_CSUM_OWED, gso_type != 0), paid by
 * tx_prepare().
 */
#ifndef CVSW_PKT_META_H
#define CVSW_PKT_META_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <rte_mbuf.h>

enum pkt_l3 {
	PKT_L3_NONE,
	PKT_L3_IPV4,
	PKT_L3_IPV6
};
enum pkt_l4 {
	PKT_L4_NONE,
	PKT_L4_TCP,
	PKT_L4_UDP,
	PKT_L4_SCTP,
	PKT_L4_SCLP, /* pkt_parse_wire() only, as is STT: a guest's packets are its own business */
	PKT_L4_STT,
	PKT_L4_N
};

/* What tun_off, tun_hlen name. */
enum pkt_tun {
	PKT_TUN_OPAQUE, /* nothing in it depends on the packet: VXLAN, Geneve */
	PKT_TUN_GRE,	/* with NVGRE: may have a checksum */
};

/* State of the L4 checksum of a layer.  The numbers are those of SCLP's frame metadata. */
enum pkt_csum {
	PKT_CSUM_UNKNOWN = 0,  /* in the packet, not looked at: right or wrong, it stays as it is */
	PKT_CSUM_VERIFIED = 1, /* in the packet and known to be right */
	PKT_CSUM_OWED = 2, /* the field holds the folded pseudo-header sum only (not inverted); 0
			      for protocols without pseudo-header: SCTP, SCLP, GRE */
};

/* Segmentation owed.  The numbers are those of SCLP's frame metadata.  Implies PKT_CSUM_OWED. */
enum pkt_gso {
	PKT_GSO_NONE = 0,
	PKT_GSO_TCP4 = 1,
	PKT_GSO_TCP6 = 2,
	PKT_GSO_UDP = 3, /* USO: a train of equal datagrams, IPv4 or IPv6 */

	/* these SCLP has no number for: paid before they go into a tunnel */
	PKT_GSO_UFO = 4,  /* one datagram to be sent as IP fragments of at most gso_size bytes */
	PKT_GSO_SCTP = 5, /* chunks to be spread over packets with at most gso_size bytes of them */
	PKT_GSO_SCLP = 6, /* an opaque frame and its transport header, owing segmentation */
	PKT_GSO_STT = 7,
	PKT_GSO_N
};

#define PKT_LF_FRAG   0x01 /* an IP fragment: l4 is NONE */
#define PKT_LF_PARSED 0x02 /* the offsets are valid */
#define PKT_LF_OPTS   0x04 /* IPv4 options or IPv6 extension headers present */
#define PKT_LF_FIXID                                                                               \
	0x08 /* gso_type: all segments of the train had the same IPv4 ID (RFC 6864: DF set) */
#define PKT_LF_CARRIER                                                                             \
	0x10 /* SCLP over UDP: a UDP header stands right before l4_off, and its checksum is meant  \
	      */

struct pkt_layer {
	uint16_t l2_off;      /* Ethernet header */
	uint16_t l3_off;      /* IP header; valid if l3 != NONE */
	uint16_t l4_off;      /* valid if l4 != NONE, and if proto != 0 */
	uint16_t pay_off;     /* first byte behind the L4 header (l4 != NONE) */
	uint32_t end_off;     /* end of the IP packet; what follows is padding.  l3 NONE: end of the
				 packet */
	rte_be16_t ethertype; /* innermost, behind the VLAN tags */
	uint8_t n_vlan;	      /* tags, 0-2 */
	uint8_t l3;	      /* enum pkt_l3 */
	uint8_t l4;    /* enum pkt_l4; NONE also when its header is not whole or it is a fragment */
	uint8_t flags; /* PKT_LF_* */
	uint8_t csum;  /* enum pkt_csum */
	uint8_t gso_type;  /* enum pkt_gso */
	uint16_t gso_size; /* L4 payload bytes of each segment but the last; > 0 if gso_type */
	uint8_t gso_ecn; /* TCP: the CWR flag belongs on the first segment only (always obeyed; told
			    to the far end) */
	uint8_t proto;	 /* IP protocol that starts at l4_off; 0: not known, or a fragment */
};

struct pkt_meta {
	struct rte_mbuf *next_pkt; /* in a pkt_list */
	uint16_t obj; /* the port or remote that has the packet now: owner of the drop counter */
	uint16_t tun_off;  /* tunnel header */
	uint16_t tun_hlen; /* its bytes; 0: no tunnel */
	uint8_t tos;	   /* outer DSCP and ECN: as received, or to be sent */
	uint8_t tun;	   /* enum pkt_tun */
	uint32_t hash;	   /* of the inner flow; 0: not computed */
	struct pkt_layer inner;
	struct pkt_layer outer;
};
static_assert(sizeof(struct pkt_meta) <= 128, "fits two cache lines");

static inline struct pkt_meta *pkt_meta(struct rte_mbuf *m)
{
	return (struct pkt_meta *)rte_mbuf_to_priv(m);
}

static inline const struct pkt_meta *pkt_meta_const(const struct rte_mbuf *m)
{
	return (const struct pkt_meta *)((const char *)m + sizeof(*m));
}

/* The first byte moved: add @delta to the offsets of layer @l. */
static inline void pkt_layer_shift(struct pkt_layer *l, int delta)
{
	l->l2_off = (uint16_t)(l->l2_off + delta);
	l->l3_off = (uint16_t)(l->l3_off + delta);
	l->l4_off = (uint16_t)(l->l4_off + delta);
	l->pay_off = (uint16_t)(l->pay_off + delta);
	l->end_off = (uint32_t)((int)l->end_off + delta);
}

/* What the layer owes in L4: mark it.  The caller has put into the field what enum pkt_csum says.
 */
static inline void pkt_owe_csum(struct pkt_layer *l)
{
	l->csum = PKT_CSUM_OWED;
}

#endif
