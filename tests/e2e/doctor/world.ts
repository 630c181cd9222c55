import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { createTransport } from "nodemailer";
import { MAIL_PROBE_ANNOTATION } from "../../../components/cluster/mailProbe.ts";
import { MAIL_SECRETS } from "../../../components/mail/stalwartValues.ts";
import { NAMESPACES, NODE_LABEL } from "../../../components/names.ts";
import { labPort } from "../../../lab/addresses.ts";
import { labConnection } from "../../../lab/commands/doctor.ts";
import { PowerDnsApi, type RecordSet } from "../../../lab/powerdns/powerDnsApi.ts";
import { MAILBOX_DOMAIN } from "../../../lab/powerdns/world.ts";
import type { ConnectOptions } from "../../../operations/doctor/connect.ts";
import type { StackOutputs } from "../../../operations/outputs/contract.ts";
import { eventually } from "../../support/eventually.ts";
import type { TestLab } from "../../support/toolchain.ts";
import { secretData } from "../clusterAndConsole.ts";
import { submissionOf } from "../mailbox.ts";
import { certificateOverSmtp } from "../servedCertificate.ts";
import { FQDN } from "../sovereignLab.ts";
import { sickServer, type Sickness } from "../../support/sickServer.ts";

const MAIL_POD = { namespace: NAMESPACES.mail, name: "stalwart-0" };
const MERGE = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** What a fault changed, to be undone; and how the doctor is led to it, where it does not find it by itself. */
export interface Injected {
    readonly undo: () => Promise<void>;
    readonly connect?: ConnectOptions;
}

/** A healthy Sovereign in a lab, and the hands that make it sick. */
export class World {
    readonly lab: TestLab;
    readonly outputs: StackOutputs;
    readonly core: CoreV1Api;
    readonly #acmeRoot: string;
    #examinations = 0;
    readonly #powerDns: PowerDnsApi;

    /** @param acmeRoot - root of the certificates that the lab's ACME server issues, PEM */
    constructor(lab: TestLab, outputs: StackOutputs, acmeRoot: string) {
        this.lab = lab;
        this.outputs = outputs;
        this.#acmeRoot = acmeRoot;
        const { addresses, credentials } = lab.context;
        this.#powerDns = new PowerDnsApi(addresses.powerdnsApi, credentials.powerdnsApiKey);
        const config = new KubeConfig();
        config.loadFromString(outputs.cluster.kubeconfig);
        this.core = config.makeApiClient(CoreV1Api);
    }

