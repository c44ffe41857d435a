#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What options of the device do to packets, with each carrier in IPv4 and IPv6: TTL, TOS, DF, flow label, source ports;
# frames without metadata and segments without sums, which carry TCP all the same.
. "$(dirname "$0")/traffic_lib.sh"
. "$(dirname "$0")/capture_lib.sh"

change() { works ip -n a link set sc0 type sclp "$@"; }

# What check-segments finds in packets since look.  One tcpdump for all: it takes seconds to start here.
look() { seen=$(stat -c %s "$caps/wire") again=$(counter a tx_repeated); }
found() { # OPTION..
	sleep 0.3
	{ head -c 24 "$caps/wire" && tail -c +$((seen + 1)) "$caps/wire"; } >"$caps/look"
	# TCP may retransmit something on a busy machine; the device counts what it sends once more then.
	check --carrier "$carrier" --family "$family" --repeats $(($(counter a tx_repeated) - again)) "$@" look
}

# Two frames of several segments.
large() { works ip netns exec a ping -qn -c 2 -i 0.05 -W 2 -s 4000 "$@"; }

# 40 datagrams, each of a flow of its own.
flows() { ip netns exec a bash -c 'for ((i = 0; i < 40; i++)); do echo x >/dev/udp/10.9.0.2/9; done'; }

transfer() { tcp a b 10.9.0.2 500000; }

# Each value differs from the default and from the ping's.
fixed() {
	local label=()

	[[ $family == 4 ]] || label=(--label 0xabcde)
	ours tunnel_pair a b "$carrier" "$family" 9000 srcport 50000 50015 ttl 77 tos 0x20 df unset flowlabel 0xabcde
	pings a 10.9.0.2 56
	look
	large -t 33 -Q 0x8b -M "do" 10.9.0.2
	flows
	found --frames 2 --ttl 77 --tos 0x23 --df unset --sport 50000-50015 --ports 6 "${label[@]}"
}

# IPv6 inside counts as DF.
inherited() {
	change ttl inherit tos inherit df inherit
	look
	large -t 33 -Q 0x8a -M "do" 10.9.0.2
	found --frames 2 --ttl 33 --tos 0x8a --df set --sport 50000-50015
	look
	large -t 55 -Q 0x28 fd09::2
	found --frames 2 --ttl 55 --tos 0x28 --df set --sport 50000-50015
	if [[ $family == 4 ]]; then
		look
		large -t 44 -Q 0x48 -M dont 10.9.0.2
		found --frames 2 --ttl 44 --tos 0x48 --df unset --sport 50000-50015
	fi
	works tunnel_gone a b
}

defaults() {
	local label=()

	[[ $family == 4 ]] || label=(--label flow)
	ours tunnel_pair a b "$carrier" "$family" 9000
	pings a 10.9.0.2 56
	look
	large -t 33 -M dont 10.9.0.2
	flows
	transfer
	found --frames 10 --ttl 64 --ports 20 --sums --meta yes "${label[@]}"
}

without_meta() {
	change nometa
	look
	transfer
	found --frames 10 --sums --meta no
	change meta
}

# UDP has its sum all the same, and needs nobody's leave.
without_sums() {
	local sums=--sums

	change nocsum
	if [[ $carrier == ip ]]; then
		sums=--no-sums
		refused '100% packet loss' ip netns exec a ping -qn -c 2 -i 0.05 -W 1 10.9.0.2
		counted b rx_csum_missing
		works ip netns exec b sysctl -qw net.sclp.allow_no_csum=1
		counters_start a b
	fi
	look
	transfer
	found --frames 10 $sums
}

one_port() {
	ours tunnel_pair a b "$carrier" "$family" 9000 srcport 50000 50000
	pings a 10.9.0.2 56
	look
	flows
	found --frames 0 --sport 50000-50000
	works tunnel_gone a b
}

works wire_pair a b
works ip netns exec a ethtool -K wire tx off # sums are written where they can be seen
works wire_like a wire
capture a out wire wire -s 2000 # a segment is no longer
for carrier in ip udp; do
	for family in 4 6; do
		echo "carrier $carrier, outer IPv$family"
		fixed
		inherited
		defaults
		without_meta
		no_drops b
		without_sums
		no_drops a
		no_drops b
		works tunnel_gone a b
		works ip netns exec b sysctl -qw net.sclp.allow_no_csum=0
	done
done
one_port
capture_end
finish
