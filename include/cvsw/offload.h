/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libcvsw-offload: segmentation (GSO), coalescing (GRO) and checksums in software for any DPDK
 * program: TCP, UDP, SCTP, plain or inside VXLAN, Geneve, GRE and NVGRE, over IPv4 and IPv6; and
 * the segments of STT and SCLP.  docs/offload-library.md shows how to use it.
 *
 * Words.  A *train* or *super-frame* is one packet (an mbuf chain) that stands for many on the
 * wire: one set of headers, the payload of all, and the payload size of each (gso_size).  A packet
 * *owes* a checksum or its segmentation when somebody further on is to do it.
 *
 * Metadata.  The library keeps what it knows of a packet in the private area of the packet's first
 * mbuf, from its start: cvsw_offload_priv_size() bytes.  *Each* segment that is handed to the
 * library must come from a pool whose private area is at least as large: cvsw_pktmbuf_pool_create()
 * makes one.  A packet is known from cvsw_parse() (or a function that parses) on, and until
 * something else edits its headers or lengths: then parse it again.  Unless said otherwise
 * functions want a packet that is known.
 *
 * Ownership.  A queue (struct cvsw_queue) takes packets without limit and without allocation, so
 * nothing is lost because an array is too small: cvsw_queue_pop() fills arrays of any size, in
 * order. `struct rte_mbuf **m`: the first mbuf of the packet may be replaced by another; *m is the
 * packet afterwards, on errors, too.  The mbufs of a packet must be the caller's alone (reference
 * count 1); their data may be shared with clones, the library copies headers before it writes them.
 *
 * Errors are negative errno values, and the packet is still the caller's, with the meaning it had:
 *   -EINVAL     the packet cannot be what it says, or an argument is wrong
 *   -ENOBUFS    the library's pools are empty
 *   -ENOTSUP    DPDK has no flag that says it
 *   others      of cvsw_offload_init() and cvsw_offload_exit(), see there
 * Bytes of a packet are never trusted: what is malformed is passed on as it is or refused.
 *
 * Threads.  cvsw_offload_init() and _exit(): one thread, no other one in the library.  A cvsw_gro
 * and a cvsw_queue belong to one thread at a time.  All else may be called by any thread; threads
 * that are EAL's (rte_thread_register()) get buffers faster.  No function sleeps, locks, or reads a
 * clock; only _init, _exit and _create allocate memory.
 *
 * Offsets and lengths are bytes, offsets count from the packet's first byte; numbers are in host
 * byte order.
 */
#ifndef CVSW_OFFLOAD_H
#define CVSW_OFFLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <rte_mbuf.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CVSW_MUST_CHECK __attribute__((warn_unused_result))

/*
 * ---- start and end ----
 */
/* Pools of the library's own: new headers, and pieces that share payload. */
struct cvsw_offload_config {
	uint32_t n_hdr;	  /* mbufs with 384 bytes: for pieces; 0: 16,384 */
	uint32_t n_small; /* mbufs with 2,048 bytes: for segments with copied payload; 0: 8,192 */
	uint32_t cache; /* per-thread cache of each pool, as of rte_pktmbuf_pool_create(); 0: 256 */
	int socket;	/* NUMA node, or SOCKET_ID_ANY (-1) */
	uint16_t app_priv_size; /* private bytes for the program behind the library's, in these
				   mbufs, too; the library does not touch them */
};

/*
 * Make the pools (EAL is up) in memory that devices reach.  @config: NULL for defaults, any NUMA
 * node.  Returns 0, -EALREADY, -EINVAL, or what rte_pktmbuf_pool_create() failed with: -ENOMEM...
 */
int cvsw_offload_init(const struct cvsw_offload_config *config) CVSW_MUST_CHECK;
/* Free them.  0, or -EBUSY with nothing done: packets that hold buffers of the library are still
 * under way (in a queue, a cvsw_gro, a ring, a device).  Without cvsw_offload_init(): 0. */
int cvsw_offload_exit(void) CVSW_MUST_CHECK;

struct cvsw_offload_buffers {
	uint32_t hdr_free, hdr_total, small_free, small_total;
};
/* Buffers free now and in all; all 0 before cvsw_offload_init().  Slow: walks all caches. */
void cvsw_offload_buffers(struct cvsw_offload_buffers *b);

/* Private bytes that the library needs in each mbuf. */
uint16_t cvsw_offload_priv_size(void);

/*
 * rte_pktmbuf_pool_create() with a private area of cvsw_offload_priv_size(): @n mbufs, @cache of
 * them per thread, @data_room bytes each with RTE_PKTMBUF_HEADROOM.  NULL: rte_errno says why.
 */
