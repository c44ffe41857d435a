/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending.  Theory of operation: what a burst produces is collected as messages, each a train of
 * equal datagrams (the last may be shorter) for one socket and one remote, and leaves by sendmmsg
 * in the order in which it came.  A frame of SCLP becomes trains of slices that point into its
 * packet; small packets join the train before them if they can.
 *
 * Limits of one train: 64 datagrams and 65,507 bytes (UDP_SEGMENT).  Packets live until the flush
 * is over.
 *
 * The sockets are in no epoll set: one that watches a socket is woken for every segment that the
 * kernel frees (16 % of a stream's cost).  So ICMP errors are read when a send reports one.
 *
 * A full send queue is back-pressure: the worker waits for it, shortly, then drops and counts.  An
 * ICMP error that is pending on the socket makes the next send fail once without meaning it: such a
 * send is repeated.
 */
#include "underlay/underlay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>

#include "base/counter.h"
#include "underlay/tx_sock.h"

#define MSGS	    256
#define IOVS	    2048
#define FRAMES	    8
#define MSG_IOVS    1024 /* the kernel's limit for one message (UIO_MAXIOV) */
#define WAIT_MS	    1
#define ERRORS_MAX  64 /* read at a time */
#define CONTROL_LEN (CMSG_SPACE(sizeof(struct in6_pktinfo)) + 3 * CMSG_SPACE(sizeof(int)))

struct msg {
	struct ul_remote *remote;
	enum ul_class cls;
	unsigned int sock;
	uint32_t seg_len, n_bytes;
	uint16_t n_segs;
	uint16_t n_frames; /* guests' frames that are lost with it */
	int16_t frame;	   /* index of the SCLP frame it is a part of, or -1 */
	uint8_t tos;
	bool closed; /* a shorter datagram ended the train */
};

struct frame {
	struct rte_mbuf *m;
	struct ul_flow flow;
	struct sclp_tx sclp;
	struct sclp_slices slices;
	bool lost; /* counted already */
};

struct ul_tx {
	struct ul_tx_param param;
	struct tx_socks socks[UL_N_CLASSES];
	unsigned int n_msgs, n_iov, n_frames;
	bool gave_up; /* the send queue stayed full in this flush */
	uint32_t n_bytes;
	struct pkt_list pkts; /* queued datagrams, ended after the flush */
	struct ul_tx_stats stats;
	struct msg msg[MSGS];
	struct mmsghdr hdr[MSGS];
	struct iovec iov[IOVS];
	char control[MSGS][CONTROL_LEN] __attribute__((aligned(8)));
	struct frame frame[FRAMES];
};

struct ul_tx *ul_tx_create(const struct ul_tx_param *param)
{
	struct ul_tx *tx = calloc(1, sizeof(*tx));

	if (!tx)
		return NULL;
	tx->param = *param;
	pkt_list_init(&tx->pkts);
	return tx;
}

void ul_tx_destroy(struct ul_tx *tx)
{
	ul_tx_flush(tx);
	for (unsigned int c = 0; c < UL_N_CLASSES; c++)
		tx_socks_close(&tx->socks[c]);
	free(tx);
}

int ul_tx_open_class(struct ul_tx *tx, enum ul_class cls)
{
	if (tx->socks[cls].n)
		return 0;
	return tx_socks_open(&tx->socks[cls], cls, tx->param.n_entropy, tx->param.raw_proto);
}

const struct ul_tx_stats *ul_tx_get_stats(const struct ul_tx *tx)
{
	return &tx->stats;
}

static bool class_is_raw(enum ul_class cls)
{
	return cls == UL_RAW4 || cls == UL_RAW6;
}

static unsigned int choose_sock(const struct ul_tx *tx, const struct ul_flow *f)
{
	return (unsigned int)(((uint64_t)f->hash * tx->socks[f->cls].n) >> 32);
}

rte_be16_t ul_tx_sport(const struct ul_tx *tx, const struct ul_flow *f)
{
	if (class_is_raw(f->cls))
		return htons((uint16_t)(SCLP_SPORT_MIN +
					f->hash % (SCLP_SPORT_MAX - SCLP_SPORT_MIN + 1)));
	return tx->socks[f->cls].sport[choose_sock(tx, f)];
}

/* May trains be sent in one call? */
static bool can_train(const struct ul_tx *tx, const struct ul_remote *r, enum ul_class cls)
{
	return tx->param.caps.udp_gso && (cls == UL_UDP4 || cls == UL_UDP6) && !r->no_trains;
}

/* ---- control messages ---- */

static void put_control(struct msghdr *h, int level, int type, const void *data, size_t n)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)h->msg_control + h->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	h->msg_controllen += CMSG_SPACE(n);
}

