#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each option of the kind sclp: taken, shown, changed; wrong values refused with a word of what would be right, by `ip`'s
# plugin and by the kernel alone.
# shellcheck disable=SC2317 # functions that others call
. "$(dirname "$0")/device_lib.sh"
raw() { "$here/rtnl-sclp" "$@"; }
try() { works ip link add sc0 type sclp "$@" && ip link del sc0; } # no-one else has sc0 here
show() { ip -d link show "${1:-sc0}"; }

host_ns a
ip link add lower type dummy
ip addr add 192.0.2.1/24 dev lower
ip link set lower up

# ---- defaults
works ip link add sc0 type sclp id 5
shows 'sclp id 5 carrier ip srcport 49152 65535 dstport 4789 ttl auto tos inherit df set learning ageing 300 maxaddress 65536 csum meta' show
shows 'mtu 1500' show
shows 'maxmtu 65000' show
shows '"info_kind":"sclp","info_data":{"id":5,"carrier":"ip"' ip -j -d link show sc0
hides 'remote' show
works ip link set sc0 mtu 65000
refused 'mtu greater than device maximum' ip link set sc0 mtu 65001
works ip link set sc0 mtu 68
refused 'mtu less than device minimum' ip link set sc0 mtu 67
shows 'driver: sclp' ethtool -i sc0
shows 'tx_no_route: 0' ethtool -S sc0
shows 'Duplex: Full' ethtool sc0
shows 'tx-tcp-segmentation: on' ethtool -k sc0
shows 'tx-tcp6-segmentation: on' ethtool -k sc0
shows 'tx-udp-segmentation: on' ethtool -k sc0
shows 'tx-checksum-ip-generic: on' ethtool -k sc0
works ip link set sc0 up
works ip link set sc0 address 02:00:00:00:00:05 # while it is up
works ip link set sc0 down
works ip link del sc0

