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

/* What the judge finds by itself. */
struct seen {
	uint8_t l3, l4, n_vlan, proto;
	uint32_t l3_off, l4_off, pay_off, end_off;
	bool frag, opts;
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

/* @first: bytes in the first segment. */
static void look(const uint8_t *b, uint32_t l2_off, uint32_t n, uint32_t first, struct seen *s)
{
	uint32_t off = l2_off + 14, type;

	memset(s, 0, sizeof(*s));
	s->end_off = n;
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
	if (type == 0x0800)
		look_ipv4(b, off, n, first, s);
	else if (type == 0x86dd)
		look_ipv6(b, off, n, first, s);
}

static const char *check_meta(const struct pkt_layer *l, const struct seen *s)
{
	if (l->l3 != s->l3 || l->l4 != s->l4 || l->n_vlan != s->n_vlan)
		return "metadata: protocols";
	if (!(l->flags & PKT_LF_FRAG) != !s->frag)
		return "metadata: fragment flag";
	if (!(l->flags & PKT_LF_OPTS) != !s->opts)
		return "metadata: options flag";
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

static const char *check_csum(const uint8_t *b, const struct pkt_layer *l, const struct seen *s)
{
	const uint32_t avail = s->end_off - s->l4_off,
		       field_off = s->l4_off + (s->l4 == PKT_L4_TCP ? 16 : 6);
	const uint32_t len = s->l4 == PKT_L4_UDP ? be16(b + s->l4_off + 4) : avail;
	const uint32_t pseudo = oracle_pseudo(b + s->l3_off, s->proto, len);

	if (l->csum == PKT_CSUM_OWED)
		return be16(b + field_off) == pseudo
			       ? NULL
			       : "owed checksum: field is not the pseudo-header sum";
	if (l->csum != PKT_CSUM_VERIFIED)
		return NULL;
	if (s->l4 == PKT_L4_UDP && s->l3 == PKT_L3_IPV4 && !be16(b + field_off))
		return NULL;
	if (len > avail)
		return "verified, but the UDP length is too large";
	return oracle_sum(b + s->l4_off, len, pseudo) == 0xffff
		       ? NULL
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

const char *oracle_check(const struct rte_mbuf *m)
{
	static uint8_t flat[1 << 18];
	const struct pkt_meta *md = pkt_meta_const(m);
	const char *wrong = check_chain(m, flat, sizeof(flat));
	struct seen s;

	if (wrong)
		return wrong;
	if (md->tun_hlen && md->tun_off + md->tun_hlen != md->inner.l2_off)
		return "metadata: the tunnel header does not end where the inner frame starts";
	look(flat, md->inner.l2_off, m->pkt_len, m->data_len, &s);
	wrong = check_meta(&md->inner, &s);
	if (wrong)
		return wrong;
	wrong = check_gso(flat, &md->inner, &s);
	if (wrong)
		return wrong;
	if (s.l4 == PKT_L4_SCTP)
		return check_crc(flat, &md->inner, &s);
	if (s.l4)
		return check_csum(flat, &md->inner, &s);
	return md->inner.csum == PKT_CSUM_OWED ? "a checksum owed without L4" : NULL;
}
