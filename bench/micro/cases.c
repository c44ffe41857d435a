/* SPDX-License-Identifier: BSD-3-Clause */
#include "cases.h"

static const uint32_t ONE[] = { 1, 0 };
static const uint32_t FLOWS[] = { 1, 10, 100, 1000, 10000, 0 };
static const uint32_t SEGS[] = { 64, 512, 1448, 8948, 0 };
static const uint32_t SEG_1448[] = { 1448, 0 };
static const uint32_t SEGS_FRAG[] = { 64, 512, 1448, 8944, 0 };
/* To see from which size on sharing the payload is faster than copying it. */
static const uint32_t SEGS_COPY[] = { 64, 128, 256, 512, 1024, 1448, 1792, 1980, 2048, 4096, 8944,
	0 };
static const uint32_t BLOCKS[] = { 64, 128, 256, 512, 1024, 1448, 4096, 8948, 16384, 65536, 0 };
/* What IP packets of 1,500 and of 9,000 bytes have room for. */
static const uint32_t MTU_SCLP_UDP[] = { 1460, 8960, 0 };
static const uint32_t MTU_SCLP_IP[] = { 1468, 8968, 0 };
static const uint32_t MTU_VXLAN_TCP4[] = { 1398, 8898, 0 };

const struct bench_case bench_cases[] = {
	{ "gro", "tcp4", gro_open, "tcp4", FLOWS, SEGS },
	{ "gro", "tcp4-parse", gro_open, "tcp4", ONE, SEG_1448, ROW_PARSE },
	{ "gro", "tcp4-verify", gro_open, "tcp4", ONE, SEGS, ROW_VERIFY },
	{ "gro", "tcp4-cold", gro_open, "tcp4", FLOWS, SEG_1448, ROW_COLD },
	{ "gro", "tcp4-mixed", gro_open, "tcp4", FLOWS, SEG_1448, ROW_MIXED },
	{ "gro", "tcp6", gro_open, "tcp6", FLOWS, SEGS },
	{ "gro", "udp4", gro_open, "udp4", FLOWS, SEGS },
	{ "gro", "udp6", gro_open, "udp6", FLOWS, SEGS },
	{ "gro", "qinq-tcp4", gro_open, "qinq-tcp4", FLOWS, SEGS },
	{ "gro", "vxlan-tcp4", gro_open, "vxlan-tcp4", FLOWS, SEGS },
	{ "gro", "vxlan-tcp4-mixed", gro_open, "vxlan-tcp4", FLOWS, SEG_1448, ROW_MIXED },
	{ "gro", "vxlan0-tcp4", gro_open, "vxlan0-tcp4", FLOWS, SEG_1448 },
	{ "gro", "vxlan-tcp6", gro_open, "vxlan-tcp6", FLOWS, SEGS },
	{ "gro", "vxlan6-tcp4", gro_open, "vxlan6-tcp4", FLOWS, SEGS },
	{ "gro", "geneve-tcp4", gro_open, "geneve-tcp4", FLOWS, SEGS },
	{ "gro", "nvgre-tcp4", gro_open, "nvgre-tcp4", FLOWS, SEGS },
	{ "gro", "gre-tcp4", gro_open, "gre-tcp4", FLOWS, SEGS },
	{ "gro", "sctp4", gro_open, "sctp4", FLOWS, SEGS },
	{ "gro", "stt", gro_open, "stt", FLOWS, SEGS },
	{ "gro", "sclp", gro_open, "sclp", FLOWS, SEGS },

	{ "gso", "tcp4", gso_open, "tcp4", ONE, SEGS },
	{ "gso", "tcp6", gso_open, "tcp6", ONE, SEGS },
	{ "gso", "udp4", gso_open, "udp4", ONE, SEGS },
	{ "gso", "udp6", gso_open, "udp6", ONE, SEGS },
	{ "gso", "qinq-tcp4", gso_open, "qinq-tcp4", ONE, SEGS },
	{ "gso", "vxlan-tcp4", gso_open, "vxlan-tcp4", ONE, SEGS },
	{ "gso", "vxlan0-tcp4", gso_open, "vxlan0-tcp4", ONE, SEGS },
	{ "gso", "vxlan-tcp6", gso_open, "vxlan-tcp6", ONE, SEGS },
	{ "gso", "vxlan6-tcp4", gso_open, "vxlan6-tcp4", ONE, SEGS },
	{ "gso", "geneve-tcp4", gso_open, "geneve-tcp4", ONE, SEGS },
	{ "gso", "nvgre-tcp4", gso_open, "nvgre-tcp4", ONE, SEGS },
	{ "gso", "gre-tcp4", gso_open, "gre-tcp4", ONE, SEGS },
	{ "gso", "sctp4", gso_open, "sctp4", ONE, SEGS },
	{ "gso", "stt", gso_open, "stt", ONE, SEGS },
	{ "gso", "sclp", gso_open, "sclp", ONE, SEGS },
	{ "gso", "ufo4", gso_open, "ufo4", ONE, SEGS_FRAG },
	{ "gso", "ufo6", gso_open, "ufo6", ONE, SEGS_FRAG },
	{ "gso", "tcp4-share", gso_open, "tcp4", ONE, SEGS_COPY, ROW_SHARED },
	{ "gso", "tcp4-copy", gso_open, "tcp4", ONE, SEGS_COPY, ROW_COPIED },
	{ "gso", "tcp4-owed-share", gso_open, "tcp4", ONE, SEGS_COPY, ROW_OWED | ROW_SHARED },
	{ "gso", "tcp4-owed-copy", gso_open, "tcp4", ONE, SEGS_COPY, ROW_OWED | ROW_COPIED },
	{ "gso", "sctp4-share", gso_open, "sctp4", ONE, SEGS_COPY, ROW_SHARED },
	{ "gso", "sctp4-copy", gso_open, "sctp4", ONE, SEGS_COPY, ROW_COPIED },

	{ "csum", "sum", csum_open, NULL, ONE, BLOCKS },
	{ "csum", "sum-portable", csum_open, NULL, ONE, BLOCKS, ROW_PORTABLE },
	{ "csum", "copy", csum_open, NULL, ONE, BLOCKS, ROW_COPY },
	{ "csum", "crc32c", csum_open, NULL, ONE, BLOCKS, ROW_CRC },

	{ "sclp", "frame", sclp_open, "vxlan-tcp4", ONE, MTU_SCLP_UDP },
	{ "sclp", "frame-csum", sclp_open, "vxlan-tcp4", ONE, MTU_SCLP_IP, ROW_CSUM },
	{ "sclp", "vxlan-tcp4", chain_open, "vxlan-tcp4", ONE, MTU_VXLAN_TCP4 },
};
const unsigned int n_bench_cases = RTE_DIM(bench_cases);
