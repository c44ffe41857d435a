/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Theory of operation
 *
 * A TCP super-frame is a stretch of a byte stream behind one set of headers.  When segments of it
 * are lost, each contiguous range that arrived is still a piece of that stream: with a copy of the
 * headers, its own sequence number and lengths, it is a packet that the inner sender might have
 * sent itself.  So the inner sender retransmits what is missing and no more.
 *
 *   frame    | VXLAN Ethernet IP TCP |      payload                          |
 *   arrived  [ first segment         ......]      [......]            [......]
 *   leaves   [ headers ][ payload          ]
 *            [ headers, seq + n ]          [......]      [ headers, seq + k ][......]
 *
 * What is delivered must be as trustworthy as the whole frame would have been.  The bytes that
 * arrived were covered by the outer checksum.  If the frame metadata says that the inner checksum
 * is owed, or that the sender verified it, they also were right when they entered the tunnel: each
 * part then owes a checksum of its own (the field holds the pseudo-header sum).  If nothing is
 * stated, the inner checksum may have been wrong from the start, and it cannot be verified over a
 * part: making a new one would repair it, so the frame is not recovered.
 *
 * FIN and PSH stay only on the part that holds the last byte, CWR only on the one that holds the
 * first.  Parts keep the guest's segment size, and are super-frames as long as they are larger than
 * it; their borders need not be multiples of it, since sequence numbers count bytes.  SYN, RST and
 * URG frames are left alone: their meaning is tied to the frame as a whole.
 *
 * Parts use the mbufs that the pieces already have; only the headers are new.
 */
#include "tunnel/sclp_recover.h"

#include <string.h>

#include "pkt/l4_csum.h"
#include "pkt/parse.h"
#include "tunnel/sclp_run.h"
#include "uapi/sclp.h"
#include "wire/ip.h"
#include "wire/l4.h"
#include "wire/vxlan.h"

/* What every part of the frame has in common. */
struct recipe {
	struct pkt_layer l;   /* offsets in the frame */
	uint32_t vxlan_flags; /* host byte order, without the metadata */
	uint8_t gso_type;     /* enum sclp_meta_gso */
	uint16_t gso_size;    /* 0: not segmented by the guest */
	bool gso_ecn;
	uint16_t next_ip_id;	   /* those of IPv4 that were not used yet */
	uint8_t hdr[PKT_HDR_ROOM]; /* the first l.pay_off bytes of the frame */
};

/* Bytes [off, off + n) of the frame. */
struct range {
	struct rte_mbuf *m;
	uint32_t off, n;
};

/* The frame metadata allows recovery and fits the frame. */
static bool read_vxlan(const struct vxlan_hdr *vh, const struct pkt_layer *l, struct recipe *rc)
{
	const uint32_t flags = rte_be_to_cpu_32(vh->flags);
	const uint32_t csum = flags >> SCLP_META_CSUM_SHIFT & 3;

	if (!(flags & (uint32_t)VXLAN_F_VNI << 24) ||
		!(flags & (uint32_t)SCLP_META_VXLAN_FLAG << 24) || flags & SCLP_META_ZERO)
		return false;
	if (csum != SCLP_META_CSUM_OWED && csum != SCLP_META_CSUM_VERIFIED)
		return false;
	rc->vxlan_flags = flags & 0xff000000;
	rc->gso_type = flags >> SCLP_META_GSO_SHIFT & 7;
	rc->gso_size = flags & SCLP_META_SIZE_MASK;
	rc->gso_ecn = flags & SCLP_META_ECN;
	if (rc->gso_type == SCLP_META_GSO_NONE)
		return rc->gso_size == 0;
	return rc->gso_size &&
	       rc->gso_type == (l->l3 == PKT_L3_IPV4 ? SCLP_META_GSO_TCPV4 : SCLP_META_GSO_TCPV6);
}

/* @m is the start of frame @f.  false: the frame is none that can be recovered. */
static bool read_headers(struct rte_mbuf *m, const struct sclp_frame *f, struct recipe *rc)
{
	const uint32_t have = m->pkt_len;
	const struct vxlan_hdr *vh = PKT_HDR(m, 0, struct vxlan_hdr);
	const struct tcp_hdr *th;

	if (!vh)
		return false;
	m->pkt_len = f->len; /* the parser compares the IP length with the whole frame's */
	pkt_parse(m, sizeof(*vh), &rc->l);
	m->pkt_len = have;
	if (rc->l.l4 != PKT_L4_TCP || rc->l.pay_off > sizeof(rc->hdr) ||
		!read_vxlan(vh, &rc->l, rc))
		return false;
	th = PKT_HDR(m, rc->l.l4_off, struct tcp_hdr);
	if (th->flags & (TCP_F_SYN | TCP_F_RST | TCP_F_URG))
		return false;
	if (rc->l.l3 == PKT_L3_IPV4) {
		const struct ipv4_hdr *ip = PKT_HDR(m, rc->l.l3_off, struct ipv4_hdr);

		if (csum_ipv4(ip, ipv4_hlen(ip)) != 0xffff)
			return false;
		rc->next_ip_id = rte_be_to_cpu_16(ip->id);
	}
	pkt_copy_out(m, 0, rc->l.pay_off, rc->hdr);
	return true;
}

static void write_vxlan(const struct recipe *rc, struct vxlan_hdr *vh, uint32_t plen, bool starts)
{
	uint32_t meta = (uint32_t)SCLP_META_CSUM_OWED << SCLP_META_CSUM_SHIFT;

	if (rc->gso_type && plen > rc->gso_size) {
		meta |= (uint32_t)rc->gso_type << SCLP_META_GSO_SHIFT | rc->gso_size;
		if (starts && rc->gso_ecn)
			meta |= SCLP_META_ECN;
	}
	vh->flags = rte_cpu_to_be_32(rc->vxlan_flags | meta);
}

