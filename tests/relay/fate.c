/* SPDX-License-Identifier: BSD-3-Clause */
#include "fate.h"

#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#define IPV4_HLEN 20
#define IPV6_HLEN 40

void fate_init(struct fate *f, const struct fate_conf *conf, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->conf = conf;
	f->rng = seed;
}

/* splitmix64: passes the usual tests and has no bad seed. */
static uint64_t rng_next(struct fate *f)
{
	uint64_t z = f->rng += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static bool chance(struct fate *f, double p)
{
	return p > 0 && (double)(rng_next(f) >> 11) * 0x1p-53 < p;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool match_one(
	const struct fate_match *m, uint8_t proto, const uint8_t *l4, const uint8_t *end)
{
	if (m->proto != proto)
		return false;
	return !m->dport || (l4 + 4 <= end && get16(l4 + 2) == m->dport);
}

static bool matches(const struct fate_conf *c, const struct link_frame *f)
{
	const uint8_t *end = f->bytes + f->len;
	const uint8_t *eth = f->bytes + sizeof(struct virtio_net_hdr);
	const uint8_t *l3 = eth + ETH_HLEN;
	const uint8_t *l4;
	uint8_t proto;

	if (!c->n_matches)
		return true;
	if (l3 > end)
		return false;
	if (get16(eth + 2 * ETH_ALEN) == ETH_P_IP && l3 + IPV4_HLEN <= end) {
		proto = l3[9];
		l4 = l3 + (l3[0] & 0xf) * 4;
	} else if (get16(eth + 2 * ETH_ALEN) == ETH_P_IPV6 && l3 + IPV6_HLEN <= end) {
		proto = l3[6];
		l4 = l3 + IPV6_HLEN;
	} else {
		return false;
	}
	for (unsigned int i = 0; i < c->n_matches; i++)
		if (match_one(&c->matches[i], proto, l4, end))
			return true;
	return false;
}

static void forward(struct fate *f, const struct link_frame *frame, struct link *to)
{
	f->stats.forwarded++;
	link_send(to, frame);
}

/* Keep a copy for later; false when there is no room. */
static bool hold(struct fate *f, const struct link_frame *frame, uint64_t now_ns)
{
	for (unsigned int i = 0; i < FATE_HELD_MAX && f->n_held < FATE_HELD_MAX; i++) {
		struct fate_held *h = &f->held[i];

		if (h->frame.bytes)
			continue;
		h->frame.bytes = malloc(frame->len);
		if (!h->frame.bytes)
			return false;
		memcpy(h->frame.bytes, frame->bytes, frame->len);
		h->frame.len = frame->len;
		h->after = f->n_passed + f->conf->gap;
		h->until_ns = now_ns + f->conf->hold_ns;
		f->n_held++;
		return true;
	}
	return false;
}

/* Send what has waited long enough; return the earliest time of the rest. */
static uint64_t release(struct fate *f, uint64_t now_ns, struct link *to)
{
	uint64_t next = UINT64_MAX;

	for (unsigned int i = 0; i < FATE_HELD_MAX && f->n_held; i++) {
		struct fate_held *h = &f->held[i];

		if (!h->frame.bytes)
			continue;
		if (f->n_passed < h->after && now_ns < h->until_ns) {
			next = h->until_ns < next ? h->until_ns : next;
			continue;
		}
		forward(f, &h->frame, to);
		link_flush(to); /* before its bytes go */
		free(h->frame.bytes);
		h->frame.bytes = NULL;
		f->n_held--;
	}
	return next;
}

void fate_frame(struct fate *f, const struct link_frame *frame, uint64_t now_ns, struct link *to)
{
	if (!matches(f->conf, frame)) {
		forward(f, frame, to);
		return;
	}
	f->stats.matched++;
	if (chance(f, f->conf->loss)) {
		f->stats.lost++;
		return;
	}
	if (chance(f, f->conf->reorder) && hold(f, frame, now_ns)) {
		f->stats.reordered++;
		return;
	}
	forward(f, frame, to);
	if (chance(f, f->conf->dup)) {
		f->stats.duplicated++;
		forward(f, frame, to);
	}
	f->n_passed++;
	if (f->n_held)
		release(f, now_ns, to);
}

uint64_t fate_expire(struct fate *f, uint64_t now_ns, struct link *to)
{
	return f->n_held ? release(f, now_ns, to) : UINT64_MAX;
}

void fate_clear(struct fate *f)
{
	for (unsigned int i = 0; i < FATE_HELD_MAX; i++)
		free(f->held[i].frame.bytes);
	f->n_held = 0;
}
