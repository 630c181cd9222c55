import type { Declaration } from "./declarations.ts";
import { KEYS } from "./schema.ts";
import { SECRET_KEYS } from "./secretKeys.ts";

/** Text in a Markdown page: nothing in it reads as HTML. */
function prose(text: string): string {
    return text.replaceAll("<", "&lt;");
}

function defaultText(value: unknown): string {
    if (value === "" || JSON.stringify(value) === "{}") return "not set";
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function expectedOf(name: string): string {
    const specs: Readonly<Record<string, { readonly expected: string }>> = {
        ...KEYS,
        ...SECRET_KEYS,
    };
    return specs[name]?.expected ?? "";
}

function entry(name: string, declaration: Declaration): string[] {
    const kind = name in SECRET_KEYS ? "secret" : declaration.type;
    return [
        "",
        `### ${name}`,
        "",
        prose(declaration.description),
        "",
        `- Type: ${kind}`,
        `- Default: ${defaultText(declaration.default)}`,
        `- May be: ${prose(expectedOf(name))}`,
    ];
}

/**
 * `docs/configuration.md`, made of the declarations in `Pulumi.yaml` and of what the schema expects of each key. Pure.
 *
 * @param sections - headings by the key that each begins with
 */
export function configurationPage(
    declarations: Readonly<Record<string, Declaration>>,
    sections: Readonly<Record<string, string>>,
): string {
    const lines = [
        "<!-- Made of Pulumi.yaml and config/ by `node config/writePage.ts`; edit those. -->",
        "",
        "# Configuration",
        "",
        "Every key of a stack. `pulumi config set <key> <value>` sets a plain one, `pulumi config set --path 'locations[0]' fsn1` a part of a",
        "list or object, `pulumi config set --secret <key>` a secret, whose value it asks for. A preview checks the whole and names every",
        "problem in one run, each with the command that mends it. `Pulumi.dev.yaml` is a worked example.",
        "",
        "Beside these keys the Hetzner provider reads its own: `hcloud:token` (secret, 64 characters; or the environment variable",
        "`HCLOUD_TOKEN`), `hcloud:endpoint`, `hcloud:pollInterval`.",
    ];
    for (const [name, declaration] of Object.entries(declarations)) {
        const heading = sections[name];
        if (heading !== undefined) lines.push("", `## ${heading}`);
        lines.push(...entry(name, declaration));
    }
    return `${lines.join("\n")}\n`;
}

/** Headings of the page, by the key that each begins with. */
export const PAGE_SECTIONS: Readonly<Record<string, string>> = {
    fqdn: "Names and delegation",
    locations: "Cloud",
    epoch: "Cluster",
    mailEgress: "Mail",
    gatewayApiChart: "Ingress",
    bootstrap: "GitOps",
    platformChart: "Platform",
    certificateIssuer: "Certificates",
};
