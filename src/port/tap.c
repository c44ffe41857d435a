/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TAP: an interface whose other side is us.  With IFF_VNET_HDR whole super-frames with their debts
 * cross in one read or write; with several workers the interface has as many queues.  The interface
 * lives as long as our descriptors (unless persistent), so it is gone however the daemon ends.
 */
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/xalloc.h"
#include "port/netdev.h"
#include "port/netns.h"
#include "port/rxbuf.h"
#include "port/vnet_hdr.h"
#include "port/vnet_io.h"
#include "wire/eth.h"

#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

struct tap {
	bool has_uso; /* the kernel knows UDP segmentation in vnet headers (6.2) */
	bool persistent;
};

static unsigned int tap_offloads(uint32_t features, bool uso)
{
	unsigned int f = 0;

	if (!(features & CAP_CSUM))
		return 0; /* segmentation implies checksums */
	f = TUN_F_CSUM;
	if (features & CAP_TSO4)
		f |= TUN_F_TSO4 | TUN_F_TSO_ECN;
	if (features & CAP_TSO6)
		f |= TUN_F_TSO6 | TUN_F_TSO_ECN;
	if (uso && features & CAP_USO)
		f |= TUN_F_USO4 | TUN_F_USO6;
	return f;
}

static int tap_set_features(struct port *p, uint32_t features)
{
	struct tap *tap = p->priv;
	uint32_t caps = features;

	if (!tap->has_uso)
		caps &= ~CAP_USO;
	if (!(caps & CAP_CSUM))
		caps &= ~(CAP_TSO4 | CAP_TSO6 | CAP_USO);
	if (ioctl(p->queues[0].fd, TUNSETOFFLOAD, tap_offloads(caps, tap->has_uso)))
		return port_fail(
			p, errno, "%s: cannot set offloads: %s", p->ifname, strerror(errno));
	__atomic_store_n(&p->caps, caps, __ATOMIC_RELAXED);
	return 0;
}

/* Run a change on the interface, in its namespace. */
static int tap_change(struct port *p, const struct netdev_change *c, const char *what)
{
	int ns = netns_enter(p->netns), rc;

	if (ns < 0)
		return port_fail(p, -ns, "%s: cannot enter namespace %s: %s", p->ifname, p->netns,
			strerror(-ns));
	rc = netdev_change(p->ifindex, c);
	netns_leave(ns);
	return rc ? port_fail(p, -rc, "%s: cannot set %s: %s", p->ifname, what, strerror(-rc)) : 0;
}

static int tap_set_mtu(struct port *p, uint32_t mtu)
{
	const struct netdev_change c = { .set = NETDEV_SET_MTU, .mtu = mtu };
	int rc = tap_change(p, &c, "the MTU");

	if (!rc)
		__atomic_store_n(&p->mtu, mtu, __ATOMIC_RELAXED);
	return rc;
}

static int tap_set_up(struct port *p, bool up)
{
	const struct netdev_change c = { .set = NETDEV_SET_UP, .up = up };

	return tap_change(p, &c, up ? "the interface up" : "the interface down");
}

/* Open one queue of the interface; the first one makes it. */
static int tap_open_queue(struct port *p, struct port_queue *q)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int hdr_len = sizeof(struct virtio_net_hdr), le = 1;

	if (p->n_queues > 1)
		ifr.ifr_flags |= IFF_MULTI_QUEUE;
	memcpy(ifr.ifr_name, p->ifname, sizeof(ifr.ifr_name));
	q->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (q->fd < 0)
		return port_fail(
			p, errno, "%s: cannot open /dev/net/tun: %s", p->ifname, strerror(errno));
	if (ioctl(q->fd, TUNSETIFF, &ifr))
		return port_fail(p, errno, "%s: cannot make the TAP interface: %s%s", p->ifname,
			strerror(errno),
			errno == EBUSY	  ? " (another program has it)"
			: errno == EPERM  ? " (needs CAP_NET_ADMIN)"
			: errno == EINVAL ? " (an interface of that name exists: of another kind, "
					    "or a persistent TAP made with "
					    "another number of workers, one or several; delete it)"
					  : "");
	if (ioctl(q->fd, TUNSETVNETHDRSZ, &hdr_len) || ioctl(q->fd, TUNSETVNETLE, &le))
		return port_fail(p, errno, "%s: the kernel's TAP lacks vnet headers: %s", p->ifname,
			strerror(errno));
	return 0;
}

static int tap_configure(struct port *p, const struct port_param *param)
{
	struct netdev_change c = { .set = NETDEV_SET_MTU, .mtu = param->mtu };
	struct netdev_info info;
	int rc = netdev_get(p->ifname, &info);

	if (rc)
		return port_fail(
			p, -rc, "%s: the new interface is not there: %s", p->ifname, strerror(-rc));
	p->ifindex = info.ifindex;
	if (param->mac) {
		c.set |= NETDEV_SET_MAC;
		memcpy(c.mac, param->mac, sizeof(c.mac));
	}
	rc = netdev_change(p->ifindex, &c);
	if (rc)
		return port_fail(p, -rc, "%s: cannot set MTU %u%s: %s", p->ifname, param->mtu,
			param->mac ? " and address" : "", strerror(-rc));
	if (param->gso_max) {
		/* only spares work; old kernels lack the setting */
		const struct netdev_change g = { .set = NETDEV_SET_GSO_MAX,
			.gso_max = param->gso_max };

		(void)netdev_change(p->ifindex, &g);
	}
	if (!param->up)
		return 0;
	c = (struct netdev_change){ .set = NETDEV_SET_UP, .up = true };
	rc = netdev_change(p->ifindex, &c);
	return rc ? port_fail(
			    p, -rc, "%s: cannot set the interface up: %s", p->ifname, strerror(-rc))
		  : 0;
}

