/* SPDX-License-Identifier: BSD-3-Clause */
/* Input of a test, read in order: what is missing reads as 0. */
#ifndef CVSW_TESTS_IN_H
#define CVSW_TESTS_IN_H

#include <stdint.h>

struct in {
	const uint8_t *p, *end;
};

static inline uint8_t in_u8(struct in *i)
{
	return i->p < i->end ? *i->p++ : 0;
}

static inline uint16_t in_u16(struct in *i)
{
	const uint16_t hi = in_u8(i);

	return (uint16_t)(hi << 8 | in_u8(i));
}

#endif
