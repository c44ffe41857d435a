/* SPDX-License-Identifier: BSD-3-Clause */
#include "oracle.h"

#include <string.h>

#include "pkt/pkt.h"

uint32_t oracle_sum(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (sum & 0xffff) + (sum >> 16);
}

uint32_t oracle_pseudo(const uint8_t *l3, uint8_t proto, uint32_t l4_len)
{
	const uint32_t sum = l3[0] >> 4 == 4 ? oracle_sum(l3 + 12, 8, 0)
					     : oracle_sum(l3 + 8, 32, 0);
	const uint8_t tail[] = { 0, proto, (uint8_t)(l4_len >> 24), (uint8_t)(l4_len >> 16),
		(uint8_t)(l4_len >> 8), (uint8_t)l4_len };

	return oracle_sum(tail, sizeof(tail), sum);
}

#define TYPE_ETHER 0x6558

/* What the judge finds by itself. */
struct seen {
	uint8_t l3, l4, n_vlan, proto;
	uint32_t l3_off, l4_off, pay_off, end_off;
	bool frag, opts;
	bool carried; /* SCLP over UDP */
};

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void look_l4(const uint8_t *b, uint32_t off, uint32_t first, struct seen *s)
{
	uint32_t hlen = 0;

	if (s->proto == 6 && off + 20 <= first)
		hlen = b[off + 12] / 16 * 4u < 20 ? 0 : b[off + 12] / 16 * 4u;
	else if (s->proto == 17 && off + 8 <= first && be16(b + off + 4) >= 8)
		hlen = 8;
	else if (s->proto == 132 && off + 12 <= first)
		hlen = 12;
	if (!hlen || off + hlen > s->end_off || off + hlen > first)
		return;
	s->l4 = s->proto == 6 ? PKT_L4_TCP : s->proto == 17 ? PKT_L4_UDP : PKT_L4_SCTP;
	s->l4_off = off;
	s->pay_off = off + hlen;
}

static void look_ipv4(const uint8_t *b, uint32_t off, uint32_t n, uint32_t first, struct seen *s)
{
	uint32_t hlen;

	if (off + 20 > first || b[off] / 16 != 4)
		return;
	hlen = b[off] % 16 * 4u;
	if (hlen < 20 || off + hlen > first || be16(b + off + 2) < hlen ||
		off + be16(b + off + 2) > n)
		return;
	s->l3 = PKT_L3_IPV4;
	s->l3_off = off;
	s->end_off = off + be16(b + off + 2);
	s->opts = hlen > 20;
	s->frag = be16(b + off + 6) & 0x3fff;
	s->proto = b[off + 9];
	if (!s->frag)
		look_l4(b, off + hlen, first, s);
}

static void look_ipv6(const uint8_t *b, uint32_t off, uint32_t n, uint32_t first, struct seen *s)
{
	uint32_t n_ext = 0;

	if (off + 40 > first || b[off] / 16 != 6 || off + 40 + be16(b + off + 4) > n)
		return;
	s->l3 = PKT_L3_IPV6;
	s->l3_off = off;
	s->end_off = off + 40 + be16(b + off + 4);
	s->proto = b[off + 6];
	off += 40;
	while (s->proto == 0 || s->proto == 43 || s->proto == 60) {
		s->opts = true;
		if (off + 2 > first || off + 8u * (b[off + 1] + 1u) > s->end_off)
			return;
		s->proto = b[off];
		off += 8u * (b[off + 1] + 1u);
		if (++n_ext == 8)
			return;
	}
	s->frag = s->proto == 44;
	if (!s->frag)
		look_l4(b, off, first, s);
}

static void look_ip(
	const uint8_t *b, uint32_t off, uint32_t type, uint32_t n, uint32_t first, struct seen *s)
{
	if (type == 0x0800)
		look_ipv4(b, off, n, first, s);
	else if (type == 0x86dd)
		look_ipv6(b, off, n, first, s);
}

/* @first: bytes in the first segment.  @type: what starts at @l2_off. */
static void look(const uint8_t *b, uint32_t l2_off, uint32_t type, uint32_t n, uint32_t first,
	struct seen *s)
{
	uint32_t off = l2_off + 14;

