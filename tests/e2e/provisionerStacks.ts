import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { PulumiCli } from "../../lab/pulumiCli.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { testStack, testToolchain } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";
import { succeeds, up } from "./sovereignLab.ts";

/** Values as a stack gives them. */
export type GivenOutputs = Readonly<Record<string, unknown>>;

/** Config of a Sovereign of one server, under a domain that is delegated by hand. */
function byHand(domain: string, nameServers: readonly string[]) {
    return {
        fqdn: domain,
        domainMode: "byo-manual",
        nameServers: nameServers.map((ipv4, i) => ({ name: `ns${i + 1}.${domain}`, ipv4 })),
        dynadotApiKey: "",
        dynadotApiSecret: "",
        workerCount: 0,
    };
}

/** Three Sovereigns of one lab, side by side; the first is the `dev` stack's with one server. */
export async function bringUpThree(lab: TestLab): Promise<Readonly<Record<string, PulumiCli>>> {
    const { nameServers } = lab.context.addresses;
    const stacks = {
        omantel: await testStack(lab.context, { stack: "omantel", overrides: { workerCount: 0 } }),
        bankdhofar: await testStack(lab.context, {
            stack: "bankdhofar",
            overrides: byHand("bankdhofar.example", nameServers),
        }),
        zain: await testStack(lab.context, {
            stack: "zain",
            overrides: byHand("zain.example", nameServers),
        }),
    };
    // All of them end before one's failure is told: the lab may not go while another comes up.
    const ended = await Promise.allSettled(Object.values(stacks).map(up));
    const failures = ended.flatMap((one): unknown[] =>
        one.status === "rejected" ? [one.reason] : [],
    );
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
    return stacks;
}

/** A stack that gives the outputs, on the backend of the lab's stacks, with its secrets under a passphrase. */
export async function giveOutputs(
    lab: TestLab,
    stack: string,
    outputs: GivenOutputs,
    passphrase = LAB_PASSPHRASE,
): Promise<void> {
    const project = join(lab.context.directory, `given-${stack}`);
    const file = join(project, "outputs.json");
    await mkdir(project);
    await writeFile(file, JSON.stringify(outputs));
    await writeFile(
        join(project, "Pulumi.yaml"),
        stringify({
            name: "given",
            runtime: { name: "nodejs", options: { typescript: false } },
            main: join(CLONE, "tests/e2e/givenOutputs/index.ts"),
        }),
    );
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory: join(lab.context.directory, "pulumi"),
        stack,
        passphrase,
        project,
        environment: { SOVEREIGN_GIVEN_OUTPUTS: file },
    });
    await cli.ensureStack();
    await succeeds(cli, "up", "--yes", "--skip-preview", "--suppress-outputs");
}

/**
 * The example on the backend of the lab's stacks, reading the stacks named.
 *
 * @param copied - those whose SMTP Secret goes into the namespace `provisioner` too
 */
export async function provisioner(
    lab: TestLab,
    sovereigns: readonly string[],
    copied: readonly string[],
): Promise<PulumiCli> {
    const directory = join(lab.context.directory, "pulumi");
    const configFile = join(directory, "fleet.yaml");
    await writeFile(
        configFile,
        stringify({
            config: {
                "provisioner:sovereigns": sovereigns,
                "provisioner:smtpSecretNamespaces": Object.fromEntries(
                    copied.map((stack) => [stack, "provisioner"]),
                ),
            },
        }),
    );
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory,
        stack: "fleet",
        passphrase: LAB_PASSPHRASE,
        project: join(CLONE, "examples/provisioner"),
        configFile,
    });
    await cli.ensureStack();
    return cli;
}
