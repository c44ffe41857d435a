/* SPDX-License-Identifier: BSD-3-Clause */
/* Debts: asked for, and paid by tx_prepare(). */
#include <errno.h>
#include <sys/random.h>

#include "lib/lib.h"
#include "offload/caps.h"
#include "offload/frag.h"
#include "offload/ip.h"
#include "offload/offload_ops.h"
#include "offload/tx_prepare.h"
#include "pkt/l4_csum.h"
#include "wire/l4.h"

#define CAPS_KNOWN                                                                                 \
	(CVSW_CAP_CSUM | CVSW_CAP_TSO4 | CVSW_CAP_TSO6 | CVSW_CAP_USO | CVSW_CAP_UFO |             \
		CVSW_CAP_SCTP)

static_assert(CVSW_CAP_CSUM == CAP_CSUM && CVSW_CAP_TSO4 == CAP_TSO4 && CVSW_CAP_TSO6 == CAP_TSO6 &&
		      CVSW_CAP_USO == CAP_USO && CVSW_CAP_UFO == CAP_UFO &&
		      CVSW_CAP_SCTP == CAP_SCTP && !(CAPS_KNOWN & CAP_GSO),
	"the same numbers");

/* What the segmentation of the packet would be called; NONE: there is none. */
static uint8_t gso_type_of(const struct pkt_meta *md, uint32_t flags)
{
	struct pkt_meta plain = *md;
	struct offload_stack st;

	if (flags & CVSW_UDP_FRAGMENT)
		return md->inner.l4 == PKT_L4_UDP ? PKT_GSO_UFO : PKT_GSO_NONE;
	plain.inner.gso_type = PKT_GSO_NONE;
	if (!offload_stack_build(&plain, &st))
		return PKT_GSO_NONE;
	return offload_innermost(&st)->gso_type[md->inner.l3];
}

/* Does the header alone say what a checksum would cover, and from where to where? */
static bool pseudo_known(const struct rte_mbuf *m, const struct pkt_layer *l)
{
	const uint32_t start = l4_csum_start(l);

	if (l->l3 == PKT_L3_IPV6 && (l->flags & PKT_LF_OPTS) &&
		!ipv6_dst_is_last(PKT_HDR(m, l->l3_off, struct ipv6_hdr), start - l->l3_off))
		return false;
	return l4_csum_of(l)->proto != IP_PROTO_UDP ||
	       rte_be_to_cpu_16(PKT_HDR(m, start, struct udp_hdr)->len) == l->end_off - start;
}

static bool can_owe(const struct rte_mbuf *m, const struct pkt_meta *md)
{
	if (md->inner.l4 == PKT_L4_NONE || !pseudo_known(m, &md->inner))
		return false;
	return !md->tun_hlen || md->outer.l4 == PKT_L4_NONE || pseudo_known(m, &md->outer);
}

static void owe(struct rte_mbuf *m, uint8_t type, uint16_t gso_size)
{
	struct pkt_meta *md = pkt_meta(m);
	struct pkt_layer *l = &md->inner;
	const uint32_t from = type == PKT_GSO_UFO ? frag_start(m, l) : l->pay_off;

	l->gso_type = PKT_GSO_NONE;
	l->gso_size = 0;
	l->gso_ecn = 0;
	if (gso_size && l->end_off - from > gso_size) {
		l->gso_type = type;
		l->gso_size = gso_size;
	}
	l4_csum_owe(m, l);
	if (md->tun_hlen)
		outer_csum_owe(m, md);
	/* who parses a train's marks again is not to find what it was before */
	if (m->ol_flags & RTE_MBUF_F_RX_LRO)
		m->tso_segsz = l->gso_type == PKT_GSO_UFO ? 0 : l->gso_size;
}

int cvsw_request(struct rte_mbuf **m, uint16_t gso_size, uint32_t flags)
{
	const struct pkt_meta *md = pkt_meta(*m);
	const uint8_t type = gso_type_of(md, flags);
	int err;

	if ((flags & ~CVSW_UDP_FRAGMENT) || !can_owe(*m, md) || (gso_size && !type))
		return -EINVAL;
	err = pkt_unshare(m, md->inner.pay_off);
	if (err)
		return err;
	owe(*m, type, gso_size);
	return 0;
}

/* IPv6 fragments need identifications that nobody can foretell. */
static void seed_fragments(void)
{
	static __thread bool seeded;
	uint64_t secret;

	if (likely(seeded))
		return;
	if (getrandom(&secret, sizeof(secret), GRND_NONBLOCK) != sizeof(secret))
		secret = (uint64_t)(uintptr_t)&seeded; /* early in the boot: better than the same */
	frag_seed(secret);
	seeded = true;
}

static bool is_owing(const struct pkt_meta *md)
{
	return md->inner.gso_type != PKT_GSO_NONE || md->inner.csum == PKT_CSUM_OWED ||
	       md->outer.csum == PKT_CSUM_OWED;
}

/* What segments take over of the packet's flags: all but what was true of the packet alone. */
static uint64_t inherited(uint64_t ol_flags)
{
	return ol_flags &
	       ~(LIB_TX_REQUEST | LIB_TX_DESCRIBE | RTE_MBUF_F_RX_LRO |
		       RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK |
		       RTE_MBUF_F_RX_OUTER_IP_CKSUM_BAD | RTE_MBUF_F_RX_OUTER_L4_CKSUM_MASK |
		       RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
}

/* Say to the device what is still owed.  What has no flag stays in the metadata. */
static void tell_device(struct rte_mbuf *m)
{
	struct rte_mbuf *before = m;

	if (!is_owing(pkt_meta(m)))
		return;
	if (cvsw_to_ol_flags(&m, NULL) != -ENOTSUP)
		assert(m == before); /* its headers are private: nothing else can fail */
}

int cvsw_gso(struct rte_mbuf **mp, uint32_t caps, struct cvsw_queue *out)
{
	struct pkt_list done;
	struct rte_mbuf attrs, *m = *mp;
	int err;

	if (caps & ~CAPS_KNOWN)
		return -EINVAL;
	if (!is_owing(pkt_meta(m))) {
		*mp = NULL;
		pkt_list_add(lib_list(out), m);
		return 0;
	}
	/* what passes whole gets other header fields */
	if (pkt_meta(m)->inner.gso_type != PKT_GSO_NONE) {
		err = pkt_unshare(mp, pkt_meta(m)->inner.pay_off);
		if (err)
			return err;
		m = *mp;
	}
	if (pkt_meta(m)->inner.gso_type == PKT_GSO_UFO)
		seed_fragments();
	attrs.ol_flags = 0;
	pkt_attrs_copy(&attrs, m);
	attrs.ol_flags = inherited(attrs.ol_flags);
	pkt_list_init(&done);
	err = tx_prepare(m, caps | CAP_GSO, &done);
	if (err)
		return err;
	*mp = NULL;
	pkt_list_for_each(m, &done) {
		if (done.n_pkts > 1)
			pkt_attrs_copy(m, &attrs);
		tell_device(m);
	}
	pkt_list_splice(lib_list(out), &done);
	return 0;
}
