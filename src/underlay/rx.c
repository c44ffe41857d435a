/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving.  Theory of operation: every slot of a burst offers the kernel a small buffer with a
 * big one behind it.  With UDP_GRO one message may be a train of up to 64 datagrams (level 1 of
 * SCLP's pre-reassembly is the kernel's then); from a raw socket each message is one packet, and
 * neighbours of equal size from one sender are chained into a train here, which is the same to
 * whoever comes next.
 */
#include "underlay/underlay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "wire/ip.h"

#define RCVBUF_BYTES	(8 << 20)
#define TRAIN_MAX_BYTES 65535u

struct slot {
	struct rte_mbuf *small, *big;
	struct iovec iov[2];
	struct sockaddr_storage from;
	char control[160] __attribute__((aligned(8)));
};

struct ul_rx {
	int fd, family;
	enum ul_rx_kind kind;
	struct ul_addr local;
	unsigned int n_slots; /* UDP trains are long, raw packets short */
	uint32_t missed;      /* the kernel's count when last seen */
	struct slot slots[UL_RX_BURST];
	struct mmsghdr hdrs[UL_RX_BURST];
};

int ul_rx_fd(const struct ul_rx *rx)
{
	return rx->fd;
}

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

void ul_rx_allow_beside(struct ul_rx *rx, bool allow)
{
	(void)set_int(rx->fd, SOL_SOCKET, SO_REUSEADDR, allow);
}

static int attach(int fd, struct sock_filter *code, unsigned short n)
{
	const struct sock_fprog prog = { .len = n, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* SCLP over UDP sends no checksum of its own, so UDP's must be there: a filter sees the UDP header
 * at offset 0. */
static int refuse_without_csum(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};

	return attach(fd, code, RTE_DIM(code));
}

/* Every raw socket gets a copy of each packet: a worker takes its share by SCLP source port. */
static int take_share(int fd, const struct ul_rx_param *p)
{
	const bool v4 = p->family == AF_INET;
	struct sock_filter code4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, p->n_workers),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, p->worker, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter code6[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, p->n_workers),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, p->worker, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	if (p->n_workers == 1)
		return 0;
	return v4 ? attach(fd, code4, RTE_DIM(code4)) : attach(fd, code6, RTE_DIM(code6));
}

static int set_options(int fd, const struct ul_rx_param *p)
{
	const bool v4 = p->family == AF_INET;

	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF_BYTES))
		(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, RCVBUF_BYTES);
	if (set_int(fd, SOL_SOCKET, SO_RXQ_OVFL, 1) ||
		set_int(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1) ||
		set_int(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1))
		return -1;
	if (!v4 && p->kind == UL_RX_UDP && set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return -1;
	if (p->kind == UL_RX_RAW)
		return take_share(fd, p);
	/*
	 * Share the port with our other workers.  Alone we do without: the kernel would choose a
	 * socket anew for every packet that its GRO looks at, which costs 2 % of a stream.
	 */
	if (p->n_workers > 1 && set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return -1;
	if (p->beside && set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return -1;
	if (p->gro && set_int(fd, IPPROTO_UDP, UDP_GRO, 1))
		return -1;
	return p->need_csum && v4 ? refuse_without_csum(fd) : 0;
}

static int open_socket(const struct ul_rx_param *p)
{
	const int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
	struct sockaddr_storage sa = { .ss_family = (sa_family_t)p->family };
	socklen_t sa_len = p->family == AF_INET ? sizeof(struct sockaddr_in)
						: sizeof(struct sockaddr_in6);
	const uint16_t port = p->kind == UL_RX_UDP ? p->port : 0;
	int fd, err;

	if (!ul_addr_is_any(&p->local))
		sa_len = ul_addr_to_sa(&p->local, port, &sa);
	else if (p->family == AF_INET)
		((struct sockaddr_in *)&sa)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)&sa)->sin6_port = htons(port);
	fd = p->kind == UL_RX_UDP ? socket(p->family, SOCK_DGRAM | flags, 0)
				  : socket(p->family, SOCK_RAW | flags, p->port);
	if (fd < 0)
		return -1;
	if (!set_options(fd, p) && !bind(fd, (const struct sockaddr *)&sa, sa_len))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

struct ul_rx *ul_rx_open(const struct ul_rx_param *p)
{
	struct ul_rx *rx = calloc(1, sizeof(*rx));

	if (!rx)
		return NULL;
	rx->family = p->family;
	rx->kind = p->kind;
	rx->n_slots = p->kind == UL_RX_UDP ? 8 : UL_RX_BURST;
	rx->local = p->local;
	rx->fd = open_socket(p);
	if (rx->fd >= 0)
		return rx;
	free(rx);
	return NULL;
}

void ul_rx_close(struct ul_rx *rx)
{
	close(rx->fd);
	for (unsigned int i = 0; i < UL_RX_BURST; i++) {
		rte_pktmbuf_free(rx->slots[i].small);
		rte_pktmbuf_free(rx->slots[i].big);
	}
	free(rx);
}

static bool slot_offer(struct slot *s, struct msghdr *h)
{
	if (!s->small)
		s->small = pkt_alloc_small();
	if (!s->big)
		s->big = pkt_alloc_big();
	if (unlikely(!s->small || !s->big))
		return false;
	s->iov[0].iov_base = rte_pktmbuf_mtod(s->small, void *);
	s->iov[0].iov_len = PKT_SMALL_ROOM;
	s->iov[1].iov_base = rte_pktmbuf_mtod(s->big, void *);
	s->iov[1].iov_len = PKT_BIG_ROOM;
	h->msg_name = &s->from;
	h->msg_namelen = sizeof(s->from);
	h->msg_iov = s->iov;
	h->msg_iovlen = 2;
	h->msg_control = s->control;
	h->msg_controllen = sizeof(s->control);
	h->msg_flags = 0;
	return true;
}

static struct rte_mbuf *slot_take(struct slot *s, uint32_t n)
{
	struct rte_mbuf *m = s->small, *big;

	s->small = NULL;
	m->pkt_len = n;
	m->data_len = (uint16_t)RTE_MIN(n, (uint32_t)PKT_SMALL_ROOM);
	if (n > PKT_SMALL_ROOM) {
		big = s->big;
		s->big = NULL;
		big->data_len = (uint16_t)(n - PKT_SMALL_ROOM);
		m->next = big;
		m->nb_segs = 2;
	}
	return m;
}

static void read_ip_control(const struct cmsghdr *c, struct ul_rx_msg *msg)
{
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
		msg->tos = *CMSG_DATA(c);
	else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		ul_addr_from_v4(((const struct in_pktinfo *)CMSG_DATA(c))->ipi_addr, &msg->to);
	else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
		msg->tos = (uint8_t) * (const int *)CMSG_DATA(c);
	else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
		memcpy(msg->to.b, &((const struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr,
			sizeof(msg->to.b));
}

static void read_control(
	struct ul_rx *rx, struct msghdr *h, struct ul_rx_msg *msg, uint64_t *n_missed)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
			const uint32_t count = *(const uint32_t *)CMSG_DATA(c);

			*n_missed += count - rx->missed;
			rx->missed = count;
		} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			msg->seg_len = (uint32_t) * (const int *)CMSG_DATA(c);
		} else {
			read_ip_control(c, msg);
		}
	}
}

