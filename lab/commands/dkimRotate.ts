import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DkimSelectorConfig } from "../../config/model.ts";
import { activeFrom, revocableFrom } from "../../provider/mail/selectorLife.ts";
import type { RotationTimes, SelectorLife } from "../../provider/mail/selectorLife.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { keepSelectors } from "./dkim/keptSelectors.ts";
import { rotation } from "./dkim/rotation.ts";
import type { RotationStep } from "./dkim/rotation.ts";
import { lookAtSelectors, selectorLives, unverifiable } from "./dkim/signing.ts";
import type { MailDomain, SelectorSight } from "./dkim/signing.ts";
import { bringUpLab } from "./labStart.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { table } from "./table.ts";
import { devStack } from "./workspace.ts";

/** Seconds where the person gives none: long enough to be seen, short enough to be waited for. */
const DEFAULT_TIMES: RotationTimes = { ttl: 5, signatureLifetime: 10 };

const outputsSchema = z.looseObject({
    sovereign: z.looseObject({ fqdn: z.string() }),
    cluster: z.looseObject({ kubeconfig: z.string() }),
});

/**
 * Takes `--ttl <seconds>` and `--lifetime <seconds>` out of the flags.
 *
 * @throws SetupError on anything else
 */
export function rotationTimes(flags: readonly string[]): RotationTimes {
    const times = { ...DEFAULT_TIMES };
    for (let at = 0; at < flags.length; at += 2) {
        const [flag, value = ""] = flags.slice(at, at + 2);
        if ((flag !== "--ttl" && flag !== "--lifetime") || !/^[1-9]\d{0,5}$/.test(value))
            throw new SetupError(
                `dkim:rotate takes --ttl and --lifetime in whole seconds, not "${[flag, value].join(" ").trim()}"`,
                "write it like this: npm run dkim:rotate -- --ttl 5 --lifetime 10",
            );
        times[flag === "--ttl" ? "ttl" : "signatureLifetime"] = Number(value);
    }
    return times;
}

/** `npm run dkim:rotate`: a whole DKIM rotation on the lab's stack, one update a step, with a look at the world after each. */
export async function dkimRotate(
    options: CommandOptions,
    flags: readonly string[],
): Promise<number> {
    const times = rotationTimes(flags);
    const toolchain = await ensureToolchain({ signal: options.signal });
    const lab = await bringUpLab(options);
    const configured = (selectors: readonly DkimSelectorConfig[]) =>
        devStack(toolchain, lab, {
            dkim: selectors,
            dkimTtl: times.ttl,
            dkimSignatureLifetime: times.signatureLifetime,
        });
    const stack = await devStack(toolchain, lab);
    await stack.ensureStack();
    const lives = await selectorLives(stack);
    if (lives.length === 0)
        throw new SetupError("there is no Sovereign to rotate keys of", "bring it up: npm start");
    const { sovereign, cluster } = outputsSchema.parse(
        await stack.json(["stack", "output", "--show-secrets"]),
    );
    const domain: MailDomain = {
        fqdn: sovereign.fqdn,
        kubeconfig: cluster.kubeconfig,
        nameServers: lab.addresses.nameServers.map((address) => ({
            address,
            port: lab.addresses.dnsPort,
        })),
    };
    say(`dkimTtl ${times.ttl} s, dkimSignatureLifetime ${times.signatureLifetime} s`);
    const steps = rotation(
        standing(lives),
        lives.map(({ selector }) => selector),
    );
    for (const [index, step] of steps.entries()) {
        options.signal.throwIfAborted();
        say(`\n── step ${index + 1} of ${steps.length}: ${step.title}`);
        const wanted = await configured(step.selectors);
        if (step.afterwards !== undefined) {
            const now = await selectorLives(stack);
            await showRefusal(await devStack(toolchain, lab, { dkim: step.selectors }), step);
            await waitFor(now, step, times, options.signal);
        }
        const exitCode = await wanted.show(["up", "--yes", "--suppress-outputs"]);
        if (exitCode !== 0)
            throw new SetupError(
                `pulumi up ended with exit code ${exitCode}; the rotation stopped before: ${step.title}`,
                "look at Pulumi's messages above; npm run up brings the stack back to the step before",
            );
        await keepSelectors(lab.directory, step.selectors);
        await report(domain, await selectorLives(stack), options.signal);
    }
    say("\n✔ rotated: at every step, every key that signs was published at every name server");
    return 0;
}

/** The selectors as the config has them: those that have not left. */
function standing(lives: readonly SelectorLife[]): DkimSelectorConfig[] {
    return lives.flatMap(({ selector, algorithm, state }) =>
        state === "removed" ? [] : [{ selector, algorithm, state }],
    );
}

/** With the times of a real Sovereign the step comes too early, and the preview refuses it; a person ought to have seen that. */
async function showRefusal(
    stack: Awaited<ReturnType<typeof devStack>>,
    { afterwards = "published for its TTL" }: RotationStep,
): Promise<void> {
    const { exitCode, stdout, stderr } = await stack.run(["preview"]);
    const refusal = /selector \S+ cannot go from[^\n]*/.exec(stdout + stderr)?.[0];
    if (exitCode === 0)
        say(`  the preview allows it: ${afterwards} has passed by the stack's own times`);
    else if (refusal === undefined)
        throw new SetupError(
            `pulumi preview failed:\n${stdout}\n${stderr}`,
            "see what it says above, and repeat",
        );
    else say(`  by the stack's own times, the preview refuses it:\n  ${refusal}`);
}

async function waitFor(
    lives: readonly SelectorLife[],
    step: RotationStep,
    times: RotationTimes,
    signal: AbortSignal,
): Promise<void> {
    const dates = step.selectors.flatMap(({ selector, state }) => {
        const life = lives.find((l) => l.selector === selector);
        if (life === undefined || life.state === state) return [];
        if (state === "active") return activeFrom(life, times) ?? [];
        return state === "revoked" ? revocableFrom(life, times) : [];
    });
    const wait = Math.max(0, ...dates.map((date) => date.getTime() - Date.now()));
    if (wait > 0) say(`  waiting ${Math.ceil(wait / 1000)} s`);
    await delay(wait, undefined, { signal });
}

async function report(
    domain: MailDomain,
    lives: readonly SelectorLife[],
    signal: AbortSignal,
): Promise<void> {
    const sights = await lookAtSelectors(
        domain,
        lives.map(({ selector }) => selector),
        signal,
    );
    process.stdout.write(`${sightTable(sights, lives)}\n`);
    const problems = unverifiable(sights);
    if (problems.length > 0)
        throw new SetupError(
            `mail would be signed that nobody can verify: ${problems.join("; ")}`,
            "npm run refresh, then npm run up",
        );
}

/** What is published and what signs, for people. */
export function sightTable(
    sights: readonly SelectorSight[],
    lives: readonly SelectorLife[],
): string {
    return table(
        ["selector", "state", "published at every name server", "signs"],
        sights.map(({ selector, published, signsWith }) => [
            selector,
            lives.find((life) => life.selector === selector)?.state ?? "unknown",
            new Set(published).size > 1 ? "differs" : shortValue(published[0]),
            signsWith === undefined
                ? "no"
                : signsWith === published[0]
                  ? "yes"
                  : "yes, unverifiable",
        ]),
    );
}

function shortValue(value: string | undefined): string {
    if (value === undefined) return "no record";
    const key = /p=(.*)$/.exec(value)?.[1] ?? "";
    return key === "" ? "an empty key" : `a key ending in …${key.slice(-12)}`;
}
