/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AF_PACKET: attach to an interface that exists, the host's end of a container's veth, say.
 * PACKET_VNET_HDR carries super-frames and owed checksums both ways.  The interface belongs to the
 * switch while attached: it needs no addresses, and what the host's own stack hears on it is the
 * host's affair.
 */
#include "port/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/xalloc.h"
#include "port/netdev.h"
#include "port/rxbuf.h"
#include "port/vnet_hdr.h"
#include "port/vnet_io.h"
#include "wire/eth.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif
#define RCVBUF_BYTES (8 << 20)

/*
 * A queue sends from a socket of its own: the one that epoll watches would be woken for every frame
 * that the kernel frees.
 */
struct afp {
	bool has_uso;
	uint64_t n_missed;
	int *tx_fd; /* by queue */
};

/* UDP segmentation in vnet headers came with Linux 6.2, for all of their users at once. */
static bool kernel_has_uso(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return !uname(&u) && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 2));
}

static int afp_set_features(struct port *p, uint32_t features)
{
	const struct afp *a = p->priv;

	if (!a->has_uso)
		features &= ~CAP_USO;
	if (!(features & CAP_CSUM))
		features &= ~(CAP_TSO4 | CAP_TSO6 | CAP_USO);
	__atomic_store_n(&p->caps, features, __ATOMIC_RELAXED);
	return 0;
}

/* Several workers share the interface's frames by flow. */
static int join_fanout(struct port *p, int fd)
{
	/* a group does not heed what its sockets say of outgoing frames */
	uint32_t arg = (p->ifindex & 0xffff) |
		       (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_IGNORE_OUTGOING) << 16;

	if (p->n_queues == 1)
		return 0;
	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg));
}

/* A socket that only sends: bound to the interface, protocol 0 receives nothing. */
static int open_tx(struct port *p, int *fd)
{
	const struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_ifindex = (int)p->ifindex };
	const int on = 1;

	*fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
		bind(*fd, (const struct sockaddr *)&sll, sizeof(sll)))
		return port_fail(p, errno, "%s: cannot open a socket to send: %s", p->ifname,
			strerror(errno));
	return 0;
}

