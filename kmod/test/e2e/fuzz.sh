#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Damaged packets by the thousand for each carrier and family: the host lives, knows why it dropped what, gives its
# memory back, and the tunnel works as before.  LONG: 1,000,000 of each.  RAWFUZZ: the program; SEED: other packets.
. "$(dirname "$0")/traffic_lib.sh"
COUNT=${LONG:+1000000}
COUNT=${COUNT:-20000}
SEED=${SEED:-1}

quiet() { [[ $(counter b reasm_frames_now) == 0 && $(counter b reasm_bytes_now) == 0 ]]; }

wire_pair a b
for carrier in ip udp; do
	for family in 4 6; do
		flag=
		[[ $carrier == udp ]] && flag=-u
		works tunnel_pair a b $carrier $family 9000
		pings a 10.9.0.2 8000
		echo "carrier $carrier, outer IPv$family: $COUNT packets, seed $SEED"
		for n in warm counted; do
			works ip netns exec a "$RAWFUZZ" $flag -n "$COUNT" -s "$SEED$family" -v 1 "$(outer 2 $family)"
			until_true 5 quiet
			slab_count "/tmp/slab.$n"
		done
		slab_compare /tmp/slab.warm /tmp/slab.counted 1000
		counted b rx_truncated rx_port_unknown rx_vni_unknown rx_vxlan_bad rx_meta_bad reasm_invalid rx_repeated \
			reasm_timeout rx_frames_whole reasm_frames
		[[ $carrier == udp ]] || counted b rx_csum_bad
		pings a 10.9.0.2 8000
		tcp a b 10.9.0.2 1000000
		works tunnel_gone a b
	done
done
finish
