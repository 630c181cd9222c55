#!/bin/bash
# Tells the cluster what this machine sees of the way out for mail, in an annotation of its own Node: with the kubelet's
# credentials, which let a node write that and nothing of other nodes. Fails, and is started again, until the node is registered.
set -euo pipefail
root=${SOVEREIGN_ROOT:-}

# shellcheck source=/dev/null
. "$root/etc/sovereign/mail-probe.env"

read -r -a targets <<<"$MAIL_PROBE_TARGETS"
seen=$(bash "$root/usr/local/libexec/sovereign-egress-probe" - "$MAIL_PROBE_EHLO" "${targets[@]}")
"$root/usr/local/bin/k3s" kubectl --kubeconfig "$root/var/lib/rancher/k3s/agent/kubelet.kubeconfig" \
    annotate --overwrite node "$MAIL_PROBE_NODE" "catalyst.openova.io/mail-probe=$seen"
