/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hooks that a protocol gives to the engines gro.c and gso.c, which name none: one row a
 * protocol.
 *
 * A packet is a stack of headers, outermost first, that lie contiguous in its first segment: header
 * i is the bytes [off[i], off[i + 1]), the payload starts at off[n].  The stack is built from the
 * metadata by offload_stack_build(); a tunnel is one header between the outer and the inner ones. N
 * tunnels and M transports are N + M rows.
 *
 * A new protocol is a file with its row, a line in offload_rows[] of offload_ops.c and its place in
 * l3_row[], l4_row[] or tun_row[] there.
 */
#ifndef CVSW_OFFLOAD_OFFLOAD_OPS_H
#define CVSW_OFFLOAD_OFFLOAD_OPS_H

#include <string.h>

#include "offload/forecast.h"
#include "pkt/pkt.h"

#define OFFLOAD_DEPTH                                                                              \
	8 /* headers: outer Ethernet, IP, UDP, tunnel, inner Ethernet, IP, TCP, and one to spare   \
	   */

enum offload_row {
	OFFLOAD_NONE,
	OFFLOAD_ETHER, /* with its VLAN tags */
	OFFLOAD_IPV4,
	OFFLOAD_IPV6,	   /* with its extension headers */
	OFFLOAD_IPV4_FRAG, /* the same where what follows is to be sent as fragments */
	OFFLOAD_IPV6_FRAG,
	OFFLOAD_TCP,
	OFFLOAD_UDP,
	OFFLOAD_SCTP,
	OFFLOAD_SCLP,
	OFFLOAD_STT,
	OFFLOAD_UDP_OUTER,   /* in front of a tunnel header */
	OFFLOAD_UDP_CARRIER, /* in front of SCLP */
	OFFLOAD_TUNNEL,	     /* opaque: VXLAN, Geneve */
	OFFLOAD_GRE,
	OFFLOAD_N_ROWS
};

struct offload_stack {
	union {
		uint8_t row[OFFLOAD_DEPTH]; /* enum offload_row */
		uint64_t rows;		    /* all of them, to compare */
	};
	uint16_t off[OFFLOAD_DEPTH + 1];
	uint8_t n;
	uint8_t n_outer; /* headers from this one on belong to the inner layer */
};

/*
 * ---- GRO ----
 */
#define GRO_C_SOLO  0x01 /* may neither be merged nor held; held data of its flow leaves first */
#define GRO_C_FIRST 0x02 /* may start a train, not continue one */
#define GRO_C_LAST  0x04 /* may end a train, not start one */

/* An arriving packet. */
struct gro_ctx {
	struct rte_mbuf *m;
	const uint8_t *hdr; /* its first byte */
	struct pkt_meta *md;
	struct offload_stack st;
	uint32_t plen;	/* payload bytes: from off[n] to the end of the layer, without padding */
	uint32_t carry; /* the innermost protocol's: ORed over the train, given to gro_complete */
	uint32_t
		first_unit; /* bytes of the payload's first unit that cannot be cut (uneven rows) */
	uint32_t seq, next_seq; /* of this packet / of what may follow it (uneven rows) */
	uint16_t max_pkts;	/* the train's limit */
	uint8_t flags;		/* GRO_C_* */
	uint8_t fixed; /* bit i: header i shows the constant, not the counting identification */
};

/* A held packet or train, or (m == NULL) what is remembered of one.  What most packets touch comes
 * first. */
struct gro_item {
	struct rte_mbuf *m, *last; /* the first packet with the payload of the others behind; its
				      last segment */
	uint16_t joined; /* packets linked behind by the short way that nothing else knows of yet */
	uint16_t credit; /* how many more may join by it */
	uint32_t plen;	 /* payload bytes by now */
	uint32_t max_len; /* of the packet */
	uint16_t n_pkts;
	uint16_t max_pkts;
	uint16_t seg_plen; /* payload of each packet but the last; uneven rows: of the first */
	uint8_t fixed;	   /* as in gro_ctx, decided by the second packet */
	uint8_t kind;	   /* GRO_TCP... */
	uint32_t hash;	   /* 0: in no bucket */
	uint32_t next;	   /* in the bucket; indices, 0: none */
	uint32_t older, younger; /* in order of arrival, or of being free */
	struct gro_item *after; /* that got a packet after this one, when last one did; or itself */
	struct forecast forecast;
	const uint8_t *hdr; /* headers of the first packet, as they came */
	struct offload_stack st;
	uint32_t carry, next_seq, last_plen;
	uint64_t held_ns;
} __rte_cache_aligned;

enum gro_verdict {
	GRO_OTHER_FLOW,
	GRO_NO_MERGE, /* the same flow: order matters, but something differs */
	GRO_MERGE,
};

struct gro_done {
	uint32_t carry;
	uint16_t seg_plen;
	bool fixed; /* of this header */
};

/*
 * ---- GSO ----
 */
/* Where a segment stands in its super-frame. */
struct gso_pos {
	const struct pkt_layer *l; /* the layer of the header at hand, of the super-frame */
	uint32_t idx;
	uint32_t bytes_before; /* payload in earlier segments */
	uint32_t hdr_end; /* end of the segment's headers / of the segment / of the layer in the
			     super-frame, counted like off: from the first byte */
	uint32_t seg_end;
	uint32_t super_end;
	bool is_last;
};