static void put_source(struct msghdr *h, const struct ul_remote *r, bool v4)
{
	struct in_pktinfo pi4 = { 0 };
	struct in6_pktinfo pi6 = { 0 };

	if (v4) {
		memcpy(&pi4.ipi_spec_dst, r->local.b + 12, 4);
		put_control(h, IPPROTO_IP, IP_PKTINFO, &pi4, sizeof(pi4));
	} else {
		memcpy(&pi6.ipi6_addr, r->local.b, 16);
		put_control(h, IPPROTO_IPV6, IPV6_PKTINFO, &pi6, sizeof(pi6));
	}
}

static void fill_control(const struct ul_tx *tx, const struct msg *msg, struct msghdr *h)
{
	const struct ul_remote *r = msg->remote;
	const bool v4 = r->sa.ss_family == AF_INET;
	const int tos = msg->tos, ttl = r->ttl;

	h->msg_controllen = 0;
	if (!ul_addr_is_any(&r->local))
		put_source(h, r, v4);
	if (tos)
		put_control(h, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos,
			sizeof(tos));
	if (ttl != 64)
		put_control(h, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_HOPLIMIT, &ttl,
			sizeof(ttl));
	if (msg->n_segs > 1 && can_train(tx, r, msg->cls)) {
		const uint16_t seg = (uint16_t)msg->seg_len;

		put_control(h, IPPROTO_UDP, UDP_SEGMENT, &seg, sizeof(seg));
	}
}

/* ---- collecting ---- */

static struct msg *new_msg(struct ul_tx *tx, const struct ul_flow *f, struct iovec *iov)
{
	struct msg *msg = &tx->msg[tx->n_msgs];
	struct msghdr *h = &tx->hdr[tx->n_msgs].msg_hdr;

	tx->n_msgs++;
	memset(msg, 0, sizeof(*msg));
	msg->remote = f->remote;
	msg->cls = f->cls;
	msg->sock = choose_sock(tx, f);
	msg->tos = f->tos;
	msg->frame = -1;
	memset(h, 0, sizeof(*h));
	h->msg_name = &f->remote->sa;
	h->msg_namelen = f->remote->sa_len;
	h->msg_iov = iov;
	h->msg_control = tx->control[tx->n_msgs - 1];
	return msg;
}

/* Can a datagram of @n bytes in @n_iov pieces join the last message? */
static bool joins(const struct ul_tx *tx, const struct ul_flow *f, uint32_t n, uint32_t n_iov)
{
	const struct msg *last;

	if (!tx->n_msgs)
		return false;
	last = &tx->msg[tx->n_msgs - 1];
	if (tx->hdr[tx->n_msgs - 1].msg_hdr.msg_iovlen + n_iov > MSG_IOVS)
		return false;
	return !last->closed && last->frame < 0 && last->remote == f->remote &&
	       last->cls == f->cls && last->tos == f->tos && n <= last->seg_len &&
	       last->n_segs < UL_TRAIN_SEGS && last->n_bytes + n <= UL_TRAIN_BYTES &&
	       last->sock == choose_sock(tx, f) && can_train(tx, f->remote, f->cls);
}

void ul_tx_datagram(struct ul_tx *tx, const struct ul_flow *f, struct rte_mbuf *m)
{
	const uint32_t n = m->pkt_len;
	struct msg *msg;

	if (unlikely(n > ul_remote_room(f->remote, f->cls))) {
		pkt_drop(m, DROP_TUNNEL_MTU);
		return;
	}
	if (unlikely(m->nb_segs > MSG_IOVS && pkt_flatten(&m))) {
		pkt_drop(m, DROP_NO_BUFFER);
		return;
	}
	if (unlikely(tx->n_msgs == MSGS || tx->n_iov + m->nb_segs > IOVS))
		ul_tx_flush(tx);
	if (joins(tx, f, n, m->nb_segs)) {
		msg = &tx->msg[tx->n_msgs - 1];
		msg->closed = n < msg->seg_len;
	} else {
		msg = new_msg(tx, f, &tx->iov[tx->n_iov]);
		msg->seg_len = n;
	}
	msg->n_segs++;
	msg->n_frames++;
	msg->n_bytes += n;
	for (const struct rte_mbuf *seg = m; seg; seg = seg->next) {
		struct iovec *v = &tx->iov[tx->n_iov++];

		v->iov_base = rte_pktmbuf_mtod(seg, void *);
		v->iov_len = seg->data_len;
		tx->hdr[tx->n_msgs - 1].msg_hdr.msg_iovlen++;
	}
	tx->n_bytes += n;
	pkt_list_add(&tx->pkts, m);
}