struct rte_mempool *cvsw_pktmbuf_pool_create(const char *name, unsigned int n, unsigned int cache,
	uint16_t data_room, int socket) CVSW_MUST_CHECK;

/*
 * ---- queues ----
 */
/* Packets in order.  Set it up by cvsw_queue_init() and look at the counters; the rest is the
 * library's.  A packet stands in one queue at most. */
struct cvsw_queue {
	struct rte_mbuf *head, *tail;
	uint32_t n_pkts;
	uint32_t n_bytes;
};

void cvsw_queue_init(struct cvsw_queue *q);
/* Append a packet, which need not be known.  0, or -EINVAL: a segment has no private area. */
int cvsw_queue_add(struct cvsw_queue *q, struct rte_mbuf *m) CVSW_MUST_CHECK;
/* Move up to @n packets, oldest first, into @out, where they are the caller's.  Returns how many;
 * 0: the queue is empty (or @n is 0).  What does not fit stays, in order. */
unsigned int cvsw_queue_pop(struct cvsw_queue *q, struct rte_mbuf **out, unsigned int n);

/*
 * ---- parsing ----
 */
/* Where tunnels are expected, host byte order; 0: nowhere. */
struct cvsw_ports {
	uint16_t vxlan, geneve; /* UDP destination ports */
	uint16_t sclp;		/* UDP destination port of SCLP over UDP */
	uint16_t stt;		/* TCP destination port */
	uint8_t sclp_proto;	/* IP protocol of SCLP */
	uint8_t gre;		/* 1: GRE and NVGRE */
};

/* The assigned ones: VXLAN 4789 (RFC 7348), Geneve 6081 (RFC 8926), STT 7471, GRE (RFC 2784, 2890,
 * 7637); and SCLP's of docs/protocol.md.  Where functions take ports, NULL means these. */
void cvsw_ports_default(struct cvsw_ports *p);

/*
 * Look at the packet *@m, which starts with an Ethernet header (up to two VLAN tags), and write its
 * metadata.  Headers that are split over segments are pulled into the first one (up to 256 bytes).
 *
 * Reads what a driver said in ol_flags: RX_L4_CKSUM_GOOD is believed (in a tunnel it is the inner
 * checksum where RX_OUTER_L4_CKSUM_GOOD, an inner packet_type or RX_LRO show that somebody looked
 * into it, otherwise the outer one); a frame with RX_LRO and tso_segsz becomes a train.
 *
 * Returns 0, also if nothing of it is understood: it is passed on whole then.  -EINVAL: a segment
 * has no private area; metadata was not written.  -ENOBUFS: headers are split and there is no
 * buffer, or those of an LRO frame are shared.
 */
int cvsw_parse(struct rte_mbuf **m, const struct cvsw_ports *ports) CVSW_MUST_CHECK;

enum cvsw_l3 {
	CVSW_L3_NONE,
	CVSW_L3_IPV4,
	CVSW_L3_IPV6
};
/* NONE also for fragments and for headers that are not whole. */
enum cvsw_l4 {
	CVSW_L4_NONE,
	CVSW_L4_TCP,
	CVSW_L4_UDP,
	CVSW_L4_SCTP,
	CVSW_L4_SCLP,
	CVSW_L4_STT
};
enum cvsw_csum {
	CVSW_CSUM_UNKNOWN,  /* in the packet, right or wrong */
	CVSW_CSUM_VERIFIED, /* in the packet and right */
	CVSW_CSUM_OWED	    /* the field holds the sum of the pseudo-header, not inverted */
};
enum cvsw_gso_type {
	CVSW_GSO_NONE, /* an ordinary packet */
	CVSW_GSO_TCP4,
	CVSW_GSO_TCP6,
	CVSW_GSO_UDP,	    /* a train of datagrams */
	CVSW_GSO_UDP_FRAGS, /* one datagram, to be sent as IP fragments */
	CVSW_GSO_SCTP,	    /* chunks of many packets in one */
	CVSW_GSO_SCLP,
	CVSW_GSO_STT
};

/* What is known about a packet.  Where there is a tunnel, l3_off and on are of the inner packet. */
struct cvsw_info {
	uint8_t l3;	    /* enum cvsw_l3 */
	uint8_t l4;	    /* enum cvsw_l4 */
	uint8_t csum;	    /* enum cvsw_csum, of l4 */
	uint8_t outer_csum; /* enum cvsw_csum, of the tunnel's UDP or GRE header */
	uint8_t gso_type;   /* enum cvsw_gso_type */
	uint8_t n_vlan;	    /* tags in the packet */
	uint16_t gso_size; /* payload bytes (CVSW_GSO_UDP_FRAGS: bytes behind the IP header) of each
			      packet at most; all but the last have as many, but for SCTP */
	uint16_t tun_off, tun_hlen; /* tunnel header; 0 bytes: no tunnel */
	uint16_t l3_off;	    /* valid if l3 */
	uint16_t l4_off, pay_off;   /* valid if l4: its header, its payload */
	uint32_t end_off;	    /* end of the IP packet; what is behind is padding */
	uint32_t n_pkts; /* packets it stands for: 1, or of a train; SCTP: at least so many */
};
void cvsw_info(const struct rte_mbuf *m, struct cvsw_info *info);

