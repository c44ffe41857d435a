/* SPDX-License-Identifier: BSD-3-Clause */
#include "dp/endpoint.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/xalloc.h"

/* ---- receiving ---- */

static bool same_endpoint(const struct sw_endpoint *a, const struct sw_endpoint *b)
{
	return a->kind == b->kind && a->sclp == b->sclp && a->family == b->family &&
	       a->port == b->port && ul_addr_eq(&a->local, &b->local);
}

static void endpoint_free(struct sw *sw, struct sw_endpoint *e)
{
	for (unsigned int i = 0; i < sw->n_workers; i++)
		if (e->sources[i].rx)
			ul_rx_close(e->sources[i].rx);
	free(e->sources);
	free(e);
}

static struct ul_rx *open_socket(
	struct sw *sw, const struct sw_endpoint *e, unsigned int worker, bool beside)
{
	const struct ul_rx_param p = { .kind = e->kind,
		.local = e->local,
		.family = e->family,
		.port = e->port,
		.gro = sw->caps.udp_gro && e->kind == UL_RX_UDP,
		.need_csum = e->sclp,
		.worker = worker,
		.n_workers = sw->n_workers,
		.beside = beside };

	return ul_rx_open(&p);
}

static int refuse_socket(const struct sw_endpoint *e, int rc, struct conf_err *err)
{
	const bool raw = e->kind == UL_RX_RAW;
	char local[UL_ADDR_TEXT];

	return conf_refuse(err, rc, raw ? "carrier" : "dstport", "cannot receive %s %u on %s: %s%s",
		raw ? "IP protocol" : "on UDP port", e->port,
		ul_addr_is_any(&e->local) ? "any address" : ul_addr_format(&e->local, local),
		strerror(-rc),
		rc == -EADDRNOTAVAIL ? " (no interface has it)"
		: rc == -EADDRINUSE  ? " (another program has it)"
		: rc == -EPERM	     ? " (needs CAP_NET_RAW)"
				     : "");
}

/* Have our sockets of the same port, other local addresses, tolerate a newcomer or not; true if
 * there are any. */
static bool allow_beside(struct sw *sw, const struct sw_endpoint *e, bool allow)
{
	bool any = false;

	for (unsigned int i = 0; i < sw->n_endpoints; i++) {
		const struct sw_endpoint *o = sw->endpoints[i];

		if (o == e || o->kind != UL_RX_UDP || e->kind != UL_RX_UDP ||
			o->family != e->family || o->port != e->port)
			continue;
		any = true;
		for (unsigned int w = 0; w < sw->n_workers; w++)
			ul_rx_allow_beside(o->sources[w].rx, allow);
	}
	return any;
}

static int open_sockets(struct sw *sw, struct sw_endpoint *e, struct conf_err *err)
{
	const bool beside = allow_beside(sw, e, true);
	int rc = 0;

	for (unsigned int i = 0; !rc && i < sw->n_workers; i++) {
		struct ul_rx *rx = open_socket(sw, e, i, beside);

		if (!rx) {
			rc = refuse_socket(e, -errno, err);
			break;
		}
		if (beside)
			ul_rx_allow_beside(rx, false);
		e->sources[i] = (struct dp_source){ .kind = DP_SRC_UL_RX,
			.fd = ul_rx_fd(rx),
			.rx = rx,
			.sclp = e->sclp,
			.ops = e->ops,
			.rx_kind = e->kind };
	}
	if (beside)
		allow_beside(sw, e, false);
	return rc;
}

struct sw_endpoint *endpoint_get(
	struct sw *sw, const struct sw_endpoint *want, struct conf_err *err)
{
	struct sw_endpoint *e;
	int rc;

	for (unsigned int i = 0; i < sw->n_endpoints; i++) {
		if (same_endpoint(sw->endpoints[i], want)) {
			sw->endpoints[i]->n_refs++;
			return sw->endpoints[i];
		}
	}
	e = xmalloc(sizeof(*e));
	*e = *want;
	e->n_refs = 1;
	e->sources = xcalloc(sw->n_workers, sizeof(*e->sources));
	rc = open_sockets(sw, e, err);
	if (rc) {
		endpoint_free(sw, e);
		errno = -rc;
		return NULL;
	}
	SW_PUSH(sw->endpoints, sw->n_endpoints, e);
	for (unsigned int i = 0; i < sw->n_workers; i++)
		dp_worker_watch(&sw->workers[i], &e->sources[i], EPOLLIN);
	return e;
}

static void no_op(struct dp_worker *w, void *arg)
{
	(void)w;
	(void)arg;
}

void endpoint_put(struct sw *sw, struct sw_endpoint *e)
{
	if (--e->n_refs)
		return;
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		dp_worker_unwatch(&sw->workers[i], &e->sources[i]);
		/* an event of this round may still point to the socket */
		dp_worker_call(&sw->workers[i], no_op, NULL);
	}
	SW_TAKE(sw->endpoints, sw->n_endpoints, e);
	endpoint_free(sw, e);
}

/* ---- sending ---- */

struct open_arg {
	enum ul_class cls;
	int rc;
};

static void open_in_worker(struct dp_worker *w, void *argp)
{
	struct open_arg *arg = argp;

	arg->rc = ul_tx_open_class(w->ul_tx, arg->cls);
}

int class_open(struct sw *sw, enum ul_class cls, struct conf_err *err)
{
	struct open_arg arg = { .cls = cls };

	if (sw->class_is_open[cls])
		return 0;
	for (unsigned int i = 0; i < sw->n_workers; i++) {
		dp_worker_call(&sw->workers[i], open_in_worker, &arg);
		if (arg.rc)
			return conf_refuse(err, arg.rc, "",
				"cannot open sockets to send from: %s%s", strerror(-arg.rc),
				arg.rc == -EPERM ? " (needs CAP_NET_RAW)" : "");
	}
	sw->class_is_open[cls] = true;
	return 0;
}

/* ---- peers ---- */

struct dp_peer *peer_get(
	struct sw *sw, const struct ul_addr *addr, enum ul_rx_kind kind, bool sclp, uint16_t obj)
{
	struct dp_peer *p;

	for (unsigned int i = 0; i < sw->n_peers; i++) {
		p = sw->peers[i];
		if (ul_addr_eq(&p->addr, addr) && p->kind == kind && p->sclp == sclp) {
			p->n_refs++;
			return p;
		}
	}
	p = xcalloc(1, sizeof(*p));
	p->addr = *addr;
	p->kind = kind;
	p->sclp = sclp;
	p->obj = obj;
	p->n_refs = 1;
	SW_PUSH(sw->peers, sw->n_peers, p);
	return p;
}

void peer_leave(struct sw *sw, struct dp_peer *p, uint16_t obj)
{
	if (--p->n_refs == 0) {
		SW_TAKE(sw->peers, sw->n_peers, p);
		return;
	}
	if (p->obj != obj)
		return;
	for (unsigned int id = 1; id < DP_OBJS_MAX; id++) {
		if (id == obj || !sw->objs[id] || sw->objs[id]->peer != p)
			continue;
		__atomic_store_n(&p->obj, (uint16_t)id, __ATOMIC_RELAXED);
		return;
	}
}

static void forget_in_worker(struct dp_worker *w, void *arg)
{
	struct dp_peer *p = arg;

	sclp_rx_forget(w->sclp_rx, &p->share[w->index]);
}

void peer_release(struct sw *sw, struct dp_peer *p)
{
	for (unsigned int i = 0; p->sclp && i < sw->n_workers; i++)
		dp_worker_call(&sw->workers[i], forget_in_worker, p);
	if (!p->n_refs)
		free(p);
}
