// Proves primary IPs, floating IPs and their reverse DNS: assignment rules, protection, publication of every name.
// Does not prove that a resolver answers them; the PowerDNS part's tests do.
import assert from "node:assert/strict";
import { type CloudFixture, type Json, startCloud } from "./cloudFixture.ts";

describe("lab/hetzner addresses and reverse DNS", () => {
    let f: CloudFixture;
    let server: number;

    before(async () => {
        f = await startCloud();
        const made = await f.api.done("POST", "/servers", {
            name: "host",
            server_type: "cx23",
            image: "ubuntu-24.04",
            location: "fsn1",
            public_net: { enable_ipv4: false, enable_ipv6: true },
        });
        server = Number(made.server?.id);
    });

    after(() => f.release());

    const create = async (body: object): Promise<Json> => {
        const { primary_ip: ip } = await f.api.done("POST", "/primary_ips", body);
        assert.ok(ip);
        return ip;
    };

    const change = (ip: Json, dns_ptr: string | null, address = String(ip.ip)) =>
        f.api.done("POST", `/primary_ips/${Number(ip.id)}/actions/change_dns_ptr`, {
            ip: address,
            dns_ptr,
        });

    it("gives addresses one after the other, with a default name", async () => {
        const first = await create({ name: "one", type: "ipv4", location: "fsn1" });
        const second = await create({ name: "two", type: "ipv4", location: "fsn1" });
        const { prefix } = f.context.addresses;
        assert.deepEqual([String(first.ip), String(second.ip)], [`${prefix}.1.1`, `${prefix}.1.2`]);
        const reversed = `${prefix}.1.1`.split(".").reverse().join(".");
        const name = `static.${reversed}.clients.your-server.de`;
        assert.deepEqual(first.dns_ptr, [{ ip: String(first.ip), dns_ptr: name }]);
        assert.equal(f.ptr.get(String(first.ip)), name);
        const { assignee_type, assignee_id, auto_delete } = first;
        assert.deepEqual(
            { assignee_type, assignee_id, auto_delete },
            { assignee_type: "unassigned", assignee_id: null, auto_delete: false },
        );
        await f.api.done("DELETE", `/primary_ips/${Number(second.id)}`);
        const third = await create({ name: "three", type: "ipv4", location: "fsn1" });
        assert.equal(String(third.ip), `${prefix}.1.3`);
    });

    it("needs exactly one of location and assignee", async () => {
        const body = { name: "x", type: "ipv4" };
        await f.api.refused("POST", "/primary_ips", body, {
            status: 422,
            code: "invalid_input",
            message: "invalid input in field 'location'",
            fields: [{ name: "location", messages: ["is required"] }],
        });
        await f.api.refused(
            "POST",
            "/primary_ips",
            { ...body, location: "fsn1", assignee_id: server, assignee_type: "server" },
            {
                status: 422,
                code: "invalid_input",
                message: "invalid input in fields 'location', 'assignee_id'",
            },
        );
        await f.api.refused(
            "POST",
            "/primary_ips",
            { name: "x", type: "ipv5", location: "fsn1" },
            {
                status: 422,
                code: "invalid_input",
                message: "invalid input in field 'type'",
            },
        );
    });

    it("assigns only to a stopped server of the same place without such an address", async () => {
        const ip = await create({ name: "assigned", type: "ipv4", location: "fsn1" });
        const far = await create({ name: "far", type: "ipv4", location: "hel1" });
        const six = await create({ name: "six", type: "ipv6", location: "fsn1" });
        const assign = (target: Json) => `/primary_ips/${Number(target.id)}/actions/assign`;
        const body = { assignee_id: server, assignee_type: "server" };
        const stopped = {
            status: 422,
            code: "server_not_stopped",
            message: "server must be stopped",
        };
        await f.api.refused("POST", assign(ip), body, stopped);
        await f.api.done("POST", `/servers/${server}/actions/poweroff`);
        await f.api.refused("POST", assign(far), body, {
            status: 422,
            code: "primary_ip_datacenter_mismatch",
            message: "primary IP and server are in different locations",
        });
        await f.api.refused("POST", assign(six), body, {
            status: 422,
            code: "server_has_ipv6",
            message: "server already has an ipv6 address",
        });
        await f.api.done("POST", assign(ip), body);
        await f.api.refused("POST", assign(ip), body, {
            status: 422,
            code: "primary_ip_already_assigned",
            message: "primary IP is already assigned to a server",
        });
        await f.api.refused("DELETE", `/primary_ips/${Number(ip.id)}`, undefined, {
            status: 422,
            code: "must_be_unassigned",
            message: "primary IP must be unassigned before it can be deleted",
        });
        await f.api.done("POST", `/servers/${server}/actions/poweron`);
        assert.equal(f.machines.machines.get(server)?.publicIpv4, String(ip.ip));
        const unassign = `/primary_ips/${Number(ip.id)}/actions/unassign`;
        await f.api.refused("POST", unassign, {}, stopped);
        await f.api.done("POST", `/servers/${server}/actions/poweroff`);
        await f.api.done("POST", unassign, {});
        await f.api.done("DELETE", `/primary_ips/${Number(ip.id)}`);
        assert.equal(f.ptr.has(String(ip.ip)), false);
    });

    it("protects only what isn't deleted with its server", async () => {
        const ip = await create({
            name: "kept",
            type: "ipv4",
            location: "fsn1",
            auto_delete: true,
        });
        const path = `/primary_ips/${Number(ip.id)}`;
        await f.api.refused(
            "POST",
            `${path}/actions/change_protection`,
            { delete: true },
            {
                status: 422,
                code: "invalid_input",
                message: "invalid input in field 'delete'",
                fields: [{ name: "delete", messages: ["auto_delete must be false to protect"] }],
            },
        );
        await f.api.done("PUT", path, { auto_delete: false });
        await f.api.done("POST", `${path}/actions/change_protection`, { delete: true });
        await f.api.refused("DELETE", path, undefined, {
            status: 423,
            code: "protected",
            message: "primary IP is delete protected",
        });
        await f.api.refused(
            "PUT",
            path,
            { auto_delete: true },
            {
                status: 422,
                code: "invalid_input",
                message: "invalid input in field 'auto_delete'",
            },
        );
    });

    it("changes and resets PTR names of both families", async () => {
        const four = await create({ name: "four", type: "ipv4", location: "fsn1" });
        await change(four, "mail.omantel.example");
        assert.equal(f.ptr.get(String(four.ip)), "mail.omantel.example");
        await change(four, null);
        assert.match(f.ptr.get(String(four.ip)) ?? "", /^static\..*\.clients\.your-server\.de$/);

        const six = await create({ name: "net6", type: "ipv6", location: "fsn1" });
        assert.deepEqual(six.dns_ptr, []);
        const address = String(six.ip).replace("::/64", "::1");
        await change(six, "mail.omantel.example", address);
        assert.equal(f.ptr.get(address), "mail.omantel.example");
        const { primary_ip: named } = await f.api.get(`/primary_ips/${Number(six.id)}`);
        assert.deepEqual(named?.dns_ptr, [{ ip: address, dns_ptr: "mail.omantel.example" }]);
        await change(six, null, address);
        assert.equal(f.ptr.has(address), false);
    });

    it("refuses names that are none and addresses of others", async () => {
        const ip = await create({ name: "strict", type: "ipv4", location: "fsn1" });
        const path = `/primary_ips/${Number(ip.id)}/actions/change_dns_ptr`;
        const refusal = (field: string, message: string) => ({
            status: 422,
            code: "invalid_input",
            message: `invalid input in field '${field}'`,
            fields: [{ name: field, messages: [message] }],
        });
        await f.api.refused(
            "POST",
            path,
            { ip: "203.0.113.9", dns_ptr: "a.example" },
            refusal("ip", "IP does not belong to the resource"),
        );
        await f.api.refused(
            "POST",
            path,
            { ip: String(ip.ip), dns_ptr: "not a name" },
            refusal("dns_ptr", "not a host name"),
        );
    });

    it("changes a server's and a load balancer's names too", async () => {
        const { server: host } = await f.api.get(`/servers/${server}`);
        const net = String(host?.public_net?.ipv6?.ip);
        const address = net.replace("::/64", "::1");
        await f.api.done("POST", `/servers/${server}/actions/change_dns_ptr`, {
            ip: address,
            dns_ptr: "host.example",
        });
        assert.equal(f.ptr.get(address), "host.example");
        const { load_balancer: made } = await f.api.done("POST", "/load_balancers", {
            name: "lb",
            load_balancer_type: "lb11",
            network_zone: "eu-central",
        });
        assert.ok(made);
        assert.equal(made.public_net?.ipv6?.dns_ptr, null);
        const ip = String(made.public_net.ipv6.ip);
        await f.api.done("POST", `/load_balancers/${Number(made.id)}/actions/change_dns_ptr`, {
            ip,
            dns_ptr: "mx.example",
        });
        assert.equal(f.ptr.get(ip), "mx.example");
        await f.api.done("DELETE", `/load_balancers/${Number(made.id)}`);
        assert.equal(f.ptr.has(ip), false);
    });

    it("assigns, protects and deletes floating IPs", async () => {
        const { floating_ip: ip } = await f.api.done("POST", "/floating_ips", {
            type: "ipv4",
            server,
            name: "floating",
        });
        const path = `/floating_ips/${Number(ip?.id)}`;
        await f.api.refused("DELETE", path, undefined, {
            status: 422,
            code: "must_be_unassigned",
            message: "floating IP must be unassigned before it can be deleted",
        });
        await f.api.done("POST", `${path}/actions/unassign`, {});
        await f.api.done("POST", `${path}/actions/change_protection`, { delete: true });
        await f.api.refused("DELETE", path, undefined, {
            status: 423,
            code: "protected",
            message: "Floating IP deletion is protected",
        });
    });
});
