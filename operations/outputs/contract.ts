import { z } from "zod";

/** Major version of the contract: raised when an output is renamed, removed or changes its meaning. */
export const OUTPUTS_SCHEMA_VERSION = 1;

/** Minor version: raised with every release that adds outputs. Stacks from before it existed have revision 0. */
export const OUTPUTS_SCHEMA_REVISION = 2;

/** What the contract says of an output beside its type. */
export interface OutputMeta {
    readonly description?: string;
    /** Encrypted in the state; readers keep it so. */
    readonly secret?: boolean;
    /** Revision that it came with. @default 0 */
    readonly since?: number;
}

/** Descriptions of all outputs, by schema. */
export const contract = z.registry<OutputMeta>();

function described<S extends z.ZodType>(schema: S, description: string): S {
    contract.add(schema, { description });
    return schema;
}

const text = (description: string) => described(z.string(), description);
const texts = (description: string) => described(z.array(z.string()), description);
const id = (description: string) => described(z.int(), description);
const secret = (description: string) =>
    z.string().register(contract, { description, secret: true });
const byNode = (description: string) => described(z.record(z.string(), z.string()), description);

/** An output that older stacks lack: required of stacks of that revision or newer. */
function added<S extends z.ZodType>(since: number, schema: S, description: string) {
    const optional = schema.optional();
    contract.add(optional, { description, since });
    return optional;
}

const recordSet = z.object({
    name: text("Fully qualified, without a trailing dot."),
    type: described(z.enum(["A", "AAAA", "CAA", "MX", "TLSA", "TXT"]), "Record type."),
    ttl: described(z.int(), "Seconds."),
    records: texts("Contents in presentation format; TXT as plain text."),
});

const furtherZone = z.object({
    zone: text("The zone, with a trailing dot."),
    nameServers: texts("Authoritative name servers."),
    dsRecords: texts("DS records for the parent; empty without DNSSEC."),
    records: described(z.array(recordSet), "Everything that the zone publishes."),
});

const ptr = z.object({
    ip: text("A public address."),
    name: text("The name that it resolves back to."),
});

const dkim = z.object({
    selector: text("Selector."),
    algorithm: text("`rsa2048` or `ed25519`."),
    state: text("`pending`, `active`, `retiring` or `revoked`."),
    name: text("Name of its record."),
    txt: text("Value of its record."),
    publicKey: text("Public key, PEM."),
});

const domainMode = () =>
    described(
        z.enum(["pool", "byo-manual", "byo-api"]),
        "How the Sovereign gets its name: a label of a pool, or a domain of its own, delegated by hand or by a registrar's API.",
    );
/** Null where there is none; engines drop nulls on the way. */
const textOrNull = (description: string) =>
    described(z.string().nullable().default(null), description);
const poolDomain = () => textOrNull("The pool's domain; null outside pools.");
const consoleUrl = () => text("URL of the console.");
const gitopsRepoUrl = () => text("URL of the GitOps repositories.");
const loadBalancerIpv6 = () => textOrNull("Public IPv6 of the load balancer; null without IPv6.");
const ptrRecords = () => described(z.array(ptr), "Reverse names of all public addresses.");
const records = (description: string) => described(z.array(recordSet), description);
const release = (of: string) =>
    text(
        `Status of ${of}'s Helm release; \`deployed\` when it is in, \`kit\` where the GitOps kit of the cluster owns the release and alone knows its status.`,
    );

