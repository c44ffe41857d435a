// SPDX-License-Identifier: GPL-2.0
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/vxlan.h>
#include <sclp.h>
#include "lib.h"

static u8 __init pattern(u32 i)
{
	return i * 7 + (i >> 8) * 13;
}

static u32 __init put_ether(u8 *p, const struct st_spec *spec)
{
	const __be16 type = spec->family == 4	? htons(ETH_P_IP)
			    : spec->family == 6 ? htons(ETH_P_IPV6)
						: htons(ETH_P_ARP);
	u32 off = 2 * ETH_ALEN;
	unsigned int i;

	memset(p, 0x02, off);
	for (i = 0; i < spec->n_vlan; i++, off += VLAN_HLEN) {
		put_unaligned_be16(i + 1 < spec->n_vlan ? ETH_P_8021AD : ETH_P_8021Q, p + off);
		put_unaligned_be16(42, p + off + 2);
	}
	put_unaligned(type, (__be16 *)(p + off));
	return off + 2;
}

static u32 __init l4_len(const struct st_spec *spec)
{
	return spec->proto == IPPROTO_TCP   ? sizeof(struct tcphdr) + 12
	       : spec->proto == IPPROTO_UDP ? sizeof(struct udphdr)
					    : sizeof(struct sctphdr);
}

static u32 __init put_ipv4(u8 *p, const struct st_spec *spec)
{
	struct iphdr iph = {
		.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = spec->proto,
		.id = htons(ST_IP_ID),
		.frag_off = spec->fragment ? htons(IP_MF) : 0,
		.saddr = htonl(0x0a000001),
		.daddr = htonl(0x0a000002),
		.tot_len = htons(sizeof(iph) + l4_len(spec) + spec->plen),
	};

	ip_send_check(&iph);
	memcpy(p, &iph, sizeof(iph));
	return sizeof(iph);
}

static u32 __init put_ipv6(u8 *p, const struct st_spec *spec)
{
	u32 n_ext = 8 * (spec->ext + spec->routing), off = sizeof(struct ipv6hdr);
	struct ipv6hdr ip6h = {
		.version = 6,
		.hop_limit = 64,
		.nexthdr = spec->ext	   ? NEXTHDR_DEST
			   : spec->routing ? NEXTHDR_ROUTING
					   : spec->proto,
		.payload_len = htons(n_ext + l4_len(spec) + spec->plen),
	};

	ip6h.saddr.s6_addr[15] = 1;
	ip6h.daddr.s6_addr[15] = 2;
	memcpy(p, &ip6h, sizeof(ip6h));
	memset(p + off, 0, n_ext);
	if (spec->ext) {
		p[off] = spec->routing ? NEXTHDR_ROUTING : spec->proto;
		p[off + 2] = IPV6_TLV_PADN;
		p[off + 3] = 4;
		off += 8;
	}
	if (spec->routing) {
		p[off] = spec->proto;
		off += 8;
	}
	return off;
}

static void __init put_l4(u8 *p, const struct st_spec *spec)
{
	if (spec->proto == IPPROTO_TCP) {
		memset(p, 1, l4_len(spec)); /* options: no-ops */
		put_unaligned_be32(ST_SEQ, p + 4);
		p[12] = l4_len(spec) / 4 << 4;
		p[13] = spec->tcp_flags;
	} else if (spec->proto == IPPROTO_UDP) {
		put_unaligned_be16(l4_len(spec) + spec->plen, p + 4);
	}
}

