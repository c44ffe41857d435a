# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts in the guest have in common.  KMOD: the folder kmod/ of the tree.

# host_ns NAME: a namespace with its loopback up.
host_ns() { ip netns add "$1" && ip -n "$1" link set lo up; }

# veth hands over super-packets where it can.  A wire does not: the sender cuts them, the receiver merges.
wire_like() { # NS DEV
	ip netns exec "$1" ethtool -K "$2" tso off gro on tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off \
		tx-gre-segmentation off tx-gre-csum-segmentation off tx-ipxip4-segmentation off tx-ipxip6-segmentation off \
		tx-udp-segmentation off tx-sctp-segmentation off tx-gso-partial off tx-gso-list off >/dev/null 2>&1 ||
		ip netns exec "$1" ethtool -K "$2" tso off gro on >/dev/null
}

# wire_pair A B [MTU]: namespaces with a wire between them, 192.0.2.1 and .2, 2001:db8::1 and ::2; its ends are
# called wire.
wire_pair() {
	local a=$1 b=$2 mtu=${3:-1500}

	host_ns "$a" && host_ns "$b" &&
		ip link add wire netns "$a" mtu "$mtu" type veth peer name wire netns "$b" mtu "$mtu" &&
		wire_end "$a" wire 1 && wire_end "$b" wire 2
}

wire_end() { # NS DEV LAST
	ip -n "$1" addr add "192.0.2.$3/24" dev "$2" &&
		ip -n "$1" addr add "2001:db8::$3/64" dev "$2" nodad &&
		wire_like "$1" "$2" && ip -n "$1" link set "$2" up
}

# wire_through MIDDLE A B [MTU]: the same through a third namespace, whose ends of it are called left (of A) and right.
# Packets pass there one by one, no merging, at the least cost: what comes in at one end is put out at the other.
wire_through() {
	local mid=$1 a=$2 b=$3 mtu=${4:-1500} end

	host_ns "$mid" && host_ns "$a" && host_ns "$b" &&
		ip link add wire netns "$a" mtu "$mtu" type veth peer name left netns "$mid" mtu "$mtu" &&
		ip link add wire netns "$b" mtu "$mtu" type veth peer name right netns "$mid" mtu "$mtu" || return
	for end in left right; do
		wire_like "$mid" $end && ip netns exec "$mid" ethtool -K $end gro off >/dev/null &&
			ip -n "$mid" link set $end up || return
	done
	put_through "$mid" left right && put_through "$mid" right left &&
		wire_end "$a" wire 1 && wire_end "$b" wire 2
}

# put_through NS FROM TO [ONE_OF]: what comes in at FROM goes out at TO, but for one packet of ONE_OF, by chance.
put_through() {
	tc -n "$1" qdisc del dev "$2" clsact 2>/dev/null # what it was before
	tc -n "$1" qdisc add dev "$2" clsact &&
		tc -n "$1" filter add dev "$2" ingress matchall ${4:+action gact pipe random netrand drop "$4"} \
			action mirred egress redirect dev "$3"
}

# sclp_add NS DEV OPTION..: as `ip link add DEV type sclp OPTION..` in the namespace NS.
sclp_add() {
	local ns=$1 dev=$2

	shift 2
	ip -n "$ns" link add "$dev" type sclp "$@"
}
