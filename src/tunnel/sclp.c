/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/sclp.h"

#include <errno.h>

#include "pkt/csum.h"

/* Where the next byte of the frame is. */
struct cursor {
	const struct rte_mbuf *seg;
	uint32_t off;
};

/* One slice behind the others, and with @sum its bytes added: pieces may have odd lengths, so each
 * is brought to its parity in the segment, of which @done bytes are there already. */
static inline void slice_add(
	struct iovec *iov, uint8_t *p, uint32_t n, uint32_t done, uint64_t *sum)
{
	*iov = (struct iovec){ p, n };
	if (sum) {
		const uint16_t part = csum_fold(csum_bytes(p, n, 0));

		*sum += done & 1 ? csum_swap(part) : part;
	}
}

/* The next @plen bytes of the frame, which lie in several of its buffers.  Returns the number of
 * slices, 0 when there are more than @room. */
static uint32_t slice_split(
	struct cursor *c, uint32_t plen, struct iovec *iov, uint32_t room, uint64_t *sum)
{
	uint32_t done = 0, n_iov = 0;

	while (done < plen) {
		const uint32_t n = RTE_MIN(plen - done, c->seg->data_len - c->off);

		if (likely(n)) {
			if (unlikely(n_iov == room))
				return 0;
			slice_add(&iov[n_iov++], rte_pktmbuf_mtod_offset(c->seg, uint8_t *, c->off),
				n, done, sum);
			done += n;
			c->off += n;
		}
		if (c->off == c->seg->data_len && c->seg->next)
			*c = (struct cursor){ c->seg->next, 0 };
	}
	return n_iov;
}

/* The same of which most segments' bytes are: one slice. */
static inline uint32_t slice_payload(
	struct cursor *c, uint32_t plen, struct iovec *iov, uint32_t room, uint64_t *sum)
{
	if (unlikely(plen >= c->seg->data_len - c->off || !room))
		return slice_split(c, plen, iov, room, sum);
	slice_add(iov, rte_pktmbuf_mtod_offset(c->seg, uint8_t *, c->off), plen, 0, sum);
	c->off += plen;
	return 1;
}

static rte_be16_t finish_csum(const struct sclp_hdr *sh, uint64_t payload_sum)
{
	const uint16_t check = (uint16_t)~csum_fold(csum_bytes(sh, sizeof(*sh), payload_sum));

	return check ? check : 0xffff; /* 0 on the wire means "not computed" */
}

int sclp_slice(const struct rte_mbuf *m, const struct sclp_tx *tx, struct sclp_slices *out)
{
	const uint32_t frame_len = m->pkt_len;
	const rte_be32_t id = rte_cpu_to_be_32(tx->id << 1);
	struct cursor c = { m, 0 };
	uint32_t left = frame_len, n = 0, n_iov = 0;

	assert(tx->seg_plen >= SCLP_PLEN_MIN);
	if (!frame_len || frame_len - RTE_MIN(frame_len, tx->seg_plen) > UINT16_MAX ||
		frame_len > (uint32_t)tx->seg_plen * SCLP_SEGS_MAX)
		return -EMSGSIZE;

	for (; left; n++) {
		const uint32_t plen = RTE_MIN(left, tx->seg_plen);
		uint64_t sum = 0;
		uint32_t n_slices;

		if (unlikely(n_iov == SCLP_IOVS_MAX))
			return -E2BIG;
		left -= plen;
		/* field by field: a header put together elsewhere would have to wait for its parts
		 */
		out->hdr[n].source = tx->sport;
		out->hdr[n].dest = tx->dport;
		out->hdr[n].id_first = n ? id : id | RTE_BE32(SCLP_FIRST);
		out->hdr[n].remaining = rte_cpu_to_be_16((uint16_t)left);
		out->hdr[n].check = 0;
		out->first[n] = (uint16_t)n_iov;
		out->iov[n_iov++] = (struct iovec){ &out->hdr[n], SCLP_HLEN };
		n_slices = slice_payload(
			&c, plen, &out->iov[n_iov], SCLP_IOVS_MAX - n_iov, tx->csum ? &sum : NULL);
		if (unlikely(!n_slices))
			return -E2BIG;
		n_iov += n_slices;
		if (tx->csum)
			out->hdr[n].check = finish_csum(&out->hdr[n], sum);
	}
	out->first[n] = (uint16_t)n_iov;
	out->n_segs = n;
	out->n_iov = n_iov;
	return 0;
}
