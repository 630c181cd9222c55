import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { SECRET_KEYS } from "../../config/secretKeys.ts";

/** A stack's configuration as tests write it: plain keys with plain values, no namespace but another project's. */
export type StackValues = Readonly<Record<string, unknown>>;

/** The repository. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** The smallest configuration that is accepted; checksums are of nothing, no test downloads by them. */
export const MINIMAL: StackValues = {
    fqdn: "omantel.example.org",
    domainMode: "byo-manual",
    nameServers: [{ name: "ns1.operator.example" }, { name: "ns2.operator.example" }],
    powerdnsUrl: "https://pdns.operator.example/api/v1",
    powerdnsApiKey: "powerdns-key-of-a-test",
    k3sSha256: { amd64: "a".repeat(64) },
    platformChartVersion: "1.4.20",
};

/** The configuration as the engine hands it to the program without a namespace: text, objects as JSON. */
export function rawConfig(values: StackValues): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [
                key,
                typeof value === "string" ? value : JSON.stringify(value),
            ]),
    );
}

/** The configuration as `plan()` takes it. */
export function stackConfig(values: StackValues): {
    config: Record<string, string>;
    secretKeys: string[];
} {
    const qualified = (key: string): string => (key.includes(":") ? key : `sovereign:${key}`);
    return {
        config: Object.fromEntries(
            Object.entries(rawConfig(values)).map(([key, value]) => [qualified(key), value]),
        ),
        secretKeys: Object.keys(values)
            .filter((key) => key in SECRET_KEYS)
            .map(qualified),
    };
}

/** What `Pulumi.dev.yaml` sets, with `decrypt` in place of the passphrase. */
export function devStackValues(decrypt: (key: string, secure: string) => string): StackValues {
    const file = parse(readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    return Object.fromEntries(
        Object.entries(file.config).map(([qualified, value]) => {
            const key = qualified.replace(/^sovereign:/, "");
            const secure = (value as { secure?: unknown }).secure;
            return [key, typeof secure === "string" ? decrypt(key, secure) : value];
        }),
    );
}
