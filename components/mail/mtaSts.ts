import { createHash } from "node:crypto";

/** A week, in seconds. */
const MAX_AGE = 604_800;

/** The policy that `https://mta-sts.<fqdn>/.well-known/mta-sts.txt` serves (RFC 8461 3.2). */
export function mtaStsPolicy(mode: "testing" | "enforce", mxHost: string): string {
    return ["version: STSv1", `mode: ${mode}`, `mx: ${mxHost}`, `max_age: ${MAX_AGE}`, ""].join(
        "\r\n",
    );
}

/** The record that announces the policy (RFC 8461 3.1). Its id is a digest of the policy: it changes with it and only then. */
export function mtaStsValue(policy: string): string {
    const id = createHash("sha256").update(policy).digest("hex").slice(0, 32);
    return `v=STSv1; id=${id};`;
}