    /** The way of the doctor to it, with another mailbox each time: the server takes 60 messages an hour for one. */
    get connect(): ConnectOptions {
        const { addresses } = this.lab.context;
        const way = labConnection(addresses, this.lab.mailbox.authority, this.#acmeRoot);
        const address = `doctor-${++this.#examinations}@${MAILBOX_DOMAIN}`;
        return {
            ...way,
            ...(way.witness && { witness: { ...way.witness, address } }),
            ...(way.seed && { seed: { ...way.seed, address } }),
            addressLists: ["zen.openova.example"],
            nameLists: ["dbl.openova.example"],
            arrival: 10_000,
        };
    }

    /** Puts other contents into a record set of a zone; none removes it. */
    async records(
        name: string,
        type: string,
        contents: readonly string[],
        zone = `${FQDN}.`,
    ): Promise<Injected> {
        const sets = (await this.#powerDns.recordSets(zone)) ?? [];
        const before = sets.find((set) => set.name === `${name}.` && set.type === type);
        const set = { name: `${name}.`, type };
        const after: RecordSet = { ...set, ttl: before?.ttl ?? 60, records: contents };
        await this.#powerDns.change(zone, [contents.length === 0 ? set : after]);
        return { undo: () => this.#powerDns.change(zone, [before ?? set]) };
    }

    async reverseName(ip: string, name: string): Promise<Injected> {
        const { reverseDns } = this.lab.powerDns;
        await reverseDns.set(ip, name);
        return { undo: () => reverseDns.set(ip, this.outputs.mail.host) };
    }

    /** Waits for the public certificate: the server starts again with it, and is away for a moment. */
    async issued(): Promise<void> {
        const server = {
            host: this.outputs.cloud.loadBalancerIpv4,
            port: this.#port(25),
            name: this.outputs.mail.mxHost,
            ca: this.#acmeRoot,
        };
        await eventually("the public certificate on port 25", () => certificateOverSmtp(server), {
            timeout: 120_000,
        });
    }

    /** A node that mail may leave from, but not the one that the mail server runs on. */
    async idleNode(): Promise<{ readonly key: string; readonly ip: string }> {
        const pod = await this.core.readNamespacedPod(MAIL_POD);
        const { metadata } = await this.core.readNode({ name: pod.spec?.nodeName ?? "" });
        const busy = metadata?.labels?.[NODE_LABEL];
        const found = Object.entries(this.outputs.cloud.nodeIpv4).find(([key]) => key !== busy);
        assert.ok(found, "the lab's stack has one node only");
        return { key: found[0], ip: found[1] };
    }

    /** Puts the mail server's pod on a node, by closing all others to new pods for as long as that takes. */
    async moveMailTo(key: string): Promise<void> {
        const { items } = await this.core.listNode();
        const others = items.filter(({ metadata }) => metadata?.labels?.[NODE_LABEL] !== key);
        const close = async (unschedulable: boolean) => {
            for (const { metadata } of others)
                await this.core.patchNode(
                    { name: metadata?.name ?? "", body: { spec: { unschedulable } } },
                    MERGE,
                );
        };
        await close(true);
        await this.core.deleteNamespacedPod(MAIL_POD);
        await eventually(`the mail server on ${key}`, async () => {
            const { spec } = await this.core.readNamespacedPod(MAIL_POD);
            const { metadata } = await this.core.readNode({ name: spec?.nodeName ?? "" });
            assert.equal(metadata?.labels?.[NODE_LABEL], key);
        });
        await close(false);
        await this.mailRuns();
    }

    /** Waits until the mail server's pod is ready. */
    async mailRuns(): Promise<void> {
        await eventually(
            "the mail server's pod",
            async () => {
                const { metadata, status } = await this.core.readNamespacedPod(MAIL_POD);
                assert.equal(metadata?.deletionTimestamp, undefined);
                const ready = status?.conditions?.find(({ type }) => type === "Ready");
                assert.equal(ready?.status, "True");
            },
            { timeout: 60_000 },
        );
    }

    /** UID of a node's object in the cluster: another one for another machine. */
    async machineId(key: string): Promise<string> {
        const { items } = await this.core.listNode({ labelSelector: `${NODE_LABEL}=${key}` });
        return items[0]?.metadata?.uid ?? "";
    }

    /** Has every node look at the way out again. */
    async lookAgain(): Promise<void> {
        for (const id of Object.values(this.outputs.cloud.serverIds))
            await this.lab.machines.guest(Number(id))?.startMailProbe();
    }

    /** Lets a node publish something else than it sees. */
    async nodeSees(key: string, changes: (text: string) => string): Promise<Injected> {
        const { items } = await this.core.listNode({ labelSelector: `${NODE_LABEL}=${key}` });
        const { name = "", annotations = {} } = items[0]?.metadata ?? {};
        const before = annotations[MAIL_PROBE_ANNOTATION] ?? "";
        const publish = async (text: string) => {
            const body = { metadata: { annotations: { [MAIL_PROBE_ANNOTATION]: text } } };
            await this.core.patchNode({ name, body }, MERGE);
        };
        await publish(changes(before));
        return { undo: () => publish(before) };
    }

    /** Something listens where nothing should. */
    async listener(host: string, port: number): Promise<Injected> {
        const server = createServer((socket) => socket.destroy());
        server.listen(port, host);
        await once(server, "listening");
        return {
            undo: async () => {
                server.close();
                await once(server, "close");
            },
        };
    }

    /** A sick server in the place of port 25 at the load balancer's address. */
    async sickInbound(sickness: Sickness): Promise<Injected> {
        const host = this.outputs.cloud.loadBalancerIpv4;
        const server = await sickServer({ ...(await this.#identity()), ...sickness, host });
        const ports = new Map([...(this.connect.ports ?? []), [25, server.port] as const]);
        return { undo: server.close, connect: { ports } };
    }

    /** A sick server in the place of submission, in front of the healthy one. */
    async sickSubmission(sickness: Sickness): Promise<Injected> {
        const { address, user, password } = await this.#submission();
        const server = await sickServer({
            ...(await this.#identity()),
            ...sickness,
            host: "127.0.0.1",
            login: { user, password },
            submission: { host: address, port: this.#port(587) },
        });
        return { undo: server.close, connect: { submission: server } };
    }

    /** A receiver that puts a mailbox's mail into junk. */
    suspiciousReceiver(): Promise<Injected> {
        const { seed } = this.connect;
        assert.ok(seed);
        return Promise.resolve({
            undo: () => Promise.resolve(),
            connect: { seed: { ...seed, address: `suspicious@${MAILBOX_DOMAIN}` } },
        });
    }

    /** A receiver that takes a sender's first mail at the second attempt only, after the doctor has lost patience. */
    slowReceiver(): Promise<Injected> {
        const { host, port } = this.lab.context.addresses.mailbox;
        const witness = { address: `deferred@${MAILBOX_DOMAIN}`, url: `http://${host}:${port}` };
        return Promise.resolve({
            undo: () => Promise.resolve(),
            connect: { witness, arrival: 2_000 },
        });
    }

    /** A message to a mailbox that does not exist. */
    async bounce(): Promise<Injected> {
        const { address, user, password, smtpHost } = await this.#submission();
        const transport = createTransport({
            host: address,
            port: this.#port(587),
            requireTLS: true,
            auth: { user, pass: password },
            tls: { servername: smtpHost, ca: this.#acmeRoot },
        });
        await transport.sendMail({
            from: user,
            to: `refused@${MAILBOX_DOMAIN}`,
            subject: "x",
            text: "x",
        });
        transport.close();
        await eventually("the failed delivery in the metrics", async () => {
            const metrics = await fetch(`http://${address}:8080/metrics/prometheus`);
            assert.match(await metrics.text(), /^delivery_dsn_perm_fail 1$/m);
        });
        return { undo: () => Promise.resolve() };
    }

    #submission() {
        return submissionOf(this.outputs.cluster.kubeconfig);
    }

    #port(port: number): number {
        return labPort(port, this.lab.context.addresses.portOffset);
    }

    async #identity() {
        const tls = await secretData(this.core, NAMESPACES.mail, MAIL_SECRETS.tls);
        return { certificate: tls["tls.crt"] ?? "", key: tls["tls.key"] ?? "", fqdn: FQDN };
    }
}
