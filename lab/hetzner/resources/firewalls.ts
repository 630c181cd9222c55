import { z } from "zod";
import { ApiError } from "../errors.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, created, field, readBody } from "../http/route.ts";
import { matchesSelector } from "../labels.ts";
import { checkUnique } from "../state/lookup.ts";
import type { FirewallRecord, ProjectState } from "../state/model.ts";
import { collectionRoutes } from "./collection.ts";
import { checkRules, rulesBody } from "./firewallRules.ts";
import { applyFirewall, firewallResources } from "./firewallActions.ts";

const createBody = z.object({
    name: field.name,
    rules: rulesBody.nullish(),
    apply_to: firewallResources.nullish(),
    labels: field.labels,
});

export function firewallView(project: ProjectState, firewall: FirewallRecord) {
    return {
        id: firewall.id,
        name: firewall.name,
        labels: firewall.labels,
        created: firewall.created,
        rules: firewall.rules.map((rule) => ({ ...rule })),
        applied_to: firewall.appliedTo.map((target) =>
            target.type === "server"
                ? { type: "server", server: { id: target.server } }
                : {
                      type: "label_selector",
                      label_selector: { selector: target.selector },
                      applied_to_resources: project.servers
                          .filter((server) => matchesSelector(target.selector, server.labels))
                          .map((server) => ({ type: "server", server: { id: server.id } })),
                  },
        ),
    };
}

export function firewallRoutes(cloud: Cloud): Route[] {
    return [
        ...collectionRoutes(cloud, {
            kind: "firewalls",
            single: "firewall",
            actionType: "firewall",
            view: firewallView,
            remove: (_project, firewall) => {
                if (firewall.appliedTo.length > 0)
                    throw new ApiError(
                        "resource_in_use",
                        `firewall with ID ${firewall.id} is still in use`,
                    );
                return undefined;
            },
        }),
        {
            method: "POST",
            path: "/firewalls",
            handle: ({ project, body }) => {
                const input = readBody(createBody, body);
                checkUnique(project, "firewalls", input.name);
                const firewall: FirewallRecord = {
                    id: cloud.store.nextId(),
                    name: input.name,
                    labels: input.labels ?? {},
                    rules: checkRules(input.rules ?? []),
                    appliedTo: [],
                    created: new Date().toISOString(),
                };
                const actions = applyFirewall(cloud, project, firewall, input.apply_to ?? []);
                project.firewalls.push(firewall);
                cloud.store.changed();
                return created({
                    firewall: firewallView(project, firewall),
                    actions: actions.map((action) => ({ ...action })),
                });
            },
        },
    ];
}
