#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What goes over the wire, byte by byte: MTUs, both carriers, both families; sums; cut, merged and cut again on a
# router; uncut where the device can; path MTU; outer TOS, TTL; foo-over-udp as receiver.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
. "$(dirname "$0")/capture_lib.sh"

# tunnel A-ADDRESS B-ADDRESS OPTION..: sc0 in a and b, 10.0.0.1 and .2
tunnel() {
	local a=$1 b=$2

	shift 2
	works sclp_add a sc0 id 5 local "$a" remote "$b" "$@"
	works sclp_add b sc0 id 5 local "$b" remote "$a" "$@"
	works ip -n a link set sc0 mtu 65000 up
	works ip -n b link set sc0 mtu 65000 up
	works ip -n a addr add 10.0.0.1/24 dev sc0
	works ip -n b addr add 10.0.0.2/24 dev sc0
	until_true 5 ip netns exec a ping -c 1 -W 1 10.0.0.2
}
tunnel_end() {
	works ip -n a link del sc0
	works ip -n b link del sc0
}
pings() { works ip netns exec a ping -q -c 3 -i 0.05 -W 1 "$@" 10.0.0.2; }
# An MTU below 1,280 took IPv6 from the wire.
mtus() {
	works ip -n a link set wire mtu "$1"
	works ip -n b link set wire mtu "$1"
	(($1 < 1280)) && return
	ip -n a addr replace 2001:db8::1/64 dev wire nodad
	ip -n b addr replace 2001:db8::2/64 dev wire nodad
}

each_mtu() {
	local family carrier mtu size a b

	for family in 4 6; do
		[[ $family == 4 ]] && a=192.0.2.1 b=192.0.2.2 || a=2001:db8::1 b=2001:db8::2
		mtus 1500
		for carrier in ip udp; do
			tunnel $a $b carrier $carrier
			for mtu in 576 1500 ${LONG:+1280 9000}; do
				((family == 6 && mtu < 1280)) && continue
				mtus $mtu
				capture a out out
				for size in 1200 4000 30001 64900; do pings -s $size; done
				capture_end
				check --sums --carrier $carrier --family $family --mtu $mtu --frames 6 out
			done
			tunnel_end
		done
	done
}

# The far end of a router that merges sees what left the near end.
router() { # CARRIER SUMS?
	local carrier=$1

	tunnel 192.0.2.1 198.51.100.2 carrier "$carrier"
	capture a out near
	capture b in far
	for size in 4000 30001 64900; do pings -s $size; done
	capture_end
	check "${@:2}" --carrier "$carrier" --mtu 1500 --frames 9 near
	check "${@:2}" --carrier "$carrier" --mtu 1500 --frames 9 --same "$caps/near" far
	tunnel_end
}

router_setup() {
	for ns in a m b; do host_ns $ns; done
	ip link add wire netns a type veth peer name left netns m
	ip link add wire netns b type veth peer name right netns m
	ip -n a addr add 192.0.2.1/24 dev wire
	ip -n m addr add 192.0.2.254/24 dev left
	ip -n m addr add 198.51.100.254/24 dev right
	ip -n b addr add 198.51.100.2/24 dev wire
	wire_like a wire && wire_like m left && wire_like m right && wire_like b wire
	ip netns exec b ethtool -K wire gro off
	for x in a:wire m:left m:right b:wire; do ip -n ${x%:*} link set ${x#*:} up; done
	ip netns exec m sysctl -qw net.ipv4.ip_forward=1
	ip -n a route add default via 192.0.2.254
	ip -n b route add default via 198.51.100.254
}

pmtu() { # CARRIER
	ip -n m link set right mtu 1300
	ip -n b link set wire mtu 1300
	tunnel 192.0.2.1 198.51.100.2 carrier "$1"
	ip netns exec a ping -q -c 1 -W 1 -s 30000 10.0.0.2 >/dev/null # is lost, and the router says why
	capture a out small
	pings -s 30000
	capture_end
	check --mtu 1300 --frames 3 small
	shows 'mtu 1300' ip -n a route get 198.51.100.2
	ip -n a route flush cache
	tunnel_end
	ip -n m link set right mtu 1500
	ip -n b link set wire mtu 1500
}

outer_fields() {
	local tos

	for tos in 0 0x03 0x88 0x8a; do
		tunnel 192.0.2.1 192.0.2.2 ttl 77
		capture a out tos
		pings -s 9000 -Q $tos
		capture_end
		check --ttl 77 --tos $tos --frames 3 tos
		tunnel_end
	done
}

# foo-over-udp strips the UDP header; the rest comes as protocol 234, merged by GRO all the same.
fou() {
	local n

	works ip -n b fou add port 4235 ipproto 234
	works sclp_add a sc0 id 5 local 192.0.2.1 remote 192.0.2.2 carrier udp udpport 4235
	works sclp_add b sc0 id 5 local 192.0.2.2 carrier udp nolearning
	works bridge -n b fdb append 00:00:00:00:00:00 dev sc0 dst 192.0.2.1 port 4235
	works ip -n a link set sc0 mtu 65000 up
	works ip -n b link set sc0 mtu 65000 up
	works ip -n a addr add 10.0.0.1/24 dev sc0
	works ip -n b addr add 10.0.0.2/24 dev sc0
	until_true 5 ip netns exec a ping -c 1 -W 1 10.0.0.2
	whole() { ip netns exec b sed -n 's/^rx_frames_whole *//p' /proc/net/sclp; }
	n=$(whole)
	pings -s 30000
	(($(whole) >= n + 3)) && good || bad "foo-over-udp: $(whole) whole frames after $n"
	tunnel_end
	works ip -n b fou del port 4235
}

# The largest frame that the stack hands us does not fit one IP packet with our headers: it leaves in two, parts of one SCLP frame.
too_long() { # CARRIER
	local mac n

	tunnel 192.0.2.1 192.0.2.2 carrier "$1"
	mac=$(ip netns exec b cat /sys/class/net/sc0/address)
	n=$(tcp_in)
	capture a out long
	works ip netns exec a "$here/super-frame" sc0 "$mac" 10.0.0.1 10.0.0.2 65520 1448 5
	capture_end
	check --carrier "$1" --mtu 1500 --frames 5 long
	(($(tcp_in) == n + 5)) && good || bad "$1: TCP got $(($(tcp_in) - n)) of 5 frames"
	tunnel_end
}
tcp_in() { ip netns exec b sh -c "awk '/^Tcp:/ { n = \$11 - \$14 } END { print n }' /proc/net/snmp"; }

uncut() { # CARRIER
	ip netns exec a ethtool -K wire tso on gso on tx-sctp-segmentation on tx-udp_tnl-csum-segmentation on >/dev/null
	tunnel 192.0.2.1 192.0.2.2 carrier "$1"
	capture b in whole
	pings -s 60000
	capture_end
	shows '[ (]600[0-9][0-9]' tcpdump -nr "$caps/whole" greater 60000
	tunnel_end
}

wire_pair a b
ip netns exec a ethtool -K wire tx off >/dev/null
wire_like a wire
each_mtu
mtus 1500
outer_fields
too_long ip
too_long udp
ip netns exec a ethtool -K wire tx on >/dev/null
uncut ip
uncut udp
fou
ip netns del a
ip netns del b
router_setup
router ip
router udp
for x in a:wire m:left m:right b:wire; do ip netns exec ${x%:*} ethtool -K ${x#*:} tx off >/dev/null; wire_like ${x%:*} ${x#*:}; done
ip netns exec b ethtool -K wire gro off
router ip --sums
router udp --sums
pmtu ip
pmtu udp
finish
