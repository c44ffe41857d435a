/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Out: the device has a frame and a remote; xmit.c finds the way, puts the metadata into the VXLAN
 * header, pushes VXLAN and SCLP and hands it to the carrier.  Segmentation happens below, by gso.c,
 * as late as the stack allows.
 */
#ifndef _SCLP_TX_H
#define _SCLP_TX_H

#include "dev.h"

/* What metadata mode or the FDB decided for one frame. */
struct sclp_tx {
	const struct sclp_rdst *rdst;	 /* remote, vni; NULL with @key */
	const struct ip_tunnel_key *key; /* metadata mode; part of a struct ip_tunnel_info */
};

/* Softirq or process, RCU.  Takes skb (the Ethernet frame, maybe GSO, maybe CHECKSUM_PARTIAL). */
void sclp_xmit(struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_tx *tx);

/* meta.c.  Out: turns the skb's debts (gso_type, gso_size, CHECKSUM_PARTIAL) into the 24 bits
 * behind the VXLAN flags and makes the skb an opaque frame (no gso, CHECKSUM_NONE); *in: its
 * headers, if it owed anything, else in->proto is 0.  -EINVAL: cannot be said in metadata; nothing
 * changed (the caller has the stack segment or checksums it first).  -ENOMEM: likewise, drop it.
 */
struct sclp_inner;
int sclp_meta_take(struct sk_buff *skb, u32 *meta, struct sclp_inner *in);

/* In: checks @meta against the inner headers of skb (data at the inner MAC header) and sets
 * gso_size, gso_type, gso_segs, ip_summed, csum_start, csum_offset, whatever they were for the
 * outer packet.  -EINVAL: it does not agree (drop RX_META_BAD).  -ENOMEM.
 */
int sclp_meta_give(struct sk_buff *skb, u32 meta);

/* In, a frame without metadata: it owes nothing, but TCP that is longer than @mtu becomes a
 * super-frame of segments that fit, if its sums are right.  -ENOMEM.
 */
int sclp_meta_derive(struct sk_buff *skb, u32 mtu);

/* route.c: dst_cache, addresses, path MTU of a remote, what of the inner packet's header the outer
 * one inherits.  @sport: of the outer UDP header, 0 in the IP carrier.  -errno: nothing is held.
 */
struct sclp_route {
	struct dst_entry *dst; /* held */
	struct sclp_addr saddr, daddr;
	unsigned int mtu; /* path MTU of the outer packet, at most 65,535 */
	u8 ttl, tos;
	__be16 df;	  /* IPv4 */
	__be32 flowlabel; /* IPv6 */
	__be16 udp_port;  /* destination port of the UDP carrier */
};
int sclp_route(struct sclp_dev *sd, const struct sclp_tx *tx, struct sk_buff *skb, __be16 sport,
	struct sclp_route *rt);

/* Softirq or bottom halves off, RCU.  Sends a segment once more, that of a frame which xmit.c gave
 * to tail.c.  Takes @skb and the reference of @rt to its dst.
 */
void sclp_xmit_again(
	struct sclp_dev *sd, struct sk_buff *skb, const struct sclp_route *rt, __be16 sport);

u8 sclp_ip_proto(void); /* main.c: of the IP carrier */

/* pmtu.c: may the packet that an ICMP error shows, from @sh on, be one of ours?  The first 8 bytes
 * are enough; NULL: it does not show as many.  @pmtu: it tells of a path MTU, and is counted if it
 * is not believed.
 */
struct sclp_hdr;
bool sclp_icmp_believed(struct sclp_net *sn, const struct sclp_hdr *sh, bool pmtu);

/* pmtu.c: counts, and has the routes to the destination of the packet at skb->data, IP header in
 * front, learn its path MTU.  RCU.
 */
void sclp_pmtu_learn4(struct sclp_net *sn, struct sk_buff *skb, u32 mtu, u8 proto);
void sclp_pmtu_learn6(struct sclp_net *sn, struct sk_buff *skb, __be32 mtu);

/* gso.c, gro.c: hooks of IP protocol 234, both families, both carriers. */
int sclp_offload_register(u8 proto);
void sclp_offload_unregister(u8 proto);

/* carrier_ip.c: IP protocol 234.  carrier_udp.c: sockets shared by port and family. */
int sclp_carrier_ip_register(u8 proto);
void sclp_carrier_ip_unregister(u8 proto);
int sclp_carrier_udp_open(struct sclp_dev *sd); /* RTNL; when the device goes up */
void sclp_carrier_udp_close(struct sclp_dev *sd);

#endif
