// SPDX-License-Identifier: GPL-2.0
/* Joining: the bytes are right, whoever else holds the skbs; what hangs on the list is of the kind
 * that join.c promises.
 */
#include <linux/random.h>
#include "lib.h"

#define N_BYTES 30000

/* Who else has a reference. */
enum other {
	NOBODY,
	CLONE,
	CLONE_OF_UNCLONED,
	N_OTHERS
};

static bool __init is_settled(const struct sk_buff *skb)
{
	const struct sk_buff *frag;
	u32 n_bytes = skb->len - skb->data_len, i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		n_bytes += skb_frag_size(&skb_shinfo(skb)->frags[i]);
	skb_walk_frags(skb, frag) {
		if (skb_headlen(frag) || !frag->len || skb_has_frag_list(frag))
			return false;
		n_bytes += frag->len;
	}
	return n_bytes == skb->len;
}

static struct sk_buff *__init reference(struct sk_buff *skb, enum other other)
{
	struct sk_buff *clone = other == NOBODY ? NULL : skb_clone(skb, GFP_KERNEL);

	/* the list's skbs are shared then, the head is not */
	if (clone && other == CLONE_OF_UNCLONED)
		ST_CHECK(!skb_unclone(skb, GFP_KERNEL));
	return clone;
}

static void __init join(const u8 *data, u32 n, enum st_kind kind, enum other other)
{
	struct sk_buff *head = NULL, *tail = NULL, *clones[8] = {}, *skb;
	u32 off, i = 0;

	for (off = 0; off < N_BYTES; off += n, i++) {
		const u32 here = min_t(u32, n, N_BYTES - off);

		skb = st_skb(data + off, here, kind == ST_N_KINDS ? i % ST_N_KINDS : kind);
		if (!skb)
			break;
		if (i < ARRAY_SIZE(clones))
			clones[i] = reference(skb, other);
		if (head) {
			ST_CHECK(!sclp_join(head, &tail, skb));
		} else {
			head = skb;
			ST_CHECK(!sclp_join_begin(&head, &tail));
		}
	}
	ST_CHECK(st_same(head, data, N_BYTES) && is_settled(head));
	for (i = 0; i < ARRAY_SIZE(clones); i++) {
		if (clones[i])
			ST_CHECK(st_same(clones[i], data + i * n, min_t(u32, n, N_BYTES - i * n)));
		kfree_skb(clones[i]);
	}
	ST_CHECK(st_same(head, data, N_BYTES));
	kfree_skb(head);
}

void __init st_join(void)
{
	static const u16 sizes[] __initconst = { 700, 1449, 4000, 9000, 20000 };
	u8 *data = kmalloc(N_BYTES, GFP_KERNEL);
	enum st_kind kind;
	enum other other;
	unsigned int i;

	if (!ST_CHECK(data))
		return;
	get_random_bytes(data, N_BYTES);
	st_row = "join";
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (kind = 0; kind <= ST_N_KINDS; kind++)
			for (other = 0; other < N_OTHERS; other++)
				join(data, sizes[i], kind, other);
	kfree(data);
}
