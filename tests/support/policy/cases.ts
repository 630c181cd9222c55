import { generateKeyPairSync } from "node:crypto";
import { formatAmount, parseAmount } from "../../../operations/cost/money.ts";
import { readPrices } from "../../../operations/cost/prices.ts";
import type { Cell, DeclaredResource } from "../../e2e/policyProject/plan.ts";
import {
    dkimKey,
    firewall,
    nodeServer,
    loadBalancerService,
    namespace,
    network,
    networkPolicy,
    primaryIp,
    pulumiResource,
    rdns,
    recordSet,
    release,
    server,
    zone,
} from "./resources.ts";

/** Resources that a policy has to stop, and what it has to say of each. */
export interface ViolatingCase {
    readonly policy: string;
    readonly what: string;
    readonly resources: Readonly<Record<string, DeclaredResource>>;
    readonly outputs?: Readonly<Record<string, Cell>>;
    /** Whether other cases in the same stack would change what is said. @default false */
    readonly alone?: boolean;
    /** Messages by the name of the resource that they are about; `stack` for the stack. */
    readonly messages: Readonly<Record<string, readonly string[]>>;
}

const OF_NODE = { primaryIpId: 1, ipAddress: "203.0.113.9" };

/** A domain that takes mail, in all but what is given. */
function mailDomain(
    domain: string,
    texts: Readonly<Record<string, readonly Cell[]>>,
): Record<string, DeclaredResource> {
    const good: Readonly<Record<string, readonly Cell[]>> = {
        [domain]: ["v=spf1 -all"],
        [`_dmarc.${domain}`]: ["v=DMARC1; p=reject"],
        ...texts,
    };
    return {
        [`${domain}-zone`]: zone({ name: domain }),
        [`${domain}-mx`]: recordSet(domain, domain, "MX", ["10 mx.elsewhere.example."]),
        ...Object.fromEntries(
            Object.entries(good)
                .filter(([, records]) => records.length > 0)
                .map(([name, records]) => [`${name}-txt`, recordSet(domain, name, "TXT", records)]),
        ),
    };
}

function rsaText(modulusLength: number): string {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
    const der = publicKey.export({ type: "spki", format: "der" });
    return `v=DKIM1; k=rsa; p=${der.toString("base64")}`;
}

const PRICES = readPrices();
const DEAREST = parseAmount(PRICES.servers.ccx33?.fsn1 ?? "");

const RANDOM = "q7Zt3vXk9Lm2Np5Rw8Ys4Ub6";

