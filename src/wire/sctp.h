/* SPDX-License-Identifier: BSD-3-Clause */
/* SCTP (RFC 9260, section 3). */
#ifndef CVSW_WIRE_SCTP_H
#define CVSW_WIRE_SCTP_H

#include <assert.h>
#include <rte_byteorder.h>
#include <stdint.h>

struct sctp_hdr {
	rte_be16_t sport, dport;
	rte_be32_t vtag;
	uint32_t check; /* CRC32c over header and chunks with this field 0; little endian */
} __attribute__((packed));
static_assert(sizeof(struct sctp_hdr) == 12, "SCTP common header");

#define SCTP_CSUM_OFF 8

struct sctp_chunk {
	uint8_t type;
	uint8_t flags;
	rte_be16_t len; /* this header and the value, without the padding to 4 bytes */
} __attribute__((packed));
static_assert(sizeof(struct sctp_chunk) == 4, "SCTP chunk header");

#define SCTP_CHUNK_DATA 0

struct sctp_data {
	struct sctp_chunk chunk;
	rte_be32_t tsn;
	rte_be16_t stream, stream_seq;
	rte_be32_t ppid;
} __attribute__((packed));
static_assert(sizeof(struct sctp_data) == 16, "SCTP DATA chunk");

#endif
