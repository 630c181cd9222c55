#!/bin/bash
# Runs a command as the image's user in a root of its own: this machine's programs and libraries, read-only, and what the pod mounts in
# its places. Started in namespaces of its own, of mounts and of the network, so nothing of this is seen elsewhere.
# usage: enter.sh ROOT MOUNTS USER COMMAND…
# ROOT: an empty directory; MOUNTS: a file of lines "<ro|rw>TAB<directory or file of this machine>TAB<place>"; USER: numeric
set -euo pipefail

root=$1 mounts=$2 user=$3
shift 3

# $1: ro or rw, $2: what is mounted, $3: its place
bind() {
    if [[ -d $2 ]]; then mkdir -p "$root$3"; else touch "$root$3"; fi
    mount --rbind "$2" "$root$3"
    if [[ $1 == ro ]]; then mount -o remount,bind,ro "$root$3"; fi
}

mount -t tmpfs -o mode=0755 tmpfs "$root"
for entry in /bin /lib /lib32 /lib64 /sbin /usr; do
    if [[ -L $entry ]]; then
        cp -P "$entry" "$root$entry"
    elif [[ -d $entry ]]; then
        bind ro "$entry" "$entry"
    fi
done
# In the image it holds the server alone.
mount -t tmpfs -o mode=0755 tmpfs "$root/usr/local/bin"
mkdir "$root/etc"
if [[ -d /etc/ssl ]]; then bind ro /etc/ssl /etc/ssl; fi
bind rw /dev /dev
bind rw /proc /proc
while IFS=$'\t' read -r mode source place; do
    bind "$mode" "$source" "$place"
done <"$mounts"

exec chroot "$root" /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --pdeathsig KILL -- "$@"
