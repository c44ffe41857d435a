/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends first segments of SCLP frames whose rest never comes, as fast as this machine can: what a
 * tunnel end point must survive.  Source address, ports and identifications are ours to choose, so
 * it needs a raw socket; it belongs into a namespace of a test and nowhere else.  Prints how many
 * went out, as JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#define BATCH	     64
#define PACKET_MAX   1500
#define SCLP_PROTO   234
#define SCLP_PORT    4234
#define VXLAN_PORT   4789
#define VXLAN_HLEN   8
#define FRAME_REST   60000 /* bytes that "come later" */
#define ENTROPY_PORT 49152

struct sclp {
	uint16_t source, dest;
	uint32_t id_first;
	uint16_t remaining, check;
};

struct conf {
	bool udp;
	struct in_addr src;
	struct sockaddr_in dst;
	unsigned long count;
	unsigned int plen; /* bytes behind the SCLP header */
	unsigned int vni;
	uint64_t rng;
};

static const char usage[] = "usage: flood --src ADDRESS --dst ADDRESS [--carrier udp|ip] [--count "
			    "N] [--plen BYTES] [--vni N] [--seed N]\n";

static void fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t random32(struct conf *c)
{
	c->rng ^= c->rng << 13; /* xorshift64 */
	c->rng ^= c->rng >> 7;
	c->rng ^= c->rng << 17;
	return (uint32_t)(c->rng >> 16);
}

static uint64_t sum16(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t sum = 0;

	for (; len > 1; len -= 2, p += 2) {
		uint16_t w;

		memcpy(&w, p, sizeof(w));
		sum += w;
	}
	return len ? sum + htons((uint16_t)(*p << 8)) : sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : (uint16_t)~sum; /* a computed 0 is sent as 0xffff */
}

static size_t l4_offset(const struct conf *c)
{
	return sizeof(struct iphdr) + (c->udp ? sizeof(struct udphdr) : 0);
}

static size_t packet_len(const struct conf *c)
{
	return l4_offset(c) + sizeof(struct sclp) + c->plen;
}

/* What all packets have in common.  The kernel fills in identification and checksum of the IP
 * header. */
static void make_template(const struct conf *c, uint8_t *pkt)
{
	struct iphdr *ip = (struct iphdr *)pkt;
	uint8_t *vxlan = pkt + l4_offset(c) + sizeof(struct sclp);
	const uint32_t vni = htonl(c->vni << 8);

	memset(pkt, 0, PACKET_MAX);
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->frag_off = htons(0x4000);
	ip->protocol = c->udp ? IPPROTO_UDP : SCLP_PROTO;
	ip->saddr = c->src.s_addr;
	ip->daddr = c->dst.sin_addr.s_addr;
	vxlan[0] = 0x08;
	memcpy(vxlan + 4, &vni, sizeof(vni));
	for (unsigned int i = VXLAN_HLEN; i < c->plen; i++)
		vxlan[i] = (uint8_t)i;
}

static void fill_udp(const struct conf *c, uint8_t *pkt, uint16_t sport, uint64_t body_sum)
{
	struct udphdr *uh = (struct udphdr *)(pkt + sizeof(struct iphdr));
	const uint16_t len = htons((uint16_t)(packet_len(c) - sizeof(struct iphdr)));

	uh->source = sport;
	uh->dest = htons(SCLP_PORT);
	uh->len = len;
	uh->check = 0;
	uh->check = fold(body_sum + sum16(uh, sizeof(*uh)) + sum16(&c->src, 4) +
			 sum16(&c->dst.sin_addr, 4) + htons(IPPROTO_UDP) + len);
}

/* @payload_sum: of the bytes behind the SCLP header, which never change. */
static void fill(struct conf *c, uint8_t *pkt, uint64_t payload_sum)
{
	struct sclp *sh = (struct sclp *)(pkt + l4_offset(c));
	const uint16_t sport = htons((uint16_t)(ENTROPY_PORT | (random32(c) & 0x3fff)));

	sh->source = sport;
	sh->dest = htons(VXLAN_PORT);
	sh->id_first = htonl(random32(c) | 1);
	sh->remaining = htons(FRAME_REST);
	sh->check = 0;
	if (c->udp)
		fill_udp(c, pkt, sport, payload_sum + sum16(sh, sizeof(*sh)));
	else
		sh->check = fold(payload_sum + sum16(sh, sizeof(*sh)));
}

