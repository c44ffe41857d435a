/* SPDX-License-Identifier: BSD-3-Clause */
#include "link.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define RING_SLOTS     8192u
#define RING_SLOT_SIZE 2048u
#define RING_BLOCK     (1u << 18)
#define VLAN_HLEN      4
#define TX_RETRIES     64

static void fail(const char *name, const char *what)
{
	fprintf(stderr, "relay: %s: %s: %s\n", name, what, strerror(errno));
	exit(1);
}

static void set(struct link *l, int opt, const void *val, socklen_t size, const char *what)
{
	if (setsockopt(l->fd, SOL_PACKET, opt, val, size))
		fail(l->name, what);
}

static void set_on(struct link *l, int opt, const char *what)
{
	int one = 1;

	set(l, opt, &one, sizeof(one), what);
}

static void open_ring(struct link *l)
{
	struct tpacket_req req = {
		.tp_block_size = RING_BLOCK,
		.tp_block_nr = RING_SLOTS * RING_SLOT_SIZE / RING_BLOCK,
		.tp_frame_size = RING_SLOT_SIZE,
		.tp_frame_nr = RING_SLOTS,
	};
	int version = TPACKET_V2; /* V3 wakes by block or by timer: milliseconds on a quiet wire */
	int reserve = 16;	  /* room to put a VLAN tag back */

	set_on(l, PACKET_VNET_HDR, "PACKET_VNET_HDR"); /* refused once there is a ring */
	set(l, PACKET_VERSION, &version, sizeof(version), "PACKET_VERSION");
	set(l, PACKET_RESERVE, &reserve, sizeof(reserve), "PACKET_RESERVE");
	set(l, PACKET_RX_RING, &req, sizeof(req), "PACKET_RX_RING");
	l->ring = mmap(NULL, RING_SLOTS * RING_SLOT_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, l->fd, 0);
	if (l->ring == MAP_FAILED)
		fail(l->name, "mmap");
}

void link_open(struct link *l, const char *name)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	struct packet_mreq promisc = { .mr_ifindex = addr.sll_ifindex,
		.mr_type = PACKET_MR_PROMISC };
	/* Frames that a receiver's GRO chained stay on our account until its program reads them; if
	 * that made us wait, the one frame that it waits for would never come. */
	int sndbuf = 1 << 29;

	memset(l, 0, sizeof(*l));
	l->name = name;
	if (!addr.sll_ifindex)
		fail(name, "no such interface");
	/* Protocol 0: nothing arrives before bind(), when the ring is ready. */
	l->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		fail(name, "socket");
	set_on(l, PACKET_IGNORE_OUTGOING, "PACKET_IGNORE_OUTGOING");
	open_ring(l);
	set(l, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc), "PACKET_MR_PROMISC");
	if (setsockopt(l->fd, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf, sizeof(sndbuf)))
		fail(name, "SO_SNDBUFFORCE");
	if (bind(l->fd, (struct sockaddr *)&addr, sizeof(addr)))
		fail(name, "bind");
}

static struct tpacket2_hdr *slot(const struct link *l, unsigned int i)
{
	return (struct tpacket2_hdr *)(l->ring + (size_t)(i % RING_SLOTS) * RING_SLOT_SIZE);
}

/* The kernel takes a tag out of the frame; put it back where it was. */
static void restore_tag(const struct tpacket2_hdr *h, struct link_frame *f)
{
	const size_t front = sizeof(struct virtio_net_hdr) + 2 * ETH_ALEN;
	struct virtio_net_hdr vnet;
	uint16_t tag[2] = { htons(ETH_P_8021Q), htons(h->tp_vlan_tci) };

	if (h->tp_status & TP_STATUS_VLAN_TPID_VALID)
		tag[0] = htons(h->tp_vlan_tpid);
	memmove(f->bytes - VLAN_HLEN, f->bytes, front);
	f->bytes -= VLAN_HLEN;
	f->len += VLAN_HLEN;
	memcpy(f->bytes + front, tag, VLAN_HLEN);

	memcpy(&vnet, f->bytes, sizeof(vnet));
	if (vnet.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		vnet.csum_start = (uint16_t)(vnet.csum_start + VLAN_HLEN);
	memcpy(f->bytes, &vnet, sizeof(vnet));
}

bool link_receive(struct link *l, struct link_frame *f)
{
	struct tpacket2_hdr *h = slot(l, l->head);

	while (l->head - l->tail < RING_SLOTS &&
		(__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
		l->head++;
		l->stats.rx++;
		f->bytes = (uint8_t *)h + h->tp_mac - sizeof(struct virtio_net_hdr);
		f->len = h->tp_snaplen + sizeof(struct virtio_net_hdr);
		if (h->tp_status & TP_STATUS_VLAN_VALID)
			restore_tag(h, f);
		if (h->tp_len <= LINK_FRAME_MAX)
			return true;
		l->stats.oversize++;
		h = slot(l, l->head);
	}
	return false;
}

void link_release(struct link *l)
{
	while (l->tail != l->head)
		__atomic_store_n(
			&slot(l, l->tail++)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

void link_send(struct link *l, const struct link_frame *f)
{
	l->out[l->n_out++] = *f;
	if (l->n_out == LINK_BATCH)
		link_flush(l);
}

/* Send the frames from @from on; return how many the kernel is done with (a refused one counts as
 * an error). */
static unsigned int send_some(struct link *l, struct mmsghdr *msgs, unsigned int from)
{
	for (int i = 0; i < TX_RETRIES; i++) {
		int n = sendmmsg(l->fd, msgs + from, l->n_out - from, MSG_DONTWAIT);

		if (n > 0)
			return (unsigned int)n;
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			break;
		sched_yield(); /* the far end's queue is full: it needs the CPU more than we do */
	}
	l->stats.tx_errors++;
	return 1;
}

void link_flush(struct link *l)
{
	struct mmsghdr msgs[LINK_BATCH];
	struct iovec iov[LINK_BATCH];

	memset(msgs, 0, sizeof(msgs[0]) * l->n_out);
	for (unsigned int i = 0; i < l->n_out; i++) {
		iov[i].iov_base = l->out[i].bytes;
		iov[i].iov_len = l->out[i].len;
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	for (unsigned int done = 0; done < l->n_out;)
		done += send_some(l, msgs, done);
	l->n_out = 0;
}

uint64_t link_overflow(struct link *l)
{
	struct tpacket_stats st;
	socklen_t size = sizeof(st);

	if (getsockopt(l->fd, SOL_PACKET, PACKET_STATISTICS, &st, &size))
		return 0;
	return st.tp_drops;
}
