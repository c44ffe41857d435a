#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Real traffic between devices, over both carriers and both families: ping of any size, TCP, a bridge with guests behind it,
# several remotes, the MTU of 65,000 over a wire of 1,500.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
in_ns() { ip netns exec "$@"; }
pings() { in_ns "$1" ping -q -c "${3:-3}" -i 0.01 -W 2 "${@:4}" "$2"; }

# tcp FROM TO ADDRESS BYTES: what comes is what was sent
tcp() {
	local log=/tmp/tcp

	rm -f $log.ready
	in_ns "$2" timeout 60 python3 -c '
import hashlib, socket, sys
s = socket.create_server((sys.argv[1], 5001), family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.settimeout(30)
open(sys.argv[2], "w").close()
c, _ = s.accept()
c.settimeout(30)
h, n = hashlib.md5(), 0
while d := c.recv(1 << 20):
    h.update(d); n += len(d)
print(n, h.hexdigest())' "$3" $log.ready >$log.to 2>&1 &
	until [[ -e $log.ready ]] || ! kill -0 $! 2>/dev/null; do sleep 0.1; done
	in_ns "$1" timeout 60 python3 -c '
import hashlib, os, socket, sys
n = int(sys.argv[2])
d = os.urandom(1 << 16) * (n >> 16) + os.urandom(n & 65535)
s = socket.create_connection((sys.argv[1], 5001), 30)
s.sendall(d); s.close()
print(n, hashlib.md5(d).hexdigest())' "$3" "$4" >$log.from 2>&1
	wait $!
	cmp -s $log.from $log.to || { echo "sent: $(<$log.from), came: $(<$log.to)"; return 1; }
}

wire_pair a b
for carrier in ip udp; do
	for family in 4 6; do
		[[ $family == 4 ]] && near=192.0.2.1 far=192.0.2.2 || near=2001:db8::1 far=2001:db8::2
		works sclp_add a sc0 id 5 local $near remote $far carrier $carrier
		works sclp_add b sc0 id 5 local $far remote $near carrier $carrier
		for end in 'a 1' 'b 2'; do
			read -r ns n <<<"$end"
			works ip -n "$ns" addr add 10.0.0."$n"/24 dev sc0
			works ip -n "$ns" addr add fd00::"$n"/64 dev sc0 nodad
			works ip -n "$ns" link set sc0 up
		done
		works pings a 10.0.0.2
		works pings b fd00::1
		works pings a 10.0.0.2 3 -s 1472 -M "do"
		works tcp a b 10.0.0.2 3000001
		works tcp b a fd00::1 3000001
		works ip -n a link set sc0 mtu 65000
		works ip -n b link set sc0 mtu 65000
		for size in 1473 8000 30000 64972; do
			works pings a 10.0.0.2 3 -s $size -M "do"
			works pings b fd00::1 3 -s $((size - 20))
		done
		works tcp a b fd00::2 3000001
		works tcp b a 10.0.0.1 3000001
		hides 'tx_frames_segmented: 0' in_ns a ethtool -S sc0
		ns_packets() { ip -n a -s -j link show sc0 | python3 -c 'import json,sys; s=json.load(sys.stdin)[0]["stats64"]; print(s["tx"]["packets"] > 20, s["rx"]["packets"] > 20, s["tx"]["bytes"] > 3000001, s["rx"]["bytes"] > 3000001)'; }
		gives 'True True True True' ns_packets
		works ip -n a link del sc0
		works ip -n b link del sc0
	done
done

# ---- dstport and udpport other than the usual ones
works sclp_add a sc0 id 5 remote 192.0.2.2 carrier udp udpport 9999 dstport 4790
works sclp_add b sc0 id 5 remote 192.0.2.1 carrier udp udpport 9999 dstport 4790
works ip -n a addr add 10.0.0.1/24 dev sc0
works ip -n b addr add 10.0.0.2/24 dev sc0
works ip -n a link set sc0 up
works ip -n b link set sc0 up
works pings a 10.0.0.2
works ip -n a link del sc0
works ip -n b link del sc0

# ---- three hosts on one switch, a bridge on each with a guest behind it
works ip -n a link del wire
host_ns c
host_ns switch
works ip -n switch link add br0 type bridge
works ip -n switch link set br0 up
n=0
for ns in a b c; do
	n=$((n + 1))
	ip link add wire netns $ns type veth peer name p$n netns switch
	wire_end $ns wire $n
	ip -n switch link set p$n master br0 up
	works sclp_add $ns sc0 id 7 local 192.0.2.$n
	works ip -n $ns link add br0 type bridge
	host_ns guest$n
	works ip link add eth0 netns guest$n mtu 65000 type veth peer name g netns $ns mtu 65000
	works ip -n guest$n addr add 10.0.0.$n/24 dev eth0
	works ip -n guest$n addr add fd00::$n/64 dev eth0 nodad
	works ip -n guest$n link set eth0 up
	works ip -n $ns link set sc0 mtu 65000 master br0 up
	works ip -n $ns link set g master br0 up
	works ip -n $ns link set br0 mtu 65000 up
done
flood_to() { # NS REMOTE..
	local ns=$1 r

	shift
	for r in "$@"; do works in_ns "$ns" bridge fdb append 00:00:00:00:00:00 dev sc0 dst "$r"; done
}
flood_to a 192.0.2.2 192.0.2.3
flood_to b 192.0.2.1 192.0.2.3
flood_to c 192.0.2.1 192.0.2.2
works pings guest1 10.0.0.2
works pings guest1 10.0.0.3
works pings guest2 10.0.0.3
works pings guest3 fd00::1
works pings guest1 10.0.0.2 3 -s 64000 -M "do"
works tcp guest1 guest2 10.0.0.2 8000001
works tcp guest3 guest1 fd00::1 8000001

# What is known goes to one remote alone.
c_packets() { ip -n c -s -j link show sc0 | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["stats64"]["rx"]["packets"])'; }
works pings guest1 10.0.0.2
before=$(c_packets)
works pings guest1 10.0.0.2 50
after=$(c_packets)
few() { (($1 < 10)); }
works few $((after - before)) # of 50
mac2=$(ip -n guest2 -j link show eth0 | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["address"])')
shows "$mac2 dst 192.0.2.2 self" in_ns a bridge fdb show dev sc0
# A guest that moves to another host is learnt anew.
works ip -n guest2 link del eth0
works ip link add eth0 netns guest2 mtu 65000 type veth peer name g2 netns c mtu 65000
works ip -n guest2 link set eth0 address "$mac2"
works ip -n guest2 addr add 10.0.0.2/24 dev eth0
works ip -n guest2 link set eth0 up
works ip -n c link set g2 master br0 up
works pings guest2 10.0.0.1
shows "$mac2 dst 192.0.2.3 self" in_ns a bridge fdb show dev sc0
works pings guest1 10.0.0.2
# VLANs of the guests pass.
for n in 1 3; do
	works ip -n guest$n link add link eth0 name v5 type vlan id 5
	works ip -n guest$n addr add 10.5.0.$n/24 dev v5
	works ip -n guest$n link set v5 up
done
works pings guest1 10.5.0.3
works tcp guest1 guest3 10.5.0.3 3000001

# A device that does not learn sends every frame to all remotes: the second time is no retransmission.
works ip -n a link set sc0 type sclp nolearning
works in_ns a bridge fdb flush dev sc0 dynamic self
frames=$(drops a sc0 tx_frames_segmented) again=$(drops a sc0 tx_repeated)
works tcp guest1 guest2 10.0.0.2 8000001
frames=$(($(drops a sc0 tx_frames_segmented) - frames)) again=$(($(drops a sc0 tx_repeated) - again))
if ((frames > 200 && again < frames / 10)); then good; else bad "of $frames frames to two remotes $again segments were sent twice"; fi

# ---- from one tunnel into another: b puts frames together and sends them on
for n in 1 3; do works ip -n guest$n link del v5; done
for ns in a b c; do works ip -n $ns link del sc0; done
relay() { # NS DEV ID REMOTE [OPTION..]
	local ns=$1 dev=$2 id=$3 remote=$4

	shift 4
	works sclp_add "$ns" "$dev" id "$id" remote "$remote" "$@"
	works ip -n "$ns" link set "$dev" mtu 65000 master br0 up
}
relay a sc0 11 192.0.2.2
relay b sc0 11 192.0.2.1
relay b sc1 12 2001:db8::3 carrier udp
relay c sc1 12 2001:db8::2 carrier udp
works pings guest1 10.0.0.3
works pings guest1 10.0.0.3 3 -s 64000 -M "do"
works tcp guest1 guest3 10.0.0.3 8000001
works tcp guest3 guest1 fd00::1 8000001
finish