/* Identification (RFC 6864): what the guest's own segments would have had, never the same one
 * twice. */
static uint16_t take_ip_id(struct recipe *rc, uint32_t pay_off, uint32_t plen)
{
	const struct ipv4_hdr *ip = (const void *)(rc->hdr + rc->l.l3_off);
	uint16_t id = rte_be_to_cpu_16(ip->id);

	if (!rc->gso_size)
		return rc->next_ip_id++;
	id = (uint16_t)(id + pay_off / rc->gso_size);
	if ((int16_t)(id - rc->next_ip_id) < 0)
		id = rc->next_ip_id;
	rc->next_ip_id = (uint16_t)(id + (plen + rc->gso_size - 1) / rc->gso_size);
	return id;
}

static void write_ip(struct recipe *rc, struct rte_mbuf *m, uint32_t pay_off, uint32_t plen)
{
	const uint32_t ip_len = rc->l.pay_off - rc->l.l3_off + plen;

	if (rc->l.l3 == PKT_L3_IPV4) {
		struct ipv4_hdr *ip = PKT_HDR(m, rc->l.l3_off, struct ipv4_hdr);

		ip->tot_len = rte_cpu_to_be_16((uint16_t)ip_len);
		ip->id = rte_cpu_to_be_16(take_ip_id(rc, pay_off, plen));
		ip->check = 0;
		ip->check = (uint16_t)~csum_ipv4(ip, ipv4_hlen(ip));
	} else {
		struct ipv6_hdr *ip6 = PKT_HDR(m, rc->l.l3_off, struct ipv6_hdr);

		ip6->payload_len = rte_cpu_to_be_16((uint16_t)(ip_len - sizeof(*ip6)));
	}
}

static void write_tcp(const struct recipe *rc, struct rte_mbuf *m, uint32_t pay_off, uint32_t plen)
{
	struct tcp_hdr *th = PKT_HDR(m, rc->l.l4_off, struct tcp_hdr);
	const uint32_t hlen = rc->l.pay_off - rc->l.l4_off;

	th->seq = rte_cpu_to_be_32(rte_be_to_cpu_32(th->seq) + pay_off);
	if (pay_off)
		th->flags &= (uint8_t)~TCP_F_CWR;
	if (rc->l.pay_off + pay_off + plen < rc->l.end_off)
		th->flags &= (uint8_t) ~(TCP_F_FIN | TCP_F_PSH);
	*l4_csum_field(m, &rc->l) = csum_fold(l4_csum_pseudo(m, &rc->l, hlen + plen));
}

/* The payload in @rg as a packet of its own, to @out.  Takes rg->m; returns packets delivered (0 or
 * 1). */
static unsigned int emit(
	struct recipe *rc, struct range *rg, const struct sclp_frame *f, struct pkt_list *out)
{
	const uint32_t from = RTE_MAX(rg->off, (uint32_t)rc->l.pay_off);
	const uint32_t to = RTE_MIN(rg->off + rg->n, rc->l.end_off); /* without padding */
	struct rte_mbuf *head;

	if (from >= to) {
		pkt_done(rg->m);
		return 0;
	}
	head = pkt_alloc_hdr();
	if (!head) {
		pkt_done(rg->m);
		return 0;
	}
	if (pkt_trim_to(rg->m, to - rg->off) || pkt_trim_front(&rg->m, from - rg->off))
		assert(!"inside the range");
	memcpy(rte_pktmbuf_mtod(head, void *), rc->hdr, rc->l.pay_off);
	head->data_len = rc->l.pay_off;
	head->pkt_len = rc->l.pay_off;
	write_vxlan(rc, PKT_HDR(head, 0, struct vxlan_hdr), to - from, from == rc->l.pay_off);
	write_ip(rc, head, from - rc->l.pay_off, to - from);
	write_tcp(rc, head, from - rc->l.pay_off, to - from);
	pkt_append(head, rg->m);
	pkt_meta(head)->obj = f->obj;
	pkt_meta(head)->tos = f->tos;
	pkt_list_add(out, head);
	return 1;
}

/* The next contiguous range of the frame, its mbufs taken from the pieces; false: none left. */
static bool next_range(struct sclp_rx *r, struct sclp_frame *f, struct range *rg)
{
	struct sclp_piece *p = TAILQ_FIRST(&f->pieces);
	struct rte_mbuf *last;
	uint32_t end;

	if (!p)
		return false;
	rg->off = f->len - p->start;
	rg->n = p->start - p->end;
	end = p->end;
	rg->m = sclp_piece_del(r, f, p);
	last = rte_pktmbuf_lastseg(rg->m);
	while ((p = TAILQ_FIRST(&f->pieces)) && p->start == end) {
		rg->n += p->start - p->end;
		end = p->end;
		last = pkt_append_at(rg->m, last, sclp_piece_del(r, f, p));
	}
	return true;
}

unsigned int sclp_recover(struct sclp_rx *r, struct sclp_frame *f, struct pkt_list *out)
{
	struct recipe rc = { .next_ip_id = 0 };
	struct range rg;
	unsigned int n = 0;

	if (!f->len || !next_range(r, f, &rg))
		return 0; /* the first segment has the headers */
	if (sclp_headers_settle(&rg.m) || !read_headers(rg.m, f, &rc)) {
		pkt_done(rg.m);
		return 0;
	}
	do {
		n += emit(&rc, &rg, f, out);
	} while (next_range(r, f, &rg));
	return n;
}
