/* SPDX-License-Identifier: BSD-3-Clause */
/* Outer headers in front of a frame, written byte by byte from the formats' definitions. */
#ifndef CVSW_BENCH_WRAP_H
#define CVSW_BENCH_WRAP_H

#include "frame.h"

/* Bytes in front of the inner frame; 0 without a wrap. */
uint32_t wrap_len(const struct proto *p);

/* An inner Ethernet header is behind them. */
bool wrap_inner_ether(const struct proto *p);

/* Write them into f->b, whose inner frame stands at wrap_len() already, and their offsets into @f.
 */
void wrap_put(struct frame *f, const struct frame_at *at);

#endif
