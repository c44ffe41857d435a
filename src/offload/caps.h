/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port can take in a frame that is sent to it, so that tx_prepare() need not pay for it. */
#ifndef CVSW_OFFLOAD_CAPS_H
#define CVSW_OFFLOAD_CAPS_H

#define CAP_CSUM (1u << 0) /* an owed TCP or UDP checksum, IPv4 and IPv6 */
#define CAP_TSO4 (1u << 1)
#define CAP_TSO6 (1u << 2)
#define CAP_USO	 (1u << 3) /* UDP segmentation, IPv4 and IPv6 */
#define CAP_GSO                                                                                    \
	(1u << 4) /* permission, not ability: cvsw may segment in software what the port cannot */
#define CAP_UFO	 (1u << 5) /* a datagram that is to be sent as IP fragments */
#define CAP_SCTP (1u << 6) /* the chunks of many SCTP packets in one, and an owed CRC32c */
#define CAP_ALL	 (CAP_CSUM | CAP_TSO4 | CAP_TSO6 | CAP_USO | CAP_GSO)

#endif
