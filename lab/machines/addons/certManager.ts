import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { KubeConfig } from "@kubernetes/client-node";
import { podAddress } from "../../addresses.ts";
import { SupervisedProcess } from "../control/process.ts";
import { describe } from "../kubelet/client.ts";
import { runsImage, type NodeProgram, type ProgramContext } from "../kubelet/programs.ts";
import { untilRequestsAreTaken } from "./certManagerCheck.ts";
import { startWebProxy } from "./webProxy.ts";

/** Images of cert-manager's chart, by the program that each runs. */
const IMAGES = {
    controller: "quay.io/jetstack/cert-manager-controller",
    webhook: "quay.io/jetstack/cert-manager-webhook",
    cainjector: "quay.io/jetstack/cert-manager-cainjector",
    startupapicheck: "quay.io/jetstack/cert-manager-startupapicheck",
} as const;

type Component = keyof typeof IMAGES;

/** Ports inside the pod: the chart's for the webhook's health and the controller's metrics, cert-manager's own for the controller's health. */
const PORTS = { webhookHealth: 6080, controllerHealth: 9403, metrics: 9402 } as const;

/** Seconds for which a token is good: a lab may run for days. */
const TOKEN_SECONDS = 30 * 24 * 60 * 60;

/** Milliseconds that a program has to be ready, and that it has to end. */
const READY_TIMEOUT = 30_000;
const STOP_TIMEOUT = 5_000;

function componentOf(pod: V1Pod): Component | undefined {
    return (Object.keys(IMAGES) as Component[]).find((name) => runsImage(pod, IMAGES[name]));
}

/** A container's arguments with `$(NAME)` replaced from its environment, as kubelet does; fields of the pod: its namespace. */
export function containerArguments(pod: V1Pod, container: V1Container): string[] {
    const values = new Map(
        (container.env ?? []).map(({ name, value, valueFrom }) => [
            name,
            valueFrom?.fieldRef?.fieldPath === "metadata.namespace"
                ? (pod.metadata?.namespace ?? "")
                : (value ?? ""),
        ]),
    );
    return (container.args ?? []).map((argument) =>
        argument.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => values.get(name) ?? whole),
    );
}

/** What the lab adds: addresses of its own for everything that listens, and one process only, so no leader. */
function labArguments(component: Component, host: string): string[] {
    switch (component) {
        case "controller":
            return [
                "--leader-elect=false",
                `--metrics-listen-address=${host}:${PORTS.metrics}`,
                `--internal-healthz-listen-address=${host}:${PORTS.controllerHealth}`,
            ];
        case "webhook":
            return [`--bind-address=${host}`, "--metrics-listen-address=0"];
        case "cainjector":
            return ["--leader-elect=false", "--metrics-listen-address=0"];
        case "startupapicheck":
            return [];
    }
}

/** Flag that names the resolvers of the controller's own look at an HTTP-01 challenge, which goes to port 80. */
const SOLVER_NAME_SERVERS = "--acme-http01-solver-nameservers=";

/** How a program finds the web: as it is, or through a proxy where the lab's port 80 lies elsewhere and the program looks at proofs there. */
async function wayToTheWeb(
    args: readonly string[],
    host: string,
    portOffset: number,
): Promise<{
    readonly environment: Readonly<Record<string, string>>;
    readonly stop: () => Promise<void>;
}> {
    const told = args.find((argument) => argument.startsWith(SOLVER_NAME_SERVERS));
    if (portOffset === 0 || told === undefined)
        return { environment: { NO_PROXY: "*" }, stop: () => Promise.resolve() };
    const nameServers = told.slice(SOLVER_NAME_SERVERS.length).split(",");
    const { url, stop } = await startWebProxy({ host, portOffset, nameServers });
    // What is asked by https, the API and ACME, is asked directly: that would be HTTPS_PROXY.
    return { environment: { HTTP_PROXY: url }, stop };
}

