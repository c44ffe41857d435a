/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A VXLAN packet of anything: pop, with and without frame metadata, judged by the oracle; what was
 * accepted must survive push and pop, and be fit for any port.
 *
 * Input: { shape, caps } and the packet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/eal_test.h"
#include "lib/oracle.h"
#include "lib/pktgen.h"
#include "offload/tx_prepare.h"
#include "tunnel/vxlan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* The sender may have owed a checksum without the pseudo-header sum in the field: that is its
 * guest's business. */
static void judge(const struct rte_mbuf *m)
{
	const char *wrong = oracle_check(m);

	if (!wrong || strstr(wrong, "pseudo-header") || strstr(wrong, "verified"))
		return;
	fprintf(stderr, "%s\n", wrong);
	abort();
}

static void round_trip(struct rte_mbuf **m)
{
	static uint8_t before[GEN_MAX], after[GEN_MAX];
	const struct pkt_layer l = pkt_meta(*m)->inner;
	const uint32_t n = chain_bytes(*m, before);

	must(!vxlan_push_meta(m, 77));
	must(vxlan_peek(*m) == 77);
	must(!vxlan_pop_meta(m));
	judge(*m);
	must(chain_bytes(*m, after) == n && !memcmp(before, after, n));
	/* extension headers without end: how far they are followed depends on the first segment */
	if (l.l4 != PKT_L4_NONE)
		must(!memcmp(&l, &pkt_meta(*m)->inner, sizeof(l)));
}

static void transmit(struct rte_mbuf *m, uint32_t caps)
{
	struct pkt_list out;

	pkt_list_init(&out);
	if (tx_prepare(m, caps, &out)) {
		judge(m);
		pkt_done(m);
	}
	while ((m = pkt_list_pop(&out))) {
		judge(m);
		pkt_done(m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct rte_mbuf *m, *plain;
	struct rnd r;
	int err;

	if (!started)
		must(!eal_test_start(64));
	started = true;
	if (n_data < 3 || n_data > 8192)
		return 0;
	rnd_seed(&r, data[0]);
	m = chain_make(data + 2, (uint32_t)n_data - 2, data[0] & 3, 1 + rnd_below(&r, 64), &r);
	plain = pkt_clone(m);
	err = vxlan_pop(&plain);
	must(err == (vxlan_peek(m) < 0 ? -EINVAL : 0));
	if (!err)
		judge(plain);
	pkt_done(plain);
	err = vxlan_pop_meta(&m);
	if (err) {
		must(err == -EINVAL || err == -EBADMSG);
		pkt_done(m);
	} else {
		judge(m);
		round_trip(&m);
		transmit(m, data[1] & CAP_ALL);
	}
	must(eal_test_pools_full());
	return 0;
}
