#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module on one host, cvswd on the other: both carriers and address families, small and large frames, TCP and
# datagrams in both directions, a wire that loses.  CVSWD: the program.
. "$(dirname "$0")/traffic_lib.sh"
if [[ ! -x ${CVSWD:-} ]]; then
	echo "no cvswd: CVSWD=${CVSWD:-}"
	exit 1
fi

# The guest behind cvswd: tap0 in the namespace g.
switch_start() { # CARRIER FAMILY MTU
	cat >/tmp/cvswd.yaml <<-EOF
		daemon: {control: /tmp/cvswd.sock, memory: 64}
		bridges: [{name: br0}]
		ports: [{name: tap0, netns: g, bridge: br0, mtu: $3}]
		tunnels: [{name: t0, bridge: br0, vni: 1, carrier: $1, local: "$(outer 2 "$2")", remotes: ["$(outer 1 "$2")"]}]
	EOF
	ip netns exec b "$CVSWD" -c /tmp/cvswd.yaml >/tmp/cvswd.log 2>&1 &
	switch=$!
	until_true 60 grep -q ready: /tmp/cvswd.log || { cat /tmp/cvswd.log; return 1; }
	ip -n g addr add 10.9.0.2/24 dev tap0 && ip -n g addr add fd09::2/64 dev tap0 nodad && ip -n g link set tap0 up
}
switch_stop() {
	kill "$switch"
	wait "$switch"
}

# both_ways MTU: nothing is dropped.  The sender cvswd is a process, though: if it loses its processor in the midst of a frame,
# for some ticks, the module waits no longer for the rest; then once more.
both_ways() {
	local try

	for try in 1 2 3; do
		counters_start a
		pings a 10.9.0.2 56
		pings a 10.9.0.2 $(($1 - 28))
		pings g fd09::1 $(($1 - 48))
		tcp a g 10.9.0.2 4000000
		tcp g a fd09::1 4000000
		datagrams a g 10.9.0.2 $(($1 - 28)) 20
		datagrams g a 10.9.0.1 $(($1 - 28)) 20
		counter_rise a | grep -q '^reasm_timeout ' || break
		echo "try $try: the end of a frame came late: $(counter_rise a | grep reasm_ | tr '\n' ' ')"
	done
	no_drops a
}

wire_through mid a b
host_ns g
# veth hands on sums that are owed, as no wire does, and a raw socket is not told of them.
works ip netns exec a ethtool -K wire tx off tx-checksum-ip-generic off
for carrier in ip udp; do
	for family in 4 6; do
		for mtu in 1500 9000 65000; do
			echo "carrier $carrier, outer IPv$family, MTU $mtu"
			works tunnel_end a 1 2 $carrier $family $mtu
			ours switch_start $carrier $family $mtu
			ours both_ways $mtu
			if [[ $mtu == 1500 ]]; then
				echo "  1 % of the segments lost"
				works tc -n mid qdisc replace dev left root netem limit 10000 loss 1%
				works tc -n mid qdisc replace dev right root netem limit 10000 loss 1%
				tcp a g 10.9.0.2 4000000
				tcp g a 10.9.0.1 4000000
				works tc -n mid qdisc del dev left root
				works tc -n mid qdisc del dev right root
			fi
			ours switch_stop
			works ip -n a link del sc0
		done
	done
done
finish
