import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAB_CREDENTIALS } from "../../../../lab/credentials.ts";
import type { AccountState, DomainState } from "../../../../lab/dynadot/accountState.ts";
import { startEmulator, type Emulator } from "../../../lab/dynadot/emulator.ts";
import { dynadot as connect } from "../../../../provider/dns/connections.ts";
import type { RequestWorld } from "./everyRequest.ts";
import type { FaultRow } from "./faultTable.ts";
import { RequestFaults } from "./requestFaults.ts";
import { VirtualProvider } from "./virtualProvider.ts";
import { virtualTime, type VirtualTime } from "./virtualTime.ts";

/** Virtual seconds between two runs of the engine: every outage is over and every late write done. */
const BETWEEN_RUNS = 7200;

/** The emulated Dynadot on virtual time, and providers that use it. */
export class FaultWorld implements RequestWorld<AccountState> {
    readonly emulator: Emulator;
    readonly #directory: string;
    readonly #time: VirtualTime;
    readonly #faults: RequestFaults;
    readonly #said: string[] = [];

    private constructor(emulator: Emulator, directory: string) {
        this.emulator = emulator;
        this.#directory = directory;
        const { requests, faults, clock } = emulator.dynadot;
        this.#time = virtualTime(clock);
        this.#faults = new RequestFaults({
            faults,
            time: this.#time,
            requests: () => requests.requests.length,
        });
        const add = requests.add.bind(requests);
        requests.add = (request) => {
            add(request);
            this.#faults.carriedOut();
        };
    }

    static async start(): Promise<FaultWorld> {
        const emulator = await startEmulator({ limits: { threads: 1, requestsPerMinute: 60 } });
        return new FaultWorld(emulator, await mkdtemp(join(tmpdir(), "sovereign-faults-")));
    }

    async stop(): Promise<void> {
        await this.emulator.release();
        await rm(this.#directory, { recursive: true, force: true });
    }

    /** Begins anew with this account, on the lowest price level; `past` is what readings see that lag behind. */
    async reset(account: AccountState, past = account): Promise<VirtualProvider> {
        const { dynadot } = this.emulator;
        this.settle();
        dynadot.requests.clear();
        await dynadot.restore(account, past);
        return new VirtualProvider({
            config: {
                dynadotUrl: this.emulator.url,
                dynadotApiKey: LAB_CREDENTIALS.dynadotApiKey,
                dynadotApiSecret: LAB_CREDENTIALS.dynadotApiSecret,
                dynadotRequestsPerMinute: 60,
            },
            connect: (config) => {
                connect(config, { clock: this.#time, directory: this.#directory });
            },
        });
    }

    /** Requests since the last {@link reset}. */
    get requests() {
        return this.emulator.dynadot.requests.requests;
    }

    domain(name: string): DomainState {
        const found = this.emulator.dynadot.account.domains.find((d) => d.name === name);
        if (found === undefined) throw new Error(`the account has no domain ${name}`);
        return found;
    }

    get account(): AccountState {
        return structuredClone(this.emulator.dynadot.account);
    }

    get pending(): number {
        return this.emulator.dynadot.faults.pending;
    }

    script(row: FaultRow, index: number): AbortSignal {
        return this.#faults.script(row, index);
    }

    /** Time passes until nothing of what went wrong is left. */
    settle(): void {
        this.#faults.clear();
        this.emulator.dynadot.clock.advance(BETWEEN_RUNS);
    }

    /** Asserts that no secret is in what was said, kept, logged by the registrar, or written into files. */
    async assertNoSecret(texts: readonly unknown[]): Promise<void> {
        this.#said.push(...texts.map((text) => JSON.stringify({ text })));
        const snapshots = join(this.#directory, "snapshots");
        for (const name of await readdir(snapshots).catch(() => []))
            this.#said.push(name, await readFile(join(snapshots, name), "utf8"));
        const all = this.#said.splice(0).join("\n");
        for (const secret of [LAB_CREDENTIALS.dynadotApiKey, LAB_CREDENTIALS.dynadotApiSecret])
            assert.ok(!all.includes(secret), `a secret was said: ${all}`);
    }
}
