/* SPDX-License-Identifier: BSD-3-Clause */
/* Between bridge and underlay: push and send, receive and pop. */
#include "dp/dp.h"

#include <errno.h>
#include <string.h>

#include "base/counter.h"
#include "offload/tx_prepare.h"
#include "pkt/csum.h"
#include "pkt/parse.h"
#include "tunnel/ecn.h"
#include "tunnel/mss.h"

/* Outer DSCP and ECN for a frame (RFC 6040 "normal" ingress: the inner ECN field is copied). */
static uint8_t outer_tos(const struct dp_obj *o, const struct rte_mbuf *m)
{
	const uint8_t inner = pkt_layer_tos(m, &pkt_meta_const(m)->inner);

	return o->dscp < 0 ? inner : (uint8_t)(o->dscp << 2 | (inner & 3));
}

/* A frame that fits one segment: its SCLP header goes in front and it travels like any datagram, in
 * a train with others. */
static void send_single(
	struct dp_worker *w, const struct ul_flow *f, struct rte_mbuf *m, const struct sclp_tx *s)
{
	struct sclp_hdr *sh;

	if (unlikely(pkt_push(&m, SCLP_HLEN))) {
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	sh = PKT_HDR(m, 0, struct sclp_hdr);
	sh->source = s->sport;
	sh->dest = s->dport;
	sh->id_first = rte_cpu_to_be_32(s->id << 1 | SCLP_FIRST);
	sh->remaining = 0;
	sh->check = 0;
	if (s->csum) {
		const uint16_t sum = (uint16_t)~csum_fold(csum_chain(m, 0, m->pkt_len, 0));

		sh->check = sum ? sum : 0xffff;
	}
	ul_tx_datagram(w->ul_tx, f, m);
}

/*
 * Identification of the next frame.  Workers have ranges of their own, as over raw IP two of them
 * may have a flow with the same ports; even numbers, so that a frame that has to be cut anew takes
 * the odd one behind (tx.c).
 */
static uint32_t next_id(struct dp_worker *w)
{
	w->sclp_id += 2;
	return w->sclp_id_base | (w->sclp_id & w->sclp_id_mask & ~1u);
}

static void send_sclp_frame(
	struct dp_worker *w, struct dp_obj *o, const struct ul_flow *f, struct rte_mbuf *m)
{
	const uint32_t room = ul_remote_room(&o->ul, o->cls);
	struct sclp_tx s = {
		.sport = ul_tx_sport(w->ul_tx, f),
		.dport = rte_cpu_to_be_16(o->ops->sclp_port),
		.csum = o->cls == UL_RAW4 || o->cls == UL_RAW6,
	};

	if (unlikely(o->ops->push_meta(&m, o->key))) {
		pkt_drop(m, DROP_TUNNEL_NO_ROOM);
		return;
	}
	if (unlikely(room < SCLP_PLEN_MIN + SCLP_HLEN)) {
		pkt_drop(m, DROP_TUNNEL_MTU);
		return;
	}
	s.id = next_id(w);
	s.seg_plen = (uint16_t)(room - SCLP_HLEN);
	if (m->pkt_len <= s.seg_plen)
		send_single(w, f, m, &s);
	else
		ul_tx_frame(w->ul_tx, f, m, &s);
}

static enum drop_reason prepare_reason(int err)
{
	return err == -ENOBUFS ? DROP_NO_BUFFER : DROP_GSO_UNSUPPORTED;
}

/* Most debts cross the network; those that the frame metadata has no number for are paid here. */
static void send_sclp(
	struct dp_worker *w, struct dp_obj *o, const struct ul_flow *f, struct rte_mbuf *m)
{
	struct pkt_list out;
	int rc;

	pkt_list_init(&out);
	rc = tx_prepare(m, CAP_ALL, &out);
	if (unlikely(rc)) {
		pkt_drop(m, prepare_reason(rc));
		return;
	}
	while ((m = pkt_list_pop(&out)))
		send_sclp_frame(w, o, f, m);
}

static void send_plain(
	struct dp_worker *w, struct dp_obj *o, const struct ul_flow *f, struct rte_mbuf *m)
{
	struct pkt_list out;
	int rc;

