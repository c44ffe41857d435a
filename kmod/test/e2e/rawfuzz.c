// SPDX-License-Identifier: GPL-2.0
/*
 * Throws SCLP packets at a host: whole, cut, wrong, in pieces, out of order, with lies in every
 * field.
 *
 *	rawfuzz [-u] [-n COUNT] [-s SEED] [-v VNI] ADDRESS
 *
 * Without -u as IP protocol 234 (a raw socket: root), with -u to UDP port 4234.  The same seed
 * throws the same packets.  Every packet starts as a well-formed frame of a kind that the receiver
 * knows (VXLAN with Ethernet, IPv4 or IPv6, TCP, UDP or noise), so that what is wrong with it is
 * found late; then it is damaged in up to four places, cut into segments, and the segments are
 * damaged, doubled, lost, overlapped or sent in another order.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <sclp.h>

#define FRAME_MAX  9000
#define SEG_MAX	   1400
#define N_SEGS_MAX 64
#define BATCH	   64

static uint64_t rnd_state;

static uint32_t rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state >> 16;
}

static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

static bool one_in(uint32_t n)
{
	return !below(n);
}

/* A length or number of the kind that breaks things. */
static uint32_t nasty(void)
{
	static const uint32_t edges[] = { 0, 1, 7, 8, 11, 12, 13, 20, 39, 40, 53, 54, 0x7fff,
		0x8000, 0xfffe, 0xffff };

	return one_in(2) ? edges[below(sizeof(edges) / sizeof(edges[0]))] : rnd();
}

static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ---- frames: each build_ function writes at @p and returns the bytes written ---- */

static uint8_t inner_proto(void)
{
	static const uint8_t some[] = { 6, 6, 6, 17, 1, 132, 58 };

	return one_in(16) ? rnd() : some[below(sizeof(some))];
}

static uint32_t build_l4(uint8_t *p, uint8_t proto, uint32_t room)
{
	uint32_t n = below(room);

	for (uint32_t i = 0; i < n; i++)
		p[i] = rnd();
	if (proto == 6 && n >= 20) {
		p[12] = (one_in(8) ? below(16) : 5 + below(4)) << 4;
		p[13] = one_in(4) ? rnd() : 0x10;
	} else if (proto == 17 && n >= 8) {
		put16(p + 4, one_in(8) ? nasty() : n);
	}
	return n;
}

static uint32_t build_ipv4(uint8_t *p, uint32_t room)
{
	uint32_t hlen = one_in(16) ? 24 : 20, n;
	uint8_t proto = inner_proto();

	memset(p, 0, hlen);
	n = hlen + build_l4(p + hlen, proto, room - hlen);
	p[0] = 0x40 | (one_in(16) ? below(16) : hlen / 4);
	put16(p + 2, one_in(16) ? nasty() : n);
	put16(p + 6, one_in(16) ? nasty() : 0x4000);
	p[8] = 64;
	p[9] = proto;
	put32(p + 12, 0x0a000001);
	put32(p + 16, 0x0a000002);
	put16(p + 10, ~sum_add(0, p, hlen));
	return n;
}

static uint32_t build_ipv6(uint8_t *p, uint32_t room)
{
	uint8_t proto = inner_proto();
	uint32_t n = 40 + build_l4(p + 40, proto, room - 40);

	memset(p, 0, 40);
	p[0] = 0x60;
	put16(p + 4, one_in(16) ? nasty() : n - 40);
	p[6] = proto;
	p[7] = 64;
	p[8] = p[24] = 0xfd;
	p[23] = 1;
	p[39] = 2;
	return n;
}

static uint32_t build_ether(uint8_t *p, uint32_t room)
{
	uint32_t n = 14;

	memset(p, one_in(4) ? 0xff : 0x02, 6);
	memset(p + 6, 0x02, 6);
	p[11] = below(8);
	if (one_in(8)) { /* a VLAN tag */
		put16(p + 12, 0x8100);
		put16(p + 14, below(4096));
		n = 18;
	}
	switch (below(4)) {
	case 0:
		put16(p + n - 2, 0x86dd);
		return n + build_ipv6(p + n, room - n);
	case 1:
		put16(p + n - 2, rnd());
		return n + build_l4(p + n, 0, room - n);
	default:
		put16(p + n - 2, 0x0800);
		return n + build_ipv4(p + n, room - n);
	}
}

