#!/bin/bash
# Looks at the way out from where it runs: greets mail servers on their own ports and writes, as one line of JSON, what they
# answered and which address they see. Large receivers name the client's address in their reply to EHLO, so it is the one that
# they judge by. Servers that do not answer are part of the result, not a failure.
# usage: egress-probe.sh OUTPUT EHLO-NAME HOST:PORT…    (OUTPUT: a file, or - for standard output)
set -euo pipefail

seconds=${EGRESS_PROBE_SECONDS:-15}

# One line of a reply of the server on descriptor 3; fails where none comes.
line() {
    read -r -t "$seconds" reply <&3
    reply=${reply%$'\r'}
}

# $1: address, $2: port, $3: EHLO name. Prints the greeting and the first line of the reply to EHLO.
greet() {
    exec 3<>"/dev/tcp/$1/$2"
    while line && [[ $reply == ???-* ]]; do :; done
    printf '%s\n' "$reply"
    [[ $reply == '220'* ]] || return 0
    printf 'EHLO %s\r\n' "$3" >&3
    line
    printf '%s\n' "$reply"
    printf 'QUIT\r\n' >&3
}

# What a stranger said, as harmless text of bounded length.
harmless() {
    local text=${1//[^A-Za-z0-9 .:,@=+_()<>\[\]-]/}
    printf '%s' "${text:0:160}"
}

attempt() {
    local host=${1%:*} port=${1##*:} address said greeting ehlo open=false sees=null
    if ! read -r address _ < <(getent ahostsv4 "$host"); then
        said="$host has no IPv4 address here"
    # In a process of its own, which can be ended: an attempt that is dropped lasts minutes.
    elif ! said=$(timeout "$seconds" bash "$0" --greet "$address" "$port" "$2" 2>&1); then
        said=${said##*: }
        said=${said:-no answer in $seconds s}
    fi
    { read -r greeting && read -r ehlo; } <<<"$said" || true
    if [[ ${greeting:-} == '220'* ]]; then open=true; fi
    if [[ ${ehlo:-} =~ ([0-9]{1,3}(\.[0-9]{1,3}){3}) ]]; then sees="\"${BASH_REMATCH[1]}\""; fi
    printf '{"target":"%s","open":%s,"answer":"%s","sees":%s}' "$(harmless "$1")" "$open" "$(harmless "${greeting:-}")" "$sees"
}

if [[ $1 == --greet ]]; then
    greet "$2" "$3" "$4"
    exit
fi

output=$1 name=$2
shift 2
attempts=
for target; do attempts+=${attempts:+,}$(attempt "$target" "$name"); done
if [[ $output != - ]]; then exec >"$output"; fi
printf '{"observedAt":"%s","attempts":[%s]}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$attempts"
