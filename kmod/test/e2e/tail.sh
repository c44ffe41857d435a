#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The first segment of a flow's last frame is sent once more where losses were seen, and only there: requests of which
# every second first segment gets lost do not wait for TCP to send them again.
. "$(dirname "$0")/traffic_lib.sh"
N=40 GAP=15 # less than a second, for so long losses are remembered

rise() { counter_rise "$1" | awk -v name="$2" '$1 == name { print $2 }'; }

# alternate_losses OFFSET: on the way to b, of the full segments whose SCLP header, at OFFSET in the packet, says that they
# are a frame's first, every second one is lost: the chain goes from good to bad and back with each of them.
alternate_losses() {
	tc -n mid qdisc add dev right root handle 1: prio &&
		tc -n mid qdisc add dev right parent 1:3 netem loss gemodel 100% 100% 100% 0% &&
		tc -n mid filter add dev right parent 1: protocol ip u32 \
			match u16 1500 0xffff at 2 match u8 1 1 at $(($1 + 7)) flowid 1:3 &&
		tc -n mid filter add dev right parent 1: protocol ip prio 60000 u32 match u32 0 0 flowid 1:1
}
lost() { tc -n mid -s qdisc show dev right parent 1:3 | sed -nE 's/.*dropped ([0-9]+),.*/\1/p'; }

# A tail that is sent when none is needed may turn the order around: those get lost.  Then the next run begins with the
# other.
recovered() {
	local again whole try

	for try in 1 2 3; do
		counters_start a b
		again=$("$here/requests" a b 10.9.0.2 3000 $N $GAP)
		whole=$(rise b reasm_frames)
		echo "try $try: TCP sent $again again, $(rise a tx_repeated) were repeated, ${whole:-0} made whole by level 2"
		((${again:-N} <= N / 8)) || return
		((${whole:-0} < N / 2)) || return 0
		"$here/requests" a b 10.9.0.2 3000 1 1500 >/dev/null
	done
	return 1
}

wire_through mid a b
for carrier in ip udp; do
	works tunnel_pair a b $carrier 4 9000
	echo "carrier $carrier: no losses"
	gives 0 "$here/requests" a b 10.9.0.2 3000 $N $GAP
	gives "" rise a tx_repeated
	echo "carrier $carrier: every second first segment gets lost"
	offset=20
	[[ $carrier == ip ]] || offset=28
	works alternate_losses $offset
	ours recovered
	if (($(lost) >= N / 2)); then good; else bad "only $(lost) segments were lost"; fi
	works tc -n mid qdisc del dev right root
	echo "carrier $carrier: no losses for more than a second"
	sleep 1.5
	counters_start a b
	gives 0 "$here/requests" a b 10.9.0.2 3000 $N $GAP
	gives "" rise a tx_repeated
	no_drops b
	works tunnel_gone a b
done
finish
