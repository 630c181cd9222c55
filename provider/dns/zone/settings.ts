import type { PowerDnsZone, PowerDnsZoneSettings } from "../powerdns/types.ts";

/** A zone's settings in the words of its inputs. */
export interface ZoneSettings {
    readonly kind: "Native" | "Primary";
    readonly dnssec: boolean;
    readonly nsec: "nsec" | "nsec3";
    readonly owner: string;
}

/** NSEC3 without salt and iterations (RFC 9276, 3.1). */
const NSEC3 = "1 0 0 -";

/** Settings that a new zone is created with. */
export function newSettings(settings: ZoneSettings): PowerDnsZoneSettings {
    return {
        kind: settings.kind,
        account: settings.owner,
        soa_edit_api: "DEFAULT",
        api_rectify: true,
        dnssec: settings.dnssec,
        ...(settings.dnssec && settings.nsec === "nsec3" ? { nsec3param: NSEC3 } : {}),
    };
}

/** Settings of an existing zone that have to change; undefined when none has. */
export function changedSettings(
    live: PowerDnsZone,
    settings: ZoneSettings,
): PowerDnsZoneSettings | undefined {
    const nsec3param = settings.dnssec && settings.nsec === "nsec3" ? NSEC3 : "";
    const changes: PowerDnsZoneSettings = {
        ...(kindOf(live) === settings.kind ? {} : { kind: settings.kind }),
        ...(live.account === settings.owner ? {} : { account: settings.owner }),
        ...(live.soa_edit_api === "DEFAULT" ? {} : { soa_edit_api: "DEFAULT" }),
        ...(live.api_rectify === true ? {} : { api_rectify: true }),
        ...(live.dnssec === settings.dnssec ? {} : { dnssec: settings.dnssec }),
        ...(!settings.dnssec || nsecOf(live) === settings.nsec ? {} : { nsec3param }),
    };
    return Object.keys(changes).length === 0 ? undefined : changes;
}

/** PowerDNS answers `Master` for what was created as `Primary`. */
export function kindOf({ kind }: PowerDnsZone): string {
    return { Master: "Primary", Slave: "Secondary" }[kind] ?? kind;
}

/** How the zone denies existence. */
export function nsecOf({ nsec3param }: PowerDnsZone): "nsec" | "nsec3" {
    return nsec3param === undefined || nsec3param === "" ? "nsec" : "nsec3";
}
