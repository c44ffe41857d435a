#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Open vSwitch.  Its datapath in the kernel, with tunnel keys, on devices in metadata mode, as ovs-dpctl sets it up.  And a
# bridge of ovs-vswitchd, to which a device with an id and a remote is a port like any other.  Both carriers each.  The
# commands that ip-link-sclp(8) shows are those run here.
. "$(dirname "$0")/traffic_lib.sh"
schema=/usr/share/openvswitch/vswitch.ovsschema

for tool in ovs-dpctl ovs-vsctl ovs-ofctl ovs-vswitchd ovsdb-server ovsdb-tool; do
	command -v $tool >/dev/null || bad "no $tool: apt-get install openvswitch-switch"
done
[[ -r $schema ]] || bad "no $schema: apt-get install openvswitch-switch"
((n_bad)) && finish
export OVS_RUNDIR=/tmp/ovs OVS_LOGDIR=/tmp/ovs OVS_DBDIR=/tmp/ovs
mkdir /tmp/ovs

# guest NS N: a namespace guestN with the addresses that tunnel_pair gives, behind vnet0 in NS.
guest() {
	host_ns "guest$2" &&
		ip link add vnet0 netns "$1" mtu 65000 type veth peer name eth0 netns "guest$2" mtu 65000 &&
		ip -n "guest$2" addr add "10.9.0.$2/24" dev eth0 &&
		ip -n "guest$2" addr add "fd09::$2/64" dev eth0 nodad &&
		ip -n "guest$2" link set eth0 up &&
		ip -n "$1" link set vnet0 up
}

rx_packets() { ip netns exec "$1" cat "/sys/class/net/$2/statistics/rx_packets"; }

# ---- the datapath alone: vnet0 is port 1, sc0 port 2

dpctl() { ip netns exec "$1" ovs-dpctl -vwarn "${@:2}"; }

arp='eth(),eth_type(0x0806),arp()' v4='eth(),eth_type(0x0800),ipv4()' v6='eth(),eth_type(0x86dd),ipv6()'

# flow_out NS add-flow|mod-flow TYPE ID ADDRESS: the guest's frames of the type go there.
flow_out() {
	local dst=dst

	[[ $5 == *:* ]] && dst=ipv6_dst
	dpctl "$1" "$2" dp0 "in_port(1),$3" "set(tunnel(tun_id=$4,$dst=$5,ttl=64,flags(df|key))),2"
}

# flow_in NS TYPE ID ADDRESS TO: those that come from there go to the guest.
flow_in() {
	local v6=''

	[[ $4 == *:* ]] && v6=ipv6_
	dpctl "$1" add-flow dp0 "tunnel(tun_id=$3,${v6}src=$4,${v6}dst=$5,ttl=0/0,flags(key)),in_port(2),$2" 1
}

# datapath NS N CARRIER FAMILY: that of host number N.
datapath() {
	local ns=$1 mine peer type

	mine=$(outer "$2" "$4") peer=$(outer $((3 - $2)) "$4")
	sclp_add "$ns" sc0 external carrier "$3" && ip -n "$ns" link set sc0 mtu 65000 up &&
		dpctl "$ns" add-dp dp0 && dpctl "$ns" add-if dp0 vnet0,port_no=1 sc0,port_no=2 || return
	for type in "$arp" "$v4" "$v6"; do
		flow_out "$ns" add-flow "$type" 77 "$peer" && flow_in "$ns" "$type" 77 "$peer" "$mine" || return
	done
}

