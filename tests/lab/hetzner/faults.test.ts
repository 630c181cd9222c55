// Proves that the cloud fails in each of the ways that it can be told to, and only so often.
// Does not prove how a client copes with those failures.
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

describe("lab/hetzner faults", () => {
    let f: CloudFixture;

    before(async () => {
        f = await startCloud();
    });

    after(() => f.release());

    afterEach(() => {
        f.cloud.clearFaults();
    });

    const group = (name: string) =>
        f.api.send("POST", "/placement_groups", { name, type: "spread" });
    const names = async () =>
        (
            (await f.api.get("/placement_groups")).placement_groups as unknown as { name: string }[]
        ).map(({ name }) => name);

    it("answers with an error so many times, by method and route", async () => {
        f.cloud.injectFault({
            kind: "error",
            method: "POST",
            route: "/placement_groups",
            code: "conflict",
            times: 2,
        });
        await f.api.get("/placement_groups");
        const statuses = [];
        for (let index = 0; index < 3; index++) statuses.push((await group("a")).status);
        assert.deepEqual(statuses, [409, 409, 201]);
        assert.deepEqual(f.cloud.faults(), []);
    });

    it("knows the status of each code", async () => {
        const expected: Record<string, number> = {
            locked: 423,
            resource_unavailable: 412,
            service_error: 422,
            server_error: 500,
            unavailable: 503,
            maintenance: 403,
        };
        for (const [code, status] of Object.entries(expected)) {
            f.cloud.injectFault({ kind: "error", route: "/locations", code, message: "m" });
            await f.api.refused("GET", "/locations", undefined, { status, code, message: "m" });
        }
    });

    it("limits the rate until a given time", async () => {
        f.cloud.injectFault({ kind: "rate_limit", route: "/loc*", resetSeconds: 5 });
        const now = Date.now() / 1000;
        const answer = await f.api.send("GET", "/locations");
        assert.equal(answer.status, 429);
        assert.equal(answer.headers.get("ratelimit-remaining"), "0");
        const reset = Number(answer.headers.get("ratelimit-reset"));
        assert.ok(reset >= now + 4 && reset <= now + 30, `${reset} after ${now}`);
    });

    it("answers as a gateway does", async () => {
        for (const status of [502, 504] as const) {
            f.cloud.injectFault({ kind: "gateway", route: "/locations", status });
            const response = await fetch(`${f.cloud.endpoint}/locations`, {
                headers: {
                    authorization: `Bearer ${f.context.credentials.hcloudToken}`,
                    connection: "close",
                },
            });
            assert.equal(response.status, status);
            assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
        }
    });

    it("breaks the connection before, or after, the work", async () => {
        f.cloud.injectFault({ kind: "connection_reset", method: "POST" });
        await assert.rejects(group("never"));
        assert.equal((await names()).includes("never"), false);
        f.cloud.injectFault({ kind: "drop_reply", method: "POST" });
        await assert.rejects(group("done"));
        assert.equal((await names()).includes("done"), true);
        assert.deepEqual(
            f.cloud
                .requestLog()
                .filter(({ status }) => status === 0)
                .map(({ route }) => route),
            ["/placement_groups", "/placement_groups"],
        );
    });

    it("fails an action without effect", async () => {
        const { network } = await f.api.done("POST", "/networks", {
            name: "net",
            ip_range: "10.0.0.0/16",
        });
        f.cloud.injectFault({
            kind: "action_error",
            command: "add_subnet",
            code: "action_failed",
            message: "switch unreachable",
        });
        const path = `/networks/${Number(network?.id)}`;
        const { body } = await f.api.send("POST", `${path}/actions/add_subnet`, {
            type: "cloud",
            network_zone: "eu-central",
            ip_range: "10.0.1.0/24",
        });
        const { status, error } = await f.api.ended(body.action);
        assert.deepEqual(
            { status, error },
            { status: "error", error: { code: "action_failed", message: "switch unreachable" } },
        );
        assert.deepEqual((await f.api.get(path)).network?.subnets, []);
    });

    it("slows an action down", async () => {
        f.cloud.injectFault({
            kind: "slow_action",
            command: "create_load_balancer",
            milliseconds: 150,
        });
        const { body } = await f.api.send("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
        });
        const { action } = await f.api.get(`/actions/${Number(body.action?.id)}`);
        assert.equal(String(action?.status), "running");
        await eventually("its end", async () => {
            assert.equal((await f.api.ended(body.action)).status, "success");
        });
    });

    it("reports a name that can't be published as a failed action", async () => {
        const broken = await startCloud({
            reverseDns: { set: () => Promise.reject(new Error("name server is down")) },
        });
        try {
            const { primary_ip: ip } = await broken.api.done("POST", "/primary_ips", {
                name: "ip",
                type: "ipv4",
                location: "fsn1",
            });
            const { body } = await broken.api.send(
                "POST",
                `/primary_ips/${Number(ip?.id)}/actions/change_dns_ptr`,
                { ip: String(ip?.ip), dns_ptr: "mail.example" },
            );
            const { status, error } = await broken.api.ended(body.action);
            assert.deepEqual(
                { status, error },
                {
                    status: "error",
                    error: {
                        code: "service_error",
                        message: `reverse DNS of ${String(ip?.ip)}: Error: name server is down`,
                    },
                },
            );
        } finally {
            await broken.release();
        }
    });
});
