// Proves the rules that hold for every request: authentication, error shape, rate limit, pagination, filters, sorting, actions,
// projects apart from each other. Does not prove what single resources do; their own files do.
import assert from "node:assert/strict";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

const OTHER = "other".padEnd(64, "1");
const READER = "reader".padEnd(64, "2");

describe("lab/hetzner requests", () => {
    let f: CloudFixture;

    before(async () => {
        f = await startCloud({
            rateLimit: 1000,
            tokens: [
                { token: LAB_CREDENTIALS.hcloudToken, project: "lab" },
                { token: OTHER, project: "other" },
                { token: READER, project: "lab", readOnly: true },
            ],
        });
    });

    after(() => f.release());

    it("refuses a missing and an unknown token", async () => {
        const expected = {
            status: 401,
            code: "unauthorized",
            message: "unable to authenticate",
        };
        await f.clientOf(undefined).refused("GET", "/servers", undefined, expected);
        await f.clientOf("x".repeat(64)).refused("GET", "/servers", undefined, expected);
    });

    it("lets a read-only token read and nothing else", async () => {
        const reader = f.clientOf(READER);
        assert.deepEqual((await reader.get("/networks")).networks, []);
        await reader.refused(
            "POST",
            "/placement_groups",
            { name: "a", type: "spread" },
            {
                status: 401,
                code: "token_readonly",
                message: "token is only allowed to perform GET requests",
            },
        );
    });

    it("answers errors as JSON with a correlation id and the rate limit's headers", async () => {
        const answer = await f.api.send("GET", "/servers/1");
        assert.equal(answer.status, 404);
        assert.deepEqual(answer.body, {
            error: { code: "not_found", message: "server with ID '1' not found", details: null },
        });
        assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
        assert.match(answer.headers.get("x-correlation-id") ?? "", /^[0-9a-f]+$/);
        assert.equal(answer.headers.get("ratelimit-limit"), "1000");
        assert.match(answer.headers.get("ratelimit-remaining") ?? "", /^9\d\d$/);
        assert.match(answer.headers.get("ratelimit-reset") ?? "", /^\d{10}$/);
    });

    it("refuses broken JSON, unknown paths, wrong methods and removed endpoints", async () => {
        await f.api.refused("POST", "/networks", "{", {
            status: 400,
            code: "json_error",
            message: "invalid JSON in request body",
        });
        await f.api.refused("GET", "/nothing", undefined, {
            status: 404,
            code: "not_found",
            message: "endpoint not found",
        });
        await f.api.refused("DELETE", "/locations", undefined, {
            status: 405,
            code: "method_not_allowed",
            message: "method not allowed",
        });
        for (const path of ["/datacenters", "/datacenters/1"])
            await f.api.refused("GET", path, undefined, {
                status: 410,
                code: "deprecated_api_endpoint",
                message: "this API endpoint was removed, use locations instead",
            });
    });

    it("pages, sorts and filters lists", async () => {
        for (const [index, tier] of ["a", "b", "a", "b", "a"].entries())
            await f.api.done("POST", "/placement_groups", {
                name: `group-${index}`,
                type: "spread",
                labels: { tier, [`only-${index}`]: "" },
            });
        const names = async (query: string) =>
            (
                (await f.api.get(`/placement_groups?${query}`)).placement_groups as unknown as {
                    name: string;
                }[]
            ).map((group) => group.name);
        const page = await f.api.get("/placement_groups?per_page=2&page=2");
        assert.deepEqual(page.meta, {
            pagination: {
                page: 2,
                per_page: 2,
                previous_page: 1,
                next_page: 3,
                last_page: 3,
                total_entries: 5,
            },
        });
        assert.deepEqual((await f.api.get("/placement_groups")).meta, {
            pagination: {
                page: 1,
                per_page: 25,
                previous_page: null,
                next_page: null,
                last_page: 1,
                total_entries: 5,
            },
        });
        const capped = await f.api.get("/placement_groups?per_page=500");
        assert.equal(Number(capped.meta?.pagination?.per_page), 50);
        assert.deepEqual(await names("per_page=2&page=2"), ["group-2", "group-3"]);
        assert.deepEqual(await names("name=group-3"), ["group-3"]);
        assert.deepEqual(await names("name=nobody"), []);
        assert.deepEqual(await names("sort=name:desc&per_page=1"), ["group-4"]);
        const selected: Record<string, string[]> = {
            "tier=a": ["group-0", "group-2", "group-4"],
            "tier==b": ["group-1", "group-3"],
            "tier!=a": ["group-1", "group-3"],
            "tier in (a,c),only-2": ["group-2"],
            "tier notin (a)": ["group-1", "group-3"],
            "!only-0,tier=a": ["group-2", "group-4"],
        };
        for (const [selector, expected] of Object.entries(selected))
            assert.deepEqual(
                await names(`label_selector=${encodeURIComponent(selector)}`),
                expected,
                selector,
            );
        await f.api.refused("GET", "/placement_groups?label_selector=a%3D%3D%3Db", undefined, {
            status: 422,
            code: "invalid_input",
            message: "invalid input in field 'label_selector'",
        });
    });

    it("keeps labels to the API's rules", async () => {
        const group = (labels: Record<string, string>) => ({ name: "x", type: "spread", labels });
        const wrong: [Record<string, string>, string][] = [
            [{ "-a": "1" }, "label key '-a' is not correctly formatted"],
            [{ a: "*.example" }, "label value '*.example' is not correctly formatted"],
            [{ a: "x".repeat(64) }, `label value '${"x".repeat(64)}' is not correctly formatted`],
            [{ "hetzner.cloud/a": "1" }, "label key prefix 'hetzner.cloud/' is reserved"],
            [{ "UPPER.example/a": "1" }, "label key 'UPPER.example/a' has an invalid prefix"],
        ];
        for (const [labels, message] of wrong)
            await f.api.refused("POST", "/placement_groups", group(labels), {
                status: 422,
                code: "invalid_input",
                message: "invalid input in field 'labels'",
                fields: [{ name: "labels", messages: [message] }],
            });
    });

    it("gives actions by id, many at once, and no listing of all", async () => {
        const { action } = await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
        });
        const { id } = action as unknown as { id: number };
        const list = await f.api.get(
            `/actions?id=${id}&id=1&page=1&per_page=50&sort=status&sort=id`,
        );
        assert.deepEqual(
            (list.actions as unknown as { id: number; command: string; progress: number }[]).map(
                ({ command, progress }) => ({ command, progress }),
            ),
            [{ command: "create_load_balancer", progress: 100 }],
        );
        await f.api.refused("GET", "/actions/1", undefined, {
            status: 404,
            code: "not_found",
            message: "action with ID '1' not found",
        });
        await f.api.refused("GET", "/actions", undefined, {
            status: 410,
            code: "deprecated_api_endpoint",
            message: "listing all actions was removed, ask for actions by their id",
        });
    });

    it("keeps projects apart, and names unique within one", async () => {
        const body = { name: "same", type: "spread" };
        await f.api.done("POST", "/placement_groups", body);
        const { placement_group: made } = await f
            .clientOf(OTHER)
            .done("POST", "/placement_groups", body);
        await f.api.refused("POST", "/placement_groups", body, {
            status: 409,
            code: "uniqueness_error",
            message: "name is already used",
        });
        await f.api.refused("GET", `/placement_groups/${Number(made?.id)}`, undefined, {
            status: 404,
            code: "not_found",
            message: `placement group with ID '${Number(made?.id)}' not found`,
        });
    });

    it("logs requests by route, without tokens", async () => {
        f.cloud.clearRequestLog();
        await f.api.get("/locations");
        await f.api.send("GET", "/servers/42");
        assert.deepEqual(f.cloud.counters(), { "GET /locations": 1, "GET /servers/:id": 1 });
        const text = JSON.stringify(f.cloud.requestLog());
        assert.ok(!text.includes(LAB_CREDENTIALS.hcloudToken));
        assert.deepEqual(
            f.cloud.requestLog().map(({ path, status, project }) => ({ path, status, project })),
            [
                { path: "/v1/locations", status: 200, project: "lab" },
                { path: "/v1/servers/42", status: 404, project: "lab" },
            ],
        );
    });

    it("offers locations, types and prices; what can't be ordered says so", async () => {
        const { locations } = await f.api.get("/locations");
        assert.deepEqual(
            (locations as unknown as { name: string; network_zone: string }[]).map(
                ({ name, network_zone: zone }) => `${name} ${zone}`,
            ),
            [
                "fsn1 eu-central",
                "nbg1 eu-central",
                "hel1 eu-central",
                "ash us-east",
                "hil us-west",
                "sin ap-southeast",
            ],
        );
        f.cloud.setAvailability("cx23", "nbg1", false);
        const { server_types: types } = await f.api.get("/server_types?name=cx23");
        const [type] = types as unknown as {
            locations: { name: string; available: boolean }[];
            prices: { price_monthly: { net: string } }[];
        }[];
        assert.deepEqual(
            type?.locations.map(({ name, available }) => [name, available]),
            [
                ["fsn1", true],
                ["nbg1", false],
                ["hel1", true],
            ],
        );
        assert.equal(type.prices[0]?.price_monthly.net, "5.49");
        f.cloud.setAvailability("cx23", "nbg1", true);
        const { images } = await f.api.get("/images?name=ubuntu-24.04&architecture=x86");
        assert.deepEqual(
            (images as unknown as { id: number }[]).map(({ id }) => id),
            [161547269],
        );
        const lb = await f.api.get("/load_balancer_types/1");
        assert.equal(String(lb.load_balancer_type?.name), "lb11");
        assert.equal(String((await f.api.get("/pricing")).pricing?.currency), "EUR");
    });
});