static int afp_open_queue(struct port *p, struct port_queue *q)
{
	const struct sockaddr_ll sll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)p->ifindex };
	const struct packet_mreq promisc = { .mr_ifindex = (int)p->ifindex,
		.mr_type = PACKET_MR_PROMISC };
	const int on = 1, rcvbuf = RCVBUF_BYTES;

	q->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return port_fail(p, errno, "%s: cannot open a packet socket: %s%s", p->ifname,
			strerror(errno), errno == EPERM ? " (needs CAP_NET_RAW)" : "");
	if (setsockopt(q->fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
		setsockopt(q->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
		setsockopt(q->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return port_fail(p, errno, "%s: the kernel's packet sockets lack an option: %s",
			p->ifname, strerror(errno));
	if (setsockopt(q->fd, SOL_SOCKET, SO_RCVBUFFORCE, &rcvbuf, sizeof(rcvbuf)))
		(void)setsockopt(q->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (bind(q->fd, (const struct sockaddr *)&sll, sizeof(sll)) || join_fanout(p, q->fd) ||
		setsockopt(q->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)))
		return port_fail(p, errno, "%s: cannot attach: %s", p->ifname, strerror(errno));
	return open_tx(p, &((struct afp *)p->priv)->tx_fd[q->index]);
}

static void afp_close(struct port *p)
{
	struct afp *a = p->priv;

	for (unsigned int i = 0; i < p->n_queues; i++) {
		if (p->queues[i].fd >= 0)
			close(p->queues[i].fd);
		if (a->tx_fd[i] >= 0)
			close(a->tx_fd[i]);
	}
	free(a->tx_fd);
	free(a);
}

static int afp_open_all(struct port *p, const struct port_param *param)
{
	struct netdev_info info;
	int rc = netdev_get(p->ifname, &info);

	if (rc)
		return port_fail(p, -rc, "%s: %s", p->ifname,
			rc == -ENODEV ? "no such interface (an af_packet port attaches to one that "
					"exists)"
				      : strerror(-rc));
	p->ifindex = info.ifindex;
	if (!p->mtu)
		p->mtu = info.mtu;
	for (unsigned int i = 0; i < p->n_queues; i++) {
		rc = afp_open_queue(p, &p->queues[i]);
		if (rc)
			return rc;
	}
	return afp_set_features(p, param->features);
}

static int afp_open(struct port *p, const struct port_param *param)
{
	struct afp *a = xcalloc(1, sizeof(*a));
	int rc;

	a->has_uso = kernel_has_uso();
	a->tx_fd = xcalloc(p->n_queues, sizeof(int));
	for (unsigned int i = 0; i < p->n_queues; i++)
		a->tx_fd[i] = -1;
	p->priv = a;
	rc = afp_open_all(p, param);
	if (rc)
		afp_close(p);
	return rc;
}

/* The kernel took the outer VLAN tag out of the bytes: put it back. */
static int restore_vlan(
	struct rte_mbuf **m, const struct tpacket_auxdata *aux, struct virtio_net_hdr *vh)
{
	const rte_be16_t tag[2] = {
		htons(aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid
								 : ETH_TYPE_VLAN),
		htons(aux->tp_vlan_tci),
	};
	uint8_t *p;

	if (pkt_push(m, VLAN_HLEN_))
		return -ENOBUFS;
	p = pkt_bytes(*m, 0, 2 * ETH_ALEN_ + VLAN_HLEN_);
	if (!p)
		return -EINVAL;
	memmove(p, p + VLAN_HLEN_, 2 * ETH_ALEN_);
	memcpy(p + 2 * ETH_ALEN_, tag, sizeof(tag));
	if (vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		vh->csum_start = rte_cpu_to_le_16(
			(uint16_t)(rte_le_to_cpu_16(vh->csum_start) + VLAN_HLEN_));
	return 0;
}

static const struct tpacket_auxdata *find_auxdata(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			return (const struct tpacket_auxdata *)CMSG_DATA(c);
	return NULL;
}

static void accept_frame(struct port_queue *q, struct msghdr *msg, struct virtio_net_hdr *vh,
	uint32_t n, struct pkt_list *out)
{
	struct rte_mbuf *m = rxbuf_take(q, n);
	const struct tpacket_auxdata *aux = find_auxdata(msg);

	if (aux && aux->tp_status & TP_STATUS_VLAN_VALID && restore_vlan(&m, aux, vh)) {
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	if (unlikely(vnet_hdr_decode(m, vh)))
		pkt_drop(m, DROP_PORT_RX_VNET);
	else
		pkt_list_add(out, m);
}

/* One frame; false: nothing there. */
static bool afp_rx_one(struct port_queue *q, struct pkt_list *out)
{
	struct virtio_net_hdr vh;
	struct iovec iov[3] = { { .iov_base = &vh, .iov_len = sizeof(vh) } };
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct sockaddr_ll from;
	struct msghdr msg = { .msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = iov,
		.msg_iovlen = 3,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	ssize_t n;

	if (unlikely(!rxbuf_offer(q, iov + 1)))
		return false;
	n = recvmsg(q->fd, &msg, MSG_TRUNC);
	counter_add(&q->stats.rx_calls, 1);
	if (n < 0) {
		/* ENETDOWN comes once when the interface goes down or away: no frame is lost */
		if (errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
			pkt_count_drop(q->port->obj, DROP_PORT_RX_ERROR, 1);
		return false;
	}
	if (unlikely(from.sll_pkttype == PACKET_OUTGOING))
		return true; /* sent by us: a kernel that does not leave those out makes no loop */
	counter_add(&q->stats.rx_wire, 1);
	if (unlikely(n < (ssize_t)sizeof(vh) + ETH_HLEN_))
		pkt_count_drop(q->port->obj, DROP_PORT_RX_SHORT, 1);
	else if (unlikely(msg.msg_flags & MSG_TRUNC))
		pkt_count_drop(q->port->obj, DROP_PORT_RX_TRUNCATED, 1);
	else
		accept_frame(q, &msg, &vh, (uint32_t)n - (uint32_t)sizeof(vh), out);
	return true;
}

static bool afp_rx(
	struct port_queue *q, struct pkt_list *out, unsigned int max_pkts, unsigned int max_bytes)
{
	return vnet_rx(q, out, max_pkts, max_bytes, afp_rx_one);
}

static int afp_tx_one(struct port_queue *q, struct iovec *iov, unsigned int n_iov)
{
	const struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n_iov };
	const struct afp *a = q->port->priv;
	struct virtio_net_hdr *vh = iov[0].iov_base;

	/* the kernel's send path knows owed checksums and nothing of "valid" */
	vh->flags &= VIRTIO_NET_HDR_F_NEEDS_CSUM;
	return sendmsg(a->tx_fd[q->index], &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void afp_tx(struct port_queue *q, struct pkt_list *pkts)
{
	vnet_tx(q, pkts, afp_tx_one);
}

static int afp_set_mtu(struct port *p, uint32_t mtu)
{
	struct netdev_info info;
	int rc = mtu ? 0 : netdev_get(p->ifname, &info);

	if (rc)
		return port_fail(p, -rc, "%s: %s", p->ifname, strerror(-rc));
	if (!mtu)
		mtu = info.mtu;
	/* our limit; the interface is its owner's */
	__atomic_store_n(&p->mtu, mtu, __ATOMIC_RELAXED);
	return 0;
}

static int afp_set_up(struct port *p, bool up)
{
	const struct netdev_change c = { .set = NETDEV_SET_UP, .up = up };
	int rc = netdev_change(p->ifindex, &c);

	return rc ? port_fail(p, -rc, "%s: cannot set the interface %s: %s", p->ifname,
			    up ? "up" : "down", strerror(-rc))
		  : 0;
}

static bool afp_is_up(struct port *p)
{
	struct netdev_info info;

	return !netdev_get(p->ifname, &info) && info.ifindex == p->ifindex && info.up &&
	       info.running;
}

static bool afp_is_stale(struct port *p)
{
	struct netdev_info info;

	/* as long as there is none, there is nothing to attach to */
	return !netdev_get(p->ifname, &info) && info.ifindex != p->ifindex;
}

static uint64_t afp_rx_missed(struct port *p)
{
	struct afp *a = p->priv;

	for (unsigned int i = 0; i < p->n_queues; i++) {
		struct tpacket_stats st;
		socklen_t n = sizeof(st);

		/* reading resets the kernel's count */
		if (!getsockopt(p->queues[i].fd, SOL_PACKET, PACKET_STATISTICS, &st, &n))
			a->n_missed += st.tp_drops;
	}
	return a->n_missed;
}

const struct port_ops port_af_packet_ops = {
	.name = "af_packet",
	.open = afp_open,
	.close = afp_close,
	.rx = afp_rx,
	.tx = afp_tx,
	.set_mtu = afp_set_mtu,
	.set_features = afp_set_features,
	.set_up = afp_set_up,
	.is_up = afp_is_up,
	.is_stale = afp_is_stale,
	.rx_missed = afp_rx_missed,
};