/* Messages for segments [first, last) of a frame. */
static void frame_msg(struct ul_tx *tx, int16_t idx, unsigned int first, unsigned int last,
	uint32_t seg_len, uint32_t n_bytes)
{
	struct frame *fr = &tx->frame[idx];
	struct msg *msg = new_msg(tx, &fr->flow, &fr->slices.iov[fr->slices.first[first]]);

	msg->seg_len = seg_len;
	msg->n_segs = (uint16_t)(last - first);
	msg->n_bytes = n_bytes;
	msg->frame = idx;
	msg->closed = true;
	tx->hdr[tx->n_msgs - 1].msg_hdr.msg_iovlen = (size_t)(fr->slices.first[last] -
							      fr->slices.first[first]);
}

static void queue_frame(struct ul_tx *tx, int16_t idx)
{
	struct frame *fr = &tx->frame[idx];
	const unsigned int n = fr->slices.n_segs;
	const uint32_t seg_len = fr->sclp.seg_plen + (uint32_t)SCLP_HLEN;
	uint32_t left = fr->m->pkt_len + n * (uint32_t)SCLP_HLEN;
	unsigned int per_msg = 1;

	if (can_train(tx, fr->flow.remote, fr->flow.cls))
		per_msg = RTE_MIN(UL_TRAIN_SEGS, UL_TRAIN_BYTES / seg_len);
	for (unsigned int i = 0; i < n; i += per_msg) {
		const unsigned int end = RTE_MIN(i + per_msg, n);
		const uint32_t bytes = RTE_MIN(left, (end - i) * seg_len);

		frame_msg(tx, idx, i, end, seg_len, bytes);
		left -= bytes;
	}
}

void ul_tx_frame(
	struct ul_tx *tx, const struct ul_flow *f, struct rte_mbuf *m, const struct sclp_tx *sclp)
{
	struct frame *fr;
	int rc;

	if (tx->n_frames == FRAMES || tx->n_msgs + SCLP_SEGS_MAX > MSGS)
		ul_tx_flush(tx);
	fr = &tx->frame[tx->n_frames];
	rc = sclp_slice(m, sclp, &fr->slices);
	if (unlikely(rc == -E2BIG)) {
		if (pkt_flatten(&m)) {
			pkt_drop(m, DROP_NO_BUFFER);
			return;
		}
		rc = sclp_slice(m, sclp, &fr->slices);
	}
	if (unlikely(rc)) {
		pkt_drop(m, DROP_SCLP_TOO_LARGE);
		return;
	}
	fr->m = m;
	fr->flow = *f;
	fr->sclp = *sclp;
	fr->lost = false;
	tx->n_bytes += m->pkt_len;
	queue_frame(tx, (int16_t)tx->n_frames++);
}

/* ---- sending ---- */

static enum drop_reason send_reason(int err)
{
	switch (err) {
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return DROP_UNDERLAY_FULL;
	case EMSGSIZE:
		return DROP_TUNNEL_MTU;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ECONNREFUSED:
	case EADDRNOTAVAIL: /* our source address is gone */
	case EINVAL:
		return DROP_UNDERLAY_UNREACHABLE;
	default:
		return DROP_UNDERLAY_ERROR;
	}
}

static void count_lost(struct ul_tx *tx, const struct msg *msg, int err)
{
	uint64_t n = msg->n_frames;

	if (msg->frame >= 0) {
		n = !tx->frame[msg->frame].lost;
		tx->frame[msg->frame].lost = true;
	}
	pkt_count_drop(msg->remote->obj, send_reason(err), n);
}

static void count_sent(struct ul_tx *tx, const struct msg *msg)
{
	counter_add(&tx->stats.wire, msg->n_segs);
	counter_add(&tx->param.wire_of[msg->remote->obj], msg->n_segs);
}

/* The path became narrower: cut the frame anew, under a new identification, and send it by itself.
 */
static int resend_smaller(struct ul_tx *tx, struct msg *msg, int fd)
{
	struct frame *fr = &tx->frame[msg->frame];
	const uint32_t room = ul_remote_room(msg->remote, msg->cls);
	const unsigned int n_msgs = tx->n_msgs;

	if (fr->lost || room < SCLP_PLEN_MIN + SCLP_HLEN || room - SCLP_HLEN >= fr->sclp.seg_plen)
		return -EMSGSIZE;
	fr->sclp.seg_plen = (uint16_t)(room - SCLP_HLEN);
	fr->sclp.id ^= 1; /* the sender leaves every other one free */
	if (n_msgs + SCLP_SEGS_MAX > MSGS || sclp_slice(fr->m, &fr->sclp, &fr->slices))
		return -EMSGSIZE;
	queue_frame(tx, msg->frame);
	fr->lost = true; /* what the old cut has left in the queue is of no use: it fails quietly */
	for (unsigned int i = n_msgs; i < tx->n_msgs; i++) {
		fill_control(tx, &tx->msg[i], &tx->hdr[i].msg_hdr);
		if (sendmsg(fd, &tx->hdr[i].msg_hdr, MSG_DONTWAIT) < 0) {
			pkt_count_drop(msg->remote->obj, send_reason(errno), 1);
			break;
		}
		count_sent(tx, &tx->msg[i]);
	}
	tx->n_msgs = n_msgs;
	return 0;
}

