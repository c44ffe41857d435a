#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The UDP carrier's bytes are those of "foo over UDP": a plain FOU port of the kernel with ipproto 234 hands them to
# the IP carrier.
. "$(dirname "$0")/traffic_lib.sh"

wire_pair a b
works ip -n b fou add port 4234 ipproto 234
works sclp_add a sc0 id 1 local 192.0.2.1 remote 192.0.2.2 carrier udp
works sclp_add b sc0 id 1 local 192.0.2.2 remote 192.0.2.1 carrier ip
# The way back: FOU takes off what the UDP carrier put on, only on b; a hears protocol 234 by a device of its own.
works ip -n a link set sc0 up mtu 9000
works ip -n b link set sc0 up mtu 9000
works ip -n a addr add 10.9.0.1/24 dev sc0
works ip -n b addr add 10.9.0.2/24 dev sc0
peer=$(ip netns exec b cat /sys/class/net/sc0/address)
works ip -n a neigh add 10.9.0.2 lladdr "$peer" dev sc0
counters_start b
# One way: nothing has to come back.
datagrams a b 10.9.0.2 8000 200
no_drops b
finish
