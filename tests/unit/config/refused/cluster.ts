import type { RefusedConfig } from "./refusedConfig.ts";

/** Configurations of a cluster that cannot be built. */
export const cluster: readonly RefusedConfig[] = [
    {
        name: "no checksum for x86",
        change: { k3sSha256: {} },
        message: [
            "  k3sSha256.amd64: found nothing; expected the SHA-256 of the k3s binary for amd64, since cx43 is a candidate (from sha256sum-amd64.txt of the release)",
            "      pulumi config set --path k3sSha256.amd64 '<sha256>'",
        ],
    },
    {
        name: "no checksum for Arm",
        change: { controlPlaneTypes: ["cx43", "cax31"] },
        message: [
            "  k3sSha256.arm64: found nothing; expected the SHA-256 of the k3s binary for arm64, since cax31 is a candidate (from sha256sum-arm64.txt of the release)",
            "      pulumi config set --path k3sSha256.arm64 '<sha256>'",
        ],
    },
    {
        name: "a checksum that is too short",
        change: { k3sSha256: { amd64: "a".repeat(63) } },
        message: [
            '  k3sSha256.amd64: found "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; expected a SHA-256 of 64 hex digits, from the release\'s sha256sum file',
            "      pulumi config set --path k3sSha256.amd64 '<sha256>'",
        ],
    },
    {
        name: "a checksum for an unknown architecture",
        change: { k3sSha256: { amd64: "a".repeat(64), riscv: "a".repeat(64) } },
        message: [
            "  k3sSha256.riscv: found an entry that this program does not know; expected nothing",
            "      pulumi config rm --path k3sSha256.riscv",
        ],
    },
    {
        name: "a k3s version without its suffix",
        change: { k3sVersion: "v1.36.1" },
        message: [
            '  k3sVersion: found "v1.36.1"; expected a release of k3s, for example v1.36.1+k3s1',
            "      pulumi config set k3sVersion v1.36.1+k3s1",
        ],
    },
    {
        name: "an epoch of zero",
        change: { epoch: 0 },
        message: [
            "  epoch: found 0; expected a whole number from 1; raise it to build the cluster anew",
            "      pulumi config set epoch 2",
        ],
    },
    {
        name: "a certificate that never ends",
        change: { adminCertificateValidityHours: 876000 },
        message: [
            "  adminCertificateValidityHours: found 876000; expected a whole number of hours from 1 to 87600 (ten years)",
            "      pulumi config set adminCertificateValidityHours 8760",
        ],
    },
];
