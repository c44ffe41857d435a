/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk over the bytes of a frame: its linear part, its fragments, those of its frag_list.
 * For gso.c, which cuts frames, and tail.c, which keeps ends of them: both by reference.
 */
#ifndef _SCLP_CURSOR_H
#define _SCLP_CURSOR_H

#include "compat.h"

struct sclp_cursor {
	struct sk_buff *skb; /* the frame, then its frag_list */
	int frag;	     /* -1: the linear part */
	unsigned int off;    /* in the linear part or the fragment */
};

/* Puts @at on the first byte that is there; false at the end of the frame. */
static inline bool sclp_cursor_settle(struct sclp_cursor *at)
{
	const struct skb_shared_info *si = skb_shinfo(at->skb);

	for (;;) {
		if (at->frag < 0) {
			if (at->off < skb_headlen(at->skb))
				return true;
			at->frag = 0;
			at->off = 0;
		}
		if (at->frag < si->nr_frags) {
			if (at->off < skb_frag_size(&si->frags[at->frag]))
				return true;
			at->frag++;
			at->off = 0;
			continue;
		}
		/* The frame's own list first, then from one of its members to the next. */
		at->skb = si->frag_list ?: at->skb->next;
		if (!at->skb)
			return false;
		si = skb_shinfo(at->skb);
		at->frag = -1;
		at->off = 0;
	}
}

/* Bytes from a settled cursor to the end of the linear part; 0: it is behind that. */
static inline unsigned int sclp_cursor_linear(const struct sclp_cursor *at)
{
	return at->frag < 0 ? skb_headlen(at->skb) - at->off : 0;
}

static inline void sclp_cursor_skip(struct sclp_cursor *at, unsigned int n)
{
	while (n && sclp_cursor_settle(at)) {
		unsigned int here = at->frag < 0
					    ? sclp_cursor_linear(at)
					    : skb_frag_size(&skb_shinfo(at->skb)->frags[at->frag]) -
						      at->off;
		unsigned int len = min(here, n);

		at->off += len;
		n -= len;
	}
}

/* The page fragment from a settled cursor on; -ENOENT: the bytes are in no page. */
static inline int sclp_cursor_frag(const struct sclp_cursor *at, skb_frag_t *frag)
{
	if (at->frag < 0) {
		struct page *page = virt_to_head_page(at->skb->head);

		if (!at->skb->head_frag)
			return -ENOENT;
		sclp_frag_fill(frag, page,
			at->skb->data - (unsigned char *)page_address(page) + at->off,
			sclp_cursor_linear(at));
		return 0;
	}
	*frag = skb_shinfo(at->skb)->frags[at->frag];
	skb_frag_off_add(frag, at->off);
	skb_frag_size_sub(frag, at->off);
	return 0;
}

/* References the next @n bytes in @frags, which has room for @max.  Returns how many those are;
 * *shared is or'ed with SKBFL_SHARED_FRAG if others may write to one.  -ENOENT: some are in no
 * page, or not there; -EMSGSIZE: too many pieces; then nothing is held.
 */
static inline int sclp_cursor_take(
	struct sclp_cursor *at, skb_frag_t *frags, int max, unsigned int n, u8 *shared)
{
	int k = 0, err;

	while (n) {
		unsigned int len;

		err = -EMSGSIZE;
		if (k == max)
			goto put;
		err = -ENOENT;
		if (!sclp_cursor_settle(at) || sclp_cursor_frag(at, &frags[k]))
			goto put;
		len = min_t(unsigned int, skb_frag_size(&frags[k]), n);
		skb_frag_size_set(&frags[k], len);
		__skb_frag_ref(&frags[k++]);
		*shared |= skb_shinfo(at->skb)->flags & SKBFL_SHARED_FRAG;
		at->off += len;
		n -= len;
	}
	return k;

put:
	while (k--)
		put_page(skb_frag_page(&frags[k]));
	return err;
}

#endif
