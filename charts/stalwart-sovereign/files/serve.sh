#!/bin/bash
# Runs the server, and ends it when its certificate has been replaced: the container starts again, with the new one. The
# server reads the file at its start only; telling it to read it again would take an administrator's password in the pod.
# usage: serve.sh CERTIFICATE SERVER [ARGUMENT…]
#
# Needs bash, cat and sleep. SERVE_INTERVAL: seconds between two looks at the certificate.
set -euo pipefail

certificate=$1
shift
first=$(<"$certificate")
"$@" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null || true' TERM INT

while kill -0 "$server" 2>/dev/null; do
    sleep "${SERVE_INTERVAL:-30}" &
    pause=$!
    # Ends at once when the server does, or a signal arrives.
    wait -n "$server" "$pause" || true
    kill "$pause" 2>/dev/null || true
    # Empty or gone for a moment is no new certificate.
    now=$(cat "$certificate" 2>/dev/null || true)
    if [[ -n $now && $now != "$first" ]]; then
        printf 'serve: %s was replaced; the server starts again with it\n' "$certificate"
        kill -TERM "$server" 2>/dev/null || true
        break
    fi
done
wait "$server"
