#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Devices by the hundred in many namespaces, made and deleted while traffic flows through some of them: nothing is left
# behind.  LONG: 1,000 devices in 50 namespaces, 5 rounds.
. "$(dirname "$0")/traffic_lib.sh"
if [[ -n $LONG ]]; then N_NS=50 N_DEV=1000 ROUNDS=5; else N_NS=10 N_DEV=60 ROUNDS=2; fi

# One `ip -batch` for each namespace: the guest's system calls are slow.
round() {
	local i ns dev carrier

	for ((i = 0; i < N_NS; i++)); do host_ns "n$i" || return; done
	for ((i = 0; i < N_DEV; i++)); do
		dev=d$i carrier=ip
		((i / N_NS % 2)) && carrier=udp
		echo "link add $dev type sclp id $((i + 100)) local 127.0.0.1 remote 127.0.0.2 carrier $carrier"
		echo "link set $dev mtu 9000 up"
		echo "addr add 10.$((i / 250)).$((i % 250)).1/24 dev $dev"
	done | awk -v n=$N_NS '{ print > "/tmp/batch." int((NR - 1) / 3) % n }'
	for ((i = 0; i < N_NS; i++)); do ip -n "n$i" -batch "/tmp/batch.$i" || return; done
	for ((i = 0; i < N_NS; i += 10)); do flood "n$i" "10.$((i / 250)).$((i % 250)).2"; done
	# Every other namespace goes with its devices, the others' devices go first.
	for ((i = 0; i < N_NS; i++)); do
		((i % 2)) || sed -nE 's/^(link) add (d[0-9]+) .*/\1 del \2/p' "/tmp/batch.$i" | ip -n "n$i" -batch - || return
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
