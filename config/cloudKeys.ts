import { z } from "zod";
import { flag, list, network, oneOf, privateNetwork, text, whole } from "./fields.ts";
import { key } from "./keySpec.ts";
import { isIpv4, isPrivate, ipv4Number } from "./network.ts";
import { isSshPublicKey } from "./sshKey.ts";

const SERVER_TYPE = /^(?:cx|cpx|cax|ccx)[1-9][0-9]$/;

const serverType = () =>
    text("a server type of Hetzner, for example cx43, cpx42, cax31 or ccx23", (t) =>
        SERVER_TYPE.test(t),
    );

/** Processor architecture of a server type, by its family: CAX is Arm, everything else x86. */
export function architectureOf(type: string): "amd64" | "arm64" {
    return type.startsWith("cax") ? "arm64" : "amd64";
}

/** Where and on what the Sovereign runs, and who may reach it. */
export const cloudKeys = {
    locations: key(
        "array",
        "one location of Hetzner or more, in order of preference",
        ["fsn1"],
        (e) =>
            list(
                e,
                text("a location of Hetzner, for example fsn1", (t) => /^[a-z]{3}[0-9]?$/.test(t)),
                1,
            ).default(["fsn1", "nbg1", "hel1"]),
    ),
    controlPlaneCount: key("integer", "1 or 3 control planes (etcd needs an odd number)", 1, (e) =>
        z.union([z.literal(1), z.literal(3)], { error: e }).default(1),
    ),
    workerCount: key("integer", "a whole number of workers from 0 to 100", 2, (e) =>
        whole(e, 0, 100).default(0),
    ),
    controlPlaneTypes: key(
        "array",
        "one server type or more, in order of preference",
        ["cx43"],
        (e) => list(e, serverType(), 1).default(["cx43", "cpx42", "ccx23"]),
    ),
    workerTypes: key("array", "a list of server types, in order of preference", ["cx43"], (e) =>
        list(e, serverType()).default(["cx43", "cpx42", "ccx23"]),
    ),
    generations: key(
        "object",
        'a generation per node key, for example {"cp1": 2}',
        { cp1: 2 },
        (e) =>
            z
                .record(
                    z.string(),
                    whole(
                        "a whole number from 1 to 1000000; raise it to replace the server",
                        1,
                        1_000_000,
                    ),
                    { error: e },
                )
                .default({}),
    ),
    image: key(
        "string",
        "the name of an image of Hetzner with systemd and cloud-init, for example ubuntu-24.04",
        "ubuntu-24.04",
        (e) => text(e, (t) => /^[a-z][a-z0-9.-]*[a-z0-9]$/.test(t)).default("ubuntu-24.04"),
    ),
    networkCidr: key(
        "string",
        "a private IPv4 network (RFC 1918) of /24 or larger with its host bits zero",
        "10.0.0.0/16",
        (e) => privateNetwork(e, 24).default("10.0.0.0/16"),
    ),
    nodesCidr: key(
        "string",
        "a private IPv4 network of /28 or larger with its host bits zero",
        "10.0.1.0/24",
        (e) => privateNetwork(e, 28).default("10.0.1.0/24"),
    ),
    loadBalancerCidr: key(
        "string",
        "a private IPv4 network of /30 or larger with its host bits zero",
        "10.0.2.0/24",
        (e) => privateNetwork(e, 30).default("10.0.2.0/24"),
    ),
    loadBalancerIp: key("string", "a private IPv4 address", "10.0.2.2", (e) =>
        text(e, (ip) => {
            if (!isIpv4(ip)) return false;
            const n = ipv4Number(ip);
            return isPrivate({ first: n, last: n, prefix: 32 });
        }).default("10.0.2.2"),
    ),
    loadBalancerType: key("string", "lb11, lb21 or lb31", "lb21", (e) =>
        oneOf(e, ["lb11", "lb21", "lb31"]).default("lb11"),
    ),
    ipv6: key("boolean", "true or false", true, (e) => flag(e).default(true)),
    sshPublicKeys: key("array", "a list of public keys", ["ssh-ed25519 AAAA… you@example"], (e) =>
        list(
            e,
            text("a public key in OpenSSH's format (the line of a .pub file)", isSshPublicKey),
        ).default([]),
    ),
    sshAllowedCidrs: key("array", "a list of networks", ["203.0.113.7/32"], (e) =>
        list(
            e,
            network(
                "a network with its host bits zero, for example 203.0.113.7/32 or 2001:db8::/32",
            ),
        ).default([]),
    ),
    apiExposure: key("string", "load-balancer or nodes", "load-balancer", (e) =>
        oneOf(e, ["load-balancer", "nodes"]).default("load-balancer"),
    ),
    apiAllowedCidrs: key("array", "a list of networks", ["203.0.113.7/32"], (e) =>
        list(
            e,
            network(
                "a network with its host bits zero, for example 203.0.113.7/32 or 2001:db8::/32",
            ),
        ).default([]),
    ),
    protect: key("boolean", "true or false", true, (e) => flag(e).default(true)),
} as const;
