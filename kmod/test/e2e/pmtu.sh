#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A router with a narrow link behind it between the hosts: the tunnel learns the path MTU from what ICMP says; the guests
# never see it.
. "$(dirname "$0")/traffic_lib.sh"

# a -- r -- b: 192.0.2.1/.254, 198.51.100.254/.1, and the same in IPv6.
host_ns a && host_ns r && host_ns b
ip link add wire netns a type veth peer name left netns r
ip link add wire netns b type veth peer name right netns r
end() { # NS DEV V4 V6
	ip -n "$1" addr add "$3" dev "$2" && ip -n "$1" addr add "$4" dev "$2" nodad && wire_like "$1" "$2" && ip -n "$1" link set "$2" up
}
works end a wire 192.0.2.1/24 2001:db8:1::1/64
works end r left 192.0.2.254/24 2001:db8:1::fe/64
works end r right 198.51.100.254/24 2001:db8:2::fe/64
works end b wire 198.51.100.1/24 2001:db8:2::1/64
works ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
works ip -n a route add default via 192.0.2.254
works ip -n b route add default via 198.51.100.254
works ip -n a -6 route add default via 2001:db8:1::fe
works ip -n b -6 route add default via 2001:db8:2::fe

far() { # NS LOCAL-OR-NOTHING REMOTE LAST CARRIER [OPTION..]
	sclp_add "$1" sc0 id 1 ${2:+local "$2"} remote "$3" carrier "${@:5}" && ip -n "$1" link set sc0 mtu 9000 up &&
		ip -n "$1" addr add "10.9.0.$4/24" dev sc0
}

# learns LOCAL-OR-NOTHING A B CARRIER [OPTION..]: with these options a finds out what its way to b takes.
learns() {
	works far a "$1" "$3" 1 "${@:4}"
	works far b "$3" "$2" 2 "$4"
	counters_start a
	# The first frames are lost: the host must be told first.
	ip netns exec a ping -qn -c 3 -i 0.1 -W 1 -s 8000 10.9.0.2 >/dev/null 2>&1
	pings a 10.9.0.2 8972
	tcp a b 10.9.0.2 4000000
	counted a pmtu_changes
	works ip -n a link del sc0
	works ip -n b link del sc0
}

for carrier in ip udp; do
	for family in 4 6; do
		if [[ $family == 4 ]]; then addrs=(192.0.2.1 198.51.100.1); else addrs=(2001:db8:1::1 2001:db8:2::1); fi
		for narrow in 1400 1300; do
			echo "carrier $carrier, outer IPv$family, $narrow bytes behind the router"
			works ip -n a route flush cache
			works ip -n a -6 route flush cache
			works ip -n r link set right mtu $narrow
			works ip -n b link set wire mtu $narrow # a veth drops what is longer than it
			learns "${addrs[0]}" "${addrs[@]}" $carrier
		done
		works ip -n r link set right mtu 1500
		works ip -n b link set wire mtu 1500
	done
done

# A second way to the same host, q's, which nothing takes but a device with `dev`: the narrow link is there.
host_ns q
ip link add second netns a type veth peer name left netns q
ip link add right netns q type veth peer name mid netns r
works end a second 203.0.113.1/24 2001:db8:3::1/64
works end q left 203.0.113.254/24 2001:db8:3::fe/64
works end q right 198.18.0.1/24 2001:db8:4::1/64
works end r mid 198.18.0.2/24 2001:db8:4::2/64
works ip netns exec q sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
works ip -n q route add 198.51.100.0/24 via 198.18.0.2
works ip -n q -6 route add 2001:db8:2::/64 via 2001:db8:4::2
works ip -n r route add 203.0.113.0/24 via 198.18.0.1
works ip -n r -6 route add 2001:db8:3::/64 via 2001:db8:4::1
works ip -n a route add default via 203.0.113.254 metric 9000
works ip -n a -6 route add default via 2001:db8:3::fe metric 9000
narrow=1400
for carrier in ip udp; do
	for family in 4 6; do
		if [[ $family == 4 ]]; then addrs=(203.0.113.1 198.51.100.1); else addrs=(2001:db8:3::1 2001:db8:2::1); fi
		narrow=$((narrow - 20)) # so that there is always something to learn
		echo "carrier $carrier, outer IPv$family, $narrow bytes, by an interface of its own"
		works ip -n q link set right mtu $narrow
		works ip -n r link set mid mtu $narrow
		learns '' "${addrs[@]}" $carrier dev second # with a local address IPv6 may take another interface
	done
done
finish
