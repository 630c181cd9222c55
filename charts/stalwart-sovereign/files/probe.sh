#!/bin/bash
# Reads the greeting of the submission port and says good-bye. A bare connection would count as loitering and end in a
# ban; /healthz/live still says 200 when the mail ports could not be bound.
# usage: probe.sh [ADDRESS [PORT]]
set -euo pipefail
exec 3<>"/dev/tcp/${1:-127.0.0.1}/${2:-587}"
read -r -t 5 greeting <&3
printf 'QUIT\r\n' >&3
read -r -t 5 _ <&3 || true
[[ $greeting == '220 '* ]]
