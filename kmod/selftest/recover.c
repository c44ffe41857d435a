// SPDX-License-Identifier: GPL-2.0
/* Loss recovery: which parts leave a frame of which segments are lost. */
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <sclp.h>
#include "lib.h"

#define SEG 1000 /* bytes of each segment */
#define MSS 400	 /* of the guest, as a rule: 4500 bytes are eleven and a quarter of them */
#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10
#define URG 0x20
#define CWR 0x80

#define OWED_TCP4(size) ST_META_OF(SCLP_META_CSUM_OWED, SCLP_META_GSO_TCPV4, size)
#define OWED_TCP6(size) ST_META_OF(SCLP_META_CSUM_OWED, SCLP_META_GSO_TCPV6, size)
#define OWED		ST_META_OF(SCLP_META_CSUM_OWED, SCLP_META_GSO_NONE, 0)
#define VERIFIED	ST_META_OF(SCLP_META_CSUM_VERIFIED, SCLP_META_GSO_NONE, 0)
#define UNSTATED	ST_META_OF(SCLP_META_CSUM_UNSTATED, SCLP_META_GSO_NONE, 0)

struct row {
	const char *name;
	struct st_spec spec;
	const char *segs; /* of each: '+' arrived, '-' lost */
	u8 n_parts;
};

#define IP(v, l4, n, flags) .family = v, .proto = IPPROTO_##l4, .plen = n, .tcp_flags = flags
#define TCP4_OF(flags)	    IP(4, TCP, 4500, flags)
#define TCP4		    TCP4_OF(ACK)
#define TCP6		    IP(6, TCP, 4500, ACK)

static const struct row rows[] __initconst = {
	{ "last_lost", { TCP4, .meta = OWED_TCP4(MSS) }, "++++-", 1 },
	{ "middle_lost", { TCP4, .meta = OWED_TCP4(MSS) }, "++-++", 2 },
	{ "every_other_lost", { TCP4, .meta = OWED_TCP4(MSS) }, "+-+-+", 3 },
	{ "only_the_first", { TCP4, .meta = OWED_TCP4(MSS) }, "+----", 1 },
	{ "ipv6", { TCP6, .meta = OWED_TCP6(MSS) }, "+-++-", 2 },
	{ "ipv6_options", { TCP6, .ext = true, .meta = OWED_TCP6(MSS) }, "+-+++", 2 },
	{ "vlan", { TCP4, .n_vlan = 2, .meta = OWED_TCP4(MSS) }, "+-+++", 2 },
	{ "one_end_of_a_part_is_a_border", { TCP4, .meta = OWED_TCP4(SEG) }, "++-+-", 1 },
	{ "no_whole_one_in_the_middle", { TCP4, .meta = OWED_TCP4(1448) }, "++-+-", 1 },
	{ "no_whole_one_but_the_last", { TCP4, .meta = OWED_TCP4(4000) }, "+-+-+", 1 },
	{ "no_whole_one", { TCP4, .meta = OWED_TCP4(4000) }, "+-+--", 0 },
	{ "no_gso", { TCP4, .meta = OWED }, "++-++", 2 },
	{ "verified", { TCP4, .meta = VERIFIED }, "++-++", 2 },
	{ "fin_psh_cwr", { TCP4_OF(ACK | FIN | PSH | CWR), .meta = OWED_TCP4(MSS) | SCLP_META_ECN },
		"+-+-+", 3 },
	{ "end_lost_with_fin", { TCP4_OF(ACK | FIN | PSH), .meta = OWED_TCP4(MSS) }, "++++-", 1 },
	{ "padding_is_no_part", { IP(4, TCP, 3800, ACK), .pad = 700, .meta = OWED }, "+-+-+", 2 },
	{ "first_lost", { TCP4, .meta = OWED_TCP4(MSS) }, "-++++", 0 },
	{ "nothing_stated", { TCP4, .meta = UNSTATED }, "+-+++", 0 },
	{ "no_metadata", { TCP4 }, "+-+++", 0 },
	{ "syn", { TCP4_OF(SYN), .meta = OWED }, "+-+++", 0 },
	{ "rst", { TCP4_OF(RST | ACK), .meta = OWED }, "+-+++", 0 },
	{ "urg", { TCP4_OF(URG | ACK), .meta = OWED }, "+-+++", 0 },
	{ "udp", { IP(4, UDP, 4500, 0), .meta = OWED }, "+-+++", 0 },
	{ "fragment", { TCP4, .fragment = true, .meta = OWED }, "+-+++", 0 },
	{ "routing_header", { TCP6, .routing = true, .meta = OWED_TCP6(1428) }, "+-+++", 0 },
	{ "wrong_gso_type", { TCP4, .meta = OWED_TCP6(1448) }, "+-+++", 0 },
	{ "gso_without_size", { TCP4, .meta = OWED_TCP4(0) }, "+-+++", 0 },
	{ "arp", { .plen = 4500, .meta = OWED }, "+-+++", 0 },
};

