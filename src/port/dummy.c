/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/dummy.h"

#include "base/counter.h"
#include "base/xalloc.h"

struct dummy {
	struct pkt_list in, out;
	bool up;
};

static int dummy_open(struct port *p, const struct port_param *param)
{
	struct dummy *d = xcalloc(1, sizeof(*d));

	d->up = param->up;
	p->priv = d;
	p->caps = param->features;
	return 0;
}

static void dummy_close(struct port *p)
{
	struct dummy *d = p->priv;

	pkt_drop_list(&d->in, DROP_SHUTDOWN);
	pkt_drop_list(&d->out, DROP_SHUTDOWN);
	free(d);
}

static bool dummy_rx(
	struct port_queue *q, struct pkt_list *out, unsigned int max_pkts, unsigned int max_bytes)
{
	struct dummy *d = q->port->priv;

	/* one test thread owns the port: everything is queue 0's */
	while (q->index == 0 && !pkt_list_empty(&d->in)) {
		if (!max_pkts-- || out->n_bytes >= max_bytes)
			return true;
		pkt_list_add(out, pkt_list_pop(&d->in));
		counter_add(&q->stats.rx_wire, 1);
	}
	return false;
}

static void dummy_tx(struct port_queue *q, struct pkt_list *pkts)
{
	struct dummy *d = q->port->priv;

	if (!d->up) {
		pkt_drop_list(pkts, DROP_PORT_DOWN);
		return;
	}
	counter_add(&q->stats.tx_wire, pkts->n_pkts);
	/* nobody may look: without a test behind it the port is a bounded sink */
	if (d->out.n_pkts >= DUMMY_QUEUE_MAX)
		pkt_drop_list(pkts, DROP_PORT_TX_FULL);
	else
		pkt_list_splice(&d->out, pkts);
}

static int dummy_set_mtu(struct port *p, uint32_t mtu)
{
	p->mtu = mtu;
	return 0;
}

static int dummy_set_features(struct port *p, uint32_t features)
{
	p->caps = features;
	return 0;
}

static int dummy_set_up(struct port *p, bool up)
{
	((struct dummy *)p->priv)->up = up;
	return 0;
}

static bool dummy_is_up(struct port *p)
{
	return ((struct dummy *)p->priv)->up;
}

static bool dummy_is_stale(struct port *p)
{
	(void)p;
	return false;
}

static uint64_t dummy_rx_missed(struct port *p)
{
	(void)p;
	return 0;
}

void dummy_inject(struct port *p, struct rte_mbuf *m)
{
	pkt_meta(m)->obj = p->obj;
	pkt_list_add(&((struct dummy *)p->priv)->in, m);
}

struct rte_mbuf *dummy_take(struct port *p)
{
	return pkt_list_pop(&((struct dummy *)p->priv)->out);
}

const struct port_ops port_dummy_ops = {
	.name = "dummy",
	.open = dummy_open,
	.close = dummy_close,
	.rx = dummy_rx,
	.tx = dummy_tx,
	.set_mtu = dummy_set_mtu,
	.set_features = dummy_set_features,
	.set_up = dummy_set_up,
	.is_up = dummy_is_up,
	.is_stale = dummy_is_stale,
	.rx_missed = dummy_rx_missed,
};
