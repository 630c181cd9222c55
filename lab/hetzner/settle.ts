import type { Cloud } from "./cloud.ts";
import { forgetServer } from "./resources/servers.ts";
import type { ProjectState, ServerRecord } from "./state/model.ts";

/** Whether the server was about to be started when the lab stopped. */
function willStart(project: ProjectState, server: ServerRecord): boolean {
    return project.actions.some(
        (action) =>
            action.status === "running" &&
            action.command === "start_server" &&
            action.resources.some((resource) => resource.id === server.id),
    );
}

/**
 * Ends what was under way when the lab stopped: servers that were being deleted go, stopped ones are off, and every action that still runs
 * succeeds. Servers left with another status than `off` are to be powered on.
 */
export async function settle(cloud: Cloud): Promise<void> {
    for (const project of Object.values(cloud.store.state.projects)) {
        for (const server of [...project.servers]) {
            if (server.status === "deleting") {
                await cloud.power.remove(server);
                forgetServer(cloud, project, server);
            } else if (server.status === "stopping") server.status = "off";
            else if (server.status === "initializing" && !willStart(project, server))
                server.status = "off";
        }
        for (const action of project.actions)
            if (action.status === "running") {
                action.status = "success";
                action.progress = 100;
                action.finished = new Date().toISOString();
            }
    }
    cloud.store.changed();
}
