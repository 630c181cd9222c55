import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { BOOT_FILES, SERVICE_ACCOUNT_KEY, formatBootstrapEnvironment } from "./bootFiles.ts";
import type { BootstrapEnvironment } from "./bootFiles.ts";
import { GUEST_FILES } from "./guestFiles.ts";
import { formatMailProbe } from "./mailProbe.ts";
import type { MailProbe } from "./mailProbe.ts";

/** Most bytes of user data that Hetzner takes, as sent (https://docs.hetzner.cloud/reference/cloud#servers-create-a-server). */
export const MAX_USER_DATA_BYTES = 32_768;

/** systemd unit that runs the bootstrap script at each boot. */
export const BOOTSTRAP_UNIT = "sovereign-bootstrap.service";

/** systemd timer that runs the look at the way out for mail. */
export const MAIL_PROBE_TIMER = "sovereign-mail-probe.timer";

/** A certificate authority as k3s wants it: chain (intermediate, root) and key. */
export interface AuthorityFiles {
    readonly chainPem: string;
    readonly keyPem: string;
}

export interface UserDataArgs {
    /** Short name of the node, for error messages. */
    readonly key: string;
    readonly environment: BootstrapEnvironment;
    readonly mailProbe: MailProbe;
    /** Content of k3s' `config.yaml`. */
    readonly k3sConfig: string;
    /** By file name. k3s applies them at its start; empty on workers. */
    readonly manifests: Readonly<Record<string, string>>;
    /** CAs by name and the service account key; only for the server that may initialise. */
    readonly authorities?: {
        readonly byName: Readonly<Record<string, AuthorityFiles>>;
        readonly serviceAccountKeyPem: string;
    };
}

/** A file of cloud-init's `write_files` (https://cloudinit.readthedocs.io/en/latest/reference/modules.html#write-files). */
export interface CloudInitFile {
    readonly path: string;
    readonly permissions: "0600" | "0644" | "0755";
    readonly content: string;
}

/** User data of a node: gzip of {@link cloudConfig}, base64. Throws where Hetzner would refuse it for its size. */
export function userData(args: UserDataArgs): string {
    const encoded = gzipSync(cloudConfig(args), { level: 9 }).toString("base64");
    if (encoded.length > MAX_USER_DATA_BYTES)
        throw new Error(
            `the user data of ${args.key} takes ${encoded.length} bytes, ${encoded.length - MAX_USER_DATA_BYTES} more than ` +
                `Hetzner's limit of ${MAX_USER_DATA_BYTES}; its largest files: ${largest(userDataFiles(args))}`,
        );
    return encoded;
}

/** The cloud-init document of a node, before it is compressed. */
export function cloudConfig(args: UserDataArgs): string {
    return `#cloud-config\n${stringify(
        {
            package_update: true,
            packages: ["nftables"],
            write_files: userDataFiles(args),
            runcmd: [
                ["sysctl", "--system"],
                ["systemctl", "try-reload-or-restart", "ssh.service"],
                ["systemctl", "daemon-reload"],
                ["systemctl", "enable", "--now", "--no-block", MAIL_PROBE_TIMER],
                ["systemctl", "enable", "--now", "--no-block", BOOTSTRAP_UNIT],
            ],
        },
        { lineWidth: 0 },
    )}`;
}

/** Every file that the node is given, secrets readable for root alone. */
export function userDataFiles(args: UserDataArgs): CloudInitFile[] {
    const server = args.environment.role === "server";
    return [
        file(BOOT_FILES.environment, "0600", formatBootstrapEnvironment(args.environment)),
        file(BOOT_FILES.script, "0755", GUEST_FILES.bootstrapScript),
        file(`/etc/systemd/system/${BOOTSTRAP_UNIT}`, "0644", GUEST_FILES.bootstrapUnit),
        file(BOOT_FILES.mailProbeEnvironment, "0644", formatMailProbe(args.mailProbe)),
        file(BOOT_FILES.mailProbe, "0755", GUEST_FILES.mailProbe),
        file(BOOT_FILES.egressProbe, "0755", GUEST_FILES.egressProbe),
        file("/etc/systemd/system/sovereign-mail-probe.service", "0644", GUEST_FILES.mailProbeUnit),
        file(`/etc/systemd/system/${MAIL_PROBE_TIMER}`, "0644", GUEST_FILES.mailProbeTimer),
        file(BOOT_FILES.sshd, "0600", GUEST_FILES.sshd),
        file(BOOT_FILES.sysctl, "0644", GUEST_FILES.sysctl),
        file(BOOT_FILES.metadataFirewall, "0644", GUEST_FILES.metadataFirewall),
        file(BOOT_FILES.k3sConfig, "0600", args.k3sConfig),
        ...(server ? [file(BOOT_FILES.auditPolicy, "0600", GUEST_FILES.auditPolicy)] : []),
        ...Object.entries(args.manifests).map(([name, content]) =>
            file(`${BOOT_FILES.manifestsDirectory}/${name}`, "0600", content),
        ),
        ...authorityFiles(args),
    ];
}

function authorityFiles({ authorities }: UserDataArgs): CloudInitFile[] {
    if (!authorities) return [];
    const directory = BOOT_FILES.tlsDirectory;
    return [
        ...Object.entries(authorities.byName).flatMap(([name, { chainPem, keyPem }]) => [
            file(`${directory}/${name}.crt`, "0644", chainPem),
            file(`${directory}/${name}.key`, "0600", keyPem),
        ]),
        file(`${directory}/${SERVICE_ACCOUNT_KEY}`, "0600", authorities.serviceAccountKeyPem),
    ];
}

function file(
    path: string,
    permissions: CloudInitFile["permissions"],
    content: string,
): CloudInitFile {
    return { path, permissions, content };
}

function largest(files: readonly CloudInitFile[]): string {
    return [...files]
        .sort((a, b) => b.content.length - a.content.length)
        .slice(0, 3)
        .map((f) => `${f.path} (${f.content.length})`)
        .join(", ");
}
