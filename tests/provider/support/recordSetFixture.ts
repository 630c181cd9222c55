import { ProviderClient, type Props } from "./client.ts";
import { CountingProxy } from "./countingProxy.ts";
import { PowerDnsLab } from "./powerDnsLab.ts";

/** Type of the resource, a zone of somebody else for it to lie in, and our mark. */
export const RECORD_SET = "sovereign:dns:RecordSet";
export const ZONE = "records.example.";
export const OWNER = "pulumi:sovereign/test";

/** An address record set in {@link ZONE}. */
export function record(more: Props = {}): Props {
    return {
        zone: ZONE,
        name: `www.${ZONE}`,
        type: "A",
        ttl: 300,
        records: ["192.0.2.1", "192.0.2.2"],
        owner: OWNER,
        ...more,
    };
}

/** What the tests of record sets work with. */
export interface RecordSetFixture {
    readonly lab: PowerDnsLab;
    /** Between the provider and PowerDNS. */
    readonly proxy: CountingProxy;
    readonly provider: ProviderClient;
}

/** Registers hooks: one PowerDNS for the suite, a fresh zone, proxy and plugin process for each test. */
export function recordSetFixture(): RecordSetFixture {
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
        await lab.foreignZone(ZONE);
        proxy = await CountingProxy.start(lab.url);
        provider = await ProviderClient.start(lab.config(proxy.url));
    });
    afterEach(async () => {
        await provider.stop();
        await proxy.stop();
        await lab.api("DELETE", `/zones/${ZONE}`);
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
