/** A program whose outputs are those of a file; the secrets of the contract are secret in it. */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { secretPaths } from "../../../operations/outputs/revision.ts";

const SECRETS = new Set(secretPaths().map((path) => path.join(".")));

function outputsOf(values: Readonly<Record<string, unknown>>, above = ""): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(values).map(([name, value]) => {
            const path = above === "" ? name : `${above}.${name}`;
            if (SECRETS.has(path)) return [name, pulumi.secret(value)];
            const nested = typeof value === "object" && value !== null && !Array.isArray(value);
            return [name, nested ? outputsOf(value as Record<string, unknown>, path) : value];
        }),
    );
}

export default outputsOf(
    JSON.parse(readFileSync(process.env.SOVEREIGN_GIVEN_OUTPUTS ?? "", "utf8")) as Record<
        string,
        unknown
    >,
);
