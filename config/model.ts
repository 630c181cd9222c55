import type { RegistrarKey } from "../provider/dns/registrars/profiles.ts";

/** How the Sovereign gets its name: under a pool domain, or a domain of the customer's own (records entered by hand, or by the registrar's API). */
export type DomainMode = "pool" | "byo-manual" | "byo-api";

/** Who writes the parent side of the delegation. `external`: a pool-domain manager does, the program only waits. */
export type DelegationMode = "powerdns" | RegistrarKey | "external";

/** Where the Kubernetes API is reachable from outside. */
export type ApiExposure = "load-balancer" | "nodes";

/** An authoritative name server. Addresses are needed where its name lies under the Sovereign's FQDN (glue). */
export interface NameServerConfig {
    readonly name: string;
    readonly ipv4?: string;
    readonly ipv6?: string;
}

/** One DKIM selector and where it is in its life. */
export interface DkimSelectorConfig {
    readonly selector: string;
    readonly algorithm: "rsa2048" | "ed25519";
    readonly state: "pending" | "active" | "retiring" | "revoked";
}

/** A server of the cluster, derived from the counts and `generations`. */
export interface NodeConfig {
    /** Short name: `cp1`…`cp3`, `w1`…. */
    readonly key: string;
    readonly role: "control-plane" | "worker";
    /** 1-based position within its role. */
    readonly index: number;
    /** Raise it to replace this server, alone. */
    readonly generation: number;
    /** Fixed address in the nodes subnet: cp1 `.2`, cp2 `.3`, …, w1 `.10`, …. */
    readonly privateIp: string;
}

export interface CloudConfig {
    /** Ordered candidates; {@link https://docs.hetzner.com/cloud/general/locations | locations} of Hetzner. */
    readonly locations: readonly string[];
    readonly controlPlaneTypes: readonly string[];
    readonly workerTypes: readonly string[];
    readonly image: string;
    readonly networkCidr: string;
    readonly nodesCidr: string;
    readonly loadBalancerCidr: string;
    readonly loadBalancerType: string;
    /** Fixed private address of the load balancer, in `loadBalancerCidr`. */
    readonly loadBalancerIp: string;
    readonly ipv6: boolean;
    readonly sshPublicKeys: readonly string[];
    readonly sshAllowedCidrs: readonly string[];
    readonly apiExposure: ApiExposure;
    /** Who may reach the API when it is exposed at the nodes. */
    readonly apiAllowedCidrs: readonly string[];
    /**
     * Pulumi's protection of addresses, load balancer, network, zone and DKIM keys, and Hetzner's of its own kinds. Servers are
     * guarded by their nodes instead (quorum, the only control plane), so that a generation can replace one.
     */
    readonly protect: boolean;
    /** Hetzner's API base including `/v1` (`hcloud:endpoint`). Hetzner's own unless given. */
    readonly hcloudEndpoint?: string;
}

export interface ClusterConfig {
    /** Raise it to build the cluster anew; everything in it is lost. */
    readonly epoch: number;
    readonly nodes: readonly NodeConfig[];
    readonly k3sVersion: string;
    readonly k3sSha256: { readonly amd64?: string; readonly arm64?: string };
    readonly k3sDownloadUrl: string;
    readonly ciliumVersion: string;
    readonly ciliumChartRepository: string;
    /** Raise it to renew the admin client certificate; no server is touched. */
    readonly adminCertificateGeneration: number;
    readonly adminCertificateValidityHours: number;
    readonly podCidr: string;
    readonly serviceCidr: string;
    /** Mail servers, `<host>:<port>`, that nodes and pods greet to see whether mail can leave. */
    readonly mailProbeTargets: readonly string[];
}

/** A relay on 587 or 2525 for outbound mail, since Hetzner blocks outbound 25 and 465. The password is a secret of its own. */
export interface SmartHostConfig {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    /** SPF mechanism of the relay, for example `include:spf.relay.example`. */
    readonly spf?: string;
}

export interface MailConfig {
    /** Which nodes mail leaves from: all of them, one pinned node, or a smart host. */
    readonly egress: "all" | "pinned" | "smart-host";
    /** Node key that mail is pinned to, when `egress` is `pinned`. */
    readonly pinnedNode?: string;
    readonly smartHost?: SmartHostConfig;
    /** Publishes AAAA, PTR and SPF for IPv6 and lets mail leave over it. */
    readonly ipv6: boolean;
    readonly dkim: readonly DkimSelectorConfig[];
    /** TTL of the selectors' records, in seconds: how long after its publication a key may not sign yet. */
    readonly dkimTtl: number;
    /** Seconds for which a message may still be verified after it was signed: a key stays published as long after its last one. */
    readonly dkimSignatureLifetime: number;
    readonly dmarcPolicy: "none" | "quarantine" | "reject";
    readonly dmarcTesting: boolean;
    /** Mailbox for aggregate reports. `dmarc@<fqdn>` unless given. */
    readonly dmarcReportAddress: string;
    readonly mtaSts: "none" | "testing" | "enforce";
    readonly tlsa: boolean;
    readonly caaIssuers: readonly string[];
    /** Ports for outside clients beside 25; each takes one of the load balancer's services. */
    readonly publicSubmission: boolean;
    readonly stalwartImage: string;
    /** Raise it to rotate the submission password. */
    readonly passwordGeneration: number;
}

