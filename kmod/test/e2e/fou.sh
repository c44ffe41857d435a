#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The UDP carrier's bytes are those of "foo over UDP": a plain FOU port of the kernel with ipproto 234 hands them to
# protocol 234, and they reach the device of the carrier udp as if they had come through its own socket.
. "$(dirname "$0")/traffic_lib.sh"
PORT=5234 # of FOU; the device's own socket has 4234

wire_pair a b
for family in 4 6; do
	echo "outer IPv$family"
	works ip -n b "-$family" fou add port $PORT ipproto 234
	# a sends to the FOU port and nowhere else; b answers to a's socket.
	works tunnel_end b 2 1 udp $family 9000
	works sclp_add a sc0 id 1 local "$(outer 1 $family)" carrier udp nolearning
	works ip netns exec a bridge fdb append 00:00:00:00:00:00 dev sc0 dst "$(outer 2 $family)" port $PORT
	works ip -n a link set sc0 mtu 9000 up
	works ip -n a addr add 10.9.0.1/24 dev sc0
	works ip -n a addr add fd09::1/64 dev sc0 nodad
	counters_start a b
	pings a 10.9.0.2 8972
	pings b fd09::1 8952
	datagrams a b 10.9.0.2 8000 50
	tcp a b 10.9.0.2 4000000
	tcp b a fd09::1 4000000
	no_drops a
	no_drops b
	# It was FOU that received: without its port nothing arrives.
	works ip -n b "-$family" fou del port $PORT
	refused '100% packet loss' ip netns exec a ping -qn -c 2 -i 0.05 -W 1 10.9.0.2
	works tunnel_gone a b
done
finish
