// Proves, against the emulators of Cloudflare, Namecheap, GoDaddy and OVHcloud on virtual time: whatever goes wrong with any single
// request while a domain's name servers, host records and DS are set, changed or taken back, the next run ends with what is
// wanted, or names what somebody else did and ends so after a refresh; what is not this program's is field by field what it was; no
// credential is in any log line, error or state.
// Does not prove what the live registrars do: the emulators are built from their documentation.
import assert from "node:assert/strict";
import type { RegisteredDomain } from "../../../../lab/registrars/registeredDomains.ts";
import { dsOfKey, type ZoneKey } from "../../../../provider/dns/lookup/delegationSigners.ts";
import { REGISTRARS } from "../../../../provider/dns/registrars/profiles.ts";
import { describe as inWords } from "../../../../provider/framework/failures.ts";
import type { Props } from "../../support/client.ts";
import { ACCOUNTS, type RegistrarAccount } from "../registrars/accounts.ts";
import { atEveryRequest } from "./everyRequest.ts";
import { HTTP_ROWS, type FaultRow } from "./faultTable.ts";
import { RegistrarWorld } from "./registrarWorld.ts";
import type { KeptDelegation, VirtualProvider } from "./virtualProvider.ts";

const DOMAIN = "customer.example";
const NEIGHBOUR = "neighbour.example";
const FOREIGN = ["ns1.elsewhere.test", "ns2.elsewhere.test"];
const OLD_HOST = { [`old.${DOMAIN}`]: ["192.0.2.99"] };

const key = (octet: number): ZoneKey => ({
    flags: 257,
    algorithm: 13,
    key: Buffer.alloc(64, octet),
});
const KEYS = [key(1), key(2)] as const;

interface Row extends FaultRow {
    /** Name servers that somebody else gives which domain. */
    readonly foreign?: string;
}

const foreign = (domain: string): Row => ({
    name: `comes after somebody else gave ${domain} other name servers`,
    action: { kind: "foreign-name-servers", domain, nameServers: FOREIGN },
    foreign: domain,
});

const ROWS: readonly Row[] = [
    ...HTTP_ROWS,
    { name: "is down for three requests", action: { kind: "html", status: 503 }, times: 3 },
    foreign(NEIGHBOUR),
    foreign(DOMAIN),
];

/** What is wanted, and what the registrar must then have. */
interface Wanted {
    readonly program: Props;
    readonly nameServers: readonly string[];
    readonly hosts: RegisteredDomain["hosts"];
    readonly keys: readonly ZoneKey[];
}

/** One name server below the domain where the API has host records, and one outside; a DS where it has those. */
function wanted(
    { via, key: registrar }: RegistrarAccount,
    labels: readonly [string, string],
    address: string,
    signer: ZoneKey,
): Wanted {
    const { glue, signers } = REGISTRARS[registrar];
    const inside = `${labels[0]}.${glue === "none" ? "operator.test" : DOMAIN}`;
    const outside = `${labels[1]}.operator.test`;
    const addresses = glue === "none" ? [] : [address];
    return {
        program: {
            domain: `${DOMAIN}.`,
            via,
            nameServers: [{ name: inside, addresses }, { name: outside }],
            ds: signers ? [dsOfKey(signer, `${DOMAIN}.`)] : [],
            owner: "pulumi:sovereign/test",
            wait: false,
        },
        nameServers: [inside, outside],
        hosts: glue === "none" ? {} : { [inside]: [address] },
        keys: signers ? [signer] : [],
    };
}

