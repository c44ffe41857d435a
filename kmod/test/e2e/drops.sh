#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Frames that do not leave: each cause has its counter, which counts every one of them and no other.
. "$(dirname "$0")/traffic_lib.sh"
N=5

# dropped_as REASON: frames that sc0 of a is given are all counted so, and the device's own statistics say the same.
dropped_as() {
	local before after

	before=$(ip netns exec a cat /sys/class/net/sc0/statistics/tx_dropped)
	counters_start a
	ip netns exec a ping -qn -c $N -i 0.02 -W 0.1 -s 3000 10.9.0.2 >/dev/null 2>&1
	after=$(ip netns exec a cat /sys/class/net/sc0/statistics/tx_dropped)
	if ((after - before == N)); then good; else bad "$1: the device says $((after - before)) of $N were dropped"; fi
	gives "$1 $N" eval 'counter_rise a | grep -E "^($(IFS=\|; echo "${DROPS[*]}")) "'
}

# end OPTION..: sc0 in a with a neighbour whose address it need not ask for.
end() {
	sclp_add a sc0 id 1 "$@" && ip -n a link set sc0 mtu 9000 up && ip -n a addr add 10.9.0.1/24 dev sc0 &&
		ip -n a neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev sc0
}

works wire_pair a b
works ip netns exec a sysctl -qw net.ipv6.conf.default.disable_ipv6=1 # sc0 sends nothing of its own accord
for carrier in ip udp; do
	echo "carrier $carrier"
	works end carrier $carrier
	dropped_as tx_no_remote
	works ip -n a link del sc0
	for far in 198.51.100.1 2001:db8:1::1; do
		works end carrier $carrier remote $far
		dropped_as tx_no_route
		works ip -n a link del sc0
	done
	for far in 192.0.2.2 2001:db8::2; do
		works end carrier $carrier remote $far
		pings a "$far" 56 1 # the wire's neighbour is known
		works tc -n a qdisc add dev wire root bfifo limit 1
		dropped_as tx_underlay_refused
		works tc -n a qdisc del dev wire root
		works ip -n a link del sc0
	done
	works end carrier $carrier remote 198.51.100.1
	works ip -n a route add 198.51.100.1 dev sc0
	dropped_as tx_loop
	works ip -n a link del sc0
done
finish
