#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Three hosts with a bridge each and a guest behind it: flooding to several remotes, learning, super-frames from guest to
# guest, VLAN tags.
. "$(dirname "$0")/traffic_lib.sh"
. "$(dirname "$0")/capture_lib.sh"

# host NUMBER: on the common wire (a bridge in the namespace net), with a tunnel port in its bridge, guest gN behind it.
host() {
	local n=$1 h=h$1 g=g$1

	host_ns "$h" && host_ns "$g" &&
		ip link add wire netns "$h" mtu 1500 type veth peer name "p$n" netns net mtu 1500 &&
		ip -n net link set "p$n" master bridge up && wire_end "$h" wire "$n" &&
		ip -n "$h" link add br0 type bridge && ip -n "$h" link set br0 mtu 9000 up &&
		ip link add eth0 netns "$g" mtu 9000 type veth peer name guest netns "$h" mtu 9000 &&
		ip -n "$h" link set guest master br0 up && ip -n "$g" link set eth0 up &&
		ip -n "$g" addr add "10.8.0.$n/24" dev eth0 && ip -n "$g" addr add "fd08::$n/64" dev eth0 nodad
}

# tunnel NUMBER CARRIER FAMILY: no remote but the two others, to flood to.
tunnel() {
	local h=h$1 n

	sclp_add "$h" sc0 id 7 local "$(outer "$1" "$3")" carrier "$2" || return
	for n in 1 2 3; do
		[[ $n == "$1" ]] || ip netns exec "$h" bridge fdb append 00:00:00:00:00:00 dev sc0 dst "$(outer "$n" "$3")" || return
	done
	ip -n "$h" link set sc0 mtu 9000 && ip -n "$h" link set sc0 master br0 up
}

# A TCP transfer from g1 to g2, whose MTU is 1,500; n_long: how many of its packets came longer.
long_packets() {
	capture g2 in guest eth0 -s 96 -B 8192
	tcp g1 g2 10.8.0.2 4000000
	capture_end
	n_long=$(tcpdump -nr "$caps/guest" greater 1515 2>/dev/null | wc -l)
}

# No GRO behind the tunnel: what comes long was long when it left.  Without metadata nothing is.
super_frames() {
	works ip netns exec h2 ethtool -K sc0 gro off
	works ip -n g2 link set eth0 mtu 1500
	long_packets
	if ((n_long >= 20)); then good; else bad "$n_long super-frames came"; fi
	works ip -n h1 link set sc0 type sclp nometa
	long_packets
	if ((n_long == 0)); then good; else bad "$n_long super-frames came without metadata"; fi
	works ip -n g2 link set eth0 mtu 9000
}

host_ns net && ip -n net link add bridge type bridge && ip -n net link set bridge up
for n in 1 2 3; do works host $n; done
for carrier in ip udp; do
	for family in 4 6; do
		echo "carrier $carrier, outer IPv$family"
		for n in 1 2 3; do works tunnel $n $carrier $family; done
		counters_start h1 h2 h3
		pings g1 10.8.0.2 56
		pings g1 10.8.0.3 8972
		pings g3 fd08::2 8952
		tcp g1 g2 10.8.0.2 8000000
		tcp g3 g1 fd08::1 8000000
		datagrams g2 g3 10.8.0.3 8000 20
		mac=$(ip netns exec g2 cat /sys/class/net/eth0/address)
		shows "$mac dst $(outer 2 $family)" ip netns exec h1 bridge fdb show dev sc0
		counted h1 tx_frames_segmented
		[[ $family == 6 ]] || super_frames
		for n in 1 2 3; do
			no_drops h$n
			works ip -n h$n link del sc0
		done
	done
done

echo "VLAN tags of the guests"
for n in 1 2 3; do works tunnel $n ip 4; done
for n in 1 2; do
	works ip -n g$n link add link eth0 name eth0.5 type vlan id 5
	works ip -n g$n addr add 10.7.0.$n/24 dev eth0.5
	works ip -n g$n link set eth0.5 up
done
pings g1 10.7.0.2 56
tcp g1 g2 10.7.0.2 4000000
finish
