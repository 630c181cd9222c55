import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labPort } from "../addresses.ts";
import { assertFree } from "../freeAddress.ts";
import { httpsRequest } from "../machines/control/http.ts";
import { issueLeaf, splitChain } from "../machines/control/pki.ts";
import { PartProcess } from "../partProcess.ts";
import type { LabContext, LabPart, PartStatus } from "../parts.ts";
import { ACME_AUTHORITY } from "./authority.ts";

/** Seconds that certificates are valid for: 90 days, as Let's Encrypt's. */
const VALIDITY = 90 * 24 * 60 * 60;

/**
 * A real ACME server (RFC 8555) that nobody trusts: pebble, Let's Encrypt's own for tests. It really proves names, at the lab's name
 * server and, by HTTP, at the addresses that this gives. It keeps everything in memory: its root is another one after each start, and
 * accounts are gone.
 */
export class Pebble implements LabPart {
    readonly name = "acme";
    readonly #context: LabContext;
    readonly #directory: string;
    readonly #process: PartProcess;
    #root: string | undefined;

    constructor(context: LabContext) {
        this.#context = context;
        this.#directory = join(context.directory, this.name);
        this.#process = new PartProcess({
            name: "pebble",
            binary: context.binaries.pebble,
            log: join(this.#directory, "pebble.log"),
        });
    }

    async start(): Promise<void> {
        await this.#process.bringUp(
            () => this.#startServer(),
            () => this.stop(),
        );
    }

    async stop(): Promise<void> {
        await this.#process.stop();
    }

    /** URL of the directory, as `acmeDirectory` takes it. */
    get url(): string {
        const { host, port } = this.#context.addresses.acme;
        return `https://${host}:${port}/dir`;
    }

    /** The root that its certificates lead to, PEM. Also in the details of its status. */
    get root(): string {
        if (this.#root === undefined)
            throw new Error("the root is known once the ACME server has started");
        return this.#root;
    }

    status(): PartStatus {
        return { ...this.#process.status(), url: this.url, details: { root: this.#root } };
    }

    async #startServer(): Promise<void> {
        const { acme, nameServers, dnsPort } = this.#context.addresses;
        const roots = `https://${acme.host}:${acme.managementPort}/roots/0`;
        for (const port of [acme.port, acme.managementPort])
            await assertFree(acme.host, port, "the ACME server");
        await mkdir(this.#directory, { recursive: true });
        await this.#writeCertificate();
        const config = join(this.#directory, "config.json");
        await writeFile(config, JSON.stringify(this.#configuration(), undefined, 4));
        const child = await this.#process.start({
            args: ["-config", config, "-dnsserver", `${nameServers[0]}:${dnsPort}`],
            environment: {
                // It would wait up to 15 s before each look, and take an earlier proof for a new one.
                PEBBLE_VA_NOSLEEP: "1",
                PEBBLE_AUTHZREUSE: "0",
            },
        });
        await child.ready(async () => {
            await this.#get(this.url);
            this.#root = await this.#get(roots);
        });
    }

    async #writeCertificate(): Promise<void> {
        const { host } = this.#context.addresses.acme;
        const leaf = await issueLeaf(ACME_AUTHORITY, {
            commonName: "acme",
            altNames: [host],
            usages: ["server"],
        });
        await writeFile(join(this.#directory, "https.crt"), splitChain(leaf.certificate)[0] ?? "");
        await writeFile(join(this.#directory, "https.key"), leaf.privateKey, { mode: 0o600 });
    }

    #configuration() {
        const { acme, portOffset } = this.#context.addresses;
        return {
            pebble: {
                listenAddress: `${acme.host}:${acme.port}`,
                managementListenAddress: `${acme.host}:${acme.managementPort}`,
                certificate: join(this.#directory, "https.crt"),
                privateKey: join(this.#directory, "https.key"),
                httpPort: labPort(80, portOffset),
                tlsPort: labPort(443, portOffset),
                ocspResponderURL: "",
                externalAccountBindingRequired: false,
                keyAlgorithm: "ecdsa",
                retryAfter: { authz: 1, order: 1 },
                profiles: { default: { description: "the lab's", validityPeriod: VALIDITY } },
            },
        };
    }

    async #get(url: string): Promise<string> {
        const { status, body } = await httpsRequest(url, {
            ca: ACME_AUTHORITY.certificate,
            // RFC 8555, 6.1 asks for it.
            headers: { "user-agent": "sovereign-lab" },
            timeout: 2_000,
        });
        if (status !== 200) throw new Error(`${url} was answered with ${status}`);
        return body;
    }
}
