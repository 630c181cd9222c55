/** What `pdns.conf` is made from. */
export interface PowerDnsConfiguration {
    /** Directory of the backends (`libgsqlite3backend.so`). */
    readonly modules: string;
    readonly database: string;
    /** Addresses that answer DNS, over UDP and TCP. */
    readonly nameServers: readonly string[];
    readonly dnsPort: number;
    readonly api: { readonly host: string; readonly port: number };
    readonly apiKey: string;
}

/**
 * Text of `pdns.conf` for the server of a lab: SQLite, the HTTP API, no caches, so that what was written is answered at
 * once (https://doc.powerdns.com/authoritative/settings.html). The control socket lies in the working directory, because
 * the path of a Unix socket may be no longer than 107 characters.
 */
export function powerDnsConfiguration(configuration: PowerDnsConfiguration): string {
    const settings: readonly (readonly [string, string | number])[] = [
        ["module-dir", configuration.modules],
        ["load-modules", "gsqlite3"],
        ["launch", "gsqlite3"],
        ["gsqlite3-database", configuration.database],
        ["gsqlite3-dnssec", "yes"],
        ["gsqlite3-pragma-foreign-keys", "yes"],
        ["gsqlite3-pragma-synchronous", 0],
        ["local-address", configuration.nameServers.join(",")],
        ["local-port", configuration.dnsPort],
        ["socket-dir", "."],
        ["webserver", "yes"],
        ["webserver-address", configuration.api.host],
        ["webserver-port", configuration.api.port],
        ["webserver-allow-from", "127.0.0.0/8"],
        ["api", "yes"],
        ["api-key", configuration.apiKey],
        ["daemon", "no"],
        ["guardian", "no"],
        ["disable-syslog", "yes"],
        ["write-pid", "no"],
        ["security-poll-suffix", ""],
        ["default-soa-content", "ns1.@ hostmaster.@ 0 10800 3600 604800 3600"],
        ["default-api-rectify", "yes"],
        ["enable-lua-records", "yes"],
        // ALIAS records are answered from the lab's own zones.
        ["expand-alias", "yes"],
        ["resolver", `${configuration.nameServers[0] ?? ""}:${configuration.dnsPort}`],
        // Only zones whose metadata say so can be changed by dynamic update.
        ["dnsupdate", "yes"],
        ["allow-dnsupdate-from", ""],
        ["cache-ttl", 0],
        ["query-cache-ttl", 0],
        ["negquery-cache-ttl", 0],
        ["zone-cache-refresh-interval", 0],
    ];
    return settings.map(([name, value]) => `${name}=${value}\n`).join("");
}
