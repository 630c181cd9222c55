import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { V1Container, V1Pod } from "@kubernetes/client-node";
import type { PodView } from "../parts.ts";
import { applyPlan } from "./stalwartRegistry.ts";
import { serverSettings, type DkimSettings, type ServerSettings } from "./stalwartSettings.ts";

/** A DKIM key as mounted. */
export interface SigningKey extends DkimSettings {
    /** PEM. */
    readonly privateKey: string;
}

/** A pod of the mail server, read and found fit to run. */
export interface StalwartPod {
    readonly settings: ServerSettings;
    readonly secureContext: SecureContext;
    /** PEM of the certificate, and of its key. */
    readonly certificate: Buffer;
    readonly key: Buffer;
    /** Keys that sign, in the order of the plan. */
    readonly signingKeys: readonly SigningKey[];
    /** Password at the smart host, where mail leaves through one. */
    readonly relayPassword?: string;
    /** Whether the container ends, to be started again, when its certificate is replaced. */
    readonly followsCertificate: boolean;
    /** Container ports that are opened on the node as well: node port by container port. */
    readonly hostPorts: ReadonlyMap<number, number>;
}

const IMAGE = /(^|\/)stalwartlabs\/stalwart(:|@|$)/;

/** What runs the server; other scripts of the chart run in the server's image too. */
const SERVE = "/etc/stalwart/serve.sh";

function serverContainer(pod: V1Pod): V1Container | undefined {
    return pod.spec?.containers.find(
        ({ image = "", command = [SERVE] }) => IMAGE.test(image) && command.includes(SERVE),
    );
}

/** Whether a pod runs the mail server. */
export function isStalwartPod(pod: V1Pod): boolean {
    return serverContainer(pod) !== undefined;
}

/** The directory that the init container applies, which must run the same image. */
function planDirectory(pod: V1Pod, server: V1Container): { container: string; path: string } {
    const init = pod.spec?.initContainers?.find((container) =>
        container.command?.some((word) => word.endsWith("/apply.sh")),
    );
    const path = init?.command?.at(-1);
    if (init === undefined || path === undefined)
        throw new Error("the pod has no init container that applies a plan with apply.sh");
    if (init.image !== server.image)
        throw new Error(
            `the plan is applied by ${init.image ?? "no image"}, the server is ${server.image ?? ""}`,
        );
    return { container: init.name, path };
}

/** The server runs without privileges: the kernel of the pod must let it bind ports below 1024. */
function checkPrivilegedPorts(pod: V1Pod, settings: ServerSettings): void {
    const start = pod.spec?.securityContext?.sysctls?.find(
        (sysctl) => sysctl.name === "net.ipv4.ip_unprivileged_port_start",
    );
    const first = Number(start?.value ?? 1024);
    const ports = settings.listeners.map(({ port }) => port).filter((port) => port < first);
    if (ports.length > 0)
        throw new Error(
            `the server cannot bind ${ports.join(", ")}: the pod does not set net.ipv4.ip_unprivileged_port_start`,
        );
}

async function readFile(view: PodView, container: string, path: string): Promise<Buffer> {
    const content = await view.readFile(container, path);
    if (content === undefined || content.length === 0)
        throw new Error(
            `${path} is missing or empty in container ${container} of ${view.namespace}/${view.name}`,
        );
    return content;
}

async function readPlan(view: PodView, server: V1Container): Promise<ServerSettings> {
    const { container, path } = planDirectory(view.pod, server);
    const names = await view.listFiles(container, path);
    if (names.length === 0) throw new Error(`no plan in ${path} of container ${container}`);
    const files = await Promise.all(
        names.map(async (name): Promise<[string, string]> => [
            name,
            (await readFile(view, container, `${path}/${name}`)).toString(),
        ]),
    );
    return serverSettings(applyPlan(Object.fromEntries(files)));
}

async function readSigningKeys(
    view: PodView,
    container: string,
    settings: ServerSettings,
): Promise<SigningKey[]> {
    return Promise.all(
        settings.dkim.map(async (dkim) => {
            const { selector, type, keyFile } = dkim;
            const privateKey = (await readFile(view, container, keyFile)).toString();
            const { asymmetricKeyType } = createPrivateKey(privateKey);
            if (asymmetricKeyType !== type)
                throw new Error(
                    `${keyFile}: selector ${selector} needs a key of type ${type}, not ${asymmetricKeyType ?? "unknown"}`,
                );
            return { ...dkim, privateKey };
        }),
    );
}

async function readRelayPassword(
    view: PodView,
    container: string,
    { outbound: { route } }: ServerSettings,
): Promise<{ relayPassword?: string }> {
    if (route.kind === "mx") return {};
    return { relayPassword: (await readFile(view, container, route.passwordFile)).toString() };
}

function checkCertificate(path: string, pem: Buffer): void {
    const certificate = new X509Certificate(pem);
    if (certificate.validToDate.getTime() < Date.now())
        throw new Error(
            `${path} expired on ${certificate.validTo}; the server would serve a self-signed one`,
        );
}

/** The certificate as it is mounted now; undefined where the file is gone for the moment. */
export async function mountedCertificate(
    view: PodView,
    { settings: { certificateFile } }: StalwartPod,
): Promise<Buffer | undefined> {
    return view.readFile(serverContainer(view.pod)?.name ?? "", certificateFile);
}

/** Reads everything that the pod mounts. Throws what the container would die of, and on what the stand-in does not know. */
export async function readStalwartPod(view: PodView): Promise<StalwartPod> {
    const server = serverContainer(view.pod);
    if (server === undefined) throw new Error(`${view.name} does not run a mail server`);
    const settings = await readPlan(view, server);
    checkPrivilegedPorts(view.pod, settings);
    const signingKeys = await readSigningKeys(view, server.name, settings);
    const certificate = await readFile(view, server.name, settings.certificateFile);
    const key = await readFile(view, server.name, settings.keyFile);
    checkCertificate(settings.certificateFile, certificate);
    return {
        settings,
        signingKeys,
        ...(await readRelayPassword(view, server.name, settings)),
        certificate,
        key,
        secureContext: createSecureContext({ cert: certificate, key }),
        followsCertificate: server.command?.some((word) => word.endsWith("/serve.sh")) ?? false,
        hostPorts: new Map(
            (server.ports ?? []).flatMap(({ containerPort, hostPort }) =>
                hostPort === undefined ? [] : [[containerPort, hostPort]],
            ),
        ),
    };
}
