// Proves, against the emulated Dynadot on virtual time: requests keep to the rate of each price level without a single refusal; a
// cool-down that one run was told of holds for the next one; one that is refused names what to do; a key of the sandbox is not
// sent to production; the lock of a process that died does not stand in the way.
// Does not prove what the live Dynadot does.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAB_CREDENTIALS } from "../../../../lab/credentials.ts";
import type { Clock } from "../../../../provider/dns/clock.ts";
import { DynadotConnection } from "../../../../provider/dns/dynadot/connection.ts";
import { startEmulator, type Emulator } from "../../../lab/dynadot/emulator.ts";
import { virtualTime } from "./virtualTime.ts";

const POOL = "omani-dynadot.example.";

describe("an account at Dynadot", function () {
    this.timeout(30_000);
    let emulator: Emulator;
    let directory: string;
    const never = new AbortController().signal;
    const start = async (requestsPerMinute = 60) => {
        emulator = await startEmulator({ limits: { threads: 1, requestsPerMinute } });
    };
    const connect = (
        requestsPerMinute = 60,
        access = {},
        clock: Clock = virtualTime(emulator.dynadot.clock),
    ) =>
        new DynadotConnection(
            {
                url: emulator.url,
                apiKey: LAB_CREDENTIALS.dynadotApiKey,
                apiSecret: LAB_CREDENTIALS.dynadotApiSecret,
                ...access,
            },
            { requestsPerMinute, clock, directory },
        );
    const read = (connection: DynadotConnection) =>
        connection.turn((session) => session.hostedDns(POOL), never);
    const refused = () =>
        emulator.dynadot.requests.requests.filter((request) => request.refused !== undefined);

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "sovereign-account-"));
    });
    afterEach(async () => {
        await emulator.release();
        await rm(directory, { recursive: true, force: true });
    });

    for (const requestsPerMinute of [60, 600, 6000])
        it(`keeps to ${requestsPerMinute} requests a minute`, async () => {
            await start(requestsPerMinute);
            const connections = [connect(requestsPerMinute), connect(requestsPerMinute)];
            const began = emulator.dynadot.clock.now();
            for (let i = 0; i < 80; i++) await read(connections[i % 2] ?? connect());
            assert.deepEqual(refused(), []);
            const seconds = (emulator.dynadot.clock.now() - began) / 1000;
            assert.ok(seconds >= (79 * 60) / requestsPerMinute, `${seconds} virtual seconds`);
        });

    it("cools down for a minute after a 429, the next run as well", async () => {
        await start();
        emulator.dynadot.faults.add({ action: { kind: "rate-limited" } });
        const given = new AbortController();
        const time = virtualTime(emulator.dynadot.clock);
        const first = connect(
            60,
            {},
            {
                ...time,
                // The run is cancelled as soon as it would cool down.
                sleep: (milliseconds, signal) => {
                    if (milliseconds >= 60_000) given.abort();
                    return time.sleep(milliseconds, signal);
                },
            },
        );
        await assert.rejects(
            first.turn((session) => session.hostedDns(POOL), given.signal),
            { name: "AbortError" },
        );
        await read(connect());
        const { requests } = emulator.dynadot.requests;
        const [limited, next] = requests;
        assert.equal(limited?.fault, "rate-limited");
        assert.ok((next?.at ?? 0) - limited.at >= 59_000, JSON.stringify(requests));
    });

    it("says what to do about a refusal", async () => {
        await start();
        const cases = [
            [
                { apiKey: "another-key" },
                /invalid api key \(code 401\)\. Check dynadotApiKey; a key that was just made/,
            ],
            [
                { apiSecret: "another-secret" },
                /Check that dynadotApiSecret is the secret of that very key\.$/,
            ],
        ] as const;
        for (const [access, message] of cases)
            await assert.rejects(read(connect(60, access)), ({ message: text }: Error) => {
                assert.match(text, message);
                assert.doesNotMatch(text, /another-/);
                return true;
            });
        emulator.dynadot.setSwitches({ allowedAddresses: ["192.0.2.1"] });
        await assert.rejects(read(connect()), /\(code 403\)\. Allow this machine's public address/);
        emulator.dynadot.setSwitches({ allowedAddresses: null });
        await assert.rejects(
            connect().turn((session) => session.hostedDns("elsewhere.test."), never),
            /could not find domain in your account \(code 404\)\. Check that the domain is in the account/,
        );
    });

    it("keeps keys of sandbox and production apart", async () => {
        await start();
        assert.throws(
            () => connect(60, { url: "https://api.dynadot.com", apiKey: "sandbox_abc" }),
            /is a key of Dynadot's sandbox, but dynadotUrl is api\.dynadot\.com/,
        );
        assert.throws(
            () => connect(60, { url: "https://api-sandbox.dynadot.com/", apiKey: "abc" }),
            /does not begin with sandbox_/,
        );
        connect(60, { url: "https://api-sandbox.dynadot.com", apiKey: "sandbox_abc" });
    });

    it("takes over the lock of a process that died", async () => {
        await start();
        await read(connect());
        const [file = ""] = await readdir(directory);
        const left = join(directory, `${file}.lock`);
        await mkdir(left);
        const longAgo = new Date(Date.now() - 60_000);
        await utimes(left, longAgo, longAgo);
        assert.equal((await read(connect())).mode, "DNS");
    });

    it("knows an account by its URL with or without a slash at its end", async () => {
        await start();
        await read(connect());
        await read(connect(60, { url: `${emulator.url}/` }));
        assert.equal((await readdir(directory)).length, 1);
    });
});
