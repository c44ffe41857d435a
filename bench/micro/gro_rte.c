/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rte_gro in the way that is its best: windows of up to 128 packets by rte_gro_reassemble_burst(),
 * whose table is on the stack; larger ones by a context that is flushed at the end.
 */
#include "gro.h"

#include <stdlib.h>
#include <string.h>
#include <rte_gro.h>
#include <rte_ip.h>

#include "base/xalloc.h"
#include "rte_fields.h"

static struct rte_gro_param param(const struct gro_job *j)
{
	return (struct rte_gro_param){ .gro_types = j->gro_type,
		.max_flow_num = (uint16_t)j->pk.pt.n_flows,
		.max_item_per_flow = (uint16_t)j->pk.per };
}

static void lay(void *job)
{
	struct gro_job *j = job;

	packets_lay(&j->pk);
	memcpy(j->lot, j->pk.v, j->pk.n * sizeof(*j->lot));
	j->n_rte_out = 0;
}

/* What a caller has to do before, and rte_gro leaves to it. */
static inline void arrive(struct rte_mbuf **v, uint32_t n, uint32_t flags)
{
	if (flags & ROW_PARSE)
		for (uint32_t i = 0; i < n; i++)
			rte_fields_parse(v[i]);
	if (flags & ROW_VERIFY) {
		for (uint32_t i = 0; i < n; i++) {
			const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(
				v[i], const struct rte_ipv4_hdr *, v[i]->l2_len);

			if (rte_ipv4_udptcp_cksum_mbuf_verify(
				    v[i], ip, (uint16_t)(v[i]->l2_len + v[i]->l3_len)))
				v[i]->packet_type = 0;
		}
	}
}

static void burst_window(struct gro_job *j, uint32_t first)
{
	const struct rte_gro_param p = param(j);
	struct rte_mbuf **v = j->lot + first;
	uint16_t n;

	arrive(v, j->pk.n_window, j->pk.pt.flags);
	n = rte_gro_reassemble_burst(v, (uint16_t)j->pk.n_window, &p);
	memcpy(j->rte_out + j->n_rte_out, v, n * sizeof(*v));
	j->n_rte_out += n;
}

static void ctx_window(struct gro_job *j, uint32_t first)
{
	const uint32_t end = first + j->pk.n_window;
	struct rte_mbuf **out;

	for (uint32_t i = first; i < end; i += j->pk.pt.burst) {
		struct rte_mbuf **v = j->lot + i;
		const uint16_t n = (uint16_t)RTE_MIN(j->pk.pt.burst, end - i);
		uint16_t n_left;

		arrive(v, n, j->pk.pt.flags);
		n_left = rte_gro_reassemble(v, n, j->ctx);
		memcpy(j->rte_out + j->n_rte_out, v, n_left * sizeof(*v));
		j->n_rte_out += n_left;
	}
	out = j->rte_out + j->n_rte_out;
	j->n_rte_out += rte_gro_timeout_flush(
		j->ctx, 0, j->gro_type, out, (uint16_t)RTE_MIN(j->pk.n_window, 65535u));
}

static void run(void *job)
{
	struct gro_job *j = job;

	for (uint32_t w = 0; w < j->pk.n_windows; w++) {
		if (j->ctx)
			ctx_window(j, w * j->pk.n_window);
		else
			burst_window(j, w * j->pk.n_window);
	}
}

static const char *check(void *job, uint32_t *n_out)
{
	struct gro_job *j = job;

	run(j);
	*n_out = j->n_rte_out;
	packets_out_begin(&j->pk);
	for (uint32_t i = 0; i < j->n_rte_out; i++) {
		const char *why = packets_out(&j->pk, j->rte_out[i]);

		if (why)
			return why;
	}
	return packets_out_end(&j->pk, packets_train_max(&j->pk), *n_out);
}

void gro_rte_open(struct gro_job *j, struct contest *c)
{
	struct rte_gro_param p;

	j->gro_type = j->pk.pt.proto->wrap ? RTE_GRO_IPV4_VXLAN_TCP_IPV4 : RTE_GRO_TCP_IPV4;
	j->lot = xcalloc(j->pk.n, sizeof(*j->lot));
	j->rte_out = xcalloc(j->pk.n, sizeof(*j->rte_out));
	p = param(j);
	if (j->pk.n_window > RTE_GRO_MAX_BURST_ITEM_NUM) {
		j->ctx = rte_gro_ctx_create(&p);
		assert(j->ctx);
	}
	contest_add(c, &(struct impl){ .name = "rte", .lay = lay, .run = run, .check = check });
}

void gro_rte_close(struct gro_job *j)
{
	if (j->ctx)
		rte_gro_ctx_destroy(j->ctx);
	free(j->lot);
	free(j->rte_out);
}