/*
 * ---- GRO ----
 */
#define CVSW_GRO_TCP	(1u << 0)
#define CVSW_GRO_UDP	(1u << 1) /* only for receivers that can take trains of datagrams */
#define CVSW_GRO_SCTP	(1u << 2) /* ... more chunks than a packet has */
#define CVSW_GRO_SCLP	(1u << 3)
#define CVSW_GRO_STT	(1u << 4)
#define CVSW_GRO_PARSED (1u << 31) /* the packets are known already: do not parse them again */

struct cvsw_gro;

/* A table for at most @n_flows flows that are held at a time (rounded up to a power of two, at
 * least 8, at most 2^20; about 700 bytes each).  NULL: no memory. */
struct cvsw_gro *cvsw_gro_create(uint32_t n_flows, const struct cvsw_ports *ports) CVSW_MUST_CHECK;
/* Packets that are still held are freed: flush before, to have them.  NULL: nothing happens. */
void cvsw_gro_destroy(struct cvsw_gro *g);

/*
 * Parse the @n packets of @pkts and give them to the engine, which holds each, merges it into a
 * held one, or passes it on; what leaves is appended to @out, older data of a flow first, so that
 * the order inside a flow never changes.  @what: CVSW_GRO_* of what may be merged.  @now_ns: a
 * clock that only goes forward, for cvsw_gro_flush_aged().
 *
 * Merged is what segmentation makes into the same packets again, by the conditions of Linux; in
 * doubt a packet is passed on unmerged.  None is dropped.  Packets of different mbuf `port`, with
 * different stripped VLAN tags (vlan_tci), or decrypted by the device and not (RX_SEC_OFFLOAD), are
 * of different flows.  A train leaves with RTE_MBUF_F_RX_LRO, RTE_MBUF_F_RX_L4_CKSUM_NONE and
 * tso_segsz set, as from a driver, and known.
 *
 * Returns how many packets were taken: @n, or less, when pkts[that] has a segment without private
 * area: it and those behind are still the caller's.
 */
unsigned int cvsw_gro_receive(struct cvsw_gro *g, struct rte_mbuf **pkts, unsigned int n,
	uint32_t what, uint64_t now_ns, struct cvsw_queue *out) CVSW_MUST_CHECK;

/* All that is held leaves, oldest flow first: at the end of a burst.  Nothing held: nothing
 * happens. */
void cvsw_gro_flush(struct cvsw_gro *g, struct cvsw_queue *out);
/* What has been held for more than @age_ns: trains of many bursts, at the price of that delay. */
void cvsw_gro_flush_aged(
	struct cvsw_gro *g, uint64_t now_ns, uint64_t age_ns, struct cvsw_queue *out);

/*
 * ---- debts ----
 */
#define CVSW_UDP_FRAGMENT (1u << 0) /* UDP is to be sent as IP fragments, not as datagrams */

/*
 * The packet owes its L4 checksum, whatever stands in the field, and with @gso_size > 0
 * segmentation into packets of at most so many payload bytes; one that fits is an ordinary packet.
 * With
 * @gso_size 0 a train becomes one large packet.  In a tunnel the outer checksum is owed, too,
 * unless it is absent.  @flags: 0 or CVSW_UDP_FRAGMENT.  Returns 0, -EINVAL (no protocol or length
 * that can be so; IPv6 with a routing header that is not used up), -ENOBUFS.
 */
int cvsw_request(struct rte_mbuf **m, uint16_t gso_size, uint32_t flags) CVSW_MUST_CHECK;

/*
 * Parse *@m and take over what ol_flags asks of a device (RTE_MBUF_F_TX_IP_CKSUM, _L4_MASK,
 * _TCP_SEG, _UDP_SEG, _OUTER_IP_CKSUM, _OUTER_UDP_CKSUM) with l2_len... and tso_segsz as DPDK
 * defines them; IP header checksums are computed at once.  These bits are cleared: the request is
 * in the metadata then.  Without RTE_MBUF_F_TX_TUNNEL_* and _OUTER_IPV4 or 6 the lengths are of the
 * outermost headers and tunnels are not looked for.  @flags: with CVSW_UDP_FRAGMENT that is what
 * _UDP_SEG means, as for rte_gso.  _SEC_OFFLOAD, _MACSEC and others stay as they are.
 *
 * Returns 0 (nothing asked: only parsed), -EINVAL (no private area, or lengths and packet
 * disagree; ol_flags is as it was), -ENOBUFS.
 */