bool __init st_frame_build(struct st_frame *f, const struct st_spec *spec)
{
	u32 i;

	f->spec = spec;
	f->data = kmalloc(sizeof(struct vxlanhdr) + 256 + spec->plen + spec->pad, GFP_KERNEL);
	if (!ST_CHECK(f->data))
		return false;
	put_unaligned_be32(0x08000000 | (spec->meta & 0xffffff) |
				   (spec->meta & ST_META ? SCLP_META_VXLAN_FLAG << 24 : 0),
		f->data);
	put_unaligned_be32(7 << 8, f->data + 4);
	f->l3_off = sizeof(struct vxlanhdr) + put_ether(f->data + sizeof(struct vxlanhdr), spec);
	f->l4_off = f->l3_off;
	if (spec->family == 4)
		f->l4_off += put_ipv4(f->data + f->l3_off, spec);
	else if (spec->family == 6)
		f->l4_off += put_ipv6(f->data + f->l3_off, spec);
	f->pay_off = f->l4_off;
	if (spec->family) {
		memset(f->data + f->l4_off, 0, l4_len(spec));
		put_l4(f->data + f->l4_off, spec);
		f->pay_off += l4_len(spec);
	}
	f->end_off = f->pay_off + spec->plen;
	f->len = f->end_off + spec->pad;
	for (i = f->pay_off; i < f->len; i++)
		f->data[i] = pattern(i - f->pay_off);
	return true;
}

void __init st_frame_free(struct st_frame *f)
{
	kfree(f->data);
}

static struct sk_buff *__init skb_linear(const u8 *data, u32 n)
{
	struct sk_buff *skb = alloc_skb(n + NET_SKB_PAD, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, data, n);
	return skb;
}

static struct sk_buff *__init skb_pages(const u8 *data, u32 n)
{
	const u32 piece = max_t(u32, DIV_ROUND_UP(n, MAX_SKB_FRAGS), 200);
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD, GFP_KERNEL);
	u32 off, here, i = 0;

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	for (off = 0; off < n; off += here) {
		struct page *page = alloc_page(GFP_KERNEL);

		here = min(n - off, piece);
		if (!page || here > PAGE_SIZE) {
			kfree_skb(skb);
			return NULL;
		}
		memcpy(page_address(page), data + off, here);
		skb_add_rx_frag(skb, i++, page, 0, here, PAGE_SIZE);
	}
	return skb;
}

/* As GRO merges packets in slab memory: each with a linear part on the list. */
static struct sk_buff *__init skb_listed(const u8 *data, u32 n)
{
	const u32 piece = DIV_ROUND_UP(n, 3);
	struct sk_buff *skb = skb_linear(data, piece), **at;
	u32 off, here;

	if (!skb)
		return NULL;
	at = &skb_shinfo(skb)->frag_list;
	for (off = piece; off < n; off += here) {
		here = min(n - off, piece);
		*at = skb_linear(data + off, here);
		if (!*at) {
			kfree_skb(skb);
			return NULL;
		}
		skb->len += here;
		skb->data_len += here;
		skb->truesize += (*at)->truesize;
		at = &(*at)->next;
	}
	return skb;
}

struct sk_buff *__init st_skb(const u8 *data, u32 n_bytes, enum st_kind kind)
{
	struct sk_buff *skb = kind == ST_LINEAR	 ? skb_linear(data, n_bytes)
			      : kind == ST_PAGES ? skb_pages(data, n_bytes)
						 : skb_listed(data, n_bytes);

	ST_CHECK(skb);
	return skb;
}

bool __init st_same(const struct sk_buff *skb, const u8 *data, u32 n_bytes)
{
	u8 some[128];
	u32 off, n;

	if (skb->len != n_bytes)
		return false;
	for (off = 0; off < n_bytes; off += n) {
		n = min_t(u32, n_bytes - off, sizeof(some));
		if (skb_copy_bits(skb, off, some, n) || memcmp(some, data + off, n))
			return false;
	}
	return true;
}

struct st_reasm *__init st_reasm_open(void)
{
	struct st_reasm *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int cpu;

	if (!ST_CHECK(t))
		return NULL;
	__skb_queue_head_init(&t->out);
	sclp_limits_init(&t->sn.limits);
	t->sn.stats = alloc_percpu(struct sclp_stats);
	t->r = sclp_reasm_create(&t->sn);
	if (!ST_CHECK(t->r && t->sn.stats)) {
		kvfree(t->r);
		free_percpu(t->sn.stats);
		kfree(t);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(t->sn.stats, cpu)->syncp);
	t->r->now = INITIAL_JIFFIES; /* a time like any other */
	return t;
}