for (const target of Object.values(ACCOUNTS))
    describe(`faults at every request of a delegation at ${target.name}`, function () {
        this.timeout(120_000);
        let world: RegistrarWorld;
        let base: readonly RegisteredDomain[];
        let first: Wanted;
        let second: Wanted;

        before(async () => {
            world = await RegistrarWorld.start(target, [DOMAIN, NEIGHBOUR], KEYS);
            await world.change(DOMAIN, { hosts: OLD_HOST });
            await world.change(NEIGHBOUR, {
                nameServers: ["ns1.neighbour.example", "ns.other.test"],
                own: false,
                hosts: { "ns1.neighbour.example": ["192.0.2.50"] },
                keys: [key(9)],
            });
            base = world.account;
            first = wanted(target, ["ns1", "ns2"], world.nameServers[0], KEYS[0]);
            second = wanted(target, ["ns1", "ns3"], world.nameServers[1], KEYS[1]);
        });
        after(() => world.stop());

        /** What other people have, after the row's own write if that came about. */
        function assertForeign(row: Row, hit: boolean): void {
            const [, neighbour] = base;
            const changed = row.foreign === NEIGHBOUR && hit;
            assert.deepEqual(
                world.domain(NEIGHBOUR),
                changed ? { ...neighbour, nameServers: FOREIGN } : neighbour,
            );
        }

        function assertDelegated({ nameServers, hosts, keys }: Wanted): void {
            const domain = world.domain(DOMAIN);
            assert.deepEqual([domain.own, [...domain.nameServers].sort()], [false, nameServers]);
            assert.deepEqual(domain.hosts, { ...OLD_HOST, ...hosts });
            assert.deepEqual(domain.keys, keys);
        }

        function assertTakenBack(): void {
            assert.deepEqual(
                { ...world.domain(DOMAIN), own: true },
                { name: DOMAIN, nameServers: target.own, own: true, hosts: OLD_HOST, keys: [] },
            );
        }

        async function created(provider: VirtualProvider): Promise<KeptDelegation> {
            const { kept, error } = await provider.up(first.program, undefined);
            assert.ok(kept !== undefined && error === undefined, String(error));
            return kept;
        }

        /** The next `up`; where somebody else is at work it may refuse once, and says who it found. */
        async function converge(
            provider: VirtualProvider,
            { program }: Wanted,
            kept: KeptDelegation | undefined,
            row: Row,
        ): Promise<void> {
            const { error, kept: now } = await provider.up(program, kept);
            if (row.foreign !== DOMAIN) assert.equal(error, undefined);
            if (error === undefined) return;
            assert.match(inWords(error), /changed by somebody else: they now are ns1\.elsewhere/);
            assert.deepEqual(world.domain(DOMAIN).nameServers, FOREIGN);
            const refreshed = now && (await provider.refresh(now));
            assert.equal((await provider.up(program, refreshed)).error, undefined);
        }

        it("is loud where reading back shows something else", async () => {
            const provider = await world.reset(base);
            world.ignoreWrites();
            const { error, kept } = await provider.up(first.program, undefined);
            assert.match(String(error), /but reading it back shows .* instead of /);
            assert.deepEqual(
                kept?.state.previousNameServers,
                target.clears ? [] : target.own.map((name) => `${name}.`),
            );
            assert.deepEqual(world.account, base);
        });

        it("leaves name servers alone that somebody else has set since", async () => {
            const provider = await world.reset(base);
            const kept = await created(provider);
            await world.change(DOMAIN, { nameServers: FOREIGN });
            const { error } = await provider.up(second.program, kept);
            assert.match(
                inWords(error),
                /were changed by somebody else: they now are ns1\.elsewhere/,
            );
            assert.equal((await provider.destroy(kept)).error, undefined);
            assert.match(provider.said.at(-1) ?? "", /which are not this program's/);
            assert.deepEqual(world.domain(DOMAIN).nameServers, FOREIGN);
        });

        for (const row of ROWS) {
            it(`creates, though the registrar ${row.name}`, () =>
                atEveryRequest(world, base, row, {
                    prepare: () => Promise.resolve(undefined),
                    run: (provider, kept, signal) => provider.up(first.program, kept, signal),
                    async finish(provider, { kept }, hit) {
                        await converge(provider, first, kept, row);
                        assertDelegated(first);
                        assertForeign(row, hit);
                    },
                }));

            it(`changes, though the registrar ${row.name}`, () =>
                atEveryRequest(world, base, row, {
                    prepare: created,
                    run: (provider, kept, signal) => provider.up(second.program, kept, signal),
                    async finish(provider, { kept }, hit) {
                        await converge(provider, second, kept, row);
                        assertDelegated(second);
                        assertForeign(row, hit);
                    },
                }));

            it(`is taken back, though the registrar ${row.name}`, () =>
                atEveryRequest(world, base, row, {
                    prepare: created,
                    run: (provider, kept, signal) => {
                        assert.ok(kept !== undefined);
                        return provider.destroy(kept, signal);
                    },
                    async finish(provider, { kept }, hit) {
                        const again = kept && (await provider.destroy(kept));
                        assert.equal(again?.error, undefined);
                        if (row.foreign === DOMAIN && hit) {
                            // Whoever came last has it: what they set is left, or their writing came first and was not seen.
                            const { nameServers } = world.domain(DOMAIN);
                            assert.ok(
                                [FOREIGN, target.own].some((s) => s.join() === nameServers.join()),
                                nameServers.join(),
                            );
                        } else assertTakenBack();
                        assertForeign(row, hit);
                    },
                }));
        }
    });
