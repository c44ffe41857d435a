#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes, with devices and traffic each time: it always loads (its self-tests pass) and leaves
# nothing behind.  LONG: 100 times.  SCLP_KO: the module.
. "$(dirname "$0")/traffic_lib.sh"
ROUNDS=${LONG:+100}
ROUNDS=${ROUNDS:-10}

wire_pair a b
reload() {
	rmmod sclp && insmod "$SCLP_KO" && tunnel_pair a b ip 4 9000 || return
	ip netns exec a ping -qc 2 -i 0.01 -W 2 -s 8000 10.9.0.2 >/dev/null || return
	ip -n a link add sc1 type sclp id 9 remote 192.0.2.2 carrier udp && ip -n a link set sc1 up
}
works reload
works reload
slab_count /tmp/slab.before
for ((i = 0; i < ROUNDS; i++)); do works reload; done
slab_count /tmp/slab.after
slab_compare /tmp/slab.before /tmp/slab.after "$ROUNDS"
works rmmod sclp
finish
