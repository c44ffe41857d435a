# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts device_*.sh have in common: they go on after a failure, count, and end with finish.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib.sh"
n_good=0 n_bad=0

good() { n_good=$((n_good + 1)); }
bad() {
	n_bad=$((n_bad + 1))
	echo "FAILED: $*"
}

# works COMMAND..: it succeeds and says nothing on stderr.
works() {
	local said

	if said=$("$@" 2>&1 >/dev/null) && [[ -z $said ]]; then good; else bad "$* -- says: $said"; fi
}

# refused TEXT COMMAND..: it fails, and what it prints holds TEXT.
refused() {
	local text=$1 said

	shift
	if said=$("$@" 2>&1); then
		bad "$* -- was taken, not refused with: $text"
	elif [[ $said == *"$text"* ]]; then
		good
	else
		bad "$* -- says: $said -- not: $text"
	fi
}

# shows TEXT COMMAND..: what it prints holds TEXT (a pattern of [[ ]]); hides: it does not.
shows() {
	local text=$1 said

	shift
	said=$("$@" 2>&1)
	# shellcheck disable=SC2053
	if [[ $said == *$text* ]]; then good; else bad "$* -- does not show: $text -- but: $said"; fi
}
hides() {
	local text=$1 said

	shift
	said=$("$@" 2>&1)
	# shellcheck disable=SC2053
	if [[ $said != *$text* ]]; then good; else bad "$* -- shows: $text"; fi
}

# gives TEXT COMMAND..: it prints that and nothing else.
gives() {
	local text=$1 said

	shift
	said=$("$@" 2>&1)
	if [[ $said == "$text" ]]; then good; else bad "$* -- gives: $said -- not: $text"; fi
}

# until_true SECONDS COMMAND..: waits for it, in steps of 0.1 s.
until_true() {
	local n=$(($1 * 10))

	shift
	while ! "$@" >/dev/null 2>&1; do
		((n-- > 0)) || { bad "in time: $*"; return 1; }
		sleep 0.1
	done
	good
}

# drops NS DEV NAME: a counter of ethtool.
drops() { ip netns exec "$1" ethtool -S "$2" | sed -n "s/^ *$3: //p"; }

finish() {
	echo "${0##*/}: $n_good passed, $n_bad failed"
	((n_bad == 0 && n_good > 0))
	exit
}
