#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A wire that loses, doubles, delays and turns packets around: TCP still brings every byte, whole frames come out of
# reassembly, lost segments cost no more than themselves.
. "$(dirname "$0")/traffic_lib.sh"

reasm_empty() { [[ $(counter b reasm_frames_now) == 0 ]]; }
netem() { works tc -n mid qdisc replace dev right root netem limit 10000 "$@"; }

wire_through mid a b
for carrier in ip udp; do
	for family in 4 6; do
		works tunnel_pair a b $carrier $family 1500
		echo "carrier $carrier, outer IPv$family: loss"
		netem loss 1%
		tcp a b 10.9.0.2 20000000
		tcp a b fd09::2 20000000
		counted b reasm_frames_recovered reasm_parts_recovered rx_repeated
		counted a tx_repeated
		echo "duplicates"
		netem duplicate 10%
		tcp a b 10.9.0.2 10000000
		datagrams a b 10.9.0.2 1472 1
		echo "out of order"
		netem delay 1ms reorder 70% 50%
		joined=$(counter b reasm_frames)
		tcp a b 10.9.0.2 4000000
		ours test "$(counter b reasm_frames)" -gt "$joined"
		echo "all together"
		netem delay 500us loss 0.5% duplicate 1% reorder 90%
		tcp a b 10.9.0.2 2000000
		no_drops b 'reasm_.*'
		no_drops a
		works tunnel_gone a b
		works tc -n mid qdisc del dev right root
	done
	echo "carrier $carrier: super-frames of datagrams over a lossy wire come whole or not at all"
	works tunnel_pair a b $carrier 4 65000
	netem loss 0.5%
	ip netns exec a ping -qn -c 50 -i 0.02 -W 1 -s 60000 10.9.0.2 >/tmp/ping.out 2>&1
	if grep -qE ' [1-9][0-9]* received' /tmp/ping.out && ! grep -q ' 0% packet loss' /tmp/ping.out; then
		good
	else
		bad "$(grep transmitted /tmp/ping.out)"
	fi
	works tc -n mid qdisc del dev right root
	until_true 5 reasm_empty
	works tunnel_gone a b
done
finish
