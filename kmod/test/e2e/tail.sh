#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ends of a flow's last frame are sent once more where losses were seen, and only there: requests of which every
# second first segment, or last one, gets lost do not wait for TCP to send them again.
. "$(dirname "$0")/traffic_lib.sh"
N=80 GAP=15 # ms: losses are remembered for a second

rise() { counter_rise "$1" | awk -v name="$2" '$1 == name { print $2 }'; }

# alternate_losses END OFFSET: on the way to b, of the segments whose SCLP header, at OFFSET in the packet, says that they
# are a frame's first, and full, or its last, and not all, every second one is lost: the chain goes from good to bad and
# back with each of them.
alternate_losses() {
	local match="match u16 1500 0xffff at 2 match u8 1 1 at $(($2 + 7))"

	[[ $1 == first ]] || match="match u8 0 1 at $(($2 + 7)) match u16 0 0xffff at $(($2 + 8))"
	# shellcheck disable=SC2086 # words
	tc -n mid qdisc add dev right root handle 1: prio &&
		tc -n mid qdisc add dev right parent 1:3 netem loss gemodel 100% 100% 100% 0% &&
		tc -n mid filter add dev right parent 1: protocol ip u32 $match flowid 1:3 &&
		tc -n mid filter add dev right parent 1: protocol ip prio 60000 u32 match u32 0 0 flowid 1:1
}
lost() { tc -n mid -s qdisc show dev right parent 1:3 | sed -nE 's/.*dropped ([0-9]+),.*/\1/p'; }

# Once all is in step, either each original gets lost or what is sent once more: pings, each a frame that is no TCP and never
# repeated, have them change places again and again.
recovered() {
	local again whole try

	for try in 1 2 3; do
		counters_start a b
		"$here/requests" a b 10.9.0.2 3000 $N $GAP >/tmp/again &
		while kill -0 $! 2>/dev/null; do
			ip netns exec a ping -qc 1 -W 0.2 -s 3000 10.9.0.2 >/dev/null
			sleep 0.3
		done
		again=$(</tmp/again) whole=$(rise b reasm_frames)
		echo "try $try: TCP sent $again again, $(rise a tx_repeated) were repeated, ${whole:-0} made whole by level 2"
		((${again:-N} <= N / 16)) || return
		((${whole:-0} < N / 4)) || return 0
	done
	return 1
}

wire_through mid a b
for carrier in ip udp; do
	works tunnel_pair a b $carrier 4 9000
	offset=20
	[[ $carrier == ip ]] || offset=28
	# without fragments the device gets frames that are in no page: kept are copies
	for sg in on off; do
		works ip netns exec a ethtool -K sc0 sg $sg
		for end in first last; do
			echo "carrier $carrier, sg $sg: no losses"
			counters_start a b
			gives 0 "$here/requests" a b 10.9.0.2 3000 $N $GAP
			gives "" rise a tx_repeated
			echo "carrier $carrier, sg $sg: every second $end segment gets lost"
			works alternate_losses $end $offset
			ours recovered
			if (($(lost) >= N / 2)); then good; else bad "only $(lost) segments were lost"; fi
			works tc -n mid qdisc del dev right root
			echo "carrier $carrier, sg $sg: no losses for more than a second"
			sleep 1.5
		done
	done
	counters_start a b
	gives 0 "$here/requests" a b 10.9.0.2 3000 $N $GAP
	gives "" rise a tx_repeated
	no_drops b
	works tunnel_gone a b
done
finish
