/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * STT (draft-davie-stt-08): a TCP header by its looks, so that network cards cut and glue it.  The
 * sequence number holds the length of the STT frame and the offset of this segment in it, the
 * acknowledgement number names the frame.  The first segment's payload starts with the STT frame
 * header.
 */
#ifndef CVSW_WIRE_STT_H
#define CVSW_WIRE_STT_H

#include "wire/l4.h"

#define STT_TCP_PORT 7471

/* Length of the frame with its header / offset of the segment's first byte, of a sequence number.
 */
static inline uint32_t stt_frame_len(rte_be32_t seq)
{
	return rte_be_to_cpu_32(seq) >> 16;
}

static inline uint32_t stt_frag_off(rte_be32_t seq)
{
	return rte_be_to_cpu_32(seq) & 0xffff;
}

#endif
