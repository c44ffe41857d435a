/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Offload headers as a hostile guest writes them.
 *
 * Input: where the first segment ends (1 byte), struct virtio_net_hdr (10 bytes), the frame.  What
 * is accepted must agree with itself in the eyes of the oracle, survive encode and decode, and can
 * be paid for a port without abilities.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/eal_test.h"
#include "../lib/oracle.h"
#include "offload/tx_prepare.h"
#include "port/vnet_hdr.h"

#define N_HEAD (1 + sizeof(struct virtio_net_hdr))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* A small segment with a big one behind it, as a port reads frames. */
static struct rte_mbuf *make_frame(const uint8_t *bytes, uint32_t n, uint32_t first)
{
	struct rte_mbuf *m;

	first = RTE_MIN(n, RTE_MAX(first, 14u));
	m = pkt_from_bytes(bytes, first);
	must(m);
	if (first < n) {
		struct rte_mbuf *rest = pkt_from_bytes(bytes + first, n - first);

		must(rest);
		pkt_append(m, rest);
	}
	return m;
}

/* A guest may owe a checksum over a field that holds anything; then the sum is as wrong as the
 * guest wanted it. */
static bool field_is_honest(const struct rte_mbuf *m)
{
	const char *wrong = oracle_check(m);

	return !wrong || strncmp(wrong, "owed checksum", 13);
}

static void check(const struct rte_mbuf *m)
{
	const char *wrong = oracle_check(m);

	/* nobody has verified what a guest calls valid */
	must(!wrong || !strncmp(wrong, "owed checksum", 13) || !strncmp(wrong, "verified", 8));
}

static void round_trip(struct rte_mbuf *m)
{
	const struct pkt_layer first = pkt_meta(m)->inner;
	struct virtio_net_hdr vh;

	vnet_hdr_encode(m, &vh);
	memset(pkt_meta(m), 0, sizeof(struct pkt_meta));
	must(!vnet_hdr_decode(m, &vh));
	must(!memcmp(&first, &pkt_meta(m)->inner, sizeof(first)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_data)
{
	static bool started;
	struct virtio_net_hdr vh;
	struct pkt_list out;
	struct rte_mbuf *m;
	bool honest;

	if (!started && eal_test_start(16))
		abort();
	started = true;
	if (n_data < N_HEAD + 14 || n_data > N_HEAD + 66000)
		return 0;
	memcpy(&vh, data + 1, sizeof(vh));
	m = make_frame(data + N_HEAD, (uint32_t)(n_data - N_HEAD), data[0] * 8u);
	if (vnet_hdr_decode(m, &vh)) {
		pkt_done(m);
		must(eal_test_pools_full());
		return 0;
	}
	check(m);
	round_trip(m);
	honest = field_is_honest(m);
	pkt_list_init(&out);
	if (tx_prepare(m, CAP_GSO, &out))
		pkt_done(m);
	while ((m = pkt_list_pop(&out))) {
		if (honest)
			check(m);
		must(pkt_meta(m)->inner.csum != PKT_CSUM_OWED && !pkt_meta(m)->inner.gso_type);
		pkt_done(m);
	}
	must(eal_test_pools_full());
	return 0;
}