/** Outputs by concern. */
const nested = {
    schemaVersion: id("Major version of this contract."),
    schemaRevision: added(1, z.int(), "Minor version of this contract; absent is 0."),
    sovereign: z.object({
        fqdn: text("Fully qualified domain name of the Sovereign."),
        domainMode: domainMode(),
        poolDomain: poolDomain(),
        consoleUrl: consoleUrl(),
        gitopsRepoUrl: gitopsRepoUrl(),
    }),
    cloud: z.object({
        location: text("Location at Hetzner."),
        networkId: id("Id of the private network."),
        firewallId: id("Id of the firewall."),
        loadBalancerId: id("Id of the load balancer."),
        loadBalancerIpv4: text("Public IPv4 of the load balancer."),
        loadBalancerIpv6: loadBalancerIpv6(),
        serverIds: byNode("Ids of the servers by node key (`cp1`, `w1`, …)."),
        nodeIpv4: byNode("Public IPv4 by node key."),
        ptrRecords: ptrRecords(),
    }),
    cluster: z.object({
        kubeconfig: secret("Admin kubeconfig."),
        caCertificate: text("Certificate of the Kubernetes API's authority, PEM."),
        uid: text("UID of the namespace `kube-system`: the cluster's identity."),
        epoch: id("Raised when the cluster is built anew."),
    }),
    dns: z.object({
        zone: text("The Sovereign's zone, with a trailing dot."),
        nameServers: texts("Authoritative name servers."),
        dsRecords: texts("DS records for the parent; empty without DNSSEC."),
        records: records("Everything that the zone publishes."),
        recordsElsewhere: records("Records that somebody else has to publish in another zone."),
        furtherZones: added(
            2,
            z.array(furtherZone),
            "Zones that the platform serves beside the Sovereign's own, with what their owners enter at their parents.",
        ),
    }),
    mail: z.object({
        host: text("Name under which mail leaves (EHLO, PTR) and is submitted."),
        mxHost: text("Target of the MX record."),
        egress: text("`all`, `pinned` or `smart-host`."),
        egressIpv4: texts("Addresses that mail leaves from."),
        dkim: described(z.array(dkim), "DKIM selectors as published."),
        authorityCertificate: text(
            "Certificate of the authority that mail and ingress use until public certificates are issued, PEM.",
        ),
        release: release("the mail server"),
    }),
    smtp: z.object({
        host: text("Submission host."),
        port: text("Submission port, as text."),
        from: text("Address that may send."),
        user: text("Login name."),
        password: secret("Password."),
        secretRef: text("`namespace/name` of the Secret in the cluster."),
    }),
    platform: z.object({ release: release("the platform") }),
};

/** Flat names for readers that know no structure; the last two are those of the outputs' predecessor. */
const flat = {
    sovereignFqdn: text("`sovereign.fqdn`"),
    consoleUrl: consoleUrl(),
    gitopsRepoUrl: gitopsRepoUrl(),
    controlPlaneIp: text("Public IPv4 of the first control plane."),
    loadBalancerIp: text("`cloud.loadBalancerIpv4`"),
    loadBalancerIpv6: loadBalancerIpv6(),
    kubeconfig: secret("`cluster.kubeconfig`"),
    serverIds: byNode("`cloud.serverIds`"),
    loadBalancerId: id("`cloud.loadBalancerId`"),
    networkId: id("`cloud.networkId`"),
    firewallId: id("`cloud.firewallId`"),
    mailHost: text("`mail.host`"),
    mailEgressIp: text("The first of `mail.egressIpv4`."),
    ptrRecords: ptrRecords(),
    smtpHost: text("`smtp.host`"),
    smtpPort: text("`smtp.port`"),
    smtpFrom: text("`smtp.from`"),
    smtpUser: text("`smtp.user`"),
    smtpPassword: secret("`smtp.password`"),
    dkimSelector: text("The RSA selector that signs."),
    dkimPublicKey: text("Its public key, PEM."),
    dkimTxt: text("Value of its record."),
    dnsRecords: records("`dns.records`"),
    nameservers: texts("`dns.nameServers`"),
    dsRecords: texts("`dns.dsRecords`"),
    domainMode: domainMode(),
    zone: text("`dns.zone`"),
    poolDomain: poolDomain(),
    smtpSecretRef: text("`smtp.secretRef`"),
    catalystReleaseStatus: text("`platform.release`"),
    stalwartReleaseStatus: text("`mail.release`"),
    control_plane_ip: text("`controlPlaneIp`"),
    load_balancer_ip: text("`loadBalancerIp`"),
};

/**
 * The stack's outputs: the one source of their types, of `schema.json`, of `docs/outputs.md` and of what readers check. Only
 * ever added to: with {@link added}, and {@link OUTPUTS_SCHEMA_REVISION} raised.
 */
export const outputsSchema = z.object({ ...nested, ...flat });

type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;

/** Outputs of a stack as its readers get them, secrets in plain. What a newer revision added may be missing. */
export type StackOutputs = ReadonlyDeep<z.infer<typeof outputsSchema>>;
