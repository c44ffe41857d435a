/* SPDX-License-Identifier: BSD-3-Clause */
/* Drop reasons: see drop.def.  pkt_drop() in pkt.h is the only way to use one up. */
#ifndef CVSW_PKT_DROP_H
#define CVSW_PKT_DROP_H

enum drop_reason {
#define DROP(name, help) DROP_##name,
#include "pkt/drop.def"
#undef DROP
	DROP_N_REASONS
};

/* "tunnel_remote" for DROP_TUNNEL_REMOTE; static memory. */
const char *drop_reason_name(enum drop_reason r);
/* The sentence for the user; static memory. */
const char *drop_reason_help(enum drop_reason r);

#endif
