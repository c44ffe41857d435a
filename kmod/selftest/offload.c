// SPDX-License-Identifier: GPL-2.0
/* The header's arithmetic; cutting, merging and reassembling are each other's inverse. */
#include <linux/random.h>
#include <net/gro.h>
#include <sclp.h>
#include "../compat.h"
#include "../gro.h"
#include "../gso.h"
#include "../hdr.h"
#include "lib.h"

static struct sclp_hdr __init make_hdr(u32 id, bool first, u16 remaining)
{
	return (struct sclp_hdr){
		.source = htons(50000),
		.dest = htons(SCLP_PORT_VXLAN),
		.id_first = sclp_hdr_make_id(id, first),
		.remaining = htons(remaining),
	};
}

static void __init example(void)
{
	/* docs/protocol.md: 3,000 bytes in segments of 1,468 */
	static const u8 wire[] __initconst = {
		0xc3,
		0x50,
		0x12,
		0xb5,
		0x24,
		0x68,
		0xac,
		0xf1,
		0x05,
		0xfc,
		0,
		0,
	};
	const struct sclp_hdr h = make_hdr(0x12345678, true, 1532);

	st_row = "example_of_the_protocol";
	ST_CHECK(!memcmp(&h, wire, sizeof(wire)));
	ST_CHECK(sclp_hdr_id(&h) == 0x12345678 && sclp_hdr_is_first(&h));
	ST_CHECK(sclp_hdr_from_end(&h, 1468) == 3000);
}

struct follows {
	const char *name;
	u32 id_a, id_b;
	u16 rem_a, rem_b, plen_b;
	bool first_b, yes;
};

void __init st_header(void)
{
	static const struct follows rows[] __initconst = {
		{ "next", 5, 5, 1532, 64, 1468, false, true },
		{ "next_is_last", 5, 5, 64, 0, 64, false, true },
		{ "largest_id", 0x7fffffff, 0x7fffffff, 65535, 0, 65535, false, true },
		{ "gap", 5, 5, 1532, 63, 1468, false, false },
		{ "overlap", 5, 5, 1532, 65, 1468, false, false },
		{ "other_frame", 5, 6, 1532, 64, 1468, false, false },
		{ "starts_a_frame", 5, 5, 1532, 64, 1468, true, false },
		{ "past_the_end", 5, 5, 0, 65535, 1, false, false },
	};
	unsigned int i;

	example();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sclp_hdr a = make_hdr(rows[i].id_a, true, rows[i].rem_a);
		const struct sclp_hdr b = make_hdr(rows[i].id_b, rows[i].first_b, rows[i].rem_b);

		st_row = rows[i].name;
		ST_CHECK(sclp_hdr_follows(&a, 100, &b, rows[i].plen_b) == rows[i].yes);
	}
}

/* An outer packet: @n bytes of a frame behind an SCLP header, the rest of the headers as room. */
static struct sk_buff *__init outer(const u8 *data, u32 n, enum st_kind kind, u32 id, u16 size)
{
	struct sk_buff *skb = st_skb(data, n, kind);
	struct sclp_hdr *sh;

	if (!skb)
		return NULL;
	sh = __skb_push(skb, SCLP_HLEN);
	*sh = make_hdr(id, true, 0);
	skb_reset_transport_header(skb);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb->mac_len = 0;
	skb->protocol = htons(ETH_P_IP);
	sclp_sum_owe(skb, sh);
	skb_shinfo(skb)->gso_size = size;
	skb_shinfo(skb)->gso_type = SCLP_GSO_TYPE;
	return skb;
}