	memset(s, 0, sizeof(*s));
	s->end_off = n;
	if (type != TYPE_ETHER) {
		look_ip(b, l2_off, type, n, first, s);
		return;
	}
	if (off > first)
		return;
	type = be16(b + off - 2);
	while ((type == 0x8100 || type == 0x88a8) && s->n_vlan < 2) {
		if (off + 4 > first)
			return;
		type = be16(b + off + 2);
		off += 4;
		s->n_vlan++;
	}
	look_ip(b, off, type, n, first, s);
}

/* A segment of an opaque frame, which only the metadata's claim makes one: it could be another
 * protocol's on the same port. */
static void look_segment(
	const uint8_t *b, const struct pkt_layer *l, uint32_t first, struct seen *s)
{
	const uint32_t off = s->l4 == PKT_L4_UDP ? s->pay_off : l->l4_off;

	if (l->l4 == PKT_L4_STT && s->l4 == PKT_L4_TCP && be16(b + s->l4_off + 2) == 7471 &&
		s->pay_off == s->l4_off + 20)
		s->l4 = PKT_L4_STT;
	if (l->l4 != PKT_L4_SCLP || off + 12 > s->end_off || off + 12 > first)
		return;
	if (s->l4 == PKT_L4_UDP ? be16(b + s->l4_off + 2) != 4234 : s->proto != 234)
		return;
	s->carried = s->l4 == PKT_L4_UDP;
	s->l4 = PKT_L4_SCLP;
	s->l4_off = off;
	s->pay_off = off + 12;
}

static const char *check_meta(const struct pkt_layer *l, const struct seen *s)
{
	if (l->l3 != s->l3 || l->l4 != s->l4 || l->n_vlan != s->n_vlan)
		return "metadata: protocols";
	if (!(l->flags & PKT_LF_FRAG) != !s->frag)
		return "metadata: fragment flag";
	if (!(l->flags & PKT_LF_OPTS) != !s->opts)
		return "metadata: options flag";
	if (!(l->flags & PKT_LF_CARRIER) != !s->carried)
		return "metadata: carrier flag";
	if (s->l3 && l->l3_off != s->l3_off)
		return "metadata: l3_off";
	if (s->l4 && (l->l4_off != s->l4_off || l->pay_off != s->pay_off))
		return "metadata: l4_off or pay_off";
	return l->end_off == s->end_off ? NULL : "metadata: end_off";
}

/* CRC32c by its definition, the 4 bytes at @hole taken as 0; as the packet's bytes say it. */
static uint32_t crc32c_bits(const uint8_t *p, uint32_t n, uint32_t hole)
{
	uint32_t reg = ~0u;

	for (uint32_t i = 0; i < n; i++) {
		reg ^= i >= hole && i < hole + 4 ? 0 : p[i];
		for (unsigned int k = 0; k < 8; k++)
			reg = reg >> 1 ^ (reg & 1 ? 0x82f63b78u : 0);
	}
	return __builtin_bswap32(~reg);
}

static const char *check_crc(const uint8_t *b, const struct pkt_layer *l, const struct seen *s)
{
	const uint8_t *const field = b + s->l4_off + 8;
	const uint32_t value = be16(field) << 16 | be16(field + 2);

	if (l->csum == PKT_CSUM_OWED)
		return value ? "owed checksum: field is not 0" : NULL;
	if (l->csum != PKT_CSUM_VERIFIED)
		return NULL;
	return crc32c_bits(b + s->l4_off, s->end_off - s->l4_off, 8) == value
		       ? NULL
		       : "verified, but the CRC is wrong";
}

/* SCLP's own: without pseudo-header. */
static const char *check_plain(const uint8_t *b, const struct pkt_layer *l, const struct seen *s)
{
	const uint32_t field = be16(b + s->l4_off + 10);

	if (l->csum == PKT_CSUM_OWED)
		return field ? "owed checksum: field is not 0" : NULL;
	if (l->csum != PKT_CSUM_VERIFIED)
		return NULL;
	return field && oracle_sum(b + s->l4_off, s->end_off - s->l4_off, 0) == 0xffff
		       ? NULL
		       : "verified, but the checksum is wrong";
}