/* A send failed with @err: true if it is to be tried once more. */
static bool worth_retry(struct ul_tx *tx, int fd, int err)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	switch (err) {
	case EAGAIN:
	case ENOBUFS:
		counter_add(&tx->stats.retries, 1);
		/* one wait a flush: guests on other ports must not stand still for long */
		if (!tx->gave_up)
			tx->gave_up = poll(&pfd, 1, WAIT_MS) <= 0;
		return !tx->gave_up;
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EPROTO:
	case EINTR:
		counter_add(&tx->stats.retries, 1);
		return true;
	default:
		return false;
	}
}

/* ICMP errors that wait on the socket: each one is a packet that did not arrive. */
static void count_errors(int fd, const struct ul_remote *r)
{
	struct ul_error e;

	for (unsigned int i = 0; i < ERRORS_MAX && ul_error_read(fd, &e); i++)
		if (e.err != EMSGSIZE) /* the sender's next look at the path MTU answers that */
			pkt_count_drop(ul_addr_eq(&e.dst, &r->addr) ? r->obj : 0,
				DROP_UNDERLAY_UNREACHABLE, 1);
}

/* The kernel says that message @msg is too large: true if it is not, now that we asked again. */
static bool still_fits(const struct msg *msg)
{
	ul_remote_refresh(msg->remote);
	return msg->seg_len <= ul_remote_room(msg->remote, msg->cls);
}

/* Message @i did not leave: try again where that helps, else count it. */
static void send_again(struct ul_tx *tx, unsigned int i, int fd, int err)
{
	struct msg *msg = &tx->msg[i];
	bool retry;

	count_errors(fd, msg->remote);
	if (err == EMSGSIZE || err == EINVAL) {
		retry = still_fits(msg);
		if (!retry && msg->frame >= 0 && !resend_smaller(tx, msg, fd))
			return;
	} else {
		retry = worth_retry(tx, fd, err);
	}
	if (retry) {
		if (sendmsg(fd, &tx->hdr[i].msg_hdr, MSG_DONTWAIT) >= 0) {
			count_sent(tx, msg);
			return;
		}
		err = errno;
	}
	if (err == EIO && msg->n_segs > 1)
		msg->remote->no_trains = true; /* a device on the path cannot: singly from now on */
	count_lost(tx, msg, err);
}

/* The rest of a frame of which a part was lost, or that was cut anew. */
static bool is_abandoned(const struct ul_tx *tx, unsigned int i)
{
	return tx->msg[i].frame >= 0 && tx->frame[tx->msg[i].frame].lost;
}

/* Send messages [first, last), all of one socket. */
static void send_run(struct ul_tx *tx, unsigned int first, unsigned int last)
{
	const int fd = tx->socks[tx->msg[first].cls].fd[tx->msg[first].sock];

	while (first < last) {
		int n;

		if (unlikely(is_abandoned(tx, first))) {
			first++;
			continue;
		}
		n = sendmmsg(fd, &tx->hdr[first], last - first, MSG_DONTWAIT);

		counter_add(&tx->stats.calls, 1);
		if (n <= 0) {
			send_again(tx, first, fd, errno);
			first++;
			continue;
		}
		for (unsigned int i = first; i < first + (unsigned int)n; i++)
			count_sent(tx, &tx->msg[i]);
		first += (unsigned int)n;
	}
}

void ul_tx_flush(struct ul_tx *tx)
{
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < tx->n_msgs;) {
		unsigned int end = i;

		while (end < tx->n_msgs && tx->msg[end].cls == tx->msg[i].cls &&
			tx->msg[end].sock == tx->msg[i].sock) {
			fill_control(tx, &tx->msg[end], &tx->hdr[end].msg_hdr);
			end++;
		}
		send_run(tx, i, end);
		i = end;
	}
	counter_add(&tx->stats.msgs, tx->n_msgs);
	while ((m = pkt_list_pop(&tx->pkts)))
		pkt_done(m);
	for (unsigned int i = 0; i < tx->n_frames; i++)
		pkt_done(tx->frame[i].m);
	tx->n_msgs = tx->n_iov = tx->n_frames = 0;
	tx->n_bytes = 0;
	tx->gave_up = false;
}
