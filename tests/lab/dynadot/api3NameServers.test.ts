// Proves how API3 treats name servers, host objects and DS records, and what the registry is told about them. Does not prove the
// wording of refusals of which no captured reply is known.
import assert from "node:assert/strict";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

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

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    describe("name servers", () => {
        const [ns1, ns2] = [`ns1.${OWN}`, `ns2.${OWN}`];

        it("must be registered with an address below the account's domains, and known elsewhere", async () => {
            const needs = `'${ns1}' needs to be registered with an ip address before it can be used.`;
            assert.deepEqual(
                await api3("set_ns", { domain: OWN, ns0: ns1 }),
                error("SetNs", needs),
            );
            assert.deepEqual(await api3("add_ns", { host: ns1 }), error("AddNs", needs));
            assert.deepEqual(
                await api3("set_ns", { domain: OWN, ns0: "ns1.openova.example" }),
                error("SetNs", "could not find name server 'ns1.openova.example' in your account"),
            );
            assert.deepEqual(
                await api3("register_ns", { host: "ns1.openova.example", ip: "192.0.2.1" }),
                error("RegisterNs", "'ns1.openova.example' is not below a domain in your account"),
            );
            assert.deepEqual(
                await api3("register_ns", { ns: ns1, ip0: "192.0.2.1" }),
                error("RegisterNs", "missing host"),
            );
            const many = Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`ns${i}`, ns1]));
            assert.deepEqual(
                await api3("set_ns", { domain: OWN, ...many }),
                error("SetNs", "at most 13 name servers can be set"),
            );
        });

        it("are registered, set, shown and published with glue", async () => {
            assert.deepEqual(await api3("register_ns", { host: ns1, ip: "127.64.0.2" }), {
                RegisterNsResponse: { ResponseCode: "0", Status: "success" },
            });
            assert.deepEqual(
                await api3("register_ns", { host: ns1, ip: "127.64.0.2" }),
                error("RegisterNs", `'${ns1}' already exists`),
            );
            await api3("register_ns", { host: ns2, ip: "127.64.0.3" });
            assert.deepEqual(await api3("server_list"), {
                ServerListResponse: {
                    ResponseCode: 0,
                    Status: "success",
                    ServerList: [
                        { ServerId: "5262350", ServerName: ns1 },
                        { ServerId: "5262351", ServerName: ns2 },
                    ],
                },
            });
            const before = emulator.published.length;
            assert.deepEqual(await api3("set_ns", { domain: OWN, ns0: ns1, ns1: ns2 }), {
                SetNsResponse: { ResponseCode: 0, Status: "success" },
            });
            const delegation = {
                domain: OWN,
                nameServers: [ns1, ns2],
                glue: { [ns1]: ["127.64.0.2"], [ns2]: ["127.64.0.3"] },
                ds: [],
            };
            assert.deepEqual(emulator.published.slice(before), [delegation]);
            assert.deepEqual(await api3("get_ns", { domain: OWN }), {
                GetNsResponse: {
                    ResponseCode: 0,
                    Status: "success",
                    NsContent: { Host0: ns1, Host1: ns2 },
                },
            });
            const used = [
                { ServerId: "5262350", ServerName: ns1 },
                { ServerId: "5262351", ServerName: ns2 },
            ];
            const empty = Array.from({ length: 11 }, () => ({ ServerId: "", ServerName: "" }));
            assert.deepEqual(await settings(OWN), {
                Type: "Name Servers",
                NameServers: [...used, ...empty],
            });
            emulator.dynadot.setSwitches({ emptyNameServerSlots: false });
            assert.deepEqual(await settings(OWN), { Type: "Name Servers", NameServers: used });

            await api3("set_ns_ip", {
                server_id: "5262350",
                ip0: "127.64.0.9",
                ip1: "2001:db8::9",
            });
            assert.deepEqual(emulator.published.at(-1), {
                ...delegation,
                glue: { ...delegation.glue, [ns1]: ["127.64.0.9", "2001:db8::9"] },
            });
            assert.deepEqual(
                await api3("delete_ns", { server_id: "5262351" }),
                error("DeleteNs", `'${ns2}' is in use by ${OWN}`),
            );
            await api3("set_clear_domain_setting", { domain: OWN, service: "nameservers" });
            await api3("delete_ns", { server_id: "5262351" });
            await api3("delete_ns_by_domain", { server_domain: ns1 });
            assert.deepEqual(emulator.dynadot.account.hosts, []);
            assert.deepEqual(await settings(OWN), { Type: "Dynadot Parking", WithAds: "Yes" });
            assert.deepEqual(emulator.published.at(-1), {
                domain: OWN,
                nameServers: [],
                glue: {},
                ds: [],
            });
        });

        it("of others are added once", async () => {
            assert.deepEqual(await api3("add_ns", { host: "NS1.openova.example." }), {
                AddNsResponse: {
                    ResponseCode: 0,
                    Status: "success",
                    AddNsContent: { Server: { Host: "ns1.openova.example", ServerId: 5262350 } },
                },
            });
            assert.deepEqual(
                await api3("add_ns", { host: "ns1.openova.example" }),
                error("AddNs", "'ns1.openova.example' already exists"),
            );
        });

        it("are not changed when the registry does not take them", async () => {
            await api3("add_ns", { host: "ns1.openova.example" });
            emulator.failRegistry("registry is down");
            assert.deepEqual(
                await api3("set_ns", { domain: OWN, ns0: "ns1.openova.example" }),
                error("SetNs", "problem with connection to main server"),
            );
            assert.deepEqual(await settings(OWN), { Type: "Dynadot Parking", WithAds: "Yes" });
        });
    });

    describe("DNSSEC", () => {
        const digest = "3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b";
        const ds = { domain_name: OWN, key_tag: "3613", algorithm: "15", digest_type: "2", digest };
        const info = async () => {
            const answer = (await api3("get_dnssec", { domain_name: OWN })) as {
                GetDnssecResponse: { DnssecInfo: { KeyTag: string }[] };
            };
            return answer.GetDnssecResponse.DnssecInfo;
        };

        it("keeps DS records, publishes them while the domain is delegated, and clears them", async () => {
            assert.deepEqual(await api3("set_dnssec", ds), {
                SetDnssecResponse: { ResponseCode: 0, Status: "success" },
            });
            assert.deepEqual(await info(), [
                { KeyTag: "3613", Algorithm: "15", DigestType: "2", Digest: digest },
            ]);
            await api3("add_ns", { host: "ns1.openova.example" });
            await api3("set_ns", { domain: OWN, ns0: "ns1.openova.example" });
            assert.deepEqual(emulator.published.at(-1)?.ds, [`3613 15 2 ${digest}`]);
            await api3("clear_dnssec", { domain_name: OWN });
            assert.deepEqual(await info(), []);
            assert.deepEqual(emulator.published.at(-1)?.ds, []);
        });

        it("replaces a record of the same key tag; another one joins it or replaces it, by its switch", async () => {
            await api3("set_dnssec", ds);
            await api3("set_dnssec", { ...ds, digest: digest.replace("3", "4") });
            assert.equal((await info()).length, 1);
            await api3("set_dnssec", { ...ds, key_tag: "2" });
            assert.deepEqual(
                (await info()).map((d) => d.KeyTag),
                ["3613", "2"],
            );
            emulator.dynadot.setSwitches({ dnssecWrite: "replace" });
            await api3("set_dnssec", { ...ds, key_tag: "3" });
            assert.deepEqual(
                (await info()).map((d) => d.KeyTag),
                ["3"],
            );
        });

        const refusals: [string, Record<string, string>, string][] = [
            ["no key tag", { key_tag: "" }, "invalid key_tag"],
            ["a key tag above 65535", { key_tag: "65536" }, "invalid key_tag"],
            ["an unknown algorithm", { algorithm: "99" }, "invalid algorithm: 99"],
            ["an unknown digest type", { digest_type: "7" }, "invalid digest_type: 7"],
            ["a digest of the wrong length", { digest_type: "1" }, "invalid digest"],
        ];
        for (const [what, change, message] of refusals)
            it(`refuses ${what}`, async () => {
                assert.deepEqual(
                    await api3("set_dnssec", { ...ds, ...change }),
                    error("SetDnssec", message),
                );
                assert.deepEqual(await info(), []);
            });

        it("may not be supported", async () => {
            emulator.dynadot.setSwitches({ dnssecSupported: false });
            assert.deepEqual(
                await api3("set_dnssec", ds),
                error("SetDnssec", "This domain doesn't support DNSSEC."),
            );
        });
    });
});