static const char *check_csum(const uint8_t *b, const struct pkt_layer *l, const struct seen *s)
{
	const bool is_udp = s->l4 == PKT_L4_UDP || s->carried;
	const uint32_t start = s->l4_off - (s->carried ? 8 : 0), avail = s->end_off - start,
		       field_off = start + (is_udp ? 6 : 16);
	const uint32_t len = is_udp ? be16(b + start + 4) : avail;
	const uint32_t pseudo = oracle_pseudo(b + s->l3_off, s->proto, len);

	if (l->csum == PKT_CSUM_OWED)
		return be16(b + field_off) == pseudo
			       ? NULL
			       : "owed checksum: field is not the pseudo-header sum";
	if (l->csum != PKT_CSUM_VERIFIED)
		return NULL;
	if (is_udp && s->l3 == PKT_L3_IPV4 && !be16(b + field_off))
		return NULL;
	if (len > avail)
		return "verified, but the UDP length is too large";
	return oracle_sum(b + start, len, pseudo) == 0xffff ? NULL
							    : "verified, but the checksum is wrong";
}

static const char *check_gso(const uint8_t *b, const struct pkt_layer *l, const struct seen *s)
{
	uint8_t want;

	if (!l->gso_type)
		return l->gso_size ? "gso_size without gso_type" : NULL;
	if (s->l4 == PKT_L4_NONE || l->csum != PKT_CSUM_OWED)
		return "gso_type without L4 or without owed checksum";
	want = s->l4 == PKT_L4_UDP    ? PKT_GSO_UDP
	       : s->l4 == PKT_L4_SCTP ? PKT_GSO_SCTP
	       : s->l4 == PKT_L4_SCLP ? PKT_GSO_SCLP
	       : s->l4 == PKT_L4_STT  ? PKT_GSO_STT
	       : s->l3 == PKT_L3_IPV4 ? PKT_GSO_TCP4
				      : PKT_GSO_TCP6;
	if (l->gso_type != want && !(l->gso_type == PKT_GSO_UFO && s->l4 == PKT_L4_UDP))
		return "gso_type does not fit the headers";
	if (!l->gso_size)
		return "gso_type without gso_size";
	if (s->l4 == PKT_L4_UDP && be16(b + s->l4_off + 4) != s->end_off - s->l4_off)
		return "UDP length of a super-frame";
	return NULL;
}

static const char *check_chain(const struct rte_mbuf *m, uint8_t *flat, uint32_t max)
{
	const uint32_t pkt_len = m->pkt_len, nb_segs = m->nb_segs;
	uint32_t n = 0, segs = 0;

	for (; m; m = m->next, segs++) {
		if (m->data_off + (uint32_t)m->data_len > m->buf_len || rte_mbuf_refcnt_read(m) < 1)
			return "segment outside its buffer, or freed";
		if (n + m->data_len > max)
			return "packet larger than any";
		memcpy(flat + n, rte_pktmbuf_mtod(m, const char *), m->data_len);
		n += m->data_len;
	}
	if (n != pkt_len)
		return "pkt_len is not the sum of data_len";
	return segs == nb_segs ? NULL : "nb_segs is not the number of segments";
}

/* ---- what a tunnel put in front ---- */

struct tunnel {
	uint32_t off, hlen, type;
	uint32_t csum_from, csum_at; /* 0: it has no such field */
	bool gre;
};

/* The tunnel header in the packet of the outer layer @s; false: there is none. */
static bool look_tunnel(const uint8_t *b, const struct seen *s, uint32_t first, struct tunnel *t)
{
	const uint32_t dport = s->l4 == PKT_L4_UDP ? be16(b + s->l4_off + 2) : 0;

	*t = (struct tunnel){ .off = s->pay_off, .hlen = 8, .type = TYPE_ETHER };
	if (dport) {
		t->csum_from = s->l4_off;
		t->csum_at = s->l4_off + 6;
	} else if (s->proto == 47) {
		t->gre = true;
		t->off = s->pay_off;
	} else {
		return false;
	}
	if (t->off + 4 > first)
		return false;
	if (t->gre) {
		const uint8_t *gre = b + t->off;

		t->type = be16(gre + 2);
		t->hlen = 4 + (gre[0] & 0x80 ? 4 : 0) + (gre[0] & 0x20 ? 4 : 0) +
			  (gre[0] & 0x10 ? 4 : 0);
		t->csum_from = t->off;
		t->csum_at = gre[0] & 0x80 ? t->off + 4 : 0;
	} else if (dport == 6081) {
		t->type = be16(b + t->off + 2);
		t->hlen += b[t->off] % 64 * 4u;
	} else if (dport != 4789) {
		return false;
	}
	return t->off + t->hlen <= first;
}

