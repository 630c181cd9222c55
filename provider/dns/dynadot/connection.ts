import { sharedDirectory } from "../machineLock.ts";
import { AccountLock } from "./accountLock.ts";
import { MACHINE_CLOCK, type Clock } from "../clock.ts";
import { assertKeyOfService } from "./keyOfService.ts";
import type { DynadotDialect } from "./messages.ts";
import { DynadotSession } from "./session.ts";
import { DynadotTransport, type DynadotAccess } from "./transport.ts";

export interface DynadotConnectionOptions {
    /** Requests a minute that the account's price level allows. */
    readonly requestsPerMinute: number;
    /** @default the machine's */
    readonly clock?: Clock;
    /** Where locks and snapshots of all accounts are. @default `sovereign/dynadot` in the user's cache directory */
    readonly directory?: string;
    /** Milliseconds that one request may take. @default 60000 */
    readonly requestTimeout?: number;
}

/** One user of a Dynadot account. */
export class DynadotConnection {
    readonly #access: DynadotAccess;
    readonly #lock: AccountLock;
    readonly #clock: Clock;
    readonly #directory: string;
    readonly #requestTimeout: number;
    readonly #dialect: DynadotDialect = { subRecordList: "dns_sub_list" };

    /** @throws Error where the key is none of that service's */
    constructor(access: DynadotAccess, options: DynadotConnectionOptions) {
        assertKeyOfService(access);
        const { requestsPerMinute, clock = MACHINE_CLOCK, requestTimeout = 60_000 } = options;
        this.#access = access;
        this.#clock = clock;
        this.#directory = options.directory ?? sharedDirectory("dynadot");
        this.#requestTimeout = requestTimeout;
        this.#lock = new AccountLock(access, {
            requestsPerMinute,
            clock,
            directory: this.#directory,
        });
    }

    /** Runs `act` while nobody else on this machine uses the account. */
    turn<T>(act: (session: DynadotSession) => Promise<T>, signal: AbortSignal): Promise<T> {
        return this.#lock.exclusively((held) => {
            const transport = new DynadotTransport(this.#access, {
                lock: this.#lock,
                clock: this.#clock,
                signal: held,
                requestTimeout: this.#requestTimeout,
            });
            return act(new DynadotSession(transport, this.#dialect, this.#directory));
        }, signal);
    }
}
