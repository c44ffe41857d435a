/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The book of GRO tests: packets that were sent, and whether they left, each once and in the order
 * of its flow.  There is one book.
 */
#ifndef CVSW_TESTS_BOOK_H
#define CVSW_TESTS_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt/pkt.h"

/* Start with an empty one / all that was sent must have left. */
void book_open(void);
void book_close(void);
/* Is there room for another frame, or for the segments of one super-frame (at most 64)? */
bool book_has_room(void);
/* The frame @b of @n bytes, parsed into @md with all debts paid, is sent. */
void book_add(const uint8_t *b, uint32_t n, const struct pkt_meta *md);
/* @m leaves: it was sent, has not left yet, and nothing older of its flow is missing. */
void book_leave(const struct rte_mbuf *m);

#endif