/*
 * Engines call hooks from the outermost header inwards for gro_step, gro_same and gro_forecast,
 * from the innermost outwards for gro_verify, gro_complete and gso_fixup.  No hook frees, drops or
 * keeps a packet.  A hook that is NULL has nothing to do, but for gro_forecast: a stack with a row
 * that has none is not forecast.
 */
struct offload_ops {
	const char *name;
	uint8_t gso_type[3]; /* innermost protocols: enum pkt_gso by enum pkt_l3; NONE: trains
				cannot be */
	uint8_t gro_kind; /* GRO_TCP...: what the caller must have asked for; 0: nothing merges */
	uint8_t gso_grow; /* bytes that segments have at the end of their headers, and the
			     super-frame has not */
	uint8_t gso_unit; /* payload is cut at multiples of it; 0: anywhere */
	bool uneven; /* packets of a train differ in size: the payload itself says where to cut */

	/* Check header @i of the arriving packet: set c->flags, carry, max_pkts. Reads only. */
	void (*gro_step)(struct gro_ctx *c, unsigned int i);
	/* Do they belong together, as far as header @i can tell?  May set bit i of c->fixed. */
	enum gro_verdict (*gro_same)(struct gro_ctx *c, const struct gro_item *it, unsigned int i);
	/* Is this header's L4 or outer checksum good?  May set csum of its layer. */
	bool (*gro_verify)(const struct rte_mbuf *m, struct pkt_meta *md);
	/* Header @h at @off of a packet in the middle of a train with @plen bytes in each: what
	 * will vary in the next one, and how (forecast.h). */
	void (*gro_forecast)(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen);
	/* The train is complete, l->end_off set: correct the header at @off of layer @l (private
	 * bytes). */
	void (*gro_complete)(
		struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d);
	/* Innermost: may this super-frame be cut?  0 or -EINVAL. */
	int (*gso_check)(const struct rte_mbuf *m, const struct pkt_layer *l);
	/* Innermost: where that begins which is cut, if it is not where the last header of the
	 * stack ends; 0: it cannot be told.  NULL: it is. */
	uint32_t (*gso_start)(const struct rte_mbuf *m, const struct pkt_layer *l);
	/* Uneven rows: bytes of the next segment, at most @max, of the @left at @off; 0: cannot be
	 * cut. */
	uint32_t (*gso_cut)(const struct rte_mbuf *m, uint32_t off, uint32_t left, uint32_t max);
	/* @h: this header in one segment, a copy of the super-frame's: correct it.  @off: its
	 * offset. */
	void (*gso_fixup)(void *h, uint16_t off, const struct gso_pos *pos);
	/* Innermost: correct the layer of one segment, whose headers end at @hdr_end, where it
	 * differs from the super-frame's in more than lengths. */
	void (*gso_layer)(struct pkt_layer *l, uint32_t hdr_end);
};

extern const struct offload_ops offload_ether, offload_ipv4, offload_ipv6, offload_ipv4_frag,
	offload_ipv6_frag, offload_tcp, offload_udp, offload_sctp, offload_sclp, offload_stt,
	offload_udp_outer, offload_udp_carrier, offload_tunnel, offload_gre;
extern const struct offload_ops *const offload_rows[OFFLOAD_N_ROWS];

/* false: no transport header that we know. */
bool offload_stack_build(const struct pkt_meta *md, struct offload_stack *st);

/* The row of the innermost header. */
static inline const struct offload_ops *offload_innermost(const struct offload_stack *st)
{
	return offload_rows[st->row[st->n - 1]];
}

static inline bool offload_bytes_equal(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;
	uint64_t x, y;

	if (n < 8)
		return !memcmp(p, q, n);
	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&x, p + i, 8);
		memcpy(&y, q + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, p + n - 8, 8);
	memcpy(&y, q + n - 8, 8);
	return x == y;
}

/* gro_same of headers whose bytes are all part of the flow's name, and their gro_forecast. */
enum gro_verdict offload_same_bytes(struct gro_ctx *c, const struct gro_item *it, unsigned int i);
void offload_forecast_same(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen);

/* What TCP and UDP and their like share: gro_verify by the inner L4 checksum (inet.c). */
bool offload_l4_verify(const struct rte_mbuf *m, struct pkt_meta *md);

/* ... by the outer one (tunnel.c). */
bool offload_outer_verify(const struct rte_mbuf *m, struct pkt_meta *md);

/* What TCP and STT share (tcp.c): equal but for the sequence number, which follows. */
bool offload_tcp_follows(const struct gro_ctx *c, const struct gro_item *it, unsigned int i);
void offload_tcp_forecast(struct forecast *f, const uint8_t *h, uint16_t off, uint32_t plen);
void offload_tcp_fixup(void *h, uint16_t off, const struct gso_pos *pos);

/* @field holds a pseudo-header sum for an L4 length of @old_len: make it one for @new_len. */
static inline uint16_t offload_inet_relen(uint16_t field, uint32_t old_len, uint32_t new_len)
{
	uint32_t sum = field;

	sum += (uint16_t)~rte_cpu_to_be_16((uint16_t)old_len);
	sum += rte_cpu_to_be_16((uint16_t)new_len);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

#endif
