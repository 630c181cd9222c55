// Proves the rules of networks, subnets and routes, with the exact errors, and what attaching to them gives.
// Does not prove that packets flow: private traffic goes to the machines' host addresses (loadBalancerTraffic.test.ts).
import assert from "node:assert/strict";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

describe("lab/hetzner networks", () => {
    let f: CloudFixture;
    let id: number;

    before(async () => {
        f = await startCloud();
        const { network } = await f.api.done("POST", "/networks", {
            name: "net",
            ip_range: "10.0.0.0/16",
            labels: { a: "b" },
        });
        id = Number(network?.id);
    });

    after(() => f.release());

    const subnet = (ip_range: string | undefined, zone = "eu-central") => ({
        type: "cloud",
        network_zone: zone,
        ...(ip_range === undefined ? {} : { ip_range }),
    });

    const rejected = (field: string, message: string) => ({
        status: 422,
        code: "invalid_input",
        message: `invalid input in field '${field}'`,
        fields: [{ name: field, messages: [message] }],
    });

    it("refuses ranges that are no private network of at least a /24", async () => {
        const wrong: [string, string][] = [
            ["10.0.0.0", "invalid CIDR"],
            ["10.0.0.1/16", "invalid CIDR"],
            ["10.0.0.0/25", "must have at least a /24 range"],
            ["203.0.113.0/24", "must be a private IPv4 range of RFC 1918"],
            ["172.32.0.0/16", "must be a private IPv4 range of RFC 1918"],
        ];
        for (const [ip_range, message] of wrong)
            await f.api.refused(
                "POST",
                "/networks",
                { name: "x", ip_range },
                rejected("ip_range", message),
            );
    });

    it("gives every subnet the first address of the network as its gateway", async () => {
        await f.api.done("POST", `/networks/${id}/actions/add_subnet`, subnet("10.0.16.0/24"));
        await f.api.done("POST", `/networks/${id}/actions/add_subnet`, subnet(undefined));
        const { network } = await f.api.get(`/networks/${id}`);
        assert.deepEqual(network?.subnets, [
            {
                type: "cloud",
                ip_range: "10.0.16.0/24",
                network_zone: "eu-central",
                gateway: "10.0.0.1",
                vswitch_id: null,
            },
            {
                type: "cloud",
                ip_range: "10.0.0.0/24",
                network_zone: "eu-central",
                gateway: "10.0.0.1",
                vswitch_id: null,
            },
        ]);
    });

    it("refuses subnets that are outside, too small or overlapping", async () => {
        const wrong: [object, ReturnType<typeof rejected>][] = [
            [subnet("10.1.0.0/24"), rejected("ip_range", "must be inside the network's ip_range")],
            [subnet("10.0.32.0/31"), rejected("ip_range", "must have at least a /30 range")],
            [subnet("10.0.16.128/25"), rejected("ip_range", "overlaps with another subnet")],
            [subnet("10.0.32.0/24", "mars"), rejected("network_zone", "unknown network zone")],
        ];
        for (const [body, expected] of wrong)
            await f.api.refused("POST", `/networks/${id}/actions/add_subnet`, body, expected);
        await f.api.refused(
            "POST",
            `/networks/${id}/actions/add_subnet`,
            { ...subnet("10.0.40.0/24"), type: "vswitch", vswitch_id: 1 },
            { status: 422, code: "service_error", message: "vswitch not found" },
        );
    });

    it("takes routes to private ranges or the world, by a gateway in the network", async () => {
        const path = `/networks/${id}/actions/add_route`;
        await f.api.done("POST", path, { destination: "0.0.0.0/0", gateway: "10.0.0.2" });
        const wrong: [string, string, ReturnType<typeof rejected>][] = [
            [
                "203.0.113.0/24",
                "10.0.0.2",
                rejected("destination", "must be a range of RFC 1918 or 0.0.0.0/0"),
            ],
            ["10.0.16.0/25", "10.0.0.2", rejected("destination", "overlaps with a subnet")],
            ["0.0.0.0/0", "10.0.0.3", rejected("destination", "route already exists")],
            [
                "192.168.0.0/24",
                "10.9.0.2",
                rejected("gateway", "must be an address of the network"),
            ],
            ["192.168.0.0/24", "10.0.0.1", rejected("gateway", "address is reserved")],
        ];
        for (const [destination, gateway, expected] of wrong)
            await f.api.refused("POST", path, { destination, gateway }, expected);
        await f.api.done("POST", `/networks/${id}/actions/delete_route`, {
            destination: "0.0.0.0/0",
            gateway: "10.0.0.2",
        });
        await f.api.refused(
            "POST",
            `/networks/${id}/actions/delete_route`,
            { destination: "0.0.0.0/0", gateway: "10.0.0.2" },
            { status: 404, code: "not_found", message: "route not found" },
        );
    });

    it("attaches servers where they fit, and nowhere else", async () => {
        const { server } = await f.api.done("POST", "/servers", {
            name: "attached",
            server_type: "cx23",
            image: "ubuntu-24.04",
            location: "fsn1",
        });
        const serverId = Number(server?.id);
        const path = `/servers/${serverId}/actions/attach_to_network`;
        const unavailable = { status: 422, code: "ip_not_available", message: "IP not available" };
        for (const ip of ["10.0.0.1", "10.0.16.0", "10.0.16.255", "10.0.99.4", "10.1.0.4"])
            await f.api.refused("POST", path, { network: id, ip }, unavailable);
        await f.api.refused(
            "POST",
            path,
            { network: id, ip_range: "10.0.77.0/24" },
            {
                status: 422,
                code: "no_subnet_available",
                message: "no subnet or IP available in network",
            },
        );
        await f.api.done("POST", path, { network: id, alias_ips: ["10.0.16.9"] });
        const { server: attached } = await f.api.get(`/servers/${serverId}`);
        assert.deepEqual(attached?.private_net, [
            {
                network: id,
                ip: "10.0.16.1",
                alias_ips: ["10.0.16.9"],
                mac_address: "86:00:00:00:00:01",
            },
        ]);
        await f.api.refused(
            "POST",
            path,
            { network: id },
            {
                status: 422,
                code: "server_already_attached",
                message: "server is already attached to network",
            },
        );
        await f.api.done("POST", `/servers/${serverId}/actions/change_alias_ips`, {
            network: id,
            alias_ips: ["10.0.16.9", "10.0.16.10"],
        });
        const { network: other } = await f.api.done("POST", "/networks", {
            name: "overlapping",
            ip_range: "10.0.0.0/8",
            subnets: [subnet("10.5.0.0/24")],
        });
        await f.api.refused(
            "POST",
            path,
            { network: Number(other?.id) },
            {
                status: 422,
                code: "networks_overlap",
                message: "network IP range overlaps with one of the server networks",
            },
        );
        assert.equal(f.cloud.resolve(id, "10.0.16.10"), `${f.context.addresses.prefix}.128.1`);
        assert.equal(f.cloud.resolve(id, "10.0.16.77"), undefined);
        assert.deepEqual(
            f.machines.calls.filter((call) => call.startsWith("networksChanged")),
            ["networksChanged attached", "networksChanged attached"],
        );
    });

    it("refuses a server from another network zone", async () => {
        const { server } = await f.api.done("POST", "/servers", {
            name: "far",
            server_type: "cpx22",
            image: "ubuntu-24.04",
            location: "sin",
        });
        await f.api.refused(
            "POST",
            `/servers/${Number(server?.id)}/actions/attach_to_network`,
            { network: id },
            {
                status: 422,
                code: "no_subnet_available",
                message: "no subnet or IP available in network",
            },
        );
    });

    it("keeps subnets in use, and protected networks", async () => {
        await f.api.refused(
            "POST",
            `/networks/${id}/actions/delete_subnet`,
            { ip_range: "10.0.16.0/24" },
            {
                status: 422,
                code: "service_error",
                message: "cannot remove subnet because servers are attached to it",
            },
        );
        await f.api.done("POST", `/networks/${id}/actions/change_protection`, { delete: true });
        await f.api.refused("DELETE", `/networks/${id}`, undefined, {
            status: 423,
            code: "protected",
            message: "network is delete protected",
        });
    });

    it("detaches everything when a network is deleted", async () => {
        await f.api.done("POST", `/networks/${id}/actions/change_protection`, { delete: false });
        assert.equal((await f.api.send("DELETE", `/networks/${id}`)).status, 204);
        const { servers } = await f.api.get("/servers?name=attached");
        assert.deepEqual((servers as unknown as { private_net: unknown }[])[0]?.private_net, []);
        assert.deepEqual(f.cloud.invariants(), []);
    });
});
