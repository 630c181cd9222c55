/**
 * Proves that the contract of the outputs reads what every recorded revision gave, whole; that the program gives exactly what the contract
 * says; that the page and the schema are made of it; and that each way in which outputs cannot be read is told exactly. The
 * recorded outputs are those of the lab's stack with its four secrets replaced. It does not prove what an engine makes of a secret
 * that it cannot decrypt (tests/e2e/provisioner.test.ts).
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Ajv2020 } from "ajv/dist/2020.js";
import { format, resolveConfig } from "prettier";
import { Sovereign } from "../../../components/sovereign.ts";
import { loadConfig } from "../../../config.ts";
import { CLONE } from "../../../lab/toolchain/directories.ts";
import {
    OUTPUTS_SCHEMA_REVISION,
    OUTPUTS_SCHEMA_VERSION,
} from "../../../operations/outputs/contract.ts";
import { outputsJsonSchema, outputsPage } from "../../../operations/outputs/page.ts";
import { parseOutputs } from "../../../operations/outputs/parseOutputs.ts";
import { OutputsError } from "../../../operations/outputs/problem.ts";
import { readSovereign } from "../../../operations/outputs/readSovereign.ts";
import { secretPaths } from "../../../operations/outputs/revision.ts";
import { plan, valueOf } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";

type Json = Record<string, unknown>;

const RECORDED = join(import.meta.dirname, "recordedOutputs");
const CURRENT = `${OUTPUTS_SCHEMA_VERSION}.${OUTPUTS_SCHEMA_REVISION}`;

function recorded(version: string): Json {
    return JSON.parse(readFileSync(join(RECORDED, `${version}.json`), "utf8")) as Json;
}

/** A copy in which the value at a path is another one, or is left out. */
function altered(path: string, value?: unknown): Json {
    const copy = recorded(CURRENT);
    const parts = path.split(".");
    const last = parts.pop() ?? "";
    const holder = parts.reduce<Json>((object, part) => object[part] as Json, copy);
    if (value === undefined) Reflect.deleteProperty(holder, last);
    else holder[last] = value;
    return copy;
}

function problemsOf(values: Json): string[] {
    try {
        parseOutputs(values, "omantel");
    } catch (error) {
        assert.ok(error instanceof OutputsError);
        return error.problems.map(({ kind, path }) => `${kind} ${path}`);
    }
    return [];
}

async function formatted(file: string, text: string): Promise<string> {
    const filepath = join(CLONE, file);
    return format(text, { ...(await resolveConfig(filepath)), filepath });
}

const ELIDED = {};
const CIPHERTEXT = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "v1:abc",
};

describe("the contract of the outputs", () => {
    for (const file of readdirSync(RECORDED)) {
        const version = file.replace(/\.json$/, "");
        it(`reads everything that revision ${version} gave, as it was given`, () => {
            const values = recorded(version);
            assert.deepEqual(parseOutputs(values, version), values);
        });
    }

    it("has its own revision recorded", () => {
        const { schemaVersion, schemaRevision } = recorded(CURRENT);
        assert.deepEqual(
            [schemaVersion, schemaRevision],
            [OUTPUTS_SCHEMA_VERSION, OUTPUTS_SCHEMA_REVISION],
        );
    });

    it("says exactly what the program gives", async () => {
        const { result } = await plan(() => new Sovereign("sovereign", loadConfig()), {
            ...stackConfig(MINIMAL),
            outputs: sovereignOutputs(),
        });
        const given = (await valueOf(pulumi.output(result.outputs))) as Json;
        assert.deepEqual(keyPaths(given), keyPaths(recorded(CURRENT)));
    });

    it("names the four secrets", () => {
        assert.deepEqual(
            secretPaths().map((path) => path.join(".")),
            ["cluster.kubeconfig", "smtp.password", "kubeconfig", "smtpPassword"],
        );
    });

    it("is the page and the schema: node operations/outputs/writePage.ts", async () => {
        for (const [file, text] of [
            ["docs/outputs.md", outputsPage()],
            ["operations/outputs/schema.json", JSON.stringify(outputsJsonSchema())],
        ] as const)
            assert.equal(readFileSync(join(CLONE, file), "utf8"), await formatted(file, text));
    });

    it("takes the same outputs as JSON Schema", () => {
        const validate = new Ajv2020({ strict: false }).compile(outputsJsonSchema());
        assert.ok(validate(recorded(CURRENT)), JSON.stringify(validate.errors));
        assert.ok(validate(recorded("1.0")), "additions are not required");
        assert.ok(!validate(altered("smtp.password")));
    });
});

