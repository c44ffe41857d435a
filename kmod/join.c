// SPDX-License-Identifier: GPL-2.0
/*
 * One skb out of several, without a copy as a rule.
 *
 * Pages go into the frags of the head while there is room, then into those of further skbs on its
 * frag_list.  These have pages only, and no list of their own.  It is not a matter of taste: a
 * frame that came may be a super-frame with any gso_size, and skb_segment() stops the machine when
 * a skb on the list has a linear part that is larger than that and begins where a segment begins,
 * both of which the sender can arrange.  What GRO merged for its own purposes may be of that kind,
 * so whole frames are looked at as well.
 */
#include "reasm.h"

/* May the list of skbs on @skb be changed?  Not if a clone of it shares the list, or one its
 * members.
 */
static bool list_is_ours(const struct sk_buff *skb)
{
	const struct sk_buff *frag;

	if (skb_cloned(skb))
		return false;
	skb_walk_frags(skb, frag) {
		if (skb_shared(frag))
			return false;
	}
	return true;
}

/* *skb becomes one whose frags and list nobody else sees.  -ENOMEM: it is as it was. */
static int own(struct sk_buff **skb)
{
	struct sk_buff *copy;

	if (!skb_has_frag_list(*skb))
		return skb_unclone(*skb, GFP_ATOMIC);
	if (list_is_ours(*skb))
		return 0;
	copy = skb_copy(*skb, GFP_ATOMIC);
	if (!copy)
		return -ENOMEM;
	consume_skb(*skb);
	*skb = copy;
	return 0;
}

/* Takes the list off @skb, which then counts for itself only. */
static struct sk_buff *list_off(struct sk_buff *skb)
{
	struct sk_buff *list = skb_shinfo(skb)->frag_list, *frag;
	unsigned int n_bytes = 0, n_truesize = 0;

	skb_walk_frags(skb, frag) {
		n_bytes += frag->len;
		n_truesize += frag->truesize;
	}
	skb_shinfo(skb)->frag_list = NULL;
	skb->len -= n_bytes;
	skb->data_len -= n_bytes;
	skb->truesize -= min(n_truesize, skb->truesize);
	return list;
}

/* An empty skb for the list, into which nothing can be put but pages. */
static struct sk_buff *alloc_bag(const struct sk_buff *like)
{
	struct sk_buff *bag = alloc_skb(0, GFP_ATOMIC);

	if (!bag)
		return NULL;
	skb_reserve(bag, skb_tailroom(bag));
	bag->pp_recycle = like->pp_recycle;
	return bag;
}

/* For what cannot be shared: data that lies in slab memory, or whose owner wants it back. */
static struct sk_buff *copy_to_bag(const struct sk_buff *skb)
{
	struct sk_buff *bag = alloc_skb(0, GFP_ATOMIC);
	unsigned int off = 0, n, i;

	if (!bag)
		return NULL;
	skb_reserve(bag, skb_tailroom(bag));
	for (i = 0; off < skb->len; i++, off += n) {
		struct page *page = i < MAX_SKB_FRAGS ? alloc_page(GFP_ATOMIC) : NULL;

		if (!page)
			goto no_memory;
		n = min_t(unsigned int, skb->len - off, PAGE_SIZE);
		skb_add_rx_frag(bag, i, page, 0, n, PAGE_SIZE);
		if (skb_copy_bits(skb, off, page_address(page), n))
			goto no_memory;
	}
	return bag;

no_memory:
	kfree_skb(bag);
	return NULL;
}

static void list_append(struct sk_buff *head, struct sk_buff **tail, struct sk_buff *bag)
{
	if (*tail)
		(*tail)->next = bag;
	else
		skb_shinfo(head)->frag_list = bag;
	*tail = bag;
	head->len += bag->len;
	head->data_len += bag->len;
	head->truesize += bag->truesize;
}

/* Into the last skb of @head, which may be itself.  Takes skb if true. */
static bool coalesce(struct sk_buff *head, struct sk_buff *tail, struct sk_buff *skb)
{
	const unsigned int n_bytes = skb->len;
	bool stolen;
	int delta;

	if (!skb_try_coalesce(tail ?: head, skb, &stolen, &delta))
		return false;
	if (tail) {
		head->len += n_bytes;
		head->data_len += n_bytes;
		head->truesize += delta;
	}
	kfree_skb_partial(skb, stolen);
	return true;
}

/* Takes @skb, which has no list; -ENOMEM: @head is as it was. */
static int join_one(struct sk_buff *head, struct sk_buff **tail, struct sk_buff *skb)
{
	struct sk_buff *bag;

	if (!skb->len) {
		consume_skb(skb);
		return 0;
	}
	if (coalesce(head, *tail, skb))
		return 0;
	bag = alloc_bag(skb);
	if (!bag)
		goto no_memory;
	if (!coalesce(bag, NULL, skb)) {
		kfree_skb(bag);
		bag = copy_to_bag(skb);
		if (!bag)
			goto no_memory;
		consume_skb(skb);
	}
	list_append(head, tail, bag);
	return 0;

no_memory:
	kfree_skb(skb);
	return -ENOMEM;
}

static int join_list(struct sk_buff *head, struct sk_buff **tail, struct sk_buff *list)
{
	struct sk_buff *next;

	for (; list; list = next) {
		next = list->next;
		skb_mark_not_on_list(list);
		if (skb_has_frag_list(list) ? sclp_join(head, tail, list)
					    : join_one(head, tail, list)) {
			kfree_skb_list(next);
			return -ENOMEM;
		}
	}
	return 0;
}

int sclp_join(struct sk_buff *head, struct sk_buff **tail, struct sk_buff *skb)
{
	struct sk_buff *list;

	if (!skb_has_frag_list(skb))
		return join_one(head, tail, skb);
	if (own(&skb)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	list = skb_has_frag_list(skb) ? list_off(skb) : NULL;
	if (join_one(head, tail, skb)) {
		kfree_skb_list(list);
		return -ENOMEM;
	}
	return join_list(head, tail, list);
}

int sclp_join_begin(struct sk_buff **skb, struct sk_buff **tail)
{
	*tail = NULL;
	if (own(skb))
		return -ENOMEM;
	return skb_has_frag_list(*skb) ? join_list(*skb, tail, list_off(*skb)) : 0;
}

int sclp_join_settle(struct sk_buff **skb)
{
	const struct sk_buff *frag;
	struct sk_buff *tail;

	skb_walk_frags(*skb, frag) {
		if (skb_headlen(frag) || skb_has_frag_list(frag) || !frag->len)
			return sclp_join_begin(skb, &tail);
	}
	return 0;
}
