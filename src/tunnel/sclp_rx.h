/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCLP receiver: level 1 (neighbours inside one received train) and level 2 (reassembly across
 * trains, in any order, with bounds, time-out and loss recovery).  One struct sclp_rx belongs to
 * one worker.  docs/protocol.md, "Receiver".
 */
#ifndef CVSW_TUNNEL_SCLP_RX_H
#define CVSW_TUNNEL_SCLP_RX_H

#include <sys/queue.h>

#include "pkt/pkt.h"

struct sclp_rx_conf {
	uint32_t n_frames;	  /* under reassembly, in total */
	uint32_t n_frames_remote; /* and for one remote */
	uint64_t n_bytes;	  /* buffer memory held (pkt_truesize), in total */
	uint64_t timeout_ns;
	uint32_t reorder; /* segments in later frames of the same 4-tuple that were completed before
			     an incomplete one is given up; 0: never */
	bool recovery;	  /* deliver the parts of a lost TCP super-frame that arrived */
};

struct sclp_frame;

#define SCLP_WHOLE_BITS 3

/* Place in the order of those who hold most; see sclp_share.h. */
struct sclp_share_link {
	LIST_ENTRY(sclp_rx_remote) link;
	uint8_t level; /* 0: in no list */
};

/* One remote's share; lives in the remote's per-worker state, zeroed at first, outlives its frames
 * (sclp_rx_forget). */
struct sclp_rx_remote {
	/* counters (base/counter.h): anybody may read them */
	uint64_t n_frames;    /* under reassembly now */
	uint64_t n_bytes;     /* buffer memory they hold */
	uint64_t n_done;      /* frames completed since start, those that came whole included */
	uint64_t n_recovered; /* frames of which parts were delivered by loss recovery */
	uint64_t n_timeout;   /* frames given up, whether for their time or another reason */
	/* the receiver's own */
	uint64_t whole[1 << SCLP_WHOLE_BITS]; /* frames that came whole: the last ones, by ports */
	TAILQ_HEAD(, sclp_frame) frames;      /* oldest first; valid while n_frames > 0 */
	struct sclp_share_link share[2];      /* by frames, by bytes */
};

/* What is known of a received train besides its bytes. */
struct sclp_rx_from {
	struct sclp_rx_remote *remote;
	uint8_t addr[32]; /* outer source and destination address, 16 bytes each (IPv4: mapped) */
	uint16_t obj;	  /* owner of drop counters, put into the frames' metadata */
	uint8_t tos;	  /* outer DSCP and ECN, likewise; CE on any segment sets CE on the frame */
	bool csum_done;	  /* a UDP checksum that covered the segments was verified */
	bool csum_optional; /* accept segments without a checksum (operator's word) */
};

struct sclp_rx;

struct sclp_rx *sclp_rx_create(const struct sclp_rx_conf *conf);
void sclp_rx_destroy(struct sclp_rx *r);

/* The first bytes of every packet delivered that are contiguous in its first segment (or all of
 * them). */
#define SCLP_RX_CONTIGUOUS 256

/*
 * Take a train: @m holds one or more segments, each @seg_len bytes but the last, which may be
 * shorter (UDP_GRO); every segment starts with an SCLP header.  @m is used up.  Complete frames,
 * and valid TCP packets recovered from incomplete ones, are appended to @out: packets that start
 * with the inner protocol's header (VXLAN), meta obj and tos set.  Everything else is counted
 * (DROP_SCLP_*: one count for each segment or frame lost).
 */
void sclp_rx_train(struct sclp_rx *r, const struct sclp_rx_from *from, struct rte_mbuf *m,
	uint32_t seg_len, uint64_t now_ns, struct pkt_list *out);

/* Give up frames whose time is over; recovered parts go to @out. */
void sclp_rx_expire(struct sclp_rx *r, uint64_t now_ns, struct pkt_list *out);
/* When sclp_rx_expire() has work next, ns; UINT64_MAX: never. */
uint64_t sclp_rx_deadline(const struct sclp_rx *r);
/* A remote goes away: drop all of its frames (DROP_SHUTDOWN). */
void sclp_rx_forget(struct sclp_rx *r, const struct sclp_rx_remote *remote);

#endif
