/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/netdev.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#ifndef IFLA_GSO_IPV4_MAX_SIZE
#define IFLA_GSO_IPV4_MAX_SIZE 63 /* Linux 6.3 */
#endif

#define BUF_LEN 32768 /* a link message with all its statistics */

/* Send @nlh, give the answer (if any) to @cb. 0 or -errno. */
static int transact(struct nlmsghdr *nlh, mnl_cb_t cb, void *arg)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buf[BUF_LEN];
	ssize_t n = -1;
	int rc = -1;

	if (nl && !mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) &&
		mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) >= 0)
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n >= 0)
		rc = mnl_cb_run(buf, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(nl), cb, arg);
	rc = rc < 0 ? -errno : 0;
	if (nl)
		mnl_socket_close(nl);
	return rc;
}

static int on_link_attr(const struct nlattr *a, void *arg)
{
	struct netdev_info *info = arg;

	if (mnl_attr_get_type(a) == IFLA_MTU)
		info->mtu = mnl_attr_get_u32(a);
	if (mnl_attr_get_type(a) == IFLA_STATS64 &&
		mnl_attr_get_payload_len(a) >= 8 * sizeof(uint64_t)) {
		struct rtnl_link_stats64 st = { 0 };
		const size_t n = mnl_attr_get_payload_len(a);

		memcpy(&st, mnl_attr_get_payload(a), n < sizeof(st) ? n : sizeof(st));
		info->rx_dropped = st.rx_dropped;
		info->tx_dropped = st.tx_dropped;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct netdev_info *info = arg;

	info->ifindex = (unsigned int)ifi->ifi_index;
	info->up = ifi->ifi_flags & IFF_UP;
	info->running = ifi->ifi_flags & IFF_RUNNING;
	return mnl_attr_parse(nlh, sizeof(*ifi), on_link_attr, info) < 0 ? MNL_CB_ERROR
									 : MNL_CB_STOP;
}

int netdev_get(const char *ifname, struct netdev_info *info)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	memset(info, 0, sizeof(*info));
	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = (uint32_t)time(NULL);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, ifname);
	return transact(nlh, on_link, info);
}

int netdev_change(unsigned int ifindex, const struct netdev_change *c)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = (uint32_t)time(NULL);
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = (int)ifindex;
	if (c->set & NETDEV_SET_UP) {
		ifi->ifi_change = IFF_UP;
		ifi->ifi_flags = c->up ? IFF_UP : 0;
	}
	if (c->set & NETDEV_SET_MTU)
		mnl_attr_put_u32(nlh, IFLA_MTU, c->mtu);
	if (c->set & NETDEV_SET_MAC)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(c->mac), c->mac);
	if (c->set & NETDEV_SET_GSO_MAX) {
		mnl_attr_put_u32(nlh, IFLA_GSO_MAX_SIZE, c->gso_max);
		mnl_attr_put_u32(nlh, IFLA_GSO_IPV4_MAX_SIZE, c->gso_max);
	}
	return transact(nlh, NULL, NULL);
}
