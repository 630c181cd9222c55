// Proves what API3 does to records, as documentation and captured replies of real accounts show it: shapes, the wipe on
// replacement, append and limits of the record set. Does not prove what the documentation leaves open; such points are switches,
// and both positions are tested.
import assert from "node:assert/strict";
import { seedAccount } from "../../../lab/dynadot/seed.ts";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "omani-dynadot.example";
const OWN = "omantel.example";

const error = (root: string, message: string) => ({
    [`${root}Response`]: { ResponseCode: "-1", Status: "error", Error: message },
});

describe("Dynadot API3", () => {
    let emulator: Emulator;
    const api3: Emulator["api3"] = (command, parameters) => emulator.api3(command, parameters);
    const settings = async (domain: string) => {
        const answer = (await api3("get_dns", { domain })) as {
            GetDnsResponse: { GetDns: { NameServerSettings: unknown } };
        };
        return answer.GetDnsResponse.GetDns.NameServerSettings;
    };
    const pool = (main: unknown, sub: unknown, ttl: string) => ({
        Type: "Dynadot DNS",
        ...(main === undefined ? {} : { MainDomains: main }),
        ...(sub === undefined ? {} : { SubDomains: sub }),
        TTL: ttl,
    });
    const MAIN = [
        { RecordType: "A", Value: "192.0.2.80" },
        { RecordType: "MX", Value: "mail.omani-dynadot.example", Value2: "10" },
        { RecordType: "TXT", Value: "v=spf1 mx -all" },
    ];
    const SUB = [
        { Subhost: "mail", RecordType: "A", Value: "192.0.2.25" },
        { Subhost: "www", RecordType: "CNAME", Value: "omani-dynadot.example" },
        { Subhost: "shop", RecordType: "FORWARD", Value: "https://shop.example/", Value2: "1" },
    ];

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    it("shows a parked domain", async () => {
        const { registration, expiration } = seedAccount(0).domains[0] ?? {};
        const answer = (await api3("domain_info", { domain: "OMANTEL.example" })) as {
            DomainInfoResponse: { DomainInfo: { Registration: string; Expiration: string } };
        };
        const { Registration, Expiration } = answer.DomainInfoResponse.DomainInfo;
        assert.equal(
            Number(Expiration) - Number(Registration),
            (expiration ?? 0) - (registration ?? 0),
        );
        assert.deepEqual(answer, {
            DomainInfoResponse: {
                ResponseCode: 0,
                Status: "success",
                DomainInfo: {
                    Name: OWN,
                    Expiration,
                    Registration,
                    NameServerSettings: { Type: "Dynadot Parking", WithAds: "Yes" },
                    Locked: "no",
                    Status: "active",
                },
            },
        });
    });

    it("shows hosted DNS with types in capitals and one TTL for the domain", async () => {
        assert.deepEqual(await settings(POOL), pool(MAIN, SUB, "1800"));
    });

    describe("set_dns2", () => {
        const mx = { main_record_type0: "mx", main_record0: "mx.example", main_recordx0: "5" };

        it("wipes every record that it does not name, and the TTL", async () => {
            assert.deepEqual(await api3("set_dns2", { domain: POOL, ...mx }), {
                SetDnsResponse: { ResponseCode: 0, Status: "success" },
            });
            const left = [{ RecordType: "MX", Value: "mx.example", Value2: "5" }];
            assert.deepEqual(await settings(POOL), pool(left, undefined, "300"));
            assert.equal(emulator.dynadot.requests.requests[0]?.replacedAll, true);
        });

        it("appends with exactly 1, and drops what is there already", async () => {
            const one = {
                domain: POOL,
                add_dns_to_current_setting: "1",
                subdomain0: "NS1.omantel",
                sub_record_type0: "a",
                sub_record0: "127.64.0.2",
                subdomain1: "omantel",
                sub_record_type1: "ns",
                sub_record1: "ns1.omantel.omani-dynadot.example",
            };
            await api3("set_dns2", one);
            await api3("set_dns2", one);
            const added = [
                { Subhost: "ns1.omantel", RecordType: "A", Value: "127.64.0.2" },
                {
                    Subhost: "omantel",
                    RecordType: "NS",
                    Value: "ns1.omantel.omani-dynadot.example",
                },
            ];
            assert.deepEqual(await settings(POOL), pool(MAIN, [...SUB, ...added], "1800"));
            emulator.dynadot.setSwitches({ duplicates: "keep" });
            await api3("set_dns2", one);
            assert.deepEqual(
                await settings(POOL),
                pool(MAIN, [...SUB, ...added, ...added], "1800"),
            );
            assert.equal(
                emulator.dynadot.requests.requests.some((r) => r.replacedAll),
                false,
            );
        });

        for (const [appendByYes, main] of [
            [false, [{ RecordType: "TXT", Value: "x" }]],
            [true, [...MAIN, { RecordType: "TXT", Value: "x" }]],
        ] as const)
            it(`takes "yes" for ${appendByYes ? "append" : "replace"} by its switch`, async () => {
                emulator.dynadot.setSwitches({ appendByYes });
                await api3("set_dns2", {
                    domain: POOL,
                    add_dns_to_current_setting: "yes",
                    main_record_type0: "txt",
                    main_record0: "x",
                    ttl: "1800",
                });
                assert.deepEqual(
                    await settings(POOL),
                    pool(main, appendByYes ? SUB : undefined, "1800"),
                );
            });

        it("takes a domain's own name servers away", async () => {
            await api3("add_ns", { host: "ns1.openova.example" });
            await api3("set_ns", { domain: OWN, ns0: "ns1.openova.example" });
            await api3("set_dns2", { domain: OWN, ...mx });
            assert.deepEqual(
                await settings(OWN),
                pool([{ RecordType: "MX", Value: "mx.example", Value2: "5" }], undefined, "300"),
            );
            assert.deepEqual(emulator.published.at(-1), {
                domain: OWN,
                nameServers: [],
                glue: {},
                ds: [],
            });
        });

        const numberedFrom = (prefix: string, count: number) =>
            Object.fromEntries(
                Array.from({ length: count }, (_, i) => [
                    [`${prefix}_type${i}`, "a"],
                    [`${prefix}${i}`, `192.0.2.${i}`],
                    ...(prefix === "sub_record" ? [[`subdomain${i}`, `h${i}`]] : []),
                ]).flat() as [string, string][],
            );
        const refusals: [string, Record<string, string>, string][] = [
            [
                "an unknown type",
                { main_record_type0: "ptr", main_record0: "x" },
                "invalid record type: ptr",
            ],
            [
                "SRV at the apex",
                { main_record_type0: "srv", main_record0: "x" },
                "invalid record type: srv",
            ],
            [
                "an MX without its distance",
                { main_record_type0: "mx", main_record0: "x" },
                "mx distance must be entered",
            ],
            [
                "a bad address",
                { main_record_type0: "a", main_record0: "1.2.3" },
                "invalid ip address: 1.2.3",
            ],
            ["a missing value", { main_record_type0: "a" }, "missing main_record0"],
            [
                "a sub record without its name",
                { sub_record_type0: "a", sub_record0: "192.0.2.1" },
                "missing subdomain0",
            ],
            ["a bad TTL", { ...mx, ttl: "soon" }, "invalid ttl: soon"],
            [
                "21 main records",
                numberedFrom("main_record", 21),
                "The Dns Settings reached the upper limit.",
            ],
            [
                "101 sub records",
                numberedFrom("sub_record", 101),
                "The Dns Settings reached the upper limit.",
            ],
        ];
        for (const [what, parameters, message] of refusals)
            it(`refuses ${what} and changes nothing`, async () => {
                assert.deepEqual(
                    await api3("set_dns2", { domain: POOL, ...parameters }),
                    error("SetDns", message),
                );
                assert.deepEqual(await settings(POOL), pool(MAIN, SUB, "1800"));
            });

        it("counts what is there when it appends", async () => {
            const full = { domain: POOL, ...numberedFrom("sub_record", 98) };
            assert.deepEqual(
                await api3("set_dns2", { ...full, add_dns_to_current_setting: "1" }),
                error("SetDns", "The Dns Settings reached the upper limit."),
            );
        });

        it("refuses to append below a domain without main records, by its switch", async () => {
            const sub = {
                domain: OWN,
                add_dns_to_current_setting: "1",
                subdomain0: "x",
                sub_record_type0: "txt",
                sub_record0: "y",
            };
            assert.deepEqual(
                await api3("set_dns2", sub),
                error("SetDns", "The domain doesn't have main dns."),
            );
            emulator.dynadot.setSwitches({ appendNeedsMain: false });
            await api3("set_dns2", sub);
            assert.deepEqual(
                await settings(OWN),
                pool(undefined, [{ Subhost: "x", RecordType: "TXT", Value: "y" }], "300"),
            );
        });

        it("stops at a gap in the numbers, or goes on, by its switch", async () => {
            const gap = {
                domain: POOL,
                main_record_type0: "txt",
                main_record0: "a",
                main_record_type2: "txt",
                main_record2: "b",
            };
            const txt = (...values: string[]) =>
                pool(
                    values.map((Value) => ({ RecordType: "TXT", Value })),
                    undefined,
                    "300",
                );
            await api3("set_dns2", gap);
            assert.deepEqual(await settings(POOL), txt("a"));
            emulator.dynadot.setSwitches({ indexGaps: "skip" });
            await api3("set_dns2", gap);
            assert.deepEqual(await settings(POOL), txt("a", "b"));
        });

        it("writes to several domains, or to none of them", async () => {
            const both = await api3("set_dns2", { domain: `${POOL},foreign.example`, ...mx });
            assert.deepEqual(both, error("SetDns", "could not find domain in your account"));
            assert.deepEqual(await settings(POOL), pool(MAIN, SUB, "1800"));
            await api3("set_dns2", { domain: `${POOL},${OWN}`, ...mx });
            assert.deepEqual(await settings(POOL), await settings(OWN));
        });
    });
});
