import { access, chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { LabChildProcess } from "../../lab/childProcess.ts";
import { NOBODY } from "../../lab/powerdns/privileges.ts";
import { libraryPathOf, unpackPackages } from "../../lab/toolchain/systemPackages.ts";

/** Where Debian puts PostgreSQL's programs, a directory per major version below it. */
const LIBRARY = "usr/lib/postgresql";

const PASSWORD = "postgres-password-of-a-test";

/** The server's programs: the installed ones, or the distribution's packages unpacked into a directory of their own. */
async function programs(): Promise<{ readonly directory: string; readonly libraryPath: string }> {
    const installed = await programsBelow("/");
    if (installed !== undefined) return { directory: installed, libraryPath: "" };
    // Not in the cache of the toolchain: another user has to reach it where this one is root.
    const root = join(tmpdir(), "sovereign-postgresql");
    if ((await programsBelow(root)) === undefined) {
        await rm(root, { recursive: true, force: true });
        await unpackPackages(root, ["postgresql"]);
    }
    const unpacked = await programsBelow(root);
    if (unpacked === undefined)
        throw new Error("the packages of PostgreSQL hold no server; apt-get install postgresql");
    return { directory: unpacked, libraryPath: libraryPathOf(root) };
}

async function programsBelow(root: string): Promise<string | undefined> {
    const versions = await readdir(join(root, LIBRARY)).catch(() => []);
    for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
        const directory = join(root, LIBRARY, version, "bin");
        const whole = await access(join(directory, "initdb")).then(
            () => true,
            () => false,
        );
        if (whole) return directory;
    }
    return undefined;
}

/** A PostgreSQL server with one empty database. */
export interface Postgres {
    /** As `PULUMI_BACKEND_URL`; the password is in it. */
    readonly backend: string;
    stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server of its own.
 *
 * @param host - loopback address
 */
export async function startPostgres(host: string): Promise<Postgres> {
    const { directory, libraryPath } = await programs();
    const home = await mkdtemp(join(tmpdir(), "sovereign-postgres-"));
    // The server refuses to be root.
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const environment = libraryPath === "" ? {} : { LD_LIBRARY_PATH: libraryPath };
    const data = join(home, "data");
    const passwordFile = join(home, "password");
    await writeFile(passwordFile, PASSWORD);
    if (nobody.uid !== undefined)
        for (const path of [home, passwordFile]) await chown(path, NOBODY, NOBODY);
    await execa(
        join(directory, "initdb"),
        [
            ...["--pgdata", data, "--username", "sovereign", "--pwfile", passwordFile],
            ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
        ],
        { ...nobody, cwd: home, env: { ...environment, HOME: home } },
    );
    const server = await LabChildProcess.start({
        name: "PostgreSQL",
        command: join(directory, "postgres"),
        args: ["-D", data, "-h", host, "-p", "5432", "-k", home, "-F"],
        privileges:
            nobody.uid === undefined
                ? []
                : ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups"],
        environment,
        log: join(home, "postgres.log"),
    });
    await server.ready(async () => {
        await execa(join(directory, "pg_isready"), ["-q", "-h", host, "-p", "5432"], {
            env: environment,
        });
    });
    return {
        backend: `postgres://sovereign:${PASSWORD}@${host}:5432/postgres?sslmode=disable`,
        stop: async () => {
            await server.stop();
            await rm(home, { recursive: true, force: true });
        },
    };
}