/* The metadata: what it says of checksums and segments agrees with the frame by accident only. */
static uint32_t some_meta(void)
{
	uint32_t meta = below(4) << SCLP_META_CSUM_SHIFT | below(8) << SCLP_META_GSO_SHIFT;

	if (one_in(4))
		meta |= SCLP_META_ECN;
	if (one_in(16))
		meta |= SCLP_META_ZERO;
	return meta | (one_in(4) ? nasty() & SCLP_META_SIZE_MASK : 1 + below(1460));
}

static uint32_t build_frame(uint8_t *p, uint32_t vni)
{
	uint32_t room = one_in(2) ? 200 : one_in(2) ? 2000 : FRAME_MAX;

	memset(p, 0, 8);
	p[0] = 0x08;
	if (one_in(2)) {
		p[0] |= SCLP_META_VXLAN_FLAG;
		put32(p, (uint32_t)p[0] << 24 | some_meta());
	}
	put32(p + 4, (one_in(32) ? rnd() : vni) << 8);
	return 8 + build_ether(p + 8, room - 100);
}

static void damage(uint8_t *p, uint32_t n, uint32_t places)
{
	while (n && places--)
		p[below(n)] = one_in(2) ? nasty() : rnd();
}

/* ---- segments ---- */

struct seg {
	uint8_t bytes[SCLP_HLEN + SEG_MAX + 64];
	uint32_t len;
};

static struct seg segs[N_SEGS_MAX];

static void seal(struct seg *s, bool udp)
{
	struct sclp_hdr *h = (struct sclp_hdr *)s->bytes;

	h->check = 0;
	if (udp ? !one_in(16) : one_in(32)) /* the UDP checksum covers it */
		return;
	h->check = htons(~sum_add(0, s->bytes, s->len));
	if (!h->check)
		h->check = 0xffff;
	if (one_in(32))
		h->check ^= 1 << below(16);
}

static void lie(struct seg *s)
{
	struct sclp_hdr *h = (struct sclp_hdr *)s->bytes;

	switch (below(8)) {
	case 0:
		h->dest = htons(nasty());
		break;
	case 1:
		h->id_first ^= htonl(1);
		break;
	case 2:
		h->id_first = htonl(rnd());
		break;
	case 3:
		h->remaining = htons(nasty());
		break;
	case 4:
		h->remaining = htons(ntohs(h->remaining) + below(64) - 32);
		break;
	case 5:
		s->len = below(s->len + 1);
		break; /* cut, maybe within the header */
	case 6:
		damage(s->bytes, s->len, 4);
		break;
	case 7:
		h->source = htons(rnd());
		break;
	}
}

/* Cuts @frame into segs[]; returns how many.  Pieces may overlap or leave gaps. */
static uint32_t cut(const uint8_t *frame, uint32_t len, bool udp)
{
	uint32_t size = one_in(4)   ? 8 + below(200)
			: one_in(2) ? SEG_MAX
				    : 100 + below(SEG_MAX - 100);
	/* Few names: frames get mixed up with their predecessors. */
	uint32_t id = one_in(3) ? below(16) : rnd();
	uint16_t sport = SCLP_SPORT_MIN + below(one_in(2) ? 2 : 1000);
	uint32_t n = 0, off = 0;

	while (off < len && n < N_SEGS_MAX) {
		struct seg *s = &segs[n++];
		struct sclp_hdr *h = (struct sclp_hdr *)s->bytes;
		uint32_t bytes = len - off < size ? len - off : size;

		h->source = htons(sport);
		h->dest = htons(one_in(64) ? SCLP_PORT_GENEVE : SCLP_PORT_VXLAN);
		h->id_first = htonl(id << 1 | !off);
		h->remaining = htons(len - off - bytes);
		memcpy(h + 1, frame + off, bytes);
		s->len = SCLP_HLEN + bytes;
		off += bytes;
		if (one_in(32) && off > 16)
			off -= 1 + below(16); /* overlap */
		if (one_in(64))
			off += below(200); /* gap */
	}
	for (uint32_t i = 0; i < n; i++) {
		if (one_in(12))
			lie(&segs[i]);
		if (segs[i].len >= SCLP_HLEN)
			seal(&segs[i], udp);
	}
	return n;
}

