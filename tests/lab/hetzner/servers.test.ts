// Proves a server's beginning and end: what creation refuses and makes, private-only servers, what deletion leaves.
// Does not prove what is done with it in between; serverActions.test.ts does.
import assert from "node:assert/strict";
import { BASE, invalid, serverFixture } from "./serverFixture.ts";

describe("lab/hetzner servers", () => {
    const f = serverFixture();
    const { create, path, read } = f;

    it("creates, then starts, with addresses of its own", async () => {
        const answer = await f.api.send("POST", "/servers", { ...BASE, name: "first" });
        assert.equal(answer.status, 201);
        const { server, action, next_actions: next } = answer.body;
        assert.equal(String(server?.status), "initializing");
        assert.equal(String(action?.command), "create_server");
        assert.deepEqual(
            (next as unknown as { command: string; status: string }[]).map((entry) => [
                entry.command,
                entry.status,
            ]),
            [["start_server", "running"]],
        );
        assert.equal(typeof answer.body.root_password, "string");
        await f.api.ended((next as unknown as object[])[0]);
        assert.ok(server);
        const now = await read(server);
        assert.equal(String(now.status), "running");
        assert.equal(String(now.image?.id), "161547269");
        assert.equal(Number(now.primary_disk_size), 40);
        const machine = f.machines.machines.get(Number(server.id));
        const { prefix } = f.context.addresses;
        assert.deepEqual(
            { ipv4: machine?.publicIpv4, host: machine?.hostAddress, arch: machine?.architecture },
            { ipv4: `${prefix}.1.1`, host: `${prefix}.128.1`, arch: "x86" },
        );
        assert.equal(machine?.publicIpv6, String(now.public_net?.ipv6?.ip).replace("/64", "1"));
    });

    it("refuses what can't be created", async () => {
        const named = { ...BASE, name: "x" };
        const wrong: [object, object][] = [
            [{ ...named, name: "no_host_name" }, invalid("invalid input in field 'name'")],
            [{ ...named, server_type: "cx99" }, invalid("invalid input in field 'server_type'")],
            [{ ...named, location: "moon" }, invalid("invalid input in field 'location'")],
            [{ ...named, location: "ash" }, invalid("unsupported location for server type")],
            [{ ...named, image: "windows" }, invalid("image not found")],
            [
                { ...named, image: 161547270 },
                invalid("image and server type have different architectures"),
            ],
            [{ ...named, ssh_keys: [1] }, invalid("SSH key not found")],
            [
                { ...named, user_data: "x".repeat(32_769) },
                invalid("invalid input in field 'user_data'"),
            ],
            [
                { ...named, public_net: { enable_ipv4: false, enable_ipv6: false } },
                invalid("no public or private network interfaces found, cannot start server"),
            ],
            [
                { ...named, firewalls: [{ firewall: 1 }] },
                {
                    status: 404,
                    code: "not_found",
                    message: "firewall with ID '1' not found",
                },
            ],
        ];
        for (const [body, expected] of wrong)
            await f.api.refused("POST", "/servers", body, expected as never);
        assert.deepEqual((await f.api.get("/servers?name=x")).servers, []);
        await create({ user_data: "x".repeat(32_768) });
    });

    it("refuses a type that is sold out", async () => {
        f.cloud.setAvailability("cx23", "fsn1", false);
        await f.api.refused(
            "POST",
            "/servers",
            { ...BASE, name: "x" },
            {
                status: 412,
                code: "resource_unavailable",
                message: "error during placement",
            },
        );
        f.cloud.setAvailability("cx23", "fsn1", true);
    });

    it("takes existing primary IPs that fit", async () => {
        const ip = async (name: string, type: string, location: string) => {
            const { primary_ip: made } = await f.api.done("POST", "/primary_ips", {
                name,
                type,
                location,
            });
            return Number(made?.id);
        };
        const four = await ip("four", "ipv4", "fsn1");
        const far = await ip("far", "ipv4", "hel1");
        const net = (ipv4: number) => ({
            ...BASE,
            name: "x",
            public_net: { enable_ipv4: true, enable_ipv6: false, ipv4 },
        });
        await f.api.refused("POST", "/servers", net(far), {
            status: 422,
            code: "primary_ip_datacenter_mismatch",
            message: "the specified primary IP is in a different location",
        });
        await f.api.refused("POST", "/servers", net(await ip("six", "ipv6", "fsn1")), {
            status: 412,
            code: "primary_ip_version_mismatch",
            message: "the specified primary IP has the wrong IP version",
        });
        const server = await create({ public_net: net(four).public_net });
        assert.equal(Number((await read(server)).public_net?.ipv4?.id), four);
        assert.equal((await read(server)).public_net?.ipv6, null);
        await f.api.refused("POST", "/servers", net(four), {
            status: 422,
            code: "primary_ip_assigned",
            message: "primary IP is already assigned to a server",
        });
        await f.api.done("DELETE", path(server));
        const { primary_ip: kept } = await f.api.get(`/primary_ips/${four}`);
        assert.equal(kept?.assignee_id, null);
    });

    it("boots a private-only server once it has an interface", async () => {
        const { network } = await f.api.done("POST", "/networks", {
            name: "private",
            ip_range: "10.0.0.0/16",
            subnets: [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }],
        });
        const server = await create({
            start_after_create: false,
            public_net: { enable_ipv4: false, enable_ipv6: false },
        });
        assert.equal(String((await read(server)).status), "off");
        await f.api.refused(
            "POST",
            path(server, "poweron"),
            {},
            invalid("no public or private network interfaces found, cannot start server"),
        );
        const before = f.machines.calls.length;
        await f.api.done("POST", path(server, "attach_to_network"), {
            network: Number(network?.id),
            ip: "10.0.1.5",
        });
        await f.api.done("POST", path(server, "poweron"), {});
        assert.deepEqual(f.machines.calls.slice(before), [`powerOn server-${f.count}`]);
        assert.deepEqual(
            f.machines.machines.get(Number(server.id))?.privateNetworks.map((nic) => nic.ip),
            ["10.0.1.5"],
        );
    });

    it("leaves nothing that names a deleted server", async () => {
        const { firewall } = await f.api.done("POST", "/firewalls", { name: "wall" });
        const server = await create({ firewalls: [{ firewall: Number(firewall?.id) }] });
        const id = Number(server.id);
        await f.api.done("POST", "/volumes", { name: "left", size: 10, server: id });
        const { load_balancer: balancer } = await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
            targets: [{ type: "server", server: { id } }],
        });
        assert.deepEqual((await read(server)).load_balancers, [Number(balancer?.id)]);
        const ip = String(server.public_net?.ipv4?.ip);
        const answer = await f.api.send("DELETE", path(server));
        assert.equal(answer.status, 200);
        assert.equal((await f.api.ended(answer.body.action)).status, "success");
        assert.equal(f.machines.calls.at(-1), `remove server-${f.count}`);
        assert.equal((await f.api.send("GET", path(server))).status, 404);
        assert.deepEqual((await f.api.get(`/primary_ips?ip=${ip}`)).primary_ips, []);
        assert.deepEqual(f.cloud.invariants(), []);
        await f.api.done("DELETE", `/firewalls/${Number(firewall?.id)}`);
    });

    it("knows SSH keys by their fingerprint", async () => {
        const key = {
            name: "key",
            public_key:
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a@b",
        };
        const { ssh_key: made } = await f.api.done("POST", "/ssh_keys", key);
        assert.match(String(made?.fingerprint), /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/);
        await f.api.refused(
            "POST",
            "/ssh_keys",
            { ...key, name: "other" },
            {
                status: 409,
                code: "uniqueness_error",
                message: "SSH key with the same fingerprint already exists",
            },
        );
        await f.api.refused(
            "POST",
            "/ssh_keys",
            { name: "bad", public_key: "ssh-ed25519 nothing" },
            invalid("invalid input in field 'public_key'"),
        );
        const server = await create({ ssh_keys: [Number(made?.id)] });
        assert.equal(String(server.status), "initializing");
    });
});