/* The part's IP header is right, and the checksum it owes has its sum of the pseudo-header. */
static void __init check_l3(const struct st_frame *f, const u8 *part, u32 n_bytes)
{
	const struct tcphdr *th = (const struct tcphdr *)(part + f->l4_off);
	const u32 l4_len = n_bytes - f->l4_off;
	struct ipv6hdr ip6h;
	struct iphdr iph;

	if (f->spec->family == 6) {
		memcpy(&ip6h, part + f->l3_off, sizeof(ip6h));
		ST_CHECK(ntohs(ip6h.payload_len) == n_bytes - f->l3_off - sizeof(ip6h));
		ST_CHECK(th->check == (__force __sum16)~csum_ipv6_magic(
					      &ip6h.saddr, &ip6h.daddr, l4_len, IPPROTO_TCP, 0));
		return;
	}
	memcpy(&iph, part + f->l3_off, sizeof(iph));
	ST_CHECK(ntohs(iph.tot_len) == n_bytes - f->l3_off);
	ST_CHECK(!ip_fast_csum(&iph, iph.ihl));
	ST_CHECK(th->check ==
		 (__force __sum16)~csum_tcpudp_magic(iph.saddr, iph.daddr, l4_len, IPPROTO_TCP, 0));
}

static void __init check_meta(const struct st_frame *f, const u8 *part, u32 plen, bool starts)
{
	const u32 size = f->spec->meta & SCLP_META_SIZE_MASK, flags = get_unaligned_be32(part);
	u32 want = OWED & ~ST_META;

	if (size && plen > size) {
		want = f->spec->meta & 0xffffff;
		if (!starts)
			want &= ~SCLP_META_ECN;
	}
	ST_CHECK((flags & 0xffffff) == want);
}

/* @part holds bytes of @f from one border on to another, of the guest's segments if it has any, or
 * else of ours; returns its first one.
 */
static u32 __init check_part(const struct st_frame *f, const u8 *part, u32 n_bytes)
{
	const struct tcphdr *th = (const struct tcphdr *)(part + f->l4_off);
	const u32 plen = n_bytes - f->pay_off, off = ntohl(th->seq) - ST_SEQ;
	const bool ends = f->pay_off + off + plen == f->end_off;
	const u8 sent = f->spec->tcp_flags, got = part[f->l4_off + 13];
	const u32 size = f->spec->meta & SCLP_META_SIZE_MASK, unit = size ?: SEG;

	if (!ST_CHECK(n_bytes > f->pay_off && f->pay_off + off + plen <= f->end_off))
		return 0;
	ST_CHECK(!memcmp(part + f->pay_off, f->data + f->pay_off + off, plen));
	ST_CHECK((off + (size ? 0 : f->pay_off)) % unit == 0 || !off);
	ST_CHECK((off + (size ? 0 : f->pay_off) + plen) % unit == 0 || ends);
	ST_CHECK(got == (sent & ~((ends ? 0 : FIN | PSH) | (off ? CWR : 0))));
	check_l3(f, part, n_bytes);
	check_meta(f, part, plen, !off);
	return off;
}

/* Payload bytes of the run of segments [@i, @end) that are to be delivered. */
static u32 __init wanted(const struct st_frame *f, u32 i, u32 end)
{
	const u32 size = f->spec->meta & SCLP_META_SIZE_MASK, plen = f->end_off - f->pay_off;
	u32 from = max(i * SEG, f->pay_off) - f->pay_off;
	u32 to = min(end * SEG, f->end_off);

	if (to <= f->pay_off)
		return 0;
	to -= f->pay_off;
	if (size) {
		from = roundup(from, size);
		to = to == plen ? to : rounddown(to, size);
	}
	return to > from ? to - from : 0;
}

static void __init check_parts(
	const struct row *row, const struct st_frame *f, struct sk_buff_head *out)
{
	u32 n_bytes = 0, last = 0, want = 0, i, end;
	struct sk_buff *skb;

	ST_CHECK(skb_queue_len(out) == row->n_parts);
	while ((skb = __skb_dequeue(out))) {
		u8 *part = kmalloc(skb->len, GFP_KERNEL);
		u32 off;

		if (ST_CHECK(part && !skb_copy_bits(skb, 0, part, skb->len))) {
			off = check_part(f, part, skb->len);
			ST_CHECK(!n_bytes || off > last);
			last = off;
			n_bytes += skb->len - f->pay_off;
		}
		kfree(part);
		kfree_skb(skb);
	}
	for (i = 0; row->n_parts && row->segs[i]; i = end + !!row->segs[end]) {
		for (end = i; row->segs[end] == '+'; end++)
			;
		want += end > i ? wanted(f, i, end) : 0;
	}
	ST_CHECK(n_bytes == want); /* all that is of use */
}