function healthUrl(component: Component, host: string): string | undefined {
    if (component === "webhook") return `http://${host}:${PORTS.webhookHealth}/readyz`;
    if (component === "controller") return `http://${host}:${PORTS.controllerHealth}/livez`;
    return undefined;
}

/** A kubeconfig with a token of the pod's ServiceAccount: what RBAC does not give it, the program may not do. */
async function podKubeconfig({ pod, client }: ProgramContext): Promise<string> {
    const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
    const answer = await client.core.createNamespacedServiceAccountToken({
        name: pod.spec?.serviceAccountName ?? "default",
        namespace,
        body: {
            spec: {
                audiences: [],
                expirationSeconds: TOKEN_SECONDS,
                // A node gets tokens for pods of its own alone (NodeRestriction).
                boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
            },
        },
    });
    const cluster = client.config.getCurrentCluster();
    if (cluster === null) throw new Error("the node's client knows no cluster");
    const config = new KubeConfig();
    config.loadFromOptions({
        clusters: [cluster],
        users: [{ name: "pod", token: answer.status?.token ?? "" }],
        contexts: [{ name: "pod", cluster: cluster.name, user: "pod", namespace }],
        currentContext: "pod",
    });
    return config.exportConfig();
}

/**
 * Runs cert-manager's pods as what they are: the real programs, with the arguments that the chart gave their containers and the rights
 * that it gave their ServiceAccounts.
 *
 * @param program - path of the binary that holds them
 * @param directory - for their kubeconfigs and logs
 */
export function certManagerPods(program: string, directory: string): NodeProgram {
    return {
        name: "cert-manager",
        matches: (pod) => componentOf(pod) !== undefined,
        async start(context) {
            const component = componentOf(context.pod);
            if (component === undefined) throw new Error("the pod is none of cert-manager's");
            if (component === "startupapicheck") {
                await untilRequestsAreTaken(
                    await podKubeconfig(context),
                    context.pod.metadata?.namespace ?? "",
                );
                return () => Promise.resolve();
            }
            return await startProgram(component, program, directory, context);
        },
    };
}

async function startProgram(
    component: Component,
    program: string,
    directory: string,
    context: ProgramContext,
): Promise<() => Promise<void>> {
    const { pod, hostAddress, print } = context;
    const [container] = pod.spec?.containers ?? [];
    if (container === undefined) throw new Error("the pod has no container");
    const host = podAddress(hostAddress);
    const name = pod.metadata?.name ?? component;
    const folder = join(directory, name);
    await mkdir(folder, { recursive: true });
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, await podKubeconfig(context), { mode: 0o600 });
    const log = join(folder, "log");
    const args = containerArguments(pod, container);
    const web = await wayToTheWeb(args, host, context.portOffset);
    let ended: string | undefined;
    const running = new SupervisedProcess({
        name: `cert-manager-${component}`,
        path: program,
        args: [component, ...args, `--kubeconfig=${kubeconfig}`, ...labArguments(component, host)],
        log,
        cwd: folder,
        environment: web.environment,
        onExit: (description) => {
            ended = description;
            print(`cert-manager's ${component} ${description}; its log is ${log}`);
        },
    });
    const stop = async () => {
        await running.stop(STOP_TIMEOUT);
        await web.stop();
        await rm(kubeconfig, { force: true });
    };
    running.start();
    try {
        await untilHealthy(healthUrl(component, host), () => ended);
    } catch (error) {
        await stop();
        const text = await readFile(log, "utf8").catch(() => "");
        const tail = text.trimEnd().split("\n").slice(-5).join("\n");
        throw new Error(`${describe(error)}:\n${tail}`, { cause: error });
    }
    return stop;
}

async function untilHealthy(
    url: string | undefined,
    ended: () => string | undefined,
): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT;
    while (url !== undefined) {
        const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(
            () => undefined,
        );
        if (answer?.ok === true) return;
        const end = ended();
        if (end !== undefined) throw new Error(`the program ${end}`);
        if (Date.now() >= deadline) throw new Error(`${url} was not ready in time`);
        await delay(50);
    }
}
