// Proves that the cloud survives a restart, can be put back to a snapshot, drifts on request, and finds its own inconsistencies.
// Does not prove that other parts of the lab survive with it.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { invariantProblems } from "../../../lab/hetzner/admin/invariants.ts";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

const SERVER = { server_type: "cx23", image: "ubuntu-24.04", location: "fsn1" };

describe("lab/hetzner state", () => {
    let f: CloudFixture;

    beforeEach(async () => {
        f = await startCloud();
    });

    afterEach(() => f.release());

    it("goes on after a restart: machines on, names published, ports open, addresses not reused", async () => {
        const { server } = await f.api.done("POST", "/servers", { ...SERVER, name: "one" });
        const { server: off } = await f.api.done("POST", "/servers", {
            ...SERVER,
            name: "off",
            start_after_create: false,
        });
        await f.api.done("POST", `/servers/${Number(server?.id)}/actions/change_dns_ptr`, {
            ip: String(server?.public_net?.ipv4?.ip),
            dns_ptr: "mail.omantel.example",
        });
        const before = await f.api.get("/servers");
        await f.cloud.stop();
        assert.equal(f.cloud.status().state, "stopped");
        f.machines.calls.length = 0;
        (f.ptr as Map<string, string>).clear();

        const second = f.again();
        await second.start();
        assert.deepEqual(f.machines.calls, ["powerOn one"]);
        assert.deepEqual(await f.api.get("/servers"), before);
        assert.equal(f.ptr.get(String(server?.public_net?.ipv4?.ip)), "mail.omantel.example");
        const { portOffset } = f.context.addresses;
        assert.ok(
            second
                .listening()
                .includes(`${String(server?.public_net?.ipv4?.ip)}:${22 + portOffset}`),
        );
        assert.equal(
            String((await f.api.get(`/servers/${Number(off?.id)}`)).server?.status),
            "off",
        );
        const { server: third } = await f.api.done("POST", "/servers", { ...SERVER, name: "new" });
        assert.equal(String(third?.public_net?.ipv4?.ip), `${f.context.addresses.prefix}.1.3`);
    });

    it("finishes after a restart what was under way", async () => {
        const { server } = await f.api.done("POST", "/servers", { ...SERVER, name: "going" });
        f.cloud.injectFault({
            kind: "slow_action",
            command: "delete_server",
            milliseconds: 600_000,
        });
        const { body } = await f.api.send("DELETE", `/servers/${Number(server?.id)}`);
        await f.cloud.stop();
        await f.again().start();
        assert.equal((await f.api.ended(body.action)).status, "success");
        assert.equal((await f.api.send("GET", `/servers/${Number(server?.id)}`)).status, 404);
    });

    it("has every answered change on disk", async () => {
        await f.api.done("POST", "/placement_groups", { name: "saved", type: "spread" });
        const file = join(f.context.directory, "hetzner", "state.json");
        assert.ok((await readFile(file, "utf8")).includes('"saved"'));
        await f.cloud.stop();
        await writeFile(file, "{ broken");
        await assert.rejects(f.again().start(), {
            message: `${file} is not JSON. It holds the emulated cloud's state; remove it to begin with an empty cloud`,
        });
    });

    it("is put back to a snapshot", async () => {
        const { server } = await f.api.done("POST", "/servers", { ...SERVER, name: "kept" });
        const snapshot = f.cloud.snapshot();
        await f.api.done("DELETE", `/servers/${Number(server?.id)}`);
        await f.api.done("POST", "/servers", { ...SERVER, name: "later" });
        f.machines.calls.length = 0;
        await f.cloud.restore(snapshot);
        assert.deepEqual(f.machines.calls, ["remove later", "powerOn kept"]);
        const { servers } = await f.api.get("/servers");
        assert.deepEqual(
            (servers as unknown as { name: string }[]).map(({ name }) => name),
            ["kept"],
        );
        await assert.rejects(f.cloud.restore({ version: 2 }), /not a state of version 1/);
    });

    it("drifts behind everyone's back", async () => {
        const { server } = await f.api.done("POST", "/servers", { ...SERVER, name: "drifting" });
        const id = Number(server?.id);
        await f.api.done("POST", `/servers/${id}/actions/change_protection`, {
            delete: true,
            rebuild: true,
        });
        const drift = { project: "lab", kind: "servers", id };
        await f.cloud.drift({ ...drift, set: { labels: { edited: "by-hand" } } });
        assert.deepEqual((await f.api.get(`/servers/${id}`)).server?.labels, {
            edited: "by-hand",
        });
        await assert.rejects(f.cloud.drift({ ...drift, set: { colour: "red" } }), {
            code: "invalid_input",
        });
        await f.cloud.drift(drift);
        assert.equal((await f.api.send("GET", `/servers/${id}`)).status, 404);
        assert.equal(f.machines.calls.at(-1), "remove drifting");
        assert.deepEqual(f.cloud.invariants(), []);
    });

    it("finds references to nothing and addresses used twice", async () => {
        await f.api.done("POST", "/servers", { ...SERVER, name: "one" });
        const state = f.cloud.snapshot();
        assert.deepEqual(invariantProblems(state), []);
        const [server] = state.projects.lab?.servers ?? [];
        assert.ok(server && state.projects.lab);
        server.placementGroup = 7;
        state.projects.lab.servers.push({ ...server, id: 8, ipv4: null, ipv6: null });
        assert.deepEqual(invariantProblems(state), [
            `lab: server ${server.id} names placement group 7, which doesn't exist`,
            "lab: server 8 names placement group 7, which doesn't exist",
            "lab: server name one is used twice",
            `host address ${server.hostAddress} is used twice`,
        ]);
    });

    it("does all of it over HTTP too", async () => {
        const base = f.cloud.endpoint.replace("/v1", "/_lab");
        const lab = async (method: string, path: string, body?: unknown) => {
            const response = await fetch(`${base}${path}`, {
                method,
                headers: { "content-type": "application/json", connection: "close" },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            assert.equal(response.status, 200, await response.clone().text());
            return (await response.json()) as Record<string, unknown>;
        };
        const { placement_group: group } = await f.api.done("POST", "/placement_groups", {
            name: "a",
            type: "spread",
        });
        assert.deepEqual((await lab("GET", "/counters")).counters, {
            "POST /placement_groups": 1,
        });
        assert.equal(((await lab("GET", "/requests")).requests as unknown[]).length, 1);
        await lab("POST", "/faults", { kind: "error", code: "conflict", times: 2 });
        assert.equal(((await lab("GET", "/faults")).faults as unknown[]).length, 1);
        await lab("DELETE", "/faults");
        assert.deepEqual((await lab("GET", "/faults")).faults, []);
        const { snapshot } = await lab("GET", "/snapshot");
        await lab("POST", "/drift", {
            project: "lab",
            kind: "placement_groups",
            id: Number(group?.id),
        });
        assert.deepEqual((await f.api.get("/placement_groups")).placement_groups, []);
        await lab("PUT", "/snapshot", { snapshot });
        assert.equal(
            ((await f.api.get("/placement_groups")).placement_groups as unknown as unknown[])
                .length,
            1,
        );
        await lab("PUT", "/availability", {
            serverType: "cx23",
            location: "fsn1",
            available: false,
        });
        await f.api.refused(
            "POST",
            "/servers",
            { ...SERVER, name: "x" },
            {
                status: 412,
                code: "resource_unavailable",
                message: "error during placement",
            },
        );
        assert.deepEqual((await lab("GET", "/invariants")).problems, []);
        assert.deepEqual((await lab("GET", "/listening")).listening, []);
        await lab("DELETE", "/requests");
        assert.deepEqual((await lab("GET", "/counters")).counters, {});
        const refused = await fetch(`${base}/faults`, {
            method: "POST",
            headers: { "content-type": "application/json", connection: "close" },
            body: JSON.stringify({ kind: "earthquake" }),
        });
        assert.equal(refused.status, 422);
    });
});
