import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { PulumiCli } from "../../lab/pulumiCli.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { CountingProxy } from "../provider/support/countingProxy.ts";
import { PowerDnsLab } from "../provider/support/powerDnsLab.ts";
import { testToolchain } from "../support/toolchain.ts";
import type { DnsPlan } from "./dnsProject/index.ts";

/** A lab with PowerDNS and, on it, a stack of a small program that declares zones, record sets and delegations. */
export interface DnsStack {
    readonly lab: PowerDnsLab;
    /** Between the provider and PowerDNS. */
    readonly proxy: CountingProxy;
    readonly cli: PulumiCli;
    /** Sets what the program declares from the next run on. */
    declare(plan: DnsPlan): Promise<void>;
    stop(): Promise<void>;
}

/** Starts it. The API's key is in the environment only, so that no state has a reason to hold it. */
export async function startDnsStack(): Promise<DnsStack> {
    const lab = await PowerDnsLab.start();
    const { addresses, credentials, directory } = lab.lab.context;
    const proxy = await CountingProxy.start(lab.url);
    const project = join(directory, "project");
    await mkdir(project);
    const file = join(project, "plan.json");
    const configFile = join(project, "Pulumi.dev.yaml");
    await writeFile(
        join(project, "Pulumi.yaml"),
        stringify({
            name: "zones",
            runtime: { name: "nodejs", options: { typescript: false } },
            main: join(CLONE, "tests/e2e/dnsProject/index.ts"),
            plugins: { providers: [{ name: "sovereign", path: join(CLONE, "provider") }] },
        }),
    );
    await writeFile(
        configFile,
        stringify({
            config: {
                "sovereign:resolver": `${addresses.nameServers[0]}:${addresses.dnsPort}`,
                "sovereign:dnsPort": addresses.dnsPort,
            },
        }),
    );
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory: join(directory, "pulumi"),
        stack: "dev",
        passphrase: LAB_PASSPHRASE,
        project,
        environment: {
            SOVEREIGN_DNS_PLAN: file,
            SOVEREIGN_POWERDNS_URL: proxy.url,
            SOVEREIGN_POWERDNS_API_KEY: credentials.powerdnsApiKey,
        },
    });
    await cli.ensureStack();
    return {
        lab,
        proxy,
        cli,
        declare: (plan) => writeFile(file, JSON.stringify(plan)),
        async stop() {
            await proxy.stop();
            await lab.stop();
        },
    };
}