/** Every way in which a stack is stopped. */
export const VIOLATING: readonly ViolatingCase[] = [
    {
        policy: "closed-administration",
        what: "SSH open to half the world, the API in a range",
        resources: {
            "open-firewall": firewall([
                { port: "22", sourceIps: ["10.0.0.0/8", "128.0.0.0/1"] },
                { port: "6000-7000", sourceIps: ["::/0"] },
                { port: "443", sourceIps: ["0.0.0.0/0"] },
            ]),
        },
        messages: {
            "open-firewall": [
                "port 22 is open to 128.0.0.0/1: name the networks that may reach it (sshAllowedCidrs), none wider than /8 or /16",
                "port 6443 is open to ::/0: name the networks that may reach it (apiAllowedCidrs), none wider than /8 or /16",
            ],
        },
    },
    {
        policy: "closed-administration",
        what: "a server without a firewall, SSH at the load balancer",
        resources: {
            "bare-server": server({ firewallIds: [] }),
            "ssh-service": loadBalancerService(22),
        },
        messages: {
            "bare-server": ["no firewall is attached, so every port is open: set firewallIds"],
            "ssh-service": [
                "SSH is a service of the load balancer, which has no firewall: remove it",
            ],
        },
    },
    {
        policy: "protection",
        what: "what nobody protects, at Pulumi or at Hetzner",
        resources: {
            "loose-zone": { ...zone({ name: "loose.example" }), protect: false },
            "loose-r1": { ...dkimKey(2048), protect: false },
            "revoked-r0": { ...dkimKey(2048), protect: false },
            selectors: {
                type: "sovereign:mail:DkimSelectors",
                props: { selectors: [{ selector: "r0", state: "revoked" }] },
            },
            "loose-network": network({ deleteProtection: false }),
        },
        messages: {
            "loose-zone": ["Pulumi may delete it: set protect to true"],
            "loose-r1": ["Pulumi may delete it: set protect to true"],
            "loose-network": [
                "Hetzner lets anybody with a token delete it: set protect to true (deleteProtection)",
            ],
        },
    },
    {
        policy: "lasting-addresses",
        what: "addresses that end with their server",
        resources: {
            "short-lived": primaryIp({ autoDelete: true }),
            "no-nets": server({ publicNets: [] }),
            "own-nets": server({ publicNets: [{ ipv4Enabled: true, ipv6Enabled: true, ipv6: 7 }] }),
        },
        messages: {
            "short-lived": [
                "Hetzner deletes it together with its server, and its reputation is lost: set autoDelete to false",
            ],
            "no-nets": [
                "it has no publicNets, so Hetzner gives it addresses that end with it: name primary addresses",
            ],
            "own-nets": ["its IPv4 address ends with it: name a primary address (publicNets.ipv4)"],
        },
    },
    {
        policy: "allowed-locations",
        what: "another continent",
        resources: {
            "far-server": server({ location: "ash" }),
            "far-placement": {
                type: "sovereign:cloud:Placement",
                props: { locations: ["fsn1", "sin"] },
            },
        },
        messages: {
            "far-server": [
                "ash is not allowed: choose from fsn1, nbg1, hel1 (configuration key locations)",
            ],
            "far-placement": [
                "sin is not allowed: choose from fsn1, nbg1, hel1 (configuration key locations)",
            ],
        },
    },
    {
        policy: "cost-ceiling",
        what: "more servers than are paid for, of the dearest type that may be chosen",
        alone: true,
        resources: {
            choice: {
                type: "sovereign:cloud:Placement",
                props: {
                    locations: ["fsn1"],
                    controlPlaneTypes: ["cx43", "ccx33"],
                    workerTypes: ["cx23"],
                },
            },
            ...Object.fromEntries(
                ["dear-1", "dear-2", "dear-3", "dear-4"].map((name) => [
                    name,
                    server({ serverType: { $later: "cx43" }, location: { $later: "fsn1" } }),
                ]),
            ),
        },
        messages: {
            stack: [
                `the stack costs up to ${formatAmount(4 * DEAREST)} a month, net, and may cost €500.00 (prices of ${PRICES.date}): take smaller or fewer servers (the dearest is dear-1, server ccx33 at fsn1), or raise monthly in the configuration of this policy`,
            ],
        },
    },
    {
        policy: "pinned-releases",
        what: "charts and images that move",
        resources: {
            "moving-chart": release({
                chart: "oci://registry.example/chart",
                version: "^1.0.0",
                values: {
                    image: "registry.example/app:latest",
                    images: { api: { repository: "registry.example/api", tag: "" } },
                },
            }),
            "moving-pod": {
                type: "kubernetes:core/v1:Pod",
                props: { spec: { containers: [{ name: "x", image: "registry.example:5000/x" }] } },
            },
        },
        messages: {
            "moving-chart": [
                "the chart oci://registry.example/chart has the version ^1.0.0: give it an exact one",
                "values.image: registry.example/app:latest may be another image tomorrow: give it the tag of a release, better a digest",
                "values.images.api: registry.example/api: may be another image tomorrow: give it the tag of a release, better a digest",
            ],
            "moving-pod": [
                "spec.containers[0].image: registry.example:5000/x may be another image tomorrow: give it the tag of a release, better a digest",
            ],
        },
    },
    {
        policy: "guarded-namespaces",
        what: "a namespace without a profile, and one that is open",
        resources: {
            unlabelled: namespace("unlabelled", {}),
            "unlabelled-deny": networkPolicy("unlabelled"),
            "open-namespace": namespace("open", {
                "pod-security.kubernetes.io/enforce": "restricted",
            }),
            taken: namespace("catalyst-system", {}),
        },
        messages: {
            unlabelled: [
                "the namespace unlabelled has no pod security profile: label it pod-security.kubernetes.io/enforce with privileged, baseline, restricted",
            ],
            "open-namespace": [
                "the namespace open lets everything in: add a NetworkPolicy with an empty podSelector and the policy type Ingress, or a release with networkPolicy.enabled",
            ],
            taken: [
                "the namespace catalyst-system has no pod security profile: label it pod-security.kubernetes.io/enforce or pod-security.kubernetes.io/warn or pod-security.kubernetes.io/audit with privileged, baseline, restricted",
            ],
        },
    },
    {
        policy: "zone-name-servers",
        what: "a zone with one name server, named twice",
        resources: {
            "lonely-zone": zone({
                name: "lonely.example",
                nameServers: ["ns1.lonely.example", "NS1.lonely.example."],
            }),
        },
        messages: {
            "lonely-zone": [
                "the zone has 1 name server: name at least 2 different ones (nameServers)",
            ],
        },
    },
    {
        policy: "matching-ptr",
        what: "a pointer to another name, and to one without the address",
        resources: {
            "wrong-name": rdns({ ...OF_NODE, dnsPtr: "static.9.113.0.203.clients.example" }),
            "no-forward": rdns({
                loadBalancerId: 1,
                ipAddress: "2001:db8::9",
                dnsPtr: "mx.ptr.example",
            }),
            "ptr-a": recordSet("ptr.example", "mx.ptr.example", "AAAA", ["2001:db8::8"]),
            "ehlo-a": recordSet("ehlo.example", "mail.ehlo.example", "A", ["203.0.113.10"]),
        },
        outputs: { mail: { host: "mail.ehlo.example" } },
        messages: {
            "wrong-name": [
                "203.0.113.9 resolves back to static.9.113.0.203.clients.example, but mail from it says EHLO mail.ehlo.example: set dnsPtr to mail.ehlo.example",
                "203.0.113.9 resolves back to static.9.113.0.203.clients.example, which has no A record with that address: publish one",
            ],
            "no-forward": [
                "2001:db8::9 resolves back to mx.ptr.example, which has no AAAA record with that address: publish one",
            ],
            "ehlo-a": [
                "203.0.113.10 is an address of mail.ehlo.example and resolves back to nothing of this stack: set its reverse DNS to mail.ehlo.example",
            ],
        },
    },
    {
        policy: "one-spf",
        what: "no SPF, two of it, an open one, one that asks too much",
        resources: {
            ...mailDomain("nospf.example", { "nospf.example": [] }),
            ...mailDomain("twospf.example", {
                "twospf.example": ["v=spf1 mx -all", "v=spf1 a -all"],
            }),
            ...mailDomain("openspf.example", { "openspf.example": ["v=spf1 mx ?all"] }),
            ...mailDomain("longspf.example", {
                "longspf.example": [
                    `v=spf1 ${Array.from({ length: 11 }, (_, i) => `include:s${i}.example`).join(" ")} -all`,
                ],
            }),
        },
        messages: {
            "nospf.example-mx": [
                "nospf.example takes mail and has no SPF record: publish a TXT record that begins with v=spf1",
            ],
            "twospf.example-txt": [
                "SPF of twospf.example: there are 2 SPF records, with which receivers give up: merge them into one",
            ],
            "openspf.example-txt": [
                "SPF of openspf.example: lets everybody send: end it with -all",
            ],
            "longspf.example-txt": [
                "SPF of longspf.example: asks for 11 DNS queries, receivers stop at 10 (RFC 7208 4.6.4): replace includes by addresses",
            ],
        },
    },
    {
        policy: "strong-dkim",
        what: "a short key, published and made, and one that nobody can read",
        resources: {
            "short-txt": recordSet("d.example", "s1._domainkey.d.example", "TXT", [rsaText(1024)]),
            "torn-txt": recordSet("d.example", "s2._domainkey.d.example", "TXT", [
                "v=DKIM1; k=rsa; p=AAAA",
            ]),
            "short-key": dkimKey(1024),
        },
        messages: {
            "short-txt": [
                "s1._domainkey.d.example has an RSA key of 1024 bits: rotate to one of 2048 or more",
            ],
            "torn-txt": [
                "s2._domainkey.d.example has a key (p=) that no receiver can read: publish the public key as base64 of its DER",
            ],
            "short-key": ["the RSA key has 1024 bits: make it 2048 or more (rsaBits)"],
        },
    },
    {
        policy: "dmarc-present",
        what: "no DMARC, two of it, and one that lets everything pass",
        resources: {
            ...mailDomain("nodmarc.example", { "_dmarc.nodmarc.example": [] }),
            ...mailDomain("twodmarc.example", {
                "_dmarc.twodmarc.example": ["v=DMARC1; p=reject", "v=DMARC1; p=none"],
            }),
            ...mailDomain("laxdmarc.example", {
                "_dmarc.laxdmarc.example": ["v=DMARC1; p=none; rua=mailto:x@y.example"],
            }),
        },
        messages: {
            "nodmarc.example-mx": [
                "_dmarc.nodmarc.example has 0 DMARC records, receivers ask for exactly one: publish one TXT record that begins with v=DMARC1",
            ],
            "twodmarc.example-mx": [
                "_dmarc.twodmarc.example has 2 DMARC records, receivers ask for exactly one: publish one TXT record that begins with v=DMARC1",
            ],
            "laxdmarc.example-mx": [
                "_dmarc.laxdmarc.example has the policy p=none: set dmarcPolicy to quarantine or reject",
            ],
        },
    },
    {
        policy: "no-plain-secrets",
        what: "secrets in user data, values and outputs",
        resources: {
            "telling-server": server({
                userData: "#cloud-config\n-----BEGIN EC PRIVATE KEY-----\nMHc\n",
            }),
            "telling-release": release({
                values: {
                    smtp: { password: "hunter2" },
                    note: `see ${RANDOM}`,
                    kept: { $secret: RANDOM },
                },
            }),
        },
        outputs: { token: { $secret: RANDOM }, shown: RANDOM },
        messages: {
            "telling-server": [
                "userData holds a private key in the clear: mark it with pulumi.secret, or keep it out of userData",
            ],
            "telling-release": [
                "values.smtp.password is called a secret and is in the clear: mark it with pulumi.secret, or keep it out of values",
                "values.note holds a value that is secret elsewhere in the stack: mark it with pulumi.secret, or keep it out of values",
            ],
            stack: [
                "output shown holds a value that is secret elsewhere in the stack: mark it with pulumi.secret, or keep it out of output shown",
            ],
        },
    },
];

