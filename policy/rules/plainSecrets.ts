import { z } from "zod";
import { ofType, STACK } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import { visitTexts } from "../engine/values.ts";
import type { Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** What gives a secret away by its form. */
const FORMS: readonly (readonly [RegExp, string])[] = [
    [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
    [/client-key-data:/, "a kubeconfig with its key"],
    [/\bK10[0-9a-f]{64}::/, "a token of k3s"],
    [/\$2[aby]\$\d\d\$|\$(?:5|6|argon2id?)\$/, "a password hash"],
    [/\bgh[pousr]_[A-Za-z0-9]{36}/, "a token of GitHub"],
];

/** Names whose value is a secret by what they say. */
const NAMES =
    /^(?:.*[._-])?(?:password|passwd|passphrase|token|api-?key|private-?key|access-?key)$/i;
const CAMEL_NAMES = /(?:Password|Passphrase|Token|ApiKey|PrivateKey|AccessKey)$/;

/** Long and without a dot, a space or a slash in it: made at random. What is shorter or readable occurs elsewhere by chance. */
const RANDOM = /^[A-Za-z0-9+_=-]{20,}$/;

/** Resources whose text goes elsewhere: to a metadata service, into a release's Secret, to readers of the stack. */
const READABLE: Readonly<Record<string, readonly string[]>> = {
    [TYPES.server]: ["userData"],
    [TYPES.release]: ["values", "valueYamlFiles"],
};

function remedy(what: string): string {
    return `mark it with pulumi.secret, or keep it out of ${what}`;
}

/** What is wrong with what a resource holds in the clear. Never says the value. */
function judgeClear(clear: Value | undefined, where: string): string[] {
    const found: string[] = [];
    visitTexts(clear, (value, path, name) => {
        const place = path === "" || path.startsWith("[") ? `${where}${path}` : `${where}.${path}`;
        const form = FORMS.find(([pattern]) => pattern.test(value));
        if (form) found.push(`${place} holds ${form[1]} in the clear: ${remedy(where)}`);
        else if (value !== "" && (NAMES.test(name) || CAMEL_NAMES.test(name)))
            found.push(`${place} is called a secret and is in the clear: ${remedy(where)}`);
    });
    return found;
}

function judgeKnown(clear: Value | undefined, where: string, secrets: readonly string[]): string[] {
    const found: string[] = [];
    visitTexts(clear, (value, path) => {
        if (secrets.some((secret) => value.includes(secret)))
            found.push(
                `${where}${path === "" ? "" : `.${path}`} holds a value that is secret elsewhere in the stack: ${remedy(where)}`,
            );
    });
    return found;
}

function readable(resource: Resource): (readonly [string, Value | undefined])[] {
    if (resource.type === STACK)
        return Object.entries(resource.clear).map(([name, value]) => [`output ${name}`, value]);
    return (READABLE[resource.type] ?? []).map((name) => [name, resource.clear[name]]);
}

/** Secrets are encrypted in the state, and stay out of what others read. */
export const plainSecrets = rule({
    name: "no-plain-secrets",
    description: "User data, release values and outputs hold no secret in the clear.",
    severity: "critical",
    config: z.object({
        except: z
            .array(z.string())
            .default([])
            .describe("Places that look like a secret and are none, as messages name them."),
    }),
    resources: {
        types: [TYPES.server, TYPES.release],
        judge: (resource, { except }) =>
            readable(resource)
                .flatMap(([where, clear]) => judgeClear(clear, where))
                .filter((problem) => !except.some((place) => problem.startsWith(`${place} `))),
    },
    stack(resources, { except }) {
        const judged = ofType(resources, STACK, TYPES.server, TYPES.release).filter(
            (resource) => Object.keys(resource.props).length > 0,
        );
        if (judged.length === 0)
            return new NotApplicable("the stack has no server, no release and no output");
        const secrets = [...new Set(resources.flatMap((resource) => resource.secrets))].filter(
            (secret) => RANDOM.test(secret),
        );
        return judged.flatMap((resource) =>
            readable(resource)
                .flatMap(([where, clear]) => [
                    ...(resource.type === STACK ? judgeClear(clear, where) : []),
                    ...judgeKnown(clear, where, secrets),
                ])
                .filter((problem) => !except.some((place) => problem.startsWith(`${place} `)))
                .map((message) => ({ urn: resource.urn, message })),
        );
    },
});
