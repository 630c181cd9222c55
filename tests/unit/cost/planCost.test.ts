/**
 * Proves the cost of plans to the ten-thousandth of a euro: what is priced, what is free, and that an unknown price is never guessed. It
 * does not prove that the price list is Hetzner's of today: it says of when it is.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { formatAmount, formatDecimal, parseAmount } from "../../../operations/cost/money.ts";
import { planCost } from "../../../operations/cost/planCost.ts";
import { pricesSchema, readPrices } from "../../../operations/cost/prices.ts";
import type { Prices } from "../../../operations/cost/prices.ts";
import { resourceCost } from "../../../operations/cost/resourceCost.ts";
import { parseEvents } from "../../../operations/report/engineEvents.ts";
import { readPlan } from "../../../operations/report/readPlan.ts";
import { eventLog, step, UNKNOWN } from "../report/events.ts";
import type { StepSpec } from "../report/events.ts";

const PRICES: Prices = pricesSchema.parse({
    source: "a test",
    date: "2026-06-15",
    currency: "EUR",
    unverified: ["load balancer lb11"],
    servers: { cx23: { fsn1: "5.49" }, cx33: { fsn1: "8.49" } },
    loadBalancers: { lb11: { fsn1: "7.49" } },
    primaryIps: { ipv4: { fsn1: "0.50" } },
    floatingIps: { ipv4: { fsn1: "3" } },
    volumePerGb: "0.0572",
    imagePerGb: "0.0143",
    serverBackupPercent: "20",
});

const cost = (type: string, inputs: Record<string, unknown>) =>
    resourceCost(type, inputs, PRICES).map(({ what, amount }) => [what, amount]);

const SERVER = "hcloud:index/server:Server";
const withOwnIps = { publicNets: [{ ipv4Enabled: true, ipv4: 1 }], location: "fsn1" };

function planned(...specs: readonly StepSpec[]) {
    const plan = readPlan(parseEvents(eventLog(specs.map(step)), "a log"), "a log");
    return planCost(plan, PRICES);
}

describe("the cost of a resource", () => {
    it("is that of its type at its location", () => {
        assert.deepEqual(cost(SERVER, { serverType: "cx23", ...withOwnIps }), [
            ["server cx23 at fsn1", 54_900],
        ]);
        assert.deepEqual(
            cost("hcloud:index/loadBalancer:LoadBalancer", {
                loadBalancerType: "lb11",
                location: "fsn1",
            }),
            [["load balancer lb11 at fsn1", 74_900]],
        );
        assert.deepEqual(
            cost("hcloud:index/primaryIp:PrimaryIp", { type: "ipv4", location: "fsn1" }),
            [["primary address ipv4 at fsn1", 5_000]],
        );
        assert.deepEqual(
            cost("hcloud:index/floatingIp:FloatingIp", { type: "ipv4", homeLocation: "fsn1" }),
            [["floating address ipv4 at fsn1", 30_000]],
        );
        assert.deepEqual(cost("hcloud:index/volume:Volume", { size: 10, location: "fsn1" }), [
            ["volume of 10 GB", 5_720],
        ]);
    });

    it("has a fifth more for backups, and half a euro for an address that Hetzner makes", () => {
        assert.deepEqual(cost(SERVER, { serverType: "cx23", ...withOwnIps, backups: true }), [
            ["server cx23 at fsn1, with backups", 65_880],
        ]);
        assert.deepEqual(cost(SERVER, { serverType: "cx23", location: "fsn1" }), [
            ["server cx23 at fsn1", 54_900],
            ["primary address ipv4 at fsn1", 5_000],
        ]);
        assert.deepEqual(
            cost(SERVER, {
                serverType: "cx23",
                location: "fsn1",
                publicNets: [{ ipv4Enabled: false }],
            }),
            [["server cx23 at fsn1", 54_900]],
        );
    });

    it("is unknown for types and locations without a price", () => {
        for (const [serverType, location] of [
            ["cx99", "fsn1"],
            ["cx23", "hel1"],
            ["toString", "fsn1"],
        ])
            assert.deepEqual(cost(SERVER, { ...withOwnIps, serverType, location }), [
                [`server ${serverType ?? ""} at ${location ?? ""}`, undefined],
            ]);
        assert.deepEqual(cost("hcloud:index/snapshot:Snapshot", {}), [
            ["snapshot, by its size", undefined],
        ]);
    });

    it("is nothing for what is free", () => {
        for (const type of ["network:Network", "firewall:Firewall", "rdns:Rdns", "zone:Zone"])
            assert.deepEqual(cost(`hcloud:index/${type}`, { location: "fsn1" }), []);
        assert.deepEqual(
            cost("hcloud:index/primaryIp:PrimaryIp", { type: "ipv6", location: "fsn1" }),
            [],
        );
        assert.deepEqual(cost("kubernetes:core/v1:Namespace", {}), []);
    });
});

describe("the cost of a plan", () => {
    const server = (op: string, name: string, before: string, after = before): StepSpec => ({
        op,
        type: SERVER,
        name,
        before: { serverType: before, ...withOwnIps },
        after: { serverType: after, ...withOwnIps },
    });

    it("is that of what stands before, and of what stands afterwards", () => {
        const { before, after, items } = planned(
            server("same", "cp1", "cx23"),
            server("update", "w1", "cx23", "cx33"),
            server("create", "w2", "cx23"),
            server("delete", "w3", "cx33"),
            server("replace", "w4", "cx33"),
        );
        assert.deepEqual(before, { amount: 54_900 * 2 + 84_900 * 2, unknown: 0 });
        assert.deepEqual(after, { amount: 54_900 * 2 + 84_900 * 2, unknown: 0 });
        assert.deepEqual(items[1], {
            name: "w1",
            what: "server cx23 at fsn1 → server cx33 at fsn1",
            before: 54_900,
            after: 84_900,
            unverified: false,
        });
    });

    it("counts what has no price instead of guessing it", () => {
        const { after, items } = planned(
            server("create", "cp1", "cx23", UNKNOWN),
            server("create", "w1", "cx23"),
        );
        assert.deepEqual(after, { amount: 54_900, unknown: 1 });
        assert.equal(items[0]?.what, "server of a type not known yet at fsn1");
        assert.equal(items[0].after, "unknown");
    });

    it("leaves out what another stack pays for", () => {
        assert.deepEqual(planned(server("read", "other", "cx23")).items, []);
    });
});

describe("amounts", () => {
    it("are read as Hetzner writes them, and shown in euros and cents", () => {
        assert.equal(formatAmount(parseAmount("5.4900000000000000")), "€5.49");
        assert.equal(formatAmount(parseAmount("0.0572")), "€0.06");
        assert.equal(formatAmount(0), "€0.00");
        assert.equal(formatDecimal("5.4900000000"), "5.49");
        assert.equal(formatDecimal("3.0000"), "3");
        assert.throws(() => parseAmount("-1"), { message: '"-1" is no amount of money' });
        assert.throws(() => formatDecimal("1,5"), { message: '"1,5" is no amount of money' });
    });

    it("add up exactly", () => {
        fc.assert(
            fc.property(fc.array(fc.nat(10_000_000)), (amounts) => {
                const texts = amounts.map(
                    (a) => `${Math.floor(a / 10_000)}.${String(a % 10_000).padStart(4, "0")}`,
                );
                const sum = texts.reduce((total, text) => total + parseAmount(text), 0);
                assert.equal(
                    sum,
                    amounts.reduce((total, a) => total + a, 0),
                );
            }),
        );
    });
});

describe("the price list of this repository", () => {
    it("is dated, has a source, and a price for what a Sovereign is made of", () => {
        const prices = readPrices();
        assert.match(prices.source, /hetzner/);
        assert.ok(parseAmount(prices.servers.cx43?.fsn1 ?? "") > 0);
        assert.ok(parseAmount(prices.loadBalancers.lb11?.fsn1 ?? "") > 0);
    });
});