	if (unlikely(o->ops->push(&m, o->key))) {
		pkt_drop(m, DROP_TUNNEL_NO_ROOM);
		return;
	}
	pkt_list_init(&out);
	rc = tx_prepare(m, CAP_GSO, &out);
	if (unlikely(rc)) {
		pkt_drop(m, prepare_reason(rc));
		return;
	}
	while ((m = pkt_list_pop(&out)))
		ul_tx_datagram(w->ul_tx, f, m);
}

/*
 * Largest frame that the tunnel carries well: one packet of the path, or with SCLP one train of
 * segments (a frame just above costs a second system call, wake-up and receive for its last bytes).
 */
static uint32_t good_frame(const struct dp_obj *o)
{
	const uint32_t room = ul_remote_room(&o->ul, o->cls);
	const uint32_t all = o->sclp && room > SCLP_HLEN ? ul_train_frame(room) : room;

	return all > o->ops->hlen ? all - o->ops->hlen : 0;
}

void dp_tunnel_output(struct dp_worker *w, struct dp_obj *o, struct rte_mbuf *m)
{
	struct ul_flow f = { .remote = &o->ul, .cls = o->cls, .tos = outer_tos(o, m) };
	struct pkt_meta *md;

	if (o->mss_clamp && unlikely(mss_clamp(&m, good_frame(o)))) {
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	md = pkt_meta(m);
	if (!md->hash)
		md->hash = pkt_flow_hash(m, &md->inner);
	f.hash = md->hash;
	if (o->sclp)
		send_sclp(w, o, &f, m);
	else
		send_plain(w, o, &f, m);
}

static enum drop_reason pop_reason(int err)
{
	switch (err) {
	case -ENOBUFS:
		return DROP_NO_BUFFER;
	case -EBADMSG:
		return DROP_SCLP_META;
	default:
		return DROP_TUNNEL_HEADER;
	}
}

/* One tunnel packet of @peer, header first: to its remote by key, header off, into @out. */
static void decapsulate(struct dp_worker *w, const struct dp_peer *peer,
	const struct tunnel_ops *ops, struct rte_mbuf *m, struct pkt_list *out)
{
	const uint8_t tos = pkt_meta(m)->tos;
	const int32_t key = ops->peek(m);
	struct dp_obj *o;
	int rc;

	if (unlikely(key < 0)) {
		pkt_drop(m, DROP_TUNNEL_HEADER);
		return;
	}
	o = dp_table_demux(w->table, peer, (uint32_t)key);
	if (unlikely(!o)) {
		pkt_drop(m, DROP_TUNNEL_KEY);
		return;
	}
	pkt_meta(m)->obj = o->id;
	rc = o->sclp ? ops->pop_meta(&m) : ops->pop(&m);
	if (unlikely(rc)) {
		pkt_drop(m, pop_reason(rc));
		return;
	}
	rc = ecn_decap(&m, tos, o->dscp < 0);
	if (unlikely(rc)) {
		pkt_drop(m, rc == -EINVAL ? DROP_TUNNEL_ECN : DROP_NO_BUFFER);
		return;
	}
	pkt_list_add(out, m);
}

void dp_tunnel_frames(struct dp_worker *w, struct pkt_list *frames, struct pkt_list *out)
{
	struct rte_mbuf *m;

	while ((m = pkt_list_pop(frames))) {
		const struct dp_obj *o = w->table->objs[pkt_meta(m)->obj];

		/* an SCLP frame knows its peer by one of the peer's remotes */
		if (unlikely(!o))
			pkt_drop(m, DROP_SHUTDOWN);
		else
			decapsulate(w, o->peer, o->ops, m, out);
	}
}

static void input_sclp(struct dp_worker *w, struct dp_peer *peer, uint16_t obj,
	struct ul_rx_msg *msg, struct pkt_list *out)
{
	struct sclp_rx_from from = {
		.remote = &peer->share[w->index],
		.obj = obj,
		.tos = msg->tos,
		.csum_done = msg->csum_done,
	};
	struct pkt_list frames;

	memcpy(from.addr, msg->from.b, 16);
	memcpy(from.addr + 16, msg->to.b, 16);
	pkt_list_init(&frames);
	sclp_rx_train(w->sclp_rx, &from, msg->m, msg->seg_len, w->now_ns, &frames);
	dp_tunnel_frames(w, &frames, out);
}

/* Plain tunnel packets: cut the train where the kernel glued it, then coalesce by what is inside.
 */
static void input_plain(struct dp_worker *w, const struct dp_peer *peer, uint16_t obj,
	const struct tunnel_ops *ops, struct ul_rx_msg *msg, struct pkt_list *out)
{
	const uint32_t total = msg->m->pkt_len;
	struct pkt_list popped;
	struct rte_mbuf *m;

	pkt_list_init(&popped);
	if (total <= msg->seg_len) {
		pkt_meta(msg->m)->tos = msg->tos;
		pkt_meta(msg->m)->obj = obj;
		decapsulate(w, peer, ops, msg->m, &popped);
	} else {
		for (uint32_t off = 0; off < total; off += msg->seg_len) {
			m = pkt_slice(msg->m, off, RTE_MIN(msg->seg_len, total - off));
			if (unlikely(!m)) {
				pkt_count_drop(obj, DROP_NO_BUFFER, 1);
				continue;
			}
			pkt_meta(m)->tos = msg->tos;
			pkt_meta(m)->obj = obj;
			decapsulate(w, peer, ops, m, &popped);
		}
		pkt_done(msg->m);
	}
	while ((m = pkt_list_pop(&popped)))
		gro_receive(w->gro, m, GRO_TCP | GRO_UDP, w->now_ns, out);
}

void dp_tunnel_input(struct dp_worker *w, const struct dp_source *src, struct ul_rx_msg *msg)
{
	struct dp_peer *peer = dp_table_peer(w->table, &msg->from, src->rx_kind, src->sclp);
	const uint64_t n_segs = (msg->m->pkt_len + msg->seg_len - 1) / msg->seg_len;
	struct pkt_list frames;
	uint16_t obj;

	if (unlikely(!peer)) {
		pkt_count_drop(0, DROP_TUNNEL_REMOTE, n_segs);
		pkt_done(msg->m);
		return;
	}
	/* main may change it at any time, to a remote that our table does not know yet */
	obj = __atomic_load_n(&peer->obj, __ATOMIC_RELAXED);
	counter_add(&w->stats[obj].rx_wire, n_segs);
	pkt_list_init(&frames);
	if (src->sclp)
		input_sclp(w, peer, obj, msg, &frames);
	else
		input_plain(w, peer, obj, src->ops, msg, &frames);
	dp_coalesce_end(w, &frames);
	dp_forward(w, &frames);
}
