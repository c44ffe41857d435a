// SPDX-License-Identifier: GPL-2.0
/*
 * The IP carrier: packets of protocol 234, and the ICMP errors about them.
 *
 * A foo-over-udp port with `ipproto 234` ends here, too: it strips the UDP header and has IP
 * deliver the rest to protocol 234, the network header staying where it was, so it can be told by
 * the protocol the IP header names.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/icmp.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/route.h>
#include <net/sock.h>
#include "compat.h"
#include "hdr.h"
#include "rx.h"
#include "tx.h"

/* Foo-over-udp: the UDP header that stands between IP's and SCLP's had a sum, and UDP has verified
 * it.
 */
static bool carrier_udp_summed(const struct sk_buff *skb)
{
	const struct udphdr *uh = (struct udphdr *)(skb->data - sizeof(*uh));

	return skb_network_offset(skb) <= -(int)sizeof(*uh) && uh->check;
}

static int sclp4_rcv(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	bool fou = iph->protocol == IPPROTO_UDP;
	struct sclp_rx rx = {
		.sn = sclp_net(dev_net(skb->dev)),
		.carrier = fou ? SCLP_CARRIER_UDP : SCLP_CARRIER_IP,
		.saddr = { .family = AF_INET, .v4 = iph->saddr },
		.daddr = { .family = AF_INET, .v4 = iph->daddr },
		.iif = skb->dev->ifindex,
		.tos = iph->tos,
		.ttl = iph->ttl,
		.csum_ok = fou && carrier_udp_summed(skb),
	};

	sclp_rcv(skb, &rx);
	return 0;
}

static int sclp6_rcv(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	bool fou = skb_network_header(skb)[IP6CB(skb)->nhoff] == IPPROTO_UDP;
	struct sclp_rx rx = {
		.sn = sclp_net(dev_net(skb->dev)),
		.carrier = fou ? SCLP_CARRIER_UDP : SCLP_CARRIER_IP,
		.saddr = { .family = AF_INET6, .v6 = ip6->saddr },
		.daddr = { .family = AF_INET6, .v6 = ip6->daddr },
		.iif = skb->dev->ifindex,
		.tos = ipv6_get_dsfield(ip6),
		.ttl = ip6->hop_limit,
		.csum_ok = fou && carrier_udp_summed(skb),
	};

	sclp_rcv(skb, &rx);
	return 0;
}

/* skb->data: the IP header of the packet that the error is about, and at least 8 bytes
 * behind it.
 */
static int sclp4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (struct iphdr *)skb->data;
	const struct sclp_hdr *sh = (struct sclp_hdr *)(skb->data + iph->ihl * 4);
	const u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	const bool pmtu = type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED;
	struct sclp_net *sn = sclp_net(dev_net(skb->dev));

	if (!sclp_icmp_believed(sn, sh, pmtu))
		return -ENOENT;
	if (pmtu)
		sclp_pmtu_learn4(sn, skb, info, iph->protocol);
	else if (type == ICMP_REDIRECT)
		ipv4_redirect(skb, sn->net, 0, iph->protocol);
	return 0;
}

/* skb->data: the IPv6 header of the packet that the error is about; @offset: where ours would
 * start.
 */
static int sclp6_err(
	struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset, __be32 info)
{
	const bool shown = pskb_may_pull(skb, offset + offsetofend(struct sclp_hdr, id_first));
	const struct sclp_hdr *sh = shown ? (struct sclp_hdr *)(skb->data + offset) : NULL;
	struct sclp_net *sn = sclp_net(dev_net(skb->dev));

	if (!sclp_icmp_believed(sn, sh, type == ICMPV6_PKT_TOOBIG))
		return -ENOENT;
	if (type == ICMPV6_PKT_TOOBIG)
		sclp_pmtu_learn6(sn, skb, info);
	else if (type == NDISC_REDIRECT)
		ip6_redirect(skb, sn->net, skb->dev->ifindex, 0, sock_net_uid(sn->net, NULL));
	return 0;
}

static const struct net_protocol sclp4_protocol = {
	.handler = sclp4_rcv,
	.err_handler = sclp4_err,
};

static const struct inet6_protocol sclp6_protocol = {
	.handler = sclp6_rcv,
	.err_handler = sclp6_err,
	.flags = INET6_PROTO_FINAL,
};

int sclp_carrier_ip_register(u8 proto)
{
	int err = inet_add_protocol(&sclp4_protocol, proto);

	if (err) {
		pr_err("sclp: IP protocol %u is taken (parameter proto)\n", proto);
		return err;
	}
	err = inet6_add_protocol(&sclp6_protocol, proto);
	if (err) {
		pr_err("sclp: IPv6 next header %u is taken (parameter proto)\n", proto);
		inet_del_protocol(&sclp4_protocol, proto);
	}
	return err;
}

/* Waits until nobody is in a handler. */
void sclp_carrier_ip_unregister(u8 proto)
{
	inet6_del_protocol(&sclp6_protocol, proto);
	inet_del_protocol(&sclp4_protocol, proto);
}
