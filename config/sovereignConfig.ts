import { pinnedVersion } from "./chartReference.ts";
import type { DelegationMode, SovereignConfig } from "./model.ts";
import { nodes } from "./nodes.ts";
import { checkConfig } from "./parse.ts";
import type { EncryptedKeys, RawConfig } from "./parse.ts";
import { defaultDelegation } from "./rules/dnsRules.ts";
import type { Values } from "./schema.ts";

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
    return Object.fromEntries(
        Object.entries(object).filter(([, value]) => value !== undefined),
    ) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A chart's version, and its digest where one is pinned. */
function chartPin(value: string): { readonly chartVersion: string; readonly chartDigest?: string } {
    const { version, digest } = pinnedVersion(value);
    return { chartVersion: version, ...(digest !== undefined && { chartDigest: digest }) };
}

/** What the configuration says of the registrar, by the names of its provider keys; Dynadot's are always there. */
function registrarConfig(
    delegation: DelegationMode,
    v: Values,
): Pick<SovereignConfig["dns"], "registrar" | "byHand"> {
    const registrars: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
        cloudflare: { cloudflareUrl: v.cloudflareUrl },
        namecheap: {
            namecheapUrl: v.namecheapUrl,
            namecheapApiUser: v.namecheapApiUser,
            namecheapUserName: v.namecheapUserName,
            namecheapClientIp: v.namecheapClientIp,
        },
        godaddy: { godaddyUrl: v.godaddyUrl },
        ovh: { ovhUrl: v.ovhUrl },
    };
    const registrar = registrars[delegation];
    return {
        ...(registrar && { registrar: defined(registrar) }),
        ...(v.byHand.length > 0 && { byHand: v.byHand }),
    };
}

function certificatesConfig(v: Values): SovereignConfig["certificates"] {
    const [first] = v.nameServers;
    return {
        issuer: v.certificateIssuer,
        challenge: v.acmeChallenge,
        ...defined({
            directory: v.acmeDirectory,
            caBundle: v.acmeCaBundle,
            email: v.acmeEmail,
            accountUri: v.acmeAccountUri,
        }),
        ...(v.dnsUpdateSources.length > 0 && { updateSources: v.dnsUpdateSources }),
        dnsUpdateServer: v.dnsUpdateServer ?? `${first?.ipv4 ?? first?.name ?? ""}:${v.dnsPort}`,
        chart: v.certManagerChart,
        ...chartPin(v.certManagerChartVersion),
        values: v.certManagerValues,
    };
}

function gitopsConfig(v: Values): NonNullable<SovereignConfig["gitops"]> {
    return {
        chart: v.fluxChart,
        repository: v.gitopsRepository,
        branch: v.gitopsBranch,
        kitPath: v.gitopsKitPath,
        crossplaneCredentials: v.crossplaneCredentials,
        owners: {
            mailServer: v.mailServerOwner,
            platform: v.platformOwner,
            certManager: v.certificateIssuer === "none" ? "kit" : "program",
        },
        ...(v.fluxChartVersion !== undefined && chartPin(v.fluxChartVersion)),
        ...defined({
            commit: v.gitopsCommit,
            infrastructurePath: v.gitopsInfrastructurePath,
        }),
    };
}

/**
 * Checks a raw configuration and gives it its shape. Pure.
 * Throws a `ConfigError` that holds every problem at once.
 */
export function parseConfig(raw: RawConfig, encrypted?: EncryptedKeys): SovereignConfig {
    const v = checkConfig(raw, encrypted);
    const delegation = v.delegation ?? defaultDelegation(v.domainMode);
    return {
        fqdn: v.fqdn,
        cloud: {
            locations: v.locations,
            controlPlaneTypes: v.controlPlaneTypes,
            workerTypes: v.workerCount > 0 ? v.workerTypes : [],
            image: v.image,
            networkCidr: v.networkCidr,
            nodesCidr: v.nodesCidr,
            loadBalancerCidr: v.loadBalancerCidr,
            loadBalancerType: v.loadBalancerType,
            loadBalancerIp: v.loadBalancerIp,
            ipv6: v.ipv6,
            sshPublicKeys: v.sshPublicKeys,
            sshAllowedCidrs: v.sshAllowedCidrs,
            apiExposure: v.apiExposure,
            apiAllowedCidrs: v.apiAllowedCidrs,
            protect: v.protect,
            ...defined({ hcloudEndpoint: raw["hcloud:endpoint"] }),
        },
        cluster: {
            epoch: v.epoch,
            nodes: nodes(v),
            k3sVersion: v.k3sVersion,
            k3sSha256: defined(v.k3sSha256),
            k3sDownloadUrl: v.k3sDownloadUrl,
            ciliumVersion: v.ciliumVersion,
            ciliumChartRepository: v.ciliumChartRepository,
            adminCertificateGeneration: v.adminCertificateGeneration,
            adminCertificateValidityHours: v.adminCertificateValidityHours,
            podCidr: v.podCidr,
            serviceCidr: v.serviceCidr,
            mailProbeTargets: v.mailProbeTargets,
        },
        mail: {
            egress: v.mailEgress,
            ...defined({ pinnedNode: v.mailPinnedNode }),
            ...(v.smartHost && { smartHost: defined(v.smartHost) }),
            ipv6: v.mailIpv6,
            dkim: v.dkim,
            dkimTtl: v.dkimTtl,
            dkimSignatureLifetime: v.dkimSignatureLifetime,
            dmarcPolicy: v.dmarcPolicy,
            dmarcTesting: v.dmarcTesting,
            dmarcReportAddress: v.dmarcReportAddress ?? `dmarc@${v.fqdn}`,
            mtaSts: v.mtaSts,
            tlsa: v.tlsa,
            caaIssuers: v.caaIssuers,
            publicSubmission: v.publicSubmission,
            stalwartImage: v.stalwartImage,
            passwordGeneration: v.smtpPasswordGeneration,
        },
        dns: {
            domainMode: v.domainMode,
            ...defined({ poolDomain: v.poolDomain, resolver: v.resolver }),
            delegation,
            nameServers: v.nameServers.map(defined),
            dnssec: v.dnssec,
            dnssecKeys: v.dnssecKeys,
            nsec: v.nsec,
            ttl: v.ttl,
            powerdnsUrl: v.powerdnsUrl,
            powerdnsServerId: v.powerdnsServerId,
            dynadotUrl: v.dynadotUrl,
            dynadotRequestsPerMinute: v.dynadotRequestsPerMinute,
            ...registrarConfig(delegation, v),
            // Where a person enters the delegation by hand, `up` must not wait for that person.
            waitForDelegation:
                v.waitForDelegation === "auto"
                    ? v.domainMode !== "byo-manual"
                    : v.waitForDelegation === "yes",
            dnsPort: v.dnsPort,
        },
        platform: {
            chart: v.platformChart,
            ...(v.platformChartVersion !== undefined && chartPin(v.platformChartVersion)),
            values: v.platformValues,
            imageRegistry: v.imageRegistry,
            imageRegistryUsername: v.imageRegistryUsername ?? "",
        },
        ...(v.gatewayApiChart !== undefined && {
            gateway: {
                chart: v.gatewayApiChart,
                ...(v.gatewayApiChartVersion !== undefined && chartPin(v.gatewayApiChartVersion)),
                furtherZones: v.furtherZones,
                waitForFurtherZones: v.waitForDelegation === "yes",
            },
        }),
        ...(v.bootstrap === "flux" && { gitops: gitopsConfig(v) }),
        certificates: certificatesConfig(v),
    };
}
