// SPDX-License-Identifier: GPL-2.0
/*
 * Sends and takes TCP and UDP inside the kernel.
 *
 * In user-mode Linux a system call costs more than a 64 KB trip through the network stack, so a
 * program there measures ptrace.  This module keeps the traffic inside: one system call starts a
 * run.
 *
 * Theory of operation: each network namespace has a file /proc/net/kbench.  Lines written to it:
 *	sink tcp ADDR PORT WARM_MS [trunc]	listen; a thread takes one connection after the
 *						other
 *	sink udp ADDR PORT WARM_MS		count datagrams in softirq, as an encapsulation
 *						socket does
 *	send tcp ADDR PORT MS [splice]		send 64 KB at a time for MS milliseconds; write()
 *						returns at its end
 *	send udp ADDR PORT MS SIZE		the same with datagrams
 *	stop					end the sink
 * trunc and splice leave out the copies of payload from and to user memory.  A sink counts from
 * WARM_MS after the first byte on.  Reading the file gives one line: bytes, packets and nanoseconds
 * counted by the sink since its last connection (or the sink itself) began, and the errors of the
 * sender.  One sink a namespace.  The file's mutex serialises the commands; the sink has its own
 * thread or softirq.
 */
#include <linux/inet.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/tcp.h>
#include <linux/version.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#define CHUNK_ORDER 4
#define CHUNK	    (PAGE_SIZE << CHUNK_ORDER)

struct kbench {
	struct mutex lock; /* one command at a time */
	struct net *net;
	struct socket *sink;	    /* listening or bound */
	struct task_struct *thread; /* of a TCP sink */
	struct socket *conn; /* the thread's connection, under conn_lock for whoever stops it */
	struct mutex conn_lock;
	bool trunc;
	u64 warm_ns;
	/* Written by the sink alone; read when the sender is done. */
	u64 first_ns, from_ns, last_ns, bytes, packets;
	int send_err;
	u64 send_retries;
};

static unsigned int kbench_net_id;

struct kbench_addr {
	struct sockaddr_storage ss;
	int len;
};

static int addr_parse(const char *text, unsigned int port, struct kbench_addr *a)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a->ss;
	struct sockaddr_in *in = (struct sockaddr_in *)&a->ss;

	memset(a, 0, sizeof(*a));
	if (in4_pton(text, -1, (u8 *)&in->sin_addr, -1, NULL)) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		a->len = sizeof(*in);
		return 0;
	}
	if (in6_pton(text, -1, (u8 *)&in6->sin6_addr, -1, NULL)) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		a->len = sizeof(*in6);
		return 0;
	}
	return -EINVAL;
}

static void sink_reset(struct kbench *kb)
{
	kb->first_ns = 0;
	kb->from_ns = 0;
	kb->last_ns = 0;
	kb->bytes = 0;
	kb->packets = 0;
}

static void sink_count(struct kbench *kb, unsigned int n)
{
	u64 now = ktime_get_ns();

	if (!kb->first_ns)
		kb->first_ns = now;
	if (now - kb->first_ns < kb->warm_ns)
		return;
	if (!kb->from_ns) { /* the clock starts behind this piece */
		kb->from_ns = now;
		return;
	}
	kb->last_ns = now;
	kb->bytes += n;
	kb->packets++;
}

/* ---- TCP sink ---- */

static void conn_drain(struct kbench *kb, struct socket *conn, void *buf)
{
	sink_reset(kb);
	for (;;) {
		struct kvec vec = { .iov_base = buf, .iov_len = CHUNK };
		struct msghdr msg = {};
		int n = kernel_recvmsg(conn, &msg, &vec, 1, CHUNK, kb->trunc ? MSG_TRUNC : 0);

		if (n <= 0)
			return;
		sink_count(kb, n);
	}
}

/* The connection at hand, or NULL: kbench_stop() shuts it down under the lock. */
static void conn_publish(struct kbench *kb, struct socket *conn)
{
	mutex_lock(&kb->conn_lock);
	kb->conn = conn;
	mutex_unlock(&kb->conn_lock);
}

