/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SCTP in trains.  Its unit is the chunk: a packet is cut between chunks only, each segment bundles
 * as many as fit (RFC 9260, 6.10), and packets of one association are joined by putting the chunks
 * of the second behind those of the first.  Segments differ in size, so trains are uneven: only
 * such packets are joined as cutting would make again, each full, so that the next one's first
 * chunk would not have fitted.  Only DATA chunks with TSNs that follow each other are joined; what
 * controls the association stays apart.
 */
#include "offload/offload_ops.h"

#include <errno.h>

#include "offload/gro.h"
#include "pkt/l4_csum.h"
#include "wire/sctp.h"

#define CHUNKS_MAX 64 /* of a packet that is looked through for joining */

static uint32_t padded(uint32_t chunk_len)
{
	return (chunk_len + 3) & ~3u;
}

/* Bytes that the chunk at @off takes, padding included; 0: it is not whole in the @left bytes. */
static uint32_t chunk_room(const struct rte_mbuf *m, uint32_t off, uint32_t left)
{
	struct sctp_chunk ch;
	uint32_t len;

	if (left < sizeof(ch))
		return 0;
	pkt_copy_out(m, off, sizeof(ch), &ch);
	len = rte_be_to_cpu_16(ch.len);
	if (len < sizeof(ch) || padded(len) > left)
		return 0;
	return padded(len);
}

/* Look through the chunks: DATA only, TSNs in sequence; false: not to be joined. */
static bool look_through(struct gro_ctx *c, uint32_t off)
{
	uint32_t left = c->plen, n = 0;

	for (; left; n++) {
		const uint32_t room = chunk_room(c->m, off, left);
		struct sctp_data d;

		if (!room || n == CHUNKS_MAX || room <= sizeof(d))
			return false;
		pkt_copy_out(c->m, off, sizeof(d), &d);
		if (d.chunk.type != SCTP_CHUNK_DATA ||
			(n && rte_be_to_cpu_32(d.tsn) != c->next_seq))
			return false;
		if (!n) {
			c->seq = rte_be_to_cpu_32(d.tsn);
			c->first_unit = room;
		}
		c->next_seq = c->seq + n + 1;
		off += room;
		left -= room;
	}
	return n;
}

static void sctp_gro_step(struct gro_ctx *c, unsigned int i)
{
	c->max_pkts = UINT16_MAX;
	if (!look_through(c, c->st.off[i + 1]))
		c->flags |= GRO_C_SOLO;
}

static enum gro_verdict sctp_gro_same(struct gro_ctx *c, const struct gro_item *it, unsigned int i)
{
	const struct sctp_hdr *a = (const void *)(it->hdr + it->st.off[i]);
	const struct sctp_hdr *b = (const void *)(c->hdr + c->st.off[i]);

	if (a->sport != b->sport || a->dport != b->dport || a->vtag != b->vtag)
		return GRO_OTHER_FLOW;
	return c->seq == it->next_seq && c->plen <= it->seg_plen &&
			       it->last_plen + c->first_unit > it->seg_plen
		       ? GRO_MERGE
		       : GRO_NO_MERGE;
}

static void sctp_gro_complete(
	struct rte_mbuf *m, struct pkt_layer *l, uint16_t off, const struct gro_done *d)
{
	(void)off;
	(void)d;
	l4_csum_owe(m, l);
}

/* As many whole chunks as fit. */
static uint32_t sctp_gso_cut(const struct rte_mbuf *m, uint32_t off, uint32_t left, uint32_t max)
{
	uint32_t n = 0;

	while (left) {
		const uint32_t room = chunk_room(m, off, left);

		if (!room)
			return 0;
		if (n + room > max)
			break;
		n += room;
		off += room;
		left -= room;
	}
	return n;
}

const struct offload_ops offload_sctp = {
	.name = "sctp",
	.gso_type = { [PKT_L3_IPV4] = PKT_GSO_SCTP, [PKT_L3_IPV6] = PKT_GSO_SCTP },
	.gro_kind = GRO_SCTP,
	.uneven = true,
	.gro_step = sctp_gro_step,
	.gro_same = sctp_gro_same,
	.gro_verify = offload_l4_verify,
	.gro_complete = sctp_gro_complete,
	.gso_cut = sctp_gso_cut,
};