describe("reading outputs", () => {
    it("names everything that is missing, at once", () => {
        const values = altered("smtp.password");
        Reflect.deleteProperty(values.cloud as Json, "loadBalancerIpv4");
        assert.deepEqual(problemsOf(values), [
            "missing cloud.loadBalancerIpv4",
            "missing smtp.password",
        ]);
    });

    it("tells a secret that was masked", () => {
        assert.deepEqual(problemsOf(altered("smtp.password", "[secret]")), [
            "masked smtp.password",
        ]);
    });

    for (const [what, value] of Object.entries({ ELIDED, CIPHERTEXT }))
        it(`tells a secret that could not be decrypted (${what})`, () => {
            assert.deepEqual(problemsOf(altered("cluster.kubeconfig", value)), [
                "undecryptable cluster.kubeconfig",
            ]);
        });

    it("tells a value of another type", () => {
        assert.deepEqual(problemsOf(altered("smtp.port", 587)), ["malformed smtp.port"]);
    });

    it("asks of a revision only what it had", () => {
        assert.deepEqual(problemsOf(altered("schemaRevision")), []);
    });

    it("takes a newer revision, and leaves out what it does not know", () => {
        const values = altered("schemaRevision", OUTPUTS_SCHEMA_REVISION + 5);
        assert.deepEqual(parseOutputs({ ...values, later: "?" }, "omantel"), values);
    });

    it("takes what engines drop for null", () => {
        const values = altered("poolDomain");
        assert.equal(parseOutputs(values, "omantel").poolDomain, null);
    });

    it("refuses another major version, and says which side is behind", () => {
        for (const [version, side] of [
            [OUTPUTS_SCHEMA_VERSION + 1, "the reader"],
            [OUTPUTS_SCHEMA_VERSION - 1, "the stack"],
        ] as const)
            assert.throws(() => parseOutputs(altered("schemaVersion", version), "omantel"), {
                name: "OutputsError",
                message:
                    "the outputs of omantel are not those of a Sovereign that this reader can use:\n" +
                    `  schemaVersion: is ${version}, this reader knows ${OUTPUTS_SCHEMA_VERSION}; bring ${side} up to date`,
            });
    });

    it("tells a stack without outputs, and one of something else", () => {
        assert.throws(() => parseOutputs({}, "omantel"), /never brought up, or is destroyed/);
        assert.throws(() => parseOutputs({ url: "x" }, "omantel"), /not the stack of a Sovereign/);
    });

    it("takes what the Automation API gives", async () => {
        const values = recorded(CURRENT);
        const map = Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, { value, secret: false }]),
        );
        assert.deepEqual(await readSovereign(map), values);
    });

    it("never shows a value", () => {
        const secret = "hunter2-hunter2";
        for (const path of ["smtp", "kubeconfig", "schemaVersion"])
            assert.throws(
                () => parseOutputs(altered(path, path === "schemaVersion" ? 9 : [secret]), "x"),
                (error: Error) => !error.message.includes(secret),
            );
    });
});

/** Names of all outputs and of the fields of those that are objects of their own, without lists and maps. */
function keyPaths(values: Json): string[] {
    const maps = new Set(["serverIds", "nodeIpv4"]);
    return Object.entries(values)
        .flatMap(([name, value]) =>
            typeof value === "object" && value !== null && !Array.isArray(value) && !maps.has(name)
                ? Object.keys(value).map((key) => `${name}.${key}`)
                : [name],
        )
        .sort();
}
