import { ApiError } from "../errors.ts";
import type { ActionSpec } from "../actions.ts";
import type { Cloud } from "../cloud.ts";
import { type Route, started } from "../http/route.ts";
import { find } from "../state/lookup.ts";
import type { ProjectState, ServerRecord } from "../state/model.ts";

function serverResource(server: ServerRecord) {
    return [{ id: server.id, type: "server" }];
}

/** The action that starts a server. */
export function startSpec(cloud: Cloud, project: ProjectState, server: ServerRecord): ActionSpec {
    return {
        command: "start_server",
        resources: serverResource(server),
        locks: [server.id],
        apply: () => {
            if (server.status !== "running") server.status = "starting";
        },
        finish: async () => {
            if (server.status !== "running") await cloud.power.on(project, server);
        },
    };
}

/** Refuses to start a server that has no interface at all. */
function checkStartable(server: ServerRecord): void {
    if (server.ipv4 === null && server.ipv6 === null && server.privateNet.length === 0)
        throw new ApiError(
            "invalid_input",
            "no public or private network interfaces found, cannot start server",
        );
}

function stopSpec(cloud: Cloud, server: ServerRecord, command: string): ActionSpec {
    return {
        command,
        resources: serverResource(server),
        locks: [server.id],
        apply: () => {
            if (server.status === "running") server.status = "stopping";
        },
        finish: () => cloud.power.off(server),
    };
}

function restartSpec(
    cloud: Cloud,
    project: ProjectState,
    server: ServerRecord,
    command: string,
): ActionSpec {
    return {
        command,
        resources: serverResource(server),
        locks: [server.id],
        apply: () => {
            server.status = "starting";
        },
        finish: async () => {
            await cloud.power.off(server);
            await cloud.power.on(project, server);
        },
    };
}

/** `poweron`, `poweroff`, `shutdown`, `reboot`, `reset`. */
export function serverPowerRoutes(cloud: Cloud): Route[] {
    const specs: Record<string, (project: ProjectState, server: ServerRecord) => ActionSpec> = {
        poweron: (project, server) => {
            checkStartable(server);
            return startSpec(cloud, project, server);
        },
        poweroff: (_project, server) => stopSpec(cloud, server, "stop_server"),
        shutdown: (_project, server) => stopSpec(cloud, server, "shutdown_server"),
        reboot: (project, server) => {
            if (server.status === "off")
                throw new ApiError("server_not_running", "server is not running");
            return restartSpec(cloud, project, server, "reboot_server");
        },
        reset: (project, server) => {
            checkStartable(server);
            return restartSpec(cloud, project, server, "reset_server");
        },
    };
    return Object.entries(specs).map(([name, spec]): Route => ({
        method: "POST",
        path: `/servers/:id/actions/${name}`,
        handle: ({ project, params }) => {
            const server = find(project, "servers", params.id ?? "");
            cloud.actions.checkUnlocked(server.id);
            return started(cloud.actions.start(project, spec(project, server)));
        },
    }));
}