/* Segments of a cut frame come to level 2, the last one first. */
static void __init gso_then_reasm(
	const u8 *data, u32 n, enum st_kind kind, u16 size, u32 id, netdev_features_t features)
{
	const struct st_from from = { .source = SCLP_SOURCE_CONFIGURED, .sport = htons(50000) };
	struct sk_buff *skb = outer(data, n, kind, id, size), *seg, *next, *segs[64];
	struct st_reasm *t = st_reasm_open();
	u32 i = 0, left = n;

	if (!skb || !t)
		goto done;
	seg = sclp_gso_segment(skb, features);
	if (!ST_CHECK(!IS_ERR_OR_NULL(seg)))
		goto done;
	skb_list_walk_safe(seg, seg, next) {
		const struct sclp_hdr *sh = (const struct sclp_hdr *)seg->data;

		skb_mark_not_on_list(seg);
		ST_CHECK(sclp_hdr_id(sh) == id && sclp_hdr_is_first(sh) == !i);
		ST_CHECK(seg->len <= SCLP_HLEN + size && seg->len > SCLP_HLEN);
		ST_CHECK(sclp_hdr_from_end(sh, seg->len - SCLP_HLEN) == left);
		left -= seg->len - SCLP_HLEN;
		/* nobody owes a sum here but a device that writes it */
		if (!(features & NETIF_F_HW_CSUM))
			ST_CHECK(!csum_fold(skb_checksum(seg, 0, seg->len, 0)) && sh->check);
		if (i < ARRAY_SIZE(segs))
			segs[i++] = seg;
	}
	ST_CHECK(!left && i == DIV_ROUND_UP(n, size));
	while (i--) {
		const struct sclp_hdr *sh = (const struct sclp_hdr *)segs[i]->data;
		struct sclp_seg s;

		st_seg(&s, sclp_hdr_id(sh), n - sclp_hdr_from_end(sh, segs[i]->len - SCLP_HLEN),
			segs[i]->len - SCLP_HLEN, n, 0);
		__skb_pull(segs[i], SCLP_HLEN);
		st_add(t, &from, &s, segs[i]);
	}
	ST_CHECK(skb_queue_len(&t->out) == 1 && st_same(skb_peek(&t->out), data, n));
done:
	kfree_skb(skb);
	if (t)
		st_reasm_close(t);
}

/* A retransmission of @n segments, the last of them short: what is cut, and that it does no harm.
 */
static void __init gso_twice(const u8 *data, u32 n, enum st_kind kind, u16 size)
{
	const struct st_from from = { .source = SCLP_SOURCE_CONFIGURED, .sport = htons(50000) };
	const bool all = n <= SCLP_GSO_SHORT;
	const u32 len = (n - 1) * size + 1, before = all ? n - 1 : 0;
	struct sk_buff *skb = outer(data, len, kind, 1, size), *seg, *next;
	struct st_reasm *t = st_reasm_open();
	u32 i = 0;

	if (!skb || !t)
		goto done;
	skb_shinfo(skb)->gso_type |= SCLP_GSO_TWICE;
	seg = sclp_gso_segment(skb, NETIF_F_SG);
	if (!ST_CHECK(!IS_ERR_OR_NULL(seg)))
		goto done;
	skb_list_walk_safe(seg, seg, next) {
		const u32 want = i < before ? i : i < before + n ? i - before : all ? n - 1 : 0;
		const struct sclp_hdr *sh = (const struct sclp_hdr *)seg->data;
		const u32 here = seg->len - SCLP_HLEN, off = len - sclp_hdr_from_end(sh, here);
		struct sclp_seg s;

		skb_mark_not_on_list(seg);
		ST_CHECK(off == want * size && sclp_hdr_is_first(sh) == !off);
		ST_CHECK(here == (want == n - 1 ? 1 : size));
		ST_CHECK(!csum_fold(skb_checksum(seg, 0, seg->len, 0)) && sh->check);
		st_seg(&s, 1, off, here, len, 0);
		__skb_pull(seg, SCLP_HLEN);
		ST_CHECK(st_same(seg, data + off, here));
		st_add(t, &from, &s, seg);
		i++;
	}
	ST_CHECK(i == n + sclp_gso_repeats(n));
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_RX_REPEATED) == sclp_gso_repeats(n));
	ST_CHECK(skb_queue_len(&t->out) == 1 && st_same(skb_peek(&t->out), data, len));
done:
	kfree_skb(skb);
	if (t)
		st_reasm_close(t);
}

/* One segment comes to GRO below UDP, whose header is not looked at here. */
struct merge {
	const char *name;
	struct {
		u16 off, n;
		u8 flags;
	} a[5];
	u16 leaves[5]; /* payload of what leaves, in order */
};

#define OTHER_ID   BIT(0)
#define OTHER_PORT BIT(1)
#define NO_SUM	   BIT(2) /* no checksum; in all others it is owed */
#define LISTED	   BIT(3) /* its last bytes are in a frag_list, as IP's reassembly leaves them */
#define CLONED	   BIT(4) /* somebody else looks at it */

