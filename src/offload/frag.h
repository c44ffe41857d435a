/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams sent as IP fragments (PKT_GSO_UFO). */
#ifndef CVSW_OFFLOAD_FRAG_H
#define CVSW_OFFLOAD_FRAG_H

#include <stdint.h>

/* Random bits for the identifications of IPv6 fragments that the calling thread makes: once a
 * thread, or they can be guessed. */
void frag_seed(uint64_t secret);

#endif
