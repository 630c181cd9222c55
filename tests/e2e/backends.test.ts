/**
 * Proves that states are kept in a directory, in an S3 bucket and in a PostgreSQL database alike: made, read again from another work
 * directory as on another machine, secrets encrypted; and that the lock there tells who holds it, refuses a second engine, and is
 * taken away from one that died. The S3 server is an emulator in memory (gofakes3), PostgreSQL is the real one. It does not prove
 * anything about AWS, TLS, or the `hashivault` secrets provider.
 */
import assert from "node:assert/strict";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { labAddresses } from "../../lab/addresses.ts";
import { labSettings } from "../../operations/cli/labEngine.ts";
import { openStack } from "../../operations/provision/engine.ts";
import type { EngineSettings } from "../../operations/provision/engine.ts";
import { OperationFailure } from "../../operations/provision/failure.ts";
import { withStack } from "../../operations/provision/session.ts";
import { exportState } from "../../operations/provision/stackState.ts";
import { claimLabInstance } from "../support/labInstance.ts";
import type { LabInstance } from "../support/labInstance.ts";
import { eventually } from "../support/eventually.ts";
import { startPostgres } from "../support/postgresServer.ts";
import { startBucket } from "../support/s3Server.ts";
import { testToolchain } from "../support/toolchain.ts";

/** A backend that runs. */
interface Backend {
    readonly backend: string;
    readonly environment?: Readonly<Record<string, string>>;
    stop(): Promise<void>;
}

/** Host number of servers of these tests in a lab's network. */
const host = ({ instance }: LabInstance, number: number) =>
    `${labAddresses(instance).prefix}.0.${number}`;

const BACKENDS: Readonly<Record<string, (claim: LabInstance) => Promise<Backend>>> = {
    "a directory": async () => {
        const directory = await mkdtemp(join(tmpdir(), "sovereign-states-"));
        return {
            backend: `file://${directory}`,
            stop: () => rm(directory, { recursive: true }),
        };
    },
    "an S3 bucket": (claim) => startBucket(host(claim, 20), claim.directory),
    "a PostgreSQL database": (claim) => startPostgres(host(claim, 21)),
};

for (const [name, start] of Object.entries(BACKENDS))
    describe(`states in ${name}`, function () {
        this.timeout(300_000);
        let claim: LabInstance;
        let backend: Backend;
        let hold: string;

        before(async () => {
            claim = await claimLabInstance();
            backend = await start(claim);
            hold = join(claim.directory, "hold");
        });

        after(async () => {
            await backend.stop();
            await claim.release();
        });

        /** Settings of a machine, which has its own work directories. */
        async function machine(of: string): Promise<EngineSettings> {
            const settings = labSettings(await testToolchain(), claim.directory);
            return {
                ...settings,
                work: join(claim.directory, of),
                backend: backend.backend,
                program: join(import.meta.dirname, "backendProject"),
                environment: {
                    ...settings.environment,
                    ...backend.environment,
                    PULUMI_CONFIG_PASSPHRASE: LAB_PASSPHRASE,
                },
            };
        }

        async function up(of: string, options: { hold?: string } = {}): Promise<void> {
            await withStack(
                await machine(of),
                { stack: "omantel", operation: "provision", create: true },
                {},
                async (session) => {
                    if (options.hold !== undefined)
                        await session.stack.setConfig("sovereign:hold", { value: options.hold });
                    const changes = await session.update((run) => session.stack.up(run));
                    return { result: undefined, changes };
                },
            );
        }

        it("are made, and read on another machine, with secrets encrypted", async () => {
            await up("first");
            const stack = await openStack(await machine("second"), "omantel", false);
            const { password } = await stack.outputs();
            assert.equal(password?.secret, true);
            assert.match(String(password.value), /^\S{24}$/);
            const state = JSON.stringify(await exportState(stack));
            assert.ok(state.includes('"ciphertext"'));
            assert.ok(!state.includes(String(password.value)));
        });

        it("are worked on by one engine at a time, which the lock tells, and go on after it died", async () => {
            await writeFile(hold, "");
            const first = up("first", { hold }).then(
                () => "done",
                () => "failed",
            );
            await eventually("an engine at work", () => access(`${hold}.reached`), {
                timeout: 60_000,
            });
            const error: unknown = await up("second").catch((e: unknown) => e);
            assert.ok(error instanceof OperationFailure, String(error));
            assert.equal(error.kind, "locked");
            const told = /^another engine works on this stack: \S+@\S+ \(pid (\d+)\)/;
            process.kill(Number(told.exec(error.message)?.[1]), "SIGKILL");
            assert.equal(await first, "failed");
            await rm(hold);
            await up("second");
        });
    });
