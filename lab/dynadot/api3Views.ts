import type { AccountState, DomainState, HostedRecord } from "./accountState.ts";
import type { DynadotSwitches } from "./switches.ts";

/** Slots for name servers of a domain. */
const SLOTS = 13;

function record(r: HostedRecord) {
    return {
        RecordType: r.type.toUpperCase(),
        Value: r.value,
        ...(r.value2 === undefined ? {} : { Value2: r.value2 }),
    };
}

/** `NameServerSettings` of API3: one of three shapes, by the service that the domain uses. */
export function nameServerSettings(
    account: AccountState,
    domain: DomainState,
    switches: DynadotSwitches,
): Record<string, unknown> {
    switch (domain.mode) {
        case "parking":
            return { Type: "Dynadot Parking", WithAds: "Yes" };
        case "name-servers": {
            const used = domain.nameServers.map((name) => ({
                ServerId: String(account.hosts.find((h) => h.name === name)?.id ?? ""),
                ServerName: name,
            }));
            const empty = switches.emptyNameServerSlots ? SLOTS - used.length : 0;
            const slots = Array.from({ length: empty }, () => ({ ServerId: "", ServerName: "" }));
            return { Type: "Name Servers", NameServers: [...used, ...slots] };
        }
        case "dynadot-dns": {
            const { main, sub, ttl } = domain.hosted;
            return {
                Type: "Dynadot DNS",
                ...(main.length === 0 ? {} : { MainDomains: main.map(record) }),
                ...(sub.length === 0
                    ? {}
                    : { SubDomains: sub.map((r) => ({ Subhost: r.subhost, ...record(r) })) }),
                TTL: String(ttl),
            };
        }
    }
}

/** `DomainInfo` of API3. */
export function domainInfo(
    account: AccountState,
    domain: DomainState,
    switches: DynadotSwitches,
): Record<string, unknown> {
    return {
        Name: domain.name,
        Expiration: String(domain.expiration),
        Registration: String(domain.registration),
        NameServerSettings: nameServerSettings(account, domain, switches),
        Locked: "no",
        Status: "active",
    };
}
