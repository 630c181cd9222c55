import { randomBytes } from "node:crypto";
import type { runtime } from "@pulumi/pulumi";
import { issue, privateKeyPem } from "./certificates.ts";
import { unwrapSecrets } from "./plan.ts";
import type { Outputs } from "./plan.ts";

/** Documentation addresses (RFC 5737, RFC 3849), in the order of the alphabet of names. */
export const MOCK_LOAD_BALANCER = { ipv4: "198.51.100.1", ipv6: "2001:db8:f::1" } as const;

/** Public address of a node under mocks: `cp1` is 203.0.113.1, `w1` 203.0.113.101, …. */
export function mockNodeIpv4(key: string): string {
    return `203.0.113.${nodeNumber(key)}`;
}

/** IPv6 address of a node under mocks. */
export function mockNodeIpv6(key: string): string {
    return `2001:db8:${nodeNumber(key).toString(16)}::1`;
}

/** What the `sovereign` provider answers for a placement under mocks. */
export const MOCK_PLACEMENT = {
    location: "fsn1",
    networkZone: "eu-central",
    controlPlaneType: "cx43",
    workerType: "cx33",
    architecture: "x86",
} as const;

/**
 * Computed outputs of the resources that the program uses, by type token, for `plan()`. Certificates and keys are real,
 * so that what is derived from them can be checked with ordinary tools.
 */
export function providerOutputs(): Record<string, Outputs> {
    const keysByRequest = new Map<string, { keyPem: string; subject: Subject }>();
    return {
        "sovereign:cloud:Placement": MOCK_PLACEMENT,
        "sovereign:cluster:Node": (a) => ({ uid: `uid-of-${a.name}` }),
        "sovereign:cluster:ApiReady": { clusterUid: "kube-system-uid", version: "v1.36.1+k3s1" },
        "pulumi:index:Stash": (a) => ({ output: inputsOf(a).input }),
        "hcloud:index/network:Network": {},
        "hcloud:index/networkSubnet:NetworkSubnet": {},
        "hcloud:index/primaryIp:PrimaryIp": primaryIp,
        "hcloud:index/loadBalancer:LoadBalancer": MOCK_LOAD_BALANCER,
        "random:index/randomPassword:RandomPassword": (a) => ({
            result: secret(randomText(Number(inputsOf(a).length))),
        }),
        "tls:index/privateKey:PrivateKey": () => ({ privateKeyPem: secret(privateKeyPem()) }),
        "tls:index/certRequest:CertRequest": (a) => {
            const inputs = inputsOf(a);
            const certRequestPem = `request of ${a.name}`;
            keysByRequest.set(certRequestPem, {
                keyPem: String(inputs.privateKeyPem),
                subject: inputs.subject as Subject,
            });
            return { certRequestPem };
        },
        "tls:index/selfSignedCert:SelfSignedCert": async (a) => {
            const inputs = inputsOf(a);
            return {
                certPem: await issue(
                    { ...(inputs.subject as Subject), ...validity(inputs) },
                    String(inputs.privateKeyPem),
                ),
            };
        },
        "tls:index/locallySignedCert:LocallySignedCert": async (a) => {
            const inputs = inputsOf(a);
            const request = keysByRequest.get(String(inputs.certRequestPem));
            if (!request) throw new Error(`${a.name} signs a request that nobody made`);
            return {
                certPem: await issue({ ...request.subject, ...validity(inputs) }, request.keyPem, {
                    certificatePem: String(inputs.caCertPem),
                    keyPem: String(inputs.caPrivateKeyPem),
                }),
            };
        },
    };
}

interface Subject {
    readonly commonName: string;
    readonly organization?: string;
}

function validity(inputs: Record<string, unknown>) {
    return { ca: inputs.isCaCertificate === true, hours: Number(inputs.validityPeriodHours) };
}

function inputsOf(args: runtime.MockResourceArgs): Record<string, unknown> {
    return unwrapSecrets(args.inputs) as Record<string, unknown>;
}

/** Providers mark these outputs secret. */
function secret(value: unknown) {
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value,
    };
}

function randomText(length: number): string {
    return randomBytes(length).toString("hex").slice(0, length);
}

function primaryIp(args: runtime.MockResourceArgs): Record<string, unknown> {
    const { name, type } = inputsOf(args);
    const key = /-((?:cp|w)\d+)-ipv[46]$/.exec(String(name))?.[1] ?? "";
    if (type === "ipv4") return { ipAddress: mockNodeIpv4(key) };
    const network = mockNodeIpv6(key).replace(/1$/, "");
    return { ipAddress: network, ipNetwork: `${network}/64` };
}

function nodeNumber(key: string): number {
    const match = /^(cp|w)(\d+)$/.exec(key);
    return Number(match?.[2] ?? 0) + (match?.[1] === "w" ? 100 : 0);
}
