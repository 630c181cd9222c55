// Proves the rules of a load balancer's targets, network and public interface, with the exact errors.
// Does not prove that it carries traffic; loadBalancerTraffic.test.ts does.
import assert from "node:assert/strict";
import { type CloudFixture, startCloud } from "./cloudFixture.ts";

describe("lab/hetzner load balancer targets", () => {
    let f: CloudFixture;
    let id: number;
    let network: number;
    let server: number;

    before(async () => {
        f = await startCloud();
        const net = await f.api.done("POST", "/networks", {
            name: "net",
            ip_range: "10.0.0.0/16",
            subnets: [{ type: "cloud", network_zone: "eu-central", ip_range: "10.0.1.0/24" }],
        });
        network = Number(net.network?.id);
        const made = await f.api.done("POST", "/servers", {
            name: "target",
            server_type: "cx23",
            image: "ubuntu-24.04",
            public_net: { enable_ipv4: false, enable_ipv6: true },
        });
        server = Number(made.server?.id);
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

    const target = (usePrivateIp: boolean) => ({
        type: "server",
        server: { id: server },
        use_private_ip: usePrivateIp,
    });

    it("takes targets that it can reach", async () => {
        await refuse(
            "add_target",
            target(true),
            422,
            "load_balancer_not_attached_to_network",
            "load balancer is not attached to a network",
        );
        await refuse(
            "add_target",
            target(false),
            422,
            "missing_ipv4",
            "server has no public IPv4 address",
        );
        await refuse(
            "add_target",
            { type: "server", server: { id: 1 } },
            422,
            "invalid_input",
            "cloud target was not found",
        );
        await refuse(
            "add_target",
            { type: "ip", ip: { ip: "203.0.113.1" } },
            422,
            "ip_not_owned",
            "IP is not owned by the project owner",
        );
        await act("attach_to_network", { network, ip: "10.0.1.9" });
        await refuse(
            "add_target",
            target(true),
            422,
            "server_not_attached_to_network",
            "server is not attached to the load balancer's network",
        );
        await f.api.done("POST", `/servers/${server}/actions/attach_to_network`, { network });
        await act("add_target", target(true));
        await refuse(
            "add_target",
            target(true),
            422,
            "target_already_defined",
            "target already defined",
        );
    });

    it("is attached to one network, with an address that is free", async () => {
        await refuse(
            "attach_to_network",
            { network },
            422,
            "load_balancer_already_attached",
            "load balancer is already attached to a network",
        );
        const other = await f.api.done("POST", "/load_balancers", {
            name: "second",
            load_balancer_type: "lb11",
            location: "fsn1",
        });
        await f.api.refused(
            "POST",
            `/load_balancers/${Number(other.load_balancer?.id)}/actions/attach_to_network`,
            { network, ip: "10.0.1.9" },
            { status: 422, code: "ip_not_available", message: "IP not available" },
        );
        await f.api.refused(
            "POST",
            `/networks/${network}/actions/delete_subnet`,
            { ip_range: "10.0.1.0/24" },
            {
                status: 422,
                code: "service_error",
                message: "cannot remove subnet because servers are attached to it",
            },
        );
    });

    it("loses its public interface only when nothing needs it", async () => {
        await act("add_target", {
            type: "label_selector",
            label_selector: { selector: "role=worker" },
        });
        await refuse(
            "disable_public_interface",
            {},
            422,
            "targets_without_use_private_ip",
            "load balancer has targets that use the public IP instead of the private IP",
        );
        await act("remove_target", {
            type: "label_selector",
            label_selector: { selector: "role=worker" },
        });
        await act("disable_public_interface", {});
        await refuse(
            "add_target",
            { type: "label_selector", label_selector: { selector: "role=worker" } },
            422,
            "load_balancer_public_interface_disabled",
            "load balancer public interface is disabled, cannot add target using public IP",
        );
        await act("enable_public_interface", {});
    });

    it("drops its private targets when it is detached", async () => {
        await act("detach_from_network", { network });
        const { load_balancer: now } = await f.api.get(`/load_balancers/${id}`);
        assert.deepEqual([now?.private_net, now?.targets], [[], []]);
        await refuse(
            "detach_from_network",
            { network },
            422,
            "load_balancer_not_attached_to_network",
            "load balancer is not attached to a network",
        );
        await refuse(
            "remove_target",
            target(true),
            422,
            "load_balancer_target_not_found",
            "target not found",
        );
    });
});
