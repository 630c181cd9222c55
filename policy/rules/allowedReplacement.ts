import { z } from "zod";
import { replacementTrigger } from "../../components/cluster/replacementTrigger.ts";
import { NODE_LABEL } from "../../components/names.ts";
import type { Resource } from "../engine/resource.ts";
import { NotApplicable, rule } from "../engine/rule.ts";
import type { Finding } from "../engine/rule.ts";
import type { SavedResource, StackRun } from "../engine/stackRun.ts";
import { properties, text, UNKNOWN } from "../engine/values.ts";
import { isDkimKey } from "./protection.ts";
import { TYPES } from "./types.ts";

/**
 * What holds what cannot be made again (data, reputation, names), with the output that only making it anew changes: in a preview
 * the engine does not know it then.
 */
const IDENTITIES: Readonly<Record<string, string>> = {
    [TYPES.floatingIp]: "id",
    [TYPES.loadBalancer]: "id",
    [TYPES.network]: "id",
    [TYPES.primaryIp]: "id",
    [TYPES.server]: "id",
    [TYPES.volume]: "id",
    [TYPES.zone]: "claim",
    [TYPES.privateKey]: "publicKeyPem",
};

function isStateful(saved: SavedResource): boolean {
    return saved.type in IDENTITIES && (saved.type !== TYPES.privateKey || isDkimKey(saved));
}

function isMadeAnew({ type }: SavedResource, now: Resource): boolean {
    return now.props[IDENTITIES[type] ?? ""] === UNKNOWN;
}

/** What the last update left of that kind, or why it cannot be read. */
async function statefulBefore(run: StackRun): Promise<readonly SavedResource[] | string> {
    try {
        return (await run.savedResources()).filter(isStateful);
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

/** Node of a server, by its label. */
function nodeOf({ props }: Resource): string | undefined {
    return text(properties(props.labels)[NODE_LABEL]);
}

/** Whether the stack's configuration asks for another server: by the node's generation, or the epoch. */
function isAskedFor(saved: SavedResource, now: Resource, { config }: StackRun): boolean {
    const node = nodeOf(now);
    if (node === undefined || saved.replacementTrigger === undefined) return false;
    const setting = (key: string) =>
        Object.entries(config).find(([qualified]) => qualified.split(":").at(-1) === key)?.[1];
    const generations = JSON.parse(setting("generations") ?? "{}") as Record<string, number>;
    const wanted = replacementTrigger(Number(setting("epoch") ?? 1), generations[node] ?? 1);
    return saved.replacementTrigger !== wanted;
}

function isAllowed(name: string, allow: readonly string[]): boolean {
    return allow.some((pattern) =>
        pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    );
}

/** What holds state is replaced or deleted only where somebody has said so. Judged in previews, against the last update's state. */
export const allowedReplacement = rule({
    name: "allowed-replacement",
    description:
        "Servers, addresses, load balancer, network, volumes, zone and DKIM keys are replaced or deleted only where the configuration says so.",
    severity: "critical",
    config: z.object({
        allow: z
            .array(z.string())
            .default([])
            .describe(
                "Logical names of resources that may be replaced or deleted; a trailing * stands for anything. Servers also by generations and epoch of the stack.",
            ),
    }),
    async stack(resources, { allow }, run) {
        if (!run.preview)
            return new NotApplicable("judged in the preview, before anything is done");
        const before = await statefulBefore(run);
        if (typeof before === "string")
            return [
                {
                    message: `what the stack holds cannot be read, so nobody can tell what would be lost: ${before}. Put the Pulumi CLI on PATH and log it in to the stack's backend, or set this policy to advisory`,
                },
            ];
        if (before.length === 0) return new NotApplicable("the state holds nothing of that kind");
        const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
        return before.flatMap((saved): Finding[] => {
            const name = saved.urn.split("::").slice(3).join("::");
            const now = byUrn.get(saved.urn);
            const lost = now === undefined || isMadeAnew(saved, now);
            if (!lost || isAllowed(name, allow) || (now && isAskedFor(saved, now, run))) return [];
            const way =
                saved.type === TYPES.server
                    ? " (a server is replaced on purpose by generations in the stack's configuration)"
                    : "";
            return [
                {
                    ...(now && { urn: now.urn }),
                    message: `${name} would be ${now ? "replaced" : "deleted"}, and what it holds is lost${way}: undo the change that causes it, or add ${name} to allow in the configuration of this policy`,
                },
            ];
        });
    },
});
