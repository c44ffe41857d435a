#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a device makes of frames that come: ECN by RFC 6040, learning, moves, and one counter for each cause of a drop.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
in_ns() { ip netns exec "$@"; }
send() { in_ns a "$here/sclp-send" 192.0.2.2 "$@"; }
show() { ip netns exec b bridge fdb show dev sc0; }
mac=020000000001 to=020000000002

wire_pair a b
works sclp_add b sc0 id 5 local 192.0.2.2
works ip -n b link set sc0 address 02:00:00:00:00:02 up

# ---- RFC 6040
works "$here/device-ecn"
gives 3 drops b sc0 rx_ecn_bad

# ---- learning
shows '02:00:00:00:00:01 dst 192.0.2.1 self' show
hides '02:00:00:00:00:02' show
works in_ns b bridge fdb replace 02:00:00:00:00:01 dev sc0 dst 192.0.2.77 dynamic
send 5 0 ip4:$mac:$to:0
shows '02:00:00:00:00:01 dst 192.0.2.1 self' show # it moved
hides '192.0.2.77' show
works in_ns b bridge fdb replace 02:00:00:00:00:01 dev sc0 dst 192.0.2.77 dynamic sticky
send 5 0 ip4:$mac:$to:0
shows '02:00:00:00:00:01 dst 192.0.2.77 *sticky' show # it did not, and the frame was taken
gives 0 drops b sc0 rx_static_moved
works in_ns b bridge fdb replace 02:00:00:00:00:01 dev sc0 dst 192.0.2.77 static
send 5 0 ip4:$mac:$to:0
gives 1 drops b sc0 rx_static_moved
shows '02:00:00:00:00:01 dst 192.0.2.77 self static' show
works in_ns b bridge fdb append 02:00:00:00:00:01 dev sc0 dst 192.0.2.1 static
send 5 0 ip4:$mac:$to:0 # one of the entry's remotes
gives 1 drops b sc0 rx_static_moved
send 5 0 ip4:010000000001:$to:0 ip4:000000000000:$to:0
hides '01:00:00:00:00:01' show
hides '00:00:00:00:00:00' show

# ---- a bound on what is learnt; the frames go up all the same
works in_ns b bridge fdb flush dev sc0 self
works ip -n b link set sc0 type sclp maxaddress 3
packets() { ip -n b -s -j link show sc0 | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["stats64"]["rx"]["packets"])'; }
before=$(packets)
for i in 1 2 3 4 5 6 7; do send 5 0 ip4:02000000010$i:$to:0; done
n_learnt() { show | grep -c '^02:00:00:00:01:0'; }
gives 3 n_learnt
gives $((before + 7)) packets
works ip -n b link set sc0 type sclp maxaddress unlimited

# ---- causes of drops
send 5 0 ip4:$to:$mac:0
gives 1 drops b sc0 rx_own_address
works ip -n b link set sc0 down
send 5 0 ip4:$mac:$to:0
gives 1 drops b sc0 rx_device_down
works ip -n b link set sc0 up
works ip -n b link set sc0 type sclp nolearning
dropped() { sed -n "s/^ *$1:* *//p" <(in_ns b cat /proc/net/sclp); }
before=$(dropped rx_remote_unknown)
send 5 0 ip4:$mac:$to:0
gives $((before + 1)) dropped rx_remote_unknown
before=$(packets)
works ip -n b link set sc0 type sclp remote 192.0.2.1
send 5 0 ip4:$mac:$to:0
gives $((before + 1)) packets
hides '02:00:00:00:00:01' show
before=$(dropped rx_vni_unknown)
send 6 0 ip4:$mac:$to:0
gives $((before + 1)) dropped rx_vni_unknown
sum_of() { in_ns b ethtool -S sc0 | awk -F: '/^ *rx_/ && $1 !~ /rx_(segments|frames)/ { n += $2 } END { print n + 0 }'; }
all_dropped() { ip -n b -s -j link show sc0 | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["stats64"]["rx"]["dropped"])'; }
gives "$(sum_of)" all_dropped

# ---- UDP over IPv6 without a checksum: refused and counted, unless it is allowed
works sclp_add b sc1 id 6 local 2001:db8::2 carrier udp
works ip -n b link set sc1 up
unsummed() { # a frame for VNI 6, in one segment
	in_ns a python3 -c '
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 101, 1)  # UDP_NO_CHECK6_TX
sclp = "c00012b5" + "00000003" + "00000000"
s.sendto(bytes.fromhex(sclp + "0800000000000600" + "020000000002020000000009" + "88b5" + 46 * "00"), ("2001:db8::2", 4234))'
}
learnt() { in_ns b bridge fdb show dev sc1; }
before=$(dropped rx_csum_missing)
works unsummed
gives $((before + 1)) dropped rx_csum_missing
hides '02:00:00:00:00:09' learnt
works in_ns b sysctl -qw net.sclp.allow_no_csum=1
works unsummed
gives $((before + 1)) dropped rx_csum_missing
shows '02:00:00:00:00:09' learnt
works in_ns b sysctl -qw net.sclp.allow_no_csum=0
finish
