# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For scripts that look at packets: sourced behind device_lib.sh or traffic_lib.sh.
caps=$(mktemp -d)
captures=()

# capture NS in|out NAME [DEV OPTION..]: until capture_end.  What came in was merged already, unless the device does not.
capture() {
	ip netns exec "$1" tcpdump -i "${4:-wire}" -Q "$2" -s 0 -U -w "$caps/$3" -B 65536 --immediate-mode "${@:5}" \
		>/dev/null 2>"$caps/$3.log" &
	captures+=($!)
	until_true 5 grep -q listening "$caps/$3.log"
}
capture_end() {
	sleep 0.3
	kill "${captures[@]}"
	wait "${captures[@]}" 2>/dev/null
	captures=()
}

check() { # OPTION.. NAME
	local said

	if said=$("$here/check-segments" "${@:1:$#-1}" "$caps/${!#}"); then good; else bad "check-segments $* -- $said"; fi
}
