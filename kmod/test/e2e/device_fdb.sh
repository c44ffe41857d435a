#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `bridge fdb` on an sclp device: add, append, replace, del, get, show, flush, monitor; bound and ageing.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
fdb() { bridge fdb "$1" "$2" dev sc0 "${@:3}"; }
show() { bridge fdb show dev sc0; }
count() { show | grep -c "$1"; }
m=02:00:00:00:00:aa zero=00:00:00:00:00:00

works ip link add lower type dummy
works ip link add sc0 type sclp id 5 remote 192.0.2.2
works ip link set sc0 up
shows "$zero dst 192.0.2.2 self permanent" show

# ---- one address
works fdb add $m dst 192.0.2.3
shows "$m dst 192.0.2.3 self permanent" show
refused 'append another remote to it, or replace it' fdb add $m dst 192.0.2.4
works fdb append $m dst 192.0.2.4
refused 'has this remote already' fdb append $m dst 192.0.2.4
gives 2 count "$m" # two remotes
shows "$m dev sc0 dst 192.0.2.3 self permanent" bridge fdb get $m dev sc0 self
works fdb del $m dst 192.0.2.3
hides 192.0.2.3 show
shows "$m dst 192.0.2.4" show
refused 'has no such remote' fdb del $m dst 192.0.2.3
works fdb append $m dst 192.0.2.5
works fdb replace $m dst 192.0.2.6
gives 1 count "$m" # replaced by one
works fdb replace $m dst 192.0.2.6 dynamic
shows "$m dst 192.0.2.6 self" show
hides "$m dst 192.0.2.6 self permanent" show
works fdb replace $m dst 192.0.2.6 static
shows "$m dst 192.0.2.6 self static" show
works fdb replace $m dst 192.0.2.6 dynamic extern_learn
shows "$m dst 192.0.2.6 self extern_learn" show
works fdb del $m
hides $m show
refused 'there is no entry of this address' fdb del $m
refused 'there is no entry of this address' bridge fdb get $m dev sc0 self

# ---- what a remote may say
works fdb add $m dst 192.0.2.3 vni 99 via lower
shows "$m dst 192.0.2.3 vni 99 via lower self permanent" show
works fdb del $m dst 192.0.2.3 vni 99 via lower
works fdb add $m dst 2001:db8::3
shows "$m dst 2001:db8::3 self" show
works fdb del $m
refused 'carrier ip' fdb add $m dst 192.0.2.3 port 4000
refused 'invalid VNI' fdb add $m dst 192.0.2.3 vni 16777216
refused 'dst is missing' fdb add $m
refused 'unicast' fdb add $m dst 239.1.1.1
refused 'unicast' fdb add $m dst 0.0.0.0
refused 'leave out vlan' fdb add $m dst 192.0.2.3 vlan 5
refused 'nhid and src_vni are not supported' fdb add $m dst 192.0.2.3 src_vni 3
refused 'nhid and src_vni are not supported' fdb add $m nhid 3
works ip link add sc1 type sclp id 5 carrier udp local 192.0.2.1
works bridge fdb add $m dev sc1 dst 192.0.2.3 port 4000
shows 'dst 192.0.2.3 port 4000 self' bridge fdb show dev sc1
refused "family of the device's local address" bridge fdb append $m dev sc1 dst 2001:db8::3
works ip link del sc1
works ip link add sc1 type sclp id 5 carrier udp remote 2001:db8::2
refused 'with carrier udp of its remote' bridge fdb append $m dev sc1 dst 192.0.2.3
works ip link set sc1 up
refused 'the address family of remote can change while the device is down only' ip link set sc1 type sclp remote 192.0.2.3
works ip link set sc1 type sclp remote 2001:db8::3
works ip link set sc1 down
works ip link set sc1 type sclp remote 192.0.2.3
works ip link del sc1
works ip link add sc1 type sclp external
refused 'an external device has no forwarding data base' bridge fdb add $m dev sc1 dst 192.0.2.3
works ip link del sc1

