import { credentials, Metadata } from "@grpc/grpc-js";
import { engineProto, engineServices } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";
import type { ResourceLog } from "./resource.ts";

type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/**
 * The engine's log service. Messages are redacted, sent in order and never fail a call: an engine that is gone has nobody
 * left to read them.
 */
export class EngineLog {
    readonly #redaction: Redaction;
    #client: InstanceType<typeof engineServices.EngineClient> | undefined;
    #sent: Promise<void> = Promise.resolve();

    constructor(redaction: Redaction) {
        this.#redaction = redaction;
    }

    /** Connects to the engine at `host:port`; the last call wins. */
    connect(address: string): void {
        this.#client?.close();
        this.#client = new engineServices.EngineClient(address, credentials.createInsecure());
    }

    /** A log for one resource. */
    forResource(urn: string): ResourceLog {
        return {
            debug: (message) => {
                this.#send("DEBUG", urn, message, false);
            },
            info: (message) => {
                this.#send("INFO", urn, message, false);
            },
            warning: (message) => {
                this.#send("WARNING", urn, message, false);
            },
            status: (message) => {
                this.#send("INFO", urn, message, true);
            },
        };
    }

    /** Resolves when every message so far has been delivered, so that none arrives after its call's answer. */
    flush(): Promise<void> {
        return this.#sent;
    }

    #send(severity: Severity, urn: string, message: string, ephemeral: boolean): void {
        const client = this.#client;
        if (client === undefined) return;
        const request = new engineProto.LogRequest();
        request.setSeverity(engineProto.LogSeverity[severity]);
        request.setUrn(urn);
        request.setMessage(this.#redaction.redact(message));
        request.setEphemeral(ephemeral);
        this.#sent = this.#sent.then(
            () =>
                new Promise((resolve) => {
                    client.log(request, new Metadata(), { deadline: Date.now() + 5000 }, () => {
                        resolve();
                    });
                }),
        );
    }
}
