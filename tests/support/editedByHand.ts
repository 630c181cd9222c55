import assert from "node:assert/strict";
import { z } from "zod";
import { LAB_CREDENTIALS } from "../../lab/credentials.ts";

const named = z.object({ id: z.number(), name: z.string() });
const primaryIps = z.object({ primary_ips: z.array(named.extend({ ip: z.string() })) });
const servers = z.object({
    servers: z.array(named.extend({ labels: z.record(z.string(), z.string()) })),
});

async function call(method: string, url: string, body?: unknown): Promise<unknown> {
    const response = await fetch(url, {
        method,
        headers: {
            authorization: `Bearer ${LAB_CREDENTIALS.hcloudToken}`,
            "content-type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, `${method} ${url}: ${response.status}`);
    return await response.json();
}

/** Sets the PTR of a node's IPv4 address, as somebody would in Hetzner's console. */
export async function changePtr(endpoint: string, node: string, name: string): Promise<void> {
    const { primary_ips: ips } = primaryIps.parse(await call("GET", `${endpoint}/primary_ips`));
    const ip = ips.find((one) => one.name.endsWith(`-${node}-ipv4`));
    assert.ok(ip, `no address of ${node}`);
    const action = `${endpoint}/primary_ips/${ip.id}/actions/change_dns_ptr`;
    await call("POST", action, { ip: ip.ip, dns_ptr: name });
}

/** Adds labels to a node's server, as somebody would in Hetzner's console. */
export async function labelServer(
    endpoint: string,
    node: string,
    labels: Readonly<Record<string, string>>,
): Promise<void> {
    const { servers: all } = servers.parse(await call("GET", `${endpoint}/servers`));
    const server = all.find((one) => one.name.endsWith(`-${node}`));
    assert.ok(server, `no server ${node}`);
    await call("PUT", `${endpoint}/servers/${server.id}`, {
        labels: { ...server.labels, ...labels },
    });
}
