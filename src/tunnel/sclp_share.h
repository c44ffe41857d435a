/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which remote holds the most (frames, or bytes): it is the one that pays when a bound over all
 * remotes is reached. Lists of remotes by level, 63 levels up to the bound, and a bit for each list
 * that has any: constant time for any number of remotes; "most" is exact to a 62nd of the bound.
 */
#ifndef CVSW_TUNNEL_SCLP_SHARE_H
#define CVSW_TUNNEL_SCLP_SHARE_H

#include "tunnel/sclp_rx.h"

enum sclp_share_kind {
	SCLP_SHARE_FRAMES,
	SCLP_SHARE_BYTES
};

struct sclp_share {
	enum sclp_share_kind kind;
	uint64_t bound;
	uint64_t used; /* bit i: levels[i] is not empty; bit 0 is never set */
	LIST_HEAD(, sclp_rx_remote) levels[64];
};

static inline void sclp_share_init(struct sclp_share *s, enum sclp_share_kind kind, uint64_t bound)
{
	*s = (struct sclp_share){ .kind = kind, .bound = bound ? bound : 1 };
}

/* @remote now holds @amount. */
static inline void sclp_share_set(
	struct sclp_share *s, struct sclp_rx_remote *remote, uint64_t amount)
{
	struct sclp_share_link *l = &remote->share[s->kind];
	uint64_t level = amount ? 1 + amount * 62 / s->bound : 0;

	level = RTE_MIN(level, 63u);
	if (level == l->level)
		return;
	if (l->level) {
		LIST_REMOVE(remote, share[s->kind].link);
		if (LIST_EMPTY(&s->levels[l->level]))
			s->used &= ~(1ull << l->level);
	}
	l->level = (uint8_t)level;
	if (level) {
		LIST_INSERT_HEAD(&s->levels[level], remote, share[s->kind].link);
		s->used |= 1ull << level;
	}
}

/* A remote of the highest level; NULL: nobody holds anything. */
static inline struct sclp_rx_remote *sclp_share_top(const struct sclp_share *s)
{
	return s->used ? LIST_FIRST(&s->levels[63 - __builtin_clzll(s->used)]) : NULL;
}

#endif
