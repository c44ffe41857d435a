#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SCLP inside a tunnel of the kernel's own: GRO joins segments below two IP headers, but not those of which one was marked on
# the way (ECN, TTL): the mark arrives.
. "$(dirname "$0")/device_lib.sh"

works wire_pair a b
works ip -n b link add t0 type ipip local 192.0.2.2 remote 192.0.2.1
works ip -n b addr add 10.8.0.2/24 dev t0
works ip -n b link set t0 up
works sclp_add b sc0 id 5 local 10.8.0.2
works ip -n b link set sc0 up
# What GRO holds waits for its timer, so that packets that are sent one by one meet.
works ip netns exec b sh -c 'cd /sys/class/net/wire && echo 100000000 >gro_flush_timeout && echo 100 >napi_defer_hard_irqs'
works "$here/nested-segments"
finish
