// Proves that the price list of the report is read from the emulated API as from Hetzner's, is written whole, agrees with the emulator's
// prices, and that refusals say what to do. It does not prove that Hetzner's prices are still those.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPrices } from "../../../operations/cost/prices.ts";
import {
    fetchPrices,
    PricesUnavailable,
    writePrices,
} from "../../../operations/cost/refreshPrices.ts";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { startCloud } from "./cloudFixture.ts";
import type { CloudFixture } from "./cloudFixture.ts";

const { signal } = new AbortController();
const DATE = "2026-11-26";

describe("Hetzner's price list", () => {
    let f: CloudFixture;

    before(async () => {
        f = await startCloud();
    });

    after(() => f.release());

    const access = () => ({ endpoint: f.cloud.endpoint, token: LAB_CREDENTIALS.hcloudToken });

    it("is read, dated, and has its source", async () => {
        const prices = await fetchPrices(access(), DATE, signal);
        assert.equal(prices.source, `GET ${f.cloud.endpoint}/pricing`);
        assert.equal(prices.date, DATE);
        assert.deepEqual(prices.servers.cpx22, {
            fsn1: "19.49",
            hel1: "19.49",
            nbg1: "19.49",
            sin: "26.49",
        });
        assert.deepEqual(prices.loadBalancers.lb21, {});
        assert.deepEqual(
            [prices.volumePerGb, prices.imagePerGb, prices.serverBackupPercent],
            ["0.0572", "0.0143", "20"],
        );
    });

    it("agrees with that of the report for everything that the lab has", async () => {
        const ours = readPrices();
        const theirs = await fetchPrices(access(), DATE, signal);
        for (const kind of ["servers", "loadBalancers", "primaryIps", "floatingIps"] as const)
            for (const [type, locations] of Object.entries(theirs[kind]))
                for (const [location, net] of Object.entries(locations))
                    assert.equal(
                        Number(ours[kind][type]?.[location]),
                        Number(net),
                        `${kind} ${type} at ${location}`,
                    );
    });

    it("is written whole and read again", async () => {
        const directory = await mkdtemp(join(tmpdir(), "sovereign-prices-"));
        try {
            const file = join(directory, "prices.json");
            const prices = await fetchPrices(access(), DATE, signal);
            await writePrices(prices, file);
            assert.deepEqual(readPrices(file), prices);
            assert.deepEqual(await readdir(directory), ["prices.json"]);
        } finally {
            await rm(directory, { recursive: true, force: true });
        }
    });

    it("is refused with what the API says, and never with the token", async () => {
        const unknown = { ...access(), token: "unknown-token" };
        await assert.rejects(fetchPrices(unknown, DATE, signal), (error) => {
            assert.ok(error instanceof PricesUnavailable);
            assert.match(
                error.message,
                /\/v1\/pricing: Hetzner API: \/pricing answered 401 \(unauthorized\)/,
            );
            assert.doesNotMatch(error.message, /unknown-token/);
            return true;
        });
    });
});
