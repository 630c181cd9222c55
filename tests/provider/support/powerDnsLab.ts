import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import type { PowerDnsChange, PowerDnsZone } from "../../../provider/dns/powerdns/types.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import { secret, type Props } from "./client.ts";

/** A lab with the real PowerDNS in it, and a plain way to its API that shares nothing with the provider's client. */
export class PowerDnsLab {
    readonly lab: TestLab;
    readonly powerDns: PowerDns;

    private constructor(lab: TestLab, powerDns: PowerDns) {
        this.lab = lab;
        this.powerDns = powerDns;
    }

    static async start(): Promise<PowerDnsLab> {
        const lab = await claimTestLab();
        const powerDns = new PowerDns(lab.context);
        await powerDns.start();
        return new PowerDnsLab(lab, powerDns);
    }

    async stop(): Promise<void> {
        await this.powerDns.stop();
        await this.lab.release();
    }

    /** Takes away every zone that did not come with the lab, and every record set in those that did. */
    async reset(): Promise<void> {
        const { zones, recordSets } = await this.powerDns.listBeyondWorld();
        for (const zone of zones) await this.api("DELETE", `/zones/${zone}`);
        const world = (await this.powerDns.listZones()).map(({ name }) => name);
        for (const set of recordSets) {
            const [name = "", type = ""] = set.split(" ");
            const [zone = ""] = world
                .filter((candidate) => `.${name}`.endsWith(`.${candidate}`))
                .sort((a, b) => b.length - a.length);
            await this.patch(zone, { name, type, changetype: "DELETE" });
        }
    }

    /** Base URL of the API. */
    get url(): string {
        const { host, port } = this.lab.context.addresses.powerdnsApi;
        return `http://${host}:${port}/api/v1`;
    }

    /** What the provider is configured with; `url` puts something in front of the API. */
    config(url = this.url): Props {
        const { addresses, credentials } = this.lab.context;
        return {
            powerdnsUrl: url,
            powerdnsApiKey: secret(credentials.powerdnsApiKey),
            resolver: `${addresses.nameServers[0]}:${addresses.dnsPort}`,
            dnsPort: addresses.dnsPort,
        };
    }

    /** One call to the API; throws with its answer unless it succeeds. */
    async api(method: string, path: string, body?: unknown): Promise<unknown> {
        const response = await fetch(`${this.url}/servers/localhost${path}`, {
            method,
            headers: {
                "X-API-Key": this.lab.context.credentials.powerdnsApiKey,
                Accept: "application/json",
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
        return text === "" ? undefined : JSON.parse(text);
    }

    /** The zone, or undefined. */
    async zone(name: string): Promise<PowerDnsZone | undefined> {
        const zones = (await this.api("GET", `/zones?zone=${name}`)) as { id: string }[];
        return zones.length === 0
            ? undefined
            : ((await this.api("GET", `/zones/${name}`)) as PowerDnsZone);
    }

    /** A zone of somebody else. */
    async foreignZone(name: string, more: Props = {}): Promise<void> {
        const nameservers = ["ns1.openova.example.", "ns2.openova.example."];
        await this.api("POST", "/zones", { name, kind: "Native", nameservers, ...more });
    }

    /** Writes record sets as somebody else would. */
    async patch(zone: string, ...rrsets: readonly PowerDnsChange[]): Promise<void> {
        await this.api("PATCH", `/zones/${zone}`, { rrsets });
    }

    /** Contents of a record set, sorted; undefined when it is not there. */
    async contents(zone: string, name: string, type: string): Promise<string[] | undefined> {
        const found = (await this.zone(zone))?.rrsets.find(
            (set) => set.name === name && set.type === type && set.records.length > 0,
        );
        return found?.records.map(({ content }) => content).sort();
    }
}
