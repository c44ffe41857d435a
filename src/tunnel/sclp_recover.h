/* SPDX-License-Identifier: BSD-3-Clause */
/* Loss recovery: what arrived of a TCP super-frame, as valid TCP.  Theory of operation in
 * sclp_recover.c. */
#ifndef CVSW_TUNNEL_SCLP_RECOVER_H
#define CVSW_TUNNEL_SCLP_RECOVER_H

#include "tunnel/sclp_table.h"

/* Deliver what can be of the live frame @f, which loses its pieces.  Returns the number of packets
 * put into @out. */
unsigned int sclp_recover(struct sclp_rx *r, struct sclp_frame *f, struct pkt_list *out);

#endif
