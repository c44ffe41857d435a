/* SPDX-License-Identifier: BSD-3-Clause */
/* Ethernet with its VLAN tags: the same in all packets of a train, copied to all segments. */
#include "offload/offload_ops.h"

const struct offload_ops offload_ether = {
	.name = "ether",
	.gro_same = offload_same_bytes,
	.gro_forecast = offload_forecast_same,
};
