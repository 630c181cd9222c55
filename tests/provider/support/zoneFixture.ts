import { ProviderClient, type Props } from "./client.ts";
import { CountingProxy } from "./countingProxy.ts";
import { PowerDnsLab } from "./powerDnsLab.ts";

/** Type of the resource, the zone that the tests make, its parent, and our mark. */
export const ZONE_TYPE = "sovereign:dns:Zone";
export const NAME = "tenant.omani.example.";
export const PARENT = "omani.example.";
export const OWNER = "pulumi:sovereign/test";

/** The zone {@link NAME}. */
export function zone(more: Props = {}): Props {
    return {
        name: NAME,
        nameServers: ["ns1.openova.example", "ns2.openova.example"],
        owner: OWNER,
        ...more,
    };
}

/** What the tests of zones work with. */
export interface ZoneFixture {
    readonly lab: PowerDnsLab;
    /** Between the provider and PowerDNS. */
    readonly proxy: CountingProxy;
    readonly provider: ProviderClient;
}

/** Registers hooks: one PowerDNS for the suite, a proxy and plugin process for each test, and no zone left behind. */
export function zoneFixture(): ZoneFixture {
    let lab: PowerDnsLab;
    let proxy: CountingProxy;
    let provider: ProviderClient;
    before(async () => {
        lab = await PowerDnsLab.start();
    });
    after(async () => {
        await lab.stop();
    });
    beforeEach(async () => {
        proxy = await CountingProxy.start(lab.url);
        provider = await ProviderClient.start(lab.config(proxy.url));
    });
    afterEach(async () => {
        await provider.stop();
        await proxy.stop();
        if ((await lab.zone(NAME)) !== undefined) await lab.api("DELETE", `/zones/${NAME}`);
    });
    return {
        get lab() {
            return lab;
        },
        get proxy() {
            return proxy;
        },
        get provider() {
            return provider;
        },
    };
}
