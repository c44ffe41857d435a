/* SPDX-License-Identifier: GPL-2.0 */
/* The ends of a flow's last frame, once more: between xmit.c, dev.c and tail.c. */
#ifndef _SCLP_TAIL_H
#define _SCLP_TAIL_H

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>

#define SCLP_TAILS 32 /* flows, by hash, of a device */

struct sclp_dev;
struct sclp_route;
struct sclp_tail;
struct sk_buff;

/* Part of a device. */
struct sclp_tails {
	spinlock_t lock; /* of all below but @until */
	bool dead;
	bool ticking;
	struct hrtimer tick;
	struct sclp_tail *slots[SCLP_TAILS];
	unsigned long until; /* jiffies; kept are tails before that time only; 0: never yet */
};

void sclp_tails_init(struct sclp_dev *sd);  /* once; nothing is kept before _start() */
void sclp_tails_start(struct sclp_dev *sd); /* RTNL */
void sclp_tails_stop(struct sclp_dev *sd);  /* RTNL; may sleep; nothing is sent afterwards */

/* A retransmission was seen: packets get lost on the way. */
void sclp_tails_watch(struct sclp_tails *tails);
bool sclp_tails_watched(const struct sclp_tails *tails);

/* Softirq or bottom halves off.  The first and the last segment of @skb, a frame of more than one
 * with the SCLP header in front, are sent in a moment if nothing else of its flow (its hash) is
 * kept until then: of @plen bytes of payload, behind @room bytes for outer headers.  Takes a
 * reference of its own to the dst of @rt.
 */
void sclp_tail_keep(struct sclp_dev *sd, struct sk_buff *skb, unsigned int plen, unsigned int room,
	const struct sclp_route *rt, __be16 sport);

#endif
