// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP carrier: one kernel socket for each port and family of a namespace, shared by its
 * devices.
 *
 * Theory of operation: a device opens its sockets when it goes up and closes them when it goes down
 * (RTNL). A socket of the same namespace, family and port gets another user; the last one closes
 * it, which waits for a grace period, so what encap_rcv sees lives long enough.  Packets are not
 * told apart by socket but, like all others, by VNI.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ipv6.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>
#include "compat.h"
#include "gro.h"
#include "hdr.h"
#include "rx.h"
#include "tx.h"

struct sclp_udp_sock {
	struct list_head list; /* sclp_net.socks; RTNL */
	struct socket *sock;
	struct sclp_net *sn;
	sa_family_t family;
	__be16 port;
	unsigned int users; /* RTNL */
};

/* UDP has verified the sum, if there is one.  0: taken. */
static int udp_rcv_sclp(struct sock *sk, struct sk_buff *skb)
{
	const struct sclp_udp_sock *us = rcu_dereference_sk_user_data(sk);
	struct sclp_rx rx = { .carrier = SCLP_CARRIER_UDP, .iif = skb->dev->ifindex };
	const struct udphdr *uh = udp_hdr(skb);

	if (unlikely(!us)) { /* it is being closed */
		kfree_skb(skb);
		return 0;
	}
	rx.sn = us->sn;
	rx.csum_ok = uh->check;
	rx.udp_source = uh->source;
	rx.udp_dest = uh->dest;
	if (us->family == AF_INET6) {
		rx.saddr.family = AF_INET6;
		rx.saddr.v6 = ipv6_hdr(skb)->saddr;
		rx.daddr.family = AF_INET6;
		rx.daddr.v6 = ipv6_hdr(skb)->daddr;
		rx.tos = ipv6_get_dsfield(ipv6_hdr(skb));
		rx.ttl = ipv6_hdr(skb)->hop_limit;
	} else {
		rx.saddr.family = AF_INET;
		rx.saddr.v4 = ip_hdr(skb)->saddr;
		rx.daddr.family = AF_INET;
		rx.daddr.v4 = ip_hdr(skb)->daddr;
		rx.tos = ip_hdr(skb)->tos;
		rx.ttl = ip_hdr(skb)->ttl;
	}
	__skb_pull(skb, sizeof(*uh));
	skb_postpull_rcsum(skb, uh, sizeof(*uh));
	sclp_rcv(skb, &rx);
	return 0;
}

/* The ICMP header stands before the packet that it shows, which is now the network header. */
static bool err4_is_pmtu(const struct sk_buff *skb, u32 *mtu)
{
	const struct icmphdr *icmp = (struct icmphdr *)skb_network_header(skb) - 1;

	*mtu = ntohs(icmp->un.frag.mtu);
	return icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED;
}

static bool err6_is_pmtu(const struct sk_buff *skb, __be32 *mtu)
{
	const struct icmp6hdr *icmp = (struct icmp6hdr *)skb_network_header(skb) - 1;

	*mtu = icmp->icmp6_mtu;
	return icmp->icmp6_type == ICMPV6_PKT_TOOBIG;
}

/* An ICMP error about a packet to our port: 0, and UDP handles it, if we may have sent that packet.
 * Of a path MTU UDP tells one route alone (pmtu.c).
 */
static int udp_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	const struct sclp_udp_sock *us = rcu_dereference_sk_user_data(sk);
	const int off = skb_transport_offset(skb) + sizeof(struct udphdr);
	const struct sclp_hdr *sh = NULL;
	bool pmtu4 = false, pmtu6 = false;
	__be32 mtu6;
	u32 mtu4;

	if (!us)
		return -EINVAL;
	if (pskb_may_pull(skb, off + offsetofend(struct sclp_hdr, id_first)))
		sh = (struct sclp_hdr *)(skb->data + off);
	if (us->family == AF_INET6)
		pmtu6 = err6_is_pmtu(skb, &mtu6);
	else
		pmtu4 = err4_is_pmtu(skb, &mtu4);
	if (!sclp_icmp_believed(us->sn, sh, pmtu4 || pmtu6))
		return -ENOENT;
	if (pmtu6)
		sclp_pmtu_learn6(us->sn, skb, mtu6);
	else if (pmtu4 && READ_ONCE(us->sn->net->ipv4.sysctl_ip_no_pmtu_disc) != 1) /* not off */
		sclp_pmtu_learn4(us->sn, skb, mtu4, IPPROTO_UDP);
	return 0;
}

