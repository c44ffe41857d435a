/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The hooks that a protocol gives to the engines gro.c and gso.c, which name none: one row a
 * protocol.
 *
 * A packet is a stack of headers, outermost first, that lie contiguous in its first segment: header
 * i is the bytes [off[i], off[i + 1]), the payload starts at off[n].  The stack is built from the
 * metadata by offload_stack_build(); a tunnel header is one opaque header between the outer and the
 * inner ones.  N tunnels and M transports are N + M rows.
 *
 * A new protocol is a file with its row, a line in rows[] of offload_ops.c and, unless it is a
 * tunnel, its place in l3_row[] or l4_row[] there.
 */
#ifndef CVSW_OFFLOAD_OFFLOAD_OPS_H
#define CVSW_OFFLOAD_OFFLOAD_OPS_H

#include <string.h>

#include "pkt/pkt.h"

#define OFFLOAD_DEPTH                                                                              \
	8 /* headers: outer Ethernet, IP, UDP, tunnel, inner Ethernet, IP, TCP, and one to spare   \
	   */

enum offload_row {
	OFFLOAD_NONE,
	OFFLOAD_ETHER, /* with its VLAN tags */
	OFFLOAD_IPV4,
	OFFLOAD_IPV6, /* with its extension headers */
	OFFLOAD_TCP,
	OFFLOAD_UDP,
	OFFLOAD_TUNNEL, /* opaque */
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
	const uint8_t *hdr;  /* its first byte */
	struct pkt_layer *l; /* the inner layer */
	struct offload_stack st;
	uint32_t plen;	/* payload bytes: from off[n] to the end of the layer, without padding */
	uint32_t carry; /* the innermost protocol's: ORed over the train, given to gro_complete */
	uint16_t max_pkts; /* the train's limit */
	uint8_t flags;	   /* GRO_C_* */
	uint8_t fixed;	   /* bit i: header i shows the constant, not the counting identification */
};

/* A held packet or train. */
struct gro_item {
	struct rte_mbuf *m, *last; /* the first packet with the payload of the others behind; its
				      last segment */
	const uint8_t *hdr;	   /* headers of the first packet, as they came */
	struct offload_stack st;
	uint32_t hash;
	uint32_t plen; /* payload bytes by now */
	uint32_t carry;
	uint32_t max_len; /* of the packet */
	uint16_t n_pkts;
	uint16_t max_pkts;
	uint16_t seg_plen; /* payload of each packet but the last */
	uint8_t fixed;	   /* as in gro_ctx, decided by the second packet */
	uint64_t held_ns;
	uint32_t next;		 /* in the bucket; indices, 0: none */
	uint32_t older, younger; /* in order of arrival */
};

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
	uint32_t seg_end; /* end of this segment / of the super-frame, counted like off: from the
			     first byte */
	uint32_t super_end;
	bool is_last;
};

/*
 * Engines call hooks from the outermost header inwards for gro_step and gro_same, from the
 * innermost outwards for gro_complete and gso_fixup.  No hook frees, drops or keeps a packet.  A
 * hook that is NULL has nothing to do.
 */
struct offload_ops {
	const char *name;
	uint8_t gso_type[3]; /* innermost protocols: enum pkt_gso by enum pkt_l3; NONE: trains
				cannot be */
	uint8_t gro_kind;    /* GRO_TCP...: what the caller must have asked for */

	/* Check header @i of the arriving packet: set c->flags, carry, max_pkts. Reads only. */
	void (*gro_step)(struct gro_ctx *c, unsigned int i);
	/* Do they belong together, as far as header @i can tell?  May set bit i of c->fixed. */
	enum gro_verdict (*gro_same)(struct gro_ctx *c, const struct gro_item *it, unsigned int i);
	/* Innermost: is the checksum good?  May set l->csum. */
	bool (*gro_verify)(const struct rte_mbuf *m, struct pkt_layer *l);
	/* The train is complete, l->end_off set: correct the header at @off of layer @l (private
	 * bytes). */
	void (*gro_complete)(
		struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d);
	/* Innermost: may this super-frame be cut?  0 or -EINVAL. */
	int (*gso_check)(const struct rte_mbuf *m, const struct pkt_layer *l);
	/* @h: this header in one segment, a copy of the super-frame's: correct it.  @off: its
	 * offset. */
	void (*gso_fixup)(void *h, uint16_t off, const struct gso_pos *pos);
};

extern const struct offload_ops offload_ether, offload_ipv4, offload_ipv6, offload_tcp, offload_udp,
	offload_tunnel;
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

/* gro_same of headers whose bytes are all part of the flow's name. */
enum gro_verdict offload_same_bytes(struct gro_ctx *c, const struct gro_item *it, unsigned int i);

/* What TCP and UDP share: the checksum over pseudo-header, header and payload (inet.c). */
bool offload_inet_verify(const struct rte_mbuf *m, struct pkt_layer *l);
/* The field := pseudo-header sum of the layer as it is now; owed from here on. */
void offload_inet_owe(struct rte_mbuf *m, struct pkt_layer *l);

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
