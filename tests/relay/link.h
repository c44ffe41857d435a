/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One interface of the relay: frames in by a mapped AF_PACKET ring, frames out by sendmmsg, with
 * the offload header (virtio_net_hdr) on both sides, so that a checksum that veth left unfinished
 * stays unfinished.
 */
#ifndef RELAY_LINK_H
#define RELAY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_net.h>

#define LINK_FRAME_MAX 1522 /* 1,500 bytes of IP, Ethernet, two tags */
#define LINK_BATCH     64   /* frames sent by one system call */

struct link_stats {
	uint64_t rx;
	uint64_t oversize; /* larger than a wire of 1,500 bytes carries: not forwarded */
	uint64_t tx_errors;
};

/* A frame with its offload header in front: bytes[0..len-1] are struct virtio_net_hdr and Ethernet.
 */
struct link_frame {
	uint8_t *bytes;
	size_t len;
};

struct link {
	int fd;
	const char *name;
	uint8_t *ring;
	unsigned int head; /* next slot to look at */
	unsigned int tail; /* oldest slot not given back to the kernel */
	unsigned int n_out;
	struct link_frame out[LINK_BATCH];
	struct link_stats stats;
};

/* Exits with a message when the interface cannot be opened. */
void link_open(struct link *l, const char *name);
/* The next frame that arrived, or false.  It stays valid until link_release(). */
bool link_receive(struct link *l, struct link_frame *f);
/* Give back all slots of the frames received so far. */
void link_release(struct link *l);
/* Queue a frame; its bytes must stay until link_flush(), which a full queue calls by itself. */
void link_send(struct link *l, const struct link_frame *f);
void link_flush(struct link *l);
/* Frames that the kernel threw away because the ring was full, since the last call. */
uint64_t link_overflow(struct link *l);

#endif
