#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is under way when a device, a namespace, the lower device or the module goes.  LONG: more often, and each carrier in
# each family.
# SCLP_KO: the module.
. "$(dirname "$0")/traffic_lib.sh"
ROUNDS=${LONG:+20}
ROUNDS=${ROUNDS:-1}

up() { # CARRIER FAMILY: both hosts anew, with traffic in both directions
	wire_pair a b && tunnel_pair a b "$1" "$2" 9000 || return
	flood a 10.9.0.2
	flood b 10.9.0.1
	sleep 0.3
	[[ $(counter b rx_frames_whole) -gt 0 ]]
}
down() {
	flood_stop
	ip netns del a 2>/dev/null
	ip netns del b 2>/dev/null
	true
}
# A module may go when no device refers to it; the namespaces are torn down behind our back.
module_gone() { rmmod sclp; }

for ((i = 0; i < ROUNDS; i++)); do
	for carrier in ip udp; do
		for family in 4 6; do
			[[ -n $LONG || $carrier$family == @(ip4|udp6) ]] || continue
			echo "round $((i + 1)), carrier $carrier, outer IPv$family"
			echo "  the device goes"
			ours up $carrier $family
			works ip -n b link del sc0
			sleep 0.05
			works ip -n a link del sc0
			down
			echo "  the device is taken down and up"
			ours up $carrier $family
			for n in 1 2 3; do works ip -n b link set sc0 down && works ip -n b link set sc0 up; done
			pings a 10.9.0.2 56
			down
			echo "  the lower device goes"
			ours up $carrier $family
			works ip -n a link del wire
			sleep 0.05
			down
			echo "  the receiver's namespace goes"
			ours up $carrier $family
			works ip netns del b
			sleep 0.05
			down
			echo "  the sender's namespace goes"
			ours up $carrier $family
			flood_stop
			works ip netns del a
			down
			echo "  the module goes"
			ours up $carrier $family
			until_true 10 module_gone
			works insmod "$SCLP_KO"
			down
		done
	done
done
finish
