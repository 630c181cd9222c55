import { readFileSync } from "node:fs";
import { Delegation, PoolName, RecordSet, Zone } from "../../provider/resources/dns.ts";

/** What one stack takes of its pools, as the test writes it. */
export interface PoolDomainPlan {
    readonly owner: string;
    /** Addresses of the name servers, which lie in each child zone. */
    readonly addresses: readonly string[];
    /** Child zones by resource name, with the pool that each lies in and how that pool is written. */
    readonly children: Readonly<
        Record<
            string,
            {
                readonly domain: string;
                readonly parent: string;
                readonly via: "powerdns" | "dynadot-zone";
            }
        >
    >;
}

/** Environment variable with the file of the plan. */
const PLAN_FILE = "SOVEREIGN_POOL_DOMAIN_PLAN";

const plan = JSON.parse(readFileSync(process.env[PLAN_FILE] ?? "", "utf8")) as PoolDomainPlan;

for (const [name, { domain, parent, via }] of Object.entries(plan.children)) {
    const { owner, addresses } = plan;
    const nameServers = addresses.map((address, i) => ({
        name: `ns${i + 1}.${domain}`,
        addresses: [address],
    }));
    const free = new PoolName(`${name}-name`, { domain, via, parent, nameServers, owner });
    const zone = new Zone(
        `${name}-zone`,
        { name: domain, nameServers: nameServers.map((server) => server.name), owner },
        { dependsOn: free },
    );
    const written = nameServers.map(
        (server, i) =>
            new RecordSet(`${name}-ns${i + 1}`, {
                zone: zone.name,
                name: server.name,
                type: "A",
                ttl: 60,
                records: server.addresses,
                owner,
            }),
    );
    new Delegation(
        `${name}-delegation`,
        { domain, via, parent, nameServers, ds: via === "powerdns" ? zone.ds : [], owner },
        { dependsOn: written },
    );
}
