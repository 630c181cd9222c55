import { readFileSync } from "node:fs";

/** Reads a file of this directory that goes to the guest as it is. */
function guestFile(path: string): string {
    return readFileSync(new URL(path, import.meta.url), "utf8");
}

/** Files that are the same on every node. */
export const GUEST_FILES = {
    bootstrapScript: guestFile("bootstrap.sh"),
    bootstrapUnit: guestFile("guest/sovereign-bootstrap.service"),
    sshd: guestFile("guest/sshd.conf"),
    sysctl: guestFile("guest/sysctl.conf"),
    metadataFirewall: guestFile("guest/metadata.nft"),
    mailProbe: guestFile("guest/mail-probe.sh"),
    mailProbeUnit: guestFile("guest/sovereign-mail-probe.service"),
    mailProbeTimer: guestFile("guest/sovereign-mail-probe.timer"),
    /** The mail server's chart has it too: both look the same way. */
    egressProbe: guestFile("../../charts/stalwart-sovereign/files/egress-probe.sh"),
    auditPolicy: guestFile("guest/audit-policy.yaml"),
} as const;
