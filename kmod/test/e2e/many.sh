#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices by the hundred in many namespaces, made and deleted while traffic flows through them: nothing is left
# behind.  LONG: 1,000 devices in 50 namespaces, 5 rounds.
. "$(dirname "$0")/traffic_lib.sh"
if [[ -n $LONG ]]; then N_NS=50 N_DEV=1000 ROUNDS=5; else N_NS=10 N_DEV=60 ROUNDS=2; fi

# The namespaces are pairs, n0 with n1 and so on, with a wire between them and as many tunnels as there is room for.  One
# `ip -batch` for each namespace: the guest's system calls are slow.
pairs() {
	local i n first carrier

	for ((i = 0; i < N_NS; i += 2)); do wire_pair "n$i" "n$((i + 1))" || return; done
	for ((i = 0; i < N_DEV; i++)); do
		n=$((i % N_NS)) carrier=ip
		((i / N_NS % 2)) && carrier=udp
		first=$((i - n % 2)) # the same number at both ends
		echo "$n link add d$i type sclp id $((first + 100)) local 192.0.2.$((n % 2 + 1)) remote 192.0.2.$((2 - n % 2)) carrier $carrier"
		echo "$n link set d$i mtu 9000 up"
		echo "$n addr add 10.$((first / 250)).$((first % 250)).$((n % 2 + 1))/24 dev d$i"
	done | awk '{ file = "/tmp/batch." $1; sub(/^[0-9]+ /, ""); print > file }'
	for ((i = 0; i < N_NS; i++)); do ip -n "n$i" -batch "/tmp/batch.$i" || return; done
}

# Whole frames of several segments, through tunnels that are about to go.
flooded() { (($(drops "n$1" "d$1" tx_frames_segmented) && $(counter "n$(($1 + 1))" rx_segments))); }

round() {
	local i

	pairs || return
	for ((i = 0; i < N_NS; i += 10)); do flood "n$i" "10.$((i / 250)).$((i % 250)).2"; done
	for ((i = 0; i < N_NS; i += 10)); do until_true 20 flooded $i || return; done
	# Of every pair one goes with its devices, the other's devices go first; with traffic, that is one or the other.
	for ((i = 0; i < N_NS; i++)); do
		((i % 2 == i / 10 % 2)) || sed -nE 's/^(link) add (d[0-9]+) .*/\1 del \2/p' "/tmp/batch.$i" | ip -n "n$i" -batch - || return
		ip netns del "n$i" || return
	done
	flood_stop
}

works wire_pair a b
works tunnel_pair a b ip 4 9000
flood a 10.9.0.2
works round
works round
sleep 6 # kfree_rcu() collects for five seconds
slab_count /tmp/slab.before
for ((r = 1; r <= ROUNDS; r++)); do
	echo "round $r of $ROUNDS: $N_DEV devices in $N_NS namespaces"
	works round
done
sleep 6 # the namespaces are torn down in the background, too
slab_count /tmp/slab.after
slab_compare /tmp/slab.before /tmp/slab.after $((ROUNDS * N_NS))
flood_stop
pings a 10.9.0.2 8972
finish
