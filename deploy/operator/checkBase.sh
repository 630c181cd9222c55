#!/bin/sh
# Says what the base image lacks, instead of failing at the first update of a Sovereign.
set -eu
missing=""
for program in pulumi node npm pulumi-language-nodejs pulumi-language-yaml; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
if [ -n "$missing" ]; then
    echo "BASE_IMAGE has no:$missing; use an image with the Pulumi CLI, its Node.js and YAML hosts, and Node 22" >&2
    exit 1
fi
node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    if (major > 22 || (major === 22 && minor >= 18)) process.exit(0);
    console.error(`BASE_IMAGE has Node ${process.versions.node}; expected 22.18 or newer, which runs TypeScript by itself`);
    process.exit(1);
'
