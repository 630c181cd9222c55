import { provision } from "../../operations/provision/operations.ts";
import type { Provisioned } from "../../operations/provision/operations.ts";
import type { OperationsLab } from "./operationsLab.ts";
import { FQDN } from "./sovereignLab.ts";

/** A Sovereign of a fleet, and how long it took. */
export interface FleetMember {
    readonly fqdn: string;
    /** What came of it, or why nothing did. */
    readonly outcome: Provisioned | Error;
    readonly seconds: number;
}

/** Requests for Sovereigns of one control plane each, `s1.example` and so on, all with the same account at every service. */
export function fleetRequests(
    { request }: Pick<OperationsLab, "request">,
    size: number,
): readonly (Readonly<Record<string, unknown>> & { readonly sovereignFQDN: string })[] {
    return Array.from({ length: size }, (_, i) => {
        const fqdn = `s${i + 1}.example`;
        const text = JSON.stringify({ ...request, stack: `s${i + 1}` });
        const { config, ...rest } = JSON.parse(text.replaceAll(FQDN, fqdn)) as {
            readonly config: Readonly<Record<string, unknown>>;
        };
        return { ...rest, config: { ...config, workerCount: 0 }, sovereignFQDN: fqdn };
    });
}

/** Registers the fleet's domains in the account at the emulated registrar, parked as `omantel.example` is. */
export async function registerDomains(
    { lab: { dynadot } }: Pick<OperationsLab, "lab">,
    names: readonly string[],
): Promise<void> {
    const { account } = dynadot;
    const [like] = account.domains.filter(({ name }) => name === FQDN);
    if (like === undefined) throw new Error(`the lab's account has no ${FQDN}`);
    const domains = names.map((name) => ({ ...like, name }));
    await dynadot.restore({ ...account, domains: [...account.domains, ...domains] });
}

/** Brings all of them up at once; resolves when the last has ended, whatever came of them. */
export async function provisionFleet(
    world: Pick<OperationsLab, "lab" | "request" | "settings">,
    size: number,
    report: (line: string) => void = () => undefined,
): Promise<readonly FleetMember[]> {
    const requests = fleetRequests(world, size);
    await registerDomains(
        world,
        requests.map(({ sovereignFQDN }) => sovereignFQDN),
    );
    const begun = Date.now();
    const seconds = () => Math.round((Date.now() - begun) / 100) / 10;
    return await Promise.all(
        requests.map(async (request): Promise<FleetMember> => {
            const fqdn = request.sovereignFQDN;
            try {
                const outcome = await provision(world.settings, request);
                report(`${fqdn} is ready after ${seconds()} s`);
                return { fqdn, outcome, seconds: seconds() };
            } catch (error) {
                const outcome = error instanceof Error ? error : new Error(String(error));
                report(`${fqdn} failed after ${seconds()} s: ${outcome.message}`);
                return { fqdn, outcome, seconds: seconds() };
            }
        }),
    );
}
