/* SPDX-License-Identifier: BSD-3-Clause */
/* The learning bridge: one frame in, one or more out.  Called by the worker for everything that is
 * received. */
#include "dp/dp.h"

#include <errno.h>

#include "base/counter.h"
#include "offload/tx_prepare.h"
#include "pkt/parse.h"
#include "wire/eth.h"

/* 01:80:c2:00:00:00 to :0f stay on their link (IEEE 802.1Q, table 8-1). */
static bool is_reserved(uint64_t mac)
{
	return (mac & ~0xfull) == 0x0180c2000000ull;
}

/* L3 bytes of the largest packet that the frame stands for. */
static uint32_t l3_bytes(const struct rte_mbuf *m)
{
	const struct pkt_layer *l = &pkt_meta_const(m)->inner;

	if (l->gso_type != PKT_GSO_NONE)
		return (uint32_t)(l->pay_off - l->l3_off) + l->gso_size;
	if (l->l3 != PKT_L3_NONE)
		return l->end_off - l->l3_off;
	return m->pkt_len - ETH_HLEN_ - VLAN_HLEN_ * (uint32_t)l->n_vlan;
}

static void port_output(struct dp_worker *w, struct dp_obj *o, struct rte_mbuf *m)
{
	const uint32_t caps = (__atomic_load_n(&o->port->caps, __ATOMIC_RELAXED) & ~CAP_GSO) |
			      o->features;
	struct pkt_list *out = &w->out[o->id];
	int rc;

	if (unlikely(l3_bytes(m) > __atomic_load_n(&o->port->mtu, __ATOMIC_RELAXED))) {
		pkt_drop(m, DROP_PORT_MTU);
		return;
	}
	if (pkt_list_empty(out))
		w->dirty[w->n_dirty++] = o->id;
	rc = tx_prepare(m, caps, out);
	if (unlikely(rc))
		pkt_drop(m, rc == -ENOBUFS ? DROP_NO_BUFFER
			    : rc == -EPERM ? DROP_GSO_OFF
					   : DROP_GSO_UNSUPPORTED);
	if (unlikely(pkt_list_empty(out)))
		w->n_dirty--;
}

void dp_output(struct dp_worker *w, uint16_t id, struct rte_mbuf *m)
{
	struct dp_obj *o = w->table->objs[id];

	if (unlikely(!o)) {
		pkt_drop(m, DROP_SHUTDOWN);
		return;
	}
	pkt_meta(m)->obj = id;
	counter_add(&w->stats[id].tx_packets, 1);
	counter_add(&w->stats[id].tx_bytes, m->pkt_len);
	if (o->kind == DP_PORT)
		port_output(w, o, m);
	else
		dp_tunnel_output(w, o, m);
}

/* A frame from a tunnel never goes to another tunnel: every host of the mesh got its own copy. */
static bool may_reach(const struct dp_table *t, uint16_t from, uint16_t to)
{
	return from != to &&
	       !(t->objs[from]->kind == DP_REMOTE && t->objs[to] && t->objs[to]->kind == DP_REMOTE);
}

static void flood(struct dp_worker *w, const struct dp_bridge *b, uint16_t from, struct rte_mbuf *m)
{
	uint16_t last = 0;

	for (unsigned int i = 0; i < b->n_members; i++) {
		if (!may_reach(w->table, from, b->members[i]))
			continue;
		if (last) {
			struct rte_mbuf *copy = pkt_clone(m);

			if (likely(copy))
				dp_output(w, last, copy);
			else
				pkt_count_drop(last, DROP_NO_BUFFER, 1);
		}
		last = b->members[i];
	}
	/* the original goes to the last one */
	if (last)
		dp_output(w, last, m);
	else
		pkt_drop(m, DROP_BRIDGE_NO_MEMBER);
}

static void forward_one(struct dp_worker *w, struct rte_mbuf *m)
{
	const uint16_t from = pkt_meta(m)->obj;
	const struct dp_bridge *b = w->table->bridge_of[from];
	const struct eth_hdr *eh = PKT_HDR(m, 0, struct eth_hdr);
	uint64_t dst, src;
	uint16_t to;

	counter_add(&w->stats[from].rx_packets, 1);
	counter_add(&w->stats[from].rx_bytes, m->pkt_len);
	if (unlikely(!b || !w->table->objs[from])) {
		pkt_drop(m, DROP_PORT_NO_BRIDGE);
		return;
	}
	if (unlikely(!eh)) {
		pkt_drop(m, DROP_PORT_RX_SHORT);
		return;
	}
	dst = eth_mac_u64(eh->dst);
	src = eth_mac_u64(eh->src);
	if (unlikely(eth_is_group(eh->src) || !src)) {
		pkt_drop(m, DROP_BRIDGE_SOURCE_MAC);
		return;
	}
	if (unlikely(is_reserved(dst))) {
		pkt_drop(m, DROP_BRIDGE_RESERVED);
		return;
	}
	fdb_learn(b->fdb, src, from, (uint32_t)(w->now_ns / NS_PER_S));
	to = eth_is_group(eh->dst) ? FDB_MISS : fdb_lookup(b->fdb, dst);
	/* a member that has just left may still have an entry: it is no way out of the bridge */
	if (to == FDB_MISS || unlikely(w->table->bridge_of[to] != b))
		flood(w, b, from, m);
	else if (likely(may_reach(w->table, from, to)))
		dp_output(w, to, m);
	else
		pkt_drop(m, DROP_BRIDGE_FILTERED);
}

void dp_forward(struct dp_worker *w, struct pkt_list *frames)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(frames)))
		forward_one(w, m);
}

void dp_flush(struct dp_worker *w)
{
	for (unsigned int i = 0; i < w->n_dirty; i++) {
		const uint16_t id = w->dirty[i];
		struct port *p = w->table->objs[id]->port;

		p->ops->tx(&p->queues[w->index], &w->out[id]);
	}
	w->n_dirty = 0;
	ul_tx_flush(w->ul_tx);
}
