#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# BOOT: ipv6.disable=1
# A kernel without IPv6: nothing of it is offered, what is left works, and a host without a device may be sent anything.
. "$(dirname "$0")/traffic_lib.sh"

works host_ns a
works host_ns b
works ip link add wire netns a type veth peer name wire netns b
for end in "a 1" "b 2"; do
	read -r ns n <<<"$end"
	works wire_like "$ns" wire
	works ip -n "$ns" addr add 192.0.2."$n"/24 dev wire
	works ip -n "$ns" link set wire up
done
refused 'without IPv6' sclp_add a sc0 id 1 remote 2001:db8::2
works sclp_add a sc0 id 1 carrier udp
refused 'must be an IPv4' ip netns exec a bridge fdb append 00:00:00:00:00:00 dev sc0 dst 2001:db8::2
works ip -n a link del sc0

echo "in metadata mode a key may say anything"
works sclp_add a sc0 external
works ip -n a link set sc0 up
counters_start a
works tc -n a qdisc add dev lo clsact
works tc -n a filter add dev lo egress matchall action tunnel_key set id 1 src_ip 2001:db8::1 dst_ip 2001:db8::2 \
	action mirred egress redirect dev sc0
ip netns exec a ping -qn -c 3 -i 0.05 -W 0.1 127.0.0.1 >/dev/null 2>&1
counted a tx_no_route
works ip -n a link del sc0
works tc -n a qdisc del dev lo clsact

for carrier in ip udp; do
	echo "carrier $carrier: to a host without a device, then with one"
	works sclp_add a sc0 id 1 local 192.0.2.1 remote 192.0.2.2 carrier $carrier
	works ip -n a link set sc0 mtu 9000 up
	works ip -n a addr add 10.9.0.1/24 dev sc0
	refused '100% packet loss' ip netns exec a ping -qn -c 3 -i 0.05 -W 0.2 10.9.0.2
	works ip -n a link del sc0
	for end in "a 1 2" "b 2 1"; do
		read -r ns n peer <<<"$end"
		works sclp_add "$ns" sc0 id 1 local "192.0.2.$n" remote "192.0.2.$peer" carrier $carrier
		works ip -n "$ns" link set sc0 mtu 9000 up
		works ip -n "$ns" addr add "10.9.0.$n/24" dev sc0
	done
	counters_start a b
	tcp a b 10.9.0.2 4000000
	pings b 10.9.0.1 8972
	no_drops a
	no_drops b
	works ip -n a link del sc0
	works ip -n b link del sc0
done
finish
