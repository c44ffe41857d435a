/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two switches in one process, joined by UDP over loopback addresses, and a stranger: a bare socket
 * that can play a remote and look at outer headers.
 */
#ifndef CVSW_TESTS_PAIR_H
#define CVSW_TESTS_PAIR_H

#include "bed.h"

#define ADDR_A	  "127.0.0.1"
#define ADDR_B	  "127.0.0.2"
#define ADDR_C	  "127.0.0.3" /* the bare socket */
#define VNI	  77
#define MS_NS	  1000000ull
#define PEER_HLEN 8 /* VXLAN */

struct pair {
	struct bed a, b;
	enum conf_transport transport;
	uint16_t port;
	int fd; /* the bare socket; -1: not open */
};

/* Ports "g" in bridge "br1" on both sides; tunnel "t" between them; "t" of b also to the bare
 * socket if @with_socket. */
#define PAIR_SOCKET 1u
void pair_open(struct pair *p, enum conf_transport transport, unsigned int flags);
void pair_close(struct pair *p);
/* Nothing is left at the ports and nothing was dropped but what the test has seen. */
struct conf_tunnel pair_tunnel(const struct pair *p, char *local, char **remotes, unsigned int n);

/* Run both until @n frames are at port "g" of @at (or it takes too long); they go to @got. */
void pair_run(struct pair *p, struct bed *at, unsigned int n, struct pkt_list *got);
/* Run both for a while: what should not arrive would have. */
void pair_settle(struct pair *p);

/* Send bytes from the bare socket to b with outer DSCP/ECN @tos; b runs until it has seen them. */
void pair_send(struct pair *p, const void *bytes, size_t n, int tos);
/* Receive at the bare socket while both run: bytes, or -1 if nothing comes; *tos: outer DSCP/ECN.
 */
int pair_recv(struct pair *p, void *bytes, size_t size, int *tos);

#endif
