/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the self-tests have in common: checks, frames to test with, a receiver without a namespace.
 * All of it is gone once the module is loaded.
 */
#ifndef _SCLP_SELFTEST_LIB_H
#define _SCLP_SELFTEST_LIB_H

#include <linux/skbuff.h>
#include "../reasm.h"

extern const char *st_row; /* what is being tested, for messages */
bool st_check(bool ok, const char *what, const char *file, int line);
#define ST_CHECK(cond) st_check(cond, #cond, __FILE__, __LINE__)

/* A frame: a VXLAN packet with an Ethernet frame inside. */
struct st_spec {
	u8 family; /* 4, 6; 0: ARP */
	u8 proto;  /* IPPROTO_TCP, _UDP, _SCTP */
	u8 n_vlan;
	bool ext, routing; /* IPv6: destination options, routing header */
	bool fragment;	   /* IPv4: of a larger packet */
	u8 tcp_flags;	   /* 13th byte of the header */
	u16 plen;	   /* bytes of payload */
	u16 pad;	   /* bytes behind the IP packet */
	u32 meta;	   /* 24 bits, with ST_META */
};

#define ST_META BIT(31) /* in st_spec.meta: there is metadata */
#define ST_META_OF(csum, gso, size)                                                                \
	(ST_META | (u32)(csum) << SCLP_META_CSUM_SHIFT | (u32)(gso) << SCLP_META_GSO_SHIFT |       \
		(u32)(size))

struct st_frame {
	u8 *data;
	u32 len;
	u32 l3_off, l4_off, pay_off, end_off; /* from the VXLAN header */
	const struct st_spec *spec;
};

#define ST_SEQ	 0xfffff000u /* TCP sequence number: it wraps within the frame */
#define ST_IP_ID 0xfffe

/* False: no memory, which fails the test. */
bool st_frame_build(struct st_frame *f, const struct st_spec *spec);
void st_frame_free(struct st_frame *f);

/* How the bytes lie in the skb. */
enum st_kind {
	ST_LINEAR,
	ST_PAGES,
	ST_LISTED,
	ST_N_KINDS
};

struct sk_buff *st_skb(const u8 *data, u32 n_bytes, enum st_kind kind);
bool st_same(const struct sk_buff *skb, const u8 *data, u32 n_bytes);

/* A receiver. */
struct st_reasm {
	struct sclp_net sn;
	struct sclp_reasm *r;
	struct sk_buff_head out; /* what was delivered */
	u8 tos;			 /* of the last frame delivered, of its outer header */
};

struct st_reasm *st_reasm_open(void);
/* Checks that nothing is left, too. */
void st_reasm_close(struct st_reasm *t);
u64 st_count(struct st_reasm *t, unsigned int i); /* SCLP_DROP_..; or SCLP_N_DROP + SCLP_EV_.. */

/* Where a segment comes from. */
struct st_from {
	__be32 saddr;
	__be16 sport;
	enum sclp_source source;
	u8 tos;
};

/* Bytes [off, off + n) of a frame of @data, @len bytes; @plen: of a run, its segments'.  Other
 * lengths and F may be lied about in @seg before st_add().
 */
void st_seg(struct sclp_seg *seg, u32 id, u32 off, u32 n, u32 len, u32 plen);
enum sclp_kept st_add(struct st_reasm *t, const struct st_from *from, const struct sclp_seg *seg,
	struct sk_buff *skb);
void st_expire(struct st_reasm *t);
u32 st_tick(struct st_reasm *t); /* returns what waits on t->out */

void st_header(void);
void st_offload(void);
void st_metadata(void);
void st_again(void);
void st_join(void);
void st_reasm(void);
void st_bounds(void);
void st_recover(void);

#endif