static const struct merge merges[] __initconst = {
	{ "in_order", { { 0, 1000 }, { 1000, 1000 }, { 2000, 1000 } }, { 3000 } },
	{ "last_shorter", { { 0, 1400 }, { 1400, 1400 }, { 2800, 200 } }, { 3000 } },
	{ "from_the_middle", { { 1000, 1000 }, { 2000, 1000 } }, { 2000 } },
	{ "gap", { { 0, 1000 }, { 2000, 1000 } }, { 1000, 1000 } },
	{ "reverse", { { 2000, 1000 }, { 1000, 1000 } }, { 1000, 1000 } },
	{ "duplicate", { { 0, 1000 }, { 0, 1000 } }, { 1000, 1000 } },
	{ "longer_than_the_first", { { 0, 1000 }, { 1000, 1100 } }, { 1000, 1100 } },
	{ "shorter_ends_it", { { 0, 1000 }, { 1000, 900 }, { 1900, 900 } }, { 1900, 900 } },
	{ "other_frame", { { 0, 1000 }, { 1000, 1000, OTHER_ID } }, { 1000, 1000 } },
	{ "other_port", { { 0, 1000 }, { 1000, 1000, OTHER_PORT } }, { 1000, 1000 } },
	{ "sum_and_none", { { 0, 1000 }, { 1000, 1000, NO_SUM } }, { 1000, 1000 } },
	{ "without_sums", { { 0, 1000, NO_SUM }, { 1000, 1000, NO_SUM } }, { 2000 } },
	{ "listed", { { 0, 1000 }, { 1000, 1000, LISTED }, { 2000, 1000 } }, { 1000, 1000, 1000 } },
	{ "cloned", { { 0, 1000 }, { 1000, 1000, CLONED } }, { 2000 } },
	{ "behind_a_clone", { { 0, 1000 }, { 1000, 1000, CLONED }, { 2000, 1000 } }, { 3000 } },
	{ "clone_is_held", { { 0, 1000, CLONED }, { 1000, 1000 } }, { 1000, 1000 } },
};

#define OUTER_HLEN (sizeof(struct iphdr) + sizeof(struct udphdr))

#define IN_LIST 100

static struct sk_buff *__init listed_skb(const u8 *data, u16 n, enum st_kind kind)
{
	struct sk_buff *skb = st_skb(data, n - IN_LIST, kind);
	struct sk_buff *list = st_skb(data + n - IN_LIST, IN_LIST, ST_LINEAR);

	if (!skb || !list) {
		kfree_skb(skb);
		kfree_skb(list);
		return NULL;
	}
	skb_shinfo(skb)->frag_list = list;
	skb->len += IN_LIST;
	skb->data_len += IN_LIST;
	skb->truesize += list->truesize;
	return skb;
}

static struct sk_buff *__init gro_packet(
	const u8 *frame, u16 off, u16 n, u8 flags, enum st_kind kind)
{
	struct sk_buff *skb = flags & LISTED ? listed_skb(frame + off, n, kind)
					     : st_skb(frame + off, n, kind);
	struct sclp_hdr *sh;
	struct iphdr *iph;

	if (!skb)
		return NULL;
	sh = __skb_push(skb, SCLP_HLEN);
	*sh = make_hdr(flags & OTHER_ID ? 8 : 7, !off, 3000 - off - n);
	if (flags & OTHER_PORT)
		sh->source = htons(50001);
	if (!(flags & NO_SUM))
		sclp_sum_owe(skb, sh);
	iph = __skb_push(skb, OUTER_HLEN);
	memset(iph, 0, OUTER_HLEN);
	*iph = (struct iphdr){ .version = 4, .ihl = 5, .frag_off = htons(IP_DF), .ttl = 64 };
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = init_net.loopback_dev;
	return skb;
}

/* @skb leaves GRO, as it does at the end of a poll. */
static void __init gro_leave(struct sk_buff *skb, struct sk_buff_head *out)
{
	skb_list_del_init(skb);
	if (NAPI_GRO_CB(skb)->count > 1)
		ST_CHECK(!sclp_gro_complete_udp(NULL, skb, OUTER_HLEN));
	else
		skb_shinfo(skb)->gso_size = 0;
	__skb_queue_tail(out, skb);
}

