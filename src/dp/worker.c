/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker: one thread that carries packets, run to completion.
 *
 * It sleeps in epoll until one of its descriptors is ready or SCLP has a frame to give up, then
 * serves each ready source with a bounded burst: receive, coalesce, forward, flush.  A source that
 * has more is ready again in the next round.
 */
#include "dp/dp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <rte_lcore.h>

#include "base/clock.h"
#include "base/log.h"

#define EVENTS	    32
#define BURST_PKTS  64
#define BURST_BYTES (256u << 10) /* stays in the L2 cache from read to write */
#define NAP_NS	    30000
#define GRO_FLOWS   256

int dp_worker_watch(struct dp_worker *w, struct dp_source *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, src->fd, &ev) ? -errno : 0;
}

void dp_worker_unwatch(struct dp_worker *w, const struct dp_source *src)
{
	epoll_ctl(w->epfd, EPOLL_CTL_DEL, src->fd, NULL);
}

int dp_worker_init(struct dp_worker *w, unsigned int index, struct dp_table *const *table_now)
{
	w->index = index;
	w->table_now = table_now;
	pthread_mutex_init(&w->call_lock, NULL);
	pthread_cond_init(&w->call_done, NULL);
	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->gro = gro_create(GRO_FLOWS);
	w->tx_wire = calloc(DP_OBJS_MAX, sizeof(*w->tx_wire));
	w->stats = calloc(DP_OBJS_MAX, sizeof(*w->stats));
	w->drops = calloc(DP_OBJS_MAX, sizeof(*w->drops));
	if (w->epfd < 0 || w->wake_fd < 0 || !w->gro || !w->stats || !w->tx_wire || !w->drops)
		return -ENOMEM;
	w->wake = (struct dp_source){ .kind = DP_SRC_WAKE, .fd = w->wake_fd };
	return dp_worker_watch(w, &w->wake, EPOLLIN);
}

void dp_worker_fini(struct dp_worker *w)
{
	if (w->gro)
		gro_destroy(w->gro);
	if (w->sclp_rx)
		sclp_rx_destroy(w->sclp_rx);
	if (w->ul_tx)
		ul_tx_destroy(w->ul_tx);
	close(w->epfd);
	close(w->wake_fd);
	free(w->tx_wire);
	free(w->stats);
	free(w->drops);
	pthread_mutex_destroy(&w->call_lock);
	pthread_cond_destroy(&w->call_done);
}

/* ---- sources ---- */

static void serve_port(struct dp_worker *w, struct dp_source *src)
{
	struct port *p = src->queue->port;
	const struct dp_obj *o = w->table->objs[p->obj];
	struct pkt_list in, frames;
	struct rte_mbuf *m;

	if (unlikely(!o))
		return; /* being removed */
	pkt_list_init(&in);
	pkt_list_init(&frames);
	p->ops->rx(src->queue, &in, BURST_PKTS, BURST_BYTES);
	/* a descriptor without an interface is always ready */
	if (unlikely(src->queue->gone))
		dp_worker_unwatch(w, src);
	/* a packet by itself would only be held and let go, unless more may come in time */
	if (o->gro && (in.n_pkts > 1 || w->gro_flush_ns)) {
		while ((m = pkt_list_pop(&in)))
			gro_receive(w->gro, m, o->gro, w->now_ns, &frames);
		dp_coalesce_end(w, &frames);
	} else {
		frames = in;
	}
	dp_forward(w, &frames);
	dp_flush(w);
}

void dp_coalesce_end(struct dp_worker *w, struct pkt_list *frames)
{
	if (w->gro_flush_ns)
		gro_flush_aged(w->gro, w->now_ns, w->gro_flush_ns, frames);
	else
		gro_flush(w->gro, frames);
}

/* What GRO still holds goes on its way: all that is @age_ns old. */
static void release_held(struct dp_worker *w, uint64_t age_ns)
{
	struct pkt_list frames;

	pkt_list_init(&frames);
	if (age_ns)
		gro_flush_aged(w->gro, w->now_ns, age_ns, &frames);
	else
		gro_flush(w->gro, &frames);
	if (!frames.n_pkts)
		return;
	dp_forward(w, &frames);
	dp_flush(w);
}

static void serve_ul_rx(struct dp_worker *w, struct dp_source *src)
{
	struct ul_rx_msg msgs[UL_RX_BURST];
	uint64_t n_missed = 0;
	const unsigned int n = ul_rx_burst(src->rx, msgs, &n_missed);

	if (unlikely(n_missed))
		pkt_count_drop(0, DROP_UNDERLAY_RX_MISSED, n_missed);
	for (unsigned int i = 0; i < n; i++)
		dp_tunnel_input(w, src, &msgs[i]);
	dp_flush(w);
}

static void run_call(struct dp_worker *w)
{
	/* held packets know their objects by the table there was */
	if (gro_holds(w->gro))
		release_held(w, 0);
	pthread_mutex_lock(&w->call_lock);
	w->table = __atomic_load_n(w->table_now, __ATOMIC_ACQUIRE);
	if (w->call_fn) {
		w->call_fn(w, w->call_arg);
		w->call_fn = NULL;
		pthread_cond_signal(&w->call_done);
	}
	pthread_mutex_unlock(&w->call_lock);
}