# ---- each option is shown as it was given
while read -r given shown; do
	# shellcheck disable=SC2086
	works ip link add sc0 type sclp id 7 ${given//,/ }
	shows "${shown//,/ }" show
	works ip link set sc0 up
	works ip link del sc0
done <<-EOF2
	remote,192.0.2.2 remote,192.0.2.2
	remote,2001:db8::2 remote,2001:db8::2
	local,192.0.2.1,remote,192.0.2.2 local,192.0.2.1
	local,2001:db8::1 local,2001:db8::1
	dev,lower dev,lower
	carrier,ip carrier,ip
	carrier,udp carrier,udp
	carrier,udp udpport,4234
	carrier,udp,udpport,9999 udpport,9999
	dstport,4790 dstport,4790
	srcport,50000,50000 srcport,50000,50000
	srcport,1,65535 srcport,1,65535
	ttl,1 ttl,1
	ttl,255 ttl,255
	ttl,inherit ttl,inherit
	ttl,auto ttl,auto
	tos,0xb8 tos,0xb8
	tos,0 tos,0
	tos,inherit tos,inherit
	df,set df,set
	df,unset df,unset
	df,inherit df,inherit
	flowlabel,0xfffff flowlabel,0xfffff
	ageing,0 noageing
	noageing noageing
	ageing,1000000 ageing,1000000
	nolearning nolearning
	learning learning
	maxaddress,1 maxaddress,1
	maxaddress,unlimited maxaddress,unlimited
	nocsum nocsum
	nometa nometa
	remote,fe80::2,dev,lower remote,fe80::2
EOF2
works ip link add sc0 type sclp external
shows 'sclp external carrier ip' show
shows 'nolearning' show
works ip link del sc0
try id 0
try id 16777215
try vni 0xffffff

# ---- what does not fit together, in the kernel's words
refused 'id is missing' ip link add sc0 type sclp
refused 'an external device gets the id with each frame' ip link add sc0 type sclp external id 5
refused 'an external device gets the remote with each frame' ip link add sc0 type sclp external remote 192.0.2.2
refused 'an external device gets the source address with each frame' ip link add sc0 type sclp external local 192.0.2.1
refused 'must be of one address family' ip link add sc0 type sclp id 5 local 192.0.2.1 remote 2001:db8::1
refused 'the same address' ip link add sc0 type sclp id 5 local 192.0.2.1 remote 192.0.2.1
refused 'must be unicast addresses' ip link add sc0 type sclp id 5 remote 239.1.1.1
refused 'must be unicast addresses' ip link add sc0 type sclp id 5 remote 0.0.0.0
refused 'must be unicast addresses' ip link add sc0 type sclp id 5 local ff02::1
refused 'needs dev' ip link add sc0 type sclp id 5 remote fe80::2
refused 'hold Geneve' ip link add sc0 type sclp id 5 dstport 6081
refused 'mtu greater than device maximum' ip link add sc0 mtu 65001 type sclp id 5
works ip link add sc0 type sclp id 5
refused 'choose another id or carrier' ip link add sc1 type sclp id 5
works ip link add sc1 type sclp id 5 carrier udp
works ip link add sc2 type sclp id 6
works ip link add sc3 type sclp external
refused 'choose another id or carrier' ip link add sc4 type sclp external
works ip link add sc4 type sclp external carrier udp
for i in 0 1 2 3 4; do works ip link del sc$i; done

# ---- wrong values that `ip` itself refuses
while read -r given said; do
	# shellcheck disable=SC2086
	refused "$said" ip link add sc0 type sclp ${given//,/ }
done <<-EOF2
	id what follows is missing
	id,16777216 not a number from 0 to 16777215
	id,-1 not a number
	id,5x not a number
	id,5,id,6 given twice
	id,5,learning,nolearning given twice
	id,5,nonsense unknown option "nonsense"
	id,5,local,1.2.3 neither an IPv4 nor an IPv6 address
	id,5,remote,1.2.3.4,remote,::1 given twice
	id,5,srcport,5,4 the lower port comes first
	id,5,srcport,5 what follows is missing
	id,5,dstport,0 not a number from 1 to 65535
	id,5,udpport,65536 not a number from 1 to 65535
	id,5,df,maybe is not one of set, unset, inherit
	id,5,carrier,tcp is not one of ip, udp
	id,5,ttl,0 not a number from 1 to 255
	id,5,tos,3 a multiple of 4 is wanted
	id,5,flowlabel,0x100000 not a number from 0 to 1048575
	id,5,ageing,1000001 not a number from 0 to 1000000
	id,5,maxaddress,0 not a number from 1
	id,5,dev,nowhere there is no device "nowhere"
EOF2
shows 'Usage: ... sclp id VNI' ip link help sclp

# ---- wrong values that the kernel refuses
while read -r given said; do
	# shellcheck disable=SC2086
	refused "$said" raw add sc0 id=u32:5 ${given//,/ }
done <<-EOF2
	id=u32:0x1000000 id must be 0 to 16777215
	carrier=u8:2 carrier must be 0 (ip) or 1 (udp)
	dstport=be16:0 dstport must be 1 to 65535
	udp_port=be16:0 udpport must be 1 to 65535
	port_range=hex:00050004 the lower one first
	port_range=hex:00000004 srcport must be two ports
	port_range=hex:0005 attribute size out of range
	local=ip:255.255.255.255 must be unicast
	local=hex:0102 attribute size out of range
	local6=ip:::ffff:1.2.3.4 must be unicast
	remote=ip:1.2.3.4,remote6=ip:2001:db8::1 one address each
	link=u32:99999 no such device
	ttl=u8:5,ttl_inherit=u8:1 either a number or inherited
	tos=u8:2 the low two bits of tos are ECN
	df=u8:3 df must be 0 (set), 1 (unset) or 2 (inherit)
	label=be32:0x100000 flowlabel must be 0 to 0xfffff
	ageing=u32:1000001 ageing must be 0 (never) to 1000000 seconds
	address=hex:010000000001 unicast MAC address
	address=hex:0100 6 bytes
EOF2
works raw add sc0 id=u32:5 carrier=u8:1 remote=ip:192.0.2.2
refused 'File exists' raw add sc0 id=u32:6
works ip link del sc0

# ---- changes, under way and not
works ip link add sc0 type sclp id 5 local 192.0.2.1 remote 192.0.2.2
works ip link set sc0 up
works ip link set sc0 type sclp ttl 9 tos 0x20 df unset flowlabel 5 ageing 77 nolearning maxaddress 3 nocsum nometa
shows 'ttl 9 tos 0x20 df unset flowlabel 0x5 nolearning ageing 77 maxaddress 3 nocsum nometa' show
works ip link set sc0 type sclp ttl inherit
shows 'ttl inherit' show
works ip link set sc0 type sclp ttl auto
shows 'ttl auto tos 0x20' show
works ip link set sc0 type sclp remote 192.0.2.3
shows 'remote 192.0.2.3' show
shows '00:00:00:00:00:00 dst 192.0.2.3 self permanent' bridge fdb show dev sc0
hides '192.0.2.2' bridge fdb show dev sc0
works ip link set sc0 type sclp id 5
refused 'id cannot change' ip link set sc0 type sclp id 6
refused 'carrier cannot change' ip link set sc0 type sclp carrier udp
refused 'dstport and udpport cannot change' ip link set sc0 type sclp dstport 4790
refused 'srcport cannot change' ip link set sc0 type sclp srcport 5 6
refused 'external cannot change' ip link set sc0 type sclp external
refused 'must be of one address family' ip link set sc0 type sclp remote 2001:db8::2
refused 'local can change while the device is down only' ip link set sc0 type sclp local 192.0.2.9
refused 'dev can change while the device is down only' ip link set sc0 type sclp dev lower
shows 'local 192.0.2.1' show
works ip link set sc0 down
works ip link set sc0 type sclp local 192.0.2.9 dev lower
shows 'local 192.0.2.9 dev lower' show
works ip link del sc0

# ---- the lower device goes
works ip link add sc0 type sclp id 5 dev lower
works ip link add sc1 type sclp id 6
works ip link set sc0 up
works ip link del lower
refused 'does not exist' ip link show sc0
works ip link del sc1
finish