static void __init run_row(const struct row *row, enum st_kind kind)
{
	struct sk_buff_head pieces, out;
	struct sclp_recipe *recipe;
	struct st_frame f;
	struct sk_buff *skb;
	u32 i, off, n;

	st_row = row->name;
	if (!st_frame_build(&f, &row->spec))
		return;
	__skb_queue_head_init(&pieces);
	__skb_queue_head_init(&out);
	for (i = 0; row->segs[i]; i++) {
		off = i * SEG;
		n = min_t(u32, SEG, f.len - off);
		skb = row->segs[i] == '+' ? st_skb(f.data + off, n, kind) : NULL;
		if (!skb)
			continue;
		*sclp_piece(skb) = (struct sclp_piece){
			.start = f.len - off,
			.end = f.len - off - n,
			.plen = n,
			.first = !i,
		};
		__skb_queue_tail(&pieces, skb);
	}
	n = sclp_recover(&pieces, row->segs[0] == '+' ? f.len : 0, &out, &recipe);
	ST_CHECK(recipe || !n);
	sclp_recipe_put(recipe);
	ST_CHECK(n == row->n_parts && skb_queue_empty(&pieces));
	check_parts(row, &f, &out);
	st_frame_free(&f);
}

/* Segment @i of frame @id arrives; returns what has been delivered since. */
static u32 __init arrive(struct st_reasm *t, const struct st_frame *f, u32 id, u32 i, __be16 sport)
{
	const struct st_from from = { .source = SCLP_SOURCE_CONFIGURED, .sport = sport };
	const u32 off = i * SEG, n = min_t(u32, SEG, f->len - off);
	struct sk_buff *skb = st_skb(f->data + off, n, ST_LINEAR);
	struct sclp_seg seg;
	u32 n_out;

	if (!skb)
		return 0;
	st_seg(&seg, id, off, n, f->len, 0);
	seg.parts = seg.first && sclp_recover_can(skb, f->len);
	st_add(t, &from, &seg, skb);
	n_out = skb_queue_len(&t->out);
	while ((skb = __skb_dequeue(&t->out))) {
		u8 *part = kmalloc(skb->len, GFP_KERNEL);

		if (ST_CHECK(part && !skb_copy_bits(skb, 0, part, skb->len))) {
			if (skb->len == f->len)
				ST_CHECK(!memcmp(part, f->data, f->len));
			else
				check_part(f, part, skb->len);
		}
		kfree(part);
		kfree_skb(skb);
	}
	return n_out;
}

/* A TCP frame is given up as soon as a later segment shows a gap; what is late comes by itself. */
static void __init early(void)
{
	const struct st_spec spec = { TCP4, .meta = OWED_TCP4(MSS) };
	struct st_reasm *t = st_reasm_open();
	const __be16 flow = htons(50000);
	struct st_frame f;

	if (!t || !st_frame_build(&f, &spec))
		return;
	st_row = "last_segment_shows_the_gap";
	ST_CHECK(!arrive(t, &f, 1, 0, flow) && !arrive(t, &f, 1, 1, flow));
	ST_CHECK(!arrive(t, &f, 1, 3, flow) && arrive(t, &f, 1, 4, flow) == 2);
	ST_CHECK(!arrive(t, &f, 1, 0, flow) && !arrive(t, &f, 1, 4, flow)); /* sent twice */
	ST_CHECK(st_count(t, SCLP_N_DROP + SCLP_EV_RX_REPEATED) == 2);
	st_row = "which_is_no_sign_of_reordering";
	ST_CHECK(!arrive(t, &f, 9, 0, flow) && arrive(t, &f, 9, 4, flow) == 2);
	st_row = "last_segment_shows_the_gap";
	ST_CHECK(arrive(t, &f, 1, 2, flow) == 1); /* it was not lost */
	ST_CHECK(!t->r->n_live && !t->r->n_bytes);
	st_row = "such_a_flow_is_given_time";
	ST_CHECK(!arrive(t, &f, 2, 0, flow) && !arrive(t, &f, 2, 4, flow));
	ST_CHECK(!arrive(t, &f, 3, 0, flow) && !arrive(t, &f, 2, 3, flow));
	ST_CHECK(!arrive(t, &f, 2, 2, flow) && arrive(t, &f, 2, 1, flow) == 1); /* as one */
	ST_CHECK(st_count(t, SCLP_DROP_REASM_OVERTAKEN) == 2 && t->r->n_live == 1);
	t->r->now += HZ + 1;
	st_expire(t);
	__skb_queue_purge(&t->out);

	st_row = "later_frame_shows_the_gap";
	ST_CHECK(!arrive(t, &f, 5, 0, flow) && !arrive(t, &f, 5, 1, flow));
	ST_CHECK(!arrive(t, &f, 6, 0, htons(50001)) && !arrive(t, &f, 5, 2, htons(50001)));
	ST_CHECK(arrive(t, &f, 6, 0, flow) == 1);
	ST_CHECK(arrive(t, &f, 5, 4, flow) == 1);
	ST_CHECK(st_count(t, SCLP_DROP_REASM_OVERTAKEN) == 3);
	ST_CHECK(!st_count(t, SCLP_DROP_REASM_LATE));
	st_row = "a_last_segment_afterwards_is_no_sign_of_reordering";
	ST_CHECK(arrive(t, &f, 7, 0, flow) == 1 && arrive(t, &f, 7, 4, flow) == 2);
	st_row = "past_its_time_out_it_begins_anew";
	st_expire(t);
	__skb_queue_purge(&t->out);
	ST_CHECK(!t->r->n_live && !arrive(t, &f, 5, 2, flow) && t->r->n_live == 1);
	st_reasm_close(t);
	st_frame_free(&f);
}

