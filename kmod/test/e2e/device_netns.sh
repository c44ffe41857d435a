#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where a device and its outer packets live: made elsewhere, moved, namespaces that go.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
link() { ip -n "$1" -d link show sc0; }

for ns in a b c; do host_ns $ns; done

# ---- moved: the outer packets stay in a, which still knows the id
works ip -n a link add sc0 type sclp id 5 remote 192.0.2.2 carrier udp
works ip -n a link set sc0 up
works ip -n a link set sc0 netns b
shows 'link-netns a' link b
shows 'remote 192.0.2.2' link b
shows 'dst 192.0.2.2 link-netnsid 0 self permanent' ip netns exec b bridge fdb show dev sc0
refused 'choose another id or carrier' ip -n a link add sc1 type sclp id 5 carrier udp
works ip -n b link add sc1 type sclp id 5 carrier udp
works ip -n b link set sc0 up
works ip -n b link set sc0 netns c
works ip -n c link set sc0 up
works ip -n b link del sc1
works ip -n c link set sc0 netns a
works ip -n a link del sc0

# ---- made in one namespace for another
works ip -n a link add sc0 netns b type sclp id 5 remote 192.0.2.2
shows 'link-netns a' link b
refused 'choose another id or carrier' ip -n a link add sc1 type sclp id 5
works ip -n b link del sc0

# ---- the device's namespace goes: the id is free again
works ip -n a link add sc0 netns c type sclp id 5 carrier udp
works ip -n c link set sc0 up
works ip netns del c
free_again() { ip -n a link add sc0 type sclp id 5 carrier udp && ip -n a link del sc0; }
until_true 10 free_again

# ---- the namespace of the outer packets goes, and the device with it
works ip -n a link add sc0 netns b type sclp id 5 carrier udp
works ip -n a link add sc1 netns b type sclp id 5 carrier ip
works ip -n b link set sc0 up
works ip -n b link set sc1 up
works ip netns del a
none_left() { ! ip -n b link show sc0 && ! ip -n b link show sc1; }
until_true 10 none_left

# ---- the lower device leaves the namespace
host_ns a
works ip -n a link add lower type dummy
works ip -n a link add sc0 type sclp id 5 dev lower
works ip -n a link set lower netns b
refused 'does not exist' ip -n a link show sc0
works ip -n b link del lower

# ---- both at once, many times
for i in {1..20}; do
	host_ns x$i && host_ns y$i
	works ip -n x$i link add sc0 netns y$i type sclp id "$i" carrier udp remote 192.0.2.2
	works ip -n y$i link add sc1 netns x$i type sclp id "$i" remote 2001:db8::2
	ip -n y$i link set sc0 up
	ip -n x$i link set sc1 up
	ip netns del x$i &
	ip netns del y$i
done
wait
works ip netns del a
works ip netns del b
finish
