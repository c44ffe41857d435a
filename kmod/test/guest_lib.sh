# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables go to those who include this, and come from there
# What uml-run and qemu-run have in common: options, the job that guest-init does, the console, the verdict.
prog=${0##*/}
modules=() env_vars=() dirs=("$PWD") out= log= limit=300 mem= cpu= append= level=5

guest_usage() {
	cat <<-EOT
	  --module FILE    load FILE first; may be given more than once, parameters in the same word: 'x.ko proto=200'
	  --env NAME=VALUE set a variable for the script
	  --dir DIR        a directory the script needs, if it is below /tmp (those of script and modules are known)
	  --out DIR        a directory of the host to write to, /mnt/out in the guest
	  --log FILE       keep what the console said
	  --timeout SECS   kill it then; default 300
	  --append WORDS   more parameters for the kernel
	  --verbose        all kernel messages, not warnings alone
	EOT
}

# guest_option WORD..: take the first option; taken: so many words.  Fails if it is none of these.
guest_option() {
	taken=2
	case $1 in
	--module) modules+=("$2") ;;
	--env) env_vars+=("$2") ;;
	--dir) dirs+=("$(realpath "$2")") || exit 2 ;;
	--out) out=$(realpath "$2") || exit 2 ;;
	--log) log=$(realpath -m "$2") ;;
	--timeout) limit=$2 ;;
	--mem) mem=$2 ;;
	--cpu) cpu=$2 ;;
	--append) append=$2 ;;
	--verbose) level=8 taken=1 ;;
	*) return 1 ;;
	esac
}

die() {
	echo "$prog: $*" >&2
	exit 125
}

# guest_job SCRIPT [ARGUMENT..]: a directory $work with the file job for guest-init, and the console, whose reader waits.
# What to do with the guest if it must end: kill_guest, of the caller.
guest_job() {
	local script i file params

	script=$(realpath "$1") && [[ -x $script ]] || die "$1 is no executable file"
	shift
	for i in "${!modules[@]}"; do
		read -r file params <<<"${modules[i]}"
		file=$(realpath -e "$file") || die "no module $file"
		modules[i]="$file${params:+ $params}"
		dirs+=("${file%/*}")
	done
	dirs+=("${script%/*}" "$here")
	mapfile -t dirs < <(printf '%s\n' "${dirs[@]}" | sort -u) # what holds others comes first
	work=$(mktemp -d "/tmp/$prog.XXXXXX") || exit 125
	pid=
	trap guest_cleanup EXIT
	trap 'exit 130' INT TERM HUP
	token=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	local command=("$script" "$@")
	declare -p prog dirs modules env_vars out_mount kernel_modules command token >"$work/job"
	[[ -n $log ]] || log=$work/log
	kernel_log=$log
	mkfifo "$work/console"
	# What is said before the first process starts is of interest only if it never starts.
	sed -u 's/\r$//' <"$work/console" | tee "$log" | sed -u '0,/^guest: up$/d' &
	reader=$!
	ulimit -c 0
	start=$SECONDS
}

guest_cleanup() {
	kill_guest
	rm -rf "$work"
}

# guest_run COMMAND..: start it, wait for it or the time-out; rc: how it ended.
guest_run() {
	set -m # a group of their own for timeout and what it starts
	timeout --signal=KILL "$limit" "$@" </dev/null >"$work/console" 2>&1 &
	pid=$!
	set +m
	wait "$pid" 2>/dev/null
	rc=$?
	kill_guest
	wait "$reader"
}

# Kernel messages begin with a time stamp; what the script itself prints does not count.
splats='WARNING|BUG:|Oops|[Kk]ernel panic|KASAN|UBSAN|possible .*(deadlock|recursive)|suspicious RCU|bad unlock'
splats+='|inconsistent lock state|rcu: INFO|general protection|segfault|[Ss]egmentation fault|refcount|ref_tracker'
splats+='|leaked|ODEBUG|unregister_netdevice: waiting|Call Trace|scheduling while atomic|invalid context'

# What of the kernel's messages, on stdin, is none of our business: a filter that the caller may replace.
guest_known() { cat; }

guest_complaints() { grep -aE '^\[ *[0-9]+\.[0-9]{6}\]' "$kernel_log" | guest_known | grep -aE "$splats" | sed -n 1,3p; }

# Say how the guest fared, and exit with that.
guest_verdict() {
	local status splat

	status=$(sed -nE "s/^guest: $token ([0-9]+)\$/\1/p" "$log" | tail -n 1)
	splat=$(guest_complaints)
	if [[ -n $splat ]]; then
		echo "$prog: the kernel complained:"
		echo "$splat"
		[[ ${status:-0} == 0 ]] && status=124
	elif ((rc == 137)) && [[ -z $status ]]; then
		echo "$prog: killed after $limit s"
		status=137
	elif [[ -z $status ]]; then
		tail -n 20 "$log"
		echo "$prog: the guest ended without a word (exit status $rc)"
		status=124
	fi
	echo "$prog: exit status $status after $((SECONDS - start)) s"
	exit "$status"
}