/* An IPv4 raw socket hands over the IP header, too. */
static int strip_ipv4(struct ul_rx_msg *msg)
{
	const struct ipv4_hdr *ip = PKT_HDR(msg->m, 0, struct ipv4_hdr);

	if (!ip)
		return -EINVAL;
	msg->tos = ip->tos;
	return pkt_trim_front(&msg->m, ipv4_hlen(ip));
}

/* Chain @next to @msg if both are neighbours in the same train. */
static bool chain_neighbour(struct ul_rx_msg *msg, struct ul_rx_msg *next)
{
	const uint32_t n = next->m->pkt_len;

	if (msg->m->pkt_len % msg->seg_len || n > msg->seg_len ||
		msg->m->pkt_len + n > TRAIN_MAX_BYTES || msg->tos != next->tos ||
		!ul_addr_eq(&msg->from, &next->from) || !ul_addr_eq(&msg->to, &next->to))
		return false;
	pkt_append(msg->m, next->m);
	return true;
}

/* The message in slot @i as a train, or NULL: it was cut off or malformed. */
static bool take_msg(struct ul_rx *rx, unsigned int i, struct ul_rx_msg *msg, uint64_t *n_missed)
{
	struct mmsghdr *h = &rx->hdrs[i];

	msg->m = slot_take(&rx->slots[i], h->msg_len);
	msg->seg_len = h->msg_len;
	msg->tos = 0;
	msg->to = rx->local;
	msg->csum_done = rx->kind == UL_RX_UDP;
	ul_addr_from_sa(&rx->slots[i].from, &msg->from);
	read_control(rx, &h->msg_hdr, msg, n_missed);
	if (unlikely(h->msg_hdr.msg_flags & MSG_TRUNC)) {
		pkt_drop(msg->m, DROP_UNDERLAY_RX_TRUNCATED);
		return false;
	}
	if (rx->kind == UL_RX_RAW && rx->family == AF_INET && strip_ipv4(msg)) {
		pkt_drop(msg->m, DROP_TUNNEL_SHORT);
		return false;
	}
	if (rx->kind == UL_RX_RAW)
		msg->seg_len = msg->m->pkt_len;
	if (unlikely(!msg->seg_len)) {
		pkt_drop(msg->m, DROP_TUNNEL_SHORT);
		return false;
	}
	return true;
}

unsigned int ul_rx_burst(struct ul_rx *rx, struct ul_rx_msg msgs[UL_RX_BURST], uint64_t *n_missed)
{
	unsigned int n_offered = 0, n_out = 0;
	int n;

	while (n_offered < rx->n_slots &&
		slot_offer(&rx->slots[n_offered], &rx->hdrs[n_offered].msg_hdr))
		n_offered++;
	if (!n_offered)
		return 0; /* no memory: the socket's queue waits */
	n = recvmmsg(rx->fd, rx->hdrs, n_offered, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++) {
		if (!take_msg(rx, (unsigned int)i, &msgs[n_out], n_missed))
			continue;
		if (rx->kind == UL_RX_RAW && n_out &&
			chain_neighbour(&msgs[n_out - 1], &msgs[n_out]))
			continue;
		n_out++;
	}
	return n_out;
}
