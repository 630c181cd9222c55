import { createHash } from "node:crypto";
import { deliverySteps } from "./stalwartDelivery.ts";
import { identitySteps, identityUpserts } from "./stalwartIdentity.ts";
import { operationSteps, sessionSteps } from "./stalwartPolicies.ts";
import { stepFiles, upsertFiles, type RequestFiles } from "./stalwartRequests.ts";
import { specProblems, type StalwartSpec } from "./stalwartSpec.ts";

/**
 * The whole configuration of a Stalwart 0.16 server as JMAP request files, to be sent to a server in recovery mode in the
 * order of their names. Applying them again changes nothing. Pure: the same spec gives the same plan.
 * Throws a RangeError that lists everything that is wrong with the spec.
 */
export function stalwartPlan(spec: StalwartSpec): RequestFiles {
    const problems = specProblems(spec);
    if (problems.length > 0)
        throw new RangeError(
            `no mail server can be configured from this:\n${problems.map((line) => `  ${line}`).join("\n")}`,
        );
    return {
        ...upsertFiles(identityUpserts(spec)),
        ...stepFiles([
            ...identitySteps(spec),
            ...deliverySteps(spec),
            ...sessionSteps(),
            ...operationSteps(spec),
        ]),
    };
}

/** The plan as contents of the Secret that the chart mounts. It is a secret: the password's hash is in it. */
export function stalwartPlanFiles(spec: StalwartSpec): Record<string, string> {
    return Object.fromEntries(
        Object.entries(stalwartPlan(spec)).map(([name, request]) => [
            name,
            JSON.stringify(request),
        ]),
    );
}

/** SHA-256 of a set of files, independent of their order: a pod annotation that rolls the pod when one changes. */
export function filesDigest(files: Readonly<Record<string, string>>): string {
    const hash = createHash("sha256");
    for (const name of Object.keys(files).sort()) hash.update(JSON.stringify([name, files[name]]));
    return hash.digest("hex");
}