static int sink_thread(void *arg)
{
	struct kbench *kb = arg;
	void *buf = kvmalloc(CHUNK, GFP_KERNEL);
	struct socket *conn;

	while (buf && !kthread_should_stop()) {
		if (kernel_accept(kb->sink, &conn, 0) < 0)
			break;
		conn_publish(kb, conn);
		conn_drain(kb, conn, buf);
		conn_publish(kb, NULL);
		sock_release(conn);
	}
	kvfree(buf);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	return 0;
}

/* ---- UDP sink ---- */

static int sink_udp_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct kbench *kb = rcu_dereference_sk_user_data(sk);

	if (kb)
		sink_count(kb, skb->len - sizeof(struct udphdr));
	consume_skb(skb);
	return 0;
}

/* ---- commands ---- */

static int kbench_stop(struct kbench *kb)
{
	if (!kb->sink)
		return 0;
	if (kb->thread) {
		kernel_sock_shutdown(kb->sink, SHUT_RDWR); /* accept() returns */
		mutex_lock(&kb->conn_lock);
		if (kb->conn)
			kernel_sock_shutdown(kb->conn, SHUT_RDWR);
		mutex_unlock(&kb->conn_lock);
		kthread_stop(kb->thread);
		kb->thread = NULL;
		sock_release(kb->sink);
	} else {
		udp_tunnel_sock_release(kb->sink);
	}
	kb->sink = NULL;
	return 0;
}

static int kbench_sink(struct kbench *kb, bool tcp, const struct kbench_addr *a)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = kb,
		.encap_type = 1,
		.encap_rcv = sink_udp_rcv,
	};
	struct socket *sock;
	int err;

	if (kb->sink)
		return -EBUSY;
	err = sock_create_kern(kb->net, a->ss.ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM,
		tcp ? IPPROTO_TCP : IPPROTO_UDP, &sock);
	if (err)
		return err;
	sock_set_reuseaddr(sock->sk);
	err = kernel_bind(sock, (struct sockaddr *)&a->ss, a->len);
	if (!err && tcp)
		err = kernel_listen(sock, 4);
	if (err) {
		sock_release(sock);
		return err;
	}
	sink_reset(kb);
	kb->sink = sock;
	if (!tcp) {
		setup_udp_tunnel_sock(kb->net, sock, &cfg);
		return 0;
	}
	kb->thread = kthread_run(sink_thread, kb, "kbench_sink");
	if (IS_ERR(kb->thread)) {
		err = PTR_ERR(kb->thread);
		kb->thread = NULL;
		kb->sink = NULL;
		sock_release(sock);
	}
	return err;
}

/* Without a copy: the pages themselves go into the socket. */
static int send_pages(struct socket *sock, struct page *page)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return kernel_sendpage(sock, page, 0, CHUNK, 0);
#else
	struct msghdr msg = { .msg_flags = MSG_SPLICE_PAGES };
	struct bio_vec bv;

	bvec_set_page(&bv, page, CHUNK, 0);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, CHUNK);
	return sock_sendmsg(sock, &msg);
#endif
}

static int send_loop(struct kbench *kb, struct socket *sock, struct page *page, unsigned int size,
	bool splice, u64 until)
{
	while (ktime_get_ns() < until && !signal_pending(current)) {
		struct kvec vec = { .iov_base = page_address(page), .iov_len = size };
		struct msghdr msg = {};
		int n = splice ? send_pages(sock, page) : kernel_sendmsg(sock, &msg, &vec, 1, size);

		if (n == -ENOBUFS || n == -ECONNREFUSED)
			kb->send_retries++; /* a datagram the queue refused */
		else if (n < 0)
			return n;
		cond_resched();
	}
	return 0;
}

