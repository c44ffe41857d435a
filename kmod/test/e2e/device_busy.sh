#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Removal and changes under traffic: devices, lower devices, namespaces, entries; nothing hangs, the kernel does not complain.
# LONG: more often.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
in_ns() { ip netns exec "$@"; }
rounds=${LONG:+6}
rounds=${rounds:-4} # each carrier in each family
noise=()
quiet() { ((${#noise[@]} == 0)) || kill "${noise[@]}" 2>/dev/null; wait "${noise[@]}" 2>/dev/null; noise=(); }
trap quiet EXIT

ends() { # CARRIER FAMILY [DEV]: a and b, with sc0 in each
	local n=0 ns near far

	for ns in a b; do
		n=$((n + 1))
		[[ $2 == 4 ]] && near=192.0.2.$n far=192.0.2.$((3 - n)) || near=2001:db8::$n far=2001:db8::$((3 - n))
		works sclp_add $ns sc0 id 5 local $near remote $far carrier "$1" dev wire
		works ip -n $ns addr add 10.0.0.$n/24 dev sc0
		works ip -n $ns link set sc0 mtu 65000 up
	done
}
traffic() { # bounded by time; not by way of a function, or what is killed is a shell that waits for it
	ip netns exec a timeout 60 ping -q -f -s 30000 10.0.0.2 >/dev/null 2>&1 &
	noise+=($!)
}
traffic_back() {
	ip netns exec b timeout 60 ping -q -f -s 500 10.0.0.1 >/dev/null 2>&1 &
	noise+=($!)
}
answers() { in_ns a ping -q -c 1 -W 1 10.0.0.2; }

for ((i = 0; i < rounds; i++)); do
	carrier=$( ((i % 2)) && echo udp || echo ip) family=$( ((i / 2 % 2)) && echo 6 || echo 4)
	wire_pair a b
	ends "$carrier" "$family"
	works answers
	traffic
	traffic_back
	# ---- changes
	for ttl in 3 4 inherit auto; do
		works ip -n a link set sc0 type sclp ttl $ttl tos 0x10 ageing $((i + 1)) nolearning
		works ip -n a link set sc0 type sclp tos inherit learning
		works in_ns b bridge fdb flush dev sc0 self
		works in_ns b bridge fdb append 00:00:00:00:00:00 dev sc0 dst "$([[ $family == 4 ]] && echo 192.0.2.99 || echo 2001:db8::99)"
		works in_ns b bridge fdb del 00:00:00:00:00:00 dev sc0 dst "$([[ $family == 4 ]] && echo 192.0.2.99 || echo 2001:db8::99)"
	done
	# ---- down and up
	works ip -n b link set sc0 down
	works ip -n b link set sc0 up
	until_true 5 answers
	# ---- the device goes and comes again
	works ip -n b link del sc0
	works ip -n a link del sc0
	ends "$carrier" "$family"
	until_true 5 answers
	quiet
	traffic # from a alone: a process in b would keep that namespace
	# ---- moved under way: its outer packets stay
	host_ns elsewhere
	works ip -n b link set sc0 netns elsewhere
	works ip -n elsewhere addr add 10.0.0.2/24 dev sc0
	works ip -n elsewhere link set sc0 up
	until_true 5 answers
	# ---- the lower device, the namespaces
	case $((i % 3)) in
	0) works ip -n b link del wire ;;
	1) works ip netns del b ;;
	2) works ip netns del a ;;
	esac
	gone() { ! ip -n elsewhere link show sc0; }
	((i % 3 == 2)) || until_true 10 gone
	quiet
	for ns in a b elsewhere; do ip netns del $ns 2>/dev/null; done
	no_wire() { ! ip netns list | grep -q .; }
	until_true 10 no_wire
done
finish
