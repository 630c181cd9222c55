import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ProviderClient, type Props } from "./client.ts";
import { DnsWorld } from "./dnsWorld.ts";

const run = promisify(execFile);

export const DELEGATION = "sovereign:dns:Delegation";
export const OWNER = "pulumi:sovereign/test";

/** What the tests of delegations work with. */
export interface DelegationFixture {
    readonly world: DnsWorld;
    readonly provider: ProviderClient;
    /** Makes a signed child zone with name servers of its own; resolves to its DS records. */
    child(domain: string): Promise<string[]>;
    /** A delegation to the child. */
    program(domain: string, via: string, ds: readonly string[], more?: Props): Props;
    /** Asserts that the name's address validates from the top-level zone's key down. */
    validates(name: string): Promise<void>;
}

/** Registers hooks: one PowerDNS and registrar for the suite, which each test finds as they were at first, and a fresh plugin process for each. */
export function delegationFixture(): DelegationFixture {
    let world: DnsWorld;
    let provider: ProviderClient;
    before(async () => {
        world = await DnsWorld.start();
    });
    beforeEach(async () => {
        provider = await ProviderClient.start(world.config());
    });
    afterEach(async () => {
        await provider.stop();
        await world.reset();
    });
    after(() => world.stop());
    return {
        get world() {
            return world;
        },
        get provider() {
            return provider;
        },
        child: (domain) => makeChild(world, provider, domain),
        program: (domain, via, ds, more = {}) => ({
            domain,
            via,
            nameServers: world.servers.map((address, i) => ({
                name: `ns${i + 1}.${domain}`,
                addresses: [address],
            })),
            ds,
            owner: OWNER,
            ...more,
        }),
        validates: (name) => validates(world, name),
    };
}

async function makeChild(
    world: DnsWorld,
    provider: ProviderClient,
    domain: string,
): Promise<string[]> {
    const zone = await provider.create("sovereign:dns:Zone", {
        name: domain,
        nameServers: [`ns1.${domain}`, `ns2.${domain}`],
        owner: OWNER,
    });
    for (const [i, address] of world.servers.entries())
        await provider.create("sovereign:dns:RecordSet", {
            zone: domain,
            name: `ns${i + 1}.${domain}`,
            type: "A",
            ttl: 60,
            records: [address],
            owner: OWNER,
        });
    return zone.state.ds as string[];
}

async function validates(world: DnsWorld, name: string): Promise<void> {
    const { addresses } = world.powerDns.lab.context;
    const server = [`@${world.servers[0]}`, "-p", String(addresses.dnsPort)];
    const anchor = ["-a", world.powerDns.powerDns.trustAnchorFile, "+root=example"];
    const { stdout } = await run("delv", [...server, ...anchor, name, "A"]);
    assert.match(stdout, /; fully validated/);
}
