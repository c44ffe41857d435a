# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two hosts with a tunnel, and what goes through it.  PUMP: the program built from pump.c.
. "$(dirname "${BASH_SOURCE[0]}")/device_lib.sh"
KMOD=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mapfile -t DROPS < <(sed -nE 's/^SCLP_DROP\([A-Z_]+, "(.*)"\)/\1/p' "$KMOD/drop.def")
LONG=${LONG:-} # not empty: the long version of a test
sysctl -qw net.core.rmem_max=33554432 net.core.wmem_max=33554432

# ours COMMAND..: as works, for a function that must run in this shell because it starts something or sets variables.
ours() { if "$@"; then good; else bad "$*"; fi; }

# The outer address of host number @1 of the carrier's address family @2.
outer() { if [[ $2 == 4 ]]; then echo "192.0.2.$1"; else echo "2001:db8::$1"; fi; }

# tunnel_pair A B CARRIER FAMILY MTU [OPTION..]: sc0 in both, 10.9.0.1 and .2, fd09::1 and ::2.
tunnel_pair() {
	local a=$1 b=$2 carrier=$3 family=$4 mtu=$5

	shift 5
	tunnel_end "$a" 1 2 "$carrier" "$family" "$mtu" "$@" && tunnel_end "$b" 2 1 "$carrier" "$family" "$mtu" "$@" &&
		counters_start "$a" "$b"
}

tunnel_end() {
	local ns=$1 me=$2 peer=$3 carrier=$4 family=$5 mtu=$6

	shift 6
	sclp_add "$ns" sc0 id 1 local "$(outer "$me" "$family")" remote "$(outer "$peer" "$family")" carrier "$carrier" "$@" &&
		ip -n "$ns" link set sc0 mtu "$mtu" up &&
		ip -n "$ns" addr add "10.9.0.$me/24" dev sc0 &&
		ip -n "$ns" addr add "fd09::$me/64" dev sc0 nodad
}

tunnel_gone() { ip -n "$1" link del sc0 && ip -n "$2" link del sc0; }

# tcp FROM TO ADDR BYTES [SECONDS]: what arrives is what was sent.
tcp() {
	local said

	if said=$("$PUMP" -w "${5:-60}" -n "$4" "$1" "$2" "$3" 2>&1); then good; else bad "TCP $1 to $3, $4 bytes: ${said:-in time}"; fi
}

# datagrams FROM TO ADDR SIZE COUNT: all arrive, with the same bytes.
datagrams() {
	local said

	if said=$("$PUMP" -u "$4" -n $(($4 * $5)) "$1" "$2" "$3" 2>&1); then
		good
	else
		bad "UDP $1 to $3, $5 x $4 bytes: ${said:-in time}"
	fi
}

# pings FROM ADDR SIZE [COUNT]: all are answered, not fragmented.
pings() {
	local n=${4:-3}

	if ip netns exec "$1" ping -qn -M do -c "$n" -i 0.05 -W 2 -s "$3" "$2" >/tmp/ping.out 2>&1; then
		good
	else
		bad "ping $1 to $2, $3 bytes: $(grep -E 'transmitted|error|too long' /tmp/ping.out)"
	fi
}

# What the namespace and its device sc0 have counted: NAME NUMBER lines.  One process: they are slow to start here.
counters() { ip netns exec "$1" sh -c 'ethtool -S sc0 | sed "1d; s/^ *//; s/: / /"; cat /proc/net/sclp'; }

# counter NS NAME
counter() { counters "$1" 2>/dev/null | awk -v name="$2" '$1 == name { n += $2 } END { print n + 0 }'; }

# Drops up to now are of no interest: those of frames that came before the other end was ready.
counters_start() {
	local ns

	for ns in "$@"; do counters "$ns" >"/tmp/counters.$ns"; done
	counted_in=("$@")
}