/* The second tick since a TCP frame last grew delivers what there is of it; others wait. */
static void __init tick(void)
{
	const struct st_spec tcp = { TCP4, .meta = OWED_TCP4(MSS) };
	const struct st_spec udp = { IP(4, UDP, 4500, 0), .meta = OWED };
	struct st_reasm *t = st_reasm_open();
	const __be16 flow = htons(50000);
	struct st_frame f, d;

	if (!t || !st_frame_build(&f, &tcp) || !st_frame_build(&d, &udp))
		return;
	st_row = "second_tick_gives_up";
	ST_CHECK(!arrive(t, &f, 1, 0, flow) && !arrive(t, &f, 1, 1, flow) && !st_tick(t));
	ST_CHECK(!arrive(t, &f, 1, 2, flow) && !st_tick(t)); /* it has grown */
	ST_CHECK(st_tick(t) == 1 && st_count(t, SCLP_DROP_REASM_TIMEOUT) == 1);
	ST_CHECK(!t->r->n_live && !t->r->n_bytes);
	__skb_queue_purge(&t->out);
	st_row = "complete_frames_do_not_tick";
	ST_CHECK(!arrive(t, &f, 2, 0, flow) && !st_tick(t) && !arrive(t, &f, 2, 1, flow));
	ST_CHECK(!arrive(t, &f, 2, 2, flow) && !arrive(t, &f, 2, 3, flow));
	ST_CHECK(arrive(t, &f, 2, 4, flow) == 1 && !st_tick(t) && !st_tick(t));
	st_row = "without_its_first_segment_it_waits";
	ST_CHECK(!arrive(t, &f, 3, 1, flow) && !st_tick(t) && !st_tick(t) && t->r->n_live == 1);
	ST_CHECK(!arrive(t, &f, 3, 0, flow) && !st_tick(t) && st_tick(t) == 1);
	__skb_queue_purge(&t->out);
	st_row = "datagrams_wait_for_no_tick";
	ST_CHECK(!arrive(t, &d, 4, 0, flow) && !st_tick(t) && !st_tick(t) && t->r->n_live == 1);
	st_reasm_close(t);
	st_frame_free(&f);
	st_frame_free(&d);
}

static void __init early_is_for_tcp(void)
{
	const struct st_spec spec = { IP(4, UDP, 4500, 0), .meta = OWED };
	struct st_reasm *t = st_reasm_open();
	const __be16 flow = htons(50000);
	struct st_frame f;

	if (!t || !st_frame_build(&f, &spec))
		return;
	st_row = "datagrams_wait";
	ST_CHECK(!arrive(t, &f, 1, 0, flow) && !arrive(t, &f, 1, 4, flow));
	ST_CHECK(!arrive(t, &f, 2, 0, flow) && t->r->n_live == 2);
	ST_CHECK(!st_count(t, SCLP_DROP_REASM_OVERTAKEN));
	st_reasm_close(t);
	st_frame_free(&f);
}

void __init st_recover(void)
{
	enum st_kind kind;
	unsigned int i;

	for (kind = 0; kind < ST_N_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			run_row(&rows[i], kind);
	early();
	early_is_for_tcp();
	tick();
}