try_datapath() { # CARRIER FAMILY
	local ns before

	works datapath a 1 "$1" "$2"
	works datapath b 2 "$1" "$2"
	counters_start a b
	pings guest1 10.9.0.2 56
	pings guest2 fd09::1 60000
	tcp guest1 guest2 10.9.0.2 4000000
	tcp guest2 guest1 fd09::1 4000000
	counted a tx_frames_segmented
	# The hosts' own IPv6 says hello on sc0, without a key.
	no_drops a tx_no_remote
	no_drops b tx_no_remote

	# What comes with another id is the device's, but matches no flow until there is one.
	works flow_out a mod-flow "$v4" 78 "$(outer 2 "$2")"
	before=$(rx_packets b sc0)
	refused '100% packet loss' ip netns exec guest1 ping -qn -c 2 -i 0.05 -W 1 10.9.0.2
	if (($(rx_packets b sc0) >= before + 2)); then good; else bad "sc0 did not get what has another id"; fi
	works flow_in b "$v4" 78 "$(outer 1 "$2")" "$(outer 2 "$2")"
	pings guest1 10.9.0.2 56

	for ns in a b; do
		works dpctl $ns del-dp dp0
		works ip -n $ns link del sc0
	done
}

# ---- ovs-vswitchd in a, whose bridge has vnet0 and sc0; b has none of it

switch_start() {
	ovsdb-tool create /tmp/ovs/conf.db "$schema" &&
		ovsdb-server -vconsole:warn --remote=punix:/tmp/ovs/db.sock --pidfile --detach --no-chdir --log-file /tmp/ovs/conf.db &&
		ovs-vsctl --no-wait init &&
		ip netns exec a ovs-vswitchd -vconsole:warn unix:/tmp/ovs/db.sock --pidfile --detach --no-chdir --log-file
}
switch_stop() { ovs-appctl -t ovs-vswitchd exit --cleanup && ovs-appctl -t ovsdb-server exit; }

far_end() { # CARRIER MTU
	sclp_add b sc0 id 5 local 192.0.2.2 remote 192.0.2.1 carrier "$1" && ip -n b link set sc0 mtu "$2" up &&
		ip -n b addr add 10.9.0.2/24 dev sc0 && ip -n b addr add fd09::2/64 dev sc0 nodad
}

try_plain() { # CARRIER
	works ip -n a link add sc0 mtu 65000 type sclp id 5 local 192.0.2.1 remote 192.0.2.2 carrier "$1"
	works ip -n a link set sc0 up
	works ovs-vsctl add-port br0 sc0
	works far_end "$1" 65000
	works ip -n guest1 neigh flush dev eth0
	counters_start a b
	pings guest1 10.9.0.2 56
	pings b 10.9.0.1 60000
	tcp guest1 b 10.9.0.2 4000000
	tcp b guest1 fd09::1 4000000
	counted a tx_frames_segmented
	no_drops a
	no_drops b
	works ovs-vsctl del-port br0 sc0
	works tunnel_gone a b
}

# ovs-vswitchd gives a tunnel key only to what leaves by a port of its own tunnel types, and takes nothing with a key from
# any other: a device in metadata mode is of no use to it, and ip-link-sclp(8) says so.
try_external() {
	works sclp_add a sc0 external
	works ip -n a link set sc0 up
	works ovs-vsctl add-port br0 sc0
	works ovs-ofctl add-flow br0 "in_port=vnet0,actions=set_field:5->tun_id,set_field:192.0.2.2->tun_dst,output:sc0"
	works far_end ip 1500
	counters_start a
	refused '100% packet loss' ip netns exec guest1 ping -qn -c 2 -i 0.05 -W 1 10.9.0.2
	counted a tx_no_remote
	refused '100% packet loss' ip netns exec b ping -qn -c 2 -i 0.05 -W 1 10.9.0.1
	shows 'receive tunnel port not found' cat /tmp/ovs/ovs-vswitchd.log
	works ovs-vsctl del-port br0 sc0
	works tunnel_gone a b
}

wire_pair a b
works guest a 1
works guest b 2
echo "datapath, carrier ip, outer IPv4"
try_datapath ip 4
echo "datapath, carrier udp, outer IPv6"
try_datapath udp 6
works switch_start
works ovs-vsctl add-br br0
works ovs-vsctl add-port br0 vnet0
for carrier in ip udp; do
	echo "ovs-vswitchd, carrier $carrier"
	try_plain $carrier
done
echo "ovs-vswitchd, metadata mode"
try_external
works ovs-vsctl del-br br0
works switch_stop
finish