# counter_rise NS: by how much each has risen since counters_start, NAME NUMBER lines.
counter_rise() {
	counters "$1" | awk '{ n[$1] += FILENAME == "-" ? $2 : -$2 } END { for (k in n) if (n[k]) print k, n[k] }' "/tmp/counters.$1" -
}

# no_drops NS [BUT]: nothing was dropped since counters_start; BUT: a pattern of the names that may have been.
no_drops() {
	local all

	all=$(counter_rise "$1" | awk -v drops=" ${DROPS[*]} " -v but="^(${2:--})$" '
		index(drops, " " $1 " ") && $1 !~ but { print $1 "=" $2 }')
	if [[ -z $all ]]; then good; else bad "$1 dropped: ${all//$'\n'/ } ($(wire_lost))"; fi
}

# What a full queue of the wire itself, which is a veth pair, has cost.
wire_lost() {
	local ns

	for ns in "${counted_in[@]}"; do echo -n "lost by the wire of $ns: $(ip netns exec $ns cat /sys/class/net/wire/statistics/tx_dropped) "; done
}

# counted NS NAME..: each was since counters_start, at least once.
counted() {
	local ns=$1 all name

	shift
	all=$(counter_rise "$ns")
	for name in "$@"; do
		if grep -q "^$name " <<<"$all"; then good; else bad "$ns: $name was not counted"; fi
	done
}

# ---- leaks: the same again must not need more memory

slab_shrink() {
	local f

	for f in /sys/kernel/slab/*/shrink; do echo 1 >"$f"; done 2>/dev/null
}

# slab_count FILE: the objects in use of every cache, the per-CPU memory, and the areas of vmalloc() that are in use (freed
# ones keep their vmap_area until the kernel clears up, at 32 MB).  The least of several looks: what is on its way back
# (RCU, work queues, KASAN's quarantine, the processes that look) differs from one to the next, a leak does not.
slab_count() {
	local i

	for i in 1 2 3; do
		sleep 0.5
		slab_shrink
		awk 'FILENAME == "/proc/slabinfo" { if (FNR > 2 && $1 != "vmap_area") print $1, $2; next }
			/^Percpu:/ { print "percpu-kB", $2 }
			FILENAME == "/proc/vmallocinfo" && !/unpurged/ { areas++ }
			END { print "vmalloc-areas", areas + 0 }' /proc/slabinfo /proc/meminfo /proc/vmallocinfo
	done | awk '!($1 in n) || $2 < n[$1] { n[$1] = $2 } END { for (k in n) print k, n[k] }' >"$1"
}

# slab_compare BEFORE AFTER ROUNDS: no cache has grown by an object for every second round, or more than a few.  Not
# counted: what the debug kernel keeps for itself, of which are the last 128 references to each device and namespace
# (ref_tracker; it complains by itself of one that is lost).
slab_compare() {
	local grown debug=''

	grep -q ' ref_tracker_alloc$' /proc/kallsyms && debug='^(kmalloc-32|debug_objects_cache)$'
	grown=$(awk -v rounds="$3" -v debug="${debug:-^$}" '$1 ~ debug { next }
		NR == FNR { n[$1] = $2; next }
		{ d = $2 - n[$1]; if (d > 16 && d >= rounds / 2) print $1 ": +" d }' "$1" "$2")
	if [[ -z $grown ]]; then good; else bad "$3 rounds leave memory behind: $grown"; fi
}

# flood FROM ADDR: background TCP and datagrams until flood_stop; what it says does not matter, nor whether they arrive.
flood_pids=()
flood() {
	ip netns exec "$1" ping -qfn -s 20000 "$2" >/dev/null 2>&1 &
	flood_pids+=($!)
	ip netns exec "$1" socat -u -b 60000 OPEN:/dev/zero "UDP-SENDTO:$2:9" >/dev/null 2>&1 &
	flood_pids+=($!)
}
flood_stop() {
	((${#flood_pids[@]})) || return 0
	kill "${flood_pids[@]}" 2>/dev/null
	wait "${flood_pids[@]}" 2>/dev/null
	flood_pids=()
}
