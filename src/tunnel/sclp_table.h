/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The frames under reassembly: found by key, ordered by age, counted by remote.  Everything is
 * allocated at start.
 *
 * A frame is live (has pieces) or a memory of one that ended (has none, is remembered for one
 * time-out, so that what still arrives of it does not start it anew).  A flow is there while it has
 * live frames.
 */
#ifndef CVSW_TUNNEL_SCLP_TABLE_H
#define CVSW_TUNNEL_SCLP_TABLE_H

#include "tunnel/sclp_rx.h"
#include "tunnel/sclp_share.h"

/* Bytes [end, start) of the frame counted from its end, in m .. last. */
struct sclp_piece {
	TAILQ_ENTRY(sclp_piece) link; /* in the frame, from its start to its end; or free */
	struct rte_mbuf *m;
	uint32_t start, end;
	uint32_t plen;	   /* segments of the piece are this long, but for the last */
	uint32_t truesize; /* buffer memory it pins */
	bool first;	   /* its first segment is the frame's */
};

enum sclp_frame_state {
	SCLP_FRAME_FREE,
	SCLP_FRAME_LIVE,
	SCLP_FRAME_DONE,     /* memory: was delivered */
	SCLP_FRAME_GIVEN_UP, /* memory: was dropped or delivered in parts */
};

/* What all frames of one sender and one outer flow have in common. */
struct sclp_flow_key {
	uint8_t addr[32];
	uint32_t ports;
};

struct sclp_flow {
	LIST_ENTRY(sclp_flow) link;	 /* in its hash bucket, or free */
	TAILQ_HEAD(, sclp_frame) frames; /* oldest first */
	struct sclp_flow_key key;
	uint32_t hash;
};

struct sclp_frame {
	LIST_ENTRY(sclp_frame) hash_link;
	TAILQ_ENTRY(sclp_frame) age_link; /* in live, past or free */
	TAILQ_ENTRY(sclp_frame) remote_link;
	TAILQ_ENTRY(sclp_frame) flow_link;
	TAILQ_HEAD(, sclp_piece) pieces;
	struct sclp_flow_key key;
	uint32_t id;
	uint32_t hash;
	uint64_t since_ns; /* live: first seen; past: ended */
	struct sclp_rx_remote *remote;
	struct sclp_flow *flow;
	uint32_t len;	     /* of the frame; 0 while the first segment is missing */
	uint32_t n_have;     /* bytes arrived */
	uint32_t n_truesize; /* buffer memory held */
	uint32_t n_segs;
	uint32_t n_overtaken; /* segments of later frames of the flow that completed */
	uint16_t obj;
	uint8_t tos;
	uint8_t state;
};

TAILQ_HEAD(sclp_frame_list, sclp_frame);
LIST_HEAD(sclp_frame_bucket, sclp_frame);
LIST_HEAD(sclp_flow_bucket, sclp_flow);
TAILQ_HEAD(sclp_piece_list, sclp_piece);

struct sclp_rx {
	struct sclp_rx_conf conf;
	uint64_t seed[2];
	uint32_t bucket_mask;
	uint32_t n_live, n_past;
	uint64_t n_bytes;
	struct sclp_frame_bucket *frame_buckets;
	struct sclp_flow_bucket *flow_buckets;
	struct sclp_frame_list live, past, free; /* live, past: oldest first */
	struct sclp_flow_bucket free_flows;
	struct sclp_piece_list free_pieces;
	struct sclp_share by_frames, by_bytes;
	struct sclp_frame *frames;
	struct sclp_flow *flows;
	struct sclp_piece *pieces;
};

/* Hashes of a flow and of a frame in it. */
uint32_t sclp_flow_hash(const struct sclp_rx *r, const struct sclp_flow_key *key);
uint32_t sclp_frame_hash(const struct sclp_rx *r, uint32_t flow_hash, uint32_t id);

/* The frame, live or past; NULL: never seen or forgotten. */
struct sclp_frame *sclp_frame_find(struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t id,
	uint32_t hash, uint64_t now_ns);
struct sclp_flow *sclp_flow_find(
	const struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t hash);

/* A new live frame.  There must be room: the caller enforces the bounds. */
struct sclp_frame *sclp_frame_add(struct sclp_rx *r, const struct sclp_flow_key *key, uint32_t id,
	uint32_t flow_hash, uint32_t frame_hash, struct sclp_rx_remote *remote, uint64_t now_ns);
/* It ends: pieces it still has are freed.  Remembered as @state, or not at all (SCLP_FRAME_FREE).
 */
void sclp_frame_end(
	struct sclp_rx *r, struct sclp_frame *f, enum sclp_frame_state state, uint64_t now_ns);

/* Put @p in front of @before (NULL: behind all), or out again; the caller gets its mbufs back. */
struct sclp_piece *sclp_piece_add(
	struct sclp_rx *r, struct sclp_frame *f, struct sclp_piece *before, struct rte_mbuf *m);
struct rte_mbuf *sclp_piece_del(struct sclp_rx *r, struct sclp_frame *f, struct sclp_piece *p);

#endif
