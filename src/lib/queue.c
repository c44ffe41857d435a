/* SPDX-License-Identifier: BSD-3-Clause */
/* Queues of packets between the engine's lists and a program's arrays. */
#include "lib/lib.h"

#include <errno.h>

void cvsw_queue_init(struct cvsw_queue *q)
{
	pkt_list_init(lib_list(q));
}

int cvsw_queue_add(struct cvsw_queue *q, struct rte_mbuf *m)
{
	if (!lib_has_priv(m))
		return -EINVAL;
	pkt_list_add(lib_list(q), m);
	return 0;
}

unsigned int cvsw_queue_pop(struct cvsw_queue *q, struct rte_mbuf **out, unsigned int n)
{
	unsigned int i = 0;

	for (; i < n && !pkt_list_empty(lib_list(q)); i++)
		out[i] = pkt_list_pop(lib_list(q));
	return i;
}