static int udp_sock_make(struct sclp_udp_sock *us)
{
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = us,
		.encap_type = 1,
		.encap_rcv = udp_rcv_sclp,
		.encap_err_lookup = udp_err_lookup,
		.gro_receive = sclp_gro_receive_udp,
		.gro_complete = sclp_gro_complete_udp,
	};
	struct udp_port_cfg port = {
		.family = us->family,
		.local_udp_port = us->port,
		.use_udp_checksums = 1,
		.use_udp6_tx_checksums = 1,
		.ipv6_v6only = 1,
	};
	int err = udp_sock_create(us->sn->net, &port, &us->sock);

	if (!err)
		setup_udp_tunnel_sock(us->sn->net, us->sock, &tunnel);
	return err;
}

static struct sclp_udp_sock *udp_sock_get(struct sclp_net *sn, sa_family_t family, __be16 port)
{
	struct sclp_udp_sock *us;
	int err;

	ASSERT_RTNL();
	list_for_each_entry(us, &sn->socks, list) {
		if (us->family == family && us->port == port) {
			us->users++;
			return us;
		}
	}
	us = kzalloc(sizeof(*us), GFP_KERNEL);
	if (!us)
		return ERR_PTR(-ENOMEM);
	us->sn = sn;
	us->family = family;
	us->port = port;
	us->users = 1;
	err = udp_sock_make(us);
	if (err) {
		kfree(us);
		return ERR_PTR(err);
	}
	list_add(&us->list, &sn->socks);
	return us;
}

static void udp_sock_put(struct sclp_udp_sock *us)
{
	ASSERT_RTNL();
	if (!us || --us->users)
		return;
	list_del(&us->list);
	udp_tunnel_sock_release(us->sock); /* nobody sees user data any more when it returns */
	kfree(us);
}

/* The family that @conf ties the device to, or AF_UNSPEC: both. */
static sa_family_t conf_family(const struct sclp_conf *conf)
{
	if (conf->flags & SCLP_F_EXTERNAL)
		return AF_UNSPEC;
	return conf->remote.family ?: conf->local.family;
}

int sclp_carrier_udp_open(struct sclp_dev *sd)
{
	sa_family_t family = conf_family(&sd->conf);
	struct sclp_net *sn = sclp_net(sd->net);
	struct sclp_udp_sock *us;

	if (sd->conf.carrier != SCLP_CARRIER_UDP)
		return 0;
	if (family != AF_INET6) {
		us = udp_sock_get(sn, AF_INET, sd->conf.udp_port);
		if (IS_ERR(us))
			return PTR_ERR(us);
		sd->sock4 = us;
	}
	if (family != AF_INET) {
		us = udp_sock_get(sn, AF_INET6, sd->conf.udp_port);
		/* A machine without IPv6 has IPv4 still. */
		if (IS_ERR(us) && (family == AF_INET6 || PTR_ERR(us) != -EAFNOSUPPORT)) {
			sclp_carrier_udp_close(sd);
			return PTR_ERR(us);
		}
		sd->sock6 = IS_ERR(us) ? NULL : us;
	}
	return 0;
}

void sclp_carrier_udp_close(struct sclp_dev *sd)
{
	udp_sock_put(sd->sock4);
	sd->sock4 = NULL;
	udp_sock_put(sd->sock6);
	sd->sock6 = NULL;
}
