import { Dynadot } from "../../../lab/dynadot/dynadot.ts";
import { seedAccount } from "../../../lab/dynadot/seed.ts";
import { DEFAULT_SWITCHES } from "../../../lab/dynadot/switches.ts";
import { secret, type Props } from "./client.ts";
import { PowerDnsLab } from "./powerDnsLab.ts";

/** A lab with the real PowerDNS and the emulated Dynadot, whose registry publishes into PowerDNS' top-level zone. */
export class DnsWorld {
    readonly powerDns: PowerDnsLab;
    readonly dynadot: Dynadot;

    private constructor(powerDns: PowerDnsLab, dynadot: Dynadot) {
        this.powerDns = powerDns;
        this.dynadot = dynadot;
    }

    static async start(): Promise<DnsWorld> {
        const powerDns = await PowerDnsLab.start();
        const dynadot = new Dynadot(powerDns.lab.context, {
            registry: powerDns.powerDns.registry,
            limits: { threads: 1, requestsPerMinute: 6000 },
            // Long enough for two requests to meet, were they not kept apart.
            latency: 20,
        });
        await dynadot.start();
        return new DnsWorld(powerDns, dynadot);
    }

    /** Makes it what it was when it started, on the same servers. */
    async reset(): Promise<void> {
        const { dynadot, powerDns } = this;
        dynadot.faults.clear();
        dynadot.setSwitches(DEFAULT_SWITCHES);
        await dynadot.restore(seedAccount(dynadot.clock.now()));
        dynadot.requests.clear();
        await powerDns.reset();
    }

    async stop(): Promise<void> {
        await this.dynadot.stop();
        await this.powerDns.stop();
    }

    /** Addresses of the lab's two name servers. */
    get servers(): readonly [string, string] {
        return this.powerDns.lab.context.addresses.nameServers;
    }

    /** What the provider is configured with. */
    config(): Props {
        const { addresses, credentials } = this.powerDns.lab.context;
        return {
            ...this.powerDns.config(),
            dynadotUrl: `http://${addresses.dynadot.host}:${addresses.dynadot.port}`,
            dynadotApiKey: secret(credentials.dynadotApiKey),
            dynadotApiSecret: secret(credentials.dynadotApiSecret),
            dynadotRequestsPerMinute: 6000,
        };
    }

    /** A domain of the account as it is now. */
    domain(name: string) {
        const found = this.dynadot.account.domains.find((domain) => domain.name === name);
        if (found === undefined) throw new Error(`the account has no domain ${name}`);
        return found;
    }
}
