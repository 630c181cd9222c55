// Proves what stands at the load balancer and who reaches the API where. Does not prove that Hetzner accepts it.
import assert from "node:assert/strict";
import { numericId, ofType, planCloud } from "../../support/cloudPlan.ts";
import { childOf, plainInputs } from "../../support/plan.ts";
import { MOCK_LOAD_BALANCER } from "../../support/providerOutputs.ts";

describe("Cloud's load balancer and API exposure", () => {
    it("stands the load balancer at its fixed address, in its own subnet", async () => {
        const { children } = await planCloud();
        assert.deepEqual(childOf(children, "cloud-lb-attachment").inputs, {
            loadBalancerId: numericId(children, "cloud-lb-balancer"),
            subnetId: childOf(children, "cloud-private-load-balancer-subnet").id,
            ip: "10.0.2.2",
            enablePublicInterface: true,
        });
        assert.ok(
            childOf(children, "cloud-private-load-balancer-subnet").dependencies.includes(
                "cloud-private-nodes-subnet",
            ),
        );
        assert.deepEqual(childOf(children, "cloud-lb-ipv4-ptr").inputs, {
            loadBalancerId: numericId(children, "cloud-lb-balancer"),
            ipAddress: MOCK_LOAD_BALANCER.ipv4,
            dnsPtr: "mx.omantel.example",
        });
    });

    it("forwards as the port table says, with a health check on the very port", async () => {
        const { children } = await planCloud();
        const services = ofType(
            children,
            "hcloud:index/loadBalancerService:LoadBalancerService",
        ).map((c) => {
            assert.equal(c.inputs.loadBalancerId, childOf(children, "cloud-lb-balancer").id);
            assert.equal(c.inputs.protocol, "tcp");
            const { listenPort, destinationPort, proxyprotocol, healthCheck } = plainInputs(c);
            assert.deepEqual(healthCheck, {
                protocol: "tcp",
                port: destinationPort,
                interval: 5,
                timeout: 3,
                retries: 3,
            });
            return [listenPort, destinationPort, proxyprotocol];
        });
        assert.deepEqual(services, [
            [80, 8080, true],
            [443, 8080, true],
            [6443, 6443, false],
            [25, 25, true],
        ]);
    });

    it("opens the API at the nodes instead of the load balancer, for the listed ranges", async () => {
        const { children } = await planCloud({
            cloud: { apiExposure: "nodes", apiAllowedCidrs: ["198.51.100.7/32"] },
        });
        assert.ok(!children.some((c) => c.name === "cloud-lb-kubernetes"));
        const rules = childOf(children, "cloud-firewall").inputs.rules as { port?: string }[];
        assert.deepEqual(
            rules.map((r) => r.port),
            [undefined, "22", "6443"],
        );
    });

    it("keeps the API closed at the nodes while the load balancer serves it, whoever is listed", async () => {
        const { children } = await planCloud({ cloud: { apiAllowedCidrs: ["198.51.100.7/32"] } });
        const rules = childOf(children, "cloud-firewall").inputs.rules as { port?: string }[];
        assert.deepEqual(
            rules.map((r) => r.port),
            [undefined, "22"],
        );
    });

    it("refuses a load balancer that is too small, naming what does not fit and what would", async () => {
        await assert.rejects(
            planCloud({ mail: { loadBalancerPorts: ["smtp", "submission", "submissions"] } }),
            {
                message:
                    "The load balancer is too small: lb11 holds 5 services, but 6 are configured (80, 443, 25, 587, 465, 6443); " +
                    "lb21 would do. Set the type with: pulumi config set loadBalancerType <type>",
            },
        );
    });
});