static void serve_wake(struct dp_worker *w)
{
	uint64_t n;

	(void)!read(w->wake_fd, &n, sizeof(n));
	run_call(w);
}

void dp_worker_serve(struct dp_worker *w, struct dp_source *src)
{
	switch (src->kind) {
	case DP_SRC_WAKE:
		serve_wake(w);
		break;
	case DP_SRC_PORT:
		serve_port(w, src);
		break;
	case DP_SRC_UL_RX:
		serve_ul_rx(w, src);
		break;
	}
}

static void expire(struct dp_worker *w)
{
	struct pkt_list frames, out;

	if (sclp_rx_deadline(w->sclp_rx) > w->now_ns)
		return;
	pkt_list_init(&frames);
	pkt_list_init(&out);
	sclp_rx_expire(w->sclp_rx, w->now_ns, &frames);
	dp_tunnel_frames(w, &frames, &out);
	dp_forward(w, &out);
	dp_flush(w);
}

/* ms until SCLP wants to be called; -1: never. */
static int until_deadline(const struct dp_worker *w)
{
	const uint64_t at = sclp_rx_deadline(w->sclp_rx);

	if (at == UINT64_MAX)
		return -1;
	return at <= w->now_ns ? 0 : (int)((at - w->now_ns) / 1000000 + 1);
}

int dp_worker_round(struct dp_worker *w, int timeout_ms, uint64_t now_ns)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(w->epfd, ev, EVENTS, timeout_ms);
	bool woken = false;

	w->now_ns = now_ns ? now_ns : clock_now_ns();
	/* calls last: they may end what an event of this round points to */
	for (int i = 0; i < n; i++) {
		if (ev[i].data.ptr == &w->wake)
			woken = true;
		else
			dp_worker_serve(w, ev[i].data.ptr);
	}
	expire(w);
	if (gro_holds(w->gro))
		release_held(w, w->gro_flush_ns);
	if (woken)
		serve_wake(w);
	return n;
}

/* ---- thread ---- */

static void pin(const struct dp_worker *w)
{
	cpu_set_t set;

	if (w->cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		log_warn("worker %u: this machine has no CPU %d to run it on; it runs anywhere",
			w->index, w->cpu);
}

/*
 * One turn of the loop; @busy: the turn before had work.  Returns whether this one had.
 *
 * After work comes a nap before the sleep: a worker that sleeps in epoll is woken for every frame,
 * at the expense of whoever sends it (an interrupt to another CPU is a tenth of the cost of a
 * frame), and one that naps finds the next frames there by itself.  An idle worker does neither;
 * one whose GRO holds packets is not idle.
 */
static bool serve(struct dp_worker *w, bool busy)
{
	static const struct timespec nap = { .tv_nsec = NAP_NS };
	const bool poll = busy || w->poll == CONF_POLL_BUSY;

	if (dp_worker_round(w, poll ? 0 : until_deadline(w), 0) > 0)
		return true;
	if (!busy || w->poll == CONF_POLL_BUSY)
		return false;
	nanosleep(&nap, NULL);
	return dp_worker_round(w, 0, 0) > 0 || gro_holds(w->gro);
}

static void *worker_main(void *arg)
{
	struct dp_worker *w = arg;
	bool busy = false;
	char name[16];

	snprintf(name, sizeof(name), "cvsw-worker%u", w->index);
	pthread_setname_np(pthread_self(), name);
	pin(w);
	prctl(PR_SET_TIMERSLACK, 1); /* naps are short */
	if (rte_thread_register())
		log_warn("worker %u: no packet cache of its own; slower", w->index);
	pkt_drops_bind(w->drops, DP_OBJS_MAX);
	run_call(w);
	while (!w->stop)
		busy = serve(w, busy);
	rte_thread_unregister();
	return NULL;
}

int dp_worker_start(struct dp_worker *w)
{
	int rc = pthread_create(&w->thread, NULL, worker_main, w);

	w->running = !rc;
	return -rc;
}

static void wake(struct dp_worker *w)
{
	const uint64_t one = 1;

	(void)!write(w->wake_fd, &one, sizeof(one));
}

void dp_worker_call(struct dp_worker *w, dp_call_fn *fn, void *arg)
{
	pthread_mutex_lock(&w->call_lock);
	w->call_fn = fn;
	w->call_arg = arg;
	pthread_mutex_unlock(&w->call_lock);
	if (!w->running) {
		run_call(w);
		return;
	}
	wake(w);
	pthread_mutex_lock(&w->call_lock);
	while (w->call_fn)
		pthread_cond_wait(&w->call_done, &w->call_lock);
	pthread_mutex_unlock(&w->call_lock);
}

static void set_stop(struct dp_worker *w, void *arg)
{
	(void)arg;
	w->stop = true;
}

void dp_worker_stop(struct dp_worker *w)
{
	if (!w->running)
		return;
	dp_worker_call(w, set_stop, NULL);
	pthread_join(w->thread, NULL);
	w->running = false;
}
