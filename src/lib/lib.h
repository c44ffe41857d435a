/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of libcvsw-offload share.  They are a thin cover: check what a stranger hands in,
 * translate, call the engine.  The numbers of the public header are the engine's (asserted where
 * they are used).
 */
#ifndef CVSW_LIB_LIB_H
#define CVSW_LIB_LIB_H

#include "cvsw/offload.h"
#include "pkt/parse_wire.h"
#include "pkt/pkt.h"

static_assert(sizeof(struct cvsw_queue) == sizeof(struct pkt_list) &&
		      offsetof(struct cvsw_queue, head) == offsetof(struct pkt_list, head) &&
		      offsetof(struct cvsw_queue, tail) == offsetof(struct pkt_list, tail) &&
		      offsetof(struct cvsw_queue, n_pkts) == offsetof(struct pkt_list, n_pkts) &&
		      offsetof(struct cvsw_queue, n_bytes) == offsetof(struct pkt_list, n_bytes),
	"a queue is a list");

static inline struct pkt_list *lib_list(struct cvsw_queue *q)
{
	return (struct pkt_list *)q;
}

/* Has every segment room for metadata? (mbuf.priv_size is the data owner's: ask the pool.) */
static inline bool lib_has_priv(const struct rte_mbuf *m)
{
	for (; m; m = m->next)
		if (unlikely(rte_pktmbuf_priv_size(m->pool) < sizeof(struct pkt_meta)))
			return false;
	return true;
}

/* @p in the engine's terms; NULL: the default ones. */
struct pkt_wire_ports lib_ports(const struct cvsw_ports *p);

/* cvsw_parse() without, and with, a look at what the driver said. */
int lib_parse(struct rte_mbuf **m, const struct pkt_wire_ports *ports) __rte_warn_unused_result;
int lib_parse_rx(struct rte_mbuf **m, const struct pkt_wire_ports *ports) __rte_warn_unused_result;

/* First byte of the outer transport header, or of the tunnel header if there is none. */
static inline uint16_t lib_outer_end(const struct pkt_meta *md)
{
	return md->outer.l4 != PKT_L4_NONE ? md->outer.l4_off : md->tun_off;
}

/* What a transmitting device may be asked for, in ol_flags. */
#define LIB_TX_REQUEST                                                                             \
	(RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG |                  \
		RTE_MBUF_F_TX_UDP_SEG | RTE_MBUF_F_TX_OUTER_IP_CKSUM |                             \
		RTE_MBUF_F_TX_OUTER_UDP_CKSUM)
/* ... and what describes the packet to it. */
#define LIB_TX_DESCRIBE                                                                            \
	(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_OUTER_IPV4 |                      \
		RTE_MBUF_F_TX_OUTER_IPV6 | RTE_MBUF_F_TX_TUNNEL_MASK)

#endif