static void shuffle(uint32_t n)
{
	static struct seg tmp;
	uint32_t swaps = one_in(3) ? n : below(3);

	while (n > 1 && swaps--) {
		uint32_t a = below(n), b = below(n);

		tmp = segs[a];
		segs[a] = segs[b]; /* one_in: the other one is lost and this one doubled */
		if (!one_in(4))
			segs[b] = tmp;
	}
}

/* ---- sending ---- */

static uint64_t flush_segs(int fd, uint32_t n)
{
	struct mmsghdr msgs[N_SEGS_MAX] = { 0 };
	struct iovec iov[N_SEGS_MAX];
	uint32_t done = 0, m = 0, refused = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (n > 1 && one_in(40)) /* lost */
			continue;
		iov[m] = (struct iovec){ segs[i].bytes, segs[i].len };
		msgs[m].msg_hdr.msg_iov = &iov[m];
		msgs[m].msg_hdr.msg_iovlen = 1;
		m++;
	}
	while (done < m) {
		int sent = sendmmsg(fd, msgs + done, m - done, 0);

		if (sent > 0)
			done += sent;
		else if (errno == ENOBUFS || errno == ECONNREFUSED || errno == EINTR ||
			 errno == ENOPROTOOPT || errno == EPROTO || errno == EHOSTUNREACH) {
			/* What the receiver said to an earlier one.  When it says it for ever: the
			 * end.
			 */
			if (++refused > 100)
				err(1, "sendmmsg");
		} else {
			err(1, "sendmmsg");
		}
	}
	return done;
}

static int open_socket(const char *host, bool udp)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *ai;
	int fd, rc = getaddrinfo(host, NULL, &hints, &ai);

	if (rc)
		errx(1, "%s: %s", host, gai_strerror(rc));
	if (udp) /* the port has the same place in both families */
		((struct sockaddr_in *)ai->ai_addr)->sin_port = htons(SCLP_UDP_PORT);
	fd = socket(ai->ai_family, udp ? SOCK_DGRAM : SOCK_RAW, udp ? 0 : SCLP_IP_PROTO);
	if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen))
		err(1, "%s", host);
	freeaddrinfo(ai);
	return fd;
}

int main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX + 64];
	uint64_t count = 1000000, sent = 0, seed = 1;
	uint32_t vni = 1;
	bool udp = false;
	int opt, fd;

	while ((opt = getopt(argc, argv, "un:s:v:")) != -1) {
		switch (opt) {
		case 'u':
			udp = true;
			break;
		case 'n':
			count = strtoull(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'v':
			vni = strtoul(optarg, NULL, 0);
			break;
		default:
			errx(2, "usage: rawfuzz [-u] [-n COUNT] [-s SEED] [-v VNI] ADDRESS");
		}
	}
	if (optind + 1 != argc)
		errx(2, "usage: rawfuzz [-u] [-n COUNT] [-s SEED] [-v VNI] ADDRESS");
	rnd_state = seed * 0x9e3779b97f4a7c15u + 1;
	fd = open_socket(argv[optind], udp);
	while (sent < count) {
		uint32_t len = build_frame(frame, vni), n;

		if (one_in(4))
			damage(frame, len, 1 + below(4));
		n = cut(frame, len, udp);
		shuffle(n);
		sent += flush_segs(fd, n);
	}
	printf("rawfuzz: %llu packets\n", (unsigned long long)sent);
	return 0;
}
