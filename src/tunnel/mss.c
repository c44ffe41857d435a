/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/mss.h"

#include <errno.h>

#include "pkt/l4_csum.h"
#include "wire/l4.h"

#define OPT_END	    0
#define OPT_NOP	    1
#define OPT_MSS	    2
#define OPT_MSS_LEN 4
#define MSS_MIN                                                                                    \
	536 /* what every host takes (RFC 9293): below, the path is not the sender's fault */

/* Offset of the MSS option's value in the packet, 0: there is none. */
static uint32_t find_mss(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	uint32_t off = l->l4_off + (uint32_t)sizeof(struct tcp_hdr);

	while (off + OPT_MSS_LEN <= l->pay_off) {
		const uint8_t *o = pkt_bytes(m, off, OPT_MSS_LEN);

		if (o[0] == OPT_END)
			return 0;
		if (o[0] == OPT_MSS && o[1] == OPT_MSS_LEN)
			return off + 2;
		if (o[0] != OPT_NOP && o[1] < 2)
			return 0;
		off += o[0] == OPT_NOP ? 1 : o[1];
	}
	return 0;
}

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Change the two bytes at @off, which may be odd, and the checksum with them. */
static void write16(struct rte_mbuf *m, const struct pkt_layer *l, uint32_t off, uint16_t value)
{
	uint8_t *p = pkt_bytes(m, off, 2);
	uint16_t old = rte_cpu_to_be_16(read16(p)), new = rte_cpu_to_be_16(value);
	csum_field_t *field = l4_csum_field(m, l);

	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
	if (l->csum == PKT_CSUM_OWED)
		return; /* the field holds nothing of the options yet */
	if ((off - l->l4_off) & 1) {
		old = csum_swap(old);
		new = csum_swap(new);
	}
	*field = (uint16_t)~csum_fold((uint16_t) ~*field + (uint64_t)(uint16_t)~old + new);
}

int mss_clamp(struct rte_mbuf **mp, uint32_t room)
{
	const struct pkt_layer *l = &pkt_meta(*mp)->inner;
	const struct tcp_hdr *th;
	uint32_t off, hdrs, max;

	if (likely(l->l4 != PKT_L4_TCP))
		return 0;
	th = PKT_HDR(*mp, l->l4_off, struct tcp_hdr);
	if (likely(!(th->flags & TCP_F_SYN)))
		return 0;
	/* a segment's headers without options: those are taken off its payload (RFC 6691) */
	hdrs = l->l4_off + (uint32_t)sizeof(struct tcp_hdr);
	max = room > hdrs + MSS_MIN ? room - hdrs : MSS_MIN;
	off = find_mss(*mp, l);
	if (!off || read16(pkt_bytes(*mp, off, 2)) <= max)
		return 0;
	if (pkt_unshare(mp, l->pay_off))
		return -ENOBUFS;
	write16(*mp, &pkt_meta(*mp)->inner, off, (uint16_t)max);
	return 0;
}
