import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { compileSelector, matchesSelector } from "../labels.ts";
import { find, firewallsOf } from "../state/lookup.ts";
import type { ActionRecord, FirewallRecord, FirewallTarget, ProjectState } from "../state/model.ts";
import { checkRules, rulesBody } from "./firewallRules.ts";

/** Firewalls in force at one server (https://docs.hetzner.com/cloud/firewalls/overview). */
export const MAX_FIREWALLS = 5;

const resourceBody = z.discriminatedUnion("type", [
    z.object({ type: z.literal("server"), server: z.object({ id: field.id }) }),
    z.object({
        type: z.literal("label_selector"),
        label_selector: z.object({ selector: z.string().min(1) }),
    }),
]);

export const firewallResources = z.array(resourceBody);

type ResourceInput = z.output<typeof resourceBody>;

function targetOf(input: ResourceInput): FirewallTarget {
    if (input.type === "server") return { type: "server", server: input.server.id };
    const { selector } = input.label_selector;
    compileSelector(selector, "label_selector.selector");
    return { type: "label_selector", selector };
}

function same(a: FirewallTarget, b: FirewallTarget): boolean {
    return a.type === "server"
        ? b.type === "server" && a.server === b.server
        : b.type === "label_selector" && a.selector === b.selector;
}

function serverOf(project: ProjectState, id: number) {
    const server = project.servers.find((candidate) => candidate.id === id);
    if (server === undefined)
        throw new ApiError("firewall_resource_not_found", `server with ID '${id}' not found`);
    return server;
}

function checkApplicable(
    project: ProjectState,
    firewall: FirewallRecord,
    target: FirewallTarget,
): void {
    if (firewall.appliedTo.some((other) => same(other, target)))
        throw new ApiError("firewall_already_applied", "firewall was already applied on resource");
    if (target.type !== "server") return;
    const server = serverOf(project, target.server);
    if (server.ipv4 === null && server.ipv6 === null)
        throw new ApiError(
            "private_net_only_server",
            "firewall can not be applied to a server without a public interface",
        );
    if (firewallsOf(project, server).length >= MAX_FIREWALLS)
        throw new ApiError(
            "resource_limit_exceeded",
            `at most ${MAX_FIREWALLS} firewalls per server`,
        );
}

function checkRemovable(
    project: ProjectState,
    firewall: FirewallRecord,
    target: FirewallTarget,
): void {
    if (target.type !== "server") return;
    const server = serverOf(project, target.server);
    const direct = firewall.appliedTo.some((other) => same(other, target));
    const selected = firewall.appliedTo.some(
        (other) =>
            other.type === "label_selector" && matchesSelector(other.selector, server.labels),
    );
    if (!direct && selected)
        throw new ApiError(
            "firewall_managed_by_label_selector",
            "firewall is applied via a label selector and can not be removed manually",
        );
}

function resourcesOf(firewall: FirewallRecord, target?: FirewallTarget) {
    const own = { id: firewall.id, type: "firewall" };
    return target?.type === "server" ? [{ id: target.server, type: "server" }, own] : [own];
}

/** Begins one action per resource. All are checked before the first begins. */
export function applyFirewall(
    cloud: Cloud,
    project: ProjectState,
    firewall: FirewallRecord,
    inputs: readonly ResourceInput[],
): ActionRecord[] {
    const targets = inputs.map(targetOf);
    for (const target of targets) checkApplicable(project, firewall, target);
    return targets.map((target) =>
        cloud.actions.start(project, {
            command: "apply_firewall",
            resources: resourcesOf(firewall, target),
            apply: () => firewall.appliedTo.push(target),
        }),
    );
}

function removeFirewall(
    cloud: Cloud,
    project: ProjectState,
    firewall: FirewallRecord,
    inputs: readonly ResourceInput[],
): ActionRecord[] {
    const targets = inputs.map(targetOf);
    for (const target of targets) checkRemovable(project, firewall, target);
    return targets.map((target) =>
        cloud.actions.start(project, {
            command: "remove_firewall",
            resources: resourcesOf(firewall, target),
            apply: () => {
                firewall.appliedTo = firewall.appliedTo.filter((other) => !same(other, target));
            },
        }),
    );
}

type Work = (project: ProjectState, firewall: FirewallRecord, body: unknown) => ActionRecord[];

export function firewallActionRoutes(cloud: Cloud): Route[] {
    const works: Record<string, Work> = {
        set_rules: (project, firewall, body) => {
            const rules = checkRules(readBody(z.object({ rules: rulesBody }), body).rules);
            const servers = project.servers.filter((server) =>
                firewallsOf(project, server).includes(firewall),
            );
            const set = cloud.actions.start(project, {
                command: "set_firewall_rules",
                resources: resourcesOf(firewall),
                apply: () => {
                    firewall.rules = rules;
                },
            });
            const applied = servers.map((server) =>
                cloud.actions.start(project, {
                    command: "apply_firewall",
                    resources: resourcesOf(firewall, { type: "server", server: server.id }),
                }),
            );
            return [set, ...applied];
        },
        apply_to_resources: (project, firewall, body) =>
            applyFirewall(
                cloud,
                project,
                firewall,
                readBody(z.object({ apply_to: firewallResources }), body).apply_to,
            ),
        remove_from_resources: (project, firewall, body) =>
            removeFirewall(
                cloud,
                project,
                firewall,
                readBody(z.object({ remove_from: firewallResources }), body).remove_from,
            ),
    };
    return Object.entries(works).map(([name, work]): Route => ({
        method: "POST",
        path: `/firewalls/:id/actions/${name}`,
        handle: ({ project, params, body }) => {
            const firewall = find(project, "firewalls", params.id ?? "");
            const actions = work(project, firewall, body);
            return created({ actions: actions.map((action) => ({ ...action })) });
        },
    }));
}
