#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every carrier, outer address family and MTU over a wire of 1,500 bytes: what arrives is what was sent, nothing is dropped.
# BRIEF: each carrier once.
. "$(dirname "$0")/traffic_lib.sh"

wire_pair a b
families=(4 6) mtus=(1500 9000 65000)
for carrier in ip udp; do
	[[ -z $BRIEF ]] || { [[ $carrier == ip ]] && families=(6) || families=(4); mtus=(9000); }
	for family in "${families[@]}"; do
		for mtu in "${mtus[@]}"; do
			echo "carrier $carrier, outer IPv$family, MTU $mtu"
			works tunnel_pair a b $carrier $family $mtu
			pings a 10.9.0.2 56
			pings a 10.9.0.2 $((mtu - 28))
			pings b fd09::1 $((mtu - 48))
			tcp a b 10.9.0.2 4000000
			tcp b a fd09::1 4000000
			datagrams a b 10.9.0.2 $((mtu - 28)) 20
			datagrams b a fd09::1 777 20
			counted a tx_frames_segmented
			no_drops a
			no_drops b
			works tunnel_gone a b
		done
	done
done
finish