static int tap_open_here(struct port *p, const struct port_param *param)
{
	struct tap *tap = p->priv;
	int rc;

	for (unsigned int i = 0; i < p->n_queues; i++) {
		rc = tap_open_queue(p, &p->queues[i]);
		if (rc)
			return rc;
	}
	tap->has_uso = !ioctl(p->queues[0].fd, TUNSETOFFLOAD, tap_offloads(CAP_ALL, true));
	rc = tap_set_features(p, param->features);
	if (rc)
		return rc;
	rc = tap_configure(p, param);
	if (rc)
		return rc;
	/* last, so that nothing stays behind of what could not be made */
	if (ioctl(p->queues[0].fd, TUNSETPERSIST, param->persistent))
		return port_fail(
			p, errno, "%s: cannot change persistence: %s", p->ifname, strerror(errno));
	return 0;
}

static void tap_close(struct port *p)
{
	for (unsigned int i = 0; i < p->n_queues; i++)
		if (p->queues[i].fd >= 0)
			close(p->queues[i].fd);
	free(p->priv);
}

static int tap_open(struct port *p, const struct port_param *param)
{
	int ns = netns_enter(p->netns), rc;

	if (ns < 0)
		return port_fail(p, -ns, "%s: cannot enter network namespace '%s': %s%s", p->ifname,
			p->netns, strerror(-ns),
			ns == -EPERM ? " (needs CAP_SYS_ADMIN; see daemon.netns)" : "");
	p->priv = xcalloc(1, sizeof(struct tap));
	rc = tap_open_here(p, param);
	netns_leave(ns);
	if (rc)
		tap_close(p);
	return rc;
}

static bool tap_rx_one(struct port_queue *q, struct pkt_list *out)
{
	struct virtio_net_hdr vh;
	struct iovec iov[3] = { { .iov_base = &vh, .iov_len = sizeof(vh) } };
	struct rte_mbuf *m;
	ssize_t n;

	if (unlikely(!rxbuf_offer(q, iov + 1)))
		return false;
	n = readv(q->fd, iov, 3);
	q->stats.rx_calls++;
	if (n < 0) {
		if (errno == EBADFD)
			q->gone = true;
		else if (errno != EAGAIN && errno != EINTR)
			pkt_count_drop(q->port->obj, DROP_PORT_RX_ERROR, 1);
		return false;
	}
	q->stats.rx_wire++;
	if (unlikely(n < (ssize_t)sizeof(vh) + ETH_HLEN_)) {
		pkt_count_drop(q->port->obj, DROP_PORT_RX_SHORT, 1);
		return true;
	}
	m = rxbuf_take(q, (uint32_t)n - (uint32_t)sizeof(vh));
	if (unlikely(vnet_hdr_decode(m, &vh)))
		pkt_drop(m, DROP_PORT_RX_VNET);
	else
		pkt_list_add(out, m);
	return true;
}

static bool tap_rx(
	struct port_queue *q, struct pkt_list *out, unsigned int max_pkts, unsigned int max_bytes)
{
	return vnet_rx(q, out, max_pkts, max_bytes, tap_rx_one);
}

static int tap_tx_one(struct port_queue *q, struct iovec *iov, unsigned int n_iov)
{
	return writev(q->fd, iov, (int)n_iov) < 0 ? -errno : 0;
}

static void tap_tx(struct port_queue *q, struct pkt_list *pkts)
{
	vnet_tx(q, pkts, tap_tx_one);
}

static int tap_info(struct port *p, struct netdev_info *info)
{
	int ns = netns_enter(p->netns), rc;

	if (ns < 0)
		return ns;
	rc = netdev_get(p->ifname, info);
	netns_leave(ns);
	return rc;
}

static bool tap_is_up(struct port *p)
{
	struct netdev_info info;

	return !tap_info(p, &info) && info.up && info.running;
}

static bool tap_is_stale(struct port *p)
{
	return __atomic_load_n(&p->queues[0].gone, __ATOMIC_RELAXED);
}

static uint64_t tap_rx_missed(struct port *p)
{
	struct netdev_info info;

	return tap_info(p, &info) ? 0 : info.tx_dropped;
}

const struct port_ops port_tap_ops = {
	.name = "tap",
	.open = tap_open,
	.close = tap_close,
	.rx = tap_rx,
	.tx = tap_tx,
	.set_mtu = tap_set_mtu,
	.set_features = tap_set_features,
	.set_up = tap_set_up,
	.is_up = tap_is_up,
	.is_stale = tap_is_stale,
	.rx_missed = tap_rx_missed,
};
