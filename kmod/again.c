// SPDX-License-Identifier: GPL-2.0
/*
 * Which frames are sent for the second time.
 *
 * A super-frame that loses its first segment is lost whole: its headers were there.  And one of a
 * few segments of TCP that loses any is missed as much: each of ours has bytes of two of them.  TCP
 * makes up for it as for any loss, by what is acknowledged behind it.  But behind a retransmission
 * there may be nothing, and the sender inside stands still for its time-out, 200 ms at least.  So
 * a retransmission is cut twice if it is short, else its first segment is (gso.c).  rcv.c ignores
 * what comes twice.  Retransmissions are rare, and nothing is sent twice where nothing is lost.
 *
 * A frame is one if it begins before the highest sequence number of its flow since the flow's SYN.
 * Flows are told apart by a hash, the last one of each slot is known; no lock: a mistake costs a
 * segment.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include "again.h"
#include "inner.h"
#include "net.h"

bool sclp_is_again(
	struct sclp_net *sn, const struct sk_buff *skb, const struct sclp_inner *in, u32 way)
{
	const u32 flow = skb->hash ^ way;
	u64 *slot = &sn->tcp_ends[flow % SCLP_TCP_ENDS];
	const u64 known = READ_ONCE(*slot);
	const struct tcphdr *th;
	bool same;
	u32 seq, end;

	if (in->proto != IPPROTO_TCP)
		return false;
	th = (const struct tcphdr *)(skb->data + in->l4_off);
	if (in->end_off == in->pay_off && !th->syn)
		return false;
	same = known >> 32 == flow && !th->syn;
	seq = ntohl(th->seq);
	end = seq + in->end_off - in->pay_off;
	if (!same || (s32)(end - (u32)known) > 0)
		WRITE_ONCE(*slot, (u64)flow << 32 | end);
	return same && (s32)(seq - (u32)known) < 0;
}
