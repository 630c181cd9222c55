#!/bin/bash
# Starts the server in recovery mode, sends it the plan, stops it again.
# usage: apply.sh PLAN-DIRECTORY SERVER [ARGUMENT…]
#
# Needs bash, curl and sed, which the server's image has. Each request is a JMAP request; refusals come with status 200.
set -euo pipefail

plan=$1
shift
port=${STALWART_RECOVERY_MODE_PORT:-8080}
url=http://127.0.0.1:$port
user=recovery
# Known to this container alone, and of no use once the server runs normally.
password=$(</proc/sys/kernel/random/uuid)

fail() {
    printf 'apply: %s\n' "$*" >&2
    exit 1
}

# A missing file is refused late, or not at all and then costs mail: look before anything is changed.
check_files() {
    local request text
    for request in "$plan"/*.json; do
        [[ -s $request ]] || fail "no plan in $plan"
        text=$(<"$request")
        while [[ $text =~ \"filePath\":\ ?\"([^\"]+)\" ]]; do
            [[ -s ${BASH_REMATCH[1]} ]] || fail "${request##*/} names ${BASH_REMATCH[1]}, which is missing or empty: check the Secrets of the pod"
            text=${text#*"${BASH_REMATCH[0]}"}
        done
    done
}

# $1: request file; $2: id of the object that an update is for
post() {
    sed -e "s/\"#dom\"/\"$domain\"/g" -e "s/@ID@/${2:-}/g" "$1" |
        curl --silent --show-error --fail-with-body --max-time 60 \
            --config <(printf 'user = "%s:%s"\n' "$user" "$password") \
            --header 'Content-Type: application/json' --data-binary @- "$url/jmap/"
}

refused() {
    [[ $1 != *'"methodResponses"'* || $1 == *'"notCreated"'* || $1 == *'"notUpdated"'* ||
        $1 == *'"notDestroyed"'* || $1 == *'["error"'* ]]
}

# The reply, shortened, without password hashes.
shown() {
    sed -E -e 's/\$2[abxy]\$[^"]*/…/g' <<<"${1:0:2000}"
}

start() {
    STALWART_RECOVERY_MODE=1 STALWART_RECOVERY_ADMIN="$user:$password" "$@" &
    server=$!
    trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
    local attempt
    for ((attempt = 0; attempt < 480; attempt++)); do
        kill -0 "$server" 2>/dev/null || fail "the server ended before it answered at $url"
        curl --silent --fail --max-time 2 --output /dev/null "$url/healthz/live" && return
        sleep 0.25
    done
    fail "the server did not answer at $url/healthz/live within two minutes"
}

# Objects with a key of their own are created, or updated where they exist already.
upsert() {
    local create reply id name
    for create in "$plan"/e*-create-*.json; do
        name=${create##*-create-}
        name=${name%.json}
        reply=$(post "$create") || fail "${create##*/}: $(shown "$reply")"
        if refused "$reply"; then
            [[ $reply =~ \"primaryKeyViolation\".*\"id\":\"([a-z0-9]+)\" ]] || fail "${create##*/}: $(shown "$reply")"
            id=${BASH_REMATCH[1]}
            reply=$(post "${create/-create-/-update-}" "$id") || fail "${name}: $(shown "$reply")"
            refused "$reply" && fail "update of $name: $(shown "$reply")"
            printf 'apply: %s updated\n' "$name"
        else
            [[ $reply =~ \"id\":\"([a-z0-9]+)\" ]] || fail "${create##*/}: no id in $(shown "$reply")"
            id=${BASH_REMATCH[1]}
            printf 'apply: %s created\n' "$name"
        fi
        if [[ $name == dom ]]; then domain=$id; fi
    done
}

replace() {
    local request reply
    for request in "$plan"/r*.json; do
        reply=$(post "$request") || fail "${request##*/}: $(shown "$reply")"
        refused "$reply" && fail "${request##*/}: $(shown "$reply")"
        printf 'apply: %s done\n' "${request##*/}"
    done
}

domain='#dom'
check_files
start "$@"
upsert
replace
kill -TERM "$server"
wait "$server" || true
trap - EXIT