/* What the stack's engine does for a packet, as far as it matters here. */
static void __init gro_take(struct list_head *held, struct sk_buff *skb, struct sk_buff_head *out)
{
	struct sk_buff *p;

	memset(NAPI_GRO_CB(skb), 0, sizeof(*NAPI_GRO_CB(skb)));
	NAPI_GRO_CB(skb)->count = 1;
	NAPI_GRO_CB(skb)->data_offset = OUTER_HLEN;
	NAPI_GRO_CB(skb)->flush = skb_has_frag_list(skb);
	list_for_each_entry(p, held, list) {
		NAPI_GRO_CB(p)->same_flow = 1;
		NAPI_GRO_CB(p)->flush = 0;
	}
	p = sclp_gro_receive_udp(NULL, held, skb);
	if (p)
		gro_leave(p, out);
	if (NAPI_GRO_CB(skb)->same_flow) {
		if (NAPI_GRO_CB(skb)->free)
			kfree_skb_partial(skb, NAPI_GRO_CB(skb)->free == NAPI_GRO_FREE_STOLEN_HEAD);
		return;
	}
	NAPI_GRO_CB(skb)->last = skb;
	if (NAPI_GRO_CB(skb)->flush) {
		INIT_LIST_HEAD(&skb->list);
		gro_leave(skb, out);
		return;
	}
	skb_shinfo(skb)->gso_size = skb_gro_len(skb);
	list_add(&skb->list, held);
}

/* Its headers say where its bytes belong, and they are right. */
static u32 __init merged_payload(struct sk_buff *skb, const u8 *frame)
{
	struct sclp_hdr sh;
	u32 plen, start;

	if (!ST_CHECK(skb->len > OUTER_HLEN + SCLP_HLEN))
		return 0;
	ST_CHECK(!skb_copy_bits(skb, OUTER_HLEN, &sh, sizeof(sh)));
	plen = skb->len - OUTER_HLEN - SCLP_HLEN;
	start = sclp_hdr_from_end(&sh, plen);
	ST_CHECK(start <= 3000 && sclp_hdr_is_first(&sh) == (start == 3000));
	if (!ST_CHECK(pskb_may_pull(skb, OUTER_HLEN + SCLP_HLEN)))
		return plen;
	__skb_pull(skb, OUTER_HLEN + SCLP_HLEN);
	ST_CHECK(st_same(skb, frame + 3000 - start, plen));
	return plen;
}

static void __init merge_row(const struct merge *row, const u8 *frame, enum st_kind kind)
{
	struct sk_buff *skb, *next, *clone = NULL;
	struct sk_buff_head out;
	LIST_HEAD(held);
	unsigned int i;

	st_row = row->name;
	__skb_queue_head_init(&out);
	for (i = 0; i < ARRAY_SIZE(row->a) && row->a[i].n; i++) {
		skb = gro_packet(frame, row->a[i].off, row->a[i].n, row->a[i].flags, kind);
		if (skb && row->a[i].flags & CLONED)
			clone = skb_clone(skb, GFP_KERNEL);
		if (skb)
			gro_take(&held, skb, &out);
	}
	list_for_each_entry_safe_reverse(skb, next, &held, list) /* the oldest first */
		gro_leave(skb, &out);
	for (i = 0; (skb = __skb_dequeue(&out)); i++) {
		ST_CHECK(i < ARRAY_SIZE(row->leaves) &&
			 merged_payload(skb, frame) == row->leaves[i]);
		kfree_skb(skb);
	}
	ST_CHECK(i == ARRAY_SIZE(row->leaves) || !row->leaves[i]);
	ST_CHECK(!clone || atomic_read(&skb_shinfo(clone)->dataref) == 1);
	kfree_skb(clone);
}

void __init st_offload(void)
{
	static const u16 sizes[] __initconst = { 548, 1236, 1468, 1469, 8948 };
	u8 *data = kmalloc(30000, GFP_KERNEL);
	enum st_kind kind;
	unsigned int i;

	if (!ST_CHECK(data))
		return;
	get_random_bytes(data, 30000);
	st_row = "gso_then_reasm";
	for (kind = 0; kind < ST_N_KINDS; kind++) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			gso_then_reasm(data, 30000, kind, sizes[i], i + 1, NETIF_F_SG);
			gso_then_reasm(data, 29999, kind, sizes[i], i + 1, 0);
			gso_then_reasm(data, 2 * sizes[i], kind, sizes[i], i + 1,
				NETIF_F_SG | NETIF_F_HW_CSUM);
		}
	}
	st_row = "gso_twice";
	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 2; i < 8; i++)
			gso_twice(data, i, kind, 1468);
	for (kind = ST_LINEAR; kind <= ST_PAGES; kind++)
		for (i = 0; i < ARRAY_SIZE(merges); i++)
			merge_row(&merges[i], data, kind);
	kfree(data);
}
