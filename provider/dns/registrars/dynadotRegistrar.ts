import { DynadotRefused } from "../dynadot/failures.ts";
import type { DynadotSession } from "../dynadot/session.ts";
import type { HostRecords, Registrar, Signers } from "./registrar.ts";

/** A session at Dynadot as a registrar like the others. */
export class DynadotRegistrar implements Registrar {
    readonly hosts: HostRecords;
    readonly signers: Signers;
    readonly #session: DynadotSession;

    constructor(session: DynadotSession) {
        this.#session = session;
        this.hosts = {
            read: (_domain, host) => session.host(host),
            register: (_domain, host, addresses) => session.registerHost(host, addresses),
            setAddresses: (_domain, host, addresses) => session.setHostAddresses(host, addresses),
            remove: (_domain, host) => removeHost(session, host),
            makeKnown: (host) => session.addExternalHost(host),
            isKnown: async (host) => (await session.host(host)) !== undefined,
        };
        this.signers = {
            read: (domain) => session.signers(domain),
            set: (domain, wanted) => sign(session, domain, wanted),
            clear: (domain) => session.clearSigners(domain),
        };
    }

    nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        return this.#session.nameServers(domain, expected);
    }

    setNameServers(domain: string, names: readonly string[]): Promise<void> {
        return this.#session.setNameServers(domain, names);
    }

    clearNameServers(domain: string): Promise<void> {
        return this.#session.clearNameServers(domain);
    }

    async loss(domain: string): Promise<string | undefined> {
        const hosted = await this.#session.hostedDns(domain);
        const records = hosted.main.length + hosted.sub.length;
        return records === 0 ? undefined : `${records} records on Dynadot's own DNS`;
    }
}

/** Adds what is missing before it takes away what is too much; Dynadot can only take away all at once. */
async function sign(
    session: DynadotSession,
    domain: string,
    wanted: readonly string[],
): Promise<void> {
    for (const ds of wanted) await session.addSigner(domain, ds);
    const live = await session.signers(domain);
    if (live.every((ds) => wanted.includes(ds))) return;
    await session.clearSigners(domain);
    for (const ds of wanted) await session.addSigner(domain, ds);
}

async function removeHost(session: DynadotSession, host: string): Promise<string | undefined> {
    try {
        await session.deleteHost(host);
        return undefined;
    } catch (error) {
        if (!(error instanceof DynadotRefused && error.status === 409)) throw error;
        return error.message;
    }
}
