/* SPDX-License-Identifier: BSD-3-Clause */
#include "port/port.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const struct port_ops *const kinds[] = { &port_tap_ops, &port_af_packet_ops,
	&port_dummy_ops };

const struct port_ops *port_find_ops(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

int port_fail(struct port *p, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->err, sizeof(p->err), fmt, ap);
	va_end(ap);
	return -errnum;
}

static void port_free(struct port *p)
{
	for (unsigned int i = 0; i < p->n_queues; i++) {
		rte_pktmbuf_free(p->queues[i].spare_small);
		rte_pktmbuf_free(p->queues[i].spare_big);
	}
	free(p->queues);
	free(p->netns);
	free(p);
}

struct port *port_open(const struct port_ops *ops, uint16_t obj, const struct port_param *param,
	char *err, size_t err_len)
{
	struct port *p = xcalloc(1, sizeof(*p));
	int rc;

	p->ops = ops;
	p->obj = obj;
	p->mtu = param->mtu;
	p->n_queues = param->n_queues;
	p->queues = xcalloc(param->n_queues, sizeof(*p->queues));
	p->netns = param->netns ? xstrdup(param->netns) : NULL;
	snprintf(p->ifname, sizeof(p->ifname), "%s", param->ifname);
	for (unsigned int i = 0; i < p->n_queues; i++) {
		p->queues[i].port = p;
		p->queues[i].fd = -1;
		p->queues[i].index = i;
	}
	rc = ops->open(p, param);
	if (!rc)
		return p;
	snprintf(err, err_len, "%s", p->err);
	port_free(p);
	errno = -rc;
	return NULL;
}

void port_close(struct port *p)
{
	p->ops->close(p);
	port_free(p);
}