export interface DnsConfig {
    readonly domainMode: DomainMode;
    /** Parent zone in `pool` mode. */
    readonly poolDomain?: string;
    readonly delegation: DelegationMode;
    readonly nameServers: readonly NameServerConfig[];
    readonly dnssec: boolean;
    /** Names of the signing keys; two while one is rolled over. */
    readonly dnssecKeys: readonly string[];
    readonly nsec: "nsec" | "nsec3";
    readonly ttl: number;
    readonly powerdnsUrl: string;
    readonly powerdnsServerId: string;
    readonly dynadotUrl: string;
    /** What the account's price level allows; requests are spaced by it. */
    readonly dynadotRequestsPerMinute: number;
    /** Where the registrar is reached and who asks, as its provider keys; only where the delegation is written at one beside Dynadot. */
    readonly registrar?: Readonly<Record<string, string>>;
    /** What a person enters at the registrar, because its API cannot. Nothing unless given. */
    readonly byHand?: readonly ("ds" | "glue")[];
    /** Waits until the world answers with the delegation, or only reports it. */
    readonly waitForDelegation: boolean;
    /** `host:port` of the resolver that delegation checks ask. The system's unless given. */
    readonly resolver?: string;
    /** Port on which authoritative name servers are asked. 53 but in a lab without privileges. */
    readonly dnsPort: number;
}

export interface PlatformConfig {
    /** OCI reference (`oci://…`) or a local path. */
    readonly chart: string;
    /** Chart version; required for an OCI reference. */
    readonly chartVersion?: string;
    /** Digest that the chart's manifest has to have, `sha256:…`. Not compared unless given. */
    readonly chartDigest?: string;
    /** Further values of the chart, for example image tags; what the program sets itself wins over them. */
    readonly values: Readonly<Record<string, unknown>>;
    /** Registry of the platform's images, for the pull Secrets. */
    readonly imageRegistry: string;
    /** Login name at the registry; empty where images are pulled without one. */
    readonly imageRegistryUsername: string;
}

/** The Gateway in front of the platform. */
export interface GatewayConfig {
    /** Chart with the definitions of the Gateway API: OCI reference or local path. */
    readonly chart: string;
    /** Its version; required for an OCI reference. */
    readonly chartVersion?: string;
    /** See {@link PlatformConfig.chartDigest}. */
    readonly chartDigest?: string;
    /** Zones that it serves beside the Sovereign's own. */
    readonly furtherZones: readonly string[];
    /** Whether `up` waits until the parents of further zones delegate them, which their owners do by hand. */
    readonly waitForFurtherZones: boolean;
}

/** Who releases something: this program, or a bootstrap kit that Flux runs. */
export type ReleaseOwner = "program" | "kit";

/** A bootstrap kit that Flux runs, and what Flux is. */
export interface GitopsConfig {
    /** Chart of Flux: OCI reference or local path; the one of the kit's own slot. */
    readonly chart: string;
    /** Its version; required for an OCI reference. */
    readonly chartVersion?: string;
    /** See {@link PlatformConfig.chartDigest}. */
    readonly chartDigest?: string;
    /** URL of the repository with the kit. */
    readonly repository: string;
    readonly branch: string;
    /** Wins over the branch. */
    readonly commit?: string;
    /** Path of the kit in the repository, with `./`. */
    readonly kitPath: string;
    /** Path of what comes after the kit. */
    readonly infrastructurePath?: string;
    /** Whether the kit's Crossplane gets the token of the Hetzner project. */
    readonly crossplaneCredentials: boolean;
    readonly owners: {
        readonly mailServer: ReleaseOwner;
        readonly platform: ReleaseOwner;
        /** The program's where it asks for public certificates. */
        readonly certManager: ReleaseOwner;
    };
}

/** Where publicly trusted certificates come from. */
export interface CertificatesConfig {
    /** `none`: those of the Sovereign's own authority stay. */
    readonly issuer: "none" | "staging" | "production";
    readonly challenge: "dns-01" | "http-01";
    /** ACME directory in place of Let's Encrypt's. */
    readonly directory?: string;
    /** Authorities of the directory's own certificate, PEM. */
    readonly caBundle?: string;
    /** Contact of the ACME account. */
    readonly email?: string;
    /** The ACME account, which CAA then names. */
    readonly accountUri?: string;
    /** `host:port` of the name server that takes dynamic updates. */
    readonly dnsUpdateServer: string;
    /** Address ranges that dynamic updates come from. The nodes' public addresses unless given. */
    readonly updateSources?: readonly string[];
    /** cert-manager's chart: OCI reference or local path. */
    readonly chart: string;
    /** Of no matter where the chart is a path. */
    readonly chartVersion: string;
    /** See {@link PlatformConfig.chartDigest}. */
    readonly chartDigest?: string;
    /** Further values of the chart; they win over the program's own. */
    readonly values: Readonly<Record<string, unknown>>;
}

/** Everything that shapes a Sovereign, checked. Secrets are apart, in {@link SovereignSecrets}. */
export interface SovereignConfig {
    /** Fully qualified domain name of the Sovereign, without a trailing dot. */
    readonly fqdn: string;
    readonly cloud: CloudConfig;
    readonly cluster: ClusterConfig;
    readonly mail: MailConfig;
    readonly dns: DnsConfig;
    readonly platform: PlatformConfig;
    /** Undefined: the platform is served by Cilium's Ingress. */
    readonly gateway?: GatewayConfig;
    /** Undefined: the program installs everything itself. */
    readonly gitops?: GitopsConfig;
    readonly certificates: CertificatesConfig;
}
