/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests say of packets: by the byte, on the packet's own offsets, with no code of src/.
 */
#ifndef CVSW_TESTS_JUDGE_H
#define CVSW_TESTS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt/pkt.h"

/* CRC32c of @n bytes as the number that the bytes on the wire make, most significant first;
 * Internet checksum to be written: with the field at @hole (even) taken as 0. */
uint32_t crc_bytes(const uint8_t *p, uint32_t n, uint32_t hole);
uint32_t sum_bytes(const uint8_t *p, uint32_t n, uint32_t hole, uint32_t sum);

/* What the inner layer's checksum should be, in the bytes' order as a number, and where it stands
 * (*n_field bytes); false: there is none, or its length says nonsense. */
bool frame_csum(const uint8_t *b, const struct pkt_layer *l, uint32_t *value, uint32_t *at,
	uint32_t *n_field);
/* The same for UDP or GRE in front. */
bool frame_outer_csum(const uint8_t *b, const struct pkt_meta *md, uint32_t *value, uint32_t *at);
/* Are they in the bytes, and right?  A checksum that is not computed is neither. */
bool frame_csum_good(const uint8_t *b, const struct pkt_layer *l);
bool frame_outer_good(const uint8_t *b, const struct pkt_meta *md);
/* Turn checksums that are right and in the form that we would write into owed ones; false: they
 * are not, nothing changed. */
bool frame_owe(struct rte_mbuf *m);
bool frame_owe_outer(struct rte_mbuf *m);

/* Where that begins which fragments of a datagram share out: by the bytes, RFC 8200, 4.5. */
uint32_t frame_frag_start(const uint8_t *b, const struct pkt_layer *l);

/* abort() where assert() could be compiled out; says must_about, too: which case it is. */
extern char must_about[80];
void must_(bool ok, const char *what, const char *file, int line);
#define must(ok) must_((ok), #ok, __FILE__, __LINE__)

/* Say where bytes differ, for whoever looks into a finding / and abort if they do. */
void bytes_tell(const uint8_t *got, uint32_t n_got, const uint8_t *want, uint32_t n_want);
void bytes_must_be(const uint8_t *got, uint32_t n_got, const uint8_t *want, uint32_t n_want);

/* The chain agrees with itself. */
void chain_judge(const struct rte_mbuf *m);

#endif
