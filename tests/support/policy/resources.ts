import type { Cell, DeclaredResource } from "../../e2e/policyProject/plan.ts";

type Props = Readonly<Record<string, Cell>>;

/** A resource of a type. */
export function pulumiResource(type: string, props: Props): DeclaredResource {
    return { type, props };
}

/** A firewall that lets TCP in. */
export function firewall(
    rules: readonly { readonly port: string; readonly sourceIps: readonly string[] }[],
): DeclaredResource {
    return pulumiResource("hcloud:index/firewall:Firewall", {
        rules: rules.map((rule) => ({ direction: "in", protocol: "tcp", ...rule })),
    });
}

/** A service of a load balancer. */
export function loadBalancerService(listenPort: number): DeclaredResource {
    return pulumiResource("hcloud:index/loadBalancerService:LoadBalancerService", {
        protocol: "tcp",
        listenPort,
    });
}

/** A server that passes every policy, but for what is given. */
export function server(props: Props): DeclaredResource {
    return pulumiResource("hcloud:index/server:Server", {
        name: "server",
        serverType: "cx43",
        location: "fsn1",
        firewallIds: [1],
        publicNets: [{ ipv4Enabled: true, ipv4: 1, ipv6Enabled: false }],
        ...props,
    });
}

/** The server of the node `w1`, in a generation; another name replaces it too. */
export function nodeServer(generation: number, name: string): DeclaredResource {
    return {
        ...server({ name, labels: { "catalyst.openova.io/node": "w1" } }),
        replacementTrigger: `epoch 1, generation ${generation}`,
    };
}

/** A primary address that passes every policy, but for what is given. */
export function primaryIp(props: Props): DeclaredResource {
    return {
        type: "hcloud:index/primaryIp:PrimaryIp",
        props: {
            name: "address",
            type: "ipv4",
            location: "fsn1",
            autoDelete: false,
            deleteProtection: true,
            ...props,
        },
        protect: true,
    };
}

/** A network that passes every policy, but for what is given. */
export function network(props: Props): DeclaredResource {
    return {
        type: "hcloud:index/network:Network",
        props: { name: "network", ipRange: "10.0.0.0/16", deleteProtection: true, ...props },
        protect: true,
    };
}

/** A reverse name. */
export function rdns(props: Props): DeclaredResource {
    return pulumiResource("hcloud:index/rdns:Rdns", props);
}

/** A zone that passes every policy, but for what is given. */
export function zone(props: Props): DeclaredResource {
    return {
        type: "sovereign:dns:Zone",
        props: { nameServers: ["ns1.operator.example", "ns2.operator.example"], ...props },
        protect: true,
    };
}

/** A record set. */
export function recordSet(
    zone: string,
    name: string,
    type: string,
    records: readonly Cell[],
): DeclaredResource {
    return pulumiResource("sovereign:dns:RecordSet", { zone, name, type, ttl: 300, records });
}

/** A key of the Sovereign's DKIM keys. */
export function dkimKey(rsaBits: number): DeclaredResource {
    return {
        type: "tls:index/privateKey:PrivateKey",
        props: { algorithm: "RSA", rsaBits },
        protect: true,
        within: "sovereign:mail:DkimKeys",
    };
}

/** A namespace with labels. */
export function namespace(
    name: string,
    labels: Readonly<Record<string, string>>,
): DeclaredResource {
    return pulumiResource("kubernetes:core/v1:Namespace", { metadata: { name, labels } });
}

/** A policy that lets nothing into a namespace. */
export function networkPolicy(name: string): DeclaredResource {
    return pulumiResource("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
        metadata: { name: "default-deny", namespace: name },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });
}

/** A release of a chart of this repository, but for what is given. */
export function release(props: Props): DeclaredResource {
    return pulumiResource("kubernetes:helm.sh/v3:Release", {
        name: "release",
        namespace: "release",
        chart: "./charts/stalwart-sovereign",
        values: {},
        ...props,
    });
}
