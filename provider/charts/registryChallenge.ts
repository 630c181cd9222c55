/** What a registry wants to see, by its `WWW-Authenticate` (RFC 9110, 11.6.1). */
export type RegistryChallenge =
    | { readonly scheme: "basic" }
    /** https://distribution.github.io/distribution/spec/auth/token/ */
    | { readonly scheme: "bearer"; readonly realm: string; readonly service?: string };

/** The challenge that can be answered, Bearer before Basic; undefined where there is none. Pure. */
export function registryChallenge(header: string | null): RegistryChallenge | undefined {
    if (header === null) return undefined;
    const [, list] = /(?:^|[\s,])bearer\s+(.*)$/i.exec(header) ?? [];
    if (list !== undefined) {
        const parameters = new Map(
            [...list.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)].map(
                ([, name = "", quoted, token = ""]) => [name.toLowerCase(), quoted ?? token],
            ),
        );
        const realm = parameters.get("realm");
        const service = parameters.get("service");
        if (realm !== undefined)
            return { scheme: "bearer", realm, ...(service !== undefined && { service }) };
    }
    return /(?:^|[\s,])basic(?:\s|,|$)/i.test(header) ? { scheme: "basic" } : undefined;
}