# ---- flooding: several remotes, the device's own among them
works fdb append $zero dst 192.0.2.7
works fdb append $zero dst 192.0.2.8
gives 3 count "$zero" # three remotes to flood to
works ip link set sc0 type sclp remote 192.0.2.9
gives 3 count "$zero" # still three
hides '192.0.2.2 ' show
shows "$zero dst 192.0.2.9 self" show
works fdb del $zero dst 192.0.2.9
works fdb del $zero
hides $zero show
works ip link set sc0 type sclp ttl 5 # what was taken away does not come back by another change
hides $zero show
works ip link set sc0 type sclp remote 192.0.2.9
shows "$zero dst 192.0.2.9 self" show

# ---- flush leaves the remotes to flood to
for i in 1 2 3; do works fdb add 02:00:00:00:01:0$i dst 192.0.2.$i dynamic; done
for i in 4 5; do works fdb add 02:00:00:00:01:0$i dst 192.0.2.$i static; done
works fdb add 02:00:00:00:01:06 dst 192.0.2.6
works bridge fdb flush dev sc0 static self
gives 4 count 02:00:00:00:01 # static ones flushed
works bridge fdb flush dev sc0 nopermanent self
gives 1 count 02:00:00:00:01 # all but the permanent one flushed
works bridge fdb flush dev sc0 self
gives 0 count 02:00:00:00:01 # all but those to flood to
gives 1 count "$zero"
refused 'can flush by state and flags' bridge fdb flush dev sc0 vlan 5 self

# ---- many: a dump in several parts, the bound
works ip link set sc0 type sclp maxaddress 1001
for i in {1..1000}; do printf 'fdb add 02:00:00:01:%02x:%02x dev sc0 dst 198.51.100.%d\n' $((i / 256)) $((i % 256)) $((i % 250 + 1)); done >/tmp/many
works bridge -batch /tmp/many
several() { show | grep -o '^02:00:00:01:..:..' | sort -u | wc -l; }
gives 1000 several # a dump shows all
gives 1001 count . # and nothing twice
refused 'is full: see maxaddress' fdb add $m dst 192.0.2.3
works bridge fdb append 02:00:00:01:00:01 dev sc0 dst 192.0.2.3 # no new address
works ip link set sc0 type sclp maxaddress unlimited
works fdb add $m dst 192.0.2.3
works bridge fdb flush dev sc0 self

# ---- ageing: dynamic entries go, others stay; down forgets what was learnt
works ip link set sc0 type sclp ageing 1
works fdb add $m dst 192.0.2.3 dynamic
works fdb add 02:00:00:00:02:01 dst 192.0.2.3 static
works fdb add 02:00:00:00:02:02 dst 192.0.2.3
works fdb add 02:00:00:00:02:03 dst 192.0.2.3 dynamic extern_learn
gone() { ! show | grep -q "$1"; }
until_true 4 gone $m
gives 3 count 02:00:00:00:02 # only the dynamic one ages
works ip link set sc0 type sclp ageing 0
works fdb add $m dst 192.0.2.3 dynamic
sleep 2
shows $m show
works ip link set sc0 type sclp ageing 1
until_true 4 gone $m
works ip link set sc0 type sclp ageing 300
works fdb add $m dst 192.0.2.3 dynamic
works ip link set sc0 down
hides $m show
gives 3 count 02:00:00:00:02 # down forgets dynamic ones alone

# ---- listeners are told
works ip link set sc0 up
bridge monitor fdb >/tmp/monitor &
monitor=$!
sleep 0.3
works fdb add $m dst 192.0.2.3
works fdb append $m dst 192.0.2.4
works fdb replace $m dst 192.0.2.5
works fdb del $m
sleep 0.3
kill $monitor
shows "$m dev sc0 dst 192.0.2.3 self permanent" cat /tmp/monitor
shows "Deleted $m dev sc0 dst 192.0.2.4 self permanent" cat /tmp/monitor
shows "Deleted $m dev sc0 dst 192.0.2.5 self permanent" cat /tmp/monitor
works ip link del sc0
finish
