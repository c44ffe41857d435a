// SPDX-License-Identifier: GPL-2.0
/* Retransmissions are told from frames that are new. */
#include <linux/tcp.h>
#include <net/vxlan.h>
#include "../again.h"
#include "../inner.h"
#include "lib.h"

#define LEN 4000

struct row {
	const char *name;
	u32 hash, seq; /* of the flow; of the frame, counted from the flow's first */
	bool empty;    /* no payload */
	bool syn;
	u32 way;
	bool again;
};

/* In turn, with one table. */
static const struct row rows[] __initconst = {
	{ "first_of_a_flow", 1, 0, .again = false },
	{ "behind_it", 1, LEN, .again = false },
	{ "the_last_again", 1, LEN, .again = true },
	{ "the_first_again", 1, 0, .again = true },
	{ "half_of_it_new", 1, LEN + LEN / 2, .again = true },
	{ "which_was_remembered", 1, 2 * LEN, .again = true },
	{ "a_gap_is_not_again", 1, 9 * LEN, .again = false },
	{ "acknowledgement", 1, 0, .empty = true, .again = false },
	{ "another_flow", 2, 0, .again = false },
	{ "first_flow_is_still_known", 1, 9 * LEN, .again = true },
	{ "another_flow_in_its_place", 1 + SCLP_TCP_ENDS, 0, .again = false },
	{ "which_is_forgotten", 1, 0, .again = false },
	{ "sequence_numbers_wrap", 3, -LEN / 2, .again = false },
	{ "behind_the_wrap", 3, LEN / 2, .again = false },
	{ "again_before_the_wrap", 3, -LEN / 2, .again = true },
	{ "to_one_remote", 4, 0, .again = false },
	{ "and_to_another", 4, 0, .way = 0x500, .again = false },
	{ "to_the_first_again", 4, 0, .again = true },
	{ "a_connection_of_the_same_ports", 4, -9 * LEN, .empty = true, .syn = true,
		.again = false },
	{ "is_a_new_one", 4, -9 * LEN + 1, .again = false },
	{ "which_repeats", 4, -9 * LEN + 1, .again = true },
};

static bool __init is_again(struct sclp_net *sn, struct sk_buff *skb, const struct row *row)
{
	struct sclp_inner in;
	struct tcphdr *th;

	sclp_inner_parse(skb, sizeof(struct vxlanhdr), skb->len, &in);
	if (!ST_CHECK(in.proto == IPPROTO_TCP))
		return false;
	th = (struct tcphdr *)(skb->data + in.l4_off);
	th->seq = htonl(row->seq);
	th->syn = row->syn;
	if (row->empty)
		in.end_off = in.pay_off;
	__skb_set_hash(skb, row->hash, false, true);
	return sclp_is_again(sn, skb, &in, row->way);
}

void __init st_again(void)
{
	const struct st_spec spec = { .family = 4, .proto = IPPROTO_TCP, .plen = LEN };
	struct sclp_net *sn = kzalloc(sizeof(*sn), GFP_KERNEL);
	struct st_frame f;
	struct sk_buff *skb;
	unsigned int i;

	if (!ST_CHECK(sn))
		return;
	sn->tcp_ends = kvcalloc(SCLP_TCP_ENDS, sizeof(*sn->tcp_ends), GFP_KERNEL);
	if (ST_CHECK(sn->tcp_ends) && st_frame_build(&f, &spec)) {
		skb = st_skb(f.data, f.len, ST_LINEAR);
		for (i = 0; skb && i < ARRAY_SIZE(rows); i++) {
			st_row = rows[i].name;
			ST_CHECK(is_again(sn, skb, &rows[i]) == rows[i].again);
		}
		kfree_skb(skb);
		st_frame_free(&f);
	}
	kvfree(sn->tcp_ends);
	kfree(sn);
}
