/**
 * Proves that `Pulumi.yaml` declares exactly the keys that the program knows, with the schema's types and defaults, and that
 * `docs/configuration.md` is made of it. It does not prove that the CLI reads the file; the end-to-end tests do.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationPage, PAGE_SECTIONS } from "../../../config/configurationPage.ts";
import { declarationsOf } from "../../../config/declarations.ts";
import { defaultOf, entries, isRequired } from "../../../config/schema.ts";
import { SECRET_KEYS } from "../../../config/secretKeys.ts";
import { ROOT } from "../../support/stackFixtures.ts";

const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    template: { config: Record<string, { secret?: boolean }> };
};
const declarations = declarationsOf(project);
const ownSecrets = Object.keys(SECRET_KEYS).filter((name) => !name.includes(":"));

/** How "not set" is written where the schema has no default. */
const UNSET: Readonly<Record<string, unknown>> = { string: "", object: {}, array: [] };

describe("Pulumi.yaml", () => {
    it("declares every key that the program knows, and no other", () => {
        assert.deepEqual(
            Object.keys(declarations).sort(),
            [...entries().map(([name]) => name), ...ownSecrets].sort(),
        );
    });

    for (const [name, spec] of entries())
        it(`gives ${name} the schema's type and default`, () => {
            const declared = declarations[name];
            assert.equal(declared?.type, spec.kind);
            assert.deepEqual(declared.default, defaultOf(spec) ?? UNSET[spec.kind]);
        });

    it("leaves secrets unset", () => {
        for (const name of ownSecrets)
            assert.deepEqual(
                [declarations[name]?.type, declarations[name]?.default],
                ["string", ""],
            );
    });

    it("says of each key that a stack has to set that it is required, and of each secret that it is one", () => {
        const required = entries().flatMap(([name, spec]) => (isRequired(spec) ? [name] : []));
        assert.deepEqual(required, ["fqdn", "domainMode", "nameServers", "powerdnsUrl"]);
        for (const name of required)
            assert.match(declarations[name]?.description ?? "", /^Required\. /);
        for (const name of ownSecrets)
            assert.match(declarations[name]?.description ?? "", /^(?:Required secret|Secret)\. /);
    });

    it("asks for secrets as such when a project is made from it", () => {
        for (const [name, prompt] of Object.entries(project.template.config))
            assert.equal(prompt.secret === true, name in SECRET_KEYS, name);
    });

    it("refuses a declaration without a description", () => {
        assert.throws(
            () => declarationsOf({ config: { fqdn: { type: "string", default: "" } } }),
            /Pulumi\.yaml: .*expected string[\s\S]*config\.fqdn\.description/,
        );
    });
});

describe("docs/configuration.md", () => {
    it("is made of the declarations: node config/writePage.ts", () => {
        assert.equal(
            readFileSync(join(ROOT, "docs", "configuration.md"), "utf8"),
            configurationPage(declarations, PAGE_SECTIONS),
        );
    });

    it("has a row for every key", () => {
        const page = configurationPage(declarations, PAGE_SECTIONS);
        for (const name of Object.keys(declarations)) assert.ok(page.includes(`\n### ${name}\n`));
    });
});
