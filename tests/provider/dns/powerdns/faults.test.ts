// Proves, with the resources in this process on virtual time against the real PowerDNS behind a proxy that fails it: whatever fault hits
// whichever request of a creation, change or deletion of a zone, record set or delegation, the same run or the next one ends as wanted,
// records of others stay byte for byte as they were, and nothing that is said or kept has the API key in it, even before redaction.
// Does not prove several faults of different kinds in one run, nor the plugin's process: the tests of each resource do.
import assert from "node:assert/strict";
import type { PowerDnsZone } from "../../../../provider/dns/powerdns/types.ts";
import { delegation as delegationResource } from "../../../../provider/dns/delegation.ts";
import { powerDns } from "../../../../provider/dns/connections.ts";
import { recordSet } from "../../../../provider/dns/recordSet.ts";
import { zone as zoneResource } from "../../../../provider/dns/zone.ts";
import { ProviderConfiguration } from "../../../../provider/framework/configuration.ts";
import type { ResourceImplementation } from "../../../../provider/framework/resource.ts";
import { VirtualClock } from "../../../../lab/dynadot/virtualClock.ts";
import type { Props } from "../../support/client.ts";
import { DirectResource } from "../../support/directResource.ts";
import { FAULTS, FaultyApi, type Fault } from "../../support/faultyApi.ts";
import { PowerDnsLab } from "../../support/powerDnsLab.ts";
import { record, ZONE as RECORDS_ZONE } from "../../support/recordSetFixture.ts";
import { NAME, zone } from "../../support/zoneFixture.ts";
import { virtualTime } from "../faults/virtualTime.ts";

/** One resource type and three states of it to go through. */
interface Subject {
    readonly title: string;
    readonly resource: ResourceImplementation;
    readonly zone: string;
    readonly first: Props;
    readonly second: Props;
}

const POOL = "omani.example.";

/** NS, glue and DS of a child, all in the pool's zone. */
const delegation = (servers: readonly string[], keyTag: number): Props => ({
    domain: `branch.${POOL}`,
    via: "powerdns",
    parent: POOL,
    nameServers: servers.map((address, i) => ({
        name: `ns${i + 1}.branch.${POOL}`,
        addresses: [address],
    })),
    ds: [`${keyTag} 13 2 ${"ab".repeat(32)}`],
    owner: "pulumi:sovereign/test",
    wait: false,
});

const SUBJECTS: readonly Subject[] = [
    {
        title: "a delegation",
        resource: delegationResource,
        zone: POOL,
        first: delegation(["192.0.2.1", "192.0.2.2"], 1),
        second: delegation(["192.0.2.3"], 2),
    },
    {
        title: "a record set",
        resource: recordSet,
        zone: RECORDS_ZONE,
        first: record(),
        second: record({ ttl: 60, records: ["192.0.2.3"] }),
    },
    {
        title: "a zone",
        resource: zoneResource,
        zone: NAME,
        first: zone(),
        second: zone({ hostmaster: "dns@openova.example", nsec: "nsec3" }),
    },
];

interface Run<T> {
    /** Undefined when it failed. */
    readonly made: T | undefined;
    /** Everything that left the plugin. */
    readonly said: readonly unknown[];
}

/** Names of somebody else, in the pool's zone and in the zone of the record sets. */
const THEIRS = [`theirs.${RECORDS_ZONE}`, `theirs.${POOL}`];

