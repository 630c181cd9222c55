import type { Child } from "./plan.ts";
import { isSecretValue, plainInputs } from "./plan.ts";
import { mockPassword } from "./sovereignOutputs.ts";

/** Every string that is not inside a secret. */
function plainStrings(value: unknown): string[] {
    if (isSecretValue(value)) return [];
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(plainStrings);
}

/** The passwords that the plan's mocked providers made. */
function madePasswords(children: readonly Child[]): string[] {
    return children
        .filter((child) => child.type === "random:index/randomPassword:RandomPassword")
        .map((child) => mockPassword(child.name, Number(plainInputs(child).length)));
}

/**
 * Resources whose inputs show, in the clear, a private key, a generated password or one of `given`, alone or within a longer
 * text; as `<type> <name>`.
 */
export function leaksOf(children: readonly Child[], given: readonly string[] = []): string[] {
    const secrets = ["PRIVATE KEY-----", ...madePasswords(children), ...given];
    return children
        .filter((child) =>
            plainStrings(child.inputs).some((text) => secrets.some((s) => text.includes(s))),
        )
        .map((child) => `${child.type} ${child.name}`);
}