static void send_all(int fd, struct mmsghdr *msgs, unsigned int n)
{
	for (unsigned int done = 0; done < n;) {
		int ret = sendmmsg(fd, msgs + done, n - done, 0);

		if (ret > 0)
			done += (unsigned int)ret;
		else if (errno == ENOBUFS || errno == EAGAIN)
			sched_yield();
		else
			fail("sendmmsg");
	}
}

static void flood(struct conf *c, int fd)
{
	static uint8_t pkts[BATCH][PACKET_MAX];
	struct mmsghdr msgs[BATCH] = { 0 };
	struct iovec iov[BATCH];
	uint64_t payload_sum;

	for (unsigned int i = 0; i < BATCH; i++) {
		make_template(c, pkts[i]);
		iov[i] = (struct iovec){ pkts[i], packet_len(c) };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &c->dst;
		msgs[i].msg_hdr.msg_namelen = sizeof(c->dst);
	}
	payload_sum = sum16(pkts[0] + l4_offset(c) + sizeof(struct sclp), c->plen);
	for (unsigned long sent = 0; sent < c->count;) {
		unsigned int n = c->count - sent < BATCH ? (unsigned int)(c->count - sent) : BATCH;

		for (unsigned int i = 0; i < n; i++)
			fill(c, pkts[i], payload_sum);
		send_all(fd, msgs, n);
		sent += n;
	}
}

static unsigned long to_number(const char *arg, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 0);

	if (end == arg || *end || n < min || n > max) {
		fprintf(stderr, "flood: \"%s\": a number from %lu to %lu is needed\n%s", arg, min,
			max, usage);
		exit(2);
	}
	return n;
}

static struct in_addr to_addr(const char *arg)
{
	struct in_addr a;

	if (inet_pton(AF_INET, arg, &a) != 1) {
		fprintf(stderr, "flood: \"%s\" is no IPv4 address\n%s", arg, usage);
		exit(2);
	}
	return a;
}

static void parse_options(struct conf *c, int argc, char **argv)
{
	static const struct option opts[] = {
		{ "src", 1, NULL, 's' },
		{ "dst", 1, NULL, 'd' },
		{ "carrier", 1, NULL, 'c' },
		{ "count", 1, NULL, 'n' },
		{ "plen", 1, NULL, 'p' },
		{ "vni", 1, NULL, 'v' },
		{ "seed", 1, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", opts, NULL)) != -1) {
		switch (o) {
		case 's':
			c->src = to_addr(optarg);
			break;
		case 'd':
			c->dst.sin_addr = to_addr(optarg);
			break;
		case 'c':
			c->udp = strcmp(optarg, "ip") != 0;
			break;
		case 'n':
			c->count = to_number(optarg, 1, 1000000000);
			break;
		case 'p':
			c->plen = (unsigned int)to_number(optarg, VXLAN_HLEN, 1452);
			break;
		case 'v':
			c->vni = (unsigned int)to_number(optarg, 0, 0xffffff);
			break;
		case 'r':
			c->rng = to_number(optarg, 1, UINT64_MAX);
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (!c->src.s_addr || !c->dst.sin_addr.s_addr || optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct conf c = { .udp = true, .count = 1000000, .plen = 1400, .vni = 42, .rng = 1 };
	struct timespec t0, t1;
	int fd;

	c.dst.sin_family = AF_INET;
	parse_options(&c, argc, argv);
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		fail("socket");
	clock_gettime(CLOCK_MONOTONIC, &t0);
	flood(&c, fd);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	printf("{\"sent\": %lu, \"seconds\": %.3f}\n", c.count,
		(double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) * 1e-9);
	return 0;
}
