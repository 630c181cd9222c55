// Proves the rules of load balancers and their services: defaults, limits, updates, protection, with the exact errors.
// Does not prove that they carry traffic; loadBalancerTraffic.test.ts does.
import assert from "node:assert/strict";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

const TCP = { protocol: "tcp", listen_port: 80, destination_port: 8080 };

describe("lab/hetzner load balancers", () => {
    let f: CloudFixture;
    let id: number;

    before(async () => {
        f = await startCloud();
        const balancer = await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            location: "fsn1",
        });
        id = Number(balancer.load_balancer?.id);
    });

    after(() => f.release());

    const act = (name: string, body: object) =>
        f.api.done("POST", `/load_balancers/${id}/actions/${name}`, body);

    const refuse = (name: string, body: object, status: number, code: string, message: string) =>
        f.api.refused("POST", `/load_balancers/${id}/actions/${name}`, body, {
            status,
            code,
            message,
        });

    const rejected = (name: string, body: object, field: string) =>
        refuse(name, body, 422, "invalid_input", `invalid input in field '${field}'`);

    it("needs a known type and exactly one place", async () => {
        const body = { name: "x", load_balancer_type: "lb11" };
        const refusal = (field: string) => ({
            status: 422,
            code: "invalid_input",
            message: `invalid input in field '${field}'`,
        });
        const wrong: [object, string][] = [
            [body, "location"],
            [{ ...body, location: "fsn1", network_zone: "eu-central" }, "location"],
            [{ ...body, location: "moon" }, "location"],
            [{ ...body, network_zone: "moon" }, "network_zone"],
            [{ ...body, load_balancer_type: "lb99", location: "fsn1" }, "load_balancer_type"],
            [{ ...body, name: "x".repeat(129), location: "fsn1" }, "name"],
        ];
        for (const [input, field] of wrong)
            await f.api.refused("POST", "/load_balancers", input, refusal(field));
    });

    it("fills in a service's defaults", async () => {
        await act("add_service", { ...TCP, proxyprotocol: true });
        await act("add_service", { protocol: "http", listen_port: 8081 });
        const { load_balancer: now } = await f.api.get(`/load_balancers/${id}`);
        assert.deepEqual(now?.services, [
            {
                protocol: "tcp",
                listen_port: 80,
                destination_port: 8080,
                proxyprotocol: true,
                health_check: {
                    protocol: "tcp",
                    port: 8080,
                    interval: 15,
                    timeout: 10,
                    retries: 3,
                    http: null,
                },
            },
            {
                protocol: "http",
                listen_port: 8081,
                destination_port: 80,
                proxyprotocol: false,
                http: {
                    cookie_name: "HCLBSTICKY",
                    cookie_lifetime: 300,
                    certificates: [],
                    redirect_http: false,
                    sticky_sessions: false,
                    timeout_idle: 60,
                },
                health_check: {
                    protocol: "http",
                    port: 80,
                    interval: 15,
                    timeout: 10,
                    retries: 3,
                    http: {
                        domain: "",
                        path: "/",
                        response: "",
                        status_codes: ["2??", "3??"],
                        tls: false,
                    },
                },
            },
        ]);
        await act("delete_service", { listen_port: 8081 });
    });

    it("refuses services that can't be", async () => {
        await refuse(
            "add_service",
            TCP,
            412,
            "source_port_already_used",
            "source port 80 is already used",
        );
        await rejected("add_service", { protocol: "tcp", listen_port: 81 }, "destination_port");
        await rejected("add_service", { protocol: "tcp", destination_port: 81 }, "listen_port");
        await rejected("add_service", { ...TCP, protocol: "udp" }, "protocol");
        await rejected("add_service", { protocol: "https" }, "http.certificates");
        const check = (values: object) => ({ ...TCP, listen_port: 81, health_check: values });
        const limits: [string, number[]][] = [
            ["interval", [2, 61]],
            ["timeout", [0, 61]],
            ["retries", [0, 6]],
        ];
        for (const [name, values] of limits)
            for (const value of values)
                await rejected(
                    "add_service",
                    check({ protocol: "tcp", port: 81, [name]: value }),
                    `health_check.${name}`,
                );
        for (const lifetime of [29, 86_401])
            await rejected(
                "add_service",
                { protocol: "http", http: { cookie_lifetime: lifetime } },
                "http.cookie_lifetime",
            );
        await refuse(
            "update_service",
            { listen_port: 99 },
            404,
            "not_found",
            "service with listen port '99' not found",
        );
    });

    it("changes only what an update names", async () => {
        await act("update_service", {
            listen_port: 80,
            destination_port: 8088,
            health_check: { protocol: "http", http: { path: "/healthz" } },
        });
        const { load_balancer: now } = await f.api.get(`/load_balancers/${id}`);
        const [service] = now?.services as unknown as {
            destination_port: number;
            proxyprotocol: boolean;
            health_check: { port: number; http: { path: string; status_codes: string[] } };
        }[];
        assert.deepEqual(
            [
                service?.destination_port,
                service?.proxyprotocol,
                service?.health_check.port,
                service?.health_check.http.path,
            ],
            [8088, true, 8080, "/healthz"],
        );
    });

    it("holds as many services as its type", async () => {
        for (const port of [81, 82, 83, 84])
            await act("add_service", { ...TCP, listen_port: port });
        await refuse(
            "add_service",
            { ...TCP, listen_port: 85 },
            403,
            "resource_limit_exceeded",
            "at most 5 services",
        );
        await act("change_type", { load_balancer_type: "lb21" });
        await act("add_service", { ...TCP, listen_port: 85 });
        await refuse(
            "change_type",
            { load_balancer_type: "lb11" },
            422,
            "invalid_load_balancer_type",
            "load balancer type does not fit for the given load balancer",
        );
    });

    it("is not deleted while protected", async () => {
        await act("change_protection", { delete: true });
        await f.api.refused("DELETE", `/load_balancers/${id}`, undefined, {
            status: 423,
            code: "protected",
            message: "load balancer is delete protected",
        });
        await act("change_protection", { delete: false });
        await f.api.done("DELETE", `/load_balancers/${id}`);
        assert.equal((await f.api.send("GET", `/load_balancers/${id}`)).status, 404);
    });
});
