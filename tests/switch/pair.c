/* SPDX-License-Identifier: BSD-3-Clause */
#include "pair.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS_FAST 50 /* loopback delivers at once, or nearly so */
#define ROUNDS	    2000

struct conf_tunnel pair_tunnel(const struct pair *p, char *local, char **remotes, unsigned int n)
{
	return (struct conf_tunnel){ .name = (char *)"t",
		.transport = p->transport,
		.bridge = (char *)"br1",
		.vni = VNI,
		.local = local,
		.remotes = remotes,
		.n_remotes = n,
		.dstport = p->port };
}

static void open_side(
	struct pair *p, struct bed *b, const char *local, char **remotes, unsigned int n)
{
	struct conf_port c = { .name = (char *)"g",
		.type = CONF_PORT_DUMMY,
		.bridge = (char *)"br1",
		.mtu = CONF_MTU_MAX };
	const struct conf_tunnel t = pair_tunnel(p, (char *)local, remotes, n);

	bed_open(b, NULL);
	bed_bridge(b, "br1");
	assert_done(sw_port_add(b->sw, &c, err));
	assert_done(sw_tunnel_add(b->sw, &t, err));
	sw_set_path_mtu(b->sw, "t", 1500);
}

static void open_socket(struct pair *p)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	const int on = 1;

	inet_pton(AF_INET, ADDR_C, &sin.sin_addr);
	p->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(p->fd >= 0);
	assert_return_code(setsockopt(p->fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)), 0);
	assert_return_code(bind(p->fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
}

void pair_open(struct pair *p, enum conf_transport transport, unsigned int flags)
{
	/* below the ports that the kernel gives away; several builds may be tested at once */
	static uint16_t next;
	char *to_a[] = { (char *)ADDR_A, (char *)ADDR_C }, *to_b[] = { (char *)ADDR_B };

	memset(p, 0, sizeof(*p));
	p->transport = transport;
	p->port = (uint16_t)(10000 + (uint32_t)getpid() * 16 % 20000 + next++ % 16);
	p->fd = -1;
	if (flags & PAIR_SOCKET)
		open_socket(p);
	open_side(p, &p->a, ADDR_A, to_b, 1);
	open_side(p, &p->b, ADDR_B, to_a, flags & PAIR_SOCKET ? 2 : 1);
}

void pair_close(struct pair *p)
{
	bed_drain_all(&p->a);
	bed_drain_all(&p->b);
	assert_int_equal((int64_t)(p->a.n_injected + p->b.n_injected) + p->a.n_extra + p->b.n_extra,
		p->a.n_taken + p->b.n_taken + bed_drops_all(&p->a) + bed_drops_all(&p->b));
	sw_count_here(p->a.sw);
	sw_destroy(p->a.sw);
	sw_count_here(p->b.sw);
	sw_destroy(p->b.sw);
	if (p->fd >= 0)
		close(p->fd);
	assert_true(eal_test_pools_full());
}

static void run_both(struct pair *p, unsigned int round)
{
	if (round > ROUNDS_FAST)
		poll(NULL, 0, 1);
	p->b.now_ns = p->a.now_ns = RTE_MAX(p->a.now_ns, p->b.now_ns);
	bed_run(&p->a);
	bed_run(&p->b);
}

void pair_run(struct pair *p, struct bed *at, unsigned int n, struct pkt_list *got)
{
	struct rte_mbuf *m;

	pkt_list_init(got);
	for (unsigned int i = 0; i < ROUNDS && got->n_pkts < n; i++) {
		run_both(p, i);
		while ((m = bed_take(at, "g")))
			pkt_list_add(got, m);
	}
}

void pair_settle(struct pair *p)
{
	for (unsigned int i = 0; i < ROUNDS_FAST + 5; i++)
		run_both(p, i);
}

static uint64_t seen(struct pair *p)
{
	const struct sw_obj_row row = bed_row(&p->b, "t", ADDR_C);

	return row.stats.rx_wire + bed_drops_all(&p->b);
}

void pair_send(struct pair *p, const void *bytes, size_t n, int tos)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	const uint64_t before = seen(p);

	inet_pton(AF_INET, ADDR_B, &sin.sin_addr);
	assert_return_code(setsockopt(p->fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)), 0);
	assert_int_equal(sendto(p->fd, bytes, n, 0, (const struct sockaddr *)&sin, sizeof(sin)), n);
	for (unsigned int i = 0; i < ROUNDS && seen(p) == before; i++)
		run_both(p, i);
}

static int read_tos(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c);
	return -1;
}

int pair_recv(struct pair *p, void *bytes, size_t size, int *tos)
{
	char control[64] __attribute__((aligned(8)));
	struct iovec iov = { bytes, size };
	ssize_t n = -1;

	for (unsigned int i = 0; i < ROUNDS_FAST + 50 && n < 0; i++) {
		struct msghdr msg = { .msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };

		run_both(p, i);
		n = recvmsg(p->fd, &msg, MSG_DONTWAIT);
		if (n >= 0 && tos)
			*tos = read_tos(&msg);
	}
	return (int)n;
}
