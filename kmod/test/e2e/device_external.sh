#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Metadata mode: tc tunnel_key says where frames go and sees where they came from; both carriers, both families; beside a
# device with an id of its own.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
in_ns() { ip netns exec "$@"; }
pings() { in_ns "$1" ping -q -c 3 -i 0.01 -W 2 "${@:3}" "$2"; }

wire_pair a b
for carrier in ip udp; do
	for family in 4 6; do
		n=0
		for ns in a b; do
			n=$((n + 1))
			[[ $family == 4 ]] && me=192.0.2.$n peer=192.0.2.$((3 - n)) || me=2001:db8::$n peer=2001:db8::$((3 - n))
			works sclp_add $ns sc0 external carrier $carrier
			works ip -n $ns link set sc0 mtu 65000 up
			works ip link add g netns $ns mtu 65000 type veth peer name eth0 netns $ns mtu 65000
			host_ns guest$n
			works ip -n $ns link set eth0 netns guest$n
			works ip -n guest$n addr add 10.0.0.$n/24 dev eth0
			works ip -n guest$n link set eth0 up
			works ip -n $ns link set g up
			works in_ns $ns tc qdisc add dev g clsact
			works in_ns $ns tc qdisc add dev sc0 clsact
			works in_ns $ns tc filter add dev g ingress matchall action tunnel_key set id 77 src_ip $me dst_ip $peer ttl 9 \
				action mirred egress redirect dev sc0
			works in_ns $ns tc filter add dev sc0 ingress protocol all flower enc_key_id 77 enc_src_ip $peer enc_dst_ip $me \
				enc_ttl 9 $([[ $carrier == ip ]] || echo enc_dst_port 4234) action tunnel_key unset action mirred egress redirect dev g
		done
		works pings guest1 10.0.0.2
		works pings guest1 10.0.0.2 -s 60000
		shows 'Sent' in_ns b tc -s filter show dev sc0 ingress
		hides 'Sent 0 bytes' in_ns b tc -s filter show dev sc0 ingress
		# Another id is no business of the filter's; one with a device of its own goes there.
		works sclp_add b sc5 id 78 carrier $carrier
		works ip -n b link set sc5 up
		works in_ns a tc filter del dev g ingress
		works in_ns a tc filter add dev g ingress matchall action tunnel_key set id 78 \
			src_ip "$([[ $family == 4 ]] && echo 192.0.2.1 || echo 2001:db8::1)" dst_ip $me action mirred egress redirect dev sc0
		refused '100% packet loss' pings guest1 10.0.0.2
		got_some() { (($(ip -n b -s -j link show sc5 | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["stats64"]["rx"]["packets"])') > 0)); }
		works got_some
		# Frames without a key go nowhere, and that is counted.
		works ip -n a addr add 10.1.0.1/24 dev sc0
		refused '100% packet loss' pings a 10.1.0.2
		without_key() { (($(drops a sc0 tx_no_remote) > 0)); }
		works without_key
		for dev in sc0 g; do works ip -n a link del $dev; done
		for dev in sc0 sc5 g; do works ip -n b link del $dev; done
		ip netns del guest1
		ip netns del guest2
	done
done

# ---- routes with a tunnel key (lightweight tunnels), the source address chosen by the route
for ns in a b; do
	works sclp_add $ns sc0 external
	works ip -n $ns link set sc0 up
done
works ip -n a addr add 10.2.0.1/32 dev sc0
works ip -n b addr add 10.2.0.2/32 dev sc0
works ip -n a link set sc0 address 02:00:00:00:00:01
works ip -n b link set sc0 address 02:00:00:00:00:02
works ip -n a neigh add 10.2.0.2 lladdr 02:00:00:00:00:02 dev sc0
works ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:00:01 dev sc0
works ip -n a route add 10.2.0.2/32 encap ip id 9 dst 192.0.2.2 dev sc0
works ip -n b route add 10.2.0.1/32 encap ip id 9 dst 192.0.2.1 dev sc0
works pings a 10.2.0.2
finish