void __init st_reasm_close(struct st_reasm *t)
{
	unsigned int i;

	sclp_reasm_stop(t->r);
	ST_CHECK(!t->r->n_live && !t->r->n_bytes && list_empty(&t->r->live));
	ST_CHECK(!t->r->shares[0].used && !t->r->shares[1].used);
	for (i = 0; i < ARRAY_SIZE(t->r->remotes); i++)
		ST_CHECK(hlist_empty(&t->r->remotes[i]));
	__skb_queue_purge(&t->out);
	kvfree(t->r);
	free_percpu(t->sn.stats);
	kfree(t);
}

u64 __init st_count(struct st_reasm *t, unsigned int i)
{
	const struct sclp_stats *stats;
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(t->sn.stats, cpu);
		sum += u64_stats_read(
			i < SCLP_N_DROP ? &stats->drop[i] : &stats->event[i - SCLP_N_DROP]);
	}
	return sum;
}

void __init st_seg(struct sclp_seg *seg, u32 id, u32 off, u32 n, u32 len, u32 plen)
{
	*seg = (struct sclp_seg){
		.dest = htons(SCLP_PORT_VXLAN),
		.id = id,
		.start = len - off,
		.end = len - off - n,
		.plen = plen ?: n,
		.first = !off,
	};
	seg->n_segs = DIV_ROUND_UP(n, seg->plen);
}

/* What ended goes the way it goes in reasm.c, but to t->out. */
static void __init finish(struct st_reasm *t)
{
	struct sclp_frame *f, *next;
	LIST_HEAD(ended);

	list_splice_init(&t->r->ended, &ended);
	list_for_each_entry_safe(f, next, &ended, age_link) {
		t->tos = f->rx.tos;
		sclp_reasm_finish(t->r, f, &t->out);
	}
}

enum sclp_kept __init st_add(struct st_reasm *t, const struct st_from *from,
	const struct sclp_seg *seg, struct sk_buff *skb)
{
	const struct sclp_rx rx = {
		.sn = &t->sn,
		.tos = from->tos,
		.saddr = { .family = AF_INET, .v4 = from->saddr },
		.daddr = { .family = AF_INET, .v4 = htonl(0xc0000201) },
	};
	enum sclp_drop why = SCLP_N_DROP;
	struct sclp_seg here = *seg;
	struct sclp_recipe *late;
	enum sclp_kept kept;

	if (!skb)
		return SCLP_REFUSED;
	here.source = from->sport;
	spin_lock_bh(&t->r->lock);
	t->r->late = NULL;
	kept = sclp_reasm_run(t->r, skb, &here, &rx, from->source, &why);
	late = t->r->late;
	spin_unlock_bh(&t->r->lock);
	finish(t);
	if (kept == SCLP_PASS)
		__skb_queue_tail(&t->out, skb);
	else if (kept == SCLP_PART)
		ST_CHECK(sclp_recover_late(late, skb, &here, &t->out) == 1);
	else if (kept == SCLP_REFUSED)
		sclp_drop(t->sn.stats, skb, why);
	else if (kept != SCLP_KEPT)
		consume_skb(skb);
	if (kept == SCLP_REPEATED)
		sclp_stats_event(t->sn.stats, SCLP_EV_RX_REPEATED, seg->n_segs);
	sclp_recipe_put(late);
	return kept;
}

u32 __init st_tick(struct st_reasm *t)
{
	spin_lock_bh(&t->r->lock);
	sclp_reasm_tick(t->r, UINT_MAX);
	spin_unlock_bh(&t->r->lock);
	finish(t);
	return skb_queue_len(&t->out);
}

void __init st_expire(struct st_reasm *t)
{
	spin_lock_bh(&t->r->lock);
	t->r->now += sclp_reasm_timeout(t->r) + 1;
	sclp_reasm_expire(t->r, UINT_MAX);
	spin_unlock_bh(&t->r->lock);
	finish(t);
}
