// Proves firewall rules' validation, where firewalls apply, and that a server's public address lets in exactly what they allow.
// Does not prove that a dropped packet gets no answer: the emulator closes such a connection instead.
import assert from "node:assert/strict";
import { type Server, connect, createServer } from "node:net";
import { labPort } from "../../../lab/addresses.ts";
import { type CloudFixture, type Json, startCloud } from "./cloudFixture.ts";

const WORLD = ["0.0.0.0/0", "::/0"];

function rule(port: string, sources = WORLD, protocol = "tcp") {
    return { direction: "in", protocol, port, source_ips: sources };
}

/** What a client reads from host and port until the other side closes; the error's code where it can't connect. */
function ask(host: string, port: number, from?: string): Promise<string> {
    return new Promise((resolve) => {
        let text = "";
        const socket = connect({
            host,
            port,
            ...(from === undefined ? {} : { localAddress: from }),
        });
        socket.setEncoding("utf8");
        socket.on("data", (chunk: string) => (text += chunk));
        socket.on("error", (error: NodeJS.ErrnoException) => {
            resolve(error.code ?? error.message);
        });
        socket.on("close", () => {
            resolve(text);
        });
    });
}

describe("lab/hetzner firewalls", () => {
    let f: CloudFixture;
    let server: Json;
    let listeners: Server[] = [];

    before(async () => {
        f = await startCloud();
        const made = await f.api.done("POST", "/servers", {
            name: "node",
            server_type: "cx23",
            image: "ubuntu-24.04",
            labels: { role: "node" },
        });
        assert.ok(made.server);
        server = made.server;
        const host = f.machines.machines.get(Number(server.id))?.hostAddress ?? "";
        for (const port of [25, 443]) {
            const listener = createServer((socket) => socket.end(`port ${port}`));
            await new Promise<void>((resolve) =>
                listener.listen(labPort(port, f.context.addresses.portOffset), host, resolve),
            );
            listeners.push(listener);
        }
    });

    after(async () => {
        for (const listener of listeners) listener.close();
        listeners = [];
        await f.release();
    });

    const askServer = (port: number, from?: string) =>
        ask(
            String(server.public_net?.ipv4?.ip),
            labPort(port, f.context.addresses.portOffset),
            from,
        );

    it("refuses rules that mean nothing", async () => {
        const rejected = (name: string, ...messages: string[]) => ({
            status: 422,
            code: "invalid_input",
            message: `invalid input in field '${name}'`,
            fields: messages.map((message) => ({ name, messages: [message] })),
        });
        const wrong: [object, ReturnType<typeof rejected>][] = [
            [
                { direction: "in", protocol: "tcp", source_ips: WORLD },
                rejected("rules.0.port", "is required for tcp"),
            ],
            [rule("80", WORLD, "icmp"), rejected("rules.0.port", "must not be set for icmp")],
            [rule("80-70"), rejected("rules.0.port", "must be a port, a range of ports, or any")],
            [rule("0"), rejected("rules.0.port", "must be a port, a range of ports, or any")],
            [
                rule("80", ["10.0.0.1/8"]),
                rejected("rules.0.source_ips", "10.0.0.1/8 is not a CIDR with zero host bits"),
            ],
            [
                rule("80", ["10.0.0.1"]),
                rejected("rules.0.source_ips", "10.0.0.1 is not a CIDR with zero host bits"),
            ],
            [rule("80", []), rejected("rules.0.source_ips", "is required for direction in")],
            [
                rule(
                    "80",
                    Array.from({ length: 101 }, () => "10.0.0.0/8"),
                ),
                rejected("rules.0.source_ips", "at most 100 ranges"),
            ],
            [
                { ...rule("80"), destination_ips: WORLD },
                rejected("rules.0.destination_ips", "must not be set for direction in"),
            ],
            [
                { ...rule("80"), description: "x".repeat(256) },
                rejected("rules.0.description", "at most 255 characters"),
            ],
            [
                { ...rule("80"), protocol: "sctp" },
                rejected(
                    "rules.0.protocol",
                    'Invalid option: expected one of "tcp"|"udp"|"icmp"|"esp"|"gre"',
                ),
            ],
        ];
        for (const [entry, expected] of wrong)
            await f.api.refused("POST", "/firewalls", { name: "x", rules: [entry] }, expected);
        await f.api.refused(
            "POST",
            "/firewalls",
            { name: "x", rules: Array.from({ length: 51 }, () => rule("80")) },
            rejected("rules", "at most 50 rules"),
        );
    });

    it("lets everything in without a firewall, on the well-known ports", async () => {
        assert.deepEqual(await askServer(25), "port 25");
        const { portOffset } = f.context.addresses;
        const ports = f.cloud
            .listening()
            .map((address) => Number(address.split(":")[1]))
            .sort((a, b) => a - b);
        assert.deepEqual(
            ports,
            [22, 25, 80, 443, 465, 587, 6443]
                .map((port) => labPort(port, portOffset))
                .sort((a, b) => a - b),
        );
    });

    it("lets in what a rule allows, by port and by source", async () => {
        const { prefix } = f.context.addresses;
        const { firewall } = await f.api.done("POST", "/firewalls", {
            name: "mail",
            rules: [rule("25"), rule("443", [`${prefix}.200.0/24`]), rule("any", WORLD, "udp")],
            apply_to: [{ type: "server", server: { id: Number(server.id) } }],
        });
        const id = Number(firewall?.id);
        assert.equal(await askServer(25), "port 25");
        assert.equal(await askServer(443, `${prefix}.200.7`), "port 443");
        assert.notEqual(await askServer(443, `${prefix}.201.7`), "port 443");
        assert.equal(await askServer(6443), "ECONNREFUSED");

        await f.api.done("POST", `/firewalls/${id}/actions/set_rules`, { rules: [] });
        assert.equal(await askServer(25), "ECONNREFUSED");
        assert.deepEqual(f.cloud.listening(), []);

        await f.api.refused("DELETE", `/firewalls/${id}`, undefined, {
            status: 422,
            code: "resource_in_use",
            message: `firewall with ID ${id} is still in use`,
        });
        await f.api.done("POST", `/firewalls/${id}/actions/remove_from_resources`, {
            remove_from: [{ type: "server", server: { id: Number(server.id) } }],
        });
        assert.equal(await askServer(443), "port 443");
        assert.equal((await f.api.send("DELETE", `/firewalls/${id}`)).status, 204);
    });

    it("closes the address of a server that is off", async () => {
        await f.api.done("POST", `/servers/${Number(server.id)}/actions/poweroff`, {});
        assert.equal(await askServer(25), "ECONNREFUSED");
        await f.api.done("POST", `/servers/${Number(server.id)}/actions/poweron`, {});
        assert.equal(await askServer(25), "port 25");
    });

    it("applies to servers and label selectors, once each", async () => {
        const { firewall } = await f.api.done("POST", "/firewalls", {
            name: "selected",
            rules: [rule("25")],
        });
        const path = `/firewalls/${Number(firewall?.id)}/actions`;
        const selector = { type: "label_selector", label_selector: { selector: "role=node" } };
        const direct = { type: "server", server: { id: Number(server.id) } };
        await f.api.done("POST", `${path}/apply_to_resources`, { apply_to: [selector] });
        const { firewall: now } = await f.api.get(`/firewalls/${Number(firewall?.id)}`);
        assert.deepEqual(now?.applied_to, [
            {
                ...selector,
                applied_to_resources: [{ type: "server", server: { id: Number(server.id) } }],
            },
        ]);
        await f.api.refused(
            "POST",
            `${path}/apply_to_resources`,
            { apply_to: [selector] },
            {
                status: 422,
                code: "firewall_already_applied",
                message: "firewall was already applied on resource",
            },
        );
        await f.api.refused(
            "POST",
            `${path}/remove_from_resources`,
            { remove_from: [direct] },
            {
                status: 422,
                code: "firewall_managed_by_label_selector",
                message: "firewall is applied via a label selector and can not be removed manually",
            },
        );
        await f.api.refused(
            "POST",
            `${path}/apply_to_resources`,
            { apply_to: [{ type: "server", server: { id: 1 } }] },
            {
                status: 404,
                code: "firewall_resource_not_found",
                message: "server with ID '1' not found",
            },
        );
        const { server: hidden } = await f.api.done("POST", "/servers", {
            name: "hidden",
            server_type: "cx23",
            image: "ubuntu-24.04",
            start_after_create: false,
            public_net: { enable_ipv4: false, enable_ipv6: false },
        });
        await f.api.refused(
            "POST",
            `${path}/apply_to_resources`,
            { apply_to: [{ type: "server", server: { id: Number(hidden?.id) } }] },
            {
                status: 422,
                code: "private_net_only_server",
                message: "firewall can not be applied to a server without a public interface",
            },
        );
    });

    it("takes at most five firewalls per server", async () => {
        const target = [{ type: "server", server: { id: Number(server.id) } }];
        for (let index = 2; index <= 5; index++)
            await f.api.done("POST", "/firewalls", { name: `wall-${index}`, apply_to: target });
        await f.api.refused(
            "POST",
            "/firewalls",
            { name: "wall-6", apply_to: target },
            {
                status: 403,
                code: "resource_limit_exceeded",
                message: "at most 5 firewalls per server",
            },
        );
    });
});