static const char *check_outer_csum(
	const uint8_t *b, const struct pkt_meta *md, const struct seen *s, const struct tunnel *t)
{
	const uint32_t n = s->end_off - t->csum_from,
		       pseudo = t->gre ? 0 : oracle_pseudo(b + s->l3_off, 17, n);
	const uint32_t field = t->csum_at ? be16(b + t->csum_at) : 0;

	if (md->outer.csum == PKT_CSUM_OWED)
		return t->csum_at && field == pseudo
			       ? NULL
			       : "owed outer checksum: not the pseudo-header sum";
	/* while the inner one is owed, the outer one covers what will be there */
	if (md->outer.csum != PKT_CSUM_VERIFIED || md->inner.csum == PKT_CSUM_OWED)
		return NULL;
	if (!t->csum_at || (!t->gre && !field))
		return NULL;
	return oracle_sum(b + t->csum_from, n, pseudo) == 0xffff
		       ? NULL
		       : "outer checksum verified, but wrong";
}

/* The outer layer and tunnel header; @t says then what is inside, @n_inner where it ends at most.
 */
static const char *check_outer(
	const uint8_t *b, const struct rte_mbuf *m, struct tunnel *t, uint32_t *n_inner)
{
	const struct pkt_meta *md = pkt_meta_const(m);
	const char *wrong;
	struct seen s;

	look(b, md->outer.l2_off, TYPE_ETHER, m->pkt_len, m->data_len, &s);
	if (s.proto == 47)
		s.pay_off = md->outer.l4_off;
	wrong = check_meta(&md->outer, &s);
	if (wrong)
		return wrong;
	if (!look_tunnel(b, &s, m->data_len, t))
		return "metadata: a tunnel where there is none";
	if (md->tun_off != t->off || md->tun_hlen != t->hlen)
		return "metadata: place of the tunnel header";
	if ((md->tun == PKT_TUN_GRE) != t->gre)
		return "metadata: kind of the tunnel";
	*n_inner = s.end_off;
	return check_outer_csum(b, md, &s, t);
}

const char *oracle_check(const struct rte_mbuf *m)
{
	static uint8_t flat[1 << 18];
	const struct pkt_meta *md = pkt_meta_const(m);
	const char *wrong = check_chain(m, flat, sizeof(flat));
	struct tunnel t = { .type = TYPE_ETHER };
	uint32_t n = m->pkt_len;
	struct seen s;

	if (wrong)
		return wrong;
	if (md->tun_hlen && md->tun_off + md->tun_hlen != md->inner.l2_off)
		return "metadata: the tunnel header does not end where the inner frame starts";
	if (md->outer.l3 != PKT_L3_NONE)
		wrong = check_outer(flat, m, &t, &n);
	if (wrong)
		return wrong;
	look(flat, md->inner.l2_off, t.type, n, m->data_len, &s);
	look_segment(flat, &md->inner, m->data_len, &s);
	wrong = check_meta(&md->inner, &s);
	if (wrong)
		return wrong;
	wrong = check_gso(flat, &md->inner, &s);
	if (wrong)
		return wrong;
	if (s.l4 == PKT_L4_SCTP)
		return check_crc(flat, &md->inner, &s);
	if (s.l4 == PKT_L4_SCLP && !s.carried)
		return check_plain(flat, &md->inner, &s);
	if (s.l4)
		return check_csum(flat, &md->inner, &s);
	return md->inner.csum == PKT_CSUM_OWED ? "a checksum owed without L4" : NULL;
}
