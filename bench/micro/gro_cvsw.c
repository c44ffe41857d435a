/* SPDX-License-Identifier: BSD-3-Clause */
#include "gro.h"

#include <rte_cycles.h>

#include "offload/gro.h"
#include "pkt/parse_wire.h"

static void lay(void *job)
{
	struct gro_job *j = job;

	packets_lay(&j->pk);
	pkt_list_init(&j->out);
}

/* As a driver leaves it: parsed, and the card has verified the checksums. */
static inline void arrive(struct rte_mbuf *m, uint32_t flags)
{
	struct pkt_meta *md = pkt_meta(m);

	pkt_parse_wire(m, &pkt_wire_default, md);
	if (!(flags & ROW_VERIFY))
		md->inner.csum = md->outer.csum = PKT_CSUM_VERIFIED;
}

static void window(struct gro_job *j, uint32_t first)
{
	const struct packets *pk = &j->pk;
	const uint32_t end = first + pk->n_window;

	for (uint32_t i = first; i < end; i += pk->pt.burst) {
		struct rte_mbuf **v = pk->v + i;
		const uint32_t n = RTE_MIN(pk->pt.burst, end - i);
		const uint64_t now = rte_rdtsc();

		if (pk->pt.flags & ROW_PARSE)
			for (uint32_t k = 0; k < n; k++)
				arrive(v[k], pk->pt.flags);
		gro_receive_burst(j->gro, v, n, GRO_ALL, now, &j->out);
	}
	gro_flush(j->gro, &j->out);
}

static void run(void *job)
{
	struct gro_job *j = job;

	for (uint32_t w = 0; w < j->pk.n_windows; w++)
		window(j, w * j->pk.n_window);
}

static const char *check(void *job, uint32_t *n_out)
{
	struct gro_job *j = job;
	struct rte_mbuf *m;

	run(j);
	*n_out = j->out.n_pkts;
	packets_out_begin(&j->pk);
	pkt_list_for_each(m, &j->out) {
		const char *why = packets_out(&j->pk, m);

		if (why)
			return why;
	}
	return packets_out_end(&j->pk, packets_train_max(&j->pk), *n_out);
}

void gro_cvsw_open(struct gro_job *j, struct contest *c)
{
	j->gro = gro_create(j->pk.pt.n_flows);
	assert(j->gro);
	contest_add(c, &(struct impl){ .name = "cvsw", .lay = lay, .run = run, .check = check });
}

void gro_cvsw_close(struct gro_job *j)
{
	gro_destroy(j->gro);
}
