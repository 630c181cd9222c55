import { join } from "node:path";
import { LabChildProcess } from "../../lab/childProcess.ts";
import { acquire, findExisting } from "../../lab/toolchain/acquire.ts";
import { Cache } from "../../lab/toolchain/cache.ts";
import { cacheDirectory } from "../../lab/toolchain/directories.ts";
import type { Recipe } from "../../lab/toolchain/recipe.ts";

/** An S3 server in memory, https://github.com/johannesboyne/gofakes3. Only these tests need it, so it is built when they first run. */
const RECIPE: Recipe = {
    name: "s3-server",
    module: "s3",
    title: "S3 server gofakes3 1.2.0",
    purpose: "keeps states in tests of backends",
    version: "1.2.0",
    programs: ["gofakes3"],
    steps: [
        {
            do: "build",
            packages: ["github.com/johannesboyne/gofakes3/cmd/gofakes3"],
            to: "gofakes3",
        },
    ],
};

/** A bucket on a server of its own. */
export interface Bucket {
    /** As `PULUMI_BACKEND_URL`. */
    readonly backend: string;
    /** Credentials, which the server does not check. */
    readonly environment: Readonly<Record<string, string>>;
    stop(): Promise<void>;
}

/**
 * Starts an S3 server with one empty bucket.
 *
 * @param host - loopback address
 * @param directory - takes its log
 */
export async function startBucket(host: string, directory: string): Promise<Bucket> {
    const cache = new Cache(cacheDirectory());
    const { programs } =
        (await findExisting(cache, { recipe: RECIPE })) ??
        (await acquire(cache, { recipe: RECIPE }, () => undefined));
    const address = `${host}:9000`;
    const server = await LabChildProcess.start({
        name: "the S3 server",
        command: programs.gofakes3?.path ?? "",
        args: ["-backend", "memory", "-host", address, "-initialbucket", "sovereigns"],
        log: join(directory, "s3.log"),
    });
    await server.ready(async () => {
        await fetch(`http://${address}/`, { signal: AbortSignal.timeout(1000) });
    });
    return {
        backend: `s3://sovereigns?endpoint=http://${address}&s3ForcePathStyle=true`,
        environment: {
            AWS_ACCESS_KEY_ID: "access-key-of-a-test",
            AWS_SECRET_ACCESS_KEY: "secret-key-of-a-test",
            AWS_REGION: "us-east-1",
        },
        stop: () => server.stop(),
    };
}