/** Everything of which there is a rule, as it should be; `$later` is not known in a first preview. */
export const PASSING: {
    readonly resources: Readonly<Record<string, DeclaredResource>>;
    readonly outputs: Readonly<Record<string, Cell>>;
} = {
    resources: {
        firewall: firewall([
            { port: "22", sourceIps: ["198.51.100.0/24"] },
            { port: "80", sourceIps: ["0.0.0.0/0", "::/0"] },
        ]),
        "api-service": loadBalancerService(6443),
        w1: nodeServer(1, "node"),
        server: server({ userData: { $secret: `K10${"a".repeat(64)}::server:${RANDOM}` } }),
        address: primaryIp({}),
        network: network({}),
        dkim: dkimKey(2048),
        "cluster-key": { type: "tls:index/privateKey:PrivateKey", props: { algorithm: "ECDSA" } },
        placement: { type: "sovereign:cloud:Placement", props: { locations: ["nbg1", "hel1"] } },
        release: release({
            namespace: { $later: "mail" },
            version: "1.2.3",
            chart: "oci://registry.example/chart",
            values: {
                image: `registry.example/app:v1@sha256:${"0".repeat(64)}`,
                images: { pullSecret: "pull", ui: { tag: "1.2.3" } },
                networkPolicy: { enabled: true },
                password: { $secret: RANDOM },
            },
        }),
        "mail-namespace": namespace("mail", { "pod-security.kubernetes.io/enforce": "privileged" }),
        "tools-namespace": namespace("tools", { "pod-security.kubernetes.io/enforce": "baseline" }),
        "tools-deny": networkPolicy("tools"),
        ...mailDomain("good.example", {
            "good.example": ["v=spf1 a:mail.good.example -all", "another=text"],
        }),
        "good-dkim": recordSet("good.example", "r1._domainkey.good.example", "TXT", [
            rsaText(2048),
        ]),
        "old-dkim": recordSet("good.example", "r0._domainkey.good.example", "TXT", [
            "v=DKIM1; k=rsa; p=",
        ]),
        "mail-a": recordSet("good.example", "mail.good.example", "A", [
            "203.0.113.9",
            { $later: "203.0.113.10" },
        ]),
        "first-ptr": rdns({ ...OF_NODE, dnsPtr: "Mail.good.example." }),
        "second-ptr": rdns({
            primaryIpId: 2,
            ipAddress: { $later: "203.0.113.10" },
            dnsPtr: "mail.good.example",
        }),
    },
    outputs: { mail: { host: "mail.good.example" }, kubeconfig: { $secret: "client-key-data: x" } },
};

/** What no policy has a word on. */
export const IRRELEVANT: Readonly<Record<string, DeclaredResource>> = {
    key: pulumiResource("hcloud:index/sshKey:SshKey", { name: "key" }),
};