int cvsw_from_ol_flags(
	struct rte_mbuf **m, const struct cvsw_ports *ports, uint32_t flags) CVSW_MUST_CHECK;

/*
 * The other way: what *@m owes goes into ol_flags, l2_len.., tso_segsz and the header fields as
 * rte_eth_tx_burst() wants them (pseudo-header sums without the length for TCP; IP checksum 0), and
 * out of the metadata.  The device must be able to do it: this is not looked at.  In tunnels
 * RTE_MBUF_F_TX_TUNNEL_* is found by @ports.  Nothing owed: bits of former requests are cleared.
 *
 * Returns 0, -ENOTSUP (fragments, trains of SCTP and SCLP, SCLP's and GRE's checksum, lengths that
 * do not fit the mbuf's fields: pay by cvsw_gso()), -ENOBUFS; nothing changed then.
 */
int cvsw_to_ol_flags(struct rte_mbuf **m, const struct cvsw_ports *ports) CVSW_MUST_CHECK;

/*
 * ---- GSO ----
 */
/* What the receiver of a packet can do itself.  Of a device: RTE_ETH_TX_OFFLOAD_... */
#define CVSW_CAP_CSUM (1u << 0) /* TCP and UDP checksums: _TCP_CKSUM and _UDP_CKSUM */
#define CVSW_CAP_TSO4 (1u << 1) /* _TCP_TSO */
#define CVSW_CAP_TSO6 (1u << 2) /* _TCP_TSO */
#define CVSW_CAP_USO  (1u << 3) /* trains of datagrams: _UDP_TSO, if it means that */
#define CVSW_CAP_UFO  (1u << 5) /* CVSW_GSO_UDP_FRAGS; no device */
#define CVSW_CAP_SCTP (1u << 6) /* SCTP checksums and trains; no device */

/*
 * Pay what *@m owes and @caps (CVSW_CAP_*) lack: segment, compute checksums, outer ones, too.  The
 * result, one packet or many in order, is appended to @out.  What is still owed is in ol_flags as
 * by cvsw_to_ol_flags(), where it can be (CVSW_CAP_UFO, CVSW_CAP_SCTP: it stays in the metadata):
 * ready for rte_eth_tx_burst().  A packet with a tunnel header is paid in full, whatever @caps say;
 * for devices that can do those use cvsw_to_ol_flags().
 *
 * Segments inherit port, VLAN tags beside the packet, hash, and dynamic fields and flags of @m, not
 * private bytes of the program.  Payload is shared (indirect mbufs) or copied, whichever is
 * cheaper.  A segment has at most 2,048 bytes in the first mbuf, headers always.
 *
 * TCP: CWR on the first segment, FIN and PSH on the last; IPv4 identifications count up (RFC 6864);
 * SCTP is cut between chunks (RFC 9260, 6.10).
 *
 * Returns 0 with *@m used up (NULL), or with @out unchanged -EINVAL (cannot be segmented),
 * -ENOBUFS.
 */
int cvsw_gso(struct rte_mbuf **m, uint32_t caps, struct cvsw_queue *out) CVSW_MUST_CHECK;

/*
 * ---- checksums ----
 */
/*
 * The Internet checksum (RFC 1071) by the best instructions of the machine: adds the @n bytes at @p
 * as 16-bit words in memory order to @sum (0, or a result; an odd last byte is the first of a
 * pair).  Any address, @n < 16 GB.  Results are below 2^34 and may be added up before they are
 * folded.
 */
uint64_t cvsw_csum(const void *p, size_t n, uint64_t sum);
/* The same, copying the bytes to @dst, which may not overlap, on the way. */
uint64_t cvsw_csum_copy(void *dst, const void *src, size_t n, uint64_t sum);
/* To 16 bits, in the packet's byte order, not inverted: a field is (uint16_t)~cvsw_csum_fold(sum).
 */
uint16_t cvsw_csum_fold(uint64_t sum);

/* CRC32c (RFC 9260, appendix A): of what @crc covers (0: nothing) and the @n bytes at @p.  SCTP's
 * field is rte_cpu_to_le_32() of it. */
uint32_t cvsw_crc32c(uint32_t crc, const void *p, size_t n);
/* The same, copying as above. */
uint32_t cvsw_crc32c_copy(void *dst, const void *src, size_t n, uint32_t crc);

#ifdef __cplusplus
}
#endif

#endif
