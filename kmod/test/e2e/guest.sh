#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A virtual machine behind the bridge of one host, a guest behind that of another: super-frames come whole, and their
# virtio-net headers say what they owe, with each carrier in IPv4 and IPv6.
. "$(dirname "$0")/traffic_lib.sh"

works wire_pair a b
ours host_ns g
works ip link add eth0 netns g type veth peer name guest netns b
works ip -n g link set eth0 up
for ns in a b; do works ip -n $ns link add br0 up type bridge; done
works ip -n b link set guest master br0 up
for carrier in ip udp; do
	for family in 4 6; do
		echo "carrier $carrier, outer IPv$family"
		ours tunnel_pair a b $carrier $family 1500
		for ns in a b; do
			works ip -n $ns link set sc0 master br0
			works ip netns exec $ns ethtool -K sc0 gro off # would merge what the tunnel has cut
		done
		if [[ $family == 4 ]]; then hlen=10; else hlen=12; fi # virtio before 1.0, and since
		works "$here/vnet-frames" a br0 g eth0 $hlen 1440
		no_drops a
		no_drops b
		works tunnel_gone a b
	done
done
finish
