// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU: which ICMP errors are believed, and which routes learn from them.
 *
 * ICMP errors come from anywhere.  One that shows a number which the namespace has not used lately
 * is not believed: the number is 31 bits that start at random, and a blind guess is right once in
 * 8,192.  An error that shows too little of the packet for a number is not believed either.
 *
 * What is learnt is kept by the routes, of which there may be several to one remote: frames of a
 * device with `dev`, or of an FDB entry with `via`, leave by the one through that interface, and
 * errors about them come back the same way, more often than not.  So both learn: the route that a
 * packet without any such wish would take, and the one through the interface of the error.
 */
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include "hdr.h"
#include "tx.h"

/* Numbers used lately: those of some seconds at the highest rate of frames that need segments. */
#define PMTU_RECENT_IDS (1u << 18)

bool sclp_icmp_believed(struct sclp_net *sn, const struct sclp_hdr *sh, bool pmtu)
{
	if (sh) {
		const u32 age = (u32)atomic_read(&sn->ident) - sclp_hdr_id(sh);

		if ((age & 0x7fffffff) < PMTU_RECENT_IDS)
			return true;
	}
	if (pmtu)
		sclp_stats_event(sn->stats, SCLP_EV_PMTU_REFUSED, 1);
	return false;
}

void sclp_pmtu_learn4(struct sclp_net *sn, struct sk_buff *skb, u32 mtu, u8 proto)
{
	sclp_stats_event(sn->stats, SCLP_EV_PMTU, 1);
	ipv4_update_pmtu(skb, sn->net, mtu, 0, proto);
	ipv4_update_pmtu(skb, sn->net, mtu, skb->dev->ifindex, proto);
}

/* An interface is no more than a preference to IPv6 where a source address is given; a device that
 * has none looks its routes up without.
 */
static void learn6_by(struct net *net, struct sk_buff *skb, u32 mtu, int ifindex)
{
	struct flowi6 fl6 = {
		.flowi6_oif = ifindex,
		.daddr = ((struct ipv6hdr *)skb->data)->daddr,
		.flowi6_uid = sock_net_uid(net, NULL),
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);
	const int offset = skb_network_offset(skb);

	if (!dst->error) {
		skb_reset_network_header(skb); /* there the addresses are looked for */
		dst->ops->update_pmtu(dst, NULL, skb, mtu, true);
		skb_set_network_header(skb, offset);
	}
	dst_release(dst);
}

void sclp_pmtu_learn6(struct sclp_net *sn, struct sk_buff *skb, __be32 mtu)
{
	sclp_stats_event(sn->stats, SCLP_EV_PMTU, 1);
	ip6_update_pmtu(skb, sn->net, mtu, 0, 0, sock_net_uid(sn->net, NULL));
	learn6_by(sn->net, skb, ntohl(mtu), skb->dev->ifindex);
}