describe("PowerDNS that fails", function () {
    this.timeout(120_000);
    let lab: PowerDnsLab;
    let api: FaultyApi;

    before(async () => {
        lab = await PowerDnsLab.start();
        api = await FaultyApi.start(lab.url);
        await lab.foreignZone(RECORDS_ZONE);
        for (const name of THEIRS)
            await lab.patch(name.slice(name.indexOf(".") + 1), {
                name,
                type: "TXT",
                changetype: "REPLACE",
                ttl: 321,
                records: [{ content: '"do  not" "touch"' }],
                comments: [{ content: "ours", account: "them" }],
            });
    });
    after(async () => {
        await api.stop();
        await lab.stop();
    });
    afterEach(async () => {
        if ((await lab.zone(NAME)) !== undefined) await lab.api("DELETE", `/zones/${NAME}`);
    });

    /** Each has a configuration of its own, and so knows nothing of what another one learnt. */
    function connect(resource: ResourceImplementation): DirectResource {
        const { powerdnsApiKey } = lab.lab.context.credentials;
        const config = new ProviderConfiguration({ ...lab.config(api.url), powerdnsApiKey }, {});
        const time = virtualTime(new VirtualClock());
        api.onSilence = () => {
            time.timeOut();
        };
        powerDns(config, time);
        return new DirectResource(resource, config);
    }

    /** Runs `act` as one run of the engine does. */
    async function run<T>(
        resource: ResourceImplementation,
        act: (resource: DirectResource) => Promise<T>,
    ): Promise<Run<T>> {
        const used = connect(resource);
        try {
            return { made: await act(used), said: used.said };
        } catch {
            return { made: undefined, said: used.said };
        }
    }

    const assertNoKey = (...things: readonly unknown[]) => {
        const { powerdnsApiKey } = lab.lab.context.credentials;
        assert.ok(!JSON.stringify(things).includes(powerdnsApiKey), "the API key was said or kept");
    };

    const theirs = async () =>
        Promise.all(
            THEIRS.map(async (name) =>
                (await lab.zone(name.slice(name.indexOf(".") + 1)))?.rrsets.filter(
                    (set) => set.name === name,
                ),
            ),
        );

    /** What matters of the zone: everything but its serial, and the marks' random claims. */
    async function live(name: string): Promise<unknown> {
        const found: PowerDnsZone | undefined = await lab.zone(name);
        if (found === undefined) return undefined;
        const { kind, account, dnssec, nsec3param, soa_edit_api, api_rectify, rrsets } = found;
        const sets = rrsets
            .map(({ name: owner, type, ttl, records, comments = [] }) => ({
                owner,
                type,
                ttl,
                records: records.map(({ content }) =>
                    type === "SOA" ? content.replace(/ \d+ /, " <serial> ") : content,
                ),
                comments: comments.map(({ content }) => content.replace(/claim=\S+/, "claim")),
            }))
            .sort((a, b) => `${a.owner} ${a.type}`.localeCompare(`${b.owner} ${b.type}`));
        return { kind, account, dnssec, nsec3param, soa_edit_api, api_rectify, sets };
    }

    for (const subject of SUBJECTS) {
        let undisturbed: unknown;
        for (const fault of FAULTS)
            it(`ends as wanted for ${subject.title}: ${fault}, at every request`, async () => {
                undisturbed ??= (await throughAll(subject, fault, Infinity)).states;
                const others = await theirs();
                for (let index = 0; ; index++) {
                    const { reached, states } = await throughAll(subject, fault, index);
                    assert.deepEqual(states, undisturbed, `at request ${index}`);
                    assert.deepEqual(await theirs(), others, `at request ${index}`);
                    if (reached) continue;
                    assert.ok(index >= 3, `only ${index} requests were made`);
                    break;
                }
            });
    }

    /** Creates, changes and deletes, each with the fault at request `index` of it, and repeats what failed. */
    async function throughAll(
        { resource, zone: at, first, second }: Subject,
        fault: Fault,
        index: number,
    ) {
        let reached = false;
        const step = async <T>(act: (r: DirectResource) => Promise<T>): Promise<T> => {
            api.fail(fault, index, 1);
            const disturbed = await run(resource, act);
            reached ||= api.requests.length > index;
            api.heal();
            const { made, said } =
                disturbed.made === undefined ? await run(resource, act) : disturbed;
            assertNoKey(disturbed, made, said);
            assert.ok(made !== undefined, `${fault} at request ${index}: ${JSON.stringify(said)}`);
            return made;
        };
        const created = await step((r) => r.create(first));
        const afterCreate = await live(at);
        const updated = await step((r) => r.update(created, second));
        const afterUpdate = await live(at);
        await step(async (r) => {
            await r.delete(updated);
            return "deleted";
        });
        return { reached, states: { afterCreate, afterUpdate, afterDelete: await live(at) } };
    }
});
