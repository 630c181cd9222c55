import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { PulumiCli } from "../../lab/pulumiCli.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import type { DnsWorld } from "../provider/support/dnsWorld.ts";
import { testToolchain } from "../support/toolchain.ts";
import type { PoolDomainPlan } from "./poolDomainProgram.ts";

/** `PLAN_FILE` of the program, which a test cannot import: it would run. */
const PLAN_FILE = "SOVEREIGN_POOL_DOMAIN_PLAN";

/** A stack of its own project and backend that takes names in the lab's pools. */
export interface PoolDomainStack {
    readonly cli: PulumiCli;
    /** Sets what the program declares from the next run on. */
    declare(plan: PoolDomainPlan): Promise<void>;
}

/** Makes a stack on the lab; keys are in the environment only. */
export async function poolDomainStack(world: DnsWorld, name: string): Promise<PoolDomainStack> {
    const { addresses, credentials, directory } = world.powerDns.lab.context;
    const project = join(directory, name);
    await mkdir(project);
    const file = join(project, "plan.json");
    await writeFile(
        join(project, "Pulumi.yaml"),
        stringify({
            name,
            runtime: { name: "nodejs", options: { typescript: false } },
            main: join(CLONE, "tests/e2e/poolDomainProgram.ts"),
            plugins: { providers: [{ name: "sovereign", path: join(CLONE, "provider") }] },
        }),
    );
    await writeFile(
        join(project, "Pulumi.dev.yaml"),
        stringify({
            config: {
                "sovereign:resolver": `${addresses.nameServers[0]}:${addresses.dnsPort}`,
                "sovereign:dnsPort": addresses.dnsPort,
            },
        }),
    );
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory: join(project, "pulumi"),
        stack: "dev",
        passphrase: LAB_PASSPHRASE,
        project,
        environment: {
            [PLAN_FILE]: file,
            SOVEREIGN_POWERDNS_URL: world.powerDns.url,
            SOVEREIGN_POWERDNS_API_KEY: credentials.powerdnsApiKey,
            SOVEREIGN_DYNADOT_URL: `http://${addresses.dynadot.host}:${addresses.dynadot.port}`,
            SOVEREIGN_DYNADOT_API_KEY: credentials.dynadotApiKey,
            SOVEREIGN_DYNADOT_API_SECRET: credentials.dynadotApiSecret,
            SOVEREIGN_DYNADOT_REQUESTS_PER_MINUTE: "6000",
        },
    });
    await cli.ensureStack();
    return { cli, declare: (plan) => writeFile(file, JSON.stringify(plan)) };
}
