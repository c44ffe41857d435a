/* SPDX-License-Identifier: BSD-3-Clause */
#include "offload/forecast.h"

#include "offload/offload_ops.h"
#include "pkt/l4_csum.h"

void forecast_make(struct forecast *f, const struct gro_ctx *c)
{
	const struct offload_stack *st = &c->st;
	const uint16_t hlen = st->off[st->n], room = RTE_ALIGN_CEIL(hlen, 16u);
	const uint8_t *hdr = c->hdr;

	f->hlen = 0;
	if (room > FORECAST_HLEN_MAX)
		return;
	for (unsigned int i = 0; i < room; i += 16) {
		const unsigned int n = RTE_MIN(16u, hlen - i);

		memcpy(f->vec[i / 16].image, hdr + i, n);
		memset(f->vec[i / 16].mask, 0, 16);
		memset(f->vec[i / 16].mask, 0xff, n);
	}
	f->n_vec = room / 16;
	f->plen = (uint16_t)c->plen;
	f->n_counters = f->n_pairs = f->n_sums = 0;
	f->about = forecast_about(c->md);
	f->layer = c->md->inner;
	f->left = NULL;
	f->verify_outer = c->md->tun_hlen && outer_csum_at(c->m, c->md);
	f->fixed = c->fixed;
	for (f->row = 0; f->row < st->n; f->row++) {
		const struct offload_ops *ops = offload_rows[st->row[f->row]];

		if (!ops->gro_forecast)
			return;
		ops->gro_forecast(f, hdr + st->off[f->row], st->off[f->row], c->plen);
	}
	f->hlen = hlen;
}
