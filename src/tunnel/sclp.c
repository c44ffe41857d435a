/* SPDX-License-Identifier: BSD-3-Clause */
#include "tunnel/sclp.h"

#include <errno.h>

#include "pkt/csum.h"

/* Where the next byte of the frame is. */
struct cursor {
	const struct rte_mbuf *seg;
	uint32_t off;
};

/*
 * The next @plen bytes of the frame as slices behind out->iov[n_iov].  Returns false when the
 * slices run out.  With
 * @sum, the bytes are added to it: pieces may have odd lengths, so each is brought to its parity in
 * the segment.
 */
static bool slice_payload(struct cursor *c, uint32_t plen, struct sclp_slices *out, uint64_t *sum)
{
	uint32_t done = 0;

	while (done < plen) {
		uint32_t n = RTE_MIN(plen - done, c->seg->data_len - c->off);
		uint8_t *p = rte_pktmbuf_mtod_offset(c->seg, uint8_t *, c->off);

		if (likely(n)) {
			if (unlikely(out->n_iov == SCLP_IOVS_MAX))
				return false;
			out->iov[out->n_iov++] = (struct iovec){ p, n };
			if (sum) {
				const uint16_t part = csum_fold(csum_bytes(p, n, 0));

				*sum += done & 1 ? csum_swap(part) : part;
			}
			done += n;
			c->off += n;
		}
		if (c->off == c->seg->data_len && c->seg->next)
			*c = (struct cursor){ c->seg->next, 0 };
	}
	return true;
}

static rte_be16_t finish_csum(const struct sclp_hdr *sh, uint64_t payload_sum)
{
	const uint16_t check = (uint16_t)~csum_fold(csum_bytes(sh, sizeof(*sh), payload_sum));

	return check ? check : 0xffff; /* 0 on the wire means "not computed" */
}

int sclp_slice(const struct rte_mbuf *m, const struct sclp_tx *tx, struct sclp_slices *out)
{
	const uint32_t frame_len = m->pkt_len;
	struct cursor c = { m, 0 };
	uint32_t left = frame_len, n = 0;

	assert(tx->seg_plen >= SCLP_PLEN_MIN);
	if (!frame_len || frame_len - RTE_MIN(frame_len, tx->seg_plen) > UINT16_MAX ||
		frame_len > (uint32_t)tx->seg_plen * SCLP_SEGS_MAX)
		return -EMSGSIZE;

	out->n_iov = 0;
	for (; left; n++) {
		const uint32_t plen = RTE_MIN(left, tx->seg_plen);
		struct sclp_hdr *sh = &out->hdr[n];
		uint64_t sum = 0;

		if (unlikely(out->n_iov == SCLP_IOVS_MAX))
			return -E2BIG;
		left -= plen;
		sh->source = tx->sport;
		sh->dest = tx->dport;
		sh->id_first = rte_cpu_to_be_32(tx->id << 1 | (n ? 0 : SCLP_FIRST));
		sh->remaining = rte_cpu_to_be_16((uint16_t)left);
		sh->check = 0;
		out->first[n] = (uint16_t)out->n_iov;
		out->iov[out->n_iov++] = (struct iovec){ sh, SCLP_HLEN };
		if (!slice_payload(&c, plen, out, tx->csum ? &sum : NULL))
			return -E2BIG;
		if (tx->csum)
			sh->check = finish_csum(sh, sum);
	}
	out->first[n] = (uint16_t)out->n_iov;
	out->n_segs = n;
	return 0;
}
