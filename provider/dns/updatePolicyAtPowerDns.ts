import type { CallContext } from "../framework/resource.ts";
import { powerDns } from "./connections.ts";
import { canonicalName } from "./names.ts";
import { Refusal } from "./recordSetDecisions.ts";
import { refuseForeign, ZoneAtPowerDns } from "./zone/zoneAtPowerDns.ts";

/** Kinds of a zone's metadata (https://doc.powerdns.com/authoritative/dnsupdate.html#per-zone-settings). */
const KEYS = "TSIG-ALLOW-DNSUPDATE";
const SOURCES = "ALLOW-DNSUPDATE-FROM";

/** Who may change a zone. */
export interface Policy {
    /** Canonical names of TSIG keys. */
    readonly tsigKeys: string[];
    /** Address ranges. */
    readonly sources: string[];
}

/** Whether two lists have the same members. */
export function sameMembers(a: readonly string[], b: readonly string[]): boolean {
    return [...a].sort().join() === [...b].sort().join();
}

/** The update policy of one zone at PowerDNS. */
export class PolicyAtPowerDns {
    readonly #zone: string;
    readonly #context: CallContext;

    constructor(zone: string, context: CallContext) {
        this.#zone = zone;
        this.#context = context;
    }

    async zoneExists(): Promise<boolean> {
        return (await this.#client.zone(this.#zone, this.#context.signal)) !== undefined;
    }

    /** The policy as it is; undefined where nobody may change the zone, or there is none. */
    async read(): Promise<Policy | undefined> {
        const { signal } = this.#context;
        const keys = await this.#client.metadata(this.#zone, KEYS, signal);
        const sources = await this.#client.metadata(this.#zone, SOURCES, signal);
        if (keys.length === 0 && sources.length === 0) return undefined;
        return { tsigKeys: keys.map(canonicalName), sources: [...sources] };
    }

    /** Owner in the zone's mark. */
    async owner(): Promise<string | undefined> {
        return (await this.#atPowerDns().read())?.mark?.owner;
    }

    /** Refuses a zone that is not there, or not `owner`'s. */
    async refuseForeignZone(owner: string): Promise<void> {
        const live = await this.#atPowerDns().read();
        if (live === undefined)
            throw new Refusal(
                `there is no zone ${this.#zone} at PowerDNS that anybody could be allowed to change. Create it first: let this depend on it.`,
            );
        refuseForeign(live, owner, false);
    }

    /** Refuses to overwrite a policy that somebody else has made. */
    refuseOther(live: Policy | undefined, wanted: Policy): void {
        if (live === undefined || this.isEqual(live, wanted)) return;
        throw new Refusal(
            `the zone ${this.#zone} may be changed by ${live.tsigKeys.join(", ") || "anybody"} from ${live.sources.join(", ") || "nowhere"} already, ` +
                "which is not ours. Nothing was changed. If it may be replaced, import it: " +
                `pulumi import sovereign:dns:UpdatePolicy <name> ${this.#zone}; where it was ours and was changed by hand, run \`pulumi refresh\`, then the command again.`,
        );
    }

    isEqual(a: Policy, b: Policy): boolean {
        return sameMembers(a.tsigKeys, b.tsigKeys) && sameMembers(a.sources, b.sources);
    }

    /**
     * Writes and verifies it. At no moment is the zone open without a key: sources come after the keys, and go before them.
     */
    async write(policy: Policy): Promise<void> {
        const { signal } = this.#context;
        const set = (kind: string, values: readonly string[]) =>
            this.#client.repeatedly(
                () => this.#client.setMetadata(this.#zone, kind, values, signal),
                signal,
            );
        const keys = policy.tsigKeys.map((name) => name.replace(/\.$/, ""));
        if (keys.length === 0) {
            await set(SOURCES, []);
            await set(KEYS, []);
        } else {
            await set(KEYS, keys);
            await set(SOURCES, policy.sources);
        }
        const now = (await this.read()) ?? { tsigKeys: [], sources: [] };
        if (!this.isEqual(now, policy))
            throw new Error(
                `PowerDNS accepted who may update the zone ${this.#zone}, but it did not take effect`,
            );
    }

    #atPowerDns(): ZoneAtPowerDns {
        return new ZoneAtPowerDns(powerDns(this.#context.config), this.#zone, this.#context);
    }

    get #client() {
        return powerDns(this.#context.config).client;
    }
}

/** Refuses where the server takes no dynamic updates at all, which no zone's metadata changes. */
export async function refuseWithoutUpdates(context: CallContext): Promise<void> {
    const setting = await powerDns(context.config).client.setting("dnsupdate", context.signal);
    // A server that does not tell its settings says by refusing updates what it takes.
    if (setting === undefined || setting === "yes") return;
    throw new Refusal(
        "this PowerDNS takes no dynamic updates (RFC 2136). Set in its pdns.conf: dnsupdate=yes, and allow-dnsupdate-from= (empty, so that " +
            "only zones with a policy of their own can be changed); restart it, then run the command again.",
    );
}

/** Warns where zones without a policy can be changed without any key. */
export async function warnOfOpenRanges(context: CallContext): Promise<void> {
    const { client } = powerDns(context.config);
    const ranges = await client.setting("allow-dnsupdate-from", context.signal);
    if (ranges === undefined || ranges.trim() === "") return;
    context.log.warning(
        `this PowerDNS takes dynamic updates from ${ranges} for every zone, without a key where the zone has no policy of its own. ` +
            "Set allow-dnsupdate-from= (empty) in its pdns.conf: a zone with a policy names its sources itself.",
    );
}
