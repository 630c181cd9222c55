import assert from "node:assert/strict";
import { labAddresses } from "../../../../lab/addresses.ts";
import { EmulatedRegistrar } from "../../../../lab/registrars/emulatedRegistrar.ts";
import {
    RegisteredDomains,
    type RegisteredDomain,
} from "../../../../lab/registrars/registeredDomains.ts";
import type { ZoneKey } from "../../../../provider/dns/lookup/delegationSigners.ts";
import { registrar } from "../../../../provider/dns/registrars/connect.ts";
import { claimLabInstance, type LabInstance } from "../../../support/labInstance.ts";
import { NameServer } from "../../support/nameServer.ts";
import type { RegistrarAccount } from "../registrars/accounts.ts";
import type { RequestWorld } from "./everyRequest.ts";
import type { FaultRow } from "./faultTable.ts";
import { RequestFaults } from "./requestFaults.ts";
import { VirtualProvider } from "./virtualProvider.ts";
import { virtualTime, type VirtualTime } from "./virtualTime.ts";

/** Virtual seconds between two runs of the engine: every outage is over and every late write done. */
const BETWEEN_RUNS = 7200;

const PORT = 8080;

/** An emulated registrar on virtual time, a name server that serves the domain's keys, and providers that use them. */
export class RegistrarWorld implements RequestWorld<readonly RegisteredDomain[]> {
    /** Addresses of the name servers; the first is also the resolver. */
    readonly nameServers: readonly [string, string];
    readonly #target: RegistrarAccount;
    readonly #claim: LabInstance;
    readonly #emulator: EmulatedRegistrar;
    readonly #dns: readonly NameServer[];
    readonly #dnsPort: number;
    readonly #time: VirtualTime;
    readonly #faults: RequestFaults;

    private constructor(
        target: RegistrarAccount,
        claim: LabInstance,
        emulator: EmulatedRegistrar,
        dns: readonly NameServer[],
    ) {
        const { nameServers, dnsPort } = labAddresses(claim.instance);
        this.nameServers = nameServers;
        this.#dnsPort = dnsPort;
        this.#target = target;
        this.#claim = claim;
        this.#emulator = emulator;
        this.#dns = dns;
        this.#time = virtualTime(emulator.domains.clock);
        this.#faults = new RequestFaults({
            faults: emulator.faults,
            time: this.#time,
            requests: () => emulator.requests.length,
        });
        emulator.onRequest = () => {
            this.#faults.carriedOut();
        };
    }

    /** @param names - domains of the account, on the registrar's own DNS at first */
    static async start(
        target: RegistrarAccount,
        names: readonly string[],
        keys: readonly ZoneKey[],
    ): Promise<RegistrarWorld> {
        const claim = await claimLabInstance();
        const { prefix, nameServers, dnsPort } = labAddresses(claim.instance);
        const domains = new RegisteredDomains(names, target.own);
        const address = { host: `${prefix}.0.20`, port: PORT };
        const emulator = new EmulatedRegistrar(target.make(domains), domains, address);
        await emulator.start();
        const dns = await Promise.all(
            nameServers.map((server) => NameServer.start(server, dnsPort)),
        );
        for (const server of dns)
            for (const name of names)
                server.answers.set(
                    `${name} DNSKEY`,
                    keys.map((data) => ({ type: "DNSKEY", name, ttl: 1, data })),
                );
        dns[0]?.answers.set("example NS", [
            { type: "NS", name: "example", ttl: 1, data: "ns.example" },
        ]);
        dns[0]?.answers.set("ns.example A", [
            { type: "A", name: "ns.example", ttl: 1, data: nameServers[0] },
        ]);
        return new RegistrarWorld(target, claim, emulator, dns);
    }

    async stop(): Promise<void> {
        for (const server of this.#dns) server.stop();
        await this.#emulator.stop();
        await this.#claim.release();
    }

    reset(account: readonly RegisteredDomain[], past = account): Promise<VirtualProvider> {
        this.settle();
        this.#emulator.clearRequests();
        this.#emulator.domains.effect = { kind: "done" };
        this.#emulator.domains.restore(account, past);
        const { prefix } = labAddresses(this.#claim.instance);
        const provider = new VirtualProvider({
            config: {
                ...this.#target.config(`http://${prefix}.0.20:${PORT}`),
                resolver: `${this.nameServers[0]}:${this.#dnsPort}`,
                dnsPort: this.#dnsPort,
            },
            connect: (config) => {
                registrar(this.#target.key, config, { clock: this.#time });
            },
        });
        return Promise.resolve(provider);
    }

    get account(): readonly RegisteredDomain[] {
        return this.#emulator.domains.all;
    }

    get requests() {
        return this.#emulator.requests;
    }

    get pending(): number {
        return this.#emulator.faults.pending;
    }

    domain(name: string): RegisteredDomain {
        const found = this.#emulator.domains.find(name);
        assert.ok(found, `the account has no domain ${name}`);
        return found;
    }

    /** Changes a domain as somebody else would. */
    async change(name: string, change: Partial<Omit<RegisteredDomain, "name">>): Promise<void> {
        await this.#emulator.domains.change(name, () => change);
    }

    /** Answers writes with success from now on, and does none. */
    ignoreWrites(): void {
        this.#emulator.domains.effect = { kind: "ignored" };
    }

    script(row: FaultRow, index: number): AbortSignal {
        return this.#faults.script(row, index);
    }

    settle(): void {
        this.#faults.clear();
        this.#emulator.domains.clock.advance(BETWEEN_RUNS);
    }

    assertNoSecret(texts: readonly unknown[]): Promise<void> {
        const all = JSON.stringify(texts);
        const config = this.#target.config("");
        for (const key of this.#target.secretKeys)
            assert.ok(!all.includes(config[key] ?? ""), `${key} was said: ${all}`);
        return Promise.resolve();
    }
}