static int kbench_send(struct kbench *kb, bool tcp, struct kbench_addr *a, unsigned int ms,
	unsigned int size, bool splice)
{
	struct page *page;
	struct socket *sock;
	int err;

	if (!size || size > CHUNK)
		return -EINVAL;
	page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, CHUNK_ORDER);
	if (!page)
		return -ENOMEM;
	err = sock_create_kern(kb->net, a->ss.ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM,
		tcp ? IPPROTO_TCP : IPPROTO_UDP, &sock);
	if (err)
		goto out_page;
	sock->sk->sk_sndtimeo = 10 * HZ;
	err = kernel_connect(sock, (struct sockaddr *)&a->ss, a->len, 0);
	if (!err)
		err = send_loop(
			kb, sock, page, size, splice, ktime_get_ns() + ms * (u64)NSEC_PER_MSEC);
	sock_release(sock);
out_page:
	__free_pages(page, CHUNK_ORDER);
	kb->send_err = err;
	return err;
}

static int kbench_command(struct kbench *kb, const char *line)
{
	char verb[8] = "", proto[8] = "", addr[48] = "", extra[16] = "";
	unsigned int port = 0, ms = 0, size = CHUNK;
	struct kbench_addr a;
	bool tcp;
	int n;

	n = sscanf(line, "%7s %7s %47s %u %u %15s", verb, proto, addr, &port, &ms, extra);
	if (n == 1 && !strcmp(verb, "stop"))
		return kbench_stop(kb);
	if (n < 5 || addr_parse(addr, port, &a))
		return -EINVAL;
	tcp = !strcmp(proto, "tcp");
	if (!tcp && strcmp(proto, "udp"))
		return -EINVAL;
	if (!strcmp(verb, "sink")) {
		kb->trunc = !strcmp(extra, "trunc");
		kb->warm_ns = ms * (u64)NSEC_PER_MSEC;
		return kbench_sink(kb, tcp, &a);
	}
	if (strcmp(verb, "send"))
		return -EINVAL;
	if (!tcp && kstrtouint(extra, 10, &size))
		return -EINVAL;
	return kbench_send(kb, tcp, &a, ms, size, tcp && !strcmp(extra, "splice"));
}

static struct kbench *kbench_of(struct net *net)
{
	return net_generic(net, kbench_net_id);
}

static int kbench_write(struct file *file, char *buf, size_t size)
{
	struct kbench *kb = kbench_of(current->nsproxy->net_ns);
	int err;

	mutex_lock(&kb->lock);
	err = kbench_command(kb, buf);
	mutex_unlock(&kb->lock);
	return err;
}

static int kbench_show(struct seq_file *seq, void *v)
{
	struct kbench *kb = kbench_of(seq_file_single_net(seq));

	seq_printf(seq, "bytes %llu packets %llu ns %llu err %d retries %llu\n", kb->bytes,
		kb->packets, kb->last_ns > kb->from_ns ? kb->last_ns - kb->from_ns : 0,
		kb->send_err, kb->send_retries);
	return 0;
}

static int __net_init kbench_net_init(struct net *net)
{
	struct kbench *kb = kbench_of(net);

	mutex_init(&kb->lock);
	mutex_init(&kb->conn_lock);
	kb->net = net;
	if (!proc_create_net_single_write(
		    "kbench", 0644, net->proc_net, kbench_show, kbench_write, NULL))
		return -ENOMEM;
	return 0;
}

static void __net_exit kbench_net_exit(struct net *net)
{
	remove_proc_entry("kbench", net->proc_net);
	kbench_stop(kbench_of(net));
}

static struct pernet_operations kbench_net_ops = {
	.init = kbench_net_init,
	.exit = kbench_net_exit,
	.id = &kbench_net_id,
	.size = sizeof(struct kbench),
};

static int __init kbench_init(void)
{
	return register_pernet_device(&kbench_net_ops);
}

static void __exit kbench_exit(void)
{
	unregister_pernet_device(&kbench_net_ops);
}

module_init(kbench_init);
module_exit(kbench_exit);
MODULE_DESCRIPTION("Traffic between sockets inside the kernel");
MODULE_LICENSE("GPL");
