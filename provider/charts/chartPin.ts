import { z } from "zod";
import { describe } from "../framework/failures.ts";
import { defineResource } from "../framework/resource.ts";
import { known } from "../framework/values.ts";
import { ManifestRefused, manifestDigest } from "./manifestDigest.ts";

const inputs = z.object({
    chart: z
        .string()
        .regex(/^oci:\/\/[^/@\s]+\/[^@\s]+$/, "expected an OCI reference, oci://<host>/<path>")
        .describe("The chart, `oci://<host>[:<port>]/<path>`."),
    version: z.string().min(1).describe("Its version."),
    digest: z
        .string()
        .regex(/^sha256:[0-9a-f]{64}$/, "expected sha256:<64 hex digits>")
        .describe("Digest that the manifest of this version has to have."),
    configKey: z.string().min(1).describe("Configuration key that pins it, for what to do."),
    username: z.string().min(1).optional().describe("Login name at the chart's registry."),
    token: z.string().min(1).optional().describe("Token at the chart's registry."),
});

type Inputs = z.output<typeof inputs>;

/**
 * A chart that must have a digest. The look is part of `check`, which the engine asks for in every preview and update and at no other time: a
 * version that was published anew is refused before a release that nobody changed pulls it, and a refresh or destroy does not need the registry.
 */
export const chartPin = defineResource({
    token: "sovereign:charts:ChartPin",
    description:
        "A version of a chart in an OCI registry that must have the digest given; any other is refused, in previews too. Writes nothing.",
    inputs,
    outputs: z.object({}),
    secretInputs: ["token"],
    replaceOn: ["chart"],

    async check(program, { signal }) {
        const given = known<Inputs>(program);
        if (given === undefined) return {};
        const { username, token } = given;
        const login =
            username === undefined || token === undefined ? undefined : { username, token };
        try {
            const found = await manifestDigest(given.chart, given.version, { login, signal });
            if (found === given.digest) return {};
            return { failures: [{ property: "digest", reason: otherDigest(given, found) }] };
        } catch (error) {
            signal.throwIfAborted();
            return { failures: [{ property: "version", reason: noDigest(given, error) }] };
        }
    },

    create: (given) => Promise.resolve({ id: given.chart, outputs: {} }),

    read(_id, before) {
        if (before === undefined)
            throw new Error("ChartPin cannot be imported: it only compares what the program gives");
        return Promise.resolve({ inputs: before.inputs, outputs: {} });
    },

    update: () => Promise.resolve({}),

    delete: () => Promise.resolve(),
});

function otherDigest({ chart, version, digest, configKey }: Inputs, found: string): string {
    return [
        `the chart ${chart} in version ${version} is not the one that is pinned: expected ${digest}, found ${found}`,
        `  what to do: find out who published ${version} anew, and why; nothing is installed until then`,
        `  to take what is there now: pulumi config set ${configKey} ${version}@${found}`,
    ].join("\n");
}

function noDigest({ chart, version, digest, configKey, token }: Inputs, error: unknown): string {
    const status = error instanceof ManifestRefused ? error.status : undefined;
    return [
        `whether the chart ${chart} in version ${version} is ${digest} cannot be seen: ${describe(error)}`,
        `  what to do: ${remedy(status, configKey, token !== undefined)}`,
    ].join("\n");
}

function remedy(status: number | undefined, configKey: string, hasLogin: boolean): string {
    if (status === 404) return `publish that version, or give ${configKey} one that is there`;
    if (status === 401 || status === 403)
        return hasLogin
            ? "have imageRegistryUsername and imageRegistryToken be a login that may pull the chart"
            : "where the registry is private, have imageRegistry, imageRegistryUsername and imageRegistryToken be its host and a login that may pull the chart";
    return `see that the registry answers from here, or leave the digest out of ${configKey}`;
}
