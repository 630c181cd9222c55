import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import {
    examineAndReport,
    outputsFromFile,
    type CommandOutput,
} from "../../operations/doctor/command.ts";
import type { ConnectOptions } from "../../operations/doctor/connect.ts";
import {
    doctorFlags,
    doctorHelp,
    FlagError,
    type DoctorFlags,
} from "../../operations/doctor/flags.ts";
import type { Subject } from "../../operations/doctor/subject.ts";
import { parseOutputs } from "../../operations/outputs/parseOutputs.ts";
import { readSovereign } from "../../operations/outputs/readSovereign.ts";
import { labPort, type LabAddresses } from "../addresses.ts";
import { hostCertificate } from "../mail/mailbox/certificate.ts";
import { MAILBOX_PASSWORD } from "../mail/mailbox/imap.ts";
import { MAILBOX_DOMAIN, MAILBOX_HOST } from "../powerdns/world.ts";
import { CLONE } from "../toolchain/directories.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { bringUpLab } from "./labStart.ts";
import { say, type CommandOptions } from "./session.ts";
import { devStack, STACK } from "./workspace.ts";

/** Exit code where nothing could be examined. */
const NOT_EXAMINED = 2;

/** Ports that a lab moves where this user may not bind them. */
const MOVED_PORTS = [25, 80, 110, 143, 443, 465, 587, 993, 995] as const;

/** The mailbox at the lab's mailbox provider that the doctor writes to. */
const WITNESS = `doctor@${MAILBOX_DOMAIN}`;

/**
 * The way to a Sovereign in a lab: its name servers, its ports, and its mailbox provider as the witness and for a seed mailbox.
 *
 * @param authority - certificate of the authority that vouches for the mailbox provider, PEM
 * @param acmeRoot - root of the certificates that the lab's ACME server issues, PEM
 */
export function labConnection(
    { nameServers, dnsPort, portOffset, mailbox }: LabAddresses,
    authority: string,
    acmeRoot: string,
): ConnectOptions {
    return {
        authorities: [acmeRoot],
        resolvers: nameServers.map((address) => `${address}:${dnsPort}`),
        dnsPort,
        ports: new Map(MOVED_PORTS.map((port) => [port, labPort(port, portOffset)])),
        witness: { address: WITNESS, url: `http://${mailbox.host}:${mailbox.port}` },
        seed: {
            address: WITNESS,
            password: MAILBOX_PASSWORD,
            host: mailbox.host,
            port: labPort(993, portOffset),
            servername: MAILBOX_HOST,
            authority,
        },
    };
}

async function inLab(options: CommandOptions): Promise<{
    readonly subject: Subject;
    readonly defaults: ConnectOptions;
}> {
    const toolchain = await ensureToolchain({ signal: options.signal });
    const lab = await bringUpLab(options);
    const stack = await devStack(toolchain, lab);
    await stack.ensureStack();
    const outputs = await stack.json(["stack", "output", "--show-secrets"]);
    const { authority } = await hostCertificate(join(lab.directory, "mailbox"), MAILBOX_HOST);
    return {
        subject: parseOutputs(outputs as Record<string, unknown>, `the lab's stack ${STACK}`),
        defaults: labConnection(lab.addresses, authority, String(lab.parts.acme?.details.root)),
    };
}

/** The outputs of a real stack, by the person's own Pulumi and backend. */
async function ofStack(stackName: string): Promise<Subject> {
    const stack = await LocalWorkspace.selectStack({ stackName, workDir: CLONE });
    return await readSovereign(await stack.outputs(), `stack ${stackName}`);
}

async function run(
    options: CommandOptions,
    flags: DoctorFlags,
    args: readonly string[],
): Promise<number> {
    const output: CommandOutput = {
        write: (text) => process.stdout.write(text),
        say,
        ...(process.stdout.isTTY && { width: process.stdout.columns }),
    };
    const { outputs, stack = STACK } = flags;
    if (outputs !== undefined)
        return await examineAndReport(await outputsFromFile(outputs), flags, output);
    if (stack !== STACK) return await examineAndReport(await ofStack(stack), flags, output);
    const { subject, defaults } = await inLab(options);
    return await examineAndReport(subject, doctorFlags(args, defaults), output);
}

/**
 * `npm run doctor`: examines the mail of the lab's stack, of another one (`--stack`), or of one whose outputs are given (`--outputs`).
 * Exit code 0 where mail is ready, 1 where it is not, 2 where it could not be examined.
 */
export async function doctor(options: CommandOptions, args: readonly string[]): Promise<number> {
    try {
        return await run(options, doctorFlags(args), args);
    } catch (error) {
        options.signal.throwIfAborted();
        const message = error instanceof Error ? error.message : String(error);
        say(`error: ${message}`);
        if (error instanceof FlagError) say(`\n${doctorHelp()}`);
        return NOT_EXAMINED;
    }
}
