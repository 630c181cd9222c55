#!/bin/bash
# Brings this machine into the Sovereign's cluster: waits for the private interface, installs k3s by checksum, decides once
# between initialising and joining, and starts k3s. systemd runs it at every boot; each step can be repeated.
set -euo pipefail

root=${SOVEREIGN_ROOT:-}
pause=${SOVEREIGN_PAUSE_SECONDS:-5}
# A peer that is just rebooting must not look like no peer at all.
initialise_after_rounds=3

# shellcheck source=/dev/null
. "$root/etc/sovereign/bootstrap.env"

k3s_config=$root/etc/rancher/k3s/config.yaml
cluster_config=$root/etc/rancher/k3s/config.yaml.d/10-cluster.yaml
authorities=$root/var/lib/rancher/k3s/server/tls
metadata_firewall=$root/etc/nftables.d/sovereign-metadata.nft
k3s=$root/usr/local/bin/k3s

log() { printf '%s\n' "$*" >&2; }

die() {
    log "error: $*"
    exit 1
}

private_interface() {
    ip -4 -o addr show | awk -v want="$SOVEREIGN_NODE_IP" '{ split($4, a, "/"); if (a[1] == want) { print $2; exit } }'
}

# Hetzner attaches the private network after the machine has started.
wait_for_private_interface() {
    local interface
    until interface=$(private_interface) && [ -n "$interface" ]; do
        log "waiting for an interface with $SOVEREIGN_NODE_IP"
        sleep "$pause"
    done
    log "$interface carries $SOVEREIGN_NODE_IP"
}

has_sum() { [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

install_k3s() {
    local machine file sum url
    machine=$(uname -m)
    case $machine in
    x86_64) file=k3s sum=$K3S_SHA256_AMD64 ;;
    aarch64) file=k3s-arm64 sum=$K3S_SHA256_ARM64 ;;
    *) die "k3s is not released for $machine" ;;
    esac
    [ -n "$sum" ] || die "no SHA-256 of $file $K3S_VERSION is configured: set it for this architecture and raise the node's generation"
    if has_sum "$k3s" "$sum"; then return; fi
    url=$K3S_DOWNLOAD_URL/${K3S_VERSION//+/%2B}/$file
    mkdir -p "${k3s%/*}"
    until curl --fail --silent --show-error --location --output "$k3s.download" "$url" && has_sum "$k3s.download" "$sum"; do
        log "$url cannot be had, or its SHA-256 is not $sum; trying again"
        rm -f "$k3s.download"
        sleep "$pause"
    done
    chmod 0755 "$k3s.download"
    mv -f "$k3s.download" "$k3s"
    log "installed k3s $K3S_VERSION"
}

# SHA-256 over the DER of the last certificate on stdin, which is the root of a chain: what k3s puts into its tokens.
root_hash() {
    awk '/BEGIN CERTIFICATE/ { body = ""; inside = 1; next } /END CERTIFICATE/ { inside = 0 } inside { body = body $0 } END { print body }' |
        base64 --decode | sha256sum | cut -d ' ' -f 1
}

own_root_hash() {
    sed -n 's/^token: *"\{0,1\}K10\([0-9a-f]\{64\}\)::.*/\1/p' "$k3s_config"
}

# Prints the first peer that serves this very cluster. One with another root is what is left of an earlier epoch.
find_peer() {
    local peer chain own
    own=$(own_root_hash)
    [ -n "$own" ] || die "$k3s_config holds no token with the hash of the root"
    for peer in $SOVEREIGN_PEERS; do
        chain=$(curl --insecure --fail --silent --max-time 5 "https://$peer:6443/cacerts") || continue
        if [ "$(printf '%s\n' "$chain" | root_hash)" = "$own" ]; then
            printf '%s\n' "$peer"
            return
        fi
        log "$peer serves another cluster and is left alone"
    done
}

decide_cluster() {
    local rounds=0 peer
    while true; do
        peer=$(find_peer)
        if [ -n "$peer" ]; then
            log "joining through $peer"
            write_cluster_config "server: https://$peer:6443"
            return
        fi
        rounds=$((rounds + 1))
        if [ "$SOVEREIGN_MAY_INITIALISE" = true ] && [ "$rounds" -ge "$initialise_after_rounds" ]; then
            [ -s "$authorities/server-ca.key" ] || die "$authorities holds no CA, without which this server may not initialise"
            log "no peer answers; initialising the cluster of epoch $SOVEREIGN_EPOCH"
            write_cluster_config "cluster-init: true"
            return
        fi
        log "no control plane of this cluster answers (${SOVEREIGN_PEERS:-there are none}); trying again"
        sleep "$pause"
    done
}

# Written at one go, since its presence alone says that the decision has been made.
write_cluster_config() {
    mkdir -p "${cluster_config%/*}"
    (umask 077 && printf '%s\n' "$1" >"$cluster_config.new")
    mv -f "$cluster_config.new" "$cluster_config"
}

start_k3s() {
    local unit=k3s type=notify
    if [ "$SOVEREIGN_ROLE" = agent ]; then unit=k3s-agent type=exec; fi
    mkdir -p "$root/etc/systemd/system"
    cat >"$root/etc/systemd/system/$unit.service" <<UNIT
[Unit]
Description=Lightweight Kubernetes
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=$type
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s $SOVEREIGN_ROLE

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
    systemctl enable --now --no-block "$unit.service"
}

nft -f "$metadata_firewall"
if [ -d "$authorities" ]; then chmod -R go-rwx "$authorities"; fi
wait_for_private_interface
install_k3s
[ -s "$cluster_config" ] || decide_cluster
start_k3s
